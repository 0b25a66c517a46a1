r"""Profiles of smooth risks with their constants in closed form, and profiles of a user.

A profile is a function f of one number (ridge) or an even one of a residual (radial); its constants are sup f - inf f, sup
|f'|, sup |f''| and sup |f'''|.  :mod:`theory.smooth.profiles` derives them; here they are what the code runs with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import cfunc, config, njit, types
from numpy.typing import NDArray

from numerics.kernels import profiles as codes
from numerics.smooth.constants import ROUNDING, Constants

Array = NDArray[Any]

#: numba is told by the environment not to compile
_INTERPRETED = bool(vars(config)["DISABLE_JIT"])
_SQRT5, _SQRT6 = math.sqrt(5), math.sqrt(6)
_GM = 1 - 2 / _SQRT5

#: constants of the built-in profiles by their code
UNIT = {
    codes.SINE: Constants(1.0, 0.5, 0.5, 0.5),
    codes.TANH: Constants(1.0, 0.5, 2 / (3 * math.sqrt(3)), 1.0),
    codes.LOGISTIC: Constants(math.inf, 1.0, 0.25, 1 / (6 * math.sqrt(3))),
    codes.WELSCH: Constants(1.0, math.exp(-0.5), 1.0, math.sqrt(18 - 6 * _SQRT6) * math.exp(-(3 - _SQRT6) / 2)),
    codes.GEMAN_MCCLURE: Constants(1.0, 3 * math.sqrt(3) / 8, 2.0, 24 * math.sqrt(_GM) * (1 - _GM) / (1 + _GM) ** 4),
    codes.CAUCHY: Constants(math.inf, 0.5, 1.0, (3 + 2 * math.sqrt(2)) / 4),
}

_REAL = types.float64(types.float64, types.int64)
_COMPLEX = types.complex128(types.complex128, types.int64)

Scalar = Callable[[Any], Any]


@dataclass(frozen=True)
class Profile:
    """A ridge profile of a user: a smooth function of one number with its first two derivatives and declared constants.

    The functions must be such that numba compiles them, for real and for complex numbers (comparisons on ``u.real``).  Declared
    constants are checked when the profile is made: at a point that refutes one, it is refused.

    Parameters
    ----------
    value, slope, curvature : callable
        f, f', f'' of a number.
    constants : Constants
        sup f - inf f, sup |f'|, sup |f''|, sup |f'''|; infinite where there is none.
    radius : float
        The check looks at |u| up to this, on all scales down to a thousandth of it.

    Raises
    ------
    ValueError
        If a declared constant is too small, f is negative though its range is finite, or a derivative is not one; the sentence
        names the point.

    Examples
    --------
    >>> rational = Profile(
    ...     lambda u: 1 / (1 + u * u),
    ...     lambda u: -2 * u / (1 + u * u) ** 2,
    ...     lambda u: (6 * u * u - 2) / (1 + u * u) ** 3,
    ...     Constants(Delta=1.0, G=0.65, L=2.0, L_H=4.67),
    ... )
    >>> Profile(rational.value, rational.slope, rational.curvature, Constants(Delta=1.0, G=0.6, L=2.0, L_H=4.67))
    Traceback (most recent call last):
    ValueError: G is declared as 0.6, but |f'| reaches 0.649519 at u = -0.577...; declare at least that
    """

    value: Scalar
    slope: Scalar
    curvature: Scalar
    constants: Constants
    radius: float = 100.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.radius) and self.radius > 0):
            raise ValueError(f"radius is {self.radius!r}; it must be positive and finite")
        ends = self.radius * np.geomspace(1e-3, 1.0, 4001)
        points = np.unique(np.concatenate([-ends, np.linspace(-ends[0], ends[0], 401), ends]))
        value, slope, curvature = (np.array([f(u) for u in points]) for f in (self.value, self.slope, self.curvature))
        for name, array in (("value", value), ("slope", slope), ("curvature", curvature)):
            if array.dtype.kind != "f" or not np.all(np.isfinite(array)):
                raise ValueError(f"{name} is not a finite real number at some |u| <= {self.radius:.4g}; it must be everywhere")
        for name, function, derivative in (("slope", self.value, slope), ("curvature", self.slope, curvature)):
            quotient = np.array([(function(u + 1e-5) - function(u - 1e-5)) / 2e-5 for u in points])
            # a kink of the function itself shows in one point or two
            wrong = np.abs(quotient - derivative) > 1e-4 * (1 + np.abs(derivative).max())
            if wrong.sum() > 4:
                at = int(np.flatnonzero(wrong)[0])
                raise ValueError(
                    f"{name} is {derivative[at]:.6g} at u = {points[at]:.4g}, where the difference quotient is "
                    f"{quotient[at]:.6g}; it must be the derivative"
                )
        third = np.abs(np.diff(curvature) / np.diff(points))
        tops = {
            "Delta": ("f - inf f", value - value.min(), points),
            "G": ("|f'|", np.abs(slope), points),
            "L": ("|f''|", np.abs(curvature), points),
            "L_H": ("a quotient of f''", third, points[:-1]),
        }
        for name, (what, array, where) in tops.items():
            top = int(array.argmax())
            if array[top] > getattr(self.constants, name) * (1 + ROUNDING):
                raise ValueError(
                    f"{name} is declared as {getattr(self.constants, name):.6g}, but {what} reaches {array[top]:.6g} "
                    f"at u = {where[top]:.4g}; declare at least that"
                )
        if math.isfinite(self.constants.Delta) and value.min() < -1e-12:
            raise ValueError(
                f"value is {value.min():.6g} at u = {points[value.argmin()]:.4g}; with a finite Delta it must be at least zero"
            )

    @cached_property
    def compiled(self) -> tuple[Any, Any]:
        """The function (u, order of the derivative) as compiled for real and for complex numbers."""
        return _compiled(self.value, self.slope, self.curvature)


def _compiled(value: Scalar, slope: Scalar, curvature: Scalar) -> tuple[Any, Any]:
    f0, f1, f2 = (function if _INTERPRETED else njit(function) for function in (value, slope, curvature))

    def derivative(u: Any, order: Any) -> Any:
        if order == 0:
            return f0(u)
        if order == 1:
            return f1(u)
        return f2(u)

    if _INTERPRETED:
        return derivative, derivative
    return cfunc(_REAL)(derivative), cfunc(_COMPLEX)(derivative)


_none: list[tuple[Any, Any]] = []


def no_profile() -> tuple[Any, Any]:
    """What stands for a user's function where there is none, of the same compiled type."""
    if not _none:
        _none.append(_compiled(lambda u: u, lambda u: u, lambda u: u))
    return _none[0]
