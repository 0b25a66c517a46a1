"""Population optima, risks and modeling errors of numerics, against plain linear algebra, quadrature and sampling."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numerics as nx
from numerics import population

seeds = st.integers(0, 2**32 - 1)


def instances(batch: tuple[int, ...], number: int, dim: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    roots = rng.standard_normal((*batch, number, dim, dim + 1))
    optima = rng.standard_normal((*batch, number, dim))
    return rng.dirichlet(np.ones(number), batch), roots @ roots.swapaxes(-1, -2) / dim, optima


def discrete(number: int, dim: int, seed: int = 0) -> nx.DiscreteTasks:
    weights, hessians, optima = instances((), number, dim, seed)
    return nx.DiscreteTasks(weights, (hessians + hessians.swapaxes(1, 2)) / 2, optima, np.linspace(0, 1, number))


RULES = [
    nx.DRS(),
    nx.MAML(0.15, 3),
    nx.MAML(-0.2),
    nx.MAML(0.15, inner_samples=5),
    nx.FirstOrderMAML(0.1, 2),
    nx.Reptile(0.1, 2),
    nx.ImplicitMAML(0.7),
    nx.GradientFlow(0.3),
]


# --- the batched layer


@given(lead=st.sampled_from([(), (3,), (2, 2)]), number=st.integers(1, 8), dim=st.integers(1, 6), seed=seeds)
def test_the_batched_layer_agrees_with_linear_algebra_real_and_complex(lead: Any, number: int, dim: int, seed: int) -> None:
    chances, weights, optima = instances(lead, number, dim, seed)
    mean = np.einsum("...n,...nij->...ij", chances, weights)
    best = np.linalg.solve(mean, np.einsum("...n,...nij,...nj->...i", chances, weights, optima)[..., None])[..., 0]
    residual = best[..., None, :] + 1.0 - optima
    excess = np.einsum("...n,...ni,...nij,...nj->...", chances, residual, weights, residual) / 2
    rounding = 1e-13 * np.linalg.cond(mean).max() * 100
    for kind in (float, complex):
        typed = weights.astype(kind)
        np.testing.assert_allclose(population.mean_weight(chances, typed), mean, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(population.optimum(chances, typed, optima), best, rtol=0, atol=rounding)
        np.testing.assert_allclose(population.risk(chances, typed, optima, best + 1.0), excess, rtol=1e-12)


def test_leading_axes_broadcast_and_nothing_is_conjugated() -> None:
    chances, weights, optima = instances((4,), 3, 2, 0)
    shared = population.optimum(chances[0], weights, optima[:1])
    for i in range(4):
        np.testing.assert_allclose(shared[i], population.optimum(chances[0], weights[i], optima[0]), rtol=1e-13)
    point = np.array([1.0 + 1.0j, 0.0])
    by_hand = 0.5 * sum(c * (point - o) @ w @ (point - o) for c, w, o in zip(chances[0], weights[0], optima[0], strict=True))
    np.testing.assert_allclose(population.risk(chances[0], weights[0], optima[0], point), by_hand, rtol=1e-13)


def test_indefinite_weights_have_fixed_points_and_singular_ones_are_not_finite() -> None:
    weights = np.array([[[[0.0, 2.0], [2.0, 1.0]]], [[[1.0, 0.0], [0.0, 0.0]]], [[[-3.0, 0.0], [0.0, 2.0]]]])
    found = population.optimum([1.0], weights, np.array([[1.0, -2.0]]))
    np.testing.assert_allclose(found[[0, 2]], [[1.0, -2.0]] * 2)
    assert not np.isfinite(found[1]).all()


# --- distributions of tasks


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize(("number", "dim"), [(1, 1), (5, 3), (700, 24)])
def test_optimum_and_risk_are_those_of_the_weights(rule: nx.Rule, number: int, dim: int) -> None:
    tasks = discrete(number, dim)
    theta = np.linspace(-1, 1, dim)
    trained, deployed = rule.training_weight(tasks.hessians), rule.deployment_weight(tasks.hessians)
    expected = population.optimum(tasks.weights, trained, tasks.optima)
    rounding = 1e-14 * np.linalg.cond(population.mean_weight(tasks.weights, trained)) * 100
    np.testing.assert_allclose(nx.population_optimum(tasks, rule), expected, atol=rounding)
    risk = population.risk(tasks.weights, deployed, tasks.optima, theta)
    assert np.isclose(nx.reducible_risk(tasks, rule, theta), risk, rtol=1e-12)


@pytest.mark.parametrize("deployed", RULES, ids=lambda rule: type(rule).__name__)
def test_the_modeling_error_is_the_difference_of_two_risks(deployed: nx.Rule) -> None:
    for tasks in (discrete(6, 3), nx.SpectrumTiedTasks(2, 1.5)):
        weight = type("Deployed", (type(deployed),), {"outer_step": type(deployed).adapted_gradient})
        own = object.__new__(weight)
        vars(own).update(vars(deployed))
        minimum = nx.reducible_risk(tasks, deployed, nx.population_optimum(tasks, own))
        excess = nx.reducible_risk(tasks, deployed, nx.population_optimum(tasks, nx.DRS())) - minimum
        assert np.isclose(nx.modeling_error(tasks, nx.DRS(), deployed), excess, rtol=1e-8, atol=1e-14)


def test_the_paper_s_simulation_has_its_exact_optima() -> None:
    tasks = nx.SpectrumTiedTasks(dim=1, beta=2.0)
    assert np.isclose(nx.population_optimum(tasks, nx.DRS())[0], 4 / 3, rtol=1e-14)
    assert np.isclose(nx.population_optimum(tasks, nx.MAML(0.1))[0], 724 / 565, rtol=1e-14)


@pytest.mark.parametrize("features", ["gaussian", "sphere", "student_t"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_spectrum_tied_averages_are_quadratures_over_all_eigenvalues(rule: nx.Rule, features: str) -> None:
    dim, beta = 3, 1.5
    tasks = nx.SpectrumTiedTasks(dim, beta, features)
    nodes, mass = np.polynomial.legendre.leggauss(12)
    nodes, mass = beta * (nodes + 1) / 2, mass / 2
    optima = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1).reshape(-1, dim)
    chances = (mass[:, None, None] * mass[:, None] * mass).ravel()
    diagonal = optima[:, :, None] * np.eye(dim)
    # the mean over rotations of V w V' is tr(w)/p I
    means = {
        step: np.trace(getattr(rule, step)(diagonal, tasks.features), axis1=1, axis2=2) / dim
        for step in ("training_weight", "deployment_weight")
    }
    trained = (chances * means["training_weight"]) @ optima / (chances @ means["training_weight"])
    np.testing.assert_allclose(nx.population_optimum(tasks, rule), trained, rtol=1e-11)
    theta = np.array([0.2, -0.4, 1.0])
    risk = 0.5 * chances @ (means["deployment_weight"] * ((theta - optima) ** 2).sum(axis=1))
    assert np.isclose(nx.reducible_risk(tasks, rule, theta), risk, rtol=1e-11)


@pytest.mark.parametrize("dim", [1, 2, 4])
def test_sampled_tasks_have_the_stated_law(dim: int) -> None:
    tasks = nx.SpectrumTiedTasks(dim, 2.0)
    drawn = tasks.sample(20_000, seed=1)
    np.testing.assert_allclose(np.linalg.eigvalsh(drawn.hessians[:50]), np.sort(drawn.optima[:50], axis=1), atol=1e-12)
    assert np.allclose(drawn.hessians.mean(axis=0), np.eye(dim), atol=0.04)
    rule = nx.MAML(0.3, inner_samples=2)
    np.testing.assert_allclose(nx.population_optimum(drawn, rule), nx.population_optimum(tasks, rule), rtol=0.02)
    # a Haar rotation has no preferred sign or axis: fourth moments of its entries are 3/(p(p+2))
    if dim == 4:
        squared = np.einsum("nij,nji->n", drawn.hessians, drawn.hessians)
        fourth = (drawn.hessians[:, 0, 0] ** 2).mean()
        trace = np.trace(drawn.hessians, axis1=1, axis2=2)
        assert np.isclose(fourth, ((trace**2 + 2 * squared) / (dim * (dim + 2))).mean(), rtol=0.02)
    again = tasks.sample(20_000, seed=1)
    assert np.array_equal(again.hessians, drawn.hessians)
    redrawn = drawn.sample(7, seed=3)
    assert redrawn.number == 7
    assert all(any(np.array_equal(h, known) for known in drawn.hessians) for h in redrawn.hessians)


# --- singular expectations


def test_a_singular_expectation_is_refused_and_solved_with_least_norm_on_request() -> None:
    hessians = np.zeros((2, 3, 3))
    hessians[0, 0, 0] = 1.0
    hessians[1, 1, 1] = 2.0
    tasks = nx.DiscreteTasks([0.5, 0.5], hessians, [[1.0, 5.0, 5.0], [5.0, 2.0, 5.0]])
    for rule in (nx.DRS(), nx.MAML(0.3), nx.Reptile(0.3, 2)):
        with pytest.raises(nx.SingularExpectation, match=r"E\[w\] has the eigenvalue .* minimum_norm=True"):
            nx.population_optimum(tasks, rule)
        np.testing.assert_allclose(nx.population_optimum(tasks, rule, minimum_norm=True), [1.0, 2.0, 0.0], atol=1e-12)
    assert issubclass(nx.SingularExpectation, np.linalg.LinAlgError)
    assert nx.modeling_error(tasks, nx.MAML(0.3), nx.DRS(), minimum_norm=True) == pytest.approx(0.0, abs=1e-25)


def test_rounding_noise_is_not_taken_for_a_weight_nor_a_tiny_weight_for_noise() -> None:
    curvature = 49.0
    assert (1 / curvature) * curvature != 1.0  # so that the executed weight is 49 eps^2/4 and not 0
    tasks = nx.DiscreteTasks([0.5, 0.5], [[[curvature]]] * 2, [[0.0], [1.0]])
    for rule in (nx.MAML(1 / curvature), nx.FirstOrderMAML(1 / curvature), nx.MAML(1 / curvature, 3)):
        with pytest.raises(nx.SingularExpectation):
            nx.population_optimum(tasks, rule)
    assert nx.modeling_error(tasks, nx.DRS(), nx.MAML(1 / curvature)) == pytest.approx(0.0, abs=1e-25)
    for rule in (nx.GradientFlow(0.5), nx.ImplicitMAML(1e-8)):  # weights of 5e-20 and 2e-18 that are meant
        np.testing.assert_allclose(nx.population_optimum(tasks, rule), [0.5])
    small = nx.DiscreteTasks([0.5, 0.5], [[[1e-200]]] * 2, [[0.0], [1.0]])
    np.testing.assert_allclose(nx.population_optimum(small, nx.DRS()), [0.5])


# --- size


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_bits_do_not_depend_on_the_number_of_workers(rule: nx.Rule) -> None:
    tasks = discrete(60, 120)
    theta = np.ones(120)
    first, second = (
        (nx.population_optimum(tasks, rule, workers=workers).tobytes(), nx.reducible_risk(tasks, rule, theta, workers=workers))
        for workers in (1, 2)
    )
    assert first == second


MEMORY = """
import resource, sys, threading
import numpy as np
import numerics as nx

dim, number = int(sys.argv[1]), int(sys.argv[2])


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


small = nx.SpectrumTiedTasks(dim).sample(3, 0)
for rule in (nx.DRS(), nx.MAML(0.2, 5)):
    nx.modeling_error(small, rule, rule, workers=2)
one = np.asarray(small.hessians[0])
hessians = np.empty((number, dim, dim))
for task in range(number):
    hessians[task] = one[::-1, ::-1] if task % 2 else one
    hessians[task] *= 1 + task / number
optima = np.random.default_rng(0).standard_normal((number, dim))
before = peak()
tasks = nx.DiscreteTasks(np.full(number, 1 / number), hessians, optima)
for rule in (nx.DRS(), nx.MAML(0.2, 5)):
    nx.population_optimum(tasks, rule, workers=2)
    nx.reducible_risk(tasks, rule, optima[0], workers=2)
print(before, peak(), hessians.nbytes / 2**20)
"""


@pytest.mark.parametrize(("dim", "number"), [(20, 10_000), (200, 200)])
def test_peak_memory_is_at_most_twice_the_input(dim: int, number: int) -> None:
    run = subprocess.run([sys.executable, "-c", MEMORY, str(dim), str(number)], capture_output=True, text=True, check=True)
    before, peak, size = map(float, run.stdout.split())
    assert peak - before <= size, f"{peak - before:.0f} MB of working memory beside an input of {size:.0f} MB"
