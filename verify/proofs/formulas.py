"""Formulas as text, read without trust: sympy's ``srepr`` by a small grammar; sizes are bounded before a number is built.

Nothing is executed and nothing that sympy would turn from text into a formula reaches it: names must be those of constructors
that claims are made of, text may only name a symbol, digits may only be of an integer.

Examples
--------
>>> formula("Add(Symbol('x', real=True), Rational(1, 2))")
x + 1/2
>>> rational("-3/4")
Fraction(-3, 4)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

import sympy
from sympy import Basic, Expr, Pow, Rational, preorder_traversal

#: characters and symbols of a formula, levels of nesting, arguments of a minimum or maximum
_MOST_TEXT, _MOST_TOKENS, _MOST_DEPTH, _MOST_ENTRIES = 200_000, 20_000, 80, 60
#: digits of a number as it is written, bits of one that results, and exponents
MOST_DIGITS, _MOST_BITS, _MOST_EXPONENT = 4000, 40_000, 1000
_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z_]\w*)|(?P<whole>[0-9]+)|(?P<text>'[^'\\]*'|\"[^\"\\]*\")|(?P<mark>[(),=-]))", re.A)
_RATIONAL = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}(?:/[0-9]{{1,{MOST_DIGITS}}})?")
_FACTS = frozenset(sympy.Symbol("x", positive=True, integer=True).assumptions0) | {"even", "odd", "prime", "composite"}
_NAMES = {"oo": sympy.oo, "true": True, "false": False, "True": True, "False": False, "pi": sympy.pi, "E": sympy.E}
_ONE = {name: getattr(sympy, name) for name in ("Abs", "exp", "log", "sin", "cos", "tanh")}
_SOME = {name: getattr(sympy, name) for name in ("Add", "Mul", "Min", "Max", "FiniteSet", "Tuple")}


class Invalid(ValueError):
    """A file that is no certificate, or one that does not prove what it says; the message says why."""


def rational(text: Any) -> Fraction:
    """A rational number from its text.

    Raises
    ------
    Invalid
        If it is none, or has more digits than a certificate may hold.
    """
    if isinstance(text, str) and _RATIONAL.fullmatch(text):
        top, _, bottom = text.partition("/")
        if int(bottom or "1"):
            return Fraction(int(top), int(bottom or "1"))
    raise Invalid(f"{_short(text)} is no rational number of at most {MOST_DIGITS} digits")


def _short(value: Any) -> str:
    """A value in a message of one line."""
    said = repr(value[:60] if isinstance(value, str) else value)
    return said if len(said) <= 80 else said[:77] + "..."


def formula(text: Any) -> Any:
    """The sympy object that an ``srepr`` describes, built without executing the text.

    Raises
    ------
    Invalid
        If the text holds anything but the constructors that claims are made of, or numbers too large to be computed with.
    """
    if not isinstance(text, str) or len(text) > _MOST_TEXT:
        raise Invalid(f"{_short(text)} is no formula of at most {_MOST_TEXT} characters")
    reader = _Reader(text)
    try:
        found = reader.value(0)
        reader.end()
    except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError) as error:
        raise error if isinstance(error, Invalid) else Invalid(f"{_short(text)} is no formula") from error
    return found


class _Reader:
    """Reads one formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = list(islice(self._split(), _MOST_TOKENS + 1))
        if len(self._tokens) > _MOST_TOKENS:
            raise Invalid(f"a formula has more than {_MOST_TOKENS} symbols")
        self._position = 0

    def _split(self) -> Iterator[tuple[str, str]]:
        position, end = 0, len(self.text.rstrip())
        while position < end:
            found = _TOKEN.match(self.text, position)
            if found is None:
                raise Invalid(f"a formula holds {_short(self.text[position : position + 40])}, which no claim is made of")
            position = found.end()
            yield str(found.lastgroup), found.group(str(found.lastgroup))

    def _next(self) -> tuple[str, str]:
        self._position += 1
        return self._tokens[self._position - 1] if self._position <= len(self._tokens) else ("", "")

    def _peek(self) -> str:
        return self._tokens[self._position][1] if self._position < len(self._tokens) else ""

    def end(self) -> None:
        if self._position != len(self._tokens):
            raise Invalid(f"a formula goes on with {_short(self._peek())} after its end")

    def value(self, depth: int) -> Any:
        """What stands at the present place: an ``int``, a text, a truth value or something of sympy's."""
        if depth > _MOST_DEPTH:
            raise Invalid(f"a formula is nested more than {_MOST_DEPTH} levels deep")
        kind, token = self._next()
        if token == "-":
            found = self.value(depth + 1)
            if isinstance(found, int) and not isinstance(found, bool):
                return -found
            if found is sympy.oo:
                return -sympy.oo
        elif kind == "whole":
            if len(token) > MOST_DIGITS:
                raise Invalid(f"a number has more than {MOST_DIGITS} digits")
            return int(token)
        elif kind == "text":
            return token[1:-1]
        elif kind == "name" and self._peek() != "(" and token in _NAMES:
            return _NAMES[token]
        elif kind == "name" and self._peek() == "(":
            return _bounded(self._call(token, depth))
        raise Invalid(f"a formula holds {_short(token)}, which no claim is made of")

    def _call(self, name: str, depth: int) -> Any:
        arguments: list[Any] = []
        keywords: dict[str, Any] = {}
        self._next()
        while self._peek() != ")":
            if (arguments or keywords) and self._next()[1] != ",":
                raise Invalid("a formula lacks a comma or a bracket")
            following = self._tokens[self._position + 1][1] if self._position + 1 < len(self._tokens) else ""
            if following == "=":
                key = self._next()[1]
                self._next()
                keywords[key] = self.value(depth + 1)
            else:
                arguments.append(self.value(depth + 1))
        self._next()
        if name == "Symbol":
            return _symbol(arguments, keywords)
        if keywords or name not in _BUILT:
            raise Invalid(f"a formula holds {_short(name)} with such arguments, which no claim is made of")
        return _BUILT[name](arguments)


def _symbol(arguments: list[Any], keywords: dict[str, Any]) -> Any:
    if len(arguments) != 1 or not isinstance(arguments[0], str) or not arguments[0] or not arguments[0].isprintable():
        raise Invalid("a symbol has no name")
    if not set(keywords) <= _FACTS or not all(isinstance(value, bool) for value in keywords.values()):
        raise Invalid(f"the symbol {_short(arguments[0])} has assumptions that are none")
    return sympy.Symbol(arguments[0], **keywords)


def _wholes(arguments: list[Any]) -> list[int]:
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in arguments):
        raise Invalid("a number is made of something else than digits")
    return arguments


def _integer(arguments: list[Any]) -> Any:
    (value,) = _wholes(arguments)
    return sympy.Integer(value)


def _rational(arguments: list[Any]) -> Any:
    top, bottom = _wholes(arguments)
    if not bottom:
        raise Invalid("a number has the denominator zero")
    return sympy.Rational(top, bottom)


def _expressions(arguments: list[Any]) -> list[Expr]:
    if not arguments or not all(isinstance(value, Expr) for value in arguments):
        raise Invalid("a formula applies a function to what is no number")
    return arguments


def _one(function: Any) -> Callable[[list[Any]], Any]:
    def build(arguments: list[Any]) -> Any:
        (value,) = _expressions(arguments)
        # what stands inside was held to this before, so that its size is quickly told
        if not value.free_symbols and not abs(value.evalf(5)) <= 10_000:
            raise Invalid("a formula applies a function to a constant that is too large")
        return function(value)

    return build


def _several(name: str, function: Any) -> Callable[[list[Any]], Any]:
    def build(arguments: list[Any]) -> Any:
        values = _expressions(arguments)
        if name in ("Min", "Max") and len(values) > _MOST_ENTRIES:
            raise Invalid(f"a formula takes the {name} of more than {_MOST_ENTRIES} numbers")
        if sum(_size(value) for value in values) > 4 * _MOST_BITS:
            raise Invalid("a formula has numbers that are too large")
        return function(*values)

    return build


def _power(arguments: list[Any]) -> Any:
    base, exponent = _expressions(arguments)
    if isinstance(exponent, Rational):
        if abs(exponent) > _MOST_EXPONENT or (isinstance(base, Rational) and _size(base) * abs(exponent) > _MOST_BITS):
            raise Invalid(f"a formula has a power whose exponent is above {_MOST_EXPONENT} or whose value has too many digits")
        if exponent.q > _MOST_EXPONENT:
            raise Invalid(f"a formula has a root of a degree above {_MOST_EXPONENT}")
    elif not (base.free_symbols | exponent.free_symbols) and (abs(base.evalf(5)) > 10_000 or abs(exponent.evalf(5)) > 100):
        raise Invalid("a formula has a constant that is too large")
    return Pow(base, exponent)


def _interval(arguments: list[Any]) -> Any:
    if len(arguments) != 4 or not all(isinstance(value, bool) for value in arguments[2:]):
        raise Invalid("an interval has not two ends and two truth values")
    return sympy.Interval(*_expressions(arguments[:2]), *arguments[2:])


def _range(arguments: list[Any]) -> Any:
    if not all(isinstance(value, sympy.Integer) or value in (sympy.oo, -sympy.oo) for value in arguments):
        raise Invalid("a range has ends that are no integers")
    return sympy.Range(*arguments)


_BUILT: dict[str, Callable[[list[Any]], Any]] = {
    "Integer": _integer,
    "Rational": _rational,
    "Pow": _power,
    "Interval": _interval,
    "Range": _range,
    **{name: _one(function) for name, function in _ONE.items()},
    **{name: _several(name, function) for name, function in _SOME.items()},
}


def _size(value: Expr) -> int:
    """Bits of a number; none of what is no rational number."""
    return max(int(value.p).bit_length(), int(value.q).bit_length()) if isinstance(value, Rational) else 0


def _bounded(value: Any) -> Any:
    """A formula whose numbers and exponents at the top are small enough to go on with."""
    for node in (value, *value.args) if isinstance(value, Basic) else ():
        if isinstance(node, Expr) and _size(node) > _MOST_BITS:
            raise Invalid("a formula has a number with too many digits")
        if isinstance(node, Pow) and isinstance(node.exp, Rational) and abs(node.exp) > _MOST_EXPONENT:
            raise Invalid(f"a formula has an exponent above {_MOST_EXPONENT}")
    return value


def long_number(expressions: list[Any]) -> bool:
    """Whether formulas hold a number of more digits than a certificate may."""
    return any(
        isinstance(node, Rational) and _size(node) > 3.32 * MOST_DIGITS
        for expression in expressions
        for node in preorder_traversal(expression)
    )
