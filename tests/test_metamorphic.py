"""Units, places and names mean nothing: every public function of numerics follows its problem when that is moved.

A problem is moved: shifted, scaled in length and in curvature (and the rate with it), rotated, its tasks permuted, one of them
split in two, all of them duplicated.  What a result then has to do depends on its kind alone: a point, a risk, a number, ...
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics as nx
from numerics import Quadratics

Array = np.ndarray


@dataclass(frozen=True)
class Problem:
    """Arrays of tasks, a second set of them, a point and a rate."""

    weights: Array
    hessians: Array
    optima: Array
    noise: Array
    inner_hessians: Array
    inner_optima: Array
    theta: Array
    ahead: Array
    alpha: float

    @property
    def tasks(self) -> nx.DiscreteTasks:
        return nx.DiscreteTasks(self.weights, self.hessians, self.optima, self.noise)

    @property
    def split(self) -> nx.SupportQueryTasks:
        return nx.SupportQueryTasks(nx.DiscreteTasks(self.weights, self.inner_hessians, self.inner_optima), self.tasks)

    @property
    def dimension(self) -> int:
        return len(self.theta)


@dataclass(frozen=True)
class Move:
    """A moved problem, and what its results have to be: theta -> length rotation theta + shift."""

    length: float = 1.0
    curvature: float = 1.0
    shift: Any = 0.0
    rotation: Any = None

    def turned(self, vector: Array) -> Array:
        return vector if self.rotation is None else vector @ self.rotation.T

    def expected(self, kind: str, value: Any) -> Any:
        """A result of this kind of the moved problem, given that of the original."""
        if kind == "point":
            return self.length * self.turned(value) + self.shift
        if kind == "gradient":
            return self.curvature * self.length * self.turned(value)
        if kind == "displacement":
            return self.length * self.turned(value)
        if kind == "spread":
            turn = np.eye(len(value)) if self.rotation is None else self.rotation
            return self.length**2 * turn @ value @ turn.T
        units = {"number": 1.0, "risk": self.curvature * self.length**2, "curvature": self.curvature, "length": self.length}
        return units[kind] * np.asarray(value)


def _rotation(dim: int, rng: np.random.Generator) -> Array:
    return np.linalg.qr(rng.standard_normal((dim, dim)))[0]


@st.composite
def problems(draw: Any) -> Problem:
    number, dim, seed = draw(st.integers(2, 4)), draw(st.integers(1, 3)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)

    def curvatures() -> Array:
        turns = np.array([_rotation(dim, rng) for _ in range(number)])
        made = (turns * rng.uniform(0.5, 2.0, (number, 1, dim))) @ turns.swapaxes(1, 2)
        return (made + made.swapaxes(1, 2)) / 2

    def grid(*shape: int) -> Array:
        # multiples of 2^-10, so that a shift by a large integer rounds nothing
        return rng.integers(-1024, 1024, shape) / 1024

    rate = draw(st.floats(0.05, 0.3))
    return Problem(
        rng.dirichlet(np.full(number, 5.0)),
        curvatures(),
        grid(number, dim) + np.eye(number, dim),
        rng.uniform(0.1, 1.0, number),
        curvatures(),
        grid(number, dim),
        grid(dim),
        grid(dim),
        rate,
    )


def moved(problem: Problem, move: Move) -> Problem:
    turn = np.eye(problem.dimension) if move.rotation is None else move.rotation

    def place(points: Array) -> Array:
        return move.length * move.turned(points) + move.shift

    def bent(hessians: Array) -> Array:
        turned = turn @ hessians @ turn.T
        return move.curvature * (turned + turned.swapaxes(1, 2)) / 2

    return replace(
        problem,
        hessians=bent(problem.hessians),
        optima=place(problem.optima),
        noise=problem.noise * move.curvature * move.length**2,
        inner_hessians=bent(problem.inner_hessians),
        inner_optima=place(problem.inner_optima),
        theta=place(problem.theta),
        ahead=move.length * move.turned(problem.ahead),
        alpha=problem.alpha / move.curvature,
    )


def relabelled(problem: Problem, index: Any, shares: Any) -> Problem:
    """Task `index[i]` with the share `shares[i]` of its probability."""
    index = np.asarray(index)
    picked = {name: getattr(problem, name)[index] for name in ("hessians", "optima", "noise", "inner_hessians", "inner_optima")}
    return replace(problem, weights=problem.weights[index] * shares, **picked)


def _shifted(problem: Problem, seed: int) -> tuple[Problem, Move]:
    shift = np.random.default_rng(seed).choice([-1.0, 1.0], problem.dimension) * 2.0 ** (10 + seed % 30)
    move = Move(shift=shift)
    return moved(problem, move), move


def _scaled(problem: Problem, seed: int) -> tuple[Problem, Move]:
    move = Move(length=10.0 ** np.random.default_rng(seed).integers(-40, 40))
    return moved(problem, move), move


def _bent(problem: Problem, seed: int) -> tuple[Problem, Move]:
    move = Move(curvature=10.0 ** np.random.default_rng(seed).integers(-110, 110))
    return moved(problem, move), move


def _all_units(problem: Problem, seed: int) -> tuple[Problem, Move]:
    rng = np.random.default_rng(seed)
    length, curvature = 2.0 ** rng.integers(-100, 100), 2.0 ** rng.integers(-200, 200)
    move = Move(length, curvature, length * 2.0**30)
    return moved(problem, move), move


def _rotated(problem: Problem, seed: int) -> tuple[Problem, Move]:
    move = Move(rotation=_rotation(problem.dimension, np.random.default_rng(seed)))
    return moved(problem, move), move


def _permuted(problem: Problem, seed: int) -> tuple[Problem, Move]:
    return relabelled(problem, np.random.default_rng(seed).permutation(len(problem.weights)), 1.0), Move()


def _split_in_two(problem: Problem, seed: int) -> tuple[Problem, Move]:
    number = len(problem.weights)
    which, share = seed % number, 0.25 + (seed % 7) / 14
    shares = np.append(np.where(np.arange(number) == which, share, 1.0), 1 - share)
    return relabelled(problem, [*range(number), which], shares), Move()


def _duplicated(problem: Problem, seed: int) -> tuple[Problem, Move]:
    number = len(problem.weights)
    return relabelled(problem, [*range(number), *range(number)], 0.5), Move()


UNITS = {"shift": _shifted, "length": _scaled, "curvature and rate": _bent, "all units": _all_units}
NAMES = {"permute": _permuted, "split a task": _split_in_two, "duplicate": _duplicated}
MOVES = {**UNITS, "rotate": _rotated, **NAMES}
#: data at a far place have no digits for how they differ, and neither have risks that are handed over as they are
STAYING = {name: move for name, move in MOVES.items() if name not in ("shift", "all units")}


# --- what is computed: name of a quantity -> results of a problem, with their kinds


class _Double(nx.Rule):
    """A rule of the user's that this package knows nothing of: twice the gradient of the exact risk."""

    def outer_step(self, losses: nx.Losses, theta: Array) -> Array:
        return 2.0 * losses.gradient(theta)


def rules(problem: Problem) -> dict[str, nx.Rule]:
    alpha, eye = problem.alpha, np.eye(problem.dimension)
    return {
        "Rule": nx.Rule(),
        "Double": _Double(),
        "DRS": nx.DRS(),
        "GradientSteps": nx.GradientSteps(alpha, 2),
        "MAML": nx.MAML(alpha, 2),
        "MAML on samples": nx.MAML(alpha, inner_samples=3),
        "FirstOrderMAML": nx.FirstOrderMAML(alpha),
        "Reptile": nx.Reptile(alpha, 2),
        "ImplicitMAML": nx.ImplicitMAML(1 / alpha),
        "GradientFlow": nx.GradientFlow(alpha),
        "MetaSGD": nx.MetaSGD(np.full(problem.dimension, alpha), 2),
        "Prescribed": nx.Prescribed(problem.hessians @ (eye + alpha * problem.hessians)),
    }


def population(problem: Problem) -> dict[str, tuple[str, Any]]:
    found: dict[str, tuple[str, Any]] = {}
    for name, rule in rules(problem).items():
        step = "displacement" if name == "Reptile" else "gradient"
        slope = "number" if name == "Reptile" else "curvature"
        tasks = problem.tasks
        found[f"optimum of {name}"] = "point", nx.population_optimum(tasks, rule)
        found[f"risk of {name}"] = "risk", nx.reducible_risk(tasks, rule, problem.theta)
        found[f"error of {name}"] = "risk", nx.modeling_error(tasks, nx.DRS(), rule)
        found[f"value of {name}"] = "risk", nx.outer_objective(tasks, rule, problem.theta)
        found[f"step of {name}"] = step, nx.hypergradient(tasks, rule, problem.theta)
        found[f"spectrum of {name}"] = slope, nx.outer_spectrum(tasks, rule)
    return found


def support_and_query(problem: Problem) -> dict[str, tuple[str, Any]]:
    found: dict[str, tuple[str, Any]] = {}
    for name, rule in rules(problem).items():
        if name in ("MAML on samples", "Prescribed", "Double"):
            continue
        found[f"optimum of {name}"] = "point", nx.population_optimum(problem.split, rule)
        found[f"risk of {name}"] = "risk", nx.reducible_risk(problem.split, rule, problem.theta)
        found[f"step of {name}"] = (
            "displacement" if name == "Reptile" else "gradient",
            nx.hypergradient(problem.split, rule, problem.theta),
        )
    found["solution"] = "point", nx.solve(problem.split, nx.MAML(problem.alpha), reference=None).theta
    return found


def hessian_vectors(problem: Problem) -> dict[str, tuple[str, Any]]:
    tasks, rule = problem.tasks, nx.MAML(problem.alpha, 2)
    product = nx.outer_hessian_vector(tasks, rule, problem.theta, problem.ahead)
    # a rule of which nothing is known is differentiated by the complex step
    unknown = nx.outer_hessian_vector(tasks, _Double(), problem.theta, problem.ahead)
    return {"product": ("gradient", product), "product of an own rule": ("gradient", unknown)}


def risks_without_tasks(problem: Problem) -> dict[str, tuple[str, Any]]:
    losses = Quadratics(problem.hessians, problem.optima, problem.noise, problem.weights)
    assert isinstance(losses, nx.Losses)
    return {"step": ("gradient", nx.hypergradient(losses, nx.MAML(problem.alpha, 2), problem.theta))}


def solutions(problem: Problem) -> dict[str, tuple[str, Any]]:
    found: dict[str, tuple[str, Any]] = {}
    methods = nx.ClosedForm(), nx.ConjugateGradient(), nx.GradientDescent(), nx.AcceleratedGradient()
    for method in methods:
        solution = nx.solve(problem.tasks, nx.MAML(problem.alpha), method, start=problem.theta)
        assert isinstance(solution, nx.Solution)
        assert solution.status is nx.Status.CONVERGED
        assert solution.distances is not None
        assert solution.excess_risks is not None
        name = type(method).__name__
        found[name] = "point", solution.theta
        found[f"{name}: distance"] = "length", solution.distances[0]
        found[f"{name}: excess"] = "risk", solution.excess_risks[0]
    return found


def limit_laws(problem: Problem) -> dict[str, tuple[str, Any]]:
    tasks = problem.tasks
    return {
        "joint covariance": ("spread", nx.asymptotic_covariance(tasks, nx.DRS(), 4)),
        "MAML's covariance": ("spread", nx.asymptotic_covariance(tasks, nx.MAML(problem.alpha), 4)),
        "crossover": ("number", nx.crossover_tasks(tasks, problem.alpha, 4)),
    }


def singular(problem: Problem) -> dict[str, tuple[str, Any]]:
    flat = problem.hessians * 0.0
    with pytest.raises(nx.SingularExpectation):
        nx.population_optimum(nx.DiscreteTasks(problem.weights, flat, problem.optima), nx.MAML(problem.alpha))
    return {}


def regressions(problem: Problem) -> dict[str, tuple[str, Any]]:
    again = nx.regression_tasks(*nx.regression_data(problem.tasks, 6), problem.weights)
    return {
        "noise": ("risk", again.noise_variances @ problem.weights),
        "optimum": ("point", nx.population_optimum(again, nx.MAML(problem.alpha))),
    }


def draws(problem: Problem) -> dict[str, tuple[str, Any]]:
    joint, adapted = nx.estimates(problem.tasks, 5, 4, [problem.alpha], datasets=3, seed=1)
    seen: list[nx.Progress] = []
    diagram = nx.phase_diagram(problem.tasks, 5, 4, [problem.alpha], datasets=20, seed=1, progress=seen.append)
    assert seen[-1].done == seen[-1].total
    return {
        "joint": ("point", joint),
        "MAML": ("point", adapted[:, 0]),
        "wins": ("number", diagram.post.values),
        "excess": ("risk", diagram.excess_mean.values),
    }


@dataclass(frozen=True)
class Quantity:
    """Results, the moves that they follow, and the public names that this says something of."""

    results: Callable[[Problem], dict[str, tuple[str, Any]]]
    moves: dict[str, Any]
    names: str
    tolerance: float = 1e-9


QUANTITIES = {
    "population": Quantity(
        population,
        MOVES,
        "DiscreteTasks population_optimum reducible_risk modeling_error outer_objective hypergradient outer_spectrum Rule DRS "
        "GradientSteps MAML FirstOrderMAML Reptile ImplicitMAML GradientFlow MetaSGD Prescribed",
    ),
    "support and query sets": Quantity(support_and_query, MOVES, "SupportQueryTasks"),
    "Hessian-vector products": Quantity(hessian_vectors, MOVES, "outer_hessian_vector"),
    "risks without tasks": Quantity(risks_without_tasks, STAYING, "Losses Quadratics"),
    "solutions": Quantity(
        solutions, MOVES, "solve Solution Status ClosedForm ConjugateGradient GradientDescent AcceleratedGradient", 1e-6
    ),
    "limit laws": Quantity(limit_laws, MOVES, "asymptotic_covariance crossover_tasks", 1e-7),
    "singular": Quantity(singular, MOVES, "SingularExpectation"),
    "regressions": Quantity(regressions, STAYING, "regression_data regression_tasks"),
    "draws": Quantity(draws, UNITS, "estimates phase_diagram Progress", 1e-7),
}
#: moved by their one parameter in a test of their own
TIED = {"SpectrumTiedTasks"}


def compare(quantity: Quantity, problem: Problem, other: Problem, move: Move) -> None:
    found, again = quantity.results(problem), quantity.results(other)
    for name, (kind, value) in found.items():
        expected = move.expected(kind, value)
        spread = move.length * 3.0 if kind in ("point", "displacement") else float(np.abs(expected).max())
        if kind in ("gradient",):
            spread = max(spread, move.curvature * move.length)
        resolution = 4 * float(np.spacing(np.abs(expected).max())) if kind == "point" else 0.0
        np.testing.assert_allclose(
            again[name][1], expected, rtol=0, atol=quantity.tolerance * spread + resolution, err_msg=f"{name} ({kind})"
        )


@pytest.mark.parametrize("name", QUANTITIES)
@settings(max_examples=3, deadline=None)
@given(problem=problems(), seed=st.integers(0, 10**6))
def test_results_follow_a_problem_that_is_moved(name: str, problem: Problem, seed: int) -> None:
    quantity = QUANTITIES[name]
    for move in quantity.moves.values():
        compare(quantity, problem, *move(problem, seed))


def test_every_public_name_is_moved() -> None:
    # smooth risks, and differences of gradients, whose spacing has a unit too, are moved in test_metamorphic_smooth.py
    ours = {name for name in nx.__all__ if not getattr(getattr(nx, name), "__module__", "").startswith("numerics.smooth")}
    assert {name for quantity in QUANTITIES.values() for name in quantity.names.split()} | TIED == ours - {"HessianFreeMAML"}


@pytest.mark.parametrize("scale", [2.0**-300, 1e-60, 1e-12, 3.0, 1e12, 1e60, 2.0**300])
@pytest.mark.parametrize("dim", [1, 2])
def test_tied_tasks_follow_their_one_parameter(scale: float, dim: int) -> None:
    """Curvatures, optima and noise variances all lie in [0, beta]: risks go with beta^3, noise beside them with beta."""
    alpha, one, large = 0.25, nx.SpectrumTiedTasks(dim, 1.0), nx.SpectrumTiedTasks(dim, scale)
    for rule, other in ((nx.DRS(), nx.DRS()), (nx.MAML(alpha, 2), nx.MAML(alpha / scale, 2))):
        optimum = nx.population_optimum(one, rule)
        np.testing.assert_allclose(nx.population_optimum(large, other), scale * optimum, rtol=1e-13)
        for risk in (
            lambda tasks, its, at: nx.reducible_risk(tasks, its, at),
            lambda tasks, its, at: nx.modeling_error(tasks, nx.DRS(), its),
        ):
            small, big = risk(one, rule, optimum + 1), risk(large, other, scale * (optimum + 1))
            assert big / scale / scale / scale == pytest.approx(small, rel=1e-11, abs=1e-30)
    # M* is affine in the ratio of noise to signal, beta / beta^3
    plain, double = (nx.crossover_tasks(nx.SpectrumTiedTasks(dim, beta), alpha / beta, 10) for beta in (1.0, 2.0))
    slope = (plain - double) / (1 - 1 / 4)
    assert nx.crossover_tasks(large, alpha / scale, 10) == pytest.approx(plain + slope * (scale**-2 - 1), rel=1e-9)
