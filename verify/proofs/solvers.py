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
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from sympy import FiniteSet, Interval, Symbol

from verify.arithmetic.evaluate import Backend, evaluate
from verify.proofs.statement import Statement, Unprovable

#: the solvers by name
SOLVERS = ("z3", "cvc5")
#: seconds that one question may take, and what start-up and a solver that does not keep its own limit get on top
PATIENCE, GRACE = 10.0, 5.0
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
    """

    answer: str
    version: str = ""


# --- terms --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Term:
    """A real term of SMT-LIB."""

    text: str

    def _apply(self, operator: str, *others: Any) -> _Term:
        return _Term(f"({operator} {' '.join(number(other) for other in others)})")

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


def script(statement: Statement, integers: Mapping[Symbol, int]) -> str:
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
    values: dict[Symbol, Any] = dict(integers)
    for symbol, domain in statement.parameters.items():
        if symbol in integers:
            continue
        if isinstance(domain, FiniteSet):
            values[symbol] = evaluate(domain.args[0], values, backend)
            continue
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
    """That a symbol lies between the ends of its domain, whichever of them is the larger."""
    if not isinstance(domain, Interval):
        low, high = domain.start, domain.stop - 1
        opened = (False, False)
    else:
        low, high = domain.start, domain.end
        opened = (bool(domain.left_open), bool(domain.right_open))

    def between(least: str | None, most: str | None) -> str:
        parts = [f"(<= {least} {name.text})"] if least else []
        parts += [f"(<= {name.text} {most})"] if most else []
        return f"(and {' '.join(parts)})" if len(parts) > 1 else (parts or ["true"])[0]

    ends = [None if end.is_infinite else number(evaluate(end, values, backend)) for end in (low, high)]
    inside = between(ends[0], ends[1])
    # an interval with a symbolic end is meant as the segment between its ends
    if None not in ends and not (high - low).is_nonnegative:
        inside = f"(or {inside} {between(ends[1], ends[0])})"
    left_out = [f"(not (= {name.text} {end}))" for end, is_open in zip(ends, opened, strict=True) if is_open and end]
    return f"(and {' '.join([inside, *left_out])})" if left_out else inside


# --- processes ----------------------------------------------------------------------------------------------------------------


def ask(solver: str, text: str, seconds: float = PATIENCE) -> Answer:
    """The answer of a solver that runs in a process of its own, killed when the time is over.

    Parameters
    ----------
    solver : {"z3", "cvc5"}
    text : str
        SMT-LIB.
    seconds : float

    Returns
    -------
    Answer
    """
    command = [sys.executable, "-m", "verify.proofs.solver_process", solver, str(seconds)]
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=seconds + GRACE, check=False)
    except subprocess.TimeoutExpired:
        return Answer("killed")
    if done.returncode != 0:
        return Answer("failed")
    return Answer(**json.loads(done.stdout))
