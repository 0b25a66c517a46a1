"""From a violation to the simplest one, and to Python that can be pasted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, Rational, Symbol, srepr

from theory import notation
from verify.arithmetic.enclosure import Enclosure, Exact, ends
from verify.evidence.question import NOMINATION, Question
from verify.evidence.replay import Replay
from verify.instances.batch import Cell
from verify.instances.family import entries

#: resolutions at which simple violations are looked for, cells looked into, and instances drawn in each
_BITS, _CELLS, _INSTANCES = (1, 2, 3, 4), 24, 256
#: instances decided at most while one is simplified
_STEPS = 2000


def simplest(question: Question, known: Replay) -> Replay:
    """The simplest violation that can be found: smallest cell, coarsest numbers, most zero codes.

    Small cells are searched at low resolution, where the codes are few; if none of them holds a violation, the known one is
    simplified.  Every step is confirmed exactly.

    Parameters
    ----------
    question : Question
        About the claim.
    known : Replay
        A confirmed violation.

    Returns
    -------
    Replay
        A confirmed violation.
    """
    rng = np.random.default_rng(0)
    for cell in question.space.cells(most=3)[:_CELLS]:
        if cell.size() > known.cell.size():
            break
        for bits in _BITS:
            coarse = Cell(cell.shape, bits)
            codes = question.space.random_codes(coarse, _INSTANCES, rng)
            gaps = question.sides(coarse, codes).gap
            nominated = codes[gaps > NOMINATION]
            for candidate in sorted(nominated.tolist(), key=_complexity)[:2]:
                found = question.confirmed(coarse, candidate)
                if found is not None:
                    return simplified(question, found)
    return simplified(question, known)


def _complexity(codes: list[int]) -> tuple[int, int]:
    return sum(code != 0 for code in codes), sum(codes)


def simplified(question: Question, found: Replay) -> Replay:
    """A violation near a confirmed one: each code zero, halved or cut to fewer digits as long as it stays a violation.

    One that was given by its numbers gets shorter fractions.

    Parameters
    ----------
    question : Question
        About the claim.
    found : Replay
        A confirmed violation.
    """
    if found.codes is None:
        return _shortened(question, found)
    changed, left = True, _STEPS
    while changed and left > 0:
        changed = False
        for smaller in _smaller(found.codes, 1 << found.cell.bits):
            left -= 1
            simpler = question.violation(found.cell, smaller)
            if simpler is not None:
                found, changed = simpler, True
                break
    return found


def _smaller(codes: tuple[int, ...], top: int) -> Iterator[tuple[int, ...]]:
    for index, code in enumerate(codes):
        if code:
            yield (*codes[:index], 0, *codes[index + 1 :])
    for index, code in enumerate(codes):
        if 1 < code <= top:
            yield (*codes[:index], code // 2, *codes[index + 1 :])
    for index, code in enumerate(codes):
        for digits in range(code.bit_length() - 1, 0, -1) if code <= top else ():
            cut = code >> digits << digits
            if cut != code:
                yield (*codes[:index], cut, *codes[index + 1 :])


def _shortened(question: Question, found: Replay) -> Replay:
    """Shorter fractions in place of the parameters, one after another, as long as the instance stays a violation."""
    values = {
        symbol: value.item() if isinstance(value, np.ndarray) else value for symbol, value in found.instance.values.items()
    }
    for symbol, value in list(values.items()):
        for digits in range(16) if isinstance(value, Fraction) else ():
            shorter = value.limit_denominator(8**digits)
            simpler = question.suspected({**values, symbol: shorter})
            if simpler is not None:
                values[symbol], found = shorter, simpler
                break
    return found


def script(question: Question, violation: Any) -> str:
    """A violation as Python that can be pasted: it rebuilds the instance, compares the two sides and asserts the outcome.

    Parameters
    ----------
    question : Question
        About the claim; one of the project's own is imported by name, another is expected as ``CLAIM`` unless the question says
        where it came from.
    violation : Replay, or what replicates found
    """
    if not isinstance(violation, Replay):
        return str(violation.script(question, question.header()))
    batch = violation.instance
    values = [
        f"    {_name(symbol)}: {_literal(value.item() if isinstance(value, np.ndarray) else value)},"
        for symbol, value in batch.values.items()
    ]
    tasks = []
    kinds = {type(value.item() if isinstance(value, np.ndarray) else value) for value in batch.values.values()}
    kinds = {kind for kind in kinds if is_dataclass(kind)} - {Enclosure}
    if batch.tasks is not None:
        kind = type(batch.tasks)
        kinds.add(kind)
        tasks = [f"{kind.__name__}(", *(f"    {name}={_nested(value)}," for name, value in entries(batch.tasks)), ")"]
    shown = f"{_shown(violation.lhs)} {question.claim.relation} {_shown(violation.rhs)}"
    lines = [
        *(["import numpy as np"] if any("np.array" in line for line in tasks) else []),
        "from fractions import Fraction as F",
        *(["from sympy import Symbol"] if any("Symbol(" in value for value in values) else []),
        "import theory.notation as S",
        "from theory.rules import *",
        "import verify",
        *question.header(),
        *sorted(map(_named, kinds)),
        *(["tasks = " + tasks[0], *tasks[1:]] if tasks else []),
        "instance = verify.instance({",
        *values,
        "}, tasks)" if tasks else "})",
        f"lhs, rhs = verify.exact_sides(CLAIM, instance{', QUANTITIES' if question.own else ''})",
        f"assert verify.outcome(CLAIM, lhs, rhs) == {violation.outcome.value!r}  # {shown}",
    ]
    return "\n".join(lines)


def _named(kind: type) -> str:
    """A line that gives a class its name: one of the file that holds the claim is taken from there."""
    if kind.__module__.startswith("claims_of_"):
        return f"{kind.__name__} = mine[{kind.__name__!r}]"
    return f"from {kind.__module__} import {kind.__name__}"


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


def _nested(value: Any) -> str:
    """A field of an instance: nested lists of fractions, an array of whole numbers, or a dictionary of such."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_nested(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, np.ndarray) and value.dtype.kind in "iub":
        return f"np.array({value[0].tolist()})"
    return _literal(value[0])


def _shown(side: tuple[Exact, ...]) -> str:
    return ", ".join(_digits(sum(ends(value), Fraction(0)) / 2) for value in side)


def _digits(value: Fraction) -> str:
    """Six digits of a rational of any size; Python writes no integers of thousands of them."""
    return str(Rational(value.numerator, value.denominator).evalf(6)) if value else "0"
