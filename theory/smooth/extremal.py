"""The instance on which bounds on sums of squared gradients are nearly attained: a parabola that begins at its steepest.

One bowl, curvature 1 on a length of 400 that rises from 0 and falls to 0 at rate 1: slopes from -401 to 0, so that the squared
first slope is 0.996 of twice the fall.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Rational, Symbol

from theory.claim import Stored
from theory.notation import L_H, L, alpha, chi, eta, n, pieces, xi


def parabola(step: Rational, counts: Mapping[Symbol, Any]) -> Stored:
    """The bowl without noise at rate 0, with a step size and numbers of updates, test steps and tasks.

    Examples
    --------
    >>> parabola(Rational(1), {}).tasks["first"]
    (-401,)
    """
    return Stored(
        "a parabola that begins at its steepest, with short ends",
        {n: 1, pieces: 3, L: 1, L_H: 1, alpha: 0, eta: step, xi: 0, chi: 0, **counts},
        {
            "probabilities": (1,),
            "knots": ((0, 1, 401, 402),),
            "curvatures": ((0, 1, 1, 0),),
            "first": (-401,),
            "start": (0,),
            "other": (0,),
        },
    )
