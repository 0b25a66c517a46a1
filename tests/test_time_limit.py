"""A budget bounds a run, whatever is being done when it ends, and leaves a claim's control its share."""

from __future__ import annotations

import argparse
import gc
import math
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from sleepers import nap

from theory import bounds
from theory.bounds import claim
from verify.evidence.question import Question
from verify.evidence.result import Verdict
from verify.judging import judge
from verify.judging.sources import Reference
from verify.judging.workers import spread
from verify.shell.atomic_write import made_aside, write_all
from verify.shell.command_line import Parser, command, deadline
from verify.shell.terminal import counted, say_in_time
from verify.shell.time_limit import within
from verify.shell.usage_error import UsageError

#: what a command asks for besides
STATE = {"long_search": ["--state", "none"]}
ROOT = Path(__file__).resolve().parent.parent


def endless() -> str:
    while True:
        pass


def test_work_without_end_is_interrupted() -> None:
    began = time.monotonic()
    assert within(began + 0.2, endless, lambda: "late") == "late"
    assert time.monotonic() - began >= 0.2


def test_work_that_is_done_in_time_is_returned_and_no_alarm_is_left() -> None:
    before = signal.getsignal(signal.SIGALRM)
    assert within(time.monotonic() + 0.1, lambda: "done", lambda: "late") == "done"
    assert signal.getsignal(signal.SIGALRM) is before
    time.sleep(0.15)


def test_work_is_not_begun_when_time_is_over() -> None:
    assert within(time.monotonic() - 1, endless, lambda: "late") == "late"


def test_an_inner_limit_leaves_the_outer_one() -> None:
    def work() -> str:
        assert within(time.monotonic() + 0.1, endless, lambda: "inner") == "inner"
        return endless()

    began = time.monotonic()
    assert within(began + 0.3, work, lambda: "outer") == "outer"
    assert time.monotonic() - began >= 0.3


def test_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError):
        within(time.monotonic() + 1, lambda: 1 / 0, lambda: 0.0)


#: numpy goes on after an exception in one of a stack of matrices of Python numbers, and fails with another at the next
PRODUCTS = np.full((60, 6, 6), Fraction(1, 3))


def products() -> str:
    while True:
        PRODUCTS @ PRODUCTS


def test_an_alarm_that_compiled_code_made_an_error_of_is_an_alarm() -> None:
    found = [within(time.monotonic() + 0.02, products, lambda: "late") for _ in range(20)]
    assert found == ["late"] * 20


def test_so_is_one_that_a_guard_took_for_a_fault_of_its_quantity() -> None:
    def guarded() -> str:
        try:
            return products()
        except Exception as error:
            raise UsageError("the quantity fails") from error

    found = [within(time.monotonic() + 0.02, guarded, lambda: "late") for _ in range(20)]
    assert found == ["late"] * 20


@pytest.fixture
def heard() -> Iterator[None]:
    """Interrupts are heard: what a shell starts in the background ignores them, and while memory is tidied up they are lost."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()
    yield
    gc.enable()
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("limit", [math.inf, 3600.0])
def test_and_so_is_an_interrupt(limit: float) -> None:
    for _ in range(5):
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            within(time.monotonic() + limit, products, lambda: "late")


def test_an_alarm_waits_while_memory_is_tidied_up_where_it_would_be_lost() -> None:
    """It would be printed, and under pytest fail whatever test is next."""
    lost: list[object] = []

    def slow(phase: str, _: object) -> None:
        time.sleep(0.2)

    class Finalised:
        def __del__(self) -> None:
            time.sleep(0.2)

    def collect() -> str:
        gc.callbacks.append(slow)
        gc.collect()
        gc.callbacks.remove(slow)
        return endless()

    def finalise() -> str:
        Finalised()
        return endless()

    before = sys.unraisablehook
    sys.unraisablehook = lost.append
    try:
        assert within(time.monotonic() + 0.1, collect, lambda: "late") == "late"
        assert within(time.monotonic() + 0.1, finalise, lambda: "late") == "late"
    finally:
        sys.unraisablehook = before
        gc.callbacks[:] = [callback for callback in gc.callbacks if callback is not slow]
    assert not lost


@pytest.mark.usefixtures("heard")
def test_a_command_that_is_interrupted_in_compiled_code_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    def run(_: argparse.Namespace) -> int:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            products()
        except Exception as error:
            raise UsageError("the quantity fails") from error
        return 0

    assert command(lambda: Parser("nothing", "Nothing."), run)([]) == 130
    assert capsys.readouterr().err == "nothing: interrupted\n"


def test_an_import_is_not_torn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.4)\nwhole = True\n")
    monkeypatch.syspath_prepend(tmp_path)

    def work() -> str:
        import slow_to_import  # type: ignore[import-not-found]

        assert slow_to_import.whole
        return endless()

    assert within(time.monotonic() + 0.1, work, lambda: "late") == "late"
    assert sys.modules["slow_to_import"].whole


def test_other_threads_have_no_alarm_and_finish() -> None:
    found: list[str] = []
    work = threading.Thread(target=lambda: found.append(within(time.monotonic() + 1, lambda: "done", lambda: "late")))
    work.start()
    work.join()
    assert found == ["done"]


@pytest.mark.parametrize("name", ["distance", "transfer_bound"])
def test_the_judge_keeps_its_budget_in_the_midst_of_a_replay(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(claim(name))
    judge.judge(question, level="sampled", budget=0.01)
    # an exact replay that takes for ever, as one in many dimensions nearly does
    monkeypatch.setattr(Question, "replay", lambda *_: endless())
    records = judge.judge(question, level="searched", budget=1.0)
    assert {record.verdict for record in records} == {Verdict.UNDECIDED}
    assert "time ran out" in records[0].detail


def test_a_control_gets_its_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[tuple[str, float]] = []

    def gather(question: Question, effort: judge.Effort) -> judge.Evidence:
        shares.append((question.claim.name, effort.deadline - time.monotonic()))
        return judge.Evidence(complete=False)

    methods = [judge.Method("sampled", "sampled", Verdict.SAMPLED, lambda question: True, gather)]
    monkeypatch.setattr(judge, "METHODS", methods)
    judge.judge(Question(claim("distance/core")), level="sampled", budget=20.0)
    (control, first), (name, rest) = shares[:2]
    assert (control, name) == ("distance/core/false-sibling", "distance/core")
    assert first == pytest.approx(rest / 2, rel=0.1)
    assert math.isfinite(rest)


#: commands that work for a while, what they are asked, and the outputs that they write at the end
INTERRUPTED = {
    "bounds": (["transfer_bound", "--jobs", "1", "--level", "searched"], ["json", "junit", "tex", "html", "regressions"]),
    "bounds on workers": (["quadratic", "--jobs", "2", "--no-cache"], ["json", "html"]),
    "mutation": (["transfer_bound", "--jobs", "1"], ["write"]),
    "decide": ([*["--example", "--num-tasks", "11", "--samples", "10", "--alpha", "0.1", "--resamples", "100000"]], ["json"]),
}


@pytest.mark.parametrize("case", INTERRUPTED)
def test_an_interrupted_run_writes_over_nothing(case: str, tmp_path: Path) -> None:
    words, outputs = INTERRUPTED[case]
    for name in outputs:
        (tmp_path / name).write_text("of an earlier run")
        words = [*words, f"--{name}", str(tmp_path / name)]
    # the signal comes once the work itself has begun
    program = (
        "import os, signal, sys, threading\n"
        "from importlib import import_module\n"
        "import verify.evidence.question, verify.simulation.decision\n"
        "from verify.shell.cache_folder import hold_hypothesis\n"
        "hold_hypothesis()\n"  # as a process of its own does
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # which the background ignores
        "threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        f"sys.exit(import_module('verify.{case.partition(' ')[0]}').main({words!r}))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 130, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert {path.read_text() for path in tmp_path.iterdir()} == {"of an earlier run"}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(outputs)


def test_an_interrupt_that_is_lost_in_a_callback_comes_again() -> None:
    """Raised while memory is tidied up it is only printed, by Python's rule."""
    program = (
        "import gc, os, signal, sys, time\n"
        "from verify.shell.command_line import Parser, command\n"
        "def interrupted(phase, info):\n"
        "    gc.callbacks.remove(interrupted)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(1)\n"
        "def run(options):\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "    gc.callbacks.append(interrupted)\n"
        "    gc.collect()\n"
        "    time.sleep(30)\n"
        "    return 0\n"
        "sys.exit(command(lambda: Parser('nothing', 'Nothing.'), run)([]))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (130, "nothing: interrupted\n")


def test_files_take_their_places_together(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text("before")
    with pytest.raises(FileNotFoundError):
        write_all({old: "after", tmp_path / "no" / "such": "after"})
    assert old.read_text() == "before"

    def interrupted() -> None:
        with made_aside(tmp_path) as aside:
            (aside / "old").write_text("after")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("old", "before")]
    with made_aside(tmp_path) as aside:
        (aside / "old").write_text("after")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("old", "after")]


def test_progress_counts_what_is_done_and_says_in_a_pipe_how_long_all_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with counted("claims", 20, announced=True) as seen:
        for _ in range(20):
            seen()
    first, second = capsys.readouterr().err.splitlines()
    assert first == "20 claims; how long they take is said when 3 are done"
    assert re.fullmatch(r"3 of 20 claims in \d+ seconds; all take about \d+ seconds", second)
    with counted("claims", 20) as seen:
        seen()
    assert capsys.readouterr().err == ""


def test_workers_are_ended_with_the_budget_whatever_they_do() -> None:
    """A compilation or a long call into C hears no alarm; what was not begun by then takes no time any more."""
    until = time.time() + 5.0
    began = time.monotonic()
    found = list(spread(partial(nap, until=until), [0.0, 600.0, 600.0, 600.0, 0.0], 2, until=until))
    assert found == ["done", *["not begun"] * 4]
    assert time.monotonic() - began >= 4.9


def test_of_hundreds_of_claims_whose_turn_never_comes_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def gather(question: Question, effort: judge.Effort) -> judge.Evidence:
        begun.append(question.claim.name)
        return judge.Evidence(complete=False)

    methods = [judge.Method("sampled", "sampled", Verdict.SAMPLED, lambda question: True, gather)]
    monkeypatch.setattr(judge, "METHODS", methods)
    monkeypatch.setattr(judge, "_disagreement", lambda *_: begun.append("comparison"))
    references = [Reference(name) for name in bounds.names("quadratic")]
    records = [record for reference in references for record in judge.judge(reference.load(), budget=0.0)]
    assert {record.verdict for record in records} == {Verdict.UNDECIDED}
    assert all("time ran out" in record.detail for record in records if not record.name.endswith("/false-sibling"))
    assert not begun


def test_claims_are_told_of_while_there_is_time(capsys: pytest.CaptureFixture[str]) -> None:
    def said(seconds: float, _: object) -> Iterator[str]:
        time.sleep(seconds)
        yield f"slept {seconds}"
        if seconds == 0.02:
            time.sleep(30.0)
            yield "never"

    say_in_time([0.01, 0.02, 0.01, 0.01], str, said, time.monotonic() + 0.1)
    found = "slept 0.01\nslept 0.02\n0.02: time ran out\ntime ran out before 2 of 4 claims\n"
    assert capsys.readouterr().out == found  # what was found of the second one before is there


def test_what_goes_to_a_file_is_not_printed_on_the_terminal_that_shows_progress(tmp_path: Path) -> None:
    """A line that is longer than the terminal is wide stays whole there: it may be Python."""
    terminal, end = os.openpty()
    program = (
        "import math, time\nfrom verify.shell.terminal import say_in_time\n"
        "say_in_time(['a' * 200, 'b'], str, lambda item, looked: [item, *[looked(12345), time.sleep(0.3)][2:]], math.inf)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "60", "TERM": "xterm"}
    with (tmp_path / "out").open("w") as out:
        subprocess.run([sys.executable, "-c", program], stdout=out, stderr=end, env=environment, timeout=60, check=True)
    os.close(end)
    assert (tmp_path / "out").read_text() == "a" * 200 + "\nb\n"
    shown = os.read(terminal, 100_000).decode()
    assert "1/2" in shown
    assert "25k instances" in shown  # of one long claim too it is seen that it goes on
    assert "aaa" not in shown


@pytest.mark.parametrize("name", ["bounds", "breaks", "tightness", "long_search"])
def test_a_budget_counts_from_when_the_program_was_started(name: str) -> None:
    """Imports take seconds on a busy machine."""
    options = import_module(f"verify.{name}").parser().parse_args(["distance", "--budget", "7", *STATE.get(name, [])])
    options.began = time.monotonic() - 3.0
    assert deadline(options) - time.monotonic() == pytest.approx(4.0, abs=0.5)


def test_every_item_counts_when_it_is_done() -> None:
    done: list[int] = []
    assert list(spread(abs, [-1, 2, -3], 1, seen=lambda: done.append(len(done)))) == [1, 2, 3]
    assert done == [0, 1, 2]
    assert list(spread(abs, [-1, 2, -3], 2, seen=lambda: done.append(len(done)))) == [1, 2, 3]
    assert len(done) == 6
