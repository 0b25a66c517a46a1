"""What a statement declares of its symbols, and whether sympy was told anything else.

Sympy simplifies with what it is told of a symbol when an expression is made: the absolute value of a nonnegative one is gone
before anyone judges.  A statement says something about its declared domains only if every assumption of a symbol follows from
its domain.

Examples
--------
>>> from sympy import Interval, Symbol
>>> fault({Symbol("x", nonnegative=True): Interval(-1, 1)}, (), ())
'x is declared on Interval(-1, 1), from which it does not follow that it is nonnegative, as sympy was told'
>>> fault({Symbol("x", nonnegative=True): Interval(0, 1)}, (), ())
''
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from sympy import Dummy, EmptySet, Expr, FiniteSet, Interval, Range, Symbol, sympify

from verify.arithmetic.evaluate import check
from verify.proofs.formulas import MOST_DIGITS, long_number

#: values of an integer that are looked at one by one
_MOST_VALUES = 2000
#: the assumptions that others follow from, in the order in which one is named
_PLAIN = ("real", "integer", "positive", "negative", "nonnegative", "nonpositive", "nonzero", "zero")


def fault(parameters: Mapping[Symbol, Any], derived: Iterable[Symbol], sides: Iterable[Expr]) -> str:
    """Why a statement declares its symbols wrongly, in a sentence; nothing if it does not.

    Parameters
    ----------
    parameters : mapping
        Symbol to domain, in an order in which domains may use earlier symbols.
    derived : iterable of Symbol
        Those that have a formula.
    sides : iterable of sympy expression
    """
    known: set[Any] = set()
    images: dict[Symbol, Dummy] = {}
    for symbol, domain in parameters.items():
        if said := _domain(symbol, domain, known):
            return said
        if not isinstance(domain, tuple):
            facts, values = _facts(domain, images)
            fact = next(filter(None, (_untrue(symbol, value) for value in values)), "") if values else _beyond(symbol, facts)
            if fact:
                return f"{symbol} is declared on {domain}, from which it does not follow that it is {fact}, as sympy was told"
            # later domains are looked at with what follows from this one, which may be more than sympy was told
            images[symbol] = Dummy(**facts)
        known.add(symbol)
    for symbol in derived:
        if symbol in known:
            return f"{symbol} is declared as a parameter and measured as well"
        if fact := _beyond(symbol, {"real": True}):
            return f"{symbol} is measured, from which it does not follow that it is {fact}, as sympy was told"
        known.add(symbol)
    names = sorted(symbol.name for symbol in known)
    for name, other in pairwise(names):
        if name == other:
            return f"two symbols have the name {name}"
    for side in sides:
        if unknown := side.free_symbols - known:
            return f"{', '.join(sorted(map(str, unknown)))} is used and not declared"
        try:
            check(side)
        except TypeError as error:
            return str(error)
    ends = [domain for domain in parameters.values() if not isinstance(domain, tuple)]
    return f"it holds a number of more than {MOST_DIGITS} digits" if long_number([*sides, *ends]) else ""


def _domain(symbol: Symbol, domain: Any, known: set[Any]) -> str:
    if isinstance(domain, tuple):
        return ""
    if domain == EmptySet or (isinstance(domain, Range) and not domain.free_symbols and domain.size == 0):
        return f"the domain of {symbol} is empty, so that nothing is claimed"
    if not isinstance(domain, Interval | Range | FiniteSet):
        return f"the domain of {symbol} is no Interval, Range or FiniteSet"
    if isinstance(domain, Range) and domain.free_symbols:
        return f"the domain of {symbol}, {domain}, has ends that are no numbers"
    if early := domain.free_symbols - known:
        return f"the domain of {symbol} uses {', '.join(sorted(map(str, early)))}, which is not declared before it"
    try:
        for value in domain.args if isinstance(domain, FiniteSet) else (domain.inf, domain.sup):
            if isinstance(domain, FiniteSet) or value.is_infinite is not True:
                check(value)
    except TypeError as error:
        return str(error)
    return ""


def _facts(domain: Any, images: Mapping[Symbol, Dummy]) -> tuple[dict[str, bool], list[Expr]]:
    """What follows from a domain, and its values where they are few and say more."""
    facts: dict[str, bool] = {"real": True}
    if isinstance(domain, FiniteSet):
        return _common([value.xreplace(images) for value in domain.args]), list(domain.args)
    whole = isinstance(domain, Range)
    start, end = (domain.inf, domain.sup) if whole else (domain.start.xreplace(images), domain.end.xreplace(images))
    opened = (False, False) if whole else (bool(domain.left_open), bool(domain.right_open))
    facts |= {"integer": True} if whole else {}
    if start.is_positive or (start.is_nonnegative and opened[0]):
        facts["positive"] = True
    elif end.is_negative or (end.is_nonpositive and opened[1]):
        facts["negative"] = True
    elif start.is_nonnegative:
        facts["nonnegative"] = True
    elif end.is_nonpositive:
        facts["nonpositive"] = True
    return facts, [sympify(value) for value in domain] if whole and domain.size <= _MOST_VALUES else []


def _common(values: list[Expr]) -> dict[str, bool]:
    """The plain assumptions that all values have."""
    return {fact: True for fact in _PLAIN if all(getattr(value, f"is_{fact}") for value in values)} or {"real": True}


def _untrue(symbol: Symbol, value: Expr) -> str:
    """An assumption of a symbol that one of its values does not have."""
    wrong = {fact for fact, told in symbol.assumptions0.items() if getattr(value, f"is_{fact}") is not told}
    return _named(symbol, wrong)


def _beyond(symbol: Symbol, facts: Mapping[str, bool]) -> str:
    """An assumption of a symbol that does not follow from these facts."""
    implied = Dummy(**facts).assumptions0
    return _named(symbol, {fact for fact, told in symbol.assumptions0.items() if implied.get(fact) is not told})


def _named(symbol: Symbol, wrong: set[str]) -> str:
    told = symbol.assumptions0
    # "positive" says more than the "not negative" that follows from it
    for fact in (*(fact for fact in _PLAIN if told.get(fact)), *sorted(wrong)):
        if fact in wrong:
            return fact if told[fact] else f"not {fact}"
    return ""
