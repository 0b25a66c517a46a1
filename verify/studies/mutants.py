"""Mutants of claims: one constant, exponent, sign or end of a range changed at a time.

What becomes of them is for :mod:`verify.studies.fates` to say.

Examples
--------
>>> from theory.bounds import claim
>>> [mutant.change for mutant in mutants(claim("lower_curvature/numerator"))][:2]
['lhs: times 1.01', 'lhs: times 0.99']
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr, Integer, Interval, Mul, Pow, Rational, sympify

from theory.claim import Claim
from theory.notation import beta, nu, radius, root_l, root_u, sigma2

#: relative change of a constant
_CHANGE = Rational(1, 100)
#: parameters that instances are made from; their ranges are not statements
_STRUCTURAL = frozenset({beta, nu, radius, root_l, root_u, sigma2})


@dataclass(frozen=True)
class Mutant:
    """A claim with one thing changed.

    Attributes
    ----------
    original, claim : Claim
    change : str
        What was changed, in words.
    """

    original: Claim
    claim: Claim
    change: str


def mutants(claim: Claim) -> Iterator[Mutant]:
    """Every mutant of a claim's two sides, of the probability with which it may fail, and of the ends of its ranges.

    Parameters
    ----------
    claim : Claim
    """
    for side in ("lhs", "rhs", "failure_probability"):
        if getattr(claim, side) is None:
            continue
        whole = sympify(getattr(claim, side))
        for changed, how in _expressions(whole):
            if changed != whole:
                yield Mutant(claim, claim.changed(**{side: changed}), f"{side}: {how}")
    for symbol, domain in claim.parameters.items():
        if symbol in _STRUCTURAL or not isinstance(domain, Interval) or domain.end.is_infinite:
            continue
        # what the longer range adds, where alone it can be false
        added = Interval.Lopen(domain.end, (1 + _CHANGE) * domain.end)
        yield Mutant(claim, claim.changed(parameters={symbol: added}), f"range: {symbol} up to 1.01 of {domain.end}")


def _expressions(whole: Expr) -> Iterator[tuple[Expr, str]]:
    """A side with one thing changed, and what."""
    if whole != 0:
        for factor in (1 + _CHANGE, 1 - _CHANGE, Integer(-1)):
            yield factor * whole, f"times {float(factor):g}"
    yield from _within(whole)


def _within(node: Expr) -> Iterator[tuple[Expr, str]]:
    if isinstance(node, Pow):
        base, exponent = node.args
        for step in (1, -1):
            yield Pow(base, exponent + step), f"{node} to the power {exponent + step}"
        for changed, how in _within(base):
            yield Pow(changed, exponent), how
        return
    for position, argument in enumerate(node.args):
        if isinstance(node, Add):
            yield _rebuilt(node, position, -argument), f"sign of {argument}"
        if argument.is_number and isinstance(argument, Rational):
            if isinstance(node, Mul) and argument == -1:
                yield _rebuilt(node, position, Integer(1)), f"sign of {node}"
            else:
                yield _rebuilt(node, position, (1 + _CHANGE) * argument), f"{argument} as {float(argument * (1 + _CHANGE)):g}"
                yield _rebuilt(node, position, (1 - _CHANGE) * argument), f"{argument} as {float(argument * (1 - _CHANGE)):g}"
        else:
            for changed, how in _within(argument):
                yield _rebuilt(node, position, changed), how


def _rebuilt(node: Expr, position: int, argument: Any) -> Expr:
    return node.func(*node.args[:position], argument, *node.args[position + 1 :])
