"""Claims about tasks on small families: a quantity's third path agrees with the exact one, and nothing false is settled."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import FiniteSet, Range, Rational, Symbol

from theory import bounds
from theory.families import FAMILIES, Family, rotated
from verify import replay
from verify.arithmetic.balls import backend, intervals
from verify.arithmetic.enclosure import ends
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.families import main
from verify.instances.batch import Batch, instance
from verify.instances.families.quadratic import TaskArrays
from verify.proofs.certificates import on_family
from verify.proofs.families import OnFamily, restricted
from verify.proofs.formulas import Invalid
from verify.quantities import QUANTITIES, measure
from verify.studies.small_families import settle, settled

#: families that are proved in a second or so, with the slack that it takes
QUICK = {
    "transfer_bound@two_directions": Fraction(1, 64),
    "ratio_bound@two_directions": Fraction(0),
    "adaptation_never_hurts@turned_curvature": Fraction(0),
}


def point(family: Family, part: Fraction) -> dict[Symbol, Any]:
    """A point of the family's parameters, between the ends of each."""
    values: dict[Symbol, Any] = {}
    for position, (symbol, domain) in enumerate(family.parameters.items()):
        if isinstance(domain, Range):
            values[symbol] = int(domain.start)
        elif isinstance(domain, FiniteSet):
            values[symbol] = Fraction(int(domain.args[0].p), int(domain.args[0].q))
        else:
            low, high = (Fraction(int(end.p), int(end.q)) for end in (domain.start, domain.end))
            values[symbol] = low + (high - low) * (part + Fraction(position, 7)) % 1
    return values


def number(expression: Any, values: dict[Symbol, Any]) -> Fraction:
    return Fraction(ends(evaluate(expression, values, EXACT))[0])


def exact(family: Family, values: dict[Symbol, Any]) -> Batch:
    """The instance at a point, as every other level sees it."""
    numbers: dict[str, Any] = {
        "probabilities": [number(task.probability, values) for task in family.tasks],
        "optima": [[number(entry, values) for entry in task.optimum] for task in family.tasks],
        "eigenvalues": [[1, 1] for _ in family.tasks],
        "eigenvectors": [np.eye(2, dtype=int).tolist() for _ in family.tasks],
    }
    if family.tasks[0].curvature is not None:
        spectra = [task.curvature for task in family.tasks if task.curvature is not None]
        numbers["eigenvalues"] = [[number(e, values) for e in each.eigenvalues] for each in spectra]
        turns = []
        for each in spectra:
            t = number(each.tangent, values)
            cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
            turns.append([[cosine, -sine], [sine, cosine]])
        numbers["eigenvectors"] = turns
    names = family.tasks[0].weights
    numbers["weights"] = {
        name: [[[number(e, values) for e in row] for row in task.weights[name].tolist()] for task in family.tasks]
        for name in names
    }
    return instance(values, TaskArrays(**numbers))


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("part", [Fraction(1, 3), Fraction(4, 5)])
def test_the_third_path_agrees_with_the_exact_one(name: str, part: Fraction) -> None:
    family = FAMILIES[name]
    values = point(family, part)
    claim = bounds.claim(family.claim)
    expected = measure.exact_values(claim, exact(family, values), QUANTITIES)
    integers = {symbol: value for symbol, value in values.items() if isinstance(value, int)}
    for symbol, entry in claim.measured.items():
        found = OnFamily(family, entry).value(values, integers, backend(intervals(), 0)).value
        (low, high), (least, most) = ends(found), ends(expected[symbol].ravel()[0])
        assert low <= most
        assert least <= high
        assert high - low <= Fraction(1, 10**20)


def test_a_rotation_is_by_the_half_angles_tangent() -> None:
    assert rotated((3, 1), Rational(1, 2)).eigenvals() == {3: 1, 1: 1}
    assert rotated((3, 1), 0)[0, 0] == 3


@pytest.mark.parametrize("name", QUICK)
def test_a_settled_family_is_confirmed_and_a_tampered_one_is_not(name: str) -> None:
    found = settle(name, QUICK[name])
    assert found.conclusive
    content = json.loads(on_family(name, QUICK[name], found.certificate))
    checked = replay.check(content)
    assert checked.whole
    assert checked.lines[0].startswith(f"{name}: ")
    assert "confirmed" in checked.lines[-1]
    for change in ({"slack": str(QUICK[name] - Fraction(1, 2))}, {"family": "conditioning@one_task"}, {"slack": "x"}):
        with pytest.raises(Invalid):
            replay.check(content | change)


@pytest.mark.parametrize("name", QUICK)
def test_nothing_false_is_settled(name: str) -> None:
    statement = restricted(name)
    values = point(FAMILIES[name], Fraction(2, 5))
    measured = {
        symbol: entry.value(values, {s: v for s, v in values.items() if isinstance(v, int)}, backend(intervals(), 0)).value
        for symbol, entry in statement.derived.items()
    }
    lhs, rhs = (number(side, {**values, **measured}) for side in (statement.lhs, statement.rhs))
    assert 0 < lhs <= rhs
    # a thousandth below what is attained at that point
    part = lhs / rhs * Fraction(999, 1000)
    false = replace(statement, rhs=statement.rhs * Rational(part.numerator, part.denominator))
    assert not settled(false, 3.0).conclusive


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "ratio_bound@two_directions"
    assert main([name, "--slack", "0", "--certificates", str(tmp_path / "made")]) == 0
    assert "1 of 1 families settled" in capsys.readouterr().out
    assert replay.main([str(tmp_path / "made" / f"{name}.json")]) == 0
    assert main(["nonsense"]) == 2
    assert main([name, "--slack", "-1"]) == 2
    assert main(["conditioning@one_task", "--slack", "0", "--patience", "0.1"]) == 1
