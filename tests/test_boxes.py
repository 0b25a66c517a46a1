"""Pictures of certifications: the boxes cover the square, lie where the sides touch, and show what is violated."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from sympy import Rational

from theory import bounds
from theory.notation import x
from verify.boxes import main
from verify.proofs.covers import cover
from verify.reports.figures import boxes, cloud, told
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


def test_a_picture_says_what_it_shows_in_the_notation() -> None:
    found = cover(bounds.claim("distance/core"), {})
    drawn = ElementTree.fromstring(boxes(found))
    texts = ["".join(entry.itertext()) for entry in drawn.iter("text")]
    assert drawn.findtext("title") == texts[0] == f"distance/core: boxes over {told(found.x)} and {told(found.y)} at √u = 1"
    assert {"certified, the stronger the more slack", "undecided", "violated"} <= set(texts)
    assert {told(found.x), told(found.y), "0", "1"} <= set(texts)
    assert not any("root_" in text for text in texts)
    # ticks at quarters of both sides
    assert sum(entry.get("class") == "tickmark" for entry in drawn.iter("path")) == 5
    # nothing overlaps: the boxes lie between the title's line and the legend's
    places = [float(entry.get("y", 0)) for entry in drawn.iter("rect") if float(entry.get("width", 0)) != 11]
    assert min(places) > 20
    for part in boxes(found).split("<text")[1:]:
        assert ">" in part


def test_labels_are_letters_of_the_notation() -> None:
    assert told("alpha / (2/beta)") == "α / (2/β)"
    assert told("my_own") == "my_own"


def test_scatters_say_what_their_height_is() -> None:
    drawn = cloud("alpha / (2/beta)", np.array([0.1, 0.9]), np.array([0.5, 0.7]), 0.7)
    texts = ["".join(entry.itertext()) for entry in ElementTree.fromstring(drawn).iter("text")]
    assert {"left side / right side", "α / (2/β)"} <= set(texts)
