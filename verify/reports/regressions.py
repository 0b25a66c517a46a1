"""Counterexamples as a pytest file: what refuted a claim once is replayed exactly whenever the tests run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from verify.reports.text import scripts
from verify.shell.commands import respelled

if TYPE_CHECKING:
    from verify.judging.record import Record

_HEAD = '''"""Counterexamples found by `python -m verify.bounds`, replayed in exact numbers.

Each test fails when its instance no longer violates the claim it refuted: when the claim, or what measures it, has changed.
"""
'''


def as_tests(records: Sequence[Record]) -> str:
    """One test for each counterexample of the records.

    Parameters
    ----------
    records : sequence of Record
        Of the project's claims, which the tests import, and of users' files, which they run where they are.

    Returns
    -------
    str
        Python source; a file without a counterexample still is a valid one.
    """
    imports: set[str] = set()
    tests, taken = [], set[str]()
    for record in records:
        for kind, script in scripts(record.counterexample).items():
            lines = script.splitlines()
            imports |= {line for line in lines if _is_import(line)}
            body = "\n".join(f"    {line}" for line in lines if not _is_import(line))
            name = _free(re.sub(r"\W+", "_", f"{record.name}_{kind}"), taken)
            tests.append(f"\n\ndef test_{name}():\n{body}\n")
    return respelled(_HEAD) + "\n" + "\n".join(sorted(imports, key=_order)) + ("\n" if imports else "") + "".join(tests)


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first numbered one that no other test has; it is taken then."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def _is_import(line: str) -> bool:
    return line.startswith(("import ", "from "))


def _order(line: str) -> tuple[bool, str]:
    """The standard library first."""
    return not line.startswith("from fractions"), line
