"""Verdicts that were reached before: kept by claim, level, seed, the project's sources and the versions they ran on.

A verdict is reused only if nothing it rests on has changed; whatever stayed undecided is judged again.  It is stored as soon as
its claim is done, so that a run which is interrupted goes on where it stopped.  Claims from a user's own files are not kept:
what such a file imports is not known here.

Where: :mod:`verify.shell.cache_folder`.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from theory.claim import Claim
from verify.evidence.result import Verdict
from verify.proofs.solvers import LATE
from verify.shell.cache_folder import folder

if TYPE_CHECKING:
    from verify.judging.record import Record

_ROOT = Path(__file__).resolve().parents[2]
#: when this process began to load what judges, to within the seconds that a file system may be behind
_BEGAN = time.time() - 2.0
#: packages besides those that a record names
_ALSO = ("llvmlite", "mpmath", "python-flint", "z3-solver", "cvc5")


def _files() -> list[Path]:
    return [path for package in ("theory", "numerics", "verify") for path in sorted((_ROOT / package).rglob("*.py"))]


@lru_cache(maxsize=1)
def sources() -> str:
    """Digest of the project's code: a verdict of other code is another verdict."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(str(path.relative_to(_ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _edited() -> bool:
    """Whether the project's code changed while this process ran it: the digest is then of other code than what judged."""
    return any(path.stat().st_mtime > _BEGAN for path in _files())


def _whole(claim: Claim) -> str:
    """Everything that a claim says, the steps of its proof included: its ``repr`` is for readers and leaves out most."""
    said = []
    for entry in fields(claim):
        value = getattr(claim, entry.name)
        if entry.name == "reductions":
            value = [_whole(step) if isinstance(step, Claim) else step for step in value]
        said.append((entry.name, value))
    return repr(said)


def key(claim: Claim, level: str, seed: int) -> str:
    """Name of a claim's verdicts.

    Parameters
    ----------
    claim : Claim
        One of the project's own: its file is among the digested sources.
    level : str
    seed : int

    Examples
    --------
    >>> from theory.bounds import claim
    >>> key(claim("distance"), "sampled", 0) == key(claim("distance"), "sampled", 1)
    False
    """
    from verify.judging.record import versions

    found = versions(_ALSO) | versions()
    parts = (claim.name, _whole(claim), level, str(seed), sources(), repr(sorted(found.items())), platform.python_version())
    return hashlib.sha256("\0".join((*parts, platform.machine())).encode()).hexdigest()[:40]


def load(claim: Claim, level: str, seed: int) -> list[Record] | None:
    """The records kept for a claim, or None; a file that cannot be read counts as none.

    Parameters
    ----------
    claim : Claim
    level : str
    seed : int
    """
    from verify.judging.record import Record

    place = folder()
    if place is None:
        return None
    try:
        entries = json.loads((place / f"{key(claim, level, seed)}.json").read_text(encoding="utf-8"))
        return [
            Record(
                **{
                    **entry,
                    "verdict": Verdict(entry["verdict"]),
                    "worst_ratio": math.nan if entry["worst_ratio"] is None else entry["worst_ratio"],
                    "cached": True,
                }
            )
            for entry in entries
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return None


def store(claim: Claim, level: str, seed: int, records: Sequence[Record]) -> None:
    """Keep the records of a claim, unless one of them is undecided, a solver was stopped, or the code changed meanwhile.

    Parameters
    ----------
    claim : Claim
    level : str
    seed : int
    records : sequence of Record
        A folder that cannot be written to keeps nothing.
    """
    place = folder()
    open_ = (Verdict.UNDECIDED, Verdict.DISAGREEMENT)
    if place is None or any(record.verdict in open_ or LATE in record.detail for record in records) or _edited():
        return
    from verify.shell.atomic_write import write

    entries = [
        asdict(record) | {"worst_ratio": None if math.isnan(record.worst_ratio) else record.worst_ratio} for record in records
    ]
    try:
        place.mkdir(parents=True, exist_ok=True)
        write(place / f"{key(claim, level, seed)}.json", json.dumps(entries))
    except OSError:
        return
