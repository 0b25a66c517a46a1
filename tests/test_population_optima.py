"""Population optima and risks are exact, on every kind of task distribution."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Integer,
    Matrix,
    Rational,
    Symbol,
    ZeroMatrix,
    cancel,
    cos,
    diag,
    diff,
    exp,
    expand,
    eye,
    integrate,
    linsolve,
    log,
    pi,
    simplify,
    sin,
    symbols,
    zeros,
)
from sympy import N as numerically

from theory import optima, population, series
from theory.notation import N, alpha, beta, k, q, tau2
from theory.rules import DRS, MAML, FirstOrderMAML, GradientFlow, ImplicitMAML, Prescribed, Reptile, Rule
from theory.tasks import Discrete, ScalarDensity, SpectrumTied, Task

HALF = Rational(1, 2)


# --- the derivation -----------------------------------------------------------------------------------------------------


def test_the_derivation_for_general_dimension_checks_itself() -> None:
    steps = population.derive()
    assert isinstance(steps.affine_remainder, ZeroMatrix)
    assert isinstance(steps.system_remainder, ZeroMatrix)
    assert isinstance(steps.gram_remainder, ZeroMatrix)
    assert steps.gradient.shape == steps.optimum.shape == (symbols("p", integer=True, positive=True), 1)


def entries(name: str, rows: int, columns: int) -> Matrix:
    return Matrix(rows, columns, lambda row, column: Symbol(f"{name}_{row}{column}"))


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_derivation_holds_entry_by_entry(dimension: int) -> None:
    """For two tasks with symbolic probabilities."""
    theta, direction = entries("theta", dimension, 1), entries("v", dimension, 1)
    risk = squares = Integer(0)
    mean, pull = zeros(dimension, dimension), zeros(dimension, 1)
    for task in range(2):
        probability = Symbol(f"pi{task}", positive=True)
        root, residual = entries(f"L{task}", dimension, dimension), entries(f"r{task}", dimension, dimension)
        optimum, curvature = entries(f"t{task}", dimension, 1), root.T * root
        error = residual * (theta - optimum)
        risk += probability * (error.T * curvature * error)[0] / 2
        length = root * residual * direction
        squares += probability * (length.T * length)[0]
        weight = residual.T * curvature * residual
        mean, pull = mean + probability * weight, pull + probability * weight * optimum
    gradient = Matrix([diff(risk, coordinate) for coordinate in theta])
    assert (gradient - (mean * theta - pull)).applyfunc(expand) == zeros(dimension, 1)
    # the Hessian's quadratic form is the expected sum of squares |L r v|^2
    assert expand((direction.T * gradient.jacobian(theta) * direction)[0] - squares) == 0
    # Cramer's solution of a general system, times its determinant
    general, right = entries("A", dimension, dimension), entries("b", dimension, 1)
    solved = general * (general.adjugate() * right) - general.det() * right
    assert solved.applyfunc(expand) == zeros(dimension, 1)


# --- finite laws against plain matrices of sympy ------------------------------------------------------------------------

quarters = st.integers(-8, 8).map(lambda number: Rational(number, 4))
tangents = st.integers(-4, 4).map(lambda number: Rational(number, 3))
rates = st.integers(-4, 8).map(lambda number: Rational(number, 10))


def _rotation(dimension: int, angles: list[Rational]) -> Matrix:
    """A rational rotation from half-angle tangents, one for each pair of neighbouring coordinates."""
    result = eye(dimension)
    for index, tangent in enumerate(angles[: dimension - 1]):
        turn = eye(dimension)
        c, s = (1 - tangent**2) / (1 + tangent**2), 2 * tangent / (1 + tangent**2)
        turn[index, index], turn[index + 1, index + 1], turn[index, index + 1], turn[index + 1, index] = c, c, -s, s
        result = result * turn
    return result


@st.composite
def laws(draw: st.DrawFn, most: int = 3) -> tuple[Discrete, Discrete]:
    """One law twice: by hessians and by eigenvalues with eigenvectors; eigenvalues in [1/4, 2], so that optima are unique."""
    dimension, number = draw(st.integers(1, most)), draw(st.integers(1, 3))
    shares = draw(st.lists(st.integers(1, 5), min_size=number, max_size=number))
    by_hessian, by_spectrum = [], []
    for share in shares:
        values = [Rational(draw(st.integers(1, 8)), 4) for _ in range(dimension)]
        vectors = _rotation(dimension, [draw(tangents) for _ in range(dimension)])
        optimum = [draw(quarters) for _ in range(dimension)]
        probability = Rational(share, sum(shares))
        by_hessian.append(Task(probability, optimum, hessian=vectors * diag(*values) * vectors.T))
        by_spectrum.append(Task(probability, optimum, eigenvalues=values, eigenvectors=vectors))
    return Discrete(by_hessian), Discrete(by_spectrum)


# the weight of the table on a matrix, by plain matrix algebra; rates that keep every weight positive definite
TABLE: list[tuple[Callable[[Rational], Rule], Callable[[Matrix, Rational], Matrix]]] = [
    (lambda rate: DRS(), lambda Q, rate: Q),
    (lambda rate: MAML(rate / 4, 3), lambda Q, rate: Q * (eye(Q.rows) - rate / 4 * Q) ** 6),
    (lambda rate: FirstOrderMAML(rate / 4, 2), lambda Q, rate: Q * (eye(Q.rows) - rate / 4 * Q) ** 2),
    (lambda rate: Reptile((rate + 1) / 8, 2), lambda Q, rate: eye(Q.rows) - (eye(Q.rows) - (rate + 1) / 8 * Q) ** 2),
    (lambda rate: ImplicitMAML(rate + 1), lambda Q, rate: (rate + 1) ** 2 * Q * ((rate + 1) * eye(Q.rows) + Q) ** -2),
    (
        lambda rate: MAML(rate / 4, inner_samples=3),
        lambda Q, rate: Q * (eye(Q.rows) - rate / 4 * Q) ** 2 + rate**2 / 48 * (Q**3 + (Q**2).trace() * Q),
    ),
]


@settings(max_examples=60, deadline=None)
@given(laws(), st.sampled_from(TABLE), rates)
def test_optima_of_finite_laws_solve_the_system_of_the_table(law: Any, row: Any, rate: Rational) -> None:
    by_hessian, by_spectrum = law
    make, weight = row
    mean, pull = zeros(by_hessian.dimension), zeros(by_hessian.dimension, 1)
    for task in by_hessian.tasks:
        at_task = weight(Matrix(task.hessian), rate)
        mean, pull = mean + task.probability * at_task, pull + task.probability * at_task * task.optimum
    for tasks in (by_hessian, by_spectrum):
        assert optima.mean_weight(tasks, make(rate)) == mean
        assert mean * optima.optimum(tasks, make(rate)) == pull


@settings(max_examples=40, deadline=None)
@given(laws(), rates)
def test_the_modeling_error_is_half_the_squared_distance_in_the_deployed_weight(law: Any, rate: Rational) -> None:
    tasks, trained, deployed = law[0], DRS(), MAML(rate / 4, 2)
    error = optima.modeling_error(tasks, trained, deployed)
    shift = optima.drs(tasks) - optima.deployed_optimum(tasks, deployed)
    assert error == (shift.T * optima.mean_weight(tasks, deployed, deployed=True) * shift)[0] / 2
    assert error >= 0
    at_optimum = optima.reducible_risk(tasks, deployed, optima.deployed_optimum(tasks, deployed))
    assert optima.reducible_risk(tasks, deployed, optima.drs(tasks)) - at_optimum == error


@settings(max_examples=40, deadline=None)
@given(laws(), st.lists(quarters, min_size=3, max_size=3))
def test_the_reducible_risk_is_the_expectation_of_the_executed_adaptation(law: Any, start: list[Rational]) -> None:
    tasks = law[0]
    theta = Matrix(start[: tasks.dimension])
    expected = Rational(0)
    for task in tasks.tasks:
        adapted = theta
        for _ in range(2):
            adapted = adapted - Rational(1, 5) * task.hessian * (adapted - task.optimum)
        error = adapted - task.optimum
        expected += task.probability * (error.T * task.hessian * error)[0] / 2
    assert optima.reducible_risk(tasks, MAML(Rational(1, 5), 2), theta) == expected


@settings(max_examples=15, deadline=None)
@given(laws(2), st.integers(0, 6).map(lambda number: Rational(number, 3)))
def test_rounded_flows_agree_with_exact_ones(law: Any, time: Rational) -> None:
    tasks, rule = law[1], GradientFlow(time)
    exact, rounded = optima.optimum(tasks, rule), optima.optimum(tasks, rule, digits=60)
    assert all(entry.is_Rational for entry in rounded)
    assert all(abs(numerically(a - b, 50)) < Rational(1, 10**45) for a, b in zip(exact, rounded, strict=True))


def test_a_symbolic_rate_gives_a_rational_function_of_it() -> None:
    tasks = Discrete(
        [
            Task(HALF, [0, 1], hessian=[[2, 1], [1, 1]]),
            Task(HALF, [1, 0], hessian=[[1, 0], [0, HALF]]),
        ]
    )
    symbolic = optima.maml(tasks, alpha, 2)
    for rate in (Rational(0), Rational(1, 7), Rational(3, 10), Rational(-1, 2)):
        assert symbolic.subs(alpha, rate) == optima.maml(tasks, rate, 2)


def test_a_symbolic_number_of_steps_is_taken_where_the_spectrum_is_known() -> None:
    tasks = Discrete([Task(HALF, 0, 1), Task(HALF, 1, 2)])
    symbolic = optima.maml(tasks, Rational(1, 3), k)
    assert simplify(symbolic[0].subs(k, 3) - optima.maml(tasks, Rational(1, 3), 3)[0]) == 0


def test_prescribed_weights_need_not_commute() -> None:
    first, second = Matrix([[2, 1], [1, 1]]), Matrix([[1, 0], [0, 3]])
    tasks = Discrete([Task(Rational(1, 4), [1, 0], eye(2)), Task(Rational(3, 4), [0, 1], eye(2))])
    found = optima.optimum(tasks, Prescribed((first, second)))
    assert (first + 3 * second) * found == first * Matrix([1, 0]) + 3 * second * Matrix([0, 1])


# --- the paper's spectrum-tied law, eq. (13) ---------------------------------------------------------------------------


def test_values_of_the_spectrum_tied_law_in_one_dimension() -> None:
    assert optima.maml(SpectrumTied(1, 2), Rational(1, 10)) == Matrix([Rational(724, 565)])
    assert optima.drs(SpectrumTied(1, 2)) == Matrix([Rational(4, 3)])


def test_finite_inner_samples_change_the_quadratic_coefficient_in_one_dimension() -> None:
    quadratic = alpha**2 * (1 + 2 / N)
    expected = (beta**2 / 3 - alpha * beta**3 / 2 + quadratic * beta**4 / 5) / (
        beta / 2 - 2 * alpha * beta**2 / 3 + quadratic * beta**3 / 4
    )
    assert cancel(optima.maml(SpectrumTied(1, beta), alpha, inner_samples=N)[0] - expected) == 0


RULES = [DRS(), MAML(Rational(1, 10), 2), Reptile(Rational(1, 5), 3), MAML(Rational(1, 10), inner_samples=4)]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_haar_averages_in_two_dimensions_against_the_integral_over_the_angle(rule: Rule) -> None:
    first, second, angle = symbols("x y phi", real=True)
    turn = Matrix([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    weights = [rule.training_weight(value).subs(tau2, first**2 + second**2) for value in (first, second)]
    weight = turn * diag(*weights) * turn.T
    optimum = Matrix([first, second])

    def mean(value: Any) -> Any:
        over_angle = integrate(value, (angle, 0, 2 * pi)) / (2 * pi)
        return integrate(over_angle.expand(), (first, 0, 2), (second, 0, 2)) / 4

    moments = SpectrumTied(2, 2).moments(rule)
    assert weight.applyfunc(mean) == moments.weight.to_Matrix()
    assert (weight * optimum).applyfunc(mean) == moments.weighted_optimum.to_Matrix()
    assert mean((optimum.T * weight * optimum)[0]) == moments.weighted_square.to_Matrix()[0]


@pytest.mark.parametrize("dimension", [2, 3, 4])
def test_the_rotation_leaves_a_multiple_of_the_identity(dimension: int) -> None:
    """The Haar mean M of V D V' satisfies P M P' = M for every rotation P; signed permutations already force M = tr(M)/p I."""
    entries = Matrix(dimension, dimension, lambda row, column: Symbol(f"m{min(row, column)}{max(row, column)}"))
    equations = []
    for index in range(dimension - 1):
        turn = eye(dimension)  # a quarter turn in the plane of two neighbouring coordinates
        turn[index, index] = turn[index + 1, index + 1] = 0
        turn[index, index + 1], turn[index + 1, index] = -1, 1
        equations += list(turn * entries * turn.T - entries)
    unknowns = sorted(entries.free_symbols, key=str)
    (solution,) = linsolve(equations, unknowns)
    invariant = entries.subs(dict(zip(unknowns, solution, strict=True)), simultaneous=True)
    assert invariant == invariant.trace() / dimension * eye(dimension)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_moments_in_three_dimensions_against_the_triple_integral(rule: Rule) -> None:
    eigenvalues = symbols("x y z", real=True)
    trace = sum(value**2 for value in eigenvalues)
    weights = [rule.training_weight(value).subs(tau2, trace) for value in eigenvalues]
    average = sum(weights) / 3  # E_V[V diag(w) V'] = average times the identity

    def mean(value: Any) -> Any:
        return integrate(value.expand(), *((variable, 0, 2) for variable in eigenvalues)) / 8

    moments = SpectrumTied(3, 2).moments(rule)
    assert moments.weight.to_Matrix() == mean(average) * eye(3)
    assert list(moments.weighted_optimum.to_Matrix()) == [mean(average * eigenvalues[0])] * 3
    assert moments.weighted_square.to_Matrix()[0] == mean(average * trace)


# --- scalar densities ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [*RULES, ImplicitMAML(1), GradientFlow(1)], ids=str)
def test_a_scalar_density_reproduces_the_spectrum_tied_law(rule: Rule) -> None:
    x = Symbol("x", nonnegative=True)
    density = ScalarDensity(x, x, HALF, [(x, 0, 2)])
    assert simplify(optima.optimum(density, rule)[0] - optima.optimum(SpectrumTied(1, 2), rule)[0]) == 0
    assert simplify(optima.modeling_error(density, DRS(), rule) - optima.modeling_error(SpectrumTied(1, 2), DRS(), rule)) == 0


def test_a_joint_density_of_curvature_and_optimum() -> None:
    optimum = Symbol("x", real=True)
    tasks = ScalarDensity(q, optimum, q + optimum, [(q, 0, 1), (optimum, 0, 1)])  # E[q x] = 1/3, E[q] = 7/12
    assert optima.drs(tasks) == Matrix([Rational(4, 7)])
    independent = ScalarDensity(q, optimum, exp(-q) / 2, [(q, 0, float("inf")), (optimum, -1, 1)])
    assert optima.modeling_error(independent, DRS(), MAML(Rational(1, 10), 2)) == 0


def test_a_density_that_sympy_integrates_to_logarithms() -> None:
    x = Symbol("x", positive=True)
    tasks = ScalarDensity(1 / x, x, 1, [(x, 1, 2)])
    assert optima.drs(tasks) == Matrix([1 / log(2)])
    rounded = optima.optimum(tasks, DRS(), digits=30)[0]
    assert rounded.is_Rational
    assert abs(rounded - numerically(1 / log(2), 40)) < Rational(1, 10**28)


# --- series -------------------------------------------------------------------------------------------------------------


def _order(whole: Any, coefficients: list[Any]) -> float:
    """Order in alpha to which a rational function agrees with a polynomial; its denominator must not vanish at zero."""
    numerator, denominator = cancel(whole).as_numer_denom()
    assert denominator.subs(alpha, 0) != 0
    polynomial = sum(coefficient * alpha**power for power, coefficient in enumerate(coefficients))
    rest = (numerator - polynomial * denominator).as_poly(alpha)
    return float("inf") if rest.is_zero else min(power for (power,) in rest.monoms())


@settings(max_examples=15, deadline=None)
@given(laws(2), st.integers(1, 3))
def test_series_agree_with_the_derivatives_of_the_rational_function(law: Any, steps: int) -> None:
    tasks, rule = law[0], MAML(alpha, steps)
    for index, whole in enumerate(optima.optimum(tasks, rule)):
        found = series.optimum_coefficients(tasks, rule, alpha, 2)
        assert _order(whole, [coefficient[index] for coefficient in found]) >= 3
    errors = series.modeling_error_coefficients(tasks, DRS(), rule, alpha, 2)
    assert _order(optima.modeling_error(tasks, DRS(), rule), errors) >= 3


@settings(max_examples=25, deadline=None)
@given(laws())
def test_the_small_rate_series_is_that_of_the_theory_for_symbolic_steps(law: Any) -> None:
    tasks = law[0]
    joint = optima.drs(tasks)
    bent = zeros(tasks.dimension, 1)
    for task in tasks.tasks:
        bent += task.probability * task.hessian**2 * (task.optimum - joint)
    curvature = optima.mean_weight(tasks, DRS())
    first = series.optimum_coefficients(tasks, MAML(alpha, k), alpha, 1)[1]
    assert (first + 2 * k * curvature.inv() * bent).applyfunc(simplify) == zeros(tasks.dimension, 1)
    second = series.modeling_error_coefficients(tasks, DRS(), MAML(alpha, k), alpha, 2)
    assert second[:2] == [0, 0]
    assert simplify(second[2] - 2 * k**2 * (bent.T * curvature.inv() * bent)[0]) == 0


# --- errors -------------------------------------------------------------------------------------------------------------


def test_a_singular_expectation_is_an_error_of_its_own() -> None:
    flat = Discrete([Task(1, [1, 1], hessian=[[1, 1], [1, 1]])])
    with pytest.raises(optima.SingularExpectation, match=r"^expected weight of DRS\(\) is singular; the optimum"):
        optima.drs(flat)
    with pytest.raises(ValueError, match="not unique"):
        optima.maml(Discrete([Task(1, 1, hessian=2)]), HALF)
    with pytest.raises(optima.SingularExpectation):
        optima.modeling_error(Discrete([Task(1, 1, hessian=2)]), DRS(), MAML(HALF))


def test_floats_and_fractions_are_taken_at_their_exact_value() -> None:
    task = Task(1.0, Fraction(1, 3), 0.1)
    assert task.optimum == Matrix([Rational(1, 3)])
    assert task.hessian == Matrix([Rational(3602879701896397, 36028797018963968)])
