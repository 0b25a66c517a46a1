"""Numbers are right at every scale and place, or refused in a sentence: against exact rational results, fault by fault."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from sympy import Integer, Rational, oo

import numerics as nx
from numerics.units import in_units, understood
from theory.crossover import crossover
from theory.rules import MAML
from theory.tasks import Discrete, Task

HALF = Rational(1, 2)


def pair(place: int = 0, size: Any = 1, curvature: Any = 1) -> tuple[nx.DiscreteTasks, Discrete]:
    """Two tasks in doubles and exactly: curvatures ½ and 2, optima 0 and 1, noise 1/10, moved."""
    exact = [
        Task(HALF, place + size * at, curvature * q, noise_variance=curvature * size**2 * Rational(1, 10))
        for q, at in ((HALF, Integer(0)), (Integer(2), Integer(1)))
    ]
    c, s = float(curvature), float(size)
    doubles = nx.DiscreteTasks([0.5, 0.5], [[[c / 2]], [[2 * c]]], [[float(place)], [place + s]], 0.1 * c * s * s)
    return doubles, Discrete(exact)


# --- places


@pytest.mark.parametrize("place", [0, 10**6, 10**12, -(10**15), 2**49])
def test_the_crossover_and_its_parts_do_not_depend_on_where_the_optima_lie(place):
    tasks, exact = pair(place)
    expected = float(crossover(exact, MAML(Rational(3, 10)), 10))
    assert nx.crossover_tasks(tasks, 0.3, 10) == pytest.approx(expected, rel=1e-12)
    bias = nx.asymptotics.joint_bias(pair()[0], 10)
    np.testing.assert_allclose(nx.asymptotics.joint_bias(tasks, 10), bias, rtol=1e-12)


def test_optima_at_a_far_place_are_rounded_once():
    place = 2**45
    tasks, _ = pair(place)
    # E[q b^2 t] / E[q b^2] in rationals
    weight = [Fraction(q) * (1 - Fraction(3, 10) * Fraction(q)) ** 2 for q in (Fraction(1, 2), Fraction(2))]
    assert nx.population_optimum(tasks, nx.MAML(0.3)).tolist() == [float(place + weight[1] / sum(weight))]


def test_a_solution_of_least_norm_is_nearest_to_the_caller_s_origin():
    flat = np.array([[[1.0, 0.0], [0.0, 0.0]]] * 2)
    tasks = nx.DiscreteTasks([0.5, 0.5], flat, [[1e9, 1e9], [1e9 + 1, 1e9 - 1]])
    found = nx.population_optimum(tasks, nx.DRS(), minimum_norm=True)
    np.testing.assert_allclose(found, [1e9 + 0.5, 0.0], atol=1e-6)
    assert nx.modeling_error(tasks, nx.DRS(), nx.MAML(0.5), minimum_norm=True) == pytest.approx(0.0, abs=1e-12)


# --- scales


@pytest.mark.parametrize("power", [-110, -103, -60, 60, 80, 100])
@pytest.mark.parametrize("samples", [None, 5])
def test_errors_and_solutions_at_every_curvature(power, samples):
    curvature = Rational(10) ** power
    tasks, _ = pair(curvature=curvature)
    plain, _ = pair()
    rate, unit = 0.3 / float(curvature), float(curvature)
    rules = nx.MAML(rate, inner_samples=samples), nx.MAML(0.3, inner_samples=samples)
    found, expected = (nx.modeling_error(t, nx.DRS(), rule) for t, rule in zip((tasks, plain), rules, strict=True))
    assert found / unit == pytest.approx(expected, rel=1e-13)
    for method in (nx.ClosedForm(), nx.ConjugateGradient(), nx.GradientDescent(), nx.AcceleratedGradient()):
        solution = nx.solve(tasks, nx.MAML(rate), method)
        assert solution.status is nx.Status.CONVERGED
        np.testing.assert_allclose(solution.theta, nx.population_optimum(plain, nx.MAML(0.3)), rtol=1e-9)
        assert solution.gradient_norms[0] > 0
    assert nx.crossover_tasks(tasks, rate, 10) == pytest.approx(nx.crossover_tasks(plain, 0.3, 10), rel=1e-12)


@pytest.mark.parametrize("power", [-270, -160, -80, 80, 160, 270])
def test_gradients_at_every_curvature(power):
    unit = 10.0**power
    tasks, plain = pair(curvature=Rational(10) ** power)[0], pair()[0]
    for name in ("MAML", "FirstOrderMAML", "Reptile"):
        rule, its = (getattr(nx, name)(rate, 2) for rate in (0.3 / unit, 0.3))
        size = 1.0 if name == "Reptile" else unit
        for function in (nx.hypergradient, lambda t, r, x: nx.outer_hessian_vector(t, r, x, [1.0])):
            np.testing.assert_allclose(function(tasks, rule, [3.0]) / size, function(plain, its, [3.0]), rtol=1e-13)


@pytest.mark.parametrize("digits", [3, 10, 77, 78, 100])
def test_long_rates_decide_as_exact_arithmetic_does(digits):
    """At long rates MAML's law has a limit, in which rounding or an overflow must not decide."""
    tasks = nx.DiscreteTasks([0.5, 0.5], [[[1.0]], [[2.0]]], [[0.0], [1.0]], [0.1, 5.0])
    exact = Discrete(
        [Task(HALF, 0, 1, noise_variance=Rational(1, 10)), Task(HALF, 1, 2, noise_variance=Integer(5))],
    )
    for samples in (3, 40):
        for sign in (1, -1):
            expected = crossover(exact, MAML(sign * Integer(10) ** digits), samples)
            found = nx.crossover_tasks(tasks, sign * 10.0**digits, samples)
            assert found == (np.inf if expected is oo else pytest.approx(float(expected), rel=1e-8))


@pytest.mark.parametrize("rate", [1e-6, 1e-12, 1e-17, 1e-100])
def test_short_rates_lose_no_digits(rate):
    """Reptile's displacement over its rate is joint training's gradient; as a difference of points it would be noise."""
    tasks, _ = pair()
    optimum = nx.population_optimum(tasks, nx.DRS())
    np.testing.assert_allclose(nx.population_optimum(tasks, nx.Reptile(rate, 2)), optimum, rtol=10 * rate + 1e-14)
    slope = nx.hypergradient(tasks, nx.Reptile(rate, 1), [3.0]) / rate
    np.testing.assert_allclose(slope, nx.hypergradient(tasks, nx.DRS(), [3.0]), rtol=1e-14)


def test_tied_tasks_against_sixty_digits():
    with mpmath.workdps(60):
        for beta in (1e-90, 1e-30, 1.0, 1e90):
            rate = 0.3 / beta
            shrink = mpmath.mpf(rate) * mpmath.mpf(beta)

            def weight(u: Any, shrink: Any = shrink) -> Any:
                return u * (1 - shrink * u) ** 4

            moments = [mpmath.quad(lambda u, m=m: weight(u) * u**m, [0, 1]) for m in (0, 1)]
            expected = float(mpmath.mpf(beta) * moments[1] / moments[0])
            found = nx.population_optimum(nx.SpectrumTiedTasks(1, beta), nx.MAML(rate, 2))
            np.testing.assert_allclose(found, expected, rtol=1e-13)


# --- refusals


TASKS = nx.DiscreteTasks([0.5, 0.5], [[[1.0]], [[2.0]]], [[0.0], [1.0]], 0.1)


def huge(**changed: Any) -> nx.DiscreteTasks:
    return nx.DiscreteTasks(**({"weights": [1.0], "hessians": [[[1.0]]], "optima": [[1.0]], "noise_variances": 1.0} | changed))


REFUSED = {
    "a rate that overflows": (
        lambda: nx.crossover_tasks(TASKS, 1e200, 5),
        "alpha is 1e.200, which is .* it must be at most 1e.120",
    ),
    "rates that overflow": (lambda: nx.estimates(TASKS, 5, 5, [1e200], 2, 0), r"alphas is .*1e\+200.*, which is"),
    "a rule that overflows": (
        lambda: nx.population_optimum(TASKS, nx.MAML(1e60, 9)),
        "its step overflows, so its rate must be",
    ),
    "a solver's rule that overflows": (
        lambda: nx.solve(TASKS, nx.MAML(1e60, 2), reference=None),
        "its step overflows, so its rate must be smaller",
    ),
    "risks beyond doubles": (
        lambda: nx.modeling_error(huge(optima=[[1e160]], noise_variances=1e306, hessians=[[[1e300]]]), nx.DRS(), nx.DRS()),
        "tasks have curvatures of size .* must lie between",
    ),
    "a spread beyond doubles": (
        lambda: nx.population_optimum(
            huge(weights=[0.5, 0.5], hessians=[[[1.0]]] * 2, optima=[[-1.7e308], [1.7e308]]), nx.DRS()
        ),
        "tasks have curvatures of size",
    ),
    "a risk beyond doubles": (
        lambda: nx.reducible_risk(huge(hessians=[[[1e200]]]), nx.DRS(), [1e100]),
        "reducible risk is .* in units of .*, which no double holds",
    ),
    "beta out of range": (lambda: nx.SpectrumTiedTasks(1, 1e-200), "beta is 1e-200; it must lie between 1e-100 and 1e100"),
    "beta an array": (
        lambda: nx.SpectrumTiedTasks(1, np.array([1.0, 2.0])),
        r"beta is array\(\[1., 2.\]\); it must be a positive",
    ),
    "beta not a number": (lambda: nx.SpectrumTiedTasks(1, float("nan")), "beta is nan; it must be a positive finite number"),
    "beta truth": (lambda: nx.SpectrumTiedTasks(1, True), "beta is True; it must be a positive finite number"),
    "a rate array where a number belongs": (
        lambda: nx.crossover_tasks(TASKS, np.array([0.1]), 5),
        r"alpha is array\(\[0.1\]\); it must be a finite number",
    ),
    "rates for a gradient": (
        lambda: nx.hypergradient(TASKS, nx.MAML(np.array([0.1, 0.2])), [1.0]),
        "here they must be scalars",
    ),
    "rates for a value": (lambda: nx.outer_objective(TASKS, nx.MAML(np.array([0.1, 0.2])), [1.0]), "here they must be scalars"),
    "text": (lambda: huge(hessians=[[["1.0"]]]), "hessians is not an array of real numbers"),
    "times": (lambda: huge(optima=np.array([["2020-01-01"]], dtype="M8[D]")), "optima is not an array of real numbers"),
    "masked": (
        lambda: huge(optima=np.ma.masked_array([[1.0]], mask=[[True]])),
        r"optima has a masked entry; it must be an array of shape \(n, p\)",
    ),
    "complex": (lambda: huge(optima=[[1j]]), "optima is not an array of real numbers"),
    "extended precision out of range": (
        lambda: huge(optima=np.array([["1e400"]]).astype(np.longdouble)),
        "optima has the entry inf",
    ),
    "support of another kind": (
        lambda: nx.SupportQueryTasks(TASKS, TASKS.losses()),
        "query is a Quadratics; it must be DiscreteTasks",
    ),  # type: ignore[arg-type]
    "support of other tasks": (
        lambda: nx.SupportQueryTasks(huge(), TASKS),
        r"support has curvatures of shape \(1, 1, 1\); those",
    ),
    "support of other weights": (
        lambda: nx.SupportQueryTasks(nx.DiscreteTasks([0.4, 0.6], TASKS.hessians, TASKS.optima), TASKS),
        "support has other probabilities than query",
    ),
    "samples of a support set": (
        lambda: nx.population_optimum(nx.SupportQueryTasks(TASKS, TASKS), nx.MAML(0.1, inner_samples=3)),
        "inner_samples draws fresh samples",
    ),
    "limit law of support sets": (
        lambda: nx.crossover_tasks(nx.SupportQueryTasks(TASKS, TASKS), 0.1, 3),  # type: ignore[arg-type]
        "tasks is a SupportQueryTasks; it must be DiscreteTasks or",
    ),
    "rates of a coordinate": (lambda: nx.MetaSGD(0.1), r"alpha is 0.1; it must be an array \(p,\) of real rates"),
    "rates of other coordinates": (
        lambda: nx.population_optimum(TASKS, nx.MetaSGD([0.1, 0.2])),
        "alpha has 2 rates; for these",
    ),
    "too few samples": (
        lambda: nx.regression_data(TASKS, 1),
        "samples is 1; it must be a whole number, for these tasks at least 2",
    ),
    "no regression data": (
        lambda: nx.regression_tasks([[[1.0]]], [[1.0, 2.0]]),
        r"responses has shape \(1, 2\); with features",
    ),
    "regression data not finite": (lambda: nx.regression_tasks([[[np.nan]]], [[1.0]]), "features has the entry nan"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_computed_is_refused_in_one_sentence(kind):
    make, message = REFUSED[kind]
    with pytest.raises((ValueError, TypeError), match=message) as error:
        make()
    assert "\n" not in str(error.value)


# --- input of every type


KINDS = [np.float16, np.float32, np.float64, np.longdouble, ">f4", ">f8", "<i8", ">i2", "u1"]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_arrays_of_every_real_type_are_converted(kind):
    raw = np.array([[[2.0, 1.0], [1.0, 3.0]], [[4.0, 0.0], [0.0, 1.0]]]), np.array([[0.0, 1.0], [2.0, 3.0]])
    weights = np.array([1.0, 0.0])
    expected = nx.population_optimum(nx.DiscreteTasks(weights, *raw), nx.MAML(0.1))
    tasks = nx.DiscreteTasks(weights.astype(kind), raw[0].astype(kind), raw[1].astype(kind), np.zeros(2).astype(kind))
    assert tasks.hessians.dtype == tasks.weights.dtype == np.float64
    np.testing.assert_array_equal(nx.population_optimum(tasks, nx.MAML(0.1)), expected)


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_probabilities_and_curvatures_count_with_their_own_precision(kind):
    rng = np.random.default_rng(3)
    weights = rng.dirichlet(np.ones(7)).astype(kind)
    low = rng.standard_normal((7, 3, 2)).astype(kind)
    hessians = (low @ low.swapaxes(1, 2)).astype(kind)  # singular, and symmetric to rounding only
    hessians[:, 0, 1] *= 1 + np.finfo(kind).eps
    tasks = nx.DiscreteTasks(weights, hessians, np.zeros((7, 3), dtype=kind))
    assert tasks.weights.sum() == pytest.approx(1.0, abs=1e-15)
    np.testing.assert_array_equal(tasks.hessians, tasks.hessians.swapaxes(1, 2))
    with pytest.raises(ValueError, match="probabilities must sum to one"):
        nx.DiscreteTasks(weights.astype(np.float64) * (1 + 1e-6), hessians, np.zeros((7, 3)))


def test_numbers_of_numpy_are_numbers():
    assert nx.crossover_tasks(TASKS, np.float64(0.25), 5) == nx.crossover_tasks(TASKS, np.array(0.25), 5)  # type: ignore[arg-type]
    assert nx.crossover_tasks(TASKS, np.float32(0.25), 5) == nx.crossover_tasks(TASKS, 0.25, 5)


def test_tasks_without_a_probability_say_nothing():
    tasks = nx.DiscreteTasks([0.5, 0.5, 0.0], [[[1.0]], [[2.0]], [[1e300]]], [[0.0], [1.0], [-1e300]], [0.1, 0.1, 1e300])
    assert nx.crossover_tasks(tasks, 0.25, 5) == nx.crossover_tasks(TASKS, 0.25, 5)
    assert nx.modeling_error(tasks, nx.DRS(), nx.MAML(0.25)) == nx.modeling_error(TASKS, nx.DRS(), nx.MAML(0.25))


# --- the contract of a rule


@dataclass(frozen=True, eq=False)
class OwnSupport(nx.GradientSteps):
    """A user's rule that holds support sets itself, so that its step is affine beside its tasks."""

    support: Any = None

    def inner(self, losses: Any, theta: Any) -> Any:
        return self.support.gradient_steps(theta, self.schedule())

    def chunk(self, tasks: slice) -> "OwnSupport":
        return OwnSupport(self.alpha, self.steps, self.support.chunk(tasks))


class Clipped(nx.Rule):
    def outer_step(self, losses: Any, theta: Any) -> Any:
        return np.tanh(losses.gradient(theta))


class Skewed(nx.Rule):
    def outer_step(self, losses: Any, theta: Any) -> Any:
        gradient = losses.gradient(theta)
        return losses.along(np.array([1.0, 2.0])) * gradient


def two_sets(seed: int = 1) -> tuple[nx.DiscreteTasks, nx.DiscreteTasks, Any]:
    rng = np.random.default_rng(seed)
    features, responses = rng.standard_normal((2, 5, 6, 3)), rng.standard_normal((2, 5, 6))
    return *(nx.regression_tasks(*data) for data in zip(features, responses, strict=True)), (features, responses)


def test_rules_that_break_the_contract_are_refused_and_still_differentiate():
    support, query, _ = two_sets()
    rule = OwnSupport(0.15, 2, support.losses())
    assert not understood(rule)
    for call in (nx.population_optimum, nx.solve, lambda t, r: nx.modeling_error(t, nx.DRS(), r)):
        with pytest.raises(ValueError, match=r"must be a symmetric matrix w.Q. times theta - theta_gamma .SupportQueryTasks"):
            call(query, rule)
    # what executes the rule as it is stays right: the derivative too, which is not that of a linear step
    split = nx.SupportQueryTasks(support, query)
    theta, ahead = np.array([0.3, -1.0, 2.0]), np.array([1.0, 0.5, -0.25])
    np.testing.assert_allclose(
        nx.hypergradient(query, rule, theta), nx.hypergradient(split, nx.MAML(0.15, 2), theta), rtol=1e-12
    )
    here, there = (nx.hypergradient(query, rule, at) for at in (theta, theta + ahead))
    np.testing.assert_allclose(nx.outer_hessian_vector(query, rule, theta, ahead), there - here, rtol=1e-10)
    np.testing.assert_allclose(nx.outer_hessian_vector(split, nx.MAML(0.15, 2), theta, ahead), there - here, rtol=1e-10)
    flat = nx.DiscreteTasks([1.0], [np.diag([1.0, 2.0])], [[1.0, 1.0]])
    with pytest.raises(ValueError, match=r"Clipped.*differs from that by"):
        nx.population_optimum(flat, Clipped())
    with pytest.raises(ValueError, match=r"Skewed.*its outer_step is not symmetric"):
        nx.population_optimum(nx.DiscreteTasks([1.0], [[[2.0, 1.0], [1.0, 2.0]]], [[1.0, 1.0]]), Skewed())


# --- support and query sets


def by_hand(data: Any, theta: Any, alpha: Any, steps: int, first: bool = False) -> tuple[float, Any]:
    """Mean query risk after `steps` steps on the support sets, and its gradient, by a plain adjoint."""
    (inner_x, x), (inner_y, y) = data
    value, gradient = 0.0, np.zeros_like(theta)
    for task in range(len(x)):
        count = len(inner_y[task])
        adapted = theta.copy()
        for _ in range(steps):
            adapted = adapted - alpha * (inner_x[task].T @ (inner_x[task] @ adapted - inner_y[task]) / count)
        residual = x[task] @ adapted - y[task]
        value += residual @ residual / len(residual) / 2 / len(x)
        cotangent = x[task].T @ residual / len(residual)
        for _ in range(0 if first else steps):
            cotangent = cotangent - inner_x[task].T @ (inner_x[task] @ (alpha * cotangent)) / count
        gradient += cotangent / len(x)
    return value, gradient


@pytest.mark.parametrize("alpha", [0.15, np.array([0.1, -0.2, 0.3])], ids=["one rate", "a rate a coordinate"])
def test_support_and_query_sets_are_those_of_a_plain_adjoint(alpha):
    support, query, data = two_sets()
    tasks, theta = nx.SupportQueryTasks(support, query), np.array([0.3, -1.0, 2.0])
    rule = nx.MAML(alpha, 3) if np.ndim(alpha) == 0 else nx.MetaSGD(alpha, 3)
    value, gradient = by_hand(data, theta, alpha, 3)
    assert nx.outer_objective(tasks, rule, theta) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(nx.hypergradient(tasks, rule, theta), gradient, rtol=1e-12)
    constant = by_hand(data, np.zeros(3), alpha, 3)[1]
    columns = [by_hand(data, column, alpha, 3)[1] - constant for column in np.eye(3)]
    best = np.linalg.solve(np.array(columns).T, -constant)
    np.testing.assert_allclose(nx.population_optimum(tasks, rule), best, rtol=1e-10)
    np.testing.assert_allclose(nx.solve(tasks, rule).theta, best, rtol=1e-7)
    noise = query.weights @ query.noise_variances / 2
    assert nx.reducible_risk(tasks, rule, theta) == pytest.approx(value - noise, rel=1e-12)
    excess = value - by_hand(data, best, alpha, 3)[0]
    start = nx.population_optimum(tasks, nx.DRS())
    assert nx.modeling_error(tasks, nx.DRS(), rule) == pytest.approx(
        by_hand(data, start, alpha, 3)[0] - by_hand(data, best, alpha, 3)[0], rel=1e-9
    )
    assert excess > 0


def test_first_order_and_displacement_on_support_sets():
    support, query, data = two_sets(2)
    tasks, theta = nx.SupportQueryTasks(support, query), np.array([0.3, -1.0, 2.0])
    first = nx.hypergradient(tasks, nx.FirstOrderMAML(0.15, 2), theta)
    np.testing.assert_allclose(first, by_hand(data, theta, 0.15, 2, first=True)[1], rtol=1e-12)
    np.testing.assert_allclose(
        nx.hypergradient(tasks, nx.Reptile(0.15, 2), theta), nx.hypergradient(support, nx.Reptile(0.15, 2), theta), rtol=1e-12
    )
    equal = nx.SupportQueryTasks(query, query)
    for rule in (nx.MAML(0.1, 2), nx.ImplicitMAML(2.0), nx.GradientFlow(0.4), nx.Reptile(0.1, 2), nx.FirstOrderMAML(0.1)):
        np.testing.assert_allclose(nx.population_optimum(equal, rule), nx.population_optimum(query, rule), rtol=1e-9)
        np.testing.assert_allclose(nx.hypergradient(equal, rule, theta), nx.hypergradient(query, rule, theta), rtol=1e-11)


def test_regression_data_have_exactly_the_moments_asked_for():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((4, 3, 2))  # singular curvatures too
    tasks = nx.DiscreteTasks(
        [0.1, 0.2, 0.3, 0.4], root @ root.swapaxes(1, 2), rng.standard_normal((4, 3)), rng.uniform(0, 1, 4)
    )
    features, responses = nx.regression_data(tasks, 7)
    np.testing.assert_allclose(features.swapaxes(1, 2) @ features / 7, tasks.hessians, atol=1e-12)
    theta = rng.standard_normal(3)
    risks = ((features @ theta - responses) ** 2).mean(axis=1) / 2
    np.testing.assert_allclose(risks, tasks.losses().value(theta[None, :]), rtol=1e-12)


def test_units_come_out_as_they_went_in():
    units, _ = in_units(TASKS)
    assert units.tasks is TASKS
    assert (units.length, units.curvature, units.centre.any()) == (1.0, 1.0, False)
