"""Input as exact numbers: what a caller may give, and what it is taken for.

Integers, fractions, rationals and expressions of sympy stay what they are.  A float is taken at its exact binary value, so that
0.1 is 3602879701896397/36028797018963968 and not 1/10: give ``Rational(1, 10)`` where that is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mag
from sympy import Expr, ImmutableMatrix, Matrix, MatrixBase, Rational, S, SympifyError, sympify
from sympy.polys.domains.domain import Domain
from sympy.polys.matrices import DomainMatrix

#: bits of a rational that stands for an irrational number, at most
MOST_BITS = 1 << 16


def exact_number(name: str, value: Any) -> Expr:
    """`value` as a sympy expression.

    Parameters
    ----------
    name : str
        What the value is called in an error.
    value : number or sympy expression

    Raises
    ------
    ValueError
        If the value is not finite, or not a number or symbolic expression.

    Examples
    --------
    >>> exact_number("alpha", 0.5)
    1/2
    """
    try:
        exact = sympify(value, strict=True)
    except SympifyError:
        exact = None
    if not isinstance(exact, Expr) or exact is S.NaN or exact.is_real is False:  # infinities are not real either
        raise ValueError(f"{name} is {value!r}; it must be a finite real number or a symbol")
    return Rational(value) if exact.is_Float else exact


def exact_rational(name: str, value: Any) -> Rational:
    """`value` as a rational number; a ValueError if it is not a finite one.

    Examples
    --------
    >>> exact_rational("probability", 0.25)
    1/4
    """
    if isinstance(value, Rational):
        return value
    exact = exact_number(name, value)
    if not isinstance(exact, Rational):
        raise ValueError(f"{name} is {value!r}; it must be a rational number")
    return exact


def exact_matrix(name: str, value: Any, entry: Callable[[str, Any], Expr] = exact_number) -> ImmutableMatrix:
    """`value` as a matrix; a number is 1 x 1 and a flat sequence a column.

    Parameters
    ----------
    name : str
        What the value is called in an error.
    value : number, sequence, nested sequence, or anything with ``tolist``
    entry : callable
        What an entry is taken for: :func:`exact_number` or :func:`exact_rational`.

    Raises
    ------
    ValueError
        If the value has no shape of a matrix, or an entry is refused.

    Examples
    --------
    >>> exact_matrix("optimum", [0, 0.5])
    Matrix([
    [  0],
    [1/2]])
    """
    if isinstance(value, MatrixBase) and all(isinstance(item, Rational) for item in value.flat()):
        return ImmutableMatrix(value)
    rows = value.tolist() if hasattr(value, "tolist") else value
    rows = rows if isinstance(rows, (list, tuple)) else [rows]
    exact = [[entry(name, item) for item in row] if isinstance(row, (list, tuple)) else entry(name, row) for row in rows]
    try:
        return ImmutableMatrix(exact)
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{name} is {value!r}; it must be a number, a vector or a matrix") from problem


def dense(matrix: Matrix, field: Domain) -> DomainMatrix:
    """`matrix` over `field`, the form in which exact linear algebra is done.

    Examples
    --------
    >>> from sympy.polys.domains import QQ
    >>> dense(Matrix([[2]]), QQ).to_list()
    [[2]]
    """
    return DomainMatrix.from_Matrix(matrix).convert_to(field).to_dense()


def rounded(value: Expr, digits: int | None) -> Expr:
    """`value`, or a rational within `digits` significant digits of it where it is an irrational number.

    Raises
    ------
    OverflowError
        If the number is so large or so small that its rational would fill the memory.

    Examples
    --------
    >>> from sympy import exp
    >>> abs(rounded(exp(1), 30) - exp(1)) < Rational(1, 10**29)
    True
    """
    if digits is None or value.is_Rational or not value.is_number:
        return value
    found = value.evalf(digits)
    if found.is_Float and found != 0 and abs(mag(found.num)) > MOST_BITS:
        raise OverflowError(
            f"an irrational number near 2**{mag(found.num)} cannot be computed with as a rational of {MOST_BITS} bits"
        )
    return Rational(found)
