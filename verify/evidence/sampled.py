"""Evidence by sampling: random instances in doubles, some in exact numbers, then hypothesis' own way of looking for trouble."""

from __future__ import annotations

from itertools import chain

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from verify.evidence.question import Question
from verify.evidence.refined import every_corner, every_end, every_integer, every_place
from verify.evidence.replay import Replay
from verify.evidence.result import Effort, Evidence, Method, Verdict, cell_by_cell
from verify.instances.batch import Cell

#: cells drawn, instances of each that are measured and compared at once, and examples that hypothesis tries
CELLS, BATCH, EXAMPLES = 16, 512, 12
#: instances of a claim about numbers alone, where there is nothing to measure; and in each cell that is singled out
NUMBERS, EACH = 1 << 16, 64


#: instances made of whole numbers up to which all of a shape are looked at, and such shapes
PATTERNS, PATTERNED = 20_000, 6


class Violated(AssertionError):
    """An instance that violates a claim, exactly confirmed."""


def gather(question: Question, effort: Effort) -> Evidence:
    """Compare random instances of random cells, then let hypothesis draw and shrink some."""
    rng = effort.rng()
    batch = NUMBERS // CELLS if question.numbers_alone else BATCH if question.batched else BATCH // 64

    def look(cell: Cell, evidence: Evidence, count: int = batch) -> None:
        codes = question.space.random_codes(cell, count, rng)
        evidence.add(question, cell, codes, question.sides(cell, codes))

    evidence = cell_by_cell(question.space.mixed_cells(CELLS, rng), look, effort)
    everywhere = chain(question.space.every_cell(), question.space.telling_cells(rng))
    evidence = cell_by_cell(everywhere, lambda cell, seen: look(cell, seen, EACH), effort, evidence)
    cell_by_cell(_countable(question), lambda cell, seen: _all(question, cell, seen), effort, evidence)
    if evidence.violation is None and evidence.complete:
        every_corner(question, rng, evidence)
    if evidence.violation is None and evidence.complete:
        every_integer(question, rng, evidence)
    if evidence.violation is None and evidence.complete:
        every_place(question, evidence)
    if evidence.violation is None and evidence.complete:
        evidence.violation = _by_hypothesis(question, int(rng.integers(2**32)))
        evidence.instances += EXAMPLES
    if evidence.violation is None and evidence.complete:
        every_end(question, rng, evidence)
    return evidence.finish(question)


def _countable(question: Question) -> list[Cell]:
    """The smallest shapes, where an instance of a family is made of whole numbers alone."""
    if question.claim.tasks is None or not question.batched:
        return []
    cells = question.space.cells(most=3)[:PATTERNED]
    return [cell for cell in cells if question.space.patterns(cell, PATTERNS) is not None]


def _all(question: Question, cell: Cell, evidence: Evidence) -> None:
    """Look at every instance of a cell that has few."""
    codes = question.space.patterns(cell, PATTERNS)
    assert codes is not None
    for part in np.array_split(codes, -(-len(codes) // BATCH)):
        if evidence.violation is None:
            evidence.add(question, cell, part, question.sides(cell, part))


def _by_hypothesis(question: Question, seed: int) -> Replay | None:
    """The violation that hypothesis finds, shrunk, or None."""
    found: list[Replay] = []

    @seeded(seed)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(question.space.strategy(most=4))  # it draws code by code, a thousand times as slowly as batches are drawn
    def check(instance: tuple[Cell, tuple[int, ...]]) -> None:
        violation = question.violation(*instance)
        if violation is not None:
            found.append(violation)
            raise Violated

    try:
        check()
    except Violated:
        return found[-1]
    return None


METHOD = Method("sampled", "sampled", Verdict.SAMPLED, lambda question: not question.random, gather)
