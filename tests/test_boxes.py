"""Pictures of certifications: the boxes cover the square, lie where the sides touch, and show what is violated."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from sympy import Rational

from theory import bounds
from theory.notation import x
from verify.boxes import main
from verify.proofs.covers import cover
from verify.reports.figures import boxes
from verify.shell.usage_error import UsageError


def test_boxes_cover_the_square_and_what_is_left_lies_where_the_sides_touch() -> None:
    found = cover(bounds.claim("distance/core"), {})
    areas = [(b - a) * (d - c) for ((a, b), (c, d)) in (leaf.box for leaf in found.leaves)]
    assert sum(areas) == 1
    assert not any(leaf.violated for leaf in found.leaves)
    for leaf in found.leaves:
        (low, high), (left, right) = leaf.box
        # the bound is attained at x = r/(1 + r), r = root_l = low, of the unit scale
        touched = low / (1 + low) <= right and left <= high / (1 + high)
        assert leaf.mark is not None or touched or high - low < Rational(1, 16)


def test_a_false_claim_is_violated_where_it_is_false() -> None:
    found = cover(bounds.claim("distance/core/false-sibling"), {})
    assert any(leaf.violated for leaf in found.leaves)
    assert "violated" in str(found)
    drawn = ElementTree.fromstring(boxes(found))
    kinds = {entry.get("class") for entry in drawn.iter("rect")}
    assert {"box holds", "box fails"} <= kinds


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(UsageError, match="--at must leave two"):
        cover(bounds.claim("distance/core"), {x: Rational(1, 2)})
    with pytest.raises(UsageError, match="equality"):
        cover(bounds.claim("distance/square"), {})
    with pytest.raises(UsageError, match="task distributions"):
        cover(bounds.claim("distance"), {})


def test_the_command_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "boxes.svg"
    assert main(["adaptation_never_hurts/residual", "--svg", str(file)]) == 0
    assert "of the square over alpha and q certified" in capsys.readouterr().out
    assert ElementTree.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert main(["adaptation_never_hurts/residual", "--at", "alpha=1", "beta=1"]) == 2
    assert main(["distance/core", "--svg", str(tmp_path / "none" / "boxes.svg")]) == 2
