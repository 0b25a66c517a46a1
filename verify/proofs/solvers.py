r"""z3 and cvc5 on a claim as it stands: SMT-LIB text, one process per question, killed when its time is over.

The text is made from the claim's own formulas and domains, not from the normal form that the other proofs use, so that a
mistake there would show.  Both solvers read the same text.  Division is total in SMT-LIB: every denominator is asserted not to
be zero, as the claim says nothing there.  The question is whether the claim's negation is satisfiable; ``unsat`` proves the
claim.  The solvers write no proof that other code could check, so that replaying means asking again.

Examples
--------
>>> from theory.bounds import claim
>>> print(script(Statement.of(claim("lower_curvature/numerator")), {}).splitlines()[1])
(declare-const |s| Real)
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from sympy import FiniteSet, Interval, Symbol

from verify.arithmetic.evaluate import Backend, evaluate
from verify.proofs import solver_process
from verify.proofs.statement import Statement, Unprovable, fixed_value

#: the solvers by name
SOLVERS = ("z3", "cvc5")
#: seconds that one question may take, and what start-up and a solver that does not keep its own limit get on top
PATIENCE, GRACE = 10.0, 5.0
#: names that the text gives a meaning of its own, and characters that it may have
_OWN_NAMES = re.compile(
    r"root_[0-9]+|true|false|not|and|or|xor|ite|let|forall|exists|match|par|as|is|distinct|div|mod|abs|to_real|to_int|is_int"
    r"|[-+*/=<>]+|Real|Int|Bool|BINARY|DECIMAL|HEXADECIMAL|NUMERAL|STRING|_|!|assert|check-sat"
    r"|declare-const|set-logic|exit|push|pop|reset|sin|cos|tan|exp|pi|real\..*"
)
_MOST_TEXT = 2_000_000
#: what is said of one that took longer
LATE = "gives no answer in time"


@dataclass(frozen=True)
class Answer:
    """What a solver said.

    Attributes
    ----------
    answer : str
        ``unsat`` (the claim holds), ``sat`` (it does not), ``unknown``, ``killed`` or ``failed``.
    version : str
        Of the solver; empty if it was killed or failed.
    models : tuple of mapping
        With ``sat``: name to rational number, as text; more than one where numbers are only approximated.
    """

    answer: str
    version: str = ""
    models: tuple[Mapping[str, str], ...] = ()


# --- terms --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Term:
    """A real term of SMT-LIB."""

    text: str

    def _apply(self, operator: str, *others: Any) -> _Term:
        text = f"({operator} {' '.join(number(other) for other in others)})"
        if len(text) > _MOST_TEXT:
            raise Unprovable("its formulas are too long for solvers")
        return _Term(text)

    def __add__(self, other: Any) -> _Term:
        return self._apply("+", self, other)

    def __radd__(self, other: Any) -> _Term:
        return self._apply("+", other, self)

    def __sub__(self, other: Any) -> _Term:
        return self._apply("-", self, other)

    def __rsub__(self, other: Any) -> _Term:
        return self._apply("-", other, self)

    def __mul__(self, other: Any) -> _Term:
        return self._apply("*", self, other)

    def __rmul__(self, other: Any) -> _Term:
        return self._apply("*", other, self)

    def __neg__(self) -> _Term:
        return self._apply("-", self)

    def __pow__(self, exponent: int) -> _Term:
        return reduce(lambda power, _: power * self, range(exponent - 1), self) if exponent else _Term("1.0")


def number(value: Any) -> str:
    """A term's text, or a rational number's."""
    if isinstance(value, _Term):
        return value.text
    exact = Fraction(value)
    text = f"{abs(exact.numerator)}.0"
    if exact.denominator != 1:
        text = f"(/ {text} {exact.denominator}.0)"
    return f"(- {text})" if exact < 0 else text


class _Writer:
    """The walker's backend for terms; it notes what must hold for the terms to mean anything."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._roots: dict[str, _Term] = {}

    def require(self, text: str) -> None:
        line = f"(assert {text})"
        if line not in self.lines:
            self.lines.append(line)

    def backend(self) -> Backend:
        return Backend(
            constant=lambda value: _Term(number(value)),
            divide=self._divide,
            root=self._root,
            absolute=lambda a: _Term(f"(ite (>= {number(a)} 0.0) {number(a)} (- {number(a)}))"),
            exponential=self._exponential,
            minimum=lambda a, b: _Term(f"(ite (<= {number(a)} {number(b)}) {number(a)} {number(b)})"),
            maximum=lambda a, b: _Term(f"(ite (>= {number(a)} {number(b)}) {number(a)} {number(b)})"),
        )

    def _divide(self, numerator: Any, denominator: Any) -> _Term:
        self.require(f"(not (= {number(denominator)} 0.0))")
        return _Term(f"(/ {number(numerator)} {number(denominator)})")

    def _root(self, value: Any) -> _Term:
        text = number(value)
        if text not in self._roots:
            root = _Term(f"root_{len(self._roots)}")
            self._roots[text] = root
            self.lines.append(f"(declare-const {root.text} Real)")
            self.require(f"(>= {root.text} 0.0)")
            self.require(f"(= (* {root.text} {root.text}) {text})")
        return self._roots[text]

    def _exponential(self, value: Any) -> _Term:
        raise Unprovable("solvers know no exponential")


def script(statement: Statement, integers: Mapping[Symbol, Any]) -> str:
    """The question to a solver, in SMT-LIB: a point at which the claim is false.

    Parameters
    ----------
    statement : Statement
    integers : mapping
        Values of some integer parameters; the others are relaxed to reals.

    Returns
    -------
    str

    Raises
    ------
    Unprovable
        If the claim has an exponential.
    """
    writer = _Writer()
    backend = writer.backend()
    values: dict[Symbol, Any] = {}
    for symbol, domain in statement.parameters.items():
        if symbol in integers:
            values[symbol] = fixed_value(integers[symbol], values, backend)
            continue
        if isinstance(domain, FiniteSet):
            (only,) = domain.args
            values[symbol] = evaluate(only, values, backend)
            continue
        if set(symbol.name) & set("|\\") or not symbol.name.isprintable() or _OWN_NAMES.fullmatch(symbol.name):
            raise Unprovable(f"the name {symbol.name!r} cannot be written for solvers")
        name = _Term(f"|{symbol}|")
        writer.lines.append(f"(declare-const {name.text} Real)")
        writer.require(_inside(name, domain, values, backend))
        values[symbol] = name
    for symbol, entry in statement.derived.items():
        values[symbol] = entry.value(values, integers, backend)
    lhs, rhs = (number(evaluate(side, values, backend)) for side in (statement.lhs, statement.rhs))
    relation = "<=" if statement.relation == "<=" else "="
    writer.require(f"(not ({relation} {lhs} {rhs}))")
    return "\n".join(["(set-logic QF_NRA)", *writer.lines, "(check-sat)"]) + "\n"


def _inside(name: _Term, domain: Any, values: Mapping[Symbol, Any], backend: Backend) -> str:
    """That a symbol lies in its domain, which is empty where the ends are in the wrong order."""
    if isinstance(domain, Interval):
        (low, high), opened = (domain.start, domain.end), (bool(domain.left_open), bool(domain.right_open))
    else:
        (low, high), opened = (domain.inf, domain.sup), (False, False)
    ends = [None if end.is_infinite else number(evaluate(end, values, backend)) for end in (low, high)]
    parts = [f"({'<' if opened[0] else '<='} {ends[0]} {name.text})"] if ends[0] else []
    parts += [f"({'<' if opened[1] else '<='} {name.text} {ends[1]})"] if ends[1] else []
    return f"(and {' '.join(parts)})" if len(parts) > 1 else (parts or ["true"])[0]


# --- processes ----------------------------------------------------------------------------------------------------------------


def ask(solver: str, text: str, seconds: float = PATIENCE, *, grace: float | None = None) -> Answer:
    """The answer of a solver that runs in a process of its own, killed when the time is over.

    Parameters
    ----------
    solver : {"z3", "cvc5"}
    text : str
        SMT-LIB.
    seconds : float
    grace : float, optional
        Seconds for start-up and a solver that does not keep its own limit; :data:`GRACE` by default.

    Returns
    -------
    Answer
    """
    command = [sys.executable, "-P", solver_process.__file__, solver, str(seconds)]
    limit = seconds + (GRACE if grace is None else grace)
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return Answer("killed")
    if done.returncode != 0:
        return Answer("failed")
    found = json.loads(done.stdout)
    return Answer(found["answer"], found["version"], tuple(found["models"]))
