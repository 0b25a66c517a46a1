r"""Small families of task distributions in two dimensions, on which claims about tasks can be certified.

A family is a task distribution whose numbers are formulas in a few parameters; a claim, restricted to it, is a statement about
numbers alone.  The families are normalised: scale, translation and a common rotation of the parameter change no side of the
claims, so that the first optimum is 0, the second a unit vector along the first axis, and the largest ratio or curvature is 1.
What else is fixed is said in each title; a certificate is about the family and no more.

Rotations are by rational half-angle tangents in [0, 1], which reach a quarter turn: with the eigenvalues in both orders that is
every direction.

Examples
--------
>>> FAMILIES["transfer_bound@two_directions"].claim
'transfer_bound'
>>> rotated((2, 1), 1)
Matrix([
[1, 0],
[0, 2]])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sympy import FiniteSet, ImmutableMatrix, Integer, Interval, Range, Rational, Symbol, diag, eye, sympify

from theory.notation import alpha, beta, k, nu, root_l, root_u

#: half-angle tangents of the weights or curvatures of the two tasks, and the first task's probability
FIRST_TURN = Symbol("first_turn", real=True, nonnegative=True)
SECOND_TURN = Symbol("second_turn", real=True, nonnegative=True)
SHARE = Symbol("share_1", real=True, nonnegative=True)
LOW = Symbol("low_curvature", real=True, nonnegative=True)
ROOT = Symbol("root_of_A", positive=True)


@dataclass(frozen=True)
class Spectrum:
    """A curvature by its eigenvalues and the half-angle tangent of their eigenvectors' rotation.

    Parameters
    ----------
    eigenvalues : pair of sympy expressions
    tangent : sympy expression
    """

    eigenvalues: tuple[Any, Any]
    tangent: Any = Integer(0)


@dataclass(frozen=True)
class FamilyTask:
    """One task of a family.

    Parameters
    ----------
    probability : sympy expression
    optimum : pair of sympy expressions
    curvature : Spectrum or None
        For claims about rules.
    weights : mapping
        Name to a 2 x 2 matrix of sympy expressions, for claims about prescribed weights.
    """

    probability: Any
    optimum: tuple[Any, Any]
    curvature: Spectrum | None = None
    weights: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """A claim's restriction to task distributions with few parameters.

    Parameters
    ----------
    claim : str
        Name of the claim.
    title : str
        What the family holds, and what it fixes.
    parameters : mapping
        Symbol to its domain, the claim's own parameters among them.
    tasks : tuple of FamilyTask
    """

    claim: str
    title: str
    parameters: Mapping[Symbol, Any]
    tasks: tuple[FamilyTask, ...]


def rotated(eigenvalues: tuple[Any, Any], tangent: Any) -> Any:
    """The symmetric matrix with these eigenvalues, its eigenvectors turned by twice the arc tangent of `tangent`."""
    t = sympify(tangent)
    cosine, sine = (1 - t**2) / (1 + t**2), 2 * t / (1 + t**2)
    turn = ImmutableMatrix([[cosine, -sine], [sine, cosine]])
    return turn * diag(*eigenvalues) * turn.T


ORIGIN, UNIT = (Integer(0), Integer(0)), (Integer(1), Integer(0))
_SHARES = Interval(Rational(1, 8), Rational(7, 8))
_TURNS = Interval(0, 1)


def _two_directions(root: Any) -> tuple[FamilyTask, FamilyTask]:
    """Two tasks with A = I whose B has the ratios 1 and `root` squared along two directions each."""
    ratios = (Integer(1), root**2)
    return (
        FamilyTask(SHARE, ORIGIN, weights={"A": eye(2), "B": rotated(ratios, FIRST_TURN)}),
        FamilyTask(1 - SHARE, UNIT, weights={"A": eye(2), "B": rotated(ratios, SECOND_TURN)}),
    )


_DIRECTIONS = {
    root_u: FiniteSet(1),
    root_l: FiniteSet(Rational(1, 2)),
    SHARE: _SHARES,
    FIRST_TURN: _TURNS,
    SECOND_TURN: _TURNS,
}
_CURVED = (
    FamilyTask(SHARE, ORIGIN, Spectrum((Integer(1), LOW))),
    FamilyTask(1 - SHARE, UNIT, Spectrum((LOW, Integer(1)), SECOND_TURN)),
)
_RATES = {beta: FiniteSet(1), nu: FiniteSet(0), alpha: Interval(Rational(1, 4), Rational(3, 4)), k: Range(1, 2)}
_CURVATURES = {LOW: FiniteSet(Rational(1, 4)), SHARE: _SHARES, SECOND_TURN: _TURNS}

#: every family by ``CLAIM@NAME``
FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "transfer_bound@two_directions": Family(
            "transfer_bound",
            "two tasks of probabilities 1/8 to 7/8, A = I, ratios 1 and 1/4 of B along two directions that turn freely",
            _DIRECTIONS,
            _two_directions(root_l),
        ),
        "ratio_bound@two_directions": Family(
            "ratio_bound",
            "two tasks of probabilities 1/8 to 7/8, A = I, ratios 1 and 1/4 of B along two directions that turn freely",
            _DIRECTIONS,
            _two_directions(root_l),
        ),
        "conditioning@one_task": Family(
            "conditioning",
            "one task, A = diag(1, 1/4), ratios 1 and l of B along a direction that turns freely, l from 1/16 to 9/16",
            {
                root_u: FiniteSet(1),
                root_l: Interval(Rational(1, 4), Rational(3, 4)),
                ROOT: FiniteSet(Rational(1, 2)),
                FIRST_TURN: _TURNS,
            },
            (
                FamilyTask(
                    Integer(1),
                    ORIGIN,
                    weights={"A": diag(1, ROOT**2), "B": diag(1, ROOT) * rotated((1, root_l**2), FIRST_TURN) * diag(1, ROOT)},
                ),
            ),
        ),
        "transfer_drs_maml@turned_curvature": Family(
            "transfer_drs_maml",
            "two tasks of probabilities 1/8 to 7/8, curvatures with eigenvalues 1 and 1/4, the second's turned freely; "
            "one step at a rate of 1/4 to 3/4",
            {**_RATES, **_CURVATURES},
            _CURVED,
        ),
        "adaptation_never_hurts@turned_curvature": Family(
            "adaptation_never_hurts",
            "two tasks of probabilities 1/8 to 7/8, curvatures with eigenvalues 1 and 1/4, the second's turned freely; "
            "one step at a rate of 1/4 to 3/4",
            {**_RATES, **_CURVATURES},
            _CURVED,
        ),
    }
)
