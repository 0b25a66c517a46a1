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

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from sympy import Abs, Add, Expr, Max, Min, Mul, Pow, Rational, Symbol, exp, preorder_traversal

from verify.arithmetic import enclosure


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
    """

    constant: Callable[[Fraction], Any]
    divide: Callable[[Any, Any], Any]
    root: Callable[[Any], Any]
    absolute: Callable[[Any], Any]
    exponential: Callable[[Any], Any]
    minimum: Callable[[Any, Any], Any]
    maximum: Callable[[Any, Any], Any]


def _elementwise(function: Callable[..., Any], arguments: int) -> Callable[..., Any]:
    return np.frompyfunc(function, arguments, 1)


def _divide(numerator: Any, denominator: Any) -> Any:
    """A quotient, not a number where the denominator is zero: exactly there an instance has no value."""
    return np.divide(numerator, np.where(np.equal(denominator, 0), np.nan, denominator))


FLOATS = Backend(
    constant=float,
    divide=_divide,
    root=np.sqrt,
    absolute=np.abs,
    exponential=np.exp,
    minimum=np.minimum,
    maximum=np.maximum,
)

EXACT = Backend(
    constant=lambda value: value,
    divide=_elementwise(lambda a, b: Fraction(a) / b if isinstance(a, int) else a / b, 2),
    root=_elementwise(enclosure.square_root, 1),
    absolute=_elementwise(enclosure.absolute, 1),
    exponential=_elementwise(enclosure.exponential, 1),
    minimum=_elementwise(enclosure.smallest, 2),
    maximum=_elementwise(enclosure.largest, 2),
)


def _power(base: Any, exponent: Any, backend: Backend) -> Any:
    """Integer powers by multiplication, halves by a square root: all that a claim may ask for."""
    if np.ndim(exponent) == 0 and isinstance(exponent, int | np.integer):
        whole = int(exponent)
    else:
        fraction = Fraction(exponent)
        if fraction.denominator == 2:
            base, whole = backend.root(base), fraction.numerator
        elif fraction.denominator == 1:
            whole = fraction.numerator
        else:
            raise TypeError(f"a power has the exponent {exponent}; it must be a multiple of 1/2")
    if whole >= 0:
        return base**whole if whole != 1 else base
    return backend.divide(backend.constant(Fraction(1)), base**-whole)


@lru_cache(maxsize=512)
def _program(expression: Expr) -> tuple[tuple[Expr, tuple[int, ...]], ...]:
    """The expression's distinct nodes, each after its arguments, which are named by their position."""
    order: dict[Expr, int] = {}
    steps: list[tuple[Expr, tuple[int, ...]]] = []

    def visit(node: Expr) -> int:
        if node not in order:
            arguments = tuple(visit(argument) for argument in node.args)
            order[node] = len(steps)
            steps.append((node, arguments))
        return order[node]

    visit(expression)
    return tuple(steps)


def check(expression: Expr) -> None:
    """Refuse an expression with a node that no backend knows.

    Raises
    ------
    TypeError
        Naming the function that is not understood.
    """
    for node in preorder_traversal(expression):
        if not isinstance(node, Symbol | Rational | Add | Mul | Pow | Abs | exp | Min | Max):
            raise TypeError(
                f"the expression {expression} contains {type(node).__name__}, which no backend evaluates; it may use numbers, "
                "symbols, + - * /, integer and half powers, Abs, exp, Min and Max"
            )


def evaluate(expression: Expr, values: Mapping[Symbol, Any], backend: Backend) -> Any:
    """The value of an expression at given values of its symbols.

    Parameters
    ----------
    expression : sympy expression
        Built from numbers, symbols, arithmetic, integer and half powers, ``Abs``, ``exp``, ``Min`` and ``Max``.
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
        If the expression contains something else.
    ZeroDivisionError
        If an exact denominator is zero (a float one gives NaN).
    """
    results: list[Any] = []
    for node, positions in _program(expression):
        arguments = [results[position] for position in positions]
        if isinstance(node, Symbol):
            result = values[node]
        elif isinstance(node, Rational):
            integral = node.is_Integer
            result = int(node) if integral else backend.constant(Fraction(int(node.p), int(node.q)))
        elif isinstance(node, Add):
            result = reduce(operator.add, arguments)
        elif isinstance(node, Mul):
            result = reduce(operator.mul, arguments)
        elif isinstance(node, exp):
            result = backend.exponential(arguments[0])
        elif isinstance(node, Pow):
            # a number stays one, whatever the backend makes of constants
            number = node.exp if isinstance(node.exp, Rational) else None
            exponent = arguments[1] if number is None else Fraction(int(number.p), int(number.q))
            result = _power(arguments[0], exponent, backend)
        elif isinstance(node, Abs):
            result = backend.absolute(arguments[0])
        elif isinstance(node, Min | Max):
            result = reduce(backend.minimum if isinstance(node, Min) else backend.maximum, arguments)
        else:
            check(expression)
            raise TypeError(f"{type(node).__name__} of {expression} is not evaluated by any backend")
        results.append(result)
    return results[-1]
