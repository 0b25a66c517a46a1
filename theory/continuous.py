"""Task distributions with densities, whose expectations sympy integrates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Dummy, Expr, Poly, S, integrate, simplify, sympify

from theory import notation
from theory.exact import exact_number, rounded
from theory.moments import Moments, isotropic
from theory.rules import Rule


class ScalarDensity:
    r"""Tasks with p = 1 and any density that sympy can integrate.

    Curvature and optimum are expressions in one or more random variables with a joint density; for a joint density of
    (q, theta_gamma) they are two of the variables themselves.

    Parameters
    ----------
    curvature, optimum : sympy expressions
        q and theta_gamma in terms of the variables.
    density : sympy expression
        Joint density of the variables.
    variables : sequence of (symbol, lower, upper)
        The variables, innermost integral first, with the ends of their ranges.

    Raises
    ------
    ValueError
        If the density does not integrate to one, or the curvature is negative.

    Examples
    --------
    Optimum and curvature equal to one uniform variable on [0, 2], eq. (13) of `gao-sener-2020`:

    >>> from sympy import Rational, Symbol
    >>> x = Symbol("x", nonnegative=True)
    >>> tied = ScalarDensity(x, x, Rational(1, 2), [(x, 0, 2)])
    >>> from theory.rules import DRS
    >>> tied.moments(DRS()).weighted_optimum.to_Matrix()
    Matrix([[4/3]])
    """

    dimension = 1

    def __init__(self, curvature: Any, optimum: Any, density: Any, variables: Sequence[tuple[Any, Any, Any]]) -> None:
        self.curvature, self.optimum, self.density = (sympify(part) for part in (curvature, optimum, density))
        self.variables = tuple(tuple(sympify(part) for part in variable) for variable in variables)
        total = self.expectation(S.One)
        if simplify(total - 1) != 0:
            raise ValueError(f"density integrates to {total}; it must integrate to 1")
        if self.curvature.is_negative:
            raise ValueError(f"curvature is {self.curvature}; it must not be negative")

    def expectation(self, value: Expr) -> Expr:
        """Expectation of an expression in the variables."""
        return integrate((value * self.density).expand(), *self.variables)

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight."""
        return self.weight_moments(rule.weight(deployed), digits)

    def weight_moments(self, weight: Expr, digits: int | None = None) -> Moments:
        """Moments of a weight given as an expression in q (and tau_2)."""
        at_task = weight.subs(notation.tau2, notation.q**2).subs(notation.q, self.curvature)
        return isotropic(1, *(rounded(self.expectation(at_task * self.optimum**power), digits) for power in range(3)))


class SpectrumTied:
    r"""Eq. (13) of `gao-sener-2020`: theta_gamma uniform on [0, beta]^p, Q = V diag(theta_gamma) V', V Haar on SO(p).

    The rotation averages any weight to a multiple of the identity, :math:`E_V[V D V^\top]=\tfrac1p\operatorname{tr}(D)\,I`,
    which leaves expectations over independent uniform coordinates.

    Parameters
    ----------
    dim : int
        Dimension p.
    beta : number or symbol
        Upper end of the spectrum.

    Raises
    ------
    ValueError
        If `dim` is not a positive integer, or `beta` is not positive.

    Examples
    --------
    >>> from theory.rules import DRS
    >>> SpectrumTied(1, 2).moments(DRS()).weight.to_Matrix()
    Matrix([[1]])
    """

    def __init__(self, dim: Any, beta: Any) -> None:
        exact = exact_number("dim", dim)
        if not (exact.is_Integer and exact >= 1):
            raise ValueError(f"dim is {dim!r}; it must be a positive integer")
        self.dimension = int(exact)
        self.beta = exact_number("beta", beta)
        if self.beta.is_nonpositive:
            raise ValueError(f"beta is {self.beta}; it must be positive")

    def __repr__(self) -> str:
        return f"SpectrumTied({self.dimension}, {self.beta})"

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight."""
        return self.weight_moments(rule.weight(deployed), digits)

    def weight_moments(self, weight: Expr, digits: int | None = None) -> Moments:
        r"""Moments of a weight given as an expression in q (and tau_2, linearly).

        The average over V leaves the mean of the weight over the p eigenvalues, which are the coordinates of theta_gamma.  With
        :math:`w = a + b\tau_2` and :math:`\tau_2` split into the squares of the coordinates that stand alone in a term and
        those of the p - 1 or p - 2 others, each factor is an integral over one uniform coordinate.
        """
        p, x = self.dimension, notation.q
        own, shared = weight.subs(notation.tau2, 0), weight.diff(notation.tau2)
        full = own + shared * x**2  # the weight with the eigenvalue's own square put in place of tau_2
        first, second, third, fourth = (self._mean(x**power) for power in range(1, 5))
        mean_full, mean_shared = self._mean(full), self._mean(shared)
        mean = mean_full + (p - 1) * mean_shared * second
        aligned = self._mean(full * x) + (p - 1) * self._mean(shared * x) * second
        crossed = mean_full * first + mean_shared * (third + (p - 2) * second * first)
        component = (aligned + (p - 1) * crossed) / p
        others = (p - 1) * (fourth + (p - 2) * second**2)  # E of the squared sum of the p - 1 other squares
        square = self._mean(full * x**2) + (p - 1) * (mean_full + self._mean(shared * x**2)) * second + mean_shared * others
        return isotropic(p, *(rounded(value, digits) for value in (mean, component, square)))

    def _mean(self, value: Expr) -> Expr:
        """Expectation over one coordinate, uniform on [0, beta]; symbols known to be non-negative are taken as positive."""
        if value.is_polynomial(notation.q):  # what gradient steps give: a hundred times faster than the general integral
            terms = Poly(value, notation.q).terms()
            return Add(*(factor * self.beta**power / (power + 1) for (power,), factor in terms))
        positive = {symbol: Dummy(symbol.name, positive=True) for symbol in value.free_symbols if symbol.is_nonnegative}
        integral = integrate(value.subs(positive).expand(), (positive.get(notation.q, notation.q), 0, self.beta)) / self.beta
        return integral.subs({dummy: symbol for symbol, dummy in positive.items()})
