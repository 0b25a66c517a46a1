"""The mechanisms of related papers at a user's size, beside plain NumPy or the library that one would take.

Both sides do the same work on the same data, and are compared before they are timed.  A loop over steps is timed on a part of
them and extrapolated, which its line says.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import scipy.sparse

import numerics as nx
from benchmarks.machine import confined, description
from benchmarks.table import Table
from numerics.related import annealing, bandits, context_pruning, improvement_records, kernel_regression, tabular_priors
from numerics.related.linear_attention import Prompts, best_matrix
from numerics.related.mirror_descent import EntropicMap, mirror_descent
from numerics.related.set_functions import Coverage


@dataclass(frozen=True)
class Line:
    """One comparison.

    Attributes
    ----------
    work : str
    ours, theirs : callable
    other : str
        What the other side is.
    parts : float
        What the other side's time is multiplied by.
    agree : callable
        Of both results: a number that is small if they agree.
    """

    work: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    other: str
    agree: Callable[[Any, Any], float]
    parts: float = 1.0


def submodular() -> Line:
    rng = np.random.default_rng(0)
    elements, items, number = 10_000, 50_000, 100
    sets = [rng.choice(items, rng.integers(1, 200), replace=False) for _ in range(elements)]
    weights = rng.exponential(size=items)
    function = Coverage(sets, weights)
    starts = np.concatenate([[0], np.cumsum([len(s) for s in sets])])
    incidence = scipy.sparse.csr_array((np.ones(starts[-1]), np.concatenate(sets), starts), shape=(elements, items))

    def plain() -> float:
        left, total = weights.copy(), 0.0
        for _ in range(number):
            gains = incidence @ left
            best = int(gains.argmax())
            total += gains[best]
            left[sets[best]] = 0.0
        return total

    work = f"{number} of {elements:,} elements that cover {starts[-1]:,} items, greedily"
    other = "products with a sparse matrix"
    return Line(work, lambda: function.greedy(number).value, plain, other, lambda a, b: abs(a / b - 1))


def health_insurance(points: int) -> tuple[np.ndarray, np.ndarray]:
    """Standardised regressors and centred log visits of the RAND health insurance experiment, ships with statsmodels."""
    from statsmodels.datasets import randhie

    data = randhie.load_pandas()
    chosen = np.random.default_rng(0).permutation(len(data.exog))[:points]
    x, y = data.exog.to_numpy(float)[chosen], np.log1p(data.endog.to_numpy(float)[chosen])
    return (x - x.mean(axis=0)) / x.std(axis=0), y - y.mean()


def kernels() -> Line:
    from sklearn.kernel_ridge import KernelRidge

    points, targets = health_insurance(4000)
    gram = kernel_regression.gaussian_kernel(points[:2000], points[:2000], 3.0)
    cross = kernel_regression.gaussian_kernel(points[2000:], points[:2000], 3.0)
    strengths = 10.0 ** np.arange(-4, 0.5, 0.5)

    def ours() -> np.ndarray:
        task = kernel_regression.KernelTask(gram, targets[:2000])
        return np.array([task.predict(nx.ImplicitMAML(s), cross) for s in strengths])

    def theirs() -> np.ndarray:
        found = []
        for strength in strengths:
            ridge = KernelRidge(alpha=2000 * strength, kernel="precomputed").fit(gram, targets[:2000])
            found.append(ridge.predict(cross))
        return np.array(found)

    work = f"ridge regression on 2,000 visits' data at {len(strengths)} regularisers"
    return Line(work, ours, theirs, "scikit-learn, KernelRidge", lambda a, b: float(np.abs(a - b).max()))


def mirror() -> Line:
    steps, arms, part = 1_000_000, 10, 100
    losses = np.random.default_rng(0).random((steps, arms))
    start = np.full(arms, 1 / arms)

    def plain() -> float:
        weights, total = start, 0.0
        for row in losses[: steps // part]:
            total += row @ weights
            weights = weights * np.exp(-0.01 * row)
            weights = weights / weights.sum()
        return total

    check = float(mirror_descent(EntropicMap(), losses[: steps // part], start, 0.01).loss)
    return Line(
        f"{steps:,} entropic steps on {arms} arms",
        lambda: mirror_descent(EntropicMap(), losses, start, 0.01),
        plain,
        f"a loop, 1/{part} of it timed",
        lambda _, total: abs(check / total - 1),
        part,
    )


def clouds() -> Line:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((100_000, 4)) + 3 * rng.standard_normal((32, 4))[rng.integers(32, size=100_000)]
    start, masses = points[:32].copy(), np.full(32, 1 / 32)
    cloud = annealing.Cloud(points)

    def plain() -> np.ndarray:
        distances = ((points[:, None] - start) ** 2).sum(axis=2)
        shares = masses * np.exp(-(distances - distances.min(axis=1, keepdims=True)))
        shares /= shares.sum(axis=1, keepdims=True)
        return (shares.T @ points) / shares.sum(axis=0)[:, None]

    return Line(
        "a step of annealing, 100,000 points, 32 prototypes",
        lambda: cloud.settle(start, masses, 1.0, steps=1).prototypes,
        plain,
        "NumPy arrays",
        lambda a, b: float(np.abs(a - b).max()),
    )


def attention() -> Line:
    dim, context, prompts = 64, 64, 100_000
    rng = np.random.default_rng(0)
    covariance = np.diag(rng.uniform(0.1, 1, dim))
    law = Prompts(covariance, np.eye(dim), 0.5, context)
    matrix = best_matrix(covariance, np.eye(dim), 0.5, context)
    return Line(
        f"the risk over {prompts:,} prompts of {context} pairs, p = {dim}",
        lambda: law.simulate(matrix, prompts, seed=0),
        lambda: law.simulate(matrix, prompts // 10, seed=1, every_token=True),
        "every token, 1/10 of the prompts timed",
        lambda a, b: abs(a.mean - b.mean) / (5 * np.hypot(a.standard_error, b.standard_error)),
        10,
    )


def photograph(side: int, frequencies: int) -> context_pruning.Context:
    """Fourier features of the pixels' places and their grey levels, of the photograph that ships with matplotlib."""
    from matplotlib.cbook import get_sample_data
    from matplotlib.image import imread

    image = imread(str(get_sample_data("grace_hopper.jpg", asfileobj=False)))[:, :, :3].mean(axis=2) / 255
    rows = np.linspace(0, image.shape[0] - 1, side).astype(int)
    columns = np.linspace(0, image.shape[1] - 1, side).astype(int)
    grid = np.stack(np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side), indexing="ij"), axis=-1).reshape(-1, 2)
    waves = grid @ np.random.default_rng(0).normal(scale=12.0, size=(2, frequencies))
    features = np.concatenate([np.cos(waves), np.sin(waves)], axis=1) / np.sqrt(frequencies)
    levels = image[np.ix_(rows, columns)].ravel()
    return context_pruning.Context(features, levels - levels.mean())


def pruning() -> Line:
    context = photograph(128, 128)
    start = np.zeros(context.features.shape[1])
    kept, steps = context.number // 4, 5

    def plain() -> np.ndarray:
        theta = start.copy()
        for _ in range(steps):
            gradients = context_pruning.example_gradients(context.features, context.targets[:, 0], theta)
            chosen = context_pruning.top_examples(gradients, kept)
            theta = theta - 2.0 * context_pruning.mean_of(gradients, chosen)
        return theta

    return Line(
        f"{steps} steps on the top quarter of {context.number:,} pixels, {len(start)} features",
        lambda: context.adapt(start, 2.0, steps, kept=kept).theta.ravel(),
        plain,
        "every pixel's gradient as an array",
        # pixels whose gradients are equally long up to rounding may be swapped
        lambda a, b: 1e-3 * float(np.abs(a - b).max()),
    )


def records() -> Line:
    sequences = np.random.default_rng(0).random((1_000_000, 20))

    def plain() -> np.ndarray:
        top = np.maximum.accumulate(sequences, axis=1)
        return 1 + (top[:, 1:] > top[:, :-1]).sum(axis=1)

    work = "records of 1,000,000 sequences of 20"

    def different(a: np.ndarray, b: np.ndarray) -> float:
        return float((a != b).sum())

    return Line(work, lambda: improvement_records.record_counts(sequences), plain, "numpy.maximum.accumulate", different)


def priors() -> Line:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 4, (40, 8)).astype(float)
    return Line(
        "the best search under 40 functions on 8 points, 6 queries",
        lambda: tabular_priors.best_search_of_many(values, 6)[0],
        lambda: float(tabular_priors.best_search(values, 6)),
        "the same without memory, compiled",
        lambda a, b: abs(a - b),
    )


def arms() -> Line:
    rng = np.random.default_rng(0)
    rewards, policy = rng.random((1000, 1000)), rng.dirichlet(np.ones(1000))
    meta = bandits.Bandits(rewards, 2.0)

    def plain() -> np.ndarray:
        weights = policy * np.exp(2.0 * rewards)
        total = weights.sum(axis=1, keepdims=True)
        mean = (weights * rewards).sum(axis=1, keepdims=True) / total
        return (np.exp(2.0 * rewards) * (rewards - mean) / total).mean(axis=0)

    work = "the meta-gradient of 1,000 tasks on 1,000 arms"
    return Line(work, lambda: meta.slope(policy), plain, "NumPy arrays", lambda a, b: float(np.abs(a - b).max()))


LINES: dict[str, Callable[[], Line]] = {
    "submodular": submodular,
    "kernels": kernels,
    "mirror_descent": mirror,
    "annealing": clouds,
    "in_context": attention,
    "pruning": pruning,
    "records": records,
    "priors": priors,
    "bandits": arms,
}


def timed(action: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Least time in seconds of a few rounds after one that is not timed, and the result."""
    result = action()
    best = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        action()
        best = min(best, perf_counter() - start)
    return best, result


def measure(names: tuple[str, ...] = tuple(LINES), rounds: int = 3) -> Table:
    """All comparisons.

    Raises
    ------
    ArithmeticError
        If both sides of one disagree.
    """
    rows = []
    for name in names:
        line = LINES[name]()
        ours, result = timed(line.ours, rounds)
        theirs, other = timed(line.theirs, rounds)
        if not line.agree(result, other) < 1e-6 and not (name == "in_context" and line.agree(result, other) < 1):
            raise ArithmeticError(f"{line.work}: both sides differ, by {line.agree(result, other):.3g}")
        theirs *= line.parts
        rows.append((line.work, f"{1e3 * ours:.3g} ms", line.other, f"{1e3 * theirs:.3g} ms", f"{theirs / ours:.2g}"))
    notes = (
        f"One thread of {description()}, least of {rounds} rounds; compiling is not counted, as it is done once.  Prompts are "
        "compared by their mean risks within five standard errors.",
    )
    return Table("Mechanisms of related papers", notes, ("work", "numerics", "beside it", "its time", "ratio"), tuple(rows))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.related", description=__doc__)
    parser.add_argument("--line", action="append", choices=LINES, help="only this line; may be repeated")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the best is taken")
    options = parser.parse_args()
    with confined(1):
        print(measure(tuple(options.line or LINES), options.rounds).markdown())


if __name__ == "__main__":
    main()
