r"""What a symbol may range over, and what its domain says about it.

sympy simplifies by the assumptions that a symbol carries, before anyone judges: it makes x of :math:`|x|` if x is nonnegative.
A claim on a domain where the assumption fails would then be another claim.  So every assumption of a symbol must follow from
its domain; :func:`contradiction` says which one does not.

Examples
--------
>>> from sympy import Interval, Symbol
>>> contradiction(Symbol("x", nonnegative=True), Interval(0, 1))
''
>>> contradiction(Symbol("x", nonnegative=True), Interval(-1, 1)).partition(";")[0]
'x is assumed to be nonnegative, which does not follow from its domain Interval(-1, 1)'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import AccumBounds, Basic, Dummy, Expr, FiniteSet, Float, Integer, Interval, Range, S, Set, Symbol

#: assumptions in the order in which a message names one of them: what a person wrote comes before what follows from it
_TELLING = (
    *("zero", "positive", "negative", "nonnegative", "nonpositive", "nonzero"),
    *("even", "odd", "prime", "composite", "integer", "rational"),
)
#: the same for :func:`assumed`, where what implies another comes before it
_SIGNS = ("zero", "integer", "positive", "negative", "nonnegative", "nonpositive", "nonzero", "real")
#: of a longer range only the ends are looked at
_MOST_VALUES = 1000
_KINDS = "an Interval (real numbers), a Range (integers), a FiniteSet of numbers or a tuple of choices"


def contradiction(symbol: Symbol, domain: Any, earlier: Mapping[Symbol, Any] | None = None) -> str:
    """Which assumption of `symbol` does not follow from `domain`, as a sentence; empty if all do.

    Parameters
    ----------
    symbol : sympy.Symbol
    domain : Interval, Range, FiniteSet or tuple of choices
        Its ends may hold other symbols, whose own assumptions are taken to be true: go through a claim's parameters in their
        order, as a claim does.  Choices that are no numbers bear no assumptions.
    earlier : mapping, optional
        The domains of those symbols, which may say more than their assumptions do.

    Examples
    --------
    >>> contradiction(Symbol("k", integer=True), Interval(0, 5))[:35]
    'k is assumed to be integer, which d'
    >>> u, x = Symbol("u", nonnegative=True), Symbol("x", positive=True)
    >>> contradiction(x, Interval(u, 9)) == "", contradiction(x, Interval(u, 9), {u: Interval.open(0, 1)}) == ""
    (False, True)
    """
    if is_empty(domain):
        return f"{symbol} has the domain {domain}, which is empty; it must hold a value, or the claim says nothing"
    unproven = _unproven(symbol, domain)
    if unproven and earlier:
        unproven = _unproven(symbol, _standing_in(domain, _stand_ins(earlier)))
    if not unproven:
        return ""
    return (
        f"{symbol} is assumed {unproven}, which does not follow from its domain {domain}; declare a domain that says so or use "
        f"a symbol without it, such as Symbol({symbol.name!r}, real=True)"
    )


def assumed(symbol: Symbol) -> list[str]:
    """What a symbol is assumed to be in signs and integers, in sympy's words, none implied by another.

    Examples
    --------
    >>> assumed(Symbol("k", integer=True, positive=True)), assumed(Symbol("x", real=True)), assumed(Symbol("x"))
    (['integer', 'positive'], ['real'], [])
    """
    found: dict[str, bool] = {}
    for fact in _SIGNS:
        if symbol.assumptions0.get(fact) and not Dummy(**found).assumptions0.get(fact):
            found[fact] = True
    return list(found)


def is_empty(domain: Any) -> bool:
    """Whether no number or choice is in a domain, whatever the values of the symbols in its ends.

    Examples
    --------
    >>> is_empty(Interval(2, 1)), is_empty(Range(5, 5)), is_empty(())
    (True, True, True)
    """
    if isinstance(domain, Range):
        return bool(domain.size == 0)
    return domain is S.EmptySet if isinstance(domain, Set) else isinstance(domain, tuple) and not domain


def check_domain(where: str, symbol: Symbol, domain: Any, earlier: Mapping[Symbol, Any] | None = None) -> None:
    """Refuse what is no domain, is empty, or contradicts the symbol.

    Parameters
    ----------
    where : str
        How a message starts: ``the domain of x in claim mine``.
    symbol : sympy.Symbol
    domain : object
    earlier : mapping, optional
        The domains of the symbols that it may use.

    Raises
    ------
    TypeError
        If it is no Interval, Range, FiniteSet or tuple, or holds what is no exact real number.
    ValueError
        If it is empty, says less than the symbol assumes, or is a Range that nobody can go through.
    """
    if isinstance(domain, tuple):
        _check_choices(where, symbol, domain)
    elif not isinstance(domain, Interval | Range | FiniteSet) and domain is not S.EmptySet:
        raise TypeError(f"{where} is {domain!r}; it must be {_KINDS}{_hint(domain)}")
    if is_empty(domain):
        raise ValueError(f"{where} is {domain!r}, which is empty; it must hold a value, or the claim says nothing")
    if isinstance(domain, Range):
        check_range(where, domain)
    elif isinstance(domain, Set):
        check_exact(where, domain)
        for value in domain.args if isinstance(domain, FiniteSet) else ():
            if not isinstance(value, Expr) or value.is_extended_real is False or value.is_finite is False:
                raise TypeError(f"{where} holds {value}; it must hold finite real numbers or expressions in earlier symbols")
    if isinstance(domain, Interval) and earlier and _always_crossed(domain, earlier):
        raise ValueError(f"{where} is {domain}, which is empty for all values of {_names(domain)}; the claim says nothing")
    found = contradiction(symbol, domain, earlier)
    if found:
        raise ValueError(f"{where}: {found}")


def check_range(where: str, domain: Any) -> None:
    """Refuse what is no nonempty Range of consecutive integers that starts at a number.

    Parameters
    ----------
    where : str
        How a message starts: ``dimension``.
    domain : object

    Raises
    ------
    TypeError
        If it is no Range.
    ValueError
        If it is empty, steps by more than one, starts at infinity or has a symbol for an end.
    """
    if not isinstance(domain, Range):
        raise TypeError(f"{where} is {domain!r}; it must be a Range of integers{_range_for(domain)}")
    if domain.size == 0:
        raise ValueError(f"{where} is {domain!r}, which is empty; it must hold an integer, as Range(1, 7) holds 1 to 6")
    if domain.free_symbols:
        raise ValueError(f"{where} is {domain}; the ends of a Range must be integers, for its values are gone through in turn")
    if domain.step != 1 or domain.start.is_infinite:
        raise ValueError(f"{where} is {domain}; a Range must go up by one from an integer, as Range(1, 7) or Range(0, oo)")


def check_exact(where: str, formula: Basic) -> None:
    """Refuse decimal fractions in a formula, which sympy rounds.

    Raises
    ------
    ValueError
        If there is one.
    """
    for number in formula.atoms(Float):
        raise ValueError(f"{where} holds the rounded number {float(number)!r}; write Rational('{float(number)!r}')")


def _always_crossed(domain: Interval, earlier: Mapping[Symbol, Any]) -> bool:
    """Whether the upper end lies below the lower one for all values of the earlier symbols, by interval arithmetic."""
    ranges: dict[Symbol, Any] = {}
    try:
        for symbol, admitted in earlier.items():
            if isinstance(admitted, Interval | Range | FiniteSet):
                low, high = (end.xreplace(ranges) for end in (admitted.inf, admitted.sup))
                ranges[symbol] = AccumBounds(getattr(low, "min", low), getattr(high, "max", high))
        length = (domain.end - domain.start).xreplace(ranges)
        return bool(getattr(length, "max", length) < 0)
    except (TypeError, ValueError, NotImplementedError, AttributeError):
        return False  # not to be told by intervals


def _names(domain: Interval) -> str:
    return ", ".join(sorted(map(str, domain.free_symbols)))


def _unproven(symbol: Symbol, domain: Any) -> str:
    """The most telling assumption that does not follow."""
    held = _facts(domain)
    wrong = [entry for entry in symbol.assumptions0.items() if any(known(entry[0]) is not entry[1] for known in held)]
    if not wrong:
        return ""
    fact, value = min(wrong, key=_order)
    return f"{'' if value else 'not '}to be {fact}"


#: whether an assumption holds of a point, or of all points of a domain: None if that is not known
_Known = Callable[[str], bool | None]


def _facts(domain: Any) -> list[_Known]:
    """What is known of every point of the domain, point by point or of all at once."""
    if isinstance(domain, tuple):
        return [_at(Integer(choice)) for choice in domain if isinstance(choice, int)]
    if isinstance(domain, FiniteSet):
        return [_at(value) for value in domain.args]
    if not isinstance(domain, Interval | Range):
        return []
    deduced = Dummy(**_deduced(domain)).assumptions0
    if not isinstance(domain, Range) or domain.size > _MOST_VALUES:
        return [deduced.get]

    def known(fact: str) -> bool | None:
        if fact in deduced:
            return deduced[fact]
        values = {getattr(value, f"is_{fact}") for value in domain}
        return values.pop() if len(values) == 1 else None

    return [known]


def _at(value: Expr) -> _Known:
    real = Dummy(real=True).assumptions0  # an instance where the value is not real has no value, and is not judged
    return lambda fact: real.get(fact, getattr(value, f"is_{fact}", None))


def _deduced(domain: Interval | Range) -> dict[str, bool]:
    """What the ends say of all points."""
    if isinstance(domain, Range):
        facts, low, high, left_open, right_open = {"integer": True}, domain.inf, domain.sup, False, False
    else:
        facts, low, high = {"real": True}, domain.start, domain.end
        left_open, right_open = bool(domain.left_open), bool(domain.right_open)
    if low.is_extended_nonnegative:
        facts["positive" if low.is_extended_positive or left_open else "nonnegative"] = True
    if high.is_extended_nonpositive:
        facts["negative" if high.is_extended_negative or right_open else "nonpositive"] = True
    return facts


def _stand_ins(earlier: Mapping[Symbol, Any]) -> dict[Symbol, Symbol]:
    """For every symbol one that sympy knows more of: its assumptions and what its domain says."""
    found: dict[Symbol, Symbol] = {}
    for symbol, domain in earlier.items():
        facts = {fact: value for fact, value in symbol.assumptions0.items() if value is not None}
        domain = _standing_in(domain, found)
        if isinstance(domain, Interval | Range) and not is_empty(domain):
            facts |= _deduced(domain)
        found[symbol] = Dummy(symbol.name, **facts)
    return found


def _standing_in(domain: Any, stand_ins: Mapping[Symbol, Symbol]) -> Any:
    return domain.xreplace(stand_ins) if isinstance(domain, Interval | FiniteSet) else domain


def _order(entry: tuple[str, bool]) -> tuple[bool, int, str]:
    """What a symbol is comes before what it is not; of what it is the narrowest comes first, of what it is not the widest."""
    fact, value = entry
    place = _TELLING.index(fact) if fact in _TELLING else len(_TELLING)
    return (not value, place if value or fact not in _TELLING else -place, fact)


def _check_choices(where: str, symbol: Symbol, choices: tuple[Any, ...]) -> None:
    numbers = [choice for choice in choices if isinstance(choice, int | float | Expr) and not isinstance(choice, bool | Symbol)]
    exact = ", ".join(f"Rational('{choice!r}')" if isinstance(choice, float) else str(choice) for choice in numbers)
    if any(not isinstance(number, int) for number in numbers):
        raise TypeError(f"{where} is {choices!r}; choices are rules or whole numbers: write FiniteSet({exact})")
    if len(numbers) > 1 and not symbol.is_integer:
        ends = f"Interval({exact}) for all between, " if len(numbers) == 2 else ""
        raise TypeError(
            f"{where} is {choices!r}, a tuple of numbers for a symbol that is no integer; write {ends}FiniteSet({exact}) for "
            f"these numbers alone, or use Symbol({symbol.name!r}, integer=True)"
        )
    if numbers and len(numbers) < len(choices):
        raise TypeError(f"{where} is {choices!r}; its choices must be of one kind: rules alone, or whole numbers alone")
    for choice in choices:
        if isinstance(choice, bool | set | list | dict | Basic) or choice is None:
            raise TypeError(f"{where} offers {choice!r}; a choice must be a rule such as DRS() or a whole number")
        check_rule(where, choice)


def check_rule(where: str, value: Any) -> None:
    """Refuse a class where its instance belongs, and a rule of numerics where one of theory belongs.

    Raises
    ------
    TypeError
        If it is one of the two.
    """
    kind = value if isinstance(value, type) else type(value)
    if any(base.__module__.partition(".")[0] == "numerics" for base in kind.__mro__):
        raise TypeError(f"{where} holds {kind.__name__} of numerics; it must be a rule of theory, such as rules.MAML(alpha)")
    if isinstance(value, type):
        raise TypeError(f"{where} holds the class {value.__name__}; it must be an instance, such as {value.__name__}(...)")


def _hint(domain: Any) -> str:
    """What was probably meant."""
    if isinstance(domain, list) and len(domain) == 2:
        return f"; write Interval({domain[0]}, {domain[1]}) or, for choices, a tuple"
    if isinstance(domain, range):
        return f"; write sympy's Range({domain.start}, {domain.stop})"
    if any(domain is known for known in (S.Naturals, S.Naturals0, S.Integers)):
        return "; write Range(1, oo) or Range(0, oo)"
    return "; write one claim for each part" if isinstance(domain, Set) else ""


def _range_for(domain: Any) -> str:
    if isinstance(domain, int):
        return f"; write Range({domain}, {domain + 1}) for {domain} alone"
    if isinstance(domain, tuple | list) and len(domain) == 2 and all(isinstance(end, int) for end in domain):
        return f"; write Range({domain[0]}, {domain[1] + 1}) for {domain[0]} to {domain[1]}"
    return ", such as Range(1, 7) for 1 to 6"
