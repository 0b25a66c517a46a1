"""From a violation to the simplest one, and to Python that can be pasted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, Symbol, srepr

from theory import bounds, notation
from theory.claim import Claim
from verify.arithmetic.enclosure import Enclosure, Exact, ends
from verify.evidence.comparison import NOMINATION, Replay, Subject
from verify.instances.space import Cell

#: resolutions at which simple violations are looked for, cells looked into, and instances drawn in each
_BITS, _CELLS, _INSTANCES = (1, 2, 3, 4), 24, 256


def simplest(subject: Subject, known: Replay) -> Replay:
    """The simplest violation that can be found: smallest cell, coarsest numbers, most zero codes.

    Small cells are searched at low resolution, where the codes are few; if none of them holds a violation, the known one is
    simplified by zeroing codes.  Every step is confirmed exactly.

    Parameters
    ----------
    subject : Subject
        The claim.
    known : Replay
        A confirmed violation.

    Returns
    -------
    Replay
        A confirmed violation.
    """
    rng = np.random.default_rng(0)
    for cell in subject.space.cells(most=3)[:_CELLS]:
        if cell.size() > known.cell.size():
            break
        for bits in _BITS:
            coarse = Cell(cell.shape, bits)
            codes = subject.space.random_codes(coarse, _INSTANCES, rng)
            gaps = subject.sides(coarse, codes).gap
            nominated = codes[gaps > NOMINATION]
            for candidate in sorted(nominated.tolist(), key=_complexity)[:2]:
                found = subject.violation(coarse, candidate)
                if found is not None:
                    return simplified(subject, found)
    return simplified(subject, known)


def _complexity(codes: list[int]) -> tuple[int, int]:
    return sum(code != 0 for code in codes), sum(codes)


def simplified(subject: Subject, found: Replay) -> Replay:
    """A violation near a confirmed one: zero, else halve, one code after another as long as it stays a violation.

    Parameters
    ----------
    subject : Subject
        The claim.
    found : Replay
        A confirmed violation.
    """
    changed = True
    while changed:
        changed = False
        for smaller in _smaller(found.codes):
            simpler = subject.violation(found.cell, smaller)
            if simpler is not None:
                found, changed = simpler, True
                break
    return found


def _smaller(codes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for index, code in enumerate(codes):
        if code:
            yield (*codes[:index], 0, *codes[index + 1 :])
    for index, code in enumerate(codes):
        if code > 1:
            yield (*codes[:index], code // 2, *codes[index + 1 :])


def script(subject: Subject, replay: Replay, origin: Sequence[str] = ()) -> str:
    """An exact instance as Python that can be pasted: it rebuilds the instance, compares the two sides and asserts the outcome.

    Parameters
    ----------
    subject : Subject
        The claim; one of the project's own is imported by name, another is expected as ``CLAIM``.
    replay : Replay
        The instance.
    origin : sequence of str
        Lines that define ``CLAIM``, where its name does not say where it is.
    """
    batch = subject.space.exact(replay.cell, replay.codes)
    values = [
        f"    {_name(symbol)}: {_literal(value.item() if isinstance(value, np.ndarray) else value)},"
        for symbol, value in batch.values.items()
    ]
    arguments = []
    if batch.tasks is not None:
        for name in ("probabilities", "optima", "eigenvalues", "eigenvectors"):
            arguments.append(f"    {name}={_literal(getattr(batch.tasks, name)[0])},")
        if batch.tasks.families:
            inner = ", ".join(f'"{name}": {_literal(matrix[0])}' for name, matrix in batch.tasks.families.items())
            arguments.append(f"    families={{{inner}}},")
    lines = [
        "from fractions import Fraction as F",
        *(["from sympy import Symbol"] if any("Symbol(" in value for value in values) else []),
        "import theory.notation as S",
        "from theory.rules import *",
        "import verify",
        *(origin or _import_of(subject)),
        "instance = verify.instance({",
        *values,
        "}," if arguments else "})",
        *arguments,
        *([")"] if arguments else []),
        f"lhs, rhs = verify.exact_sides(CLAIM, instance{', QUANTITIES' if subject.own else ''})",
        f"assert verify.outcome(CLAIM, lhs, rhs) == {replay.outcome.value!r}"
        f"  # {_shown(replay.lhs)} {subject.claim.relation} {_shown(replay.rhs)}",
    ]
    return "\n".join(lines)


def _import_of(subject: Subject) -> list[str]:
    name = subject.claim.name
    if _own(name) == replace(subject.claim, reductions=()):
        return ["from theory.bounds import claim", f"CLAIM = claim({name!r})"]
    return [
        f"# the claim {name} of your file as CLAIM"
        + (" with its QUANTITIES" if subject.own else "")
        + ", and its rules if it has its own"
    ]


def _own(name: str) -> Claim | None:
    """The project's claim of that name without the steps of its proof, if there is one."""
    try:
        return replace(bounds.claim(name), reductions=())
    except (KeyError, ValueError):
        return None


def _name(symbol: Symbol) -> str:
    """The attribute of theory.notation that holds a symbol; one that is not in the table is made anew."""
    named = (f"S.{name}" for name, value in vars(notation).items() if isinstance(value, Symbol) and value == symbol)
    return next(named, srepr(symbol))


def _literal(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "[" + ", ".join(_literal(entry) for entry in value) + "]"
    if isinstance(value, Enclosure):
        return f"F({str((value.lower + value.upper) / 2)!r})"
    if isinstance(value, Fraction):
        return f"F({value.numerator}, {value.denominator})" if value.denominator != 1 else f"F({value.numerator})"
    if is_dataclass(value):
        inner = ", ".join(f"{entry.name}={_rule_field(getattr(value, entry.name))}" for entry in fields(value))
        return f"{type(value).__name__}({inner})"
    return repr(value)


def _rule_field(value: Any) -> str:
    if isinstance(value, Expr):
        return str(value.xreplace({symbol: Symbol(_name(symbol)) for symbol in value.free_symbols}))
    return str(value)


def _shown(side: tuple[Exact, ...]) -> str:
    return ", ".join(f"{float(sum(ends(value)) / 2):.6g}" for value in side)
