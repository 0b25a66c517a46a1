r"""Problems without dimensions: the one door through which tasks and rules pass before anything is computed.

A distribution of quadratic tasks has a unit of curvature c, a unit of length l and a place: the point near which its optima
lie.  Nothing that meta-learning does depends on them.  With Q = c Q', theta = centre + l theta', sigma^2 = c l^2 sigma'^2 and
every rate alpha = alpha'/c the primed problem has curvatures, optima and noise of size one, its risks are those of the original
divided by c l^2, and no intermediate result over- or underflows or loses digits to the place of the optima.

Units are powers of 2^64, so that going in and coming out rounds nothing and what is within a factor of 4e9 of size one stays
as it is, uncopied; the centre is a multiple of a power of two well above the spread of the optima, and zero where they lie
about the origin.  Then every result has the bits that it has without units.

A rule of this package says itself how it scales (:meth:`numerics.rules.Rule.in_units`).  A rule that overrides what it does is
executed in the caller's unit of curvature; what is required of it is checked by :func:`checked`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import frexp, isfinite, ldexp, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.rules import Rule
from numerics.support_query import SupportQueryTasks
from numerics.tasks import DiscreteTasks, SpectrumTiedTasks

Array = NDArray[Any]
AnyTasks = DiscreteTasks | SpectrumTiedTasks | SupportQueryTasks

#: methods that say what a rule does
_BEHAVIOUR = ("inner", "adapt", "adapted_gradient", "adapted_value", "outer_step", "schedule", "chunk", "in_units")
#: optima at most this often their spread away from the origin keep it as their centre
_NEAR = 16.0
#: binary digits of a unit; even, so that the unit of standard deviations is a power of two as well
_DIGITS = 64
#: sizes of risks, and largest rates in units of the curvature, that doubles can say anything about
_SMALLEST, _LARGEST, _FASTEST = 1e-280, 1e280, 1e120


@dataclass(frozen=True, eq=False)
class Units:
    """A problem in its own units, and the way back.

    Parameters
    ----------
    tasks : DiscreteTasks, SupportQueryTasks or SpectrumTiedTasks
        The tasks without dimensions.
    centre : array (p,)
        The point that is the origin of the tasks' parameters.
    length, curvature : float
        Units, powers of 2^64.
    """

    tasks: Any
    centre: Array
    length: float
    curvature: float

    @property
    def risk(self) -> float:
        """The unit of risks."""
        return self.curvature * self.length**2

    def inward(self, theta: Array) -> Array:
        """A point in the problem's own units."""
        return (theta - self.centre) / self.length

    def outward(self, theta: Array) -> Array:
        """A point, or points (..., p), in the caller's units."""
        return self.centre + self.length * theta

    def rate(self, name: str, alpha: float) -> float:
        """A rate in the problem's own units.

        Raises
        ------
        ValueError
            If it is so long that nothing can be computed with it.
        """
        found = alpha * self.curvature
        if not abs(found) <= _FASTEST:
            raise ValueError(
                f"{name} is {alpha!r}, which is {found:.3g} in units of one over the curvature; it must be at most {_FASTEST:g}"
            )
        return found

    def size(self, name: str, value: float) -> float:
        """A risk in the caller's units.

        Raises
        ------
        ValueError
            If it is no number that a double can hold.
        """
        found = float(value) * self.risk
        if not isfinite(found):
            raise ValueError(f"{name} is {value!r} in units of {self.risk:.3g}, which no double holds; change the tasks' units")
        return found


def understood(rule: Rule) -> bool:
    """Whether everything that the rule does is this package's, with the caller's numbers: rates, momenta, steps.

    Examples
    --------
    >>> from numerics.rules import MAML
    >>> understood(MAML(0.1))
    True
    """
    methods = (getattr(type(rule), name, None) for name in _BEHAVIOUR)
    return all(method is None or method.__module__.startswith("numerics.") for method in methods)


def in_units(tasks: AnyTasks, *rules: Rule) -> tuple[Units, list[Rule]]:
    """The problem without dimensions, with the rules for it.

    Parameters
    ----------
    tasks : DiscreteTasks, SupportQueryTasks or SpectrumTiedTasks
    *rules : Rule
        If one of them is not understood, the unit of curvature is one, and what it has to satisfy is checked.

    Raises
    ------
    ValueError
        If the sizes of the tasks or of a rule's numbers are beyond what doubles can say anything about, or a rule that is not
        understood breaks the contract of :func:`check_contract`.

    Examples
    --------
    >>> from numerics.rules import MAML
    >>> large = 2.0**64
    >>> units, (rule,) = in_units(DiscreteTasks([0.5, 0.5], [[[large]], [[2 * large]]], [[1e9], [1e9 + 1]]), MAML(0.5 / large))
    >>> units.tasks.hessians.ravel().tolist(), rule.schedule(), (1e9 - units.centre).tolist()
    ([1.0, 2.0], [(0.5, 0.0)], [0.0])
    """
    known = [understood(rule) for rule in rules]
    for rule, trusted in zip(rules, known, strict=True):
        if not trusted:
            check_contract(tasks, rule)
    units = _of(tasks, all(known))
    with np.errstate(over="ignore", under="ignore"):
        return units, [rule.in_units(units.curvature) for rule in rules]


def check_contract(tasks: AnyTasks, rule: Rule) -> None:
    """Execute a rule's steps on two of the tasks, and compare them with what population quantities rest on.

    On a quadratic with curvature Q and optimum theta_gamma each step is to be w (theta - theta_gamma), with a symmetric matrix
    w that depends on the task through Q alone (for tasks with support and query sets: affine in theta, with such a matrix).

    Raises
    ------
    ValueError
        If it is not; one sentence says what was found.

    Examples
    --------
    >>> from numerics.rules import MAML
    >>> check_contract(DiscreteTasks([1.0], [[[1.0]]], [[3.0]]), MAML(0.1))
    """
    if isinstance(tasks, SpectrumTiedTasks):
        tasks = tasks.sample(2, seed=0)
    few = slice(0, min(2, tasks.number))
    losses, part = tasks.losses().chunk(few), rule.chunk(few)
    curvatures = tasks.curvatures(few)
    size = 1.0 + float(np.abs(tasks.extent()[0]).max())
    ahead = np.resize([1.0, -0.5, 0.25], tasks.dimension) * size
    for name in ("outer_step", "adapted_gradient"):
        step = getattr(type(rule), name)
        try:
            weights = np.asarray(step(part, curvatures, curvatures.identity))
            there, here = (np.asarray(step(part, losses, sign * ahead[None, :])) for sign in (1.0, -1.0))
        except (ValueError, IndexError, np.linalg.LinAlgError) as error:
            reason = f"its {name} cannot be executed on the columns of a matrix ({str(error).splitlines()[0]})"
            raise ValueError(_broken(rule, reason)) from error
        if weights.shape != curvatures.hessians.shape:
            raise ValueError(_broken(rule, f"its {name} has shape {weights.shape}, not {curvatures.hessians.shape}"))
        largest = np.abs(weights).max()
        if np.abs(weights - weights.swapaxes(1, 2)).max() > 1e-8 * largest:
            raise ValueError(_broken(rule, f"the matrix of its {name} is not symmetric"))
        gaps = [(2 * ahead, there - here)]
        if isinstance(tasks, DiscreteTasks):
            gaps.append((ahead - tasks.optima[few], there))
        for gap, moved in gaps:
            wrong = np.abs(moved - (weights @ np.broadcast_to(gap, moved.shape)[..., None])[..., 0]).max()
            if not wrong <= 1e-8 * largest * size * tasks.dimension:
                raise ValueError(_broken(rule, f"its {name} differs from that by {wrong:.3g}"))


def _broken(rule: Rule, reason: str) -> str:
    return (
        f"rule is {rule!r}, of which {reason}; on a quadratic with curvature Q a step must be a symmetric matrix w(Q) times "
        "theta - theta_gamma (SupportQueryTasks holds support sets)"
    )


def _of(tasks: AnyTasks, with_curvature: bool) -> Units:
    if isinstance(tasks, SpectrumTiedTasks):
        size = _unit(tasks.beta) if with_curvature else 1.0
        return Units(tasks.in_units(size, size), np.zeros(tasks.dimension), size, size)
    curvature = _unit(tasks.largest_curvature()) if with_curvature else 1.0
    optima, noise = tasks.extent()
    centre, spread = _place(optima)
    length = _unit(max(spread, sqrt(noise / curvature))) if isfinite(noise / curvature) else np.inf
    risk = curvature * length**2
    if not (isfinite(spread) and _SMALLEST <= risk <= _LARGEST):
        raise ValueError(
            f"tasks have curvatures of size {curvature:.3g} and optima and noise that spread over {spread:.3g}, hence risks of "
            f"size {risk:.3g}; these must lie between {_SMALLEST:g} and {_LARGEST:g}"
        )
    if curvature == length == 1.0 and not centre.any() and np.all(tasks.weights > 0):
        return Units(tasks, centre, length, curvature)
    return Units(tasks.in_units(centre, length, curvature), centre, length, curvature)


def _unit(size: float, digits: int = _DIGITS) -> float:
    """The power of two, its exponent a multiple of `digits`, that is nearest to `size`; one for zero."""
    if not (size > 0 and isfinite(size)):
        return 1.0
    return ldexp(1.0, max(-960, min(960, digits * round((frexp(size)[1] - 1) / digits))))


def _place(optima: Array) -> tuple[Array, float]:
    """The centre of optima (m, p), and the largest distance of a coordinate from it."""
    first = optima[0]
    with np.errstate(over="ignore", invalid="ignore"):
        apart = optima - first
        middle = first + (apart.max(axis=0) + apart.min(axis=0)) / 2
        spread = float(np.abs(apart).max())
        if spread == 0.0:
            return first.copy(), 0.0
        grid = _NEAR * _unit(spread, 1)
        centre = grid * np.round(middle / grid)
        return centre, float(np.abs(optima - centre).max())
