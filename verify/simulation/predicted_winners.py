"""Where theory predicts the winner, is it right?  Exact problems and benchmarks in one table.

The trade-off as the source puts it: joint training has the smaller optimization error, MAML, where tasks differ, the smaller
modeling error.  So with a small budget joint training should win, with a large one MAML; if all tasks are the same, joint
training has no modeling error and should never be behind.  The prediction of a row uses nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from verify.simulation.benchmark_study import PAIRS, Duel
from verify.simulation.kept_jobs import finished
from verify.simulation.learning_jobs import GridRace, Job, PairCrossing, RegulatorGap
from verify.simulation.learning_study import BUDGETS, Settings
from verify.simulation.races import LEAD, standing

#: goals in a corner of h x h and inner rates of the exact races
GRIDS = ((1, 10.0), (2, 1.0), (3, 10.0), (5, 1.0), (5, 10.0), (5, 100.0))
#: weights and inner rates of the two-armed pair
PAIR = ((0.6, 4.0), (0.8, 1.0), (0.8, 4.0))
#: heterogeneity and inner rate of regulators
REGULATOR = ((0.3, 0.01), (0.5, 0.01))
#: the start of the exact races: random logits, since equal ones lie on a ridge
_START = 1


class Row(NamedTuple):
    """One problem.

    Parameters
    ----------
    problem : str
    differ : bool
        Whether its tasks differ.
    early, late : str or None
        Who wins with a small and with a large budget: "joint", "MAML", "tie" or "not separated"; None where there is no budget.
    """

    problem: str
    differ: bool
    early: str | None
    late: str | None

    def verdict(self, found: str | None, late: bool) -> str:
        """What became of the prediction at one end.

        Examples
        --------
        >>> row = Row("pair", True, "joint", "joint")
        >>> row.verdict(row.early, False), row.verdict(row.late, True)
        ('right', 'wrong')
        """
        if found is None:
            return ""
        if found == "not separated":
            return "open"
        wanted = {"joint", "tie"} if not self.differ else {"MAML" if late else "joint"}
        return "right" if found in wanted else "wrong"


def exact_rows(
    folder: Path,
    workers: int,
    done: Callable[[int, int], None] = lambda count, total: None,
    scheduler: str | None = None,
) -> list[Row]:
    """The rows of problems whose returns are exact; jobs that the folder has are not run again."""
    settings = Settings()
    races: dict[tuple[int, float], tuple[GridRace, GridRace]] = {
        (side, rate): (
            GridRace(settings.size, side, "joint", settings.rates, 1, _START, BUDGETS[-1]),
            GridRace(settings.size, side, "MAML", (rate,), 1, _START, BUDGETS[-1]),
        )
        for side, rate in GRIDS
    }
    pairs = {case: PairCrossing(*case, 2.0) for case in PAIR}
    gaps = {case: RegulatorGap(*case) for case in REGULATOR}
    jobs: list[Job] = list(dict.fromkeys([*(job for race in races.values() for job in race), *pairs.values(), *gaps.values()]))
    results = dict(zip(jobs, finished(jobs, folder, workers, done, scheduler), strict=True))
    rows = []
    for (weight, rate), job in pairs.items():
        found = results[job]
        early = "joint" if found["lead"] > LEAD else "tie"
        late = _ahead(found["meta"] - found["joint"])
        rows.append(Row(f"two-armed pair, w = {weight:g}, rate {rate:g}", True, early, late))
    for (side, rate), race in races.items():
        stopped = []
        for run, charge in zip(race, (1, 2), strict=True):
            curves = np.array(results[run]["returns"][settings.rates.index(rate) if run.method == "joint" else 0])
            stopped.append(standing(curves[:, :, 1], run.marks, BUDGETS, charge).stopped)
        leads = stopped[1] - stopped[0]
        rows.append(Row(f"grid, h = {side}, rate {rate:g}", side > 1, _ahead(leads[0]), _ahead(leads[-1])))
    for (heterogeneity, rate), gap in gaps.items():
        value = results[gap]["gap"]
        late = "MAML" if value is None else _ahead(value)
        rows.append(Row(f"regulators, heterogeneity {heterogeneity:g}, rate {rate:g}", True, None, late))
    return rows


def benchmark_row(duel: Duel) -> Row:
    """The row of a benchmark: who wins after one update at the first and at the last look, by corrected tests."""
    early, late = (
        {"joint": "joint", "meta": "MAML", None: "not separated"}[row[1].winner] for row in (duel.cells[0], duel.cells[-1])
    )
    joint, meta = PAIRS[duel.pair]
    name = duel.benchmark.environment
    return Row(f"{name}, {joint} against {meta}", name != "HalfCheetah", early, late)


def tally(rows: Sequence[Row]) -> dict[str, int]:
    """How many predictions were right, wrong and open.

    Examples
    --------
    >>> tally([Row("pair", True, "joint", "joint")])
    {'right': 1, 'wrong': 1, 'open': 0}
    """
    verdicts = [row.verdict(found, late) for row in rows for found, late in ((row.early, False), (row.late, True))]
    return {word: verdicts.count(word) for word in ("right", "wrong", "open")}


def _ahead(lead: float) -> str:
    if abs(lead) <= LEAD:
        return "tie"
    return "MAML" if lead > 0 else "joint"
