"""``--regressions`` writes tests that run, for the project's claims and for users' files, whatever they are called."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path

import pytest

from verify.bounds import main

#: a refuted claim about numbers with a control; its names are those that a counterexample's lines use themselves
NUMBERS = """
from sympy import Integer, Interval, Rational
from theory.claim import Claim, FalseSibling, Source
from theory.notation import x
F = S = verify = instance = tasks = test = None
CLAIM = Claim(
    name="NAME", title="mine", lhs=x**2, relation="<=", rhs=x / 2, parameters={x: Interval(0, 1)},
    source=Source("derived here"), expected="refuted", false_sibling=FalseSibling("less", {"rhs": x / 4}),
)
"""
#: one about tasks, with a rule and a quantity of the file's own
TASKS = """
from dataclasses import dataclass
from sympy import Interval, Rational
import numerics, theory
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import alpha, beta, q
from theory.rules import MAML
from verify.quantities import Quantity
CLAIM = Claim(
    name="NAME", title="mine", lhs=q, relation="<=", rhs=Rational(1, 64), source=Source("derived here"), expected="refuted",
    parameters={beta: Interval(1, 2)}, tasks=Tasks(), measured={q: measured("doubled")},
    false_sibling=FalseSibling("less", {"rhs": Rational(1, 128)}),
)
def doubled(batch):
    return 2 * batch.values[beta] ** 2
QUANTITIES = {"doubled": Quantity(doubled, lambda one: [2 * one.values[beta].item() ** 2])}
"""
#: one about a family of the file's own, judged by replicates
REPLICATES = """
from sympy import Integer, Interval, Rational, Symbol
from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import x, q
from verify.quantities import Quantity
def drawn(batch, rng, count):
    return batch.values[x] + rng.random((len(batch.values[x]), count))
QUANTITIES = {"drawn": Quantity(lambda batch: batch.values[x], lambda one: [one.values[x].item()], replicates=drawn)}
CLAIM = Claim(
    name="NAME", title="mine", lhs=q, relation="<=", rhs=x + Rational(1, 4), source=Source("derived here"), expected="refuted",
    parameters={x: Interval(0, 1)}, measured={q: measured("drawn")}, failure_probability=Rational(1, 10),
    false_sibling=FalseSibling("less", {"rhs": x}),
)
"""


def written_in(path: Path) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return {name: value for name, value in names.items() if name.startswith("test_")}


@pytest.mark.parametrize("text", [NUMBERS, TASKS, REPLICATES], ids=["numbers", "tasks", "replicates"])
@pytest.mark.parametrize(("folder", "name"), [("plain", "mine"), ('it\'s "quoted" näive', "my-bound.2")])
def test_what_is_written_of_a_users_file_runs(tmp_path: Path, text: str, folder: str, name: str) -> None:
    place = tmp_path / folder
    place.mkdir()
    (place / "mine.py").write_text(text.replace("NAME", name))
    written = tmp_path / "test_written.py"
    status = main([str(place / "mine.py"), "--level", "sampled", "--jobs", "1", "--regressions", str(written)])
    assert status == 0
    found, own = written_in(written), re.sub(r"\W", "_", name)
    # of the claim itself and of its false sibling, the simplest and the worst, which are one test where they are one
    assert {re.sub(r"_(simplest|worst|simplest_and_worst)$", "", name) for name in found} == {
        f"test_{stem}" for stem in (own, f"{own}_false_sibling")
    }, written.read_text()
    for test in found.values():
        test()  # type: ignore[operator]


def test_a_test_fails_when_its_claim_is_repaired(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(NUMBERS.replace("NAME", "mine"))
    written = tmp_path / "test_written.py"
    main([str(tmp_path / "mine.py"), "--level", "sampled", "--jobs", "1", "--regressions", str(written)])
    (tmp_path / "mine.py").write_text(NUMBERS.replace("NAME", "mine").replace("rhs=x / 2", "rhs=x"))
    found = written_in(written)
    siblings = {name for name in found if name.startswith("test_mine_false_sibling")}
    assert siblings < set(found)
    for name, test in found.items():
        with nullcontext() if name in siblings else pytest.raises(AssertionError):
            test()  # type: ignore[operator]


def test_two_files_and_a_claim_of_the_project_share_one_file_of_tests(tmp_path: Path) -> None:
    for name in ("a-b", "a_b"):
        (tmp_path / f"{name}.py").write_text(NUMBERS.replace("NAME", name))
    written = tmp_path / "test_written.py"
    words = [*map(str, sorted(tmp_path.glob("*.py"))), "lower_curvature/numerator", "--level", "sampled", "--jobs", "1"]
    assert main([*words, "--regressions", str(written)]) == 0
    found = written_in(written)
    # two files of nearly one name, and which of a claim's tests are one depends on what was found
    assert sum(name.startswith("test_a_b") and name.endswith("_2") for name in found) >= 2
    assert any(name.startswith("test_lower_curvature_numerator_false_sibling_simplest") for name in found)
    for test in found.values():
        test()  # type: ignore[operator]
