"""No claim of a hostile referee fools the judge at the highest level, and each kind is attacked often.

``python -m benchmarks.hostile_rate`` judges those that take long, too, and at every level.
"""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.hostile import FALSE, HOSTILE, KINDS, LONG, REFUSE, TRUE, Hostile
from benchmarks.hostile_rate import CRASHED, REFUSED, answer, right, table


def test_every_kind_is_attacked() -> None:
    kinds = Counter(hostile.kind for hostile in HOSTILE)
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 12
    assert {hostile.truth for hostile in HOSTILE} == {FALSE, TRUE, REFUSE}
    assert {hostile.name for hostile in HOSTILE} >= LONG


@pytest.mark.parametrize(
    "hostile", [hostile for hostile in HOSTILE if hostile.name not in LONG], ids=lambda hostile: hostile.name
)
def test_the_judge_is_not_fooled(hostile: Hostile) -> None:
    assert right(hostile, answer(hostile, "proved"))


def test_a_wrong_answer_is_told_as_such() -> None:
    false = next(hostile for hostile in HOSTILE if hostile.truth == FALSE)
    true = next(hostile for hostile in HOSTILE if hostile.truth == TRUE)
    assert [right(false, found) for found in ("proved", "searched", "refuted", REFUSED, CRASHED)] == [
        *(False, False, True, True),
        False,
    ]
    assert [right(true, found) for found in ("proved", "undecided", "refuted", REFUSED)] == [True, True, False, False]
    text, wrong = table([false], ["sampled"])
    assert not wrong
    assert text.count("\n") == len(KINDS) + 1
