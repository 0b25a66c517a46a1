"""Whether what is said in a claim is well formed: every refusal is one sentence that names what would be right.

Used by :mod:`theory.claim` when a claim is made; domains are the matter of :mod:`theory.domains`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from sympy import Basic, Dummy, Expr, Symbol, SympifyError, oo, sympify
from sympy import nan as not_a_number
from sympy import zoo as complex_infinity

from theory import rules
from theory.domains import assumed, check_exact, check_rule


def check_kind(where: str, value: Any, kind: Any, example: str) -> None:
    """Refuse a value that is not of its kind, or is the kind itself.

    Parameters
    ----------
    where : str
        What the value is: ``source of claim mine``.
    value : object
    kind : type or tuple of types
    example : str
        What would be right.

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> check_kind("source of claim mine", "me", dict, "a dict")
    Traceback (most recent call last):
    ...
    TypeError: source of claim mine is 'me'; it must be a dict
    """
    if not isinstance(value, kind):
        found = f"the class {value.__name__} itself" if isinstance(value, type) else repr(value)
        raise TypeError(f"{where} is {found}; it must be {example}")


def check_changes(where: str, changes: Any, kind: type) -> None:
    """Refuse changes of fields that a class does not have, with the field that may have been meant.

    Raises
    ------
    TypeError
        If it is no mapping, or names another field.
    """
    check_kind(where, changes, Mapping, "a mapping from fields of the claim to their values, such as {'rhs': x}")
    known = [entry.name for entry in fields(kind)]
    for name in changes:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            raise TypeError(
                f"{where} names {name!r}, which is no field of {kind.__name__}; it must be one of {', '.join(near or known)}"
            )


def check_measured(quantity: str, arguments: Any) -> None:
    """Refuse arguments of a quantity that are classes, or rules of numerics.

    Raises
    ------
    TypeError
        If one is.
    """
    check_kind(f"arguments of {quantity}", arguments, Mapping, "a mapping such as {'rule': DRS()}")
    for name, value in arguments.items():
        check_rule(f"argument {name} of {quantity}", value)
        check_rule_name(f"argument {name} of {quantity}", value)


def check_rule_name(where: str, value: Any) -> None:
    """Refuse a rule of one's own that has the name of one of :mod:`theory.rules`: numerics runs rules by their names.

    Raises
    ------
    ValueError
        If it has.

    Examples
    --------
    >>> class DRS(rules.DRS):
    ...     "Another one."
    >>> check_rule_name("rule", DRS())
    Traceback (most recent call last):
    ...
    ValueError: rule is DRS(), a rule of one's own with the name of the project's rule DRS; give it another name
    """
    kind = type(value)
    if isinstance(value, rules.Rule) and kind is not getattr(rules, kind.__name__, kind):
        name = kind.__name__
        raise ValueError(
            f"{where} is {value}, a rule of one's own with the name of the project's rule {name}; give it another name"
        )


def formula(where: str, value: Any) -> Expr:
    """A side of a claim as a sympy expression.

    Raises
    ------
    TypeError
        If it is no formula: text, a relation, a matrix, something that is not real.
    ValueError
        If it holds a number that is rounded or not finite.

    Examples
    --------
    >>> formula("rhs of claim mine", 0.1482)
    Traceback (most recent call last):
    ...
    ValueError: rhs of claim mine holds the rounded number 0.1482; write Rational('0.1482')
    """
    try:
        found = None if isinstance(value, str | bool) else sympify(value)
    except (SympifyError, TypeError, ValueError):
        found = None
    if not isinstance(found, Expr) or getattr(found, "is_Matrix", False) or not found.is_commutative:
        raise TypeError(f"{where} is {value!r}; it must be a formula: a sympy expression in the claim's symbols, or a number")
    check_exact(where, found)
    for wrong in (not_a_number, complex_infinity, oo, -oo):
        if found.has(wrong):
            raise ValueError(f"{where} is {found}; it must be finite")
    if found.is_extended_real is False:
        raise TypeError(f"{where} is {found}, which is no real number; it must be real")
    return found


def check_probability(where: str, probability: Expr) -> None:
    """Refuse a number that is no probability.

    Raises
    ------
    ValueError
        If it is one outside [0, 1): what may fail with probability one says nothing.
    """
    if probability.is_number and (probability < 0 or probability >= 1):
        raise ValueError(f"{where} is {probability}; it must be at least 0 and less than 1")


def check_symbols(claim: Any) -> None:
    """Refuse a claim that uses a symbol which it does not declare, or two symbols of one name.

    Raises
    ------
    ValueError
        If it does, or offers a rule of one's own with the name of one that is known.
    TypeError
        If a symbol does not commute, or a measured one promises what no value can be checked for.
    """
    for symbol, domain in claim.parameters.items():
        for choice in domain if isinstance(domain, tuple) else ():
            check_rule_name(f"a choice of {symbol} in claim {claim.name}", choice)
    sizes = set() if claim.tasks is None else set(claim.tasks.sizes)
    groups = {"`parameters`": set(claim.parameters), "`measured`": set(claim.measured), "the sizes of its instances": sizes}
    if unordered := [symbol.name for symbols in groups.values() for symbol in symbols if symbol.is_commutative is False]:
        raise TypeError(
            f"claim {claim.name} declares {', '.join(sorted(unordered))}, which does not commute; it stands for a number, so "
            f"use Symbol({sorted(unordered)[0]!r}, real=True)"
        )
    declared: dict[str, tuple[Symbol, str]] = {}
    for group, symbols in groups.items():
        for symbol in symbols:
            if symbol.name in declared:
                other = declared[symbol.name][1]
                raise ValueError(f"claim {claim.name} declares {symbol} in {other} and in {group}; it must do so once")
            declared[symbol.name] = (symbol, group)
    numbers = set(claim.parameters) | sizes
    domains = claim.parameters.values()
    used = {
        "lhs": claim.lhs.free_symbols,
        "rhs": claim.rhs.free_symbols,
        "failure_probability": free_symbols([claim.failure_probability]),
        "an argument in `measured`": _used_by_measurements(claim),
        "a domain": free_symbols(part for entry in domains for part in (entry if isinstance(entry, tuple) else (entry,))),
        "an assumption": free_symbols(assumption.statement for assumption in claim.assumptions),
        "`sharp`": set() if claim.sharp is None else set(claim.sharp.parameters),
    }
    for place, symbols in used.items():
        for symbol in symbols:
            _check_twins(claim.name, place, symbol, declared)
    unknown = (claim.lhs.free_symbols | claim.rhs.free_symbols | used["failure_probability"]) - numbers - set(claim.measured)
    unknown |= (used["an argument in `measured`"] | used["`sharp`"]) - numbers
    if unknown:
        names = sorted(map(str, unknown))
        near = sorted({found for name in names for found in get_close_matches(name, declared, 1)} - set(names))
        raise ValueError(
            f"claim {claim.name} uses {', '.join(names)}, which it neither declares in `parameters` nor defines in `measured`"
            + (f"; perhaps {' or '.join(near)} is meant" if near else "")
        )
    for symbol in claim.measured:
        demanded(symbol)


def demanded(symbol: Symbol) -> list[str]:
    """What a measured symbol's assumptions promise beyond being real, none implied by another.

    Raises
    ------
    TypeError
        If it promises something that measured values are not checked for.

    Examples
    --------
    >>> demanded(Symbol("gap", positive=True, integer=True)), demanded(Symbol("shift", real=True))
    (['integer', 'positive'], [])
    """
    promises = [fact for fact in assumed(symbol) if fact != "real"]
    known = Dummy(real=True, **dict.fromkeys(promises, True)).assumptions0
    more = [fact for fact, value in symbol.assumptions0.items() if known.get(fact) is not value]
    if more:
        raise TypeError(
            f"the measured symbol {symbol} is assumed to be {', '.join(more)}, which no measured value is checked for; use one "
            f"that is real, such as Symbol({symbol.name!r}, real=True)"
        )
    return promises


def _check_twins(claim: str, place: str, symbol: Any, declared: Mapping[str, tuple[Symbol, str]]) -> None:
    name = getattr(symbol, "name", str(symbol))
    known, group = declared.get(name, (symbol, ""))
    if known != symbol:
        own, other = (", ".join(assumed(entry)) or "without assumptions" for entry in (known, symbol))
        raise ValueError(
            f"claim {claim} uses two symbols named {name}: that of {group} is {own}, another one in {place} is {other}; "
            "use one symbol throughout"
        )


def free_symbols(things: Iterable[Any]) -> set[Basic]:
    """The free symbols of formulas, domains and rules; of other things none.

    Examples
    --------
    >>> from theory.rules import DRS, MAML
    >>> free_symbols([DRS(), MAML(Symbol("rate")), "Q"])
    {rate}
    """
    return {free for thing in things if not isinstance(thing, type) for free in getattr(thing, "free_symbols", ())}


def _used_by_measurements(claim: Any) -> set[Basic]:
    used: set[Basic] = set()
    for measurement in claim.measured.values():
        for argument in measurement.arguments.values():
            parts = getattr(argument, "__dataclass_fields__", None)
            used |= free_symbols([getattr(argument, name) for name in parts] if parts else [argument])
    return used
