r"""Laws of the features of a task: elliptical ones, described by the even moments of their radius.

A feature vector is :math:`x = \sqrt\rho\, g` with :math:`g \sim N(0, Q)` and a positive scale :math:`\rho` independent of g
(the sphere, whose scale is not independent, has the same mixed moments as if it were).  What matters beyond Q are the numbers
:math:`\kappa_d`: every product of 2d coordinates of x has :math:`\kappa_d` times its Gaussian expectation, and
:math:`\kappa_1 = 1`, so that :math:`E[xx^\top] = Q`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Rational, sympify


@dataclass(frozen=True)
class Gaussian:
    """Normal features: every kappa is one."""

    def radial_moment(self, degree: int, dimension: Any) -> Expr:
        """The number kappa_d for d = `degree`."""
        return Integer(1)


@dataclass(frozen=True)
class Sphere:
    r"""Features :math:`Q^{1/2}\sqrt p\,u` with u uniform on the unit sphere of R^p; at p = 1 a random sign.

    :math:`\kappa_d = p^d / (p(p+2)\cdots(p+2d-2))`, since a Gaussian vector is u times an independent chi variable of p
    degrees.
    """

    def radial_moment(self, degree: int, dimension: Any) -> Expr:
        """The number kappa_d for d = `degree`.

        Examples
        --------
        >>> [Sphere().radial_moment(2, p) for p in (1, 2, 4)]
        [1/3, 1/2, 2/3]
        """
        p, result = sympify(dimension), Integer(1)
        for index in range(degree):
            result *= p / (p + 2 * index)
        return result


@dataclass(frozen=True)
class StudentT:
    r"""Multivariate Student features with `df` degrees of freedom, scaled to covariance Q.

    :math:`\kappa_d = (f-2)^d / ((f-2)(f-4)\cdots(f-2d))` with f = `df`: the moments of :math:`(f-2)/\chi^2_f`.

    Raises
    ------
    ValueError
        If `df` is a number that is not above 2: the features then have no covariance.
    """

    df: Any

    def __post_init__(self) -> None:
        value = Rational(self.df) if isinstance(self.df, float) else sympify(self.df)
        if value.is_number and not value > 2:
            raise ValueError(f"df is {self.df}; it must be above 2 for the features to have a covariance")
        object.__setattr__(self, "df", value)

    def radial_moment(self, degree: int, dimension: Any) -> Expr:
        """The number kappa_d for d = `degree`.

        Raises
        ------
        ValueError
            If the moment of order 2d is infinite.

        Examples
        --------
        >>> StudentT(10).radial_moment(2, 1)
        4/3
        """
        if self.df.is_number and not self.df > 2 * degree:
            raise ValueError(f"df is {self.df}; a moment of order {2 * degree} of the features needs more than {2 * degree}")
        result = Integer(1)
        for index in range(1, degree + 1):
            result *= (self.df - 2) / (self.df - 2 * index)
        return result


#: any of the laws of features
Features = Gaussian | Sphere | StudentT

#: normal features
GAUSSIAN = Gaussian()
