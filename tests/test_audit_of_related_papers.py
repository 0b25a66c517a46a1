"""The audits of the related papers say how each is known, what became of what it states, and what was derived beside it."""

import pytest

from theory.bibliography import ENTRIES
from theory.bounds import claim, names
from theory.provenance import provenance
from verify.evidence.question import Question
from verify.judging.judge import judge
from verify.judging.record import Record
from verify.reports.audit_page import page
from verify.reports.html import as_html
from verify.studies.audit import Finding, audit, beside

KEYS = ("adibi-2020", "zhou-2021", "gao-2022", "mavridis-2022", "kirsch-2022", "zhang-2024", "ahn-2023")
KEYS += ("tack-2023", "maraval-2023", "wang-2020")


@pytest.fixture(scope="module")
def records() -> list[Record]:
    wanted = ("zhou_equation5", "quadratic_regret", "learned_map", "kernel_ridge")
    return [record for name in wanted for record in judge(Question(claim(name)).alone(), level="sampled")]


@pytest.mark.parametrize("key", KEYS)
def test_every_related_paper_says_how_it_is_known_and_has_claims(key: str) -> None:
    known = provenance(key)
    assert known is not None
    assert key in ENTRIES
    of_key = [claim(name) for name in names() if claim(name).source.key == key]
    assert of_key
    # what is recalled is said to be so, and is not called printed
    assert any(each.source.recalled for each in of_key) <= bool(known.recalled)
    assert not any(each.source.recalled and each.printed for each in of_key)


def test_a_claim_of_these_papers_says_whether_it_is_printed_recalled_or_derived() -> None:
    for name in names():
        stated = claim(name)
        if stated.source.key in KEYS and not stated.printed and not stated.source.recalled:
            assert "derived here" in stated.source.place, name


def test_a_page_says_what_was_read_what_is_recalled_and_what_was_refuted(records: list[Record]) -> None:
    zhou = page(audit(records[:1], ["zhou-2021"]), 79, provenance("zhou-2021"), beside(records, "zhou-2021"))
    for part in (
        "zhou-2021: HOW IT IS KNOWN",
        "Read: its sections 3.2 to 3.5.",
        "until read: nothing.",
        "zhou-2021, eq. (5): REFUTED AS PRINTED",
        "Instead (kernel_flow, not judged here)",
        "zhou-2021: DERIVED HERE BESIDE IT",
        "kernel_ridge, sampled: ",
    ):
        assert part in zhou
    assert "lacks a minus sign" in zhou
    assert max(map(len, zhou.splitlines())) <= 128
    gao = page(audit(records, ["gao-2022"]), 79, provenance("gao-2022"), beside(records, "gao-2022"))
    assert "gao-2022, regret of mirror descent, recalled: CONFIRMED (SAMPLED)" in gao
    assert "Recalled, in our words: The regret of mirror descent" in gao
    assert "learned_map, sampled: " in gao


def test_what_is_recalled_too_vaguely_is_not_checkable(records: list[Record]) -> None:
    (entry,) = audit([], ["adibi-2020"])
    assert (entry.finding, entry.recalled) == (Finding.NOT_CHECKABLE, True)
    assert "0.53" in entry.statement


def test_a_web_page_says_how_a_paper_is_known() -> None:
    known = [found for key in ("gao-2022", "tack-2023") if (found := provenance(key))]
    text = as_html([], audit([], ["adibi-2020"]), known=known)
    said = (
        "gao-2022: how it is known",
        "<b>Read.</b> its abstract and its code.",
        "Found beside",
        "<b>Recalled</b>, in our words",
    )
    assert all(part in text for part in said)
