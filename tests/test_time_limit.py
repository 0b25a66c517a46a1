"""A budget bounds a run, whatever is being done when it ends, and leaves a claim's control its share."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from theory.bounds import claim
from verify.evidence.question import Question
from verify.evidence.result import Verdict
from verify.judging import judge
from verify.shell.time_limit import within


def endless() -> str:
    while True:
        pass


def test_work_without_end_is_interrupted() -> None:
    began = time.monotonic()
    assert within(began + 0.2, endless, lambda: "late") == "late"
    assert 0.2 <= time.monotonic() - began < 1.0


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
    began = time.monotonic()
    records = judge.judge(question, level="searched", budget=1.0)
    assert time.monotonic() - began < 3.0
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
