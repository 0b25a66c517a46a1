"""Instances of a bound judged per second, against a plain NumPy loop and against exact substitution with sympy.

The bound is ``transfer_drs_maml``: two optima, a modeling error and a risk per instance.  All three judge random instances from
the same distribution on one thread: verify draws codes, decodes, measures and compares them by the batch; the loop is handed
arrays that are decoded already and does what one would write first; sympy solves the two linear systems exactly and substitutes
into the claim's formula.

Claims about numbers alone are judged by NumPy arrays, and in exact rationals.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle

import numpy as np

import theory
from benchmarks.machine import confined, description, interleaved
from benchmarks.table import Table
from theory import bounds
from theory.bounds.quadratic.transfer_drs_maml import CLAIM
from theory.notation import alpha, beta, excess, k, n, nu, p, risk_A
from theory.rules import DRS, MAML
from verify.evidence.question import Question
from verify.evidence.replay import Outcome
from verify.evidence.sampled import BATCH, CELLS, NUMBERS
from verify.instances.batch import Batch, Cell
from verify.instances.families.quadratic import distribution, hessians

#: (dimension, tasks, inner steps)
SIZES = ((1, 2, 1), (3, 4, 2), (6, 8, 5))
#: instances per timed run of the loop
LOOPED = 100
#: claims about numbers alone
NUMBERS_ALONE = ("distance/core", "transfer_bound/square", "conditioning/quotient", "adaptation_never_hurts_sampled/ends")
#: resolution of sympy's instances: rationals as short as the simplest counterexamples have
SHORT = 4


def by_verify(question: Question, cell: Cell, rng: np.random.Generator) -> None:
    """Judge one batch as sampling does."""
    sides = question.sides(cell, question.space.random_codes(cell, BATCH, rng))
    _demand(bool((sides.gap <= 1e-9).all()))


def by_loop(batch: Batch) -> None:
    """Judge instances one after the other, each task and each instance by its own calls of NumPy."""
    assert batch.tasks is not None
    steps = batch.values[k]
    for index in range(LOOPED):
        rate, top, bottom = (float(batch.values[symbol][index, 0]) for symbol in (alpha, beta, nu))
        trained, deployed, found, best = 0.0, 0.0, 0.0, 0.0
        tasks = list(zip(batch.tasks.probabilities[index], hessians(batch)[index], batch.tasks.optima[index], strict=True))
        for chance, hessian, optimum in tasks:
            residual = np.linalg.matrix_power(np.eye(len(optimum)) - rate * hessian, steps)
            weight = residual @ hessian @ residual
            trained = trained + chance * hessian
            found = found + chance * hessian @ optimum
            deployed = deployed + chance * weight
            best = best + chance * weight @ optimum
        theta = np.linalg.solve(trained, found)
        shift = theta - np.linalg.solve(deployed, best)
        error = 0.5 * shift @ deployed @ shift
        risk = 0.5 * sum(chance * (theta - optimum) @ hessian @ (theta - optimum) for chance, hessian, optimum in tasks)
        bound = ((1 - rate * bottom) ** steps - (1 - rate * top) ** steps) ** 2 * risk
        _demand(error <= bound + 1e-9 * (error + bound) + 1e-12 * risk)


def by_sympy(instances: Iterator[Batch]) -> None:
    """Judge the next instance exactly."""
    instance = next(instances)
    law, trained = distribution(instance), DRS()
    deployed = MAML(instance.rational(alpha), instance.rational(k))
    measured = {
        excess: theory.optima.modeling_error(law, trained, deployed),
        risk_A: theory.optima.reducible_risk(law, trained, theory.optima.drs(law)),
    }
    numbers = {symbol: instance.rational(symbol) for symbol in (alpha, beta, nu, k)}
    _demand(bool(CLAIM.lhs.subs(measured) <= CLAIM.rhs.subs(numbers).subs(measured)))


def _demand(holds: bool) -> None:
    if not holds:
        sys.exit("an instance was judged to violate a true bound, so that the times say nothing")


def measure(rounds: int) -> Table:
    """Time all sizes."""
    question, rng = Question(CLAIM), np.random.default_rng(0)
    rows = []
    for dimension, number, steps in SIZES:
        cell = Cell(((p, dimension), (n, number), (k, steps)))
        short = Cell(cell.shape, SHORT)
        batch = question.space.floats(cell, rng.integers(1, 1 << cell.bits, (LOOPED, question.space.length(cell))))
        codes = rng.integers(1, 1 << SHORT, (3, question.space.length(short)))
        actions: dict[str, Callable[[], object]] = {
            "verify": partial(by_verify, question, cell, rng),
            "loop": partial(by_loop, batch),
            "sympy": partial(by_sympy, cycle([question.space.exact(short, code) for code in codes])),
        }
        best = interleaved(rounds, actions)
        rates = {"verify": BATCH / best["verify"], "loop": LOOPED / best["loop"], "sympy": 1 / best["sympy"]}
        ratios = (rates["verify"] / rates["loop"], rates["verify"] / rates["sympy"])
        size = (str(dimension), str(number), str(steps))
        rows.append(size + tuple(f"{value:,.0f}" for value in (*rates.values(), *ratios)))
    return Table(
        "Instances judged per second",
        (
            f"Bound `transfer_drs_maml`, one thread of {description()}, best of {rounds} rounds in which all take turns. "
            "verify draws, decodes, measures and compares; the loop is handed decoded arrays; sympy is exact.",
        ),
        ("p", "tasks", "k", "verify", "NumPy loop", "sympy", "verify / loop", "verify / sympy"),
        tuple(rows),
    )


def by_arrays(question: Question, cell: Cell, rng: np.random.Generator) -> None:
    """Judge one batch of them as they are sampled by default."""
    _demand(bool((question.sides(cell, question.space.random_codes(cell, NUMBERS // CELLS, rng)).gap <= 1e-9).all()))


def exactly(question: Question, cell: Cell, codes: Iterator[Sequence[int]]) -> None:
    """Judge one of them in rationals."""
    _demand(question.replay(cell, next(codes)).outcome is not Outcome.VIOLATED)


def numbers_alone(rounds: int) -> Table:
    """Time claims about numbers alone."""
    rng, rows = np.random.default_rng(0), []
    for name in NUMBERS_ALONE:
        question = Question(bounds.claim(name))
        cell = question.space.random_cell(rng)
        actions: dict[str, Callable[[], object]] = {
            "arrays": partial(by_arrays, question, cell, rng),
            "exact": partial(exactly, question, cell, cycle(question.space.random_codes(cell, 50, rng))),
        }
        best = interleaved(rounds, actions)
        rates = {"arrays": NUMBERS // CELLS / best["arrays"], "exact": 1 / best["exact"]}
        rows.append((f"`{name}`", *(f"{rate:,.0f}" for rate in rates.values()), f"{rates['arrays'] / rates['exact']:,.0f}"))
    return Table(
        "Instances of claims about numbers alone judged per second",
        (
            f"One thread of {description()}, best of {rounds} rounds in which all take turns. NumPy arrays "
            "draw, decode, evaluate and compare.",
        ),
        ("claim", "NumPy arrays", "rationals", "arrays / rationals"),
        tuple(rows),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judging", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of which the best is taken")
    options = parser.parse_args()
    with confined(1):
        print(measure(options.rounds).markdown(), numbers_alone(options.rounds).markdown(), sep="\n\n")


if __name__ == "__main__":
    main()
