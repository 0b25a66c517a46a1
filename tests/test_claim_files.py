"""Whatever is wrong with a user's file, the answer is one sentence that names the file and what was probably meant."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from verify.judging.claim_file import read
from verify.shell.usage_error import UsageError

GOOD = """
from dataclasses import dataclass
from sympy import Integer, Interval, Rational, Symbol
from theory.claim import Assumption, Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, diameter, x
from theory.rules import DRS, MAML

X = Symbol("X", real=True)
CLAIM = Claim(
    name="mine", title="a test", parameters={x: Interval(0, 1)}, lhs=x, relation="<=", rhs=Integer(1),
    source=Source("derived here"), false_sibling=FalseSibling("half", {"rhs": Rational(1, 2)}),
)
"""

#: what is added to the file, and words of the answer
WRONG = {
    "it ends the program": ("import sys\nsys.exit(0)", r"ends the program \(line 14\); it must only define CLAIM"),
    "it quits": ("raise SystemExit('no')", r"ends the program \(line 13\)"),
    "it raises what is no error": ("raise GeneratorExit", "GeneratorExit: no reason given"),
    "it recurs": ("def again(): again()\nagain()", "RecursionError: maximum recursion depth exceeded"),
    "a misspelt symbol of the table": (
        "from theory.notation import alhpa",
        "from 'theory.notation'; perhaps alpha is",
    ),
    "a misspelt module": ("import theory.notatoin", "No module named 'theory.notatoin'; perhaps theory.notation is meant"),
    "a misspelt package": ("import sypmy", "No module named 'sypmy'; perhaps sympy is meant"),
    "a misspelt variable": (
        "CLAIM.changed(rhs=alhpa)",
        r"NameError: .* perhaps alpha is meant \(line 13\)",
    ),
    "a name that was not imported": ("Extrmal", "perhaps Extremal is meant"),
    "a misspelt attribute": ("CLAIM.chagned(rhs=x)", "no attribute 'chagned'; perhaps changed is meant"),
    "a misspelt field": ("Tasks(dimesion=3)", "unexpected keyword argument 'dimesion'; perhaps dimension is meant"),
    "a misspelt field of a rule": ("MAML(alhpa=1)", "unexpected keyword argument 'alhpa'; perhaps alpha is meant"),
    "a misspelt field of the claim": ("Claim(nme='mine')", "'nme', which is no field of Claim; it must be one of name"),
    "a class for an instance": ("CLAIM = CLAIM.changed(source=Source)", "source of claim mine is the class Source itself"),
    "another symbol of that name": ("CLAIM = CLAIM.changed(rhs=Symbol('x'))", "uses two symbols named x: that of `parameters`"),
    "a float": ("CLAIM = CLAIM.changed(rhs=0.1482)", r"write Rational\('0.1482'\)"),
    "the other relation": ("CLAIM = CLAIM.changed(relation='>=')", "swap the sides"),
    "a syntax error": ("CLAIM = = 1", "SyntaxError: invalid syntax"),
    "a missing file": ("open('/nowhere')", "FileNotFoundError: /nowhere: No such file or directory"),
    "no claim": ("del CLAIM", "defines no claim; it must assign a theory.claim.Claim to the name CLAIM$"),
    "the class": ("CLAIM = Claim", "to the name CLAIM, not the class itself"),
    "two claims": ("CLAIM = [CLAIM, CLAIM]", "to the name CLAIM, not a list: one file is one claim"),
    "text": ("CLAIM = 'x <= 1'", "to the name CLAIM, not 'x <= 1'"),
    "another name": ("BOUND = CLAIM\ndel CLAIM", "to the name CLAIM, as it does to BOUND"),
    "quantities in a list": ("QUANTITIES = [1]", r"QUANTITIES is \[1\]; it must be a dictionary of verify.quantities.Quantity"),
    "a number of families": ("FAMILIES = 5", "FAMILIES is 5; it must be a dictionary of verify.instances.family.Family"),
    "quantities twice": ("QUANTITIES = {}\nVERBS = {}", "has QUANTITIES and VERBS, which is their former name"),
    "misspelt quantities": ("QUANTITES = {}", "defines QUANTITES, which nobody reads; perhaps QUANTITIES is meant"),
    "a sibling that is no claim": (
        "CLAIM = CLAIM.changed(false_sibling=FalseSibling('wider', {'parameters': {x: Interval(-1, 1)}}))",
        "the false sibling of claim mine is no claim: .* x is assumed to be nonnegative",
    ),
    "a rest that is no claim": (
        "CLAIM = CLAIM.changed(assumptions=(Assumption('x is less', {'parameters': {x: Interval(2, 1)}}),))",
        "what is left without x is less of claim mine is no claim: .* is empty",
    ),
    "a step whose sibling is no claim": (
        "HALF = FalseSibling('half', {'rhs': 0.5})\n"
        "CLAIM = CLAIM.changed(reductions=(CLAIM.changed(name='mine/step', false_sibling=HALF),))",
        "the false sibling of claim mine/step is no claim: .* write Rational",
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    return path


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_file_is_one_sentence(file: Path, case: str) -> None:
    lines, words = WRONG[case]
    file.write_text(GOOD + lines + "\n")
    before = set(sys.modules)
    with pytest.raises(UsageError, match=words) as caught:
        read(file)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)
    assert not [name for name in set(sys.modules) - before if name.startswith("claims_of")]


def test_a_file_beside_it_is_not_looked_for(file: Path) -> None:
    file.with_name("lemmas.py").touch()
    file.write_text("import lemmas")
    with pytest.raises(UsageError, match=r"lemmas.py beside the file is not looked for: put what it defines into the file"):
        read(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"x = '\xff'", "SyntaxError"), (b"x = 1\0", "null bytes"), (b"", "defines no claim"), (None, "does not exist")],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "mine.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        read(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").mkdir()
    with pytest.raises(UsageError, match=r"mine.py, which is a folder; it must be a Python file"):
        read(tmp_path / "mine.py")


def test_an_interruption_is_none_of_the_files_faults(file: Path) -> None:
    file.write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        read(file)


def test_files_of_one_name_are_two_modules(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "mine.py"
    other.parent.mkdir()
    other.write_text(GOOD.replace("a test", "another"))
    (first, one), (second, two) = read(file), read(other)
    assert (first.title, second.title) == ("a test", "another")
    assert sys.modules[one.__name__] is one
    assert sys.modules[two.__name__] is two
