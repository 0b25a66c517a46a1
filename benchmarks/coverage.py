"""Coverage and tightness of the finite-sample bounds: ``python -m benchmarks.coverage [--write]``.

Data sets of the spectrum-tied tasks are simulated by :mod:`numerics`, bounds on the loss of their estimates are theory's.  Each
cell says how large a bound is against the true quantile, and how often the loss exceeds it.  ``--write`` puts the tables into
``docs/coverage.md``; it takes some minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf, isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sympy import Rational

import numerics as nx
from benchmarks.table import Table
from theory.estimators import Estimator
from theory.finite_sample import ScoreMoments, line_bound
from theory.rules import DRS, MAML, Rule
from theory.tasks import SpectrumTied

_DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "coverage.md"
RATE = Rational(1, 4)
METHODS: dict[str, Rule] = {"joint": DRS(), "MAML": MAML(RATE)}
#: data sets by dimension
DATASETS = {1: 10_000, 2: 4_000, 5: 2_000}
SAMPLES, SIZES, DELTAS = (1, 10, 100), (25, 100, 400), (0.1, 0.01)
#: the bounds as they head columns
BOUNDS = ("Markov", "fourth moments", "line")


@dataclass(frozen=True)
class Cell:
    """One law, method, N, M and delta.

    Parameters
    ----------
    dimension, samples, num_tasks : int
    method : str
    delta : float
    datasets : int
        Defined estimates that were simulated.
    quantile, median : float
        The true quantile at 1 - delta and the median of the loss.
    bounds : tuple of float
        Theory's; inf where the condition on M fails, so that a bound says nothing.
    exceedances : tuple of int
        Losses above each.
    """

    dimension: int
    method: str
    samples: int
    num_tasks: int
    delta: float
    datasets: int
    quantile: float
    median: float
    bounds: tuple[float, ...]
    exceedances: tuple[int, ...]

    @property
    def gain(self) -> float:
        """How much smaller the smallest bound is than Markov's; inf where only others say something, nan where none does."""
        best = min(self.bounds)
        return self.bounds[0] / best if isfinite(best) else float("nan")


def cells(dimension: int, samples: Sequence[int], sizes: Sequence[int], datasets: int, seed: int = 0) -> Iterator[Cell]:
    """Every cell of a dimension, both methods.

    Parameters
    ----------
    dimension : int
    samples, sizes : sequences of int
        N and M.
    datasets, seed : int
    """
    law, tasks = nx.SpectrumTiedTasks(dimension), SpectrumTied(dimension, 2)
    for number, num_tasks in product(samples, sizes):
        found = nx.estimates(law, num_tasks, number, [float(RATE)], datasets, seed)
        estimates = {"joint": found[0], "MAML": found[1][:, 0]}
        for method, rule in METHODS.items():
            executed = nx.DRS() if method == "joint" else nx.MAML(float(RATE), inner_samples=number)
            loss = _losses(law, executed, estimates[method])
            moments = ScoreMoments.of(tasks, Estimator.of(rule, number), fourth=True)
            for delta in DELTAS:
                bounds = [moments.markov_bound(num_tasks, delta), moments.fourth_moment_bound(num_tasks, delta)]
                if dimension == 1:
                    bounds.append(line_bound(tasks, rule, number, num_tasks, delta))
                quantile, median = np.quantile(loss, [1 - delta, 0.5])
                above = tuple(int(np.sum(loss > bound)) for bound in bounds)
                yield Cell(
                    dimension, method, number, num_tasks, delta, len(loss), float(quantile), float(median), tuple(bounds), above
                )


def _losses(law: nx.SpectrumTiedTasks, rule: nx.Rule, estimates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half the squared distances from the limit in the norm of E[H], of the estimates that are defined."""
    gap = estimates[np.isfinite(estimates).all(axis=1)] - nx.population_optimum(law, rule)
    weight, _ = law.moments(rule, type(rule).outer_step)
    return np.asarray(0.5 * np.einsum("ri,ij,rj->r", gap, weight, gap))


def interval(count: int, number: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper-Pearson interval of a probability.

    Examples
    --------
    >>> [round(end, 4) for end in interval(0, 1000)]
    [0.0, 0.0037]
    """
    tail = (1 - level) / 2
    low = beta.ppf(tail, count, number - count + 1) if count else 0.0
    high = beta.ppf(1 - tail, count + 1, number - count) if count < number else 1.0
    return float(low), float(high)


def table(found: Sequence[Cell]) -> Table:
    """The cells of one dimension and delta."""
    first = found[0]
    names = BOUNDS[: len(first.bounds)]
    header = ["method", "N", "M", "quantile"]
    for name in names:
        header += [f"{name}: bound / quantile", "/ median", "exceeded"]
    rows = []
    for cell in found:
        row = [cell.method, str(cell.samples), str(cell.num_tasks), f"{cell.quantile:.3g}"]
        for bound, count in zip(cell.bounds, cell.exceedances, strict=True):
            if bound == inf:
                row += ["M too small", "", ""]
                continue
            low, high = interval(count, cell.datasets)
            shown = f"{count} [{low:.2g}, {high:.2g}]"
            row += [f"{bound / cell.quantile:.3g}", f"{bound / cell.median:.3g}", shown]
        gain = cell.gain
        rows.append((*row, f"{gain:.2g}" if isfinite(gain) else ("" if np.isnan(gain) else "from nothing")))
    return Table(
        f"p = {first.dimension}, delta = {first.delta:g}: {first.datasets:,} data sets", (), (*header, "gain"), tuple(rows)
    )


def page(found: Sequence[Cell]) -> str:
    """The document."""
    checked = [(cell, bound, count) for cell in found for bound, count in zip(cell.bounds, cell.exceedances, strict=True)]
    told = [(cell, count) for cell, bound, count in checked if isfinite(bound)]
    broken = [cell for cell, count in told if interval(count, cell.datasets)[0] > cell.delta]
    largest = max((count / cell.datasets / cell.delta for cell, count in told), default=0.0)
    gains = np.array([cell.gain for cell in found if isfinite(cell.gain)])
    best = np.array([min(cell.bounds) / cell.quantile for cell in found if isfinite(min(cell.bounds))])
    markov = np.array([cell.bounds[0] / cell.quantile for cell in found if isfinite(cell.bounds[0])])
    new = sum(cell.gain == inf for cell in found)
    silent = sum(not isfinite(min(cell.bounds)) for cell in found)
    groups: dict[tuple[int, float], list[Cell]] = {}
    for cell in found:
        groups.setdefault((cell.dimension, cell.delta), []).append(cell)
    tables = "\n\n".join(table(group).markdown() for group in groups.values())
    return f"""# Coverage and tightness of the finite-sample bounds

With probability 1 - delta the loss of an estimate from M tasks of 2N samples, half its squared distance from its limit in
the norm of E[H], is at most

- *Markov*: `theory.bounds.finite_sample_bound`, with the best split of delta;
- *fourth moments*: `theory.bounds.fourth_moment_bound`, in any dimension;
- *line*: `theory.bounds.line_bound` with moments up to order six, at p = 1.

Tasks are the spectrum-tied ones of `gao-sener-2020` (eq. 13) with beta = 2, features normal, the rate 1/4. Bounds are
theory's, with exact moments; losses are simulated by numerics. *quantile* is the true one at 1 - delta; then each bound
against it and against the median loss, and how many losses exceed it, with the 95% interval (Clopper and Pearson) of that
probability; *gain* is Markov's bound over the smallest. "M too small": the bound's condition on M fails, so it says nothing.

- In {len(told)} of {len(checked)} cases a bound says something. It is exceeded significantly more often than delta in
  {len(broken)} of them; the largest observed rate is {largest:.2g} of what is allowed.
- Markov's bound, where it says something, is {markov.min():.2g} to {markov.max():.2g} times the quantile, in the middle
  {np.median(markov):.2g}; the smallest bound {best.min():.2g} to {best.max():.2g} times, in the middle {np.median(best):.2g}.
- The gain is {gains.min():.2g} to {gains.max():.2g}, in the middle {np.median(gains):.2g}; in {new} of {len(found)} cells only
  the newer bounds say anything, in {silent} none does.
- No bound is best everywhere. With one sample in MAML's step the fourth moment of its score is so large that Markov's bound
  can be the smaller; on the line moments of the curvature then ask for more tasks than the exponential lower tail does.

{tables}

`python -m benchmarks.coverage --write` made this page.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate and compare; exit status 1 if a bound is exceeded significantly more often than it may be."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--write", action="store_true", help="write docs/coverage.md")
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same page (default: %(default)s)")
    options = made.parse_args(arguments)
    found: list[Cell] = []
    for dimension, datasets in DATASETS.items():
        found += cells(dimension, SAMPLES, SIZES, datasets, options.seed)
        print(f"p = {dimension}: done", file=sys.stderr, flush=True)
    text = page(found)
    print(text)
    if options.write:
        _DOCUMENT.write_text(text, encoding="utf-8")
    return int(any(interval(count, cell.datasets)[0] > cell.delta for cell in found for count in cell.exceedances))


if __name__ == "__main__":
    sys.exit(main())
