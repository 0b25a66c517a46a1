r"""The jobs of the study of reinforcement learning: what joint training and meta-training reach, exactly and from samples.

A job's bits depend on its fields alone; :mod:`verify.simulation.kept_jobs` runs and keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

#: step sizes of Adam that every method is given; the first and last are its grid's edges
ADAM_RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
#: updates at deployment, none included
UPDATES = tuple(range(6))
#: what trains, and what takes its gradient through the inner step
METHODS = {"joint": "exact", "MAML": "exact", "first-order MAML": "first order"}


@dataclass(frozen=True)
class GridRace:
    """One method on the goals in the corner of a grid, with exact gradients, at every step size.

    Parameters
    ----------
    size, side : int
        Of the grid and of the block of goals.
    method : str
        Of :data:`METHODS`.
    rates : tuple of float
        Of inner steps: joint training is deployed at each; the others train and are deployed at one.
    steps : int
        Inner steps of training.
    start : int
        0 starts from equal logits; others from logits drawn from N(0, 1/100) with this seed.
    budget : int
        In gradients of all tasks: an iteration of MAML has steps + 1.
    """

    size: int
    side: int
    method: str
    rates: tuple[float, ...]
    steps: int
    start: int
    budget: int

    @property
    def marks(self) -> list[int]:
        """Iterations at which the run is looked at: powers of two."""
        iterations = self.budget if self.method == "joint" else self.budget // (self.steps + 1)
        return [2**power for power in range(iterations.bit_length()) if 2**power <= iterations]

    def run(self) -> dict[str, Any]:
        """Mean return after each number of updates, by inner rate, step size, mark (the start first) and update."""
        from numerics.reinforcement import adam, corner, goals_on_grid

        tasks = goals_on_grid(self.size, corner(self.size, self.side))
        table = tasks.states, tasks.actions
        first = np.zeros(table)
        if self.start:
            first = 0.1 * np.random.default_rng(self.start).standard_normal(table)
        inner = [] if self.method == "joint" else [self.rates[0]] * self.steps

        def slope(point: Any) -> Any:
            gradients = tasks.meta_gradients(point.reshape(table), inner, METHODS[self.method], workers=1)[1]
            return -np.einsum("n,nsa->sa", tasks.weights, gradients).ravel()

        def deployed(point: Any, rate: float) -> list[float]:
            tables = [tasks.meta_gradients(point.reshape(table), [rate] * count, "first order", workers=1) for count in UPDATES]
            return [float(tasks.weights @ returns) for returns, _ in tables]

        paths = [adam(slope, first.ravel(), step, (0, *self.marks)) for step in ADAM_RATES]
        return {"returns": [[[deployed(point, rate) for point in path] for path in paths] for rate in self.rates]}


@dataclass(frozen=True)
class RegulatorGap:
    """What deploying one exact step from the joint optimum of random regulators costs over deploying from MAML's optimum."""

    heterogeneity: float
    rate: float
    seed: int = 0

    def run(self) -> dict[str, Any]:
        """The gap as a share of MAML's cost; whether the mean optimal gain is feasible, for joint training and for MAML."""
        import numerics as nx
        from numerics.bilevel import hypergradient, outer_objective
        from numerics.reinforcement import random_regulators, stay_and_descend

        tasks, rule = random_regulators(self.heterogeneity, seed=self.seed), nx.MAML(self.rate)
        average = tasks.optima().mean(axis=0)
        joint, cost = stay_and_descend(tasks, nx.DRS(), average, 1000, 1e-8)
        deployed = outer_objective(tasks, rule, joint)
        found = {
            "average is feasible": [bool(np.isfinite(outer_objective(tasks, one, average))) for one in (nx.DRS(), rule)],
            "joint cost": cost,
            "deployed from joint": deployed,
        }
        if not np.isfinite(deployed):
            return found | {"gap": None, "slope": None}
        meta, best = stay_and_descend(tasks, rule, joint, 1000, 1e-8)
        slope = float(np.linalg.norm(hypergradient(tasks, rule, meta)))
        return found | {"deployed from MAML": best, "gap": deployed / best - 1, "slope": slope}


@dataclass(frozen=True)
class PairCrossing:
    """When MAML's flow overtakes joint training's on the two-armed pair."""

    weight: float
    rate: float
    charge: float
    horizon: float = 300.0

    def run(self) -> dict[str, Any]:
        """The time, None if it does not, the lead before it, and the returns at the horizon."""
        from numerics.reinforcement import crossing, two_arms

        found = crossing(two_arms(self.weight), [self.rate], self.charge, self.horizon)._asdict()
        return {name: None if np.isnan(value) else value for name, value in found.items()}


@dataclass(frozen=True)
class SurrogateLoss:
    """How far the expected meta-gradients of inner surrogates are from the exact one, at one policy."""

    family: str
    rate: float
    seed: int = 0

    def run(self) -> dict[str, Any]:
        """Relative errors of the meta-gradient by likelihood ratio (tabular tasks only) and by log-likelihood (first order)."""
        import numerics as nx
        from numerics.bilevel import hypergradient
        from numerics.reinforcement import goals_on_grid, random_navigation

        if self.family == "navigation":
            moves, at = random_navigation(0.4), np.array([0.5, 0.0, 0.0, 0.5, 0.0, 0.0])
            exact, first = (hypergradient(moves, rule(self.rate), at) for rule in (nx.MAML, nx.FirstOrderMAML))
            return {"likelihood ratio": None, "log-likelihood": float(np.linalg.norm(first - exact) / np.linalg.norm(exact))}
        tasks = goals_on_grid(5, range(25))
        logits = 0.3 * np.random.default_rng(self.seed).standard_normal((25, 4))
        kinds = {"exact": "exact", "likelihood ratio": "likelihood ratio", "log-likelihood": "first order"}
        means = {name: tasks.meta_gradients(logits, [self.rate], kind)[1].mean(axis=0) for name, kind in kinds.items()}
        size = np.linalg.norm(means["exact"])
        return {name: float(np.linalg.norm(means[name] - means["exact"]) / size) for name in kinds if name != "exact"}


@dataclass(frozen=True)
class SampledRace:
    """One method's run from sampled gradients, tasks drawn anew at every iteration; deployment is evaluated exactly.

    Parameters
    ----------
    family : {"navigation", "grid"}
        Navigation with heterogeneity 0.4, inner rate 0.1; a 5 x 5 grid with goals in a corner of 3 x 3, inner rate 10.
    method : str
        Of :data:`METHODS`; MAML's inner loss is the likelihood ratio.
    step : float
        Of Adam.
    seed : int
        What tasks and episodes are drawn from; evaluation tasks are the same for all.
    budget : int
        Batches; a batch is `tasks` tasks with `episodes` episodes each, and a meta-gradient costs two of them.
    """

    family: str
    method: str
    step: float
    seed: int
    budget: int
    tasks: int = 10
    episodes: int = 5

    def run(self) -> dict[str, Any]:
        """Mean risk of the evaluation tasks after each number of updates, by mark (in batches) and update."""
        from numerics.reinforcement import adam, sampled_meta_gradients

        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(sorted(METHODS).index(self.method),)))
        rate = {"navigation": 0.1, "grid": 10.0}[self.family]
        rates = [] if self.method == "joint" else [rate]
        kind = "first order" if self.method == "first-order MAML" else "likelihood ratio"
        charge = len(rates) + 1
        draw, evaluated, first = _laws(self.family)

        def slope(point: Any) -> Any:
            beyond = np.full(point.size, np.nan)
            if not np.isfinite(point).all():
                return beyond
            try:
                found = sampled_meta_gradients(draw(rng, self.tasks), point, rates, self.episodes, rng, kind)
            except FloatingPointError:
                return beyond
            return found.mean(axis=0)

        # a policy thrown far away by a large step costs more than doubles hold, which is then its risk
        with np.errstate(over="ignore", invalid="ignore"):
            points = adam(slope, first, self.step, [mark // charge for mark in sampled_marks(self.budget)])
            found = []
            for point in points:
                adapted, row = np.broadcast_to(point, (evaluated.number, point.size)), []
                for _ in UPDATES:
                    value = float(evaluated.weights @ evaluated.value(adapted)) if np.isfinite(adapted).all() else np.inf
                    row.append(value if np.isfinite(value) else None)
                    adapted = adapted - rate * evaluated.gradient(adapted)
                found.append(row)
        return {"risk": found}


def sampled_marks(budget: int) -> list[int]:
    """Batches at which a sampled run is looked at, even numbers up to the budget.

    Examples
    --------
    >>> sampled_marks(32)
    [0, 4, 8, 16, 32]
    """
    return [0, *(2**power for power in range(2, budget.bit_length()) if 2**power <= budget)]


def _laws(family: str) -> tuple[Callable[[Any, int], Any], Any, Any]:
    """How tasks are drawn, the tasks for evaluation, and where training starts."""
    from numerics.reinforcement import corner, goals_on_grid, random_navigation

    if family == "navigation":
        return (
            lambda rng, number: random_navigation(0.4, number, int(rng.integers(2**32))),
            random_navigation(0.4, 200, 12345),
            np.zeros(6),
        )
    goals = corner(5, 3)
    return (
        lambda rng, number: goals_on_grid(5, rng.choice(goals, number)).losses(),
        goals_on_grid(5, goals).losses(),
        np.zeros(100),
    )


Job = GridRace | RegulatorGap | PairCrossing | SurrogateLoss | SampledRace
