"""Rates of the solvers on the single-level and on the exact bilevel problem, with kappa the condition number of E[w]."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import (
    DRS,
    MAML,
    DiscreteTasks,
    FirstOrderMAML,
    ImplicitMAML,
    Reptile,
    SingularExpectation,
    SpectrumTiedTasks,
    outer_problem,
    population_optimum,
)
from numerics.outer_problem import Status, outer_spectrum
from numerics.solvers import (
    AcceleratedGradient,
    ClosedForm,
    ConjugateGradient,
    GradientDescent,
    solve,
)

BETA = 2.0
seeds = st.integers(0, 2**32 - 1)
#: both problems: no inner loop, and k steps of MAML at rates that keep every weight positive
problems = st.one_of(
    st.just(DRS()), st.builds(MAML, alpha=st.floats(-0.2, 0.7).map(lambda share: share / BETA), steps=st.integers(1, 4))
)


def law(seed: int, least: float = 0.05, dimension: int | None = None) -> DiscreteTasks:
    """Tasks whose curvatures have their spectrum in [least, BETA]."""
    rng = np.random.default_rng(seed)
    number, p = int(rng.integers(1, 6)), int(rng.integers(1, 7)) if dimension is None else dimension
    basis = np.linalg.qr(rng.standard_normal((number, p, p)))[0]
    hessians = (basis * rng.uniform(least, BETA, (number, 1, p))) @ basis.transpose(0, 2, 1)
    hessians = (hessians + hessians.transpose(0, 2, 1)) / 2
    weights = rng.uniform(0.1, 1, number)
    return DiscreteTasks(weights / weights.sum(), hessians, rng.standard_normal((number, p)))


def eigen(tasks: DiscreteTasks, rule):
    """Eigenvalues and eigenvectors of E[w], from the spectra of the curvatures and the weight's formula."""
    alpha, steps = (rule.alpha, rule.steps) if isinstance(rule, MAML) else (0.0, 1)
    q, basis = np.linalg.eigh(tasks.hessians)
    w = q * (1 - alpha * q) ** (2 * steps)
    return np.linalg.eigh(np.einsum("n,nij,nj,nkj->ik", tasks.weights, basis, w, basis))


def condition(tasks: DiscreteTasks, rule) -> float:
    values = eigen(tasks, rule)[0]
    return values[-1] / values[0]


def start(seed: int, tasks: DiscreteTasks):
    return 10 * np.random.default_rng(seed + 1).standard_normal(tasks.dimension)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, rule=problems)
def test_gradient_descent_contracts_by_its_rate_every_step(seed, rule):
    tasks = law(seed)
    kappa = condition(tasks, rule)
    found = solve(tasks, rule, GradientDescent(max_steps=60), start=start(seed, tasks))
    bound = (kappa - 1) / (kappa + 1) * found.distances[:-1]
    assert (found.distances[1:] <= bound * (1 + 1e-9) + 1e-12).all()


@settings(max_examples=25, deadline=None)
@given(seed=seeds, rule=problems, angle=st.floats(0, 6))
def test_gradient_descent_attains_its_rate_between_the_extreme_eigenvectors(seed, rule, angle):
    tasks = law(seed, dimension=4)
    kappa, vectors = condition(tasks, rule), eigen(tasks, rule)[1]
    origin = population_optimum(tasks, rule) + np.cos(angle) * vectors[:, 0] + np.sin(angle) * vectors[:, -1]
    found = solve(tasks, rule, GradientDescent(max_steps=5), start=origin)
    rate = (kappa - 1) / (kappa + 1)
    assert np.allclose(found.distances, rate ** np.arange(len(found.distances)), rtol=1e-6, atol=1e-10)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, rule=problems)
def test_accelerated_gradient_keeps_its_root_kappa_bound(seed, rule):
    tasks = law(seed)
    values, _ = eigen(tasks, rule)
    found = solve(tasks, rule, AcceleratedGradient(max_steps=80), start=start(seed, tasks))
    steps = np.arange(len(found.excess_risks))
    energy = found.excess_risks[0] + 0.5 * values[0] * found.distances[0] ** 2
    bound = (1 - np.sqrt(values[0] / values[-1])) ** steps * energy
    assert (found.excess_risks <= bound * (1 + 1e-9) + 1e-13 * energy).all()


@settings(max_examples=60, deadline=None)
@given(seed=seeds, rule=problems)
def test_conjugate_gradient_keeps_its_root_kappa_bound_and_ends_in_p_steps(seed, rule):
    tasks = law(seed)
    root = np.sqrt(condition(tasks, rule))
    found = solve(tasks, rule, ConjugateGradient(), start=start(seed, tasks))
    steps = np.arange(len(found.excess_risks))
    bound = 4 * ((root - 1) / (root + 1)) ** (2 * steps) * found.excess_risks[0]
    assert (found.excess_risks <= bound * (1 + 1e-9) + 1e-13 * found.excess_risks[0]).all()
    assert found.status is Status.CONVERGED
    assert found.steps <= tasks.dimension


@settings(max_examples=40, deadline=None)
@given(
    seed=seeds,
    rule=st.one_of(
        problems,
        st.builds(FirstOrderMAML, alpha=st.floats(-0.2, 0.4), steps=st.integers(1, 3)),
        st.builds(Reptile, alpha=st.floats(0.05, 0.4), steps=st.integers(1, 3)),
        st.builds(ImplicitMAML, regularization=st.floats(0.3, 3)),
    ),
)
def test_every_method_finds_the_closed_form(seed, rule):
    tasks = law(seed, least=0.2)
    expected = population_optimum(tasks, rule)
    for method in (ClosedForm(), GradientDescent(), AcceleratedGradient(), ConjugateGradient()):
        found = solve(tasks, rule, method)
        assert found.status is Status.CONVERGED
        assert np.abs(found.theta - expected).max() <= 1e-7 * (1 + np.abs(expected).max())
        assert found.distances[-1] <= 1e-7 * (1 + found.distances[0])
        assert len(found.gradient_norms) == len(found.distances) == len(found.excess_risks) == found.steps + 1


@pytest.mark.parametrize("dimension", [5, 40])
def test_spectrum_of_the_outer_matrix(dimension):
    tasks, rule = law(7, dimension=dimension), MAML(0.2, 2)
    values, _ = eigen(tasks, rule)
    assert outer_spectrum(tasks, rule) == pytest.approx((values[0], values[-1]), rel=1e-7)


def test_spectrum_where_lanczos_does_not_converge(monkeypatch):
    def fails(*_, **__):
        raise outer_problem.ArpackNoConvergence("no convergence", np.empty(0), np.empty((0, 0)))

    monkeypatch.setattr(outer_problem, "eigsh", fails)
    tasks = law(7, dimension=40)
    values, _ = eigen(tasks, DRS())
    assert outer_spectrum(tasks, DRS()) == pytest.approx((values[0], values[-1]), rel=1e-10)


def test_given_spectrum_and_reference():
    tasks, rule = law(3, dimension=3), MAML(0.2, 2)
    bounds = outer_spectrum(tasks, rule)
    known = solve(tasks, rule, AcceleratedGradient(spectrum=bounds), reference=population_optimum(tasks, rule))
    found = solve(tasks, rule, AcceleratedGradient())
    assert known.spectrum == found.spectrum == bounds
    assert known.gradients < found.gradients
    assert known.theta == pytest.approx(found.theta)


def test_work_is_counted_per_task():
    tasks, rule, steps = law(3, dimension=3), MAML(0.2, 2), 4
    found = solve(tasks, rule, GradientDescent(step=0.1, max_steps=steps), reference=None)
    evaluations = steps + 1
    # an outer step of two inner ones costs three gradients and two Hessian-vector products a task
    assert (found.gradients, found.hessian_vectors) == (3 * tasks.number * evaluations, 2 * tasks.number * evaluations)
    assert found.status is Status.ITERATION_LIMIT
    assert found.distances is None
    closed = solve(tasks, rule, ClosedForm())
    assert closed.hessian_vectors == 2 * tasks.number * (2 + tasks.dimension)


def test_spectrum_tied_tasks_in_a_larger_dimension():
    tasks = SpectrumTiedTasks(dim=48).sample(60, seed=1)
    found = solve(tasks, MAML(0.1, 3))
    assert found.status is Status.CONVERGED
    assert found.theta == pytest.approx(population_optimum(tasks, MAML(0.1, 3)), rel=1e-8)


FLAT = DiscreteTasks([0.5, 0.5], [[[1.0, 1.0], [1.0, 1.0]], [[2.0, 2.0], [2.0, 2.0]]], [[1.0, 0.0], [0.0, 2.0]])


@pytest.mark.parametrize("method", [GradientDescent(), AcceleratedGradient()])
@pytest.mark.parametrize("rule", [DRS(), MAML(0.1, 2)])
def test_singular_expectation_is_a_status_or_a_clear_error(method, rule):
    found = solve(FLAT, rule, method)
    assert found.status is Status.SINGULAR
    assert "minimum_norm" in found.status.value
    with pytest.raises(SingularExpectation, match="not unique"):
        solve(FLAT, rule, ClosedForm())


@pytest.mark.parametrize("rule", [DRS(), MAML(0.1, 2)])
def test_minimum_norm_solution_is_what_conjugate_gradients_find_from_zero(rule):
    least = solve(FLAT, rule, ClosedForm(minimum_norm=True))
    assert least.theta[0] == pytest.approx(least.theta[1])
    assert least.gradient_norms[-1] <= 1e-14
    assert solve(FLAT, rule, ConjugateGradient()).theta == pytest.approx(least.theta)


def test_conjugate_gradients_tell_a_flat_direction_from_a_negative_one():
    flat = DiscreteTasks([1.0], [np.diag([1.0, 1e-16])], [[1.0, 1.0]])
    assert solve(flat, DRS(), ConjugateGradient(tolerance=0)).status is Status.SINGULAR
    # w = q (1 - q) = 1/4 and -1/4: the first direction, along (1, 1), has no curvature though E[w] is regular
    mixed = DiscreteTasks([1.0], [np.diag([0.5, (1 + np.sqrt(2)) / 2])], [[1.0, -1.0]])
    assert solve(mixed, FirstOrderMAML(1.0), ConjugateGradient()).status is Status.INDEFINITE


def test_fixed_point_that_is_no_minimiser():
    # first-order MAML past 1/beta weighs the hard task negatively: w = q (1 - alpha q) = 0.2 and -2
    tasks = DiscreteTasks([0.5, 0.5], [[[0.25, 0.0], [0.0, 0.25]], [[2.0, 0.0], [0.0, 0.25]]], [[1.0, 0.0], [0.0, 2.0]])
    rule = FirstOrderMAML(1.0)
    for method in (GradientDescent(), AcceleratedGradient(), ConjugateGradient()):
        assert solve(tasks, rule, method).status is Status.INDEFINITE
    found = solve(tasks, rule, ClosedForm())
    assert found.status is Status.CONVERGED
    assert found.gradient_norms[-1] <= 1e-14


def test_long_steps_diverge_visibly():
    found = solve(law(5, dimension=3), MAML(0.1), GradientDescent(step=50.0))
    assert found.status is Status.DIVERGED
    assert found.steps < 100


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "cg"}, "method is a str; it must be a Method"),
        ({"start": [1.0, 2.0]}, r"start has shape \(2,\); for these tasks it must have shape \(3,\)"),
        ({"start": [1.0, np.nan, 0.0]}, "start has the entry nan"),
        ({"reference": "truth"}, "reference is 'truth'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        solve(law(5, dimension=3), DRS(), **arguments)


def test_bad_tasks_and_settings():
    with pytest.raises(TypeError, match="tasks is a SpectrumTiedTasks"):
        solve(SpectrumTiedTasks(2), DRS())
    with pytest.raises(ValueError, match=r"step is -1\.0"):
        GradientDescent(step=-1.0)
    with pytest.raises(ValueError, match="tolerance is 2"):
        ConjugateGradient(tolerance=2)
    with pytest.raises(ValueError, match=r"max_steps is 1\.5"):
        ConjugateGradient(max_steps=1.5)
    with pytest.raises(ValueError, match="spectrum is"):
        AcceleratedGradient(spectrum=(2.0, 1.0))
