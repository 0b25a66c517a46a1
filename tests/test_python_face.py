"""What a reader meets in a Python session: objects that say what they are, and sentences where something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from sympy import Interval, Rational, Symbol

import numerics as nx
import theory.optima
import theory.rules
import verify
from theory import notation
from theory.bounds import claim, names
from theory.claim import Claim, Source
from theory.notation import alpha, meaning, x
from verify import conformance
from verify.evidence.result import Verdict
from verify.judging import cache
from verify.judging.record import Record
from verify.shell import usage_error
from verify.shell.usage_error import UsageError

MINE = Claim("mine", "x < 1 & more", x**2, "<=", Rational(1, 2), Source("derived here"), None, {x: Interval(0, 1)})


def test_objects_say_what_they_are() -> None:
    assert repr(MINE) == "<Claim mine: x**2 <= 1/2>"
    assert MINE._repr_latex_() == r"$x^{2} \le \frac{1}{2}$"
    assert repr(nx.SpectrumTiedTasks(2, 1.5)) == "<SpectrumTiedTasks: dim 2, beta 1.5, gaussian features>"
    tasks = nx.DiscreteTasks([0.5, 0.5], np.ones((2, 1, 1)), np.ones((2, 1)), features="sphere")
    assert repr(tasks) == "<DiscreteTasks: 2 tasks in 1 dimensions, sphere features>"
    record = Record("mine", "", "", False, "holds", Verdict.SEARCHED, 1 - 1e-9, 1234, 0, {}, "", 0.0, 0)
    assert repr(record) == "<Record mine: searched, worst ratio 1 - 1.0e-09, 1,234 instances>"


@pytest.mark.parametrize("name", names())
def test_every_claim_is_shown_in_a_line_and_in_a_notebook(name: str) -> None:
    shown = claim(name)
    assert repr(shown).startswith(f"<Claim {name}: ")
    assert "\n" not in repr(shown)
    latex = shown._repr_latex_()
    assert latex[0] == latex[-1] == "$"
    # what is shown is well formed, with its signs escaped
    element = ElementTree.fromstring(shown._repr_html_().replace("<br>", "<br/>"))
    assert element.findtext("b") == name
    assert latex in "".join(element.itertext())


def test_records_are_tables_in_a_line_and_in_a_notebook() -> None:
    found = verify.judge(MINE, level="sampled")
    assert [record.verdict for record in found] == [Verdict.REFUTED]
    assert found.table().splitlines()[1].split()[:6] == ["mine", "refuted", "(not", "as", "expected)", "2.000000"]
    for shown, rows in ((found, 2), (found[0], 6), (found[:0], 1), (verify.judge("distance/core", level="sampled"), 3)):
        element = ElementTree.fromstring(shown._repr_html_())
        assert len(element.findall("tr")) == rows
    assert "x < 1 & more" in "".join(ElementTree.fromstring(found[0]._repr_html_()).itertext())
    assert isinstance(found[:1], type(found))


def test_a_short_repr_does_not_make_two_claims_one_in_the_cache() -> None:
    other = MINE.changed(parameters={x: Interval(0, 2)})
    assert repr(other) == repr(MINE)
    assert cache.key(other, "sampled", 0) != cache.key(MINE, "sampled", 0)
    one, another = (MINE.changed(reductions=(step.changed(name="mine/step"),)) for step in (MINE, other))
    assert cache.key(one, "sampled", 0) != cache.key(another, "sampled", 0)


ONE = verify.instance({x: Fraction(1, 2)})
#: what is called, the error's kind, and how its sentence begins
REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "sides without a parameter": (lambda: verify.exact_sides(MINE, verify.instance({})), ValueError, "the instance has no x; "),
    "sides of another parameter": (
        lambda: verify.exact_sides(MINE, verify.instance({alpha: Fraction(1)})), ValueError, "the instance has no x; "),
    "sides of numbers": (lambda: verify.exact_sides(MINE, {x: 1}), TypeError, "one is {x: 1}; it must be an exact instance"),
    "sides of nothing": (lambda: verify.exact_sides(MINE, None), TypeError, "one is None; it must be an exact instance"),
    "sides of a name": (lambda: verify.exact_sides("mine", ONE), TypeError, "claim is 'mine'; it must be a theory.claim.Claim"),
    "sides without tasks": (
        lambda: verify.exact_sides(claim("distance"), verify.instance(dict.fromkeys(claim("distance").parameters, 1))),
        ValueError, "the instance has no tasks; claim distance is about those of the family"),
    "an instance of floats": (lambda: verify.instance({x: 0.5}), TypeError, "values holds x = 0.5, a float; "),
    "an instance of names": (lambda: verify.instance({"x": 1}), TypeError, "values is {'x': 1}; it must map parameter symbols"),
    "an instance of a list": (lambda: verify.instance([1]), TypeError, "values is [1]; it must map parameter symbols"),
    "judging a number": (lambda: verify.judge(3), TypeError, "asked is 3; it must be a claim, such as theory.bounds"),
    "judging an unknown name": (lambda: verify.judge("no_such"), UsageError, "claim is 'no_such'; it must be one of those"),
    "judging at no level": (lambda: verify.judge(MINE, level="sure"), ValueError, "level is 'sure'; it must be one of sampled"),
    "a file that is missing": (lambda: verify.load("no/such.py"), UsageError, "file is no/such.py, which does not exist"),
    "a file that is a number": (lambda: verify.load(3), TypeError, "path is 3; it must be the path of a Python file"),
    "a file that is a folder": (lambda: verify.load(Path()), UsageError, "file is ., "),
    "the meaning of a name": (lambda: meaning("alpha"), TypeError, "symbol is 'alpha'; it must be a symbol of theory.notation"),
    "the meaning of a number": (lambda: meaning(3), TypeError, "symbol is 3; it must be a symbol of theory.notation"),
    "the meaning of a twin": (lambda: meaning(Symbol("alpha")), KeyError, "'alpha is without assumptions and not in the table"),
    "a test of a name": (lambda: verify.property_test("distance"), TypeError, "claim is 'distance'; it must be a theory.claim"),
    "an outcome of a name": (lambda: verify.outcome("mine", (), ()), TypeError, "claim is 'mine'; it must be"),
    "an outcome of words": (lambda: verify.outcome(MINE, "a", "b"), TypeError, "lhs is 'a'; it must be a sequence of exact"),
    "an outcome of floats": (lambda: verify.outcome(MINE, [0.5], [1]), TypeError, "lhs is [0.5]; it must be a sequence"),
    "judging with a negative seed": (lambda: verify.judge(MINE, seed=-1), ValueError, "seed is -1; it must be at least 0"),
    "a claim without a word": (lambda: MINE.without("x"), TypeError, "assumption is 'x'; it must be one of the claim's"),
    "a diagnosis of nothing": (
        lambda: conformance.diagnose(None, conformance.Problem.example()), TypeError, "function is None; it must be"),
    "a diagnosis on nothing": (lambda: conformance.diagnose(len, None), TypeError, "problem is None; it must be a Problem"),
    "a rule of the other side": (
        lambda: nx.population_optimum(nx.SpectrumTiedTasks(2), theory.rules.MAML(Rational(1, 10))), TypeError,
        "rule is MAML(alpha=1/10, steps=1, inner_samples=None); it must be a rule of numerics such as"),
    "tasks of the other side": (
        lambda: theory.optima.maml(nx.SpectrumTiedTasks(2), Rational(1, 10)), TypeError, "tasks is <SpectrumTiedTasks: dim 2"),
    "a claim that is misspelt": (lambda: theory.bounds.claim("distanse"), KeyError, '"claim is \'distanse\'; it must be'),
    "tasks of no dimension": (lambda: nx.SpectrumTiedTasks(0), ValueError, "dim is 0; it must be a whole number, at least 1"),
    "tasks of unknown features": (lambda: nx.SpectrumTiedTasks(features="cube"), ValueError, "features is 'cube'; it must be"),
    "a rate that is not a number": (lambda: nx.MAML("fast"), ValueError, "alpha is 'fast'; "),
    "what a package has not": (lambda: verify.judgement, AttributeError, "module verify has no attribute 'judgement'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said_in_one_sentence(case: str) -> None:
    call, kind, words = REFUSED[case]
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    said = str(caught.value)
    assert said.startswith(words)
    assert "\n" not in said


def test_what_is_said_of_an_extra_is_right_where_there_is_no_folder_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "in the project's folder" in usage_error.brought("proof")
    monkeypatch.setattr(usage_error, "__file__", "/nowhere/lib/site-packages/verify/shell/usage_error.py")
    said = usage_error.brought("proof")
    assert said.startswith("python -m pip install '")
    assert "folder" not in said


def test_every_symbol_of_the_notation_has_a_meaning() -> None:
    for symbol in notation.TABLE:
        assert meaning(symbol)
