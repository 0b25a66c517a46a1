"""The audit: every printed statement of a publication is accounted for, with evidence that can be replayed."""

import re

import pytest

from theory import bounds
from theory.bibliography import ENTRIES
from theory.printed import not_checkable
from verify.evidence.question import Question
from verify.evidence.result import Verdict
from verify.judging.judge import judge
from verify.reports.audit_page import page
from verify.reports.html import prose
from verify.reports.markup import plain
from verify.studies.assumptions import breaks
from verify.studies.audit import Finding, audit, audited

KEY = "gao-sener-2020"
PRINTED = [name for name in bounds.names() if bounds.claim(name).printed]


def judged(name):
    return judge(Question(bounds.claim(name).changed(reductions=())), level="sampled")[0]


@pytest.fixture(scope="module")
def entries():
    """The audit of the source's two statements whose range or truth is at stake."""
    records = [judged("gao_sener_theorem5_minimum"), judged("gao_sener_lower_curvature"), judged("lower_curvature")]
    limits = {record.name: list(breaks(Question(bounds.claim(record.name)))) for record in records[:1]}
    return {entry.claim or entry.source: entry for entry in audit(records, [KEY], limits)}


def test_theorem_5_is_confirmed_on_a_larger_range(entries):
    entry = entries["gao_sener_theorem5_minimum"]
    assert entry.finding is Finding.LARGER
    assert entry.limits[0].boundary.guess == 2
    (instead,) = entry.instead
    assert (instead.name, instead.verdict) == ("adaptation_never_hurts", "")


def test_the_remark_is_refuted_with_counterexample_and_correction(entries):
    entry = entries["gao_sener_lower_curvature"]
    assert entry.finding is Finding.REFUTED
    (instead,) = entry.instead
    assert (instead.name, instead.verdict) == ("lower_curvature", "sampled")
    assert "5/3" in instead.title
    exec(entry.counterexample, {})  # asserts its own outcome


def test_claims_that_are_not_printed_have_no_entry(entries):
    assert "lower_curvature" not in entries


def test_what_cannot_be_checked_is_listed_with_its_reason(entries):
    listed = [entry for entry in entries.values() if entry.finding is Finding.NOT_CHECKABLE]
    assert len(listed) == len(not_checkable(KEY)) > 0
    assert all(entry.evidence and entry.instead for entry in listed)


def test_the_page_says_of_each_statement_what_became_of_it(entries):
    text = page(list(entries.values()))
    for words in ("CONFIRMED ON A LARGER RANGE", "REFUTED AS PRINTED", "NOT CHECKABLE", "Counterexample:", "Instead"):
        assert words in text
    assert ":math:" not in text


@pytest.mark.parametrize("width", [60, 79, 100])
def test_the_page_fits_a_terminal(entries, width):
    lines = page(list(entries.values()), width).splitlines()
    code = re.compile(r"    (from|import|tasks|instance|assert|lhs|CLAIM|S\.)")
    assert [line for line in lines if (len(line) > width and not code.match(line)) or line != line.rstrip()] == []


def test_a_missed_control_is_undecided_and_never_confirmed():
    record = judged("gao_sener_lower_curvature")
    record.verdict, record.counterexample = Verdict.UNDECIDED, {}
    assert audited(bounds.claim("gao_sener_lower_curvature"), record).finding is Finding.UNDECIDED


@pytest.mark.parametrize("name", ["lower_curvature", "gao_sener_theorem5_risk"])
def test_a_printed_range_that_is_not_exceeded_is_only_confirmed(name):
    """The second holds beyond the range of its claim, which is not printed."""
    claim = bounds.claim(name)
    assert audited(claim, judged(name), list(breaks(Question(claim)))).finding is Finding.CONFIRMED


@pytest.mark.parametrize("name", PRINTED)
def test_every_printed_claim_says_where_it_is_printed(name):
    claim = bounds.claim(name)
    assert claim.source.key in ENTRIES
    assert re.search(r"section|Theorem|Proposition|eq\.|abstract|smoothness", claim.source.place)
    if claim.expected == "refuted":
        assert claim.corrected, f"{name} is refuted and names no corrected claim"


@pytest.mark.parametrize("name", PRINTED)
def test_every_printed_claim_states_in_our_words_what_is_printed(name):
    record = judged("gao_sener_lower_curvature")
    claim = bounds.claim(name)
    record.name = name
    entry = audited(claim, record)
    assert entry.statement not in ("", claim.title)
    assert ".. math" not in page([entry])
    assert ".. math" not in prose(entry.statement)
    # all of it, and nothing of ours within it: how we read it stands apart
    assert entry.statement[-1] == "."
    assert not re.search(r":mod:|:func:|\b(we|our|here|judged|claim|audit\w*|only)\b", entry.statement)
    assert ("Read as: " in page([entry])) == bool(entry.reading)


@pytest.mark.parametrize("key", ENTRIES)
def test_claims_named_instead_exist(key):
    for entry in not_checkable(key):
        for name in entry.instead:
            assert bounds.claim(name).name == name


def test_markup_is_taken_off():
    assert plain(r"for :math:`\alpha\le1` see :mod:`x`") == "for α ≤ 1 see x"
