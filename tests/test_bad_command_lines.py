"""A table of bad command lines, a line for each kind of mistake: each is one sentence and status 2, and leaves nothing behind.

What some of the sentences say is in test_commands_refuse.py and test_command.py.
"""

from __future__ import annotations

import shlex
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from verify.shell.commands import COMMANDS, module

BUDGET = "--num-tasks 5 --samples 5 --alpha 0.1"
#: what is typed after ``metabounds``
BAD = """
bounds --seed 1.5
bounds --jobs -3
bounds --level
bounds empty.py
bounds exit.py
bounds folder
bounds folder/none.py
bounds ""
bounds distance/core/
bounds --show
bounds --show empty.py
bounds --at alpha=1
bounds distance --at =1
bounds distance --at alpha=
bounds distance --certificates folder
bounds distance --html folder
bounds --source ""
bounds --source gao-sener-2020 distance
bounds distance/core --html same --json same
bounds distance --list --show distance
bounds distance/core --at x=1e
bounds distance/core --at x=2
bounds distance distance
bounds quadratic distance
bounds DISTANCE
bounds distance/nothing
breaks distance distance
breaks distance no_such
decide --example --num-tasks 5 --samples 5 --alpha 1e300
decide --example --num-tasks 5 --samples 500 --alpha 0.1
families ratio_bound@two_directions ratio_bound@two_directions
tightness distance no_such
mutation distance distance
phase --alphas 0.1,,0.2
phase --dim 2.5
sweep --seeds 1.5
sweep --scheduler nowhere
boxes
boxes distance
boxes no_such
boxes distance/core --at root_l
boxes distance/core --at q=1
boxes distance/core --svg folder
boxes distance/core x
breaks --map alpha
breaks lower_curvature --map alpha alpha
breaks lower_curvature --map alpha nothing
breaks --map alpha p
breaks --budget nan
breaks --seed -1
breaks empty.py
decide
decide --example
decide --example --tasks nan.npz BUDGET
decide --data none.csv BUDGET
decide --data empty.csv BUDGET
decide --data header.csv BUDGET
decide --data words.csv BUDGET
decide --data folder BUDGET
decide --tasks nan.npz BUDGET
decide --tasks broken.npz BUDGET
decide --tasks none.npz BUDGET
decide --example --num-tasks 5 --samples 5 --alpha nan
decide --example --num-tasks 1.5 --samples 5 --alpha 1
decide --example --level 90 BUDGET
decide --example --resamples 1 BUDGET
decide --example --datasets 0 BUDGET
decide --example --seed -1 BUDGET
decide --example --json folder BUDGET
decide --data header.csv --columns "" BUDGET
decide --tasks nan.npz --features cube BUDGET
families no_such
families --patience nan
families --slack
long_search
long_search distance
long_search no_such --state s
long_search distance --state state
long_search distance --state folder
long_search distance --state none/s
mutation no_such
mutation --jobs 0
mutation --write folder
mutation --write none/x
phase --alphas ""
phase --alphas 0.1,x
phase --num-tasks 5
phase --num-tasks 5,5
phase --num-tasks 0,5
phase --samples 1.5,2
phase --datasets 0
phase --beta -1
phase --dim 0
phase --tasks none.npz
phase --features cube
phase --seed -1
phase --out empty.py
phase --features student_t --df 3
replay
replay none.json
conformance no_such_library
conformance --steps many
nonconvex --runs some
nonconvex --runs 0
nonconvex --variance -1
nonconvex --families cosines
benchmarks --runs some
open_questions --rates 3
open_questions --shares 1
open_questions --sums 0
reinforcement --size 0
reinforcement --starts none
replay broken.json --claim none.py
replay folder
replay broken.json --claim empty.py
sweep --dims 1,x
sweep --dims 1,1
sweep --features cube
sweep --betas 0
sweep --seeds -1
sweep --jobs 2 --scheduler tcp://x:1
sweep --out empty.py
tightness no_such
tightness empty.py
tightness --budget 0
tightness --seed x
""".strip().replace("BUDGET", BUDGET)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with files that are of no use."""
    monkeypatch.chdir(tmp_path)
    files = {"empty.csv": "", "header.csv": "task,response,x\n", "words.csv": "task,response,x\n1,a,b\n", "broken.json": "{",
             "broken.npz": "no", "empty.py": "", "exit.py": "import sys; sys.exit(3)", "state": "no state\n"}  # fmt: skip
    for name, text in files.items():
        Path(name).write_text(text)
    Path("folder").mkdir()
    np.savez("nan.npz", hessians=np.full((1, 1, 1), np.nan), optima=np.ones((1, 1)))
    return tmp_path


@pytest.mark.parametrize("line", BAD.splitlines())
def test_a_bad_command_line_is_refused_in_one_sentence(line: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, *words = shlex.split(line)
    there = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts}
    try:
        status = import_module(module(name)).main(words)
    except SystemExit as stop:
        status = stop.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, ""), err
    assert err.startswith(f"{module(name).removesuffix('.__main__')}: ")
    assert err.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts} == there


def test_every_command_is_in_the_table() -> None:
    assert {line.split()[0] for line in BAD.splitlines()} == set(COMMANDS)
