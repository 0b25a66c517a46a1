"""A bound at one's own numbers: its value, its slack, and whether the numbers are in its range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import FiniteSet, Float, Interval, Range, Rational, Symbol, sympify

from theory.claim import Claim
from theory.notation import written
from verify.shell.usage_error import UsageError


def at(claim: Claim, assignments: Sequence[str]) -> str:
    """The claim's sides with numbers in place of symbols, and the slack where both sides become numbers.

    Parameters
    ----------
    claim : Claim
    assignments : sequence of str
        ``name=value`` for parameters, and for measured symbols that the user knows; values are decimals or fractions, read
        exactly.  Symbols that are left out stay symbols.

    Returns
    -------
    str

    Raises
    ------
    UsageError
        If a name is unknown to the claim, a value is no number, or a parameter lies outside its range.

    Examples
    --------
    >>> from theory.bounds import claim
    >>> print(at(claim("transfer_drs_maml"), ["alpha=0.1", "beta=2", "nu=0", "k=1", "risk_A=0.5"]).splitlines()[1])
    excess <= 0.02
    >>> print(at(claim("transfer_drs_maml"), ["alpha=0.1", "k=2"]).splitlines()[1])
    excess <= risk_A ((1 - 0.1 nu)^2 - (1 - 0.1 beta)^2)^2
    """
    values = given(claim, assignments)
    lhs, rhs = (side.subs(values, simultaneous=True) for side in (claim.lhs, claim.rhs))
    sign = "=" if claim.relation == "==" else claim.relation
    lines = [claim.title, f"{_shown(lhs)} {sign} {_shown(rhs)}"]
    if lhs.is_number and rhs.is_number:
        lines.append(f"slack: {_shown(rhs - lhs)}")
        if claim.relation == "<=" and rhs != 0:
            lines.append(f"ratio: {_shown(lhs / rhs)}")
    open_ = sorted(map(str, lhs.free_symbols | rhs.free_symbols))
    if open_:
        lines.append(f"left open: {', '.join(open_)}")
    return "\n".join(lines)


def given(claim: Claim, assignments: Sequence[str]) -> dict[Symbol, Any]:
    """The values of ``name=value`` assignments, exactly.

    Raises
    ------
    UsageError
        As of :func:`at`.

    Examples
    --------
    >>> from theory.bounds import claim
    >>> given(claim("distance/core"), ["x=0.25"])
    {x: 1/4}
    """
    values: dict[Symbol, Any] = {}
    for symbol, value in (_parsed(claim, assignment) for assignment in assignments):
        if symbol in values:
            raise UsageError(f"--at gives {symbol} twice; it must have one value")
        values[symbol] = value
    _check_ranges(claim, values)
    return values


def _parsed(claim: Claim, assignment: str) -> tuple[Symbol, Any]:
    name, separator, text = assignment.partition("=")
    known = {str(symbol): symbol for symbol in (*claim.parameters, *claim.measured)}
    if not separator:
        raise UsageError(f"--at has {assignment!r}; it must be NAME=VALUE")
    if name not in known:
        raise UsageError(f"--at names {name!r}, which claim {claim.name} does not use; it must be one of {', '.join(known)}")
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise UsageError(
            f"--at gives {name} the value {text!r}; it must be a decimal or a fraction such as 0.1 or 1/10"
        ) from None
    return known[name], Rational(value.numerator, value.denominator)


def _check_ranges(claim: Claim, values: Mapping[Symbol, Any]) -> None:
    for symbol, domain in claim.parameters.items():
        if symbol not in values or not isinstance(domain, Interval | Range | FiniteSet):
            continue
        here = domain.subs(values, simultaneous=True) if not isinstance(domain, Range) else domain
        if not here.free_symbols and sympify(values[symbol]) not in here:
            raise UsageError(f"{symbol} is {values[symbol]}; claim {claim.name} is about {symbol} in {written(here)}")


def _shown(expression: Any) -> str:
    return f"{float(expression):.10g}" if expression.is_number else written(_decimal(expression))


def _decimal(expression: Any) -> Any:
    """An expression with decimals for its fractions; whole numbers and powers stay as they are."""
    if expression.is_number:
        return expression if expression.is_Integer else Float(expression, 10)
    if expression.is_Pow and expression.exp.is_number:
        return _decimal(expression.base) ** expression.exp
    return expression.func(*map(_decimal, expression.args)) if expression.args else expression
