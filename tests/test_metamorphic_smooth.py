"""Smooth risks in other units, places, directions and orders: results follow, and stochastic runs follow to the last bit.

A distribution is made anew with its heights, its unit of length, its place, its direction and its list of tasks changed, with
powers of two as units, so that nothing is rounded.  What each result has to do depends on its units alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics as nx

Array = np.ndarray


@dataclass(frozen=True)
class Setting:
    """Two tasks with two terms each in two dimensions, and the units that they are in."""

    seed: int
    height: float = 1.0
    length: float = 1.0
    shift: Any = 0.0
    turn: Any = None
    tasks: tuple[int, ...] = (0, 1)
    shares: tuple[float, ...] = (1.0, 1.0)

    def draw(self, *shape: int, low: float = -1.0, high: float = 1.0) -> Array:
        """Numbers of each task, the same in all units: multiples of 2^-10."""
        rng = np.random.default_rng((self.seed, *shape, int(4 * high)))
        return np.round(rng.uniform(low, high, (2, *shape)) * 1024)[list(self.tasks)] / 1024

    @property
    def weights(self) -> Array:
        return np.array([0.25, 0.75])[list(self.tasks)] * self.shares

    @property
    def heights(self) -> Array:
        return self.height * self.draw(2, low=0.5, high=2.0)

    @property
    def directions(self) -> Array:
        """Of residuals without a unit."""
        return self.turned(self.draw(2, 2)) / self.length

    def turned(self, vectors: Array) -> Array:
        return vectors if self.turn is None else vectors @ self.turn.T

    def moved(self) -> Array:
        """What a shift of the optima adds to residuals."""
        return self.directions @ np.broadcast_to(self.shift, 2)

    def point(self, place: int) -> Array:
        base = np.random.default_rng((self.seed, place)).integers(-1024, 1024, 2) / 512
        return self.length * self.turned(base) + self.shift

    def way(self) -> Array:
        return self.turned(np.array([0.75, -0.5]))


BUMP = nx.Profile(
    lambda u: 1 / (1 + u * u),
    lambda u: -2 * u / (1 + u * u) ** 2,
    lambda u: (6 * u * u - 2) / (1 + u * u) ** 3,
    nx.Constants(Delta=1.0, G=0.65, L=2.0, L_H=4.67),
)


def _ridge(make: Callable[..., Any]) -> Callable[[Setting], Any]:
    return lambda at: make(at.weights, at.heights, at.directions, at.draw(2) - at.moved())


def _robust(kind: Any) -> Callable[[Setting], Any]:
    def made(at: Setting) -> Any:
        scales = at.length * np.ones((len(at.tasks), 2))
        return kind(at.weights, at.heights, at.directions * at.length, (at.draw(2) + at.moved()) * at.length, scales)

    return made


def _pieces(at: Setting, count: int) -> tuple[Array, Array, Array, Array]:
    knots = at.length * np.cumsum(at.draw(3, low=0.25, high=1.0), axis=1)
    bends, slopes, values = at.draw(count), at.draw(1)[:, 0], at.draw(1, low=0.0)[:, 0]
    return knots, bends * at.height / at.length**2, slopes * at.height / at.length, values * at.height


#: families of risks by their name, in a setting's units
FAMILIES = {
    "Sines": _ridge(nx.Sines),
    "Tanh": _ridge(nx.Tanh),
    "Ridge": _ridge(lambda weights, heights, directions, phases: nx.Ridge(weights, BUMP, heights, directions, phases)),
    "Welsch": _robust(nx.Welsch),
    "GemanMcClure": _robust(nx.GemanMcClure),
    "Cauchy": _robust(nx.Cauchy),
    "Logistic": lambda at: nx.Logistic(at.weights, at.heights, at.directions, np.sign(at.draw(2) + 1e-9)),
    "PiecewiseQuadratic": lambda at: nx.PiecewiseQuadratic(
        at.weights, *_pieces(at, 4), directions=at.turned(np.tile([0.5, 1.0], (len(at.tasks), 1)))
    ),
    "PiecewiseCubic": lambda at: nx.PiecewiseCubic(at.weights, *_pieces(at, 3)),
    "Penalty": lambda at: nx.Penalty(at.weights, at.height, 2),
}
#: those that stand at one place, those among them that have one direction too, and the one that has its own length
CENTRED = {"Logistic", "PiecewiseQuadratic", "PiecewiseCubic", "Penalty"}
STRAIGHT = {"PiecewiseCubic", "Penalty"}
OWN_LENGTH = {"Penalty"}


def rules(at: Setting) -> dict[str, nx.Rule]:
    """With rates in units of length squared over height; half a difference's spacing is in these units too."""
    rate = at.length**2 / at.height
    return {
        "DRS": nx.DRS(),
        "MAML": nx.MAML(rate / 4, 2),
        "first order": nx.FirstOrderMAML(rate / 4),
        "Hessian free": nx.HessianFreeMAML(rate / 4, spacing=rate / 1024),
    }


def expected(at: Setting, kind: str, value: Any) -> Any:
    """A result of this kind in a setting's units, given that in the plain ones."""
    if kind == "point":
        return at.length * at.turned(value) + at.shift
    if kind == "vector":
        return at.height / at.length * at.turned(value)
    if kind == "product":
        return at.height / at.length**2 * at.turned(value)
    return {"risk": at.height, "slopes": (at.height / at.length) ** 2}[kind] * value


def constants(found: nx.Constants, at: Setting) -> Array:
    units = at.height / at.length ** np.arange(4)
    return np.array([found.Delta, found.G, found.L, found.L_H]) / units


def computed(name: str, at: Setting) -> dict[str, tuple[str, Any]]:
    """What does not depend on chance."""
    losses, dimension = FAMILIES[name](at), 1 if name == "PiecewiseCubic" else 2
    point, way = at.point(0)[:dimension], at.way()[:dimension]
    found: dict[str, tuple[str, Any]] = {
        "value": ("risk", losses.weights @ losses.value(point)),
        "gradient": ("vector", losses.weights @ losses.gradient(point)),
        "product": ("product", losses.weights @ losses.hessian_vector(point, np.broadcast_to(way, (len(at.tasks), dimension)))),
    }
    for label, rule in rules(at).items():
        found[f"outer step of {label}"] = "vector", nx.hypergradient(losses, rule, point)
        found[f"objective of {label}"] = "risk", nx.outer_objective(losses, rule, point)
    return found


def trained(name: str, at: Setting, rule: nx.Rule, oracle: nx.Oracle, workers: int = 1) -> dict[str, tuple[str, Any]]:
    losses, dimension, rate = FAMILIES[name](at), 1 if name == "PiecewiseCubic" else 2, at.length**2 / at.height
    algorithm = nx.Sampling(rule, oracle, batch=2, calls=2)
    run = nx.meta_train(
        losses, algorithm, at.point(1)[:dimension], updates=[1, 5], rates=[rate / 8], runs=3, seed=4, watched=nx.DRS(),
        workers=workers,
    )  # fmt: skip
    assert isinstance(run, nx.Trajectories)
    test = nx.meta_test(losses, algorithm, run.theta[:, 0, -1], steps=[0, 3], rates=rate / 8, seed=4, workers=workers)
    assert isinstance(test, nx.Tested)
    tested = {"risks": ("risk", test.risks), "sums of testing": ("slopes", test.sums)}
    return {"theta": ("point", run.theta), "sums of training": ("slopes", run.sums), **tested}


def compare(found: Any, again: Any, at: Setting, tolerance: float) -> None:
    for name, (kind, value) in found.items():
        scale = float(np.abs(expected(replace(at, shift=0.0), kind, value)).max()) + abs(float(np.max(at.shift)))
        np.testing.assert_allclose(again[name][1], expected(at, kind, value), rtol=0, atol=tolerance * scale, err_msg=name)


def moves(name: str, seed: int) -> dict[str, Setting]:
    rng = np.random.default_rng(seed)
    height, length = (2.0 ** rng.integers(-60, 60) for _ in range(2))
    angle = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    found = {
        "height": Setting(seed, height),
        "permute": Setting(seed, tasks=(1, 0)),
        "split a task": Setting(seed, tasks=(0, 1, 1), shares=(1.0, 0.25, 0.75)),
        "duplicate": Setting(seed, tasks=(0, 1, 0, 1), shares=(0.5,) * 4),
    }
    if name not in OWN_LENGTH:
        found["both units"] = Setting(seed, height, length)
    if name not in CENTRED:
        found["shift"] = Setting(seed, shift=np.array([1024.0, -2048.0]))
    if name not in STRAIGHT:
        found["rotate"] = Setting(seed, turn=angle)
    return found


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_risks_and_outer_steps_follow(name: str, seed: int) -> None:
    plain = computed(name, Setting(seed))
    for at in moves(name, seed).values():
        compare(plain, computed(name, at), at, 1e-9)


def oracles(at: Setting) -> dict[str, nx.Oracle]:
    slope, bend = (at.height / at.length) ** 2, (at.height / at.length**2) ** 2
    points = tuple(at.height / at.length * value for value in (-1.0, 2.0))
    return {
        "noiseless": nx.Oracle(nx.Noiseless(), nx.Noiseless()),
        "normal": nx.Oracle(nx.Gaussian(slope / 4), nx.Gaussian(bend / 16)),
        "signs": nx.Oracle(nx.Rademacher(slope / 4), nx.Rademacher(bend / 16)),
        "finite": nx.Oracle(nx.FiniteLaw(points, (2 / 3, 1 / 3)), nx.Rademacher(bend / 16)),
        "terms": nx.Oracle(nx.Minibatch(), nx.Minibatch()),
    }


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=1, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_stochastic_runs_follow_units_to_the_last_bit(name: str, seed: int) -> None:
    at = moves(name, seed)["height" if name in OWN_LENGTH else "both units"]
    plain, first = rules(Setting(seed)), list(FAMILIES).index(name)
    for place, (law, oracle) in enumerate(oracles(Setting(seed)).items()):
        # every law with every rule, over the families
        rule = list(plain)[(first + place) % len(plain)]
        found = trained(name, Setting(seed), plain[rule], oracle)
        again = trained(name, at, rules(at)[rule], oracles(at)[law], workers=2)
        for label, (kind, value) in found.items():
            np.testing.assert_array_equal(again[label][1], expected(at, kind, value), err_msg=f"{label}, {rule}, {law}")


@pytest.mark.parametrize("name", FAMILIES)
def test_constants_follow_units(name: str) -> None:
    at = moves(name, 3)["height" if name in OWN_LENGTH else "both units"]
    plain, moved = FAMILIES[name](Setting(3)), FAMILIES[name](at)
    np.testing.assert_allclose(constants(moved.constants(), at), constants(plain.constants(), Setting(3)), rtol=1e-12)
    search = {"points": 400, "seed": 1}
    found = nx.searched_constants(plain, radius=10.0, **search)
    again = nx.searched_constants(moved, radius=10.0 * at.length, **search)
    np.testing.assert_allclose(constants(again, at), constants(found, Setting(3)), rtol=1e-9)
    assert nx.check_constants(moved, radius=10.0 * at.length, **search) == again


def test_every_public_name_of_smooth_risks_is_moved() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    ours = {name for name in nx.__all__ if getattr(getattr(nx, name), "__module__", "").startswith("numerics.smooth")}
    assert {name for name in ours | {"HessianFreeMAML"} if f"nx.{name}" not in text} == set()
