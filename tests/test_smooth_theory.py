"""What theory derives about smooth risks and what numerics runs: constants, Bessel series, expectations of short runs."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import jv
from sympy import Integer, Rational, S, exp, oo, simplify

import numerics as nx
from numerics.bilevel import outer_objective
from numerics.smooth import enumeration
from theory.smooth import profiles, waves
from theory.smooth.short_runs import Bent, Piecewise, Run, signs

EXECUTED: dict[str, Any] = {
    "Sines": nx.Sines([1.0], 1.0, [[1.0]], 0.0),
    "Tanh": nx.Tanh([1.0], 1.0, [[1.0]], 0.0),
    "Logistic": nx.Logistic([1.0], 1.0, [[-1.0]], [1]),
    "Welsch": nx.Welsch([1.0], 1.0, [[1.0]], [0.0]),
    "GemanMcClure": nx.GemanMcClure([1.0], 1.0, [[1.0]], [0.0]),
    "Cauchy": nx.Cauchy([1.0], 1.0, [[1.0]], [0.0]),
}


@pytest.mark.parametrize("name", profiles.PROFILES)
def test_derived_constants_are_those_the_code_runs_with(name):
    derived, declared = profiles.constants(name), EXECUTED[name].constants()
    for letter in ("Delta", "G", "L", "L_H"):
        value = getattr(derived, letter)
        assert getattr(declared, letter) == pytest.approx(float("inf") if value == oo else float(value), rel=1e-14), letter


@pytest.mark.parametrize("name", profiles.PROFILES)
def test_profiles_are_the_executed_functions(name):
    points = np.array([-2.3, -0.4, 0.0, 0.7, 1.9])
    value = profiles.PROFILES[name].value
    found = EXECUTED[name].value(points[:, None, None])[:, 0]
    assert found == pytest.approx([float(value.subs(profiles.u, Rational(str(x)))) for x in points], rel=1e-13, abs=1e-15)


def test_bounded_profiles_satisfy_the_two_inequalities_between_constants():
    for name in ("Sines", "Tanh", "Welsch", "GemanMcClure"):
        found = profiles.constants(name)
        assert (found.L * found.Delta - found.G**2).evalf() >= 0
        assert simplify(found.L**2 - 2 * found.G * found.L_H).evalf() <= 0


@settings(max_examples=6)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_the_bessel_series_is_the_adapted_risk_of_the_code(seed, number):
    rng = np.random.default_rng(seed)
    weights, phases = rng.dirichlet(np.ones(number)), rng.uniform(0, 6.28, number)
    a, theta, w, height = rng.uniform(0, 2), rng.uniform(-2, 2), rng.uniform(0.3, 2), rng.uniform(0.2, 2)
    tasks = nx.Sines(weights, height, np.full((number, 1), w), phases)
    executed = outer_objective(tasks, nx.MAML(a / tasks.constants().L), [theta])
    order = 16
    total = 0.0
    for n in range(-order, order + 1):
        total += (-1j) ** n * jv(n, a) * (weights @ np.exp(1j * (n + 1) * phases)) * np.exp(1j * (n + 1) * w * theta)
    assert executed == pytest.approx(height / 2 * (1 + total.imag), abs=1e-12)
    exact = waves.series(S(str(a)), S(str(w * theta)), lambda n: complex(weights @ np.exp(1j * n * phases)), 12)
    assert complex(exact.evalf()).real * height == pytest.approx(executed, abs=1e-10 + float(waves.tail(S(str(a)), 12)))


def test_normal_phases_by_quadrature():
    tau, a, angle = Rational(7, 10), Rational(9, 10), Rational(2, 5)
    found = waves.series(a, angle, lambda n: exp(-(n**2) * tau**2 / 2), 12).evalf()
    nodes, shares = np.polynomial.hermite_e.hermegauss(80)
    tasks = nx.Sines(shares / shares.sum(), 1.0, np.ones((80, 1)), 0.7 * nodes)
    assert float(found) == pytest.approx(outer_objective(tasks, nx.MAML(0.9 / 0.5), [0.4]), abs=1e-10)


def test_uniform_phases_gain_most_at_the_first_extremum_of_a_bessel_function():
    a = waves.best_uniform_rate()
    phases = np.arange(64) * 2 * np.pi / 64
    tasks = nx.Sines(np.full(64, 1 / 64), 1.0, np.ones((64, 1)), phases)
    value = outer_objective(tasks, nx.MAML(2 * float(a)), [0.3])
    assert value == pytest.approx(float(waves.series(a, S.Zero, lambda n: Integer(n == 0), 1)), abs=1e-12)
    assert all(outer_objective(tasks, nx.MAML(2 * (float(a) + s)), [0.3]) > value for s in (-0.05, 0.05))


fractions = st.fractions(-2, 2, max_denominator=8)
GAPS = st.fractions(Fraction(1, 8), 1, max_denominator=8)


@st.composite
def piecewise(draw: Any) -> Piecewise:
    gaps = draw(st.lists(st.fractions(Fraction(1, 8), 1, max_denominator=8), max_size=3))
    knots, at = [], draw(fractions)
    for gap in gaps:
        knots.append(at)
        at += gap
    bends = draw(st.lists(fractions, min_size=len(knots) + 1, max_size=len(knots) + 1))
    return Piecewise(tuple(knots), tuple(bends), draw(fractions), draw(fractions))


def arrays(tasks: list[Piecewise], weights: list[Fraction]) -> nx.PiecewiseQuadratic:
    """The same tasks for numerics; shorter ones get knots far to the right."""
    most = max(len(task.knots) for task in tasks)
    knots = [[*map(float, task.knots), *(100.0 + k for k in range(most - len(task.knots)))] for task in tasks]
    bends = [[*map(float, task.curvatures), *[float(task.curvatures[-1])] * (most - len(task.knots))] for task in tasks]
    slopes, heights = [float(task.slope) for task in tasks], [float(task.height) for task in tasks]
    return nx.PiecewiseQuadratic([float(w) for w in weights], np.array(knots).reshape(len(tasks), most), bends, slopes, heights)


@settings(max_examples=30)
@given(piecewise(), fractions)
def test_rational_and_executed_piecewise_quadratics_agree(task, x):
    losses, at = arrays([task], [Fraction(1)]), np.array([[float(x)]])
    assert losses.value(at)[0] == pytest.approx(float(task.value(x)), abs=1e-12)
    assert losses.gradient(at)[0, 0] == pytest.approx(float(task.gradient(x)), abs=1e-12)
    assert losses.hessian_vector(at, np.ones((1, 1)))[0, 0] == float(task.curvature(x))


@settings(max_examples=30)
@given(st.lists(st.tuples(GAPS, fractions), min_size=1, max_size=4), fractions, fractions)
def test_rational_and_executed_piecewise_cubics_agree(pieces, first, x):
    knots, at = [], first
    for gap, _ in pieces:
        at += gap
        knots.append(at)
    bent = Bent(tuple(knots), tuple(bend for _, bend in pieces), first / 3, first / 5)
    bends = [[float(bend) for bend in bent.curvatures]]
    losses = nx.PiecewiseCubic([1.0], [list(map(float, knots))], bends, float(bent.slope), float(bent.height))
    at_x = np.array([[float(x)]])
    assert losses.value(at_x)[0] == pytest.approx(float(bent.value(x)), abs=1e-12)
    assert losses.gradient(at_x)[0, 0] == pytest.approx(float(bent.gradient(x)), abs=1e-12)
    assert losses.hessian_vector(at_x, np.ones((1, 1)))[0, 0] == pytest.approx(float(bent.curvature(x)), abs=1e-12)
    third = max((abs(b - a) / (v - u) for (u, a), (v, b) in pairwise(zip(knots, bent.curvatures, strict=True))), default=0)
    assert abs(losses.constants().L_H - third) <= 1e-12 * third
    largest = max(map(abs, bent.curvatures))
    assert abs(losses.constants().L - largest) <= 1e-12 * largest


@settings(max_examples=12)
@given(
    st.lists(piecewise(), min_size=2, max_size=2),
    fractions,
    st.booleans(),
    st.sampled_from([(1, 1), (1, 2), (2, 1)]),
    st.integers(0, 1),
)
def test_rational_enumeration_is_that_of_the_executed_rules(tasks, start, adapts, sizes, test_steps):
    batch, updates = sizes
    weights = [Fraction(1, 4), Fraction(3, 4)]
    alpha = Fraction(1, 3) if adapts else None
    run = Run(tasks, weights, Fraction(1, 4), alpha, signs(Fraction(1, 2)), signs(Fraction(1, 4)), batch)
    exact = run.gradient_sum(start, updates, test_steps)
    rule = nx.MAML(1 / 3) if adapts else nx.DRS()
    algorithm = nx.Sampling(rule, nx.Oracle(nx.Rademacher(0.25), nx.Rademacher(1 / 16)), batch=batch)
    found = enumeration.gradient_sum(
        arrays(tasks, weights), algorithm, [float(start)], updates=updates, test_steps=test_steps, rate=0.25, watched=rule
    )
    # rounding may put a point on the other side of a knot, where the curvature jumps; slopes are continuous
    assert found == pytest.approx(float(exact), rel=1e-9, abs=1e-9) or _on_a_knot(run, start, updates)


def _on_a_knot(run: Run, start: Fraction, updates: int) -> bool:
    law = {start: Fraction(1)}
    for _ in range(updates):
        if any(x in task.knots for x in law for task in run.tasks):
            return True
        law = run.updated(law)
    return False
