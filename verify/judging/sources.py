"""Where claims come from: the project's own by name, a user's from a Python file."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from theory import bounds
from theory.claim import Claim
from verify.judging.claim_file import read
from verify.shell.usage_error import UsageError, blamed

if TYPE_CHECKING:
    from verify.evidence.question import Question


@dataclass(frozen=True)
class Reference:
    """A claim by where it is: a name of :mod:`theory.bounds` or the path of a file, and the name of a part of it.

    Parameters
    ----------
    origin : str
        Name, or path ending in ``.py``.
    part : str
        Last part of the name of a step of its proof; empty for the claim itself.
    """

    origin: str
    part: str = ""

    def claim(self) -> Claim:
        """The claim alone, without what it takes to judge it.

        Raises
        ------
        UsageError
            If there is no such claim or file, or the file holds none.
        """
        found = (read(Path(self.origin)) if self.origin.endswith(".py") else _own(self.origin))[0]
        return found.part(self.part) if self.part else found

    def load(self) -> Question:
        """The question whether the claim holds, with all that its file brings.

        Raises
        ------
        UsageError
            If there is no such claim or file, or the file holds none.
        """
        question = self._whole()
        return question.part(question.claim.part(self.part)) if self.part else question

    def _whole(self) -> Question:
        from verify.evidence.question import Question

        if not self.origin.endswith(".py"):
            claim, module = _own(self.origin)
            return Question(claim, document=inspect.getdoc(module) or "")
        path = Path(self.origin)
        claim, module = read(path)
        own = getattr(module, "QUANTITIES", getattr(module, "VERBS", None))
        origin = ["from runpy import run_path", f"mine = run_path({str(path.resolve())!r})", "CLAIM = mine['CLAIM']"]
        if own:
            origin.append(f"QUANTITIES = mine[{'QUANTITIES' if hasattr(module, 'QUANTITIES') else 'VERBS'!r}]")
        if hasattr(module, "FAMILIES"):
            origin.append("FAMILIES = mine['FAMILIES']")
        with blamed(claim):
            return Question(claim, own, getattr(module, "FAMILIES", None), origin, document=inspect.getdoc(module) or "")


def load(path: str | Path) -> Claim:
    """The claim of a user's file.

    Parameters
    ----------
    path : str or Path
        A Python file with one :class:`~theory.claim.Claim` named ``CLAIM``, and, if it has any, its own ``QUANTITIES``.

    Raises
    ------
    UsageError
        If the file is missing, fails, or holds no claim.
    TypeError
        If `path` is no path.
    """
    if not isinstance(path, str | Path):
        raise TypeError(f"path is {path!r}; it must be the path of a Python file with a CLAIM, as a str or a Path")
    return read(Path(path))[0]


def _own(name: str) -> tuple[Claim, ModuleType]:
    try:
        claim = bounds.claim(name)
    except (KeyError, ValueError) as error:
        raise UsageError(str(error.args[0])) from None
    return claim, bounds.module(name)
