r"""The three expectations on which population risks and optima rest.

For a weight W of a task, :math:`J(\theta)=\tfrac12E(\theta-\theta_\gamma)^\top W(\theta-\theta_\gamma)` expands to
:math:`\tfrac12\theta^\top E[W]\theta-\theta^\top E[W\theta_\gamma]+\tfrac12E[\theta_\gamma^\top W\theta_\gamma]`, so that a
distribution of tasks need only know its :class:`Moments`; :mod:`theory.optima` does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sympy import Expr, cancel
from sympy.polys.constructor import construct_domain
from sympy.polys.matrices import DomainMatrix

from theory.rules import Rule


class Moments(NamedTuple):
    """The three expectations of a weight W, as matrices over one field.

    Attributes
    ----------
    weight : DomainMatrix, (p, p)
        E[W].
    weighted_optimum : DomainMatrix, (p, 1)
        E[W theta_gamma].
    weighted_square : DomainMatrix, (1, 1)
        E[theta_gamma' W theta_gamma].
    """

    weight: DomainMatrix
    weighted_optimum: DomainMatrix
    weighted_square: DomainMatrix


class TaskDistribution(Protocol):
    """What :mod:`theory.optima` needs of a distribution of tasks."""

    @property
    def dimension(self) -> int:
        """Dimension p of the parameter."""

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight.

        With `digits`, irrational numbers are rounded to rationals of so many digits; without, they stay exact.
        """

    def weight_moments(self, weight: Expr, digits: int | None = None) -> Moments:
        """Moments of a weight given as an expression in the eigenvalue q of the curvature (and the trace of its square)."""


def isotropic(dimension: int, mean: Expr, component: Expr, square: Expr) -> Moments:
    """Moments of a law that prefers no direction: E[W] = `mean` I, E[W theta_gamma] = `component` in every coordinate.

    Examples
    --------
    >>> from sympy import S
    >>> isotropic(2, S(1), S(3), S(4)).weighted_optimum.to_Matrix()
    Matrix([
    [3],
    [3]])
    """
    values: Sequence[Expr] = [cancel(value) for value in (mean, component, square)]
    field, (first, second, third) = construct_domain(values, field=True)
    return Moments(
        DomainMatrix.diag([first] * dimension, field).to_dense(),
        DomainMatrix([[second]] * dimension, (dimension, 1), field).to_dense(),
        DomainMatrix([[third]], (1, 1), field).to_dense(),
    )
