"""A user's own bound, a Python file with one CLAIM, is judged by its path like the project's own."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import verify
from verify import bounds, breaks, long_search, tightness
from verify.judging.sources import Reference
from verify.shell.usage_error import UsageError
from verify.studies.regions import named_axes, validity_map

ROOT = Path(__file__).resolve().parent.parent

#: a claim with symbols, quantities, a step of its proof and an equality of its own
OWN = '''
"""The probability of the likeliest task."""
from fractions import Fraction
from sympy import Integer, Interval, Range, Rational, Symbol, oo
from theory.claim import Argued, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import beta, n, x
from verify.quantities import Quantity

largest, total = Symbol("largest", real=True), Symbol("total", real=True)
HERE = Source("derived here")
QUANTITIES = {
    "largest_probability": Quantity(
        lambda batch, scale=1: scale * batch.tasks.probabilities.max(axis=1, keepdims=True),
        lambda instance, scale=1: [scale * max(instance.tasks.probabilities[0])],
    ),
    "total": Quantity(
        lambda batch: batch.tasks.probabilities.sum(axis=1, keepdims=True),
        lambda instance: [sum(instance.tasks.probabilities[0])],
    ),
}
STEP = Claim(
    name="likeliest/step", title="they sum to one", lhs=total, relation="==", rhs=Integer(1), source=HERE,
    parameters={beta: Interval.open(0, oo)}, tasks=Tasks("free"), measured={total: measured("total")},
    false_sibling=FalseSibling("to less", {"rhs": Rational(99, 100)}),
)
CLAIM = Claim(
    name="likeliest", title="one of n tasks has at least the probability 1/n", lhs=1 / n, relation="<=", rhs=largest,
    parameters={beta: Interval.open(0, oo)}, tasks=Tasks("free"), source=HERE,
    measured={largest: measured("largest_probability")},
    reductions=(STEP, Argued("the mean is at most the maximum")),
    false_sibling=FalseSibling("1 % less", {"measured": {largest: measured("largest_probability", scale=Fraction(99, 100))}}),
)
'''

Judge = Callable[..., tuple[int, str, list[dict[str, Any]]]]


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str], Path]:
    def write(changes: str = "") -> Path:
        path = tmp_path / "likeliest.py"
        path.write_text(OWN + changes)
        return path

    return write


@pytest.fixture
def judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Judge:
    def command(*arguments: Any) -> tuple[int, str, list[dict[str, Any]]]:
        status = bounds.main([*map(str, arguments), "--json", str(tmp_path / "out.json")])
        out, err = capsys.readouterr()
        assert err == ""
        return status, out, json.loads((tmp_path / "out.json").read_text())

    return command


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_claim_with_everything_of_its_own_is_judged(own: Callable[..., Path], judge: Judge, jobs: int) -> None:
    status, _, records = judge(own(), "--jobs", jobs)
    assert status == 0
    names = ["likeliest", "likeliest/false-sibling", "likeliest/step", "likeliest/step/false-sibling"]
    assert [record["name"] for record in records] == names
    assert [record["verdict"] for record in records] == ["searched", "refuted"] * 2
    assert records[0]["worst_ratio"] == 1


def test_a_false_claim_of_ones_own_is_refuted_by_its_simplest_instance(own: Callable[..., Path], judge: Judge) -> None:
    path = own("CLAIM = CLAIM.changed(lhs=Rational(3, 2) / n)\n")
    status, out, records = judge(path, "--jobs", 1)
    assert status == 1
    assert records[0]["verdict"] == "refuted"
    script = records[0]["counterexample"]["simplest"]
    assert script in out
    # pasted below the user's own file it executes
    exec(compile(path.read_text() + script, "pasted", "exec"), {"__name__": "pasted"})
    for simple in ("S.p: 1,", "S.n: 1,", "S.beta: F(1),", "probabilities=[F(1)],", "optima=[[F(0)]],"):
        assert simple in script


def test_the_template_is_judged_wherever_it_lies(tmp_path: Path, judge: Judge) -> None:
    path = tmp_path / "elsewhere.py"
    shutil.copy(ROOT / "docs" / "my_bound.py", path)
    status, out, records = judge(path, "--jobs", 1)
    assert status == 0, out
    assert [record["verdict"] for record in records] == ["searched", "refuted"]
    assert records[0]["worst_ratio"] > 0.99


def test_ours_and_ones_own_are_judged_together_in_the_order_asked(own: Callable[..., Path], judge: Judge) -> None:
    status, _, records = judge("distance/square", own(), "distance/core", "--jobs", 1, "--level", "sampled")
    assert status == 0
    assert [record["name"] for record in records][::2] == ["distance/square", "likeliest", "likeliest/step", "distance/core"]


def test_a_claim_of_ones_own_is_listed_shown_and_evaluated(
    own: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(own())
    assert bounds.main([path, "--list"]) == 0
    assert "one of n tasks has at least" in capsys.readouterr().out
    assert bounds.main(["--show", path]) == 0
    shown = capsys.readouterr().out
    for part in ("1/n <= largest", "The probability of the likeliest task.", "False sibling: 1 % less", "derived here"):
        assert part in shown
    assert bounds.main([path, "--at", "largest=1/2"]) == 0
    assert "1/n <= 0.5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: verify.load(3), "path is 3; it must be the path of a Python file with a CLAIM, as a str or a Path"),
        (lambda: verify.load(None), "path is None; it must be the path of a Python file"),
        (lambda: verify.instance(3), r"values is 3; it must map parameter symbols to numbers or rules, such as \{alpha: Fr"),
        (lambda: verify.instance({"alpha": 1}), r"values is \{'alpha': 1\}; it must map parameter symbols to numbers"),
    ],
)
def test_what_is_no_path_or_no_mapping_is_refused_in_a_sentence(call: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        call()


def test_a_claim_is_loaded_by_its_path(own: Callable[..., Path], tmp_path: Path) -> None:
    assert verify.load(own()).name == "likeliest"
    assert verify.load(str(own())).title.startswith("one of n tasks")
    with pytest.raises(UsageError, match=r"file is .*missing\.py, which does not exist; it must be a Python file with a CLAIM"):
        verify.load(tmp_path / "missing.py")


def test_two_files_of_one_name_are_two_files(tmp_path: Path) -> None:
    for folder, bound in (("one", "1"), ("two", "2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(OWN + f"CLAIM = CLAIM.changed(rhs=Integer({bound}))\n")
    first, second = (verify.load(tmp_path / folder / "mine.py") for folder in ("one", "two"))
    assert (first.rhs, second.rhs) == (1, 2)


def test_the_public_face_is_what_it_says() -> None:
    for name in verify.__all__:
        assert callable(getattr(verify, name))
    with pytest.raises(AttributeError, match="module verify has no attribute 'guess'"):
        verify.guess  # noqa: B018


#: an assumption that is needed, and what it says is wrong without it
BREAKS = """
from theory.claim import Assumption
from theory.notation import alpha

CLAIM = CLAIM.changed(
    lhs=alpha * beta * largest, rhs=largest, reductions=(),
    parameters={beta: Interval.open(0, oo), alpha: Interval(0, 1 / beta)},
    assumptions=(Assumption(alpha * beta <= 1, without={"parameters": {alpha: Interval(0, 3 / beta)}}),),
    false_sibling=FalseSibling("half", {"rhs": largest / 2}),
)
"""
#: the same, stated for rates that are too large
FALSE = BREAKS + "CLAIM = CLAIM.without(CLAIM.assumptions[0])\n"


def pasted(out: str) -> None:
    """Run the Python that a command printed."""
    lines = out.splitlines()
    first = next(index for index, line in enumerate(lines) if line.strip() == "from fractions import Fraction as F")
    code = textwrap.dedent("\n".join(lines[first:]))
    assert "'violated'" in code
    exec(code, {})


def test_a_claim_of_ones_own_is_broken_by_python_that_runs(
    own: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert breaks.main([str(own(BREAKS))]) == 0
    out = capsys.readouterr().out
    assert out.startswith("likeliest without `alpha beta <= 1`: needed\n    holds up to alpha = 1/beta")
    pasted(out)


def test_a_long_search_of_ones_own_claim_prints_python_that_runs(
    own: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert long_search.main([str(own(FALSE)), "--runs", "1", "--state", str(tmp_path / "state")]) == 1
    pasted(capsys.readouterr().out)


def test_nothing_to_break_is_said(own: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert breaks.main([str(own())]) == 0
    assert capsys.readouterr().out.startswith("likeliest: it has no assumption to drop")


def test_verbs_of_ones_own_are_mapped(own: Callable[..., Path]) -> None:
    question = Reference(str(own())).load()
    smallest = [replace(axis, values=axis.values[:1]) for axis in named_axes(question.claim, ["p", "n"])]
    assert "1  +" in validity_map(question, *smallest).text()


def test_verbs_of_ones_own_are_measured(own: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert tightness.main([str(own())]) == 0
    assert "against p: exponent +0.00" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (breaks, []), (breaks, ["--map", "p", "n"]), (tightness, []), (long_search, ["--state", "state"]),
    ],
)  # fmt: skip
def test_an_unknown_verb_is_one_sentence_everywhere(
    command: Any,
    arguments: list[str],
    own: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = own("QUANTITIES = {}\n")
    monkeypatch.chdir(tmp_path)
    assert command.main([str(path), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "claim likeliest measures 'largest_probability', which is no quantity; perhaps " in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]
