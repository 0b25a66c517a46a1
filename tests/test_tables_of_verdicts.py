"""Verdicts on a terminal: readable from 60 columns on, failures first, parts folded, nothing rounded to what it is not."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import bounds
from verify.evidence.question import Question
from verify.evidence.result import Verdict
from verify.judging.judge import judge
from verify.judging.record import Record
from verify.reports.text import counted, counterexamples, summary, table
from verify.shell.numbers import ratio_text

WIDTHS = [60, 80, 100, 160]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    names = ("distance", "gao_sener_lower_curvature", "lower_curvature")
    return [record for name in names for record in judge(Question(bounds.claim(name)), level="sampled")]


@pytest.fixture
def failing(records: list[Record]) -> list[Record]:
    found = [replace(record) for record in records]
    for record in found:
        if record.name == "lower_curvature/numerator":
            record.verdict, record.detail = Verdict.UNDECIDED, "control missed: the same search misses the false sibling"
    return found


def lines(records: list[Record], width: int, *, steps: bool = False) -> list[str]:
    return table(records, width, steps=steps).plain.splitlines()


@pytest.mark.parametrize("steps", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_line_fits_and_ends_without_spaces(failing: list[Record], width: int, steps: bool) -> None:
    for line in lines(failing, width, steps=steps):
        assert len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("width", WIDTHS)
def test_verdicts_ratios_instances_and_reasons_are_whole(failing: list[Record], width: int) -> None:
    text = " ".join(" ".join(lines(failing, width, steps=True)).split())
    for record in failing:
        figures = (ratio_text(record.worst_ratio), f"{record.instances:,}")
        for part in (record.name.rpartition("/")[2], record.verdict.value, *figures):
            assert part in text
    assert "control missed: the same search misses the false sibling" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_not_as_expected_comes_first_with_its_reason(failing: list[Record], width: int) -> None:
    first, second, third, *_ = lines(failing, width)
    assert first == "not as expected"
    assert second.split()[:2] == ["lower_curvature/numerator", "undecided"]
    assert third.strip().startswith("expected: to hold")


def test_parts_that_are_as_expected_are_folded(records: list[Record], failing: list[Record]) -> None:
    folded = lines(records, 80)
    claims = dict.fromkeys(record.name.split("/")[0] for record in records)
    assert [line.split()[0] for line in folded if not line.startswith(" ")] == ["claim", *claims]
    assert "    3 steps and 4 controls as expected" in folded
    assert "    2 steps and 4 controls as expected" in lines(failing, 80)
    unfolded = lines(records, 80, steps=True)
    assert sum(line.startswith("  ") and not line.startswith("   ") for line in unfolded) >= sum("/" in r.name for r in records)


def test_a_name_longer_than_its_column_has_a_line_of_its_own(records: list[Record]) -> None:
    found = replace(records[0], name="a" * 70)
    assert lines([found], 80)[1:3][0] == "a" * 70
    assert lines([found], 80)[2].split()[0] == found.verdict.value


def test_a_summary_names_two_failures_and_counts_the_rest(records: list[Record]) -> None:
    wrong = [replace(record, verdict=Verdict.DISAGREEMENT) for record in records]
    assert summary(wrong) == (
        f"0 of {len(wrong)} verdicts as expected; not as expected: distance, distance/false-sibling and {len(wrong) - 2} more"
    )
    assert summary(records) == f"{len(records)} of {len(records)} verdicts as expected"
    assert counted(wrong) == f"{len(wrong)} disagreement"


def test_one_counterexample_is_printed_once(records: list[Record]) -> None:
    (refuted,) = [record for record in records if record.name == "gao_sener_lower_curvature"]
    script = refuted.counterexample["simplest"]
    printed = counterexamples([replace(refuted, counterexample={"simplest": script, "worst": script})])
    assert printed.count("CLAIM") == script.count("CLAIM") > 0
    assert printed.startswith("# gao_sener_lower_curvature: the simplest and worst counterexample")


@given(st.floats(-1e12, 1e12))
def test_a_ratio_is_printed_as_one_only_if_it_is(value: float) -> None:
    shown = ratio_text(value)
    assert (shown == "1") == (value == 1)
    assert not shown.startswith("1.000000")


@given(st.floats(1e-15, 1e-3), st.sampled_from([-1, 1]))
def test_what_is_printed_near_one_is_near_the_value(step: float, sign: int) -> None:
    value = 1 + sign * step
    shown = ratio_text(value)
    read = Fraction(1) + Fraction(shown[1:].replace(" ", "")) if " " in shown else Fraction(shown)
    assert abs(float(read) - value) <= 5e-7 * max(1.0, abs(value))
    assert (read > 1) == (value > 1)


def test_no_ratio_is_nothing() -> None:
    assert ratio_text(math.nan) == ""
