"""Adapted kernel machines against scikit-learn, SciPy's integrators and plain steps; kernel rules as executed and derived."""

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel

import numerics as nx
from numerics.related.kernel_regression import KernelTask, adapted_outputs, gaussian_kernel
from numerics.related.kernel_rules import EnergyFunctional, PadeFlow, PathEnergy
from theory import kernel_rules as symbolic


@pytest.fixture(scope="module")
def case() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    points, others = rng.standard_normal((30, 3)), rng.standard_normal((7, 3))
    return {
        "gram": gaussian_kernel(points, points, 1.5),
        "cross": gaussian_kernel(others, points, 1.5),
        "targets": rng.standard_normal(30),
        "outputs": rng.standard_normal(30),
        "start": rng.standard_normal(7),
        "points": points,
        "others": others,
    }


def test_the_gaussian_kernel_is_scikit_learns(case: dict[str, np.ndarray]) -> None:
    expected = rbf_kernel(case["others"], case["points"], gamma=1 / (2 * 1.5**2))
    np.testing.assert_allclose(case["cross"], expected, rtol=1e-12)


@pytest.mark.parametrize("strength", [1e-3, 0.1, 10.0])
def test_the_proximal_rule_is_kernel_ridge_regression(case: dict[str, np.ndarray], strength: float) -> None:
    task = KernelTask(case["gram"], case["targets"], case["outputs"])
    ridge = KernelRidge(alpha=30 * strength, kernel="precomputed").fit(case["gram"], case["targets"] - case["outputs"])
    found = task.predict(nx.ImplicitMAML(strength), case["cross"], case["start"])
    np.testing.assert_allclose(found, case["start"] + ridge.predict(case["cross"]), atol=1e-10)
    np.testing.assert_allclose(task.dual_coefficients(nx.ImplicitMAML(strength)), ridge.dual_coef_, atol=1e-9)


@pytest.mark.parametrize("time", [0.3, 5.0, 80.0])
def test_the_flow_is_the_solution_of_its_differential_equation(case: dict[str, np.ndarray], time: float) -> None:
    """At training and at other points together: df/dt = -k_x (f(X) - Y)/n."""
    kernels = np.vstack([case["gram"], case["cross"]]) / 30
    solved = solve_ivp(
        lambda _, f: -kernels @ (f[:30] - case["targets"]),
        (0, time),
        np.concatenate([case["outputs"], case["start"]]),
        method="LSODA",
        rtol=1e-10,
        atol=1e-12,
    ).y[:, -1]
    task = KernelTask(case["gram"], case["targets"], case["outputs"])
    np.testing.assert_allclose(task.outputs_after(nx.GradientFlow(time)), solved[:30], atol=1e-8)
    np.testing.assert_allclose(task.predict(nx.GradientFlow(time), case["cross"], case["start"]), solved[30:], atol=1e-8)
    followed, products = task.integrated(time, tolerance=1e-10)
    np.testing.assert_allclose(followed, solved[:30], atol=1e-7)
    assert products > 3


def test_gradient_steps_are_steps_in_function_space(case: dict[str, np.ndarray]) -> None:
    task = KernelTask(case["gram"], case["targets"], case["outputs"])
    seen, other = case["outputs"].copy(), case["start"].copy()
    for _ in range(6):
        miss = seen - case["targets"]
        seen, other = seen - 0.7 * case["gram"] @ miss / 30, other - 0.7 * case["cross"] @ miss / 30
    np.testing.assert_allclose(task.outputs_after(nx.MAML(0.7, 6)), seen, atol=1e-12)
    np.testing.assert_allclose(task.predict(nx.MAML(0.7, 6), case["cross"], case["start"]), other, atol=1e-12)


def test_pade_is_the_approximant_of_the_matrix_exponential(case: dict[str, np.ndarray]) -> None:
    task = KernelTask(case["gram"], case["targets"], case["outputs"])
    half, unit = 4.0 * case["gram"] / 60, np.eye(30)
    expected = case["targets"] + np.linalg.solve(unit + half, (unit - half) @ (case["outputs"] - case["targets"]))
    np.testing.assert_allclose(task.outputs_after(PadeFlow(4.0)), expected, atol=1e-10)


@pytest.mark.parametrize("make", [nx.GradientFlow, nx.ImplicitMAML, lambda t: nx.MAML(t, 3)])
def test_many_small_instances_are_adapted_as_one_by_one(make: Any) -> None:
    rng = np.random.default_rng(0)
    roots = rng.standard_normal((5, 3, 3))
    grams, miss, cross = roots @ roots.swapaxes(1, 2), rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    strength = rng.uniform(0.1, 1, 5)
    together = adapted_outputs(grams, miss, cross, make(strength))
    for index in range(5):
        task = KernelTask(grams[index], -miss[index])
        assert together[index] == pytest.approx(task.predict(make(strength[index]), cross[index][None])[0], rel=1e-8)


def test_a_singular_kernel_moves_nothing_outside_its_range() -> None:
    """Two equal points: their mean follows the flow, their difference stays."""
    task = KernelTask([[2.0, 2.0], [2.0, 2.0]], [1.0, 3.0])
    decay = np.exp(-5.0 * 4 / 2)
    np.testing.assert_allclose(task.outputs_after(nx.GradientFlow(5.0)), [2 * (1 - decay)] * 2, atol=1e-12)
    np.testing.assert_allclose(task.integrated(5.0)[0], [2 * (1 - decay)] * 2, atol=1e-6)
    np.testing.assert_allclose(expm(-5.0 * np.full((2, 2), 1.0)) @ [-1, -3] + [1, 3], [2 * (1 - decay)] * 2, atol=1e-12)


def test_a_zero_kernel_adapts_nothing() -> None:
    task = KernelTask([[0.0]], [1.0], [0.25])
    assert task.outputs_after(nx.GradientFlow(3.0)).tolist() == task.integrated(3.0)[0].tolist() == [0.25]


rates = st.floats(-1.0, 1.5)
curvatures = st.floats(0.0, 2.0)
PAIRS = [
    (lambda a, k: EnergyFunctional(a), lambda a, k: symbolic.EnergyFunctional(a)),
    (PathEnergy, symbolic.PathEnergy),
    (lambda a, k: PadeFlow(abs(a) + 0.1), lambda a, k: symbolic.PadeFlow(abs(a) + 0.1)),
]


@pytest.mark.parametrize(("executed", "derived"), PAIRS)
@given(rate=rates, steps=st.integers(1, 4), q=curvatures)
def test_weights_executed_are_those_derived(executed: Any, derived: Any, rate: float, steps: int, q: float) -> None:
    rule, formula = executed(rate, steps), derived(rate, steps)
    hessians = np.array([[[q]]])
    scale = 4.0 ** (2 * steps + 1)
    for name in ("training_weight", "deployment_weight"):
        found = getattr(rule, name)(hessians)[0, 0, 0]
        assert abs(found - float(getattr(formula, name)(sympy.Rational(q)))) < 1e-13 * scale, name


@pytest.mark.parametrize(("executed", "energy"), [(EnergyFunctional(0.3), "norm"), (PathEnergy(0.3, 3), "path")])
def test_outer_steps_are_gradients_of_their_energies(executed: nx.Rule, energy: str) -> None:
    rng = np.random.default_rng(2)
    root = rng.standard_normal((4, 3, 3))
    losses = nx.Quadratics(root @ root.swapaxes(1, 2) / 3, rng.standard_normal((4, 3)))
    theta = rng.standard_normal((4, 3))

    def value(at: np.ndarray) -> np.ndarray:
        first = losses.gradient(at)
        if energy == "norm":
            return losses.value(at) - 0.3 * (first**2).sum(axis=-1)
        total, point = losses.value(at), at
        for _ in range(3):
            total = total - 0.3 * (losses.gradient(point) * first).sum(axis=-1)
            point = point - 0.3 * losses.gradient(point)
        return total

    differences = [(value(theta + 1e-6 * e) - value(theta - 1e-6 * e)) / 2e-6 for e in np.eye(3)]
    np.testing.assert_allclose(executed.outer_step(losses, theta), np.stack(differences, axis=-1), atol=1e-7)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: KernelTask([[1.0, 2.0]], [1.0]), ValueError, "gram has shape"),
        (lambda: KernelTask([[1.0, 2.0], [0.0, 1.0]], [1.0, 1.0]), ValueError, "differs from its transpose"),
        (lambda: KernelTask([[1.0, 2.0], [2.0, 1.0]], [1.0, 1.0]), ValueError, "eigenvalue -1"),
        (lambda: KernelTask([[1.0]], [1.0, 1.0]), ValueError, "targets has shape"),
        (lambda: KernelTask([[1.0]], [np.nan]), ValueError, "targets has the entry nan"),
        (lambda: KernelTask([["a"]], [1.0]), TypeError, "gram is not an array"),
        (lambda: KernelTask([[1.0]], [1.0]).predict(nx.DRS(), [[1.0, 2.0]]), ValueError, "cross has shape"),
        (lambda: KernelTask([[1.0]], [1.0]).integrated(-1.0), ValueError, "time is -1.0"),
        (lambda: KernelTask([[1.0]], [1.0]).integrated(1.0, tolerance=0.0), ValueError, "tolerance is 0.0"),
        (lambda: PadeFlow(0.0), ValueError, "time is 0.0"),
        (lambda: symbolic.PadeFlow(-1), ValueError, "time is -1"),
        (lambda: EnergyFunctional(np.inf), ValueError, "alpha is inf"),
        (lambda: gaussian_kernel([[1.0]], [[1.0, 2.0]], 1.0), ValueError, "right has shape"),
        (lambda: gaussian_kernel([[1.0]], [[1.0]], 0.0), ValueError, "scale is 0.0"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(act: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        act()
