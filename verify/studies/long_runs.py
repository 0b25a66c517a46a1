"""A search as long as one likes, which can be interrupted.

A run climbs in two random cells; of a claim about numbers alone it compares some millions of random instances besides.  Runs
are numbered; each is fixed by the seed and its number.  A finished run is a line of the state file, so a search that was
interrupted, or is continued with more runs, does only what is missing, and its counts are those of one uninterrupted search.

Examples
--------
>>> import tempfile, pathlib
>>> from theory.bounds import claim
>>> with tempfile.TemporaryDirectory() as folder:
...     state = pathlib.Path(folder) / "state.jsonl"
...     first = search(Question(claim("distance/core")), 2, state)
...     again = search(Question(claim("distance/core")), 3, state)
>>> first.runs, again.runs, again.resumed
(2, 3, 2)
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from verify.evidence.counterexample import script, simplified
from verify.evidence.local_search import search_locally
from verify.evidence.question import Question
from verify.evidence.result import Effort
from verify.judging import cache
from verify.shell.command_line import at_least
from verify.shell.time_limit import within
from verify.shell.usage_error import UsageError


@dataclass(frozen=True)
class Total:
    """What all finished runs saw together.

    Attributes
    ----------
    runs, resumed : int
        Finished runs, and how many of them were read from the state file.
    instances, undefined : int
        Instances compared, and those among them without a value.
    worst_ratio : float
        Largest ratio of the sides, in doubles; NaN if there was none.
    counterexample : str
        Python that replays a violation exactly; empty if none was found.
    """

    runs: int
    resumed: int
    instances: int
    undefined: int
    worst_ratio: float
    counterexample: str


def search(
    question: Question,
    runs: int,
    state: Path,
    *,
    seed: int = 0,
    deadline: float = float("inf"),
    seen: Callable[[], None] | None = None,
) -> Total:
    """Do the runs that the state file does not have yet.

    Parameters
    ----------
    question : Question
        About the claim.
    runs : int
        In all, those of the file included; at least 1.
    state : Path
        Made if it does not exist; one line for each finished run is appended.
    seed : int
    deadline : float
        Value of ``time.monotonic()`` at which the run that is under way is given up.
    seen : callable, optional
        Called whenever a run is done, be it before.

    Raises
    ------
    verify.shell.usage_error.UsageError
        If there are no runs to do, or the file is of another claim, seed or version, or cannot be read or written.
    ValueError
        If the claim is about something random.
    """
    question.require_certain()
    claim = question.claim
    at_least("--runs", runs, 1)
    head = {"claim": claim.name, "key": cache.key(claim, "long_search", seed)}
    try:
        done = _read(state, head)
        resumed = len(done)
        with state.open("a", encoding="utf-8") as file:
            if not state.stat().st_size:
                file.write(json.dumps(head) + "\n")
                file.flush()
            for number in range(runs):
                if number not in done:
                    found: dict[str, Any] = within(deadline, partial(_searched, question, seed, number), dict[str, Any])
                    if not found:
                        break
                    done[number] = found
                    file.write(json.dumps(found) + "\n")
                    file.flush()
                if seen is not None:
                    seen()
    except OSError as error:
        raise UsageError(f"--state is {state}, which cannot be used: {error.strerror}") from error
    return _total([done[number] for number in sorted(done)], resumed)


def _read(state: Path, head: Mapping[str, str]) -> dict[int, dict[str, Any]]:
    """Finished runs by number; a last line that was cut off in the middle is dropped from the file."""
    if not state.exists() or not state.stat().st_size:
        return {}
    text = state.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    try:
        found, *lines = map(json.loads, whole.splitlines())
        name, done = found["claim"], {line["run"]: line for line in lines}
    except (ValueError, TypeError, KeyError):
        raise UsageError(f"--state is {state}, which is no state of a search; name another file") from None
    if found != head:
        raise UsageError(f"--state is {state}, a search of claim {name} with its own seed and versions; name another file")
    if whole != text:  # only now is the file known to be ours to change
        state.write_text(whole, encoding="utf-8")
    return done


def _searched(question: Question, seed: int, number: int) -> dict[str, Any]:
    # the numbers of a seed never meet those of the next
    one = seed * 1_000_003 + number
    evidence = search_locally(question, Effort.of(one), smallest=0, random=2)
    violation = evidence.violation
    return {
        "run": number,
        "instances": evidence.instances,
        "undefined": evidence.undefined,
        "worst_ratio": None if math.isnan(evidence.worst_ratio) else evidence.worst_ratio,
        "counterexample": script(question, simplified(question, violation)) if violation is not None else "",
    }


def _total(lines: Sequence[Mapping[str, Any]], resumed: int) -> Total:
    ratios = [line["worst_ratio"] for line in lines if line["worst_ratio"] is not None]
    return Total(
        runs=len(lines),
        resumed=resumed,
        instances=sum(line["instances"] for line in lines),
        undefined=sum(line["undefined"] for line in lines),
        worst_ratio=max(ratios, default=math.nan),
        counterexample=next((line["counterexample"] for line in lines if line["counterexample"]), ""),
    )
