"""Families of a user's own: dataclasses of rationals and whole numbers are judged, moved, mapped and printed like ours."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Interval, Range, Symbol

import verify
from theory.claim import Claim, FalseSibling, Instances, NoValue, Source, measured
from theory.notation import alpha
from verify import bounds, breaks, long_search, tightness
from verify.evidence import sampled
from verify.evidence.counterexample import script, simplest
from verify.evidence.question import Question
from verify.evidence.replay import Outcome
from verify.evidence.result import Effort, Verdict
from verify.instances.batch import BITS, FINEST, Cell, instance
from verify.instances.families.quadratic import TaskArrays
from verify.instances.family import Family, entries, mapped
from verify.instances.space import Space
from verify.judging.judge import judge
from verify.judging.sources import Reference
from verify.quantities import Quantity, measure

#: sets of elements, each with a weight, as rows of zeros and ones: how much they cover, and what is counted twice
OWN = '''
"""What some sets cover is at most what they weigh together."""
from dataclasses import dataclass
import numpy as np
from sympy import Interval, Range, Rational, Symbol
from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import alpha
from verify.instances.family import Family
from verify.quantities import Quantity

elements = Symbol("elements", integer=True, positive=True)
sets = Symbol("sets", integer=True, positive=True)
covered, weighed = Symbol("covered", real=True), Symbol("weighed", real=True)


@dataclass
class Coverage:
    weights: np.ndarray      # (batch, elements)
    members: np.ndarray      # (batch, sets, elements) of 0 and 1
    prices: dict             # per set, (batch, sets)


def decode(codes, values):
    return Coverage(
        codes.weights(values[elements]),
        codes.integers(values[sets], values[elements], most=1),
        {"all": values[alpha] * codes.positive(values[sets])},
    )


FAMILIES = {"own_coverage": Family("own_coverage", "sets of weighted elements", decode,
                               {elements: Range(1, 7), sets: Range(1, 5)}, (alpha,))}


def covers(batch):
    return (batch.tasks.weights * batch.tasks.members.max(axis=1)).sum(axis=1, keepdims=True)


def covers_exactly(one):
    return [sum(w for e, w in enumerate(one.tasks.weights[0]) if any(row[e] for row in one.tasks.members[0]))]


def weighs(batch):
    return (batch.tasks.weights[:, None] * batch.tasks.members).sum(axis=(1, 2))[:, None]


def weighs_exactly(one):
    return [sum(w * int(row[e]) for row in one.tasks.members[0] for e, w in enumerate(one.tasks.weights[0]))]


QUANTITIES = {"covered": Quantity(covers, covers_exactly), "weighed": Quantity(weighs, weighs_exactly)}
CLAIM = Claim(
    name="covers", title="sets cover at most what they weigh", lhs=covered, relation="<=", rhs=weighed,
    source=Source("derived here"), parameters={alpha: Interval.open(0, 2)},
    tasks=Instances("own_coverage", {sets: Range(1, 4)}),
    measured={covered: measured("covered"), weighed: measured("weighed")},
    false_sibling=FalseSibling("nine tenths", {"rhs": Rational(9, 10) * weighed}),
)
'''
#: the same, false: sets overlap, and are not empty
FALSE = OWN + "CLAIM = CLAIM.changed(lhs=weighed, rhs=covered + Rational(1, 10), false_sibling=None)\n"


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str = OWN) -> Path:
        path = tmp_path / "covers.py"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_claim_about_a_family_of_ones_own_is_judged(
    own: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], jobs: int
) -> None:
    assert bounds.main([str(own()), "--jobs", str(jobs), "--json", str(tmp_path / "out.json")]) == 0, capsys.readouterr().out
    records = json.loads((tmp_path / "out.json").read_text())
    assert [record["verdict"] for record in records] == ["searched", "refuted"]
    assert records[0]["worst_ratio"] == 1
    names: dict[str, Any] = {}
    exec(records[1]["counterexample"]["simplest"], names)
    assert names["lhs"][0] > names["rhs"][0]


def test_a_printed_counterexample_executes_and_is_the_same_instance(own: Callable[..., Path]) -> None:
    """Whole numbers stay whole, fractions exact, dictionaries dictionaries, and the file's own class is found."""
    question = Reference(str(own(FALSE))).load()
    found = sampled.gather(question, Effort()).violation
    assert found is not None
    for one in (found, simplest(question, found)):
        names: dict[str, Any] = {}
        text = script(question, one)
        exec(text, names)
        assert (names["lhs"], names["rhs"]) == (one.lhs, one.rhs)
        again, tasks = names["instance"].tasks, one.instance.tasks
        assert type(again).__name__ == "Coverage"
        assert again.members.dtype.kind == "i"
        np.testing.assert_array_equal(again.members, tasks.members)
        np.testing.assert_array_equal(again.weights, tasks.weights)
        np.testing.assert_array_equal(again.prices["all"], tasks.prices["all"])
        assert all(isinstance(weight, Fraction) for weight in again.weights.ravel())


def test_the_simplest_counterexample_of_ones_own_family_is_simple(own: Callable[..., Path]) -> None:
    """Two sets with one element, which is counted twice."""
    question = Reference(str(own(FALSE))).load()
    found = simplest(question, sampled.gather(question, Effort()).violation)
    assert found.instance.tasks.members.tolist() == [[[1], [1]]]
    assert found.instance.tasks.weights.tolist() == [[1]]


def _pasted(out: str) -> None:
    lines = out.splitlines()
    first = next(index for index, line in enumerate(lines) if line.strip().startswith(("from fractions", "import numpy")))
    exec(textwrap.dedent("\n".join(lines[first:])), {})


def test_other_commands_take_a_family_of_ones_own(
    own: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tightness.main([str(own())]) == 0
    assert "worst ratio" in capsys.readouterr().out
    assert breaks.main([str(own())]) == 0
    capsys.readouterr()
    assert long_search.main([str(own(FALSE)), "--runs", "1", "--state", str(tmp_path / "state")]) == 1
    _pasted(capsys.readouterr().out)


# --- pieces -------------------------------------------------------------------------------------------------------------------


elements = Symbol("elements", integer=True, positive=True)
total, count = Symbol("total", real=True), Symbol("count", real=True)


@dataclass
class Urn:
    """Balls of some sizes and colours."""

    sizes: Any
    colours: Any
    named: dict[str, Any]


def _urn(codes: Any, values: Any) -> Urn:
    number = values[elements]
    sizes = values[alpha] * codes.positive(number) + codes.anywhere(number)
    square = sizes[..., None] * sizes[..., None, :]
    return Urn(sizes, codes.integers(number, most=6) * codes.signs(number), {"square": square})


URNS = {"urns": Family("urns", "balls of some sizes and colours", _urn, {elements: Range(1, 6)}, (alpha,))}
OURS = {
    "total": Quantity(
        lambda batch: (batch.tasks.sizes * batch.tasks.colours).sum(axis=1, keepdims=True),
        lambda one: [sum((a * int(b) for a, b in zip(one.tasks.sizes[0], one.tasks.colours[0], strict=True)), Fraction(0))],
        lambda batch: np.abs(batch.tasks.sizes * batch.tasks.colours).sum(axis=1, keepdims=True),
    ),
    "count": Quantity(
        lambda batch: np.abs(batch.tasks.colours).sum(axis=1, keepdims=True).astype(float),
        lambda one: [Fraction(int(abs(one.tasks.colours[0]).sum()))],
    ),
}


def urns(**changes: Any) -> Claim:
    fields: dict[str, Any] = {
        "parameters": {alpha: Interval.open(0, 1)},
        "lhs": count,
        "rhs": 6 * elements,
        "measured": {count: measured("count")},
        "tasks": Instances("urns", {elements: Range(1, 5)}),
        "false_sibling": FalseSibling("a colour less", {"rhs": 5 * elements}),
    } | changes
    return Claim("urns", "colours", relation="<=", source=Source("here"), **fields)


def test_a_family_given_to_a_question_is_judged_with_its_sizes_as_symbols() -> None:
    question = Question(urns(), OURS, URNS)
    assert question.space.shapes[elements] == Range(1, 5)
    records = judge(question, level="sampled")
    assert [record.verdict for record in records] == [Verdict.SAMPLED, Verdict.REFUTED]
    assert records[0].worst_ratio == 1


@settings(max_examples=30)
@given(data=st.data())
def test_codes_of_a_family_are_the_same_in_doubles_and_rationals(data: st.DataObject) -> None:
    space = Space(urns(), URNS)
    bits, wide = data.draw(st.sampled_from([2, BITS, FINEST])), data.draw(st.booleans())
    cell = Cell(((elements, data.draw(st.integers(1, 4))),), bits, wide)
    codes = data.draw(st.lists(st.integers(0, 1 << cell.bits), min_size=space.length(cell), max_size=space.length(cell)))
    exact, floats = space.exact(cell, codes).tasks, space.floats(cell, np.array([codes, codes])).tasks
    np.testing.assert_array_equal(floats.colours[1], exact.colours[0])
    assert exact.colours.dtype.kind == floats.colours.dtype.kind == "i"
    top = float(max(abs(size) for size in exact.sizes[0]))
    np.testing.assert_allclose(floats.sizes[1], exact.sizes[0].astype(float), rtol=1e-13, atol=1e-13 * top)


def test_entries_and_mapped_go_through_dictionaries_and_change_nothing_else() -> None:
    urn = Urn(np.ones((1, 2)), np.arange(2)[None], {"square": np.ones((1, 2, 2))})
    assert [name for name, _ in entries(urn)] == ["sizes", "colours", "named"]
    twice = mapped(urn, lambda values: 2 * values)
    assert isinstance(twice, Urn)
    assert twice.colours.tolist() == [[0, 2]]
    assert twice.named["square"].tolist() == [[[2, 2], [2, 2]]]
    assert urn.named["square"].tolist() == [[[1, 1], [1, 1]]]
    with pytest.raises(TypeError, match="a family's decoder must return a dataclass of arrays, or None"):
        list(entries(3))


def test_moving_an_instance_moves_real_numbers_by_their_last_bits_and_whole_ones_not_at_all() -> None:
    space = Space(urns(), URNS)
    cell = Cell(((elements, 3),))
    codes = space.random_codes(cell, 5, np.random.default_rng(0))
    batch, moved = space.floats(cell, codes), space.floats(cell, codes)
    measure.move(moved, 2.0**-24)
    np.testing.assert_array_equal(moved.tasks.colours, batch.tasks.colours)
    part = np.abs(moved.tasks.sizes / batch.tasks.sizes - 1)
    np.testing.assert_allclose(part, 2.0**-24, rtol=1e-6)
    square, before = moved.tasks.named["square"], batch.tasks.named["square"]
    np.testing.assert_array_equal(square, np.swapaxes(square, -1, -2))
    assert np.any(square != before)
    assert np.all(np.abs(square - before) <= 2.0**-23 * np.abs(before).max(axis=(-2, -1), keepdims=True))


def test_doubles_that_are_wrong_about_a_family_of_ones_own_are_noticed() -> None:
    ours = OURS["total"]
    theirs = {**OURS, "wrong": Quantity(lambda batch: ours.floats(batch) * (1 + 1e-5), ours.exact, ours.scale)}
    claim = urns(lhs=total, rhs=total + elements, measured={total: measured("wrong")}, false_sibling=None)
    (record,) = judge(Question(claim, theirs, URNS), level="sampled")
    assert record.verdict is Verdict.DISAGREEMENT
    (right,) = judge(Question(claim.changed(measured={total: measured("total")}), theirs, URNS), level="sampled")
    assert right.verdict is Verdict.UNDECIDED  # it has no false sibling


def test_a_property_test_takes_a_family_of_ones_own() -> None:
    verify.property_test(urns(), OURS, URNS)()
    with pytest.raises(sampled.Violated) as failure:
        verify.property_test(urns(rhs=5 * elements), OURS, URNS)()
    text = str(failure.value).partition("is violated:\n")[2]
    assert f"from {__name__} import Urn" in text
    names: dict[str, Any] = {"CLAIM": urns(rhs=5 * elements), "QUANTITIES": OURS, "Urn": Urn}
    exec(text.replace(f"from {__name__} import Urn\n", ""), names)
    assert names["instance"].tasks.colours.tolist() == [[6]]


def test_where_an_instance_of_a_family_has_no_value_nothing_is_claimed() -> None:
    """The smallest of no balls: theory says so by NoValue, numerics by what is not a number."""

    def smallest(one: Any) -> list[Fraction]:
        kept = [size for size, colour in zip(one.tasks.sizes[0], one.tasks.colours[0], strict=True) if colour]
        if not kept:
            raise NoValue("no ball has a colour")
        return [Fraction(min(kept))]

    def in_doubles(batch: Any) -> Any:
        kept = np.where(batch.tasks.colours != 0, batch.tasks.sizes, np.inf).min(axis=1, keepdims=True)
        return np.where(np.isfinite(kept), kept, np.nan)

    least = Symbol("least", real=True)
    own = {"least": Quantity(in_doubles, smallest)}
    sibling = FalseSibling("less", {"rhs": least - 1})
    claim = urns(lhs=least, rhs=least + 1, measured={least: measured("least")}, false_sibling=sibling)
    question = Question(claim, own, URNS)
    cell = question.space.smallest_cell()
    assert question.replay(cell, (0,) * question.space.length(cell)).outcome is Outcome.UNDEFINED
    evidence = sampled.gather(question, Effort())
    assert evidence.undefined > 0
    assert evidence.compared > 0
    assert [record.verdict for record in judge(question, level="sampled")] == [Verdict.SAMPLED, Verdict.REFUTED]


# --- what is refused ----------------------------------------------------------------------------------------------------------


def test_a_step_with_its_claims_own_name_is_refused() -> None:
    whole = urns()
    with pytest.raises(ValueError, match=f"a step of the proof of claim {whole.name} has the claim's own name"):
        whole.changed(reductions=(whole,))


def test_a_family_or_quantity_with_a_name_of_ours_is_refused() -> None:
    with pytest.raises(ValueError, match="FAMILIES brings 'free', which is a family of the project; give yours"):
        Question(urns(), OURS, {**URNS, "free": URNS["urns"]})
    with pytest.raises(ValueError, match="QUANTITIES brings 'distance', which is a quantity of the project; give yours"):
        Question(urns(), {**OURS, "distance": OURS["total"]}, URNS)


def test_one_of_ours_under_its_own_name_is_no_other() -> None:
    from verify.instances.families import FAMILIES
    from verify.quantities import QUANTITIES

    Question(urns(), {**OURS, "distance": QUANTITIES["distance"]}, {**URNS, "free": FAMILIES["free"]})


@pytest.mark.parametrize(
    ("own", "families", "sentence"),
    [
        ({"total": 3}, URNS, r"QUANTITIES\['total'\] is 3; it must be a verify.quantities.Quantity"),
        (OURS, {"urns": 3}, r"FAMILIES\['urns'\] is 3; it must be a verify.instances.family.Family"),
        ([OURS["total"]], URNS, r"QUANTITIES is \[.*; it must be a dictionary of verify.quantities.Quantity by name"),
        (OURS, [URNS["urns"]], r"FAMILIES is \[.*; it must be a dictionary of verify.instances.family.Family by name"),
    ],
)
def test_what_is_no_quantity_or_family_is_refused(own: Any, families: Any, sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        Question(urns(), own, families)


def test_an_unknown_family_an_unknown_size_and_a_missing_parameter_are_refused() -> None:
    other = Symbol("other", integer=True, positive=True)
    with pytest.raises(ValueError, match=r"is about the family 'urns'; it must be one of .*free.*, or be brought by the"):
        Question(urns(), OURS)
    with pytest.raises(ValueError, match="gives the family 'urns' the size other; its sizes are elements"):
        Question(urns(tasks=Instances("urns", {elements: Range(1, 5), other: Range(1, 3)})), OURS, URNS)
    with pytest.raises(ValueError, match="declares no alpha; tasks of the law 'urns' need it as a parameter"):
        Question(urns(parameters={}), OURS, URNS)


def test_a_file_with_a_shadowed_name_is_one_sentence_and_exit_2(
    own: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for line, said in (
        ('QUANTITIES["diameter"] = QUANTITIES["covered"]\n', "QUANTITIES brings 'diameter'"),
        ('FAMILIES["free"] = FAMILIES["own_coverage"]\n', "FAMILIES brings 'free'"),
    ):
        assert bounds.main([str(own(OWN + line)), "--jobs", "1"]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert err.count("\n") == 1


# --- ours ---------------------------------------------------------------------------------------------------------------------


def test_an_instance_given_by_its_numbers_keeps_whole_numbers_whole_and_makes_others_fractions() -> None:
    one = instance(
        {alpha: Fraction(1, 2)},
        Urn([Fraction(1, 3), 2], np.array([1, -2]), {"square": [[1, 2], [2, 4]]}),
    )
    assert one.tasks.sizes.tolist() == [[Fraction(1, 3), 2]]
    assert all(isinstance(size, Fraction) for size in one.tasks.sizes.ravel())
    assert one.tasks.colours.dtype.kind == "i"
    assert one.tasks.colours.tolist() == [[1, -2]]
    assert one.tasks.named["square"].shape == (1, 2, 2)


def test_weights_of_ours_are_moved_by_their_largest_entry_and_stay_symmetric() -> None:
    rng = np.random.default_rng(0)
    factor = rng.normal(size=(3, 2, 2, 2))
    weights = {"A": factor @ np.swapaxes(factor, -1, -2)}
    arrays = TaskArrays(np.full((3, 2), 0.5), rng.random((3, 2, 2)), rng.random((3, 2, 2)), factor, weights)
    from verify.instances.batch import Batch

    batch = Batch(Cell(()), {}, arrays)
    measure.move(batch, 2.0**-24)
    moved = batch.tasks.weights["A"]
    np.testing.assert_array_equal(moved, np.swapaxes(moved, -1, -2))
    np.testing.assert_allclose(moved, weights["A"], rtol=0, atol=2.0**-23 * np.abs(weights["A"]).max())
    assert np.any(moved != weights["A"])
