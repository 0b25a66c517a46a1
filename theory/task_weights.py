"""A rule's weight evaluated on the tasks of a finite law: functions of a matrix, exactly.

A weight that is a rational function of the curvature is evaluated on the matrix itself (Horner's scheme, one exact inverse);
one that is not, the gradient flow's, needs eigenvalues and eigenvectors.  All of it is done on matrices over a field,
rationals where nothing is symbolic, which is faster by an order of magnitude than on matrices of expressions.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer, Matrix, Poly, diag, fraction, together
from sympy.polys.constructor import construct_domain
from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix
from sympy.polys.rings import ring

from theory import notation
from theory.exact import dense, rounded
from theory.task import Task

_POLYNOMIALS, _ = ring(notation.q, QQ)


def of_curvatures(weight: Expr, curvatures: Sequence[DomainMatrix], digits: int | None) -> list[DomainMatrix]:
    """A weight that is a rational function of q at each curvature.

    Parameters
    ----------
    weight : sympy expression
        In q and, for a sampled inner step, the trace of the square of the curvature.
    curvatures : sequence of DomainMatrix, (p, p) over the rationals
    digits : int or None
        Round irrational coefficients to so many digits.

    Returns
    -------
    list of DomainMatrix, (p, p) over one field

    Examples
    --------
    >>> curvature = dense(Matrix([[2, 1], [1, 2]]), QQ)
    >>> of_curvatures(notation.q**2 + notation.tau2, [curvature], None)[0].to_Matrix()
    Matrix([
    [15,  4],
    [ 4, 15]])
    """
    parts = (weight, Integer(1)) if weight.is_polynomial(notation.q) else fraction(together(weight))
    above, below = map(_coefficients, parts)
    tables = [([rounded(c, digits) for c in above], [rounded(c, digits) for c in below])] * len(curvatures)
    if weight.has(notation.tau2):
        traces = [_trace_of_square(curvature) for curvature in curvatures]
        tables = [tuple([c.subs(notation.tau2, trace) for c in part] for part in tables[0]) for trace in traces]  # type: ignore[misc]
    field, _ = construct_domain([c for table in tables for part in table for c in part], field=True)
    found = []
    for (numerator, denominator), curvature in zip(tables, curvatures, strict=True):
        matrix = curvature.convert_to(field)
        value = _horner(numerator, matrix)
        found.append(value if denominator == [1] else value * _horner(denominator, matrix).inv())
    return found


def of_spectra(weight: Expr, tasks: Sequence[Task], digits: int | None) -> list[DomainMatrix]:
    """Any weight, on tasks whose eigenvalues and eigenvectors are known.

    Raises
    ------
    ValueError
        If a task is given by a hessian alone that is not diagonal.
    """
    for index, task in enumerate(tasks):
        if task.eigenvalues is None:
            raise ValueError(
                f"hessian of task {index} is not diagonal and given without its spectrum; a weight that is not a rational "
                "function of the curvature needs eigenvalues and eigenvectors"
            )
    spectra = []
    for task in tasks:
        trace = sum(value**2 for value in task.eigenvalues)
        at_task = weight.subs(notation.tau2, trace)
        spectra.append([rounded(at_task.subs(notation.q, value), digits) for value in task.eigenvalues])
    field, _ = construct_domain([value for spectrum in spectra for value in spectrum], field=True)
    bases = [dense(task.eigenvectors, field) for task in tasks]
    return [basis * dense(diag(*spectrum), field) * basis.transpose() for basis, spectrum in zip(bases, spectra, strict=True)]


def prescribed(weights: Sequence[Matrix], dimension: int, number: int, digits: int | None) -> list[DomainMatrix]:
    """Weights given one by one, over one field.

    Raises
    ------
    ValueError
        If they are names, not as many as the tasks or not of their dimension.
    """
    if isinstance(weights, str):
        raise ValueError(f"weights is {weights!r}, the name of a family of weights; it must be a sequence of matrices here")
    if len(weights) != number:
        raise ValueError(f"weights holds {len(weights)} matrices; it must hold one for each of the {number} tasks")
    for index, weight in enumerate(weights):
        if weight.rows != dimension:
            raise ValueError(f"weights[{index}] has shape {weight.shape}; it must be {(dimension, dimension)} like the tasks")
    entries = [weight.applyfunc(lambda entry: rounded(entry, digits)) for weight in weights]
    field, _ = construct_domain([entry for weight in entries for entry in weight], field=True)
    return [dense(weight, field) for weight in entries]


def _coefficients(polynomial: Expr) -> list[Expr]:
    """Coefficients of a polynomial in q, the highest power's first."""
    try:
        # multiplied out in rationals, over ten times as fast as in expressions
        found = _POLYNOMIALS.from_expr(polynomial).to_dense()
    except ValueError:
        return list(Poly(polynomial, notation.q).all_coeffs())
    return [QQ.to_sympy(coefficient) for coefficient in found] or [Integer(0)]


def _horner(coefficients: Sequence[Expr], matrix: DomainMatrix) -> DomainMatrix:
    field = matrix.domain
    one = DomainMatrix.eye(matrix.shape, field).to_dense()
    total = one * field.from_sympy(coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * matrix + one * field.from_sympy(coefficient)
    return total


def _trace_of_square(curvature: DomainMatrix) -> Expr:
    return QQ.to_sympy(sum((entry**2 for row in curvature.to_list() for entry in row), QQ.zero))
