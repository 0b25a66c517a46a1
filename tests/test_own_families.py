"""A user's own family of instances, written in a file of at most 80 lines outside of the project, is judged like ours."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from verify import bounds
from verify.judging.sources import Reference

DOCS = Path(__file__).resolve().parent.parent / "docs"
FILES = ("my_family", "my_risk", "my_sine")


@pytest.mark.parametrize("name", FILES)
def test_an_own_family_is_judged_with_control_and_a_counterexample_that_replays(name: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(DOCS / f"{name}.py", tmp_path))
    assert len(path.read_text().splitlines()) <= 80
    assert bounds.main([str(path), "--jobs", "1", "--json", str(tmp_path / "found.json")]) == 0
    content = json.loads((tmp_path / "found.json").read_text())
    whole, control = content["records"] if isinstance(content, dict) else content
    assert (whole["verdict"], control["verdict"]) == ("searched", "refuted")
    assert whole["worst_ratio"] > 0.999
    for kind in ("simplest", "worst"):
        script = control["counterexample"][kind]
        exec(compile(script, kind, "exec"), {})  # it asserts that the instance violates the sibling
        with pytest.raises(AssertionError):
            exec(compile(script.replace("CLAIM = CLAIM.sibling()", ""), kind, "exec"), {})


@pytest.mark.parametrize("name", FILES)
def test_the_two_paths_of_an_own_quantity_share_no_mistake(name: str, tmp_path: Path) -> None:
    text = (DOCS / f"{name}.py").read_text()
    wrong = {
        "my_family": ("gains.argmax(axis=1)", "gains.argmin(axis=1)"),
        "my_risk": ("tasks.first + np.sign", "tasks.first - np.sign"),
        "my_sine": ("np.cos(batch.tasks.phases)", "np.sin(batch.tasks.phases)"),
    }[name]
    assert wrong[0] in text
    path = tmp_path / "mistaken.py"
    path.write_text(text.replace(*wrong))
    from verify.judging.judge import judge

    records = judge(Reference(str(path)).load(), level="sampled")
    assert [record.verdict.value for record in records] == ["disagreement"]
    assert "theory and numerics disagree" in records[0].detail
