"""The compiled loop of a claim finds what NumPy arrays and exact numbers find on the same instances, and how it is made."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import Abs, Integer, Interval, Max, Min, Range, Rational, exp, oo, sqrt

from theory.bounds import claim, names
from theory.claim import Claim, FalseSibling, Source, Tasks
from theory.notation import alpha, beta, k, nu, p, x
from verify import cache_folder, mass, primitives, sampled
from verify.compare import NOMINATION, Outcome, Subject
from verify.enclosure import ends
from verify.evidence import Evidence
from verify.instances import Cell
from verify.long_search import search
from verify.mass import BLOCK, Loop, applies

FOREVER = float("inf")


def odd(relation: str = "<=", **changes: Any) -> Claim:
    """A claim with everything that a side may contain, integers as exponents and as numbers, and every kind of interval."""
    made = Claim(
        name="odd",
        title="everything at once",
        lhs=Abs(1 - alpha * beta) ** k * sqrt(x) / (1 + nu ** Rational(3, 2)) + Min(x, nu, 1) * exp(-x) / 3,
        relation=relation,
        rhs=Max(x, 2) ** (2 * k - 1) + k**2 * (1 + x) ** -2 + p / (x - Rational(1, 2)) ** 2,
        parameters={
            k: Range(1, 4),
            p: Range(1, 3),
            beta: Interval.open(0, oo),
            nu: Interval.Ropen(0, beta),
            alpha: Interval.Lopen(0, Min(2 / beta, 4)),
            x: Interval(0, 1),
        },
        source=Source("derived here"),
        false_sibling=FalseSibling("nonsense", {"rhs": Integer(0)}),
    )
    return made.changed(**changes)


def scalar_claims() -> list[Claim]:
    """The project's claims about numbers alone."""
    wholes = [claim(name) for name in names()]
    parts = [part for whole in wholes for part in (whole, *(step for step in whole.reductions if isinstance(step, Claim)))]
    return [part for part in parts if part.failure_probability is None and applies(Subject(part))]


ALIKE = [odd(), odd("=="), claim("adaptation_never_hurts_sampled/ends"), claim("distance/square")]


@pytest.mark.parametrize("subject", ALIKE, ids=lambda subject: subject.name + subject.relation[0])
def test_the_loop_finds_what_arrays_and_exact_numbers_find(subject: Claim) -> None:
    loop, rng, compared = Loop(Subject(subject)), np.random.default_rng(0), 0
    for _ in range(6):
        cell, seed = loop.subject.space.random_cell(rng), int(rng.integers(2**62))
        codes = loop.codes(cell, seed, 0, 500)
        sides = loop.subject.sides(cell, codes)
        worst = loop.worst(cell, seed, 500)
        assert worst.gap == pytest.approx(sides.gap.max(), rel=1e-12, abs=1e-13)
        assert sides.gap[worst.number] == pytest.approx(worst.gap, rel=1e-12, abs=1e-13)
        assert worst.undefined == sides.undefined.sum()
        for row in codes[:12]:
            replay, found = loop.subject.replay(cell, row), loop.sides(cell, row)
            assert (replay.outcome is Outcome.UNDEFINED) == (not np.isfinite(found[:2]).all())
            if replay.lhs:
                compared += 1
                exact = [float(sum(ends(side)) / 2) for side in (replay.lhs[0], replay.rhs[0])]
                # the sides of some identities cancel, and their rounding is relative to what does
                size = 1e-13 * (1 + abs(exact[0]) + abs(exact[1]) + found[2])
                np.testing.assert_allclose(found[:2], exact, rtol=1e-12, atol=size)
    assert compared > 40


def test_every_claim_about_numbers_has_a_loop_and_no_other() -> None:
    found = scalar_claims()
    assert len(found) >= 15
    for subject in found:
        compile(Loop(Subject(subject)).text, "generated", "exec")
    assert not applies(Subject(claim("distance")))
    assert not applies(Subject(claim("stationarity/maml")))
    assert not applies(Subject(odd(tasks=Tasks("free"), lhs=x, rhs=x)))


def test_codes_are_those_of_a_batch_wherever_it_begins() -> None:
    loop = Loop(Subject(odd()))
    cell = loop.subject.space.smallest_cell()
    whole = loop.codes(cell, 3, 0, 64)
    np.testing.assert_array_equal(loop.codes(cell, 3, 40, 24), whole[40:])
    assert not np.array_equal(loop.codes(cell, 4, 0, 64), whole)
    assert loop.worst(cell, 3, 24, first=40).number >= 40


@pytest.mark.parametrize("bits", [1, 2, 5, 16])
def test_codes_stay_in_range_and_meet_every_value_and_both_ends(bits: int) -> None:
    codes = np.empty((4000, 5), np.int64)
    primitives.fill(11, 0, bits, codes)
    assert codes.min() == 0
    assert codes.max() == 1 << bits
    assert len(np.unique(codes[:, 0])) > min(1 << bits, 900)
    first, last = codes[:, :1], codes[:, 4]
    assert (np.abs(first[:, 0] - last) <= 1).mean() > 0.15
    for end in (0, 1 << bits):
        assert 0.05 < (last == end).mean() < 0.6


def test_a_violation_in_a_mass_is_found_and_confirmed() -> None:
    # false by a hundredth, in a window of a few ten-thousandths
    narrow = odd(
        lhs=Max(0, 1 - 4000 * Abs(x - Rational(3141, 10000))) / 100,
        rhs=Integer(0),
        parameters={},
        relation="<=",
    )
    found = sampled.gather(Subject(narrow), np.random.SeedSequence(0), FOREVER, numbers=mass.WORTHWHILE)
    assert found.violation is not None
    assert abs(found.violation.codes[-1] / 65536 - 0.3141) < 1 / 2000


def test_a_mass_counts_what_it_compares_and_keeps_the_worst() -> None:
    subject, evidence = Subject(odd()), Evidence()
    mass.add(subject, np.random.default_rng(0), 3 * BLOCK + 5, FOREVER, evidence)
    assert evidence.instances == 3 * BLOCK
    assert 0 < evidence.undefined < evidence.instances
    assert evidence.worst is not None
    assert evidence.worst_gap == pytest.approx(subject.sides(evidence.worst[0], np.array([evidence.worst[1]])).gap[0])
    late = Evidence()
    mass.add(subject, np.random.default_rng(0), 3 * BLOCK, -FOREVER, late)
    assert (late.instances, late.complete) == (0, False)


def test_rounding_that_looks_like_a_violation_everywhere_refutes_nothing() -> None:
    """Doubles make zero of what underflows, which is then exceeded by everything."""
    tiny = x**2 * Rational(1, 2**700)
    rounding = Subject(odd(lhs=tiny, rhs=tiny * 2**350 * Rational(1, 2**350) + x**9 * Rational(1, 2**1200), parameters={}))
    evidence = Evidence()
    mass.add(rounding, np.random.default_rng(0), BLOCK, FOREVER, evidence)
    assert evidence.violation is None
    assert evidence.instances == BLOCK


def test_generated_code_is_a_file_named_by_its_content_and_reused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METABOUNDS_CACHE", str(tmp_path))
    subject = Subject(odd(title="in a folder of its own", lhs=x, rhs=x + Rational(1, 7)))
    loop, cell = Loop(subject), subject.space.smallest_cell()
    first = loop.worst(cell, 0, 10)
    (path,) = (tmp_path / "code").glob("*.py")
    assert path.read_text() == loop.text
    assert list((tmp_path / "code" / "__pycache__").glob("*.nbi"))
    written = path.stat().st_mtime_ns
    del sys.modules[loop.module.__name__]
    again = Loop(subject)
    assert again.worst(cell, 0, 10) == first
    assert path.stat().st_mtime_ns == written
    assert again.module is not loop.module


def test_without_a_cache_the_code_lives_as_long_as_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METABOUNDS_CACHE", "")
    assert cache_folder.folder() is None
    module = mass.load("VALUE = 7\n")
    assert module.VALUE == 7
    assert Path(str(module.__file__)).exists()


def test_an_exponent_that_need_not_be_whole_is_refused() -> None:
    with pytest.raises(TypeError, match="a power has an exponent that need not be a whole number"):
        _ = Loop(Subject(odd(lhs=x, rhs=(1 + x) ** (k / 2)))).text


def test_a_long_search_of_numbers_adds_up_and_resumes(tmp_path: Path) -> None:
    subject = claim("distance/square")
    whole = search(subject, 2, tmp_path / "whole")
    begun = search(subject, 1, tmp_path / "parts")
    resumed = search(subject, 2, tmp_path / "parts")
    assert begun.instances > mass.WORTHWHILE
    assert (resumed.runs, resumed.resumed, resumed.instances) == (2, 1, whole.instances)
    assert (tmp_path / "parts").read_text() == (tmp_path / "whole").read_text()


def test_nominations_of_the_loop_are_those_of_arrays() -> None:
    false = Subject(claim("distance/core").sibling())
    loop, cell = Loop(false), Cell(false.space.smallest_cell().shape)
    worst = loop.worst(cell, 1, 2000)
    assert worst.gap > NOMINATION
    assert false.violation(cell, loop.codes(cell, 1, worst.number, 1)[0]) is not None


def test_the_loop_of_a_known_number() -> None:
    lone = Loop(Subject(Claim("lone", "2 <= 3", Integer(2), "<=", Integer(3), Source("derived here"), None, {k: Range(1, 3)})))
    assert lone.sides(lone.subject.space.smallest_cell(), np.empty(0)) == (2.0, 3.0, 0.0)
    assert lone.worst(lone.subject.space.smallest_cell(), 0, 5).gap == pytest.approx(float(Fraction(-1, 5)))
