"""Decoded instances: many in doubles, as numerics takes them, or one in rationals, as theory does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Expr, Matrix, Rational, Symbol, Tuple

from theory.rules import Rule
from verify.arithmetic.evaluate import EXACT, FLOATS, evaluate
from verify.instances.codes import Array, Values
from verify.instances.family import mapped

#: resolution of sampling and search; the simplest counterexamples are looked for at lower ones, narrow violations at the finest
BITS, FINEST = 16, 48


@dataclass(frozen=True)
class Cell:
    """What gives instances their shape.

    Parameters
    ----------
    shape : tuple of (Symbol, value)
        Sizes, integer parameters and choices.
    bits : int
        Resolution: codes are integers in ``[0, 2**bits]``.
    wide : bool
        Whether numbers without a natural scale or place come from all of them, see :class:`~verify.instances.codes.Codes`.
    """

    shape: tuple[tuple[Symbol, Any], ...]
    bits: int = BITS
    wide: bool = False

    def __getitem__(self, symbol: Symbol) -> Any:
        return dict(self.shape)[symbol]

    def size(self) -> int:
        """Order of simplicity: the sum of the integers."""
        return sum(value for _, value in self.shape if isinstance(value, int))

    def __str__(self) -> str:
        return ", ".join(f"{symbol} = {value}" for symbol, value in self.shape)


@dataclass
class Batch:
    """Decoded instances of one cell.

    Attributes
    ----------
    cell : Cell
        Their common shape.
    values : dict
        Parameter symbol to an array (batch, 1), or to an int or a chosen rule.
    tasks : dataclass of arrays, or None
        What their family's decoder made.
    outside : array (batch,) of bool, or None
        Which of them lie outside of the declared domain, because ends that depend on other parameters cross there, or an end or
        a value of a set has no value.
    unknown : array (batch,) of bool, or None
        Of which of them that is not known, because an end, or a value of a set, is too large to be computed with.
    """

    cell: Cell
    values: Values
    tasks: Any = None
    outside: Array | None = None
    unknown: Array | None = None
    _memory: dict[Any, Any] = field(default_factory=dict)

    def remembered(self, key: Any, compute: Callable[[], Any]) -> Any:
        """What `compute` returns, computed once per batch: quantities share weights and optima."""
        if key not in self._memory:
            self._memory[key] = compute()
        return self._memory[key]

    def number(self, expression: Any) -> Any:
        """An argument of a quantity, an expression in the parameters, as an array (batch, 1) of floats or an int."""
        if isinstance(expression, tuple | Tuple):
            return tuple(map(self.number, expression))
        if isinstance(expression, Expr):
            return evaluate(expression, self.values, FLOATS)
        return expression

    def rational(self, expression: Any) -> Any:
        """An argument of a quantity on an exact instance as a sympy rational or an int."""
        if isinstance(expression, tuple | Tuple):
            return tuple(map(self.rational, expression))
        if not isinstance(expression, Expr):
            return expression
        value = evaluate(expression, self.values, EXACT)
        value = value.ravel()[0] if isinstance(value, np.ndarray) else value
        return value if isinstance(value, int) else as_rational(value)

    def rule(self, rule: Rule | Symbol) -> Rule:
        """A rule among a quantity's arguments: itself, or the one chosen for a symbol."""
        chosen: Rule = self.values[rule] if isinstance(rule, Symbol) else rule
        return chosen


def instance(values: Mapping[Symbol, Any], tasks: Any = None) -> Batch:
    """One exact instance from its numbers, as :meth:`verify.instances.space.Space.exact` makes one from codes.

    Parameters
    ----------
    values : mapping
        Parameter symbol to a ``Fraction``, an int (for integer parameters) or a rule.
    tasks : dataclass, optional
        The instance of the claim's family, its fields nested lists of fractions; integer arrays stay such.

    Raises
    ------
    TypeError
        If `values` is something else, or a number is a float.

    Examples
    --------
    >>> from theory.notation import alpha
    >>> instance({alpha: Fraction(1, 2)}).values[alpha]
    array([[Fraction(1, 2)]], dtype=object)
    """
    if not isinstance(values, Mapping) or not all(isinstance(symbol, Symbol) for symbol in values):
        raise TypeError(
            f"values is {values!r}; it must map parameter symbols to numbers or rules, such as {{alpha: Fraction(1, 2)}}"
        )
    if inexact := [f"{symbol} = {value}" for symbol, value in values.items() if isinstance(value, float | np.floating)]:
        raise TypeError(f"values holds {inexact[0]}, a float; an exact instance takes fractions such as Fraction(1, 2)")

    def exact(entries: Any) -> Array:
        if isinstance(entries, np.ndarray) and entries.dtype.kind in "iub":
            return entries[None]
        return np.asarray(np.frompyfunc(Fraction, 1, 1)(np.array(entries, dtype=object)), dtype=object)[None]

    shape = tuple((symbol, value) for symbol, value in values.items() if not isinstance(value, Fraction))
    numbers = {
        symbol: np.array([[value]], dtype=object) if isinstance(value, Fraction) else value for symbol, value in values.items()
    }
    return Batch(Cell(shape), numbers, None if tasks is None else mapped(tasks, exact))


def as_rational(value: Fraction) -> Rational:
    """A Fraction as sympy's number."""
    return Rational(value.numerator, value.denominator)


def as_matrix(entries: Array) -> Matrix:
    """A two-dimensional object array of Fractions as a sympy matrix."""
    return Matrix(*entries.shape, [as_rational(entry) for entry in entries.ravel()])
