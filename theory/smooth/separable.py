r"""Risks in several variables that are sums of functions of one number each, along the axes of a frame, in exact rationals.

:math:`R(\theta)=\sum_cf_c(\langle u_c,\theta\rangle)` with orthonormal :math:`u_c`: Lipschitz constants of the gradient and of
the Hessian are the largest of the parts'.  Frames of different tasks differ, so that their Hessians do not commute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from theory.smooth.short_runs import Bent, Piecewise

Vector = tuple[Fraction, ...]


def along(point: Vector, size: Fraction, direction: Vector) -> Vector:
    """point + size direction."""
    return tuple(x + size * d for x, d in zip(point, direction, strict=True))


@dataclass(frozen=True)
class Separable:
    """A sum of functions along the axes of a frame.

    Parameters
    ----------
    axes : sequence of vectors
        Orthonormal.
    parts : sequence of Piecewise or Bent
        One for each axis.

    Examples
    --------
    >>> bowl, saddle = (Piecewise((), (Fraction(bend),)) for bend in (2, -1))
    >>> risk = Separable(((Fraction(3, 5), Fraction(4, 5)), (Fraction(-4, 5), Fraction(3, 5))), (bowl, saddle))
    >>> [str(entry) for entry in risk.gradient((Fraction(1), Fraction(0)))]
    ['2/25', '36/25']
    """

    axes: Sequence[Vector]
    parts: Sequence[Piecewise | Bent]

    def _sum(self, sizes: Sequence[Fraction]) -> Vector:
        terms = list(zip(sizes, self.axes, strict=True))
        return tuple(sum((size * axis[i] for size, axis in terms), Fraction(0)) for i in range(len(sizes)))

    def _places(self, point: Vector) -> list[Fraction]:
        return [sum((u * x for u, x in zip(axis, point, strict=True)), Fraction(0)) for axis in self.axes]

    def gradient(self, point: Vector) -> Vector:
        """Gradient."""
        return self._sum([part.gradient(place) for part, place in zip(self.parts, self._places(point), strict=True)])

    def product(self, point: Vector, vector: Vector) -> Vector:
        """Hessian times a vector; at a knot that of the piece to the right."""
        places, sizes = self._places(point), self._places(vector)
        return self._sum([part.curvature(z) * s for part, z, s in zip(self.parts, places, sizes, strict=True)])

    def path(self, point: Vector, rate: Fraction, steps: int) -> list[Vector]:
        """The points of an inner loop of gradient steps, the first one included."""
        points = [point]
        for _ in range(steps):
            points.append(along(points[-1], -rate, self.gradient(points[-1])))
        return points

    def meta_gradient(self, point: Vector, rate: Fraction, steps: int) -> Vector:
        """Gradient of the risk after the inner loop, by the chain rule."""
        *before, last = self.path(point, rate, steps)
        found = self.gradient(last)
        for place in reversed(before):
            found = along(found, -rate, self.product(place, found))
        return found
