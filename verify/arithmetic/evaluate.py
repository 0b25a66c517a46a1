"""One walker over sympy expressions, one backend per kind of number.

The two sides of a claim are sympy expressions.  :func:`evaluate` walks such an expression bottom up and hands each node to a
backend; :data:`FLOATS` works on arrays of doubles (or complex numbers), :data:`EXACT` on object arrays of rationals and
:class:`~verify.arithmetic.enclosure.Enclosure` intervals.  A further kind of number is a further backend, not a further walker.

Examples
--------
>>> from fractions import Fraction
>>> import numpy as np
>>> from sympy import Abs, Rational
>>> from theory.notation import alpha, beta
>>> expression = Abs(1 - alpha * beta) / 2
>>> float(evaluate(expression, {alpha: np.array(0.5), beta: np.array(4.0)}, FLOATS))
0.5
>>> evaluate(expression, {alpha: np.array(Fraction(1, 2), object), beta: 4}, EXACT)
Fraction(1, 2)
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from sympy import Abs, Add, E, Expr, Max, Min, Mul, Pow, Rational, Symbol, cos, exp, log, pi, preorder_traversal, sin, tanh

from verify.arithmetic import enclosure, functions

#: ``step(arguments, values, backend)``: the value of one node of an expression
_Step = Callable[[list[Any], Mapping[Symbol, Any], "Backend"], Any]


@dataclass(frozen=True)
class Backend:
    """How one kind of number does what an expression asks of it.

    Sums, products, differences and integer powers are Python's operators on the values; the rest is listed here.

    Parameters
    ----------
    constant : callable
        A value from a ``Fraction``.
    divide, root, absolute, exponential, minimum, maximum : callable
        The operations that the kinds of number disagree about.
    functions : mapping
        ``sin``, ``cos``, ``tanh``, ``log``, ``pow`` (base and exponent) and ``pi`` (of nothing), those that it has.
    whole : callable
        What an ``int`` becomes that a number grew to, or that an expression holds.
    """

    constant: Callable[[Fraction], Any]
    divide: Callable[[Any, Any], Any]
    root: Callable[[Any], Any]
    absolute: Callable[[Any], Any]
    exponential: Callable[[Any], Any]
    minimum: Callable[[Any, Any], Any]
    maximum: Callable[[Any, Any], Any]
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    whole: Callable[[int], Any] = int

    def apply(self, name: str, *arguments: Any) -> Any:
        """The value of one of the `functions`.

        Raises
        ------
        TypeError
            If this kind of number has no such function.
        """
        if name not in self.functions:
            raise TypeError(f"{_NAMES.get(name, name)} is no function of rational numbers, which are asked for")
        return self.functions[name](*arguments)


_NAMES = {"pow": "a real power"}


def _elementwise(function: Callable[..., Any], arguments: int) -> Callable[..., Any]:
    return np.frompyfunc(function, arguments, 1)


def _divide(numerator: Any, denominator: Any) -> Any:
    """A quotient, not a number where the denominator is zero: exactly there an instance has no value."""
    return np.divide(numerator, np.where(np.equal(denominator, 0), np.nan, denominator))


def _double(value: Fraction | int) -> float:
    """The nearest double; infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _whole_double(value: int) -> int | float:
    """An integer as it is while doubles have it, so that it may be an exponent."""
    return value if abs(value) <= 2**53 else _double(value)


def _real_power(base: Any, exponent: Any) -> Any:
    """A power in doubles, not a number where there is none."""
    base, exponent = np.asarray(base, float), np.asarray(exponent, float)
    return np.power(np.where((base == 0) & (exponent < 0), np.nan, base), exponent)


FLOATS = Backend(
    constant=_double,
    divide=_divide,
    root=np.sqrt,
    absolute=np.abs,
    exponential=np.exp,
    minimum=np.minimum,
    maximum=np.maximum,
    functions={
        "sin": np.sin,
        "cos": np.cos,
        "tanh": np.tanh,
        "log": lambda value: np.log(np.where(np.asarray(value) > 0, value, np.nan)),
        "pow": _real_power,
        "pi": lambda: np.pi,
    },
    whole=_whole_double,
)

EXACT = Backend(
    constant=lambda value: value,
    divide=_elementwise(lambda a, b: Fraction(a) / b if isinstance(a, int) else a / b, 2),
    root=_elementwise(enclosure.square_root, 1),
    absolute=_elementwise(enclosure.absolute, 1),
    exponential=_elementwise(enclosure.exponential, 1),
    minimum=_elementwise(enclosure.smallest, 2),
    maximum=_elementwise(enclosure.largest, 2),
    functions={
        **{name: _elementwise(function, 2 if name == "pow" else 1) for name, function in functions.FUNCTIONS.items()},
        "pi": functions.pi,
    },
)


def _power(base: Any, exponent: Any, backend: Backend) -> Any:
    """Integer powers by multiplication, halves by a square root, others as the backend has them."""
    if isinstance(exponent, np.ndarray) and exponent.ndim == 0:
        exponent = exponent.item()
    if not isinstance(exponent, int | np.integer | Fraction):
        return backend.apply("pow", base, exponent)
    fraction = Fraction(int(exponent) if isinstance(exponent, np.integer) else exponent)
    if fraction.denominator > 2:
        return backend.apply("pow", base, backend.constant(fraction))
    whole = fraction.numerator
    if fraction.denominator == 2:
        base = backend.root(base)
    if whole >= 0:
        if abs(whole) > _MOST_EXPONENT:
            return backend.apply("pow", base, backend.constant(Fraction(whole)))
        return base**whole if whole != 1 else base
    return backend.divide(backend.constant(Fraction(1)), _power(base, -whole, backend))


#: exponent up to which a power is one by multiplication, whatever its base
_MOST_EXPONENT = 1 << 9


@lru_cache(maxsize=512)
def _program(expression: Expr) -> tuple[tuple[_Step, tuple[int, ...]], ...]:
    """What to do at each of the expression's distinct nodes, after its arguments, which are named by their position."""
    order: dict[Expr, int] = {}
    steps: list[tuple[_Step, tuple[int, ...]]] = []

    def visit(node: Expr) -> int:
        if node not in order:
            arguments = tuple(visit(argument) for argument in node.args)
            order[node] = len(steps)
            steps.append((_step(node, expression), arguments))
        return order[node]

    visit(expression)
    return tuple(steps)


def _step(node: Expr, expression: Expr) -> _Step:
    """What one node makes of its arguments' values, the symbols' and a backend."""
    if isinstance(node, Symbol):
        return lambda _, values, __: values[node]
    if isinstance(node, Rational):
        whole, fraction = int(node), Fraction(int(node.p), int(node.q))
        return (lambda *_: whole) if node.is_Integer else (lambda _, __, backend: backend.constant(fraction))
    if isinstance(node, Add | Mul):
        combine = operator.add if isinstance(node, Add) else operator.mul
        return lambda arguments, _, __: reduce(combine, arguments)
    if isinstance(node, exp):
        return lambda arguments, _, backend: backend.exponential(arguments[0])
    if isinstance(node, _FUNCTIONS):
        name = type(node).__name__
        return lambda arguments, _, backend: backend.apply(name, arguments[0])
    if node is pi:
        return lambda _, __, backend: backend.apply("pi")
    if node is E:
        return lambda _, __, backend: backend.exponential(backend.constant(Fraction(1)))
    if isinstance(node, Pow):
        if isinstance(node.exp, Rational):  # a number stays one, whatever the backend makes of constants
            power = Fraction(int(node.exp.p), int(node.exp.q))
            return lambda arguments, _, backend: _power(arguments[0], power, backend)
        return lambda arguments, _, backend: _power(arguments[0], arguments[1], backend)
    if isinstance(node, Abs):
        return lambda arguments, _, backend: backend.absolute(arguments[0])
    if isinstance(node, Min):
        return lambda arguments, _, backend: reduce(backend.minimum, arguments)
    if isinstance(node, Max):
        return lambda arguments, _, backend: reduce(backend.maximum, arguments)
    check(expression)
    raise TypeError(f"{type(node).__name__} of {expression} is not evaluated by any backend")


_NODES = (Symbol, Rational, Add, Mul, Pow, Abs, exp, Min, Max, sin, cos, tanh, log)
_FUNCTIONS = (sin, cos, tanh, log)


def check(expression: Expr) -> None:
    """Refuse an expression with a node that no backend knows.

    Raises
    ------
    TypeError
        Naming the function that is not understood.
    """
    for node in preorder_traversal(expression):
        if not (isinstance(node, _NODES) or node in (pi, E)):
            raise TypeError(
                f"the expression {expression} contains {type(node).__name__}, which no backend evaluates; it may use rational "
                "numbers, pi, E, symbols, + - * / **, Abs, Min, Max, exp, log, sin, cos and tanh"
            )


def evaluate(expression: Expr, values: Mapping[Symbol, Any], backend: Backend) -> Any:
    """The value of an expression at given values of its symbols.

    Parameters
    ----------
    expression : sympy expression
        Built from rational numbers, pi, E, symbols, arithmetic, powers, ``Abs``, ``Min``, ``Max``, ``exp``, ``log``, ``sin``,
        ``cos`` and ``tanh``.
    values : mapping
        Symbol to value: an array of the backend's numbers, or an ``int`` for a symbol that is an exponent or a count.
    backend : Backend
        :data:`FLOATS` or :data:`EXACT`.

    Returns
    -------
    value
        Of the shape that the values broadcast to.

    Raises
    ------
    TypeError
        If the expression contains something else, or what this kind of number does not have.
    verify.arithmetic.enclosure.NoNumber
        If a root, a real power or a logarithm is taken outside its domain (in doubles: NaN).
    ZeroDivisionError
        If an exact denominator is zero (a float one gives NaN), or its enclosure, or a logarithm's, reaches zero.
    OverflowError
        If an exact number is too large to be computed with (a float one becomes infinite).
    """
    if backend is FLOATS:
        with np.errstate(all="ignore"):
            return _evaluated(expression, values, backend)
    return _evaluated(expression, values, backend)


def _evaluated(expression: Expr, values: Mapping[Symbol, Any], backend: Backend) -> Any:
    results: list[Any] = []
    for step, positions in _program(expression):
        result = step([results[position] for position in positions], values, backend)
        results.append(backend.whole(result) if type(result) is int else result)
    return results[-1]


def refined(
    expressions: Sequence[Expr], values: Mapping[Symbol, Any], settled: Callable[..., bool], most: int = 6 * 1024
) -> tuple[Any, ...]:
    """Exact values, computed with twice as many bits as before until they suffice.

    Parameters
    ----------
    expressions : sequence of sympy expression
    values : mapping
        Symbol to an array of rationals, or an ``int``.
    settled : callable
        Whether the values, one for each expression, suffice: a comparison that they decide.
    most : int
        Bits from which on none are added.

    Returns
    -------
    tuple
        The last values, whether they suffice or not.

    Examples
    --------
    >>> from sympy import Integer, exp
    >>> tiny = Integer(1) / 10**100
    >>> one, larger = refined([1 + tiny, exp(tiny)], {}, lambda a, b: a < b.lower)
    >>> one < larger.lower
    True
    """
    kept = enclosure.bits()
    while True:
        with enclosure.precise(kept):
            try:
                found: tuple[Any, ...] | None = tuple(evaluate(expression, values, EXACT) for expression in expressions)
            except ZeroDivisionError:
                # a denominator's enclosure may be too wide; an exact zero stays one
                if kept >= most:
                    raise
                found = None
        if found is not None and (settled(*found) or kept >= most):
            return found
        kept *= 2
