"""What is printed against a claim is Python that runs as pasted, from any folder; the worst is no better than the simplest."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from verify.bounds import main
from verify.enclosure import ends

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]):
    """Every counterexample that judging a claim prints, by what it is headed."""

    def judge(claim: str) -> dict[str, str]:
        main([claim, "--jobs", "1", "--counterexamples"])
        parts = re.split(r"^# (.*) counterexample$", capsys.readouterr().out, flags=re.MULTILINE)[1:]
        return {heading: script.split("\n\n")[0] for heading, script in zip(parts[::2], parts[1::2], strict=True)}

    return judge


@pytest.fixture
def false_bound(tmp_path: Path) -> Path:
    """The template with a constant that is too small and with a step of its proof."""
    template = (ROOT / "docs" / "my_bound.py").read_text()
    false = template.replace("rhs=CONSTANT * risk_A,", "rhs=CONSTANT * risk_A / 10,")
    assert false != template
    path = tmp_path / "mine.py"
    path.write_text(
        false + "\n\nSTEP = CLAIM.changed(name='my_bound/step', title='a step')\nCLAIM = CLAIM.changed(reductions=(STEP,))\n"
    )
    return path


def pasted(script: str, folder: Path) -> None:
    """Run it in an interpreter of its own, somewhere else; it asserts what it says."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, check=True)


def test_a_users_counterexamples_run_as_pasted(printed, false_bound, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    found = printed(str(false_bound))
    assert {heading.split(":")[0] for heading in found} == {
        "my_bound",
        "my_bound/false-sibling",
        "my_bound/step",
        "my_bound/step/false-sibling",
    }
    for script in found.values():
        pasted(script, elsewhere)


@pytest.mark.parametrize("claim", ["gao_sener_lower_curvature", "distance/false-sibling", "adapted_risk/maml/false-sibling"])
def test_the_worst_is_at_least_as_bad_as_the_simplest(printed, tmp_path, claim):
    gaps = {}
    for heading, script in printed(claim).items():
        names: dict = {}
        exec(script, names)
        ((lhs,), (rhs,)) = ([sum(ends(value)) for value in names[side]] for side in ("lhs", "rhs"))
        gaps[heading.split()[-1]] = abs(lhs - rhs) / (abs(lhs) + abs(rhs))
    assert gaps["worst"] >= gaps["simplest"] > 0
