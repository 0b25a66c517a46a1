"""The study of reinforcement learning: which jobs it has, and what their results say side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.simulation.kept_jobs import finished
from verify.simulation.learning_jobs import (
    ADAM_RATES,
    METHODS,
    GridRace,
    Job,
    PairCrossing,
    RegulatorGap,
    SampledRace,
    SurrogateLoss,
    sampled_marks,
)
from verify.simulation.races import Comparison, Standing, compared, first_lead, standing

Real = NDArray[np.float64]

#: budgets at which exact races are compared, in gradients of all tasks
BUDGETS = tuple(2**power for power in range(2, 11))
#: step sizes of sampled races
SAMPLED_RATES = {"navigation": (0.001, 0.003, 0.01, 0.03, 0.1), "grid": (0.03, 0.1, 0.3, 1.0, 3.0)}
REGULATORS = tuple((h, rate) for h in (0.1, 0.3, 0.5) for rate in (0.001, 0.003, 0.01))
PAIRS = tuple((weight, rate) for weight in (0.6, 0.7, 0.8, 0.9) for rate in (1.0, 2.0, 4.0, 8.0))
SURROGATES = (("grid", 1.0), ("grid", 10.0), ("grid", 100.0), ("navigation", 0.1), ("navigation", 0.3))


@dataclass(frozen=True)
class Settings:
    """What the study ranges over.

    Parameters
    ----------
    size : int
        Rows of the grid.
    sides : tuple of int
        Sides of the block of goals: the heterogeneity.
    rates : tuple of float
        Inner rates.
    steps : int
        Inner steps of training on the grid; its deployment is judged after as many updates.
    starts : int
        Starts: the equal logits, and random ones.
    seeds : int
        Sampled runs of each method and step size, half of them to tune; 0 for none.
    sampled_budget : int
        Batches of a sampled run.
    """

    size: int = 5
    sides: tuple[int, ...] = (1, 2, 3, 5)
    rates: tuple[float, ...] = (1.0, 3.0, 10.0, 30.0, 100.0)
    steps: int = 1
    starts: int = 3
    seeds: int = 10
    sampled_budget: int = 256

    def grid(self, side: int, start: int, method: str) -> list[Job]:
        """The jobs of one method on one grid from one start; joint training is one for all rates."""
        fields = self.steps, start, BUDGETS[-1]
        if method == "joint":
            return [GridRace(self.size, side, method, self.rates, *fields)]
        return [GridRace(self.size, side, method, (rate,), *fields) for rate in self.rates]

    def sampled(self, family: str, method: str) -> list[list[Job]]:
        """The jobs of one method from samples: by step size, then seed."""
        steps = SAMPLED_RATES[family]
        return [[SampledRace(family, method, step, seed, self.sampled_budget) for seed in range(self.seeds)] for step in steps]

    def jobs(self) -> list[Job]:
        """Every job of the study."""
        races = [
            job
            for side in self.sides
            for start in range(self.starts)
            for method in METHODS
            for job in self.grid(side, start, method)
        ]
        small: list[Job] = [RegulatorGap(*case) for case in REGULATORS]
        small += [PairCrossing(*case, charge) for case in PAIRS for charge in (2.0, 4.0)]
        small += [SurrogateLoss(*case) for case in SURROGATES]
        samples = [
            job
            for family in SAMPLED_RATES
            for method in METHODS
            for row in self.sampled(family, method)
            for job in row
            if self.seeds
        ]
        return [*small, *races, *samples]


class Race(NamedTuple):
    """Three methods on one grid at one inner rate, over starts.

    Parameters
    ----------
    side : int
    rate : float
    charge : str
        "samples" counts a meta-gradient as k + 1 batches, "products" as k + 1 + 2 k.
    standings : mapping
        Method to its standing from each start.
    leads : list of float
        From each start, the first budget at which MAML, early-stopped, is above joint training, early-stopped; nan if none.
    """

    side: int
    rate: float
    charge: str
    standings: dict[str, list[Standing]]
    leads: list[float]

    def mean(self, method: str, field: str = "value") -> Real:
        """Mean over starts at each budget."""
        return np.mean([getattr(one, field) for one in self.standings[method]], axis=0)


class SampledResult(NamedTuple):
    """Methods from samples at each number of batches: chosen on half of the seeds, compared on the other half.

    Parameters
    ----------
    family : str
    marks : list of int
        Batches, the start (0) not among them.
    chosen, edges : mapping
        Method to the step size chosen at each mark, and whether it is at the edge of its grid.
    values, stopped : mapping
        Method to the test seeds' negative risks after one update, (seeds, marks): at the budget's end, and early-stopped, step
        size and mark being chosen together on the first half.
    comparisons, stopped_comparisons : list of Comparison
        MAML against joint training at each mark.
    """

    family: str
    marks: list[int]
    chosen: dict[str, list[float]]
    edges: dict[str, list[bool]]
    values: dict[str, Real]
    stopped: dict[str, Real]
    comparisons: list[Comparison]
    stopped_comparisons: list[Comparison]


class Study:
    """Results of all jobs, as tables ask for them.

    Parameters
    ----------
    settings : Settings
    folder : path
        Where finished jobs are kept.
    workers : int
        Processes, which change no bit.
    done : callable
        Told how many of how many jobs are finished.
    """

    def __init__(
        self, settings: Settings, folder: Path, workers: int, done: Callable[[int, int], None] = lambda count, total: None
    ) -> None:
        self.settings = settings
        jobs = settings.jobs()
        self._found = dict(zip(jobs, finished(jobs, folder, workers, done), strict=True))

    def result(self, job: Job) -> dict[str, Any]:
        """What a job found."""
        return self._found[job]

    def returns(self, side: int, rate: float, start: int, method: str) -> tuple[Real, list[int]]:
        """Returns of one method by step size, mark and update; and the marks."""
        jobs = self.settings.grid(side, start, method)
        place = self.settings.rates.index(rate)
        job, row = (jobs[0], place) if method == "joint" else (jobs[place], 0)
        assert isinstance(job, GridRace)
        return np.array(self.result(job)["returns"][row]), job.marks

    def races(self) -> list[Race]:
        """All exact races on grids, under both charges."""
        steps = self.settings.steps
        charges = {"samples": steps + 1, "products": 3 * steps + 1}
        found = []
        for side in self.settings.sides:
            for rate in self.settings.rates:
                for charge, cost in charges.items():
                    standings: dict[str, list[Standing]] = {}
                    for method in METHODS:
                        # first-order MAML has no Hessian--vector products, whichever way they are charged
                        price = 1 if method == "joint" else (steps + 1 if method == "first-order MAML" else cost)
                        standings[method] = []
                        for start in range(self.settings.starts):
                            curves, marks = self.returns(side, rate, start, method)
                            standings[method].append(standing(curves[:, :, steps], marks, BUDGETS, price))
                    leads = [
                        first_lead(meta.stopped, joint.stopped, BUDGETS)
                        for meta, joint in zip(standings["MAML"], standings["joint"], strict=True)
                    ]
                    found.append(Race(side, rate, charge, standings, leads))
        return found

    def sampled(self) -> list[SampledResult]:
        """The sampled races; none without seeds."""
        return [self._sampled(family) for family in SAMPLED_RATES] if self.settings.seeds else []

    def _sampled(self, family: str) -> SampledResult:
        marks = sampled_marks(self.settings.sampled_budget)[1:]
        half = self.settings.seeds // 2
        chosen: dict[str, list[float]] = {}
        edges: dict[str, list[bool]] = {}
        values: dict[str, Real] = {}
        stopped: dict[str, Real] = {}
        for method in METHODS:
            rows = [[_negative(self.result(job)["risk"]) for job in row] for row in self.settings.sampled(family, method)]
            table = np.array(rows)[:, :, :, 1]  # step size, seed, mark (the start first); after one update
            tuning, testing = table[:, :half].mean(axis=1), table[:, half:]
            best = tuning[:, 1:].argmax(axis=0)
            steps = SAMPLED_RATES[family]
            chosen[method] = [steps[index] for index in best]
            edges[method] = [index in (0, len(steps) - 1) for index in best.tolist()]
            values[method] = np.stack([testing[index, :, mark] for mark, index in enumerate(best, start=1)], axis=1)
            pairs = [divmod(int(tuning[:, : mark + 1].argmax()), mark + 1) for mark in range(1, len(marks) + 1)]
            stopped[method] = np.stack([testing[index, :, mark] for index, mark in pairs], axis=1)
        comparisons, stopped_comparisons = (
            [compared(found["MAML"][:, mark], found["joint"][:, mark]) for mark in range(len(marks))]
            for found in (values, stopped)
        )
        return SampledResult(family, marks, chosen, edges, values, stopped, comparisons, stopped_comparisons)


def _negative(risks: Sequence[Sequence[float | None]]) -> Real:
    """Minus the risks, where a risk beyond doubles is the worst that counts: a thousand."""
    return np.array([[-1000.0 if risk is None else max(-risk, -1000.0) for risk in row] for row in risks])


def edge_note() -> str:
    """What a star at a value means."""
    return (
        f"* the best step size is {ADAM_RATES[0]:g} or {ADAM_RATES[-1]:g}, the edge of its grid: a better one may lie outside"
    )
