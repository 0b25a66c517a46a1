r"""Linear quadratic regulators in exact arithmetic: costs and their Taylor coefficients along a direction of the gain.

With :math:`K_\varepsilon=K+\varepsilon D` and :math:`L_\varepsilon=A-BK_\varepsilon`, the solution of
:math:`P=L_\varepsilon^\top PL_\varepsilon+Q+K_\varepsilon^\top RK_\varepsilon` is a power series in :math:`\varepsilon` whose
coefficients follow one another by the one linear map :math:`X\mapsto X-L^\top XL`; the cost is :math:`C=\operatorname{tr}P`.
Gradient and Hessian are read off its coefficients, without the second Lyapunov equation that their formulas use.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import ImmutableMatrix, Matrix, Rational, eye
from sympy.polys.domains import QQ

from theory.exact import dense, exact_matrix, exact_rational


@dataclass(frozen=True)
class Regulator:
    """One task in rationals: x' = A x + B u, costs x'Qx + u'Ru, a random start of second moment I.

    Parameters
    ----------
    dynamics, controls, state_cost, control_cost : matrices
        A (p, p), B (p, q), Q (p, p) symmetric positive semi-definite and R (q, q) symmetric positive definite.

    Raises
    ------
    ValueError
        If an entry is not rational, or a shape does not fit.

    Examples
    --------
    >>> Regulator([[Rational(1, 2)]], [[1]], [[1]], [[1]]).taylor([[0]], [[1]], 2)
    [Fraction(4, 3), Fraction(-16, 9), Fraction(148, 27)]
    """

    dynamics: Any
    controls: Any
    state_cost: Any
    control_cost: Any

    def __post_init__(self) -> None:
        for name in ("dynamics", "controls", "state_cost", "control_cost"):
            object.__setattr__(self, name, exact_matrix(name, getattr(self, name), exact_rational))
        p, q = self.controls.shape
        for name, shape in (("dynamics", (p, p)), ("state_cost", (p, p)), ("control_cost", (q, q))):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}; with these controls it must be {shape}")

    def closed(self, gain: Any) -> Matrix:
        """L = A - B K."""
        return self.dynamics - self.controls * Matrix(gain)

    def taylor(self, gain: Any, direction: Any, order: int) -> list[Fraction]:
        """Taylor coefficients of the cost along a direction of the gain, from order 0 on.

        Parameters
        ----------
        gain, direction : matrices (q, p)
            A stabilising K, which is not checked, and D.
        order : int
            The last coefficient's.
        """
        gain, direction = Matrix(gain), Matrix(direction)
        closed, moved = self.closed(gain), -self.controls * direction
        right = [
            self.state_cost + gain.T * self.control_cost * gain,
            gain.T * self.control_cost * direction + direction.T * self.control_cost * gain,
            direction.T * self.control_cost * direction,
        ]
        found: list[Matrix] = []
        for degree in range(order + 1):
            source = right[degree] if degree < 3 else 0 * right[0]
            if degree >= 1:
                source = source + moved.T * found[degree - 1] * closed + closed.T * found[degree - 1] * moved
            if degree >= 2:
                source = source + moved.T * found[degree - 2] * moved
            found.append(lyapunov(closed.T, source))
        return [Fraction(*matrix.trace().as_numer_denom()) for matrix in (part.applyfunc(Rational) for part in found)]

    def cost(self, gain: Any) -> Fraction:
        """C(K) of a stabilising gain."""
        return self.taylor(gain, Matrix(gain) * 0, 0)[0]

    def gradient(self, gain: Any) -> Matrix:
        """The gradient of the cost, (q, p)."""
        gain = Matrix(gain)
        entries = [self.taylor(gain, unit(gain, place), 1)[1] for place in range(len(gain))]
        return Matrix(*gain.shape, [Rational(entry) for entry in entries])

    def form(self, gain: Any, direction: Any) -> Fraction:
        """The second derivative of the cost along a direction."""
        return 2 * self.taylor(gain, direction, 2)[2]

    def to_go(self, gain: Any) -> Matrix:
        """P of a stabilising gain."""
        gain = Matrix(gain)
        return lyapunov(self.closed(gain).T, self.state_cost + gain.T * self.control_cost * gain)

    def moments(self, gain: Any) -> Matrix:
        """Sigma, the sum over time of the state's second moments."""
        closed = self.closed(gain)
        return lyapunov(closed, eye(closed.rows))

    def error(self, gain: Any) -> Matrix:
        """E = R K - B'P L."""
        return self.control_cost * Matrix(gain) - self.controls.T * self.to_go(gain) * self.closed(gain)

    def curvature(self, gain: Any) -> Matrix:
        """R + B'P B."""
        return self.control_cost + self.controls.T * self.to_go(gain) * self.controls


def unit(gain: Matrix, place: int) -> ImmutableMatrix:
    """The matrix of the gain's shape with a one in this place, counted by rows.

    Examples
    --------
    >>> unit(Matrix([[5, 6]]), 1)
    Matrix([[0, 1]])
    """
    return ImmutableMatrix(*gain.shape, [int(other == place) for other in range(len(gain))])


def lyapunov(closed: Any, right: Any) -> Matrix:
    """The solution X of X = L X L' + right, in rationals.

    Examples
    --------
    >>> lyapunov(Matrix([[Rational(1, 2)]]), Matrix([[3]]))
    Matrix([[4]])
    """
    order = closed.rows
    size = order * order
    system = Matrix(
        size,
        size,
        lambda row, column: int(row == column) - closed[row // order, column // order] * closed[row % order, column % order],
    )
    found = dense(system, QQ).lu_solve(dense(Matrix(size, 1, list(right)), QQ)).to_Matrix()
    return Matrix(order, order, list(found))
