r"""Population optima and risks of a weighted family of quadratics.

For probabilities pi, weights w and optima theta_gamma of n tasks,

.. math::  J_w(\theta) = ½ E (\theta-\theta_\gamma)^T w (\theta-\theta_\gamma),\qquad
           \theta^*_w = E[w]^{-1} E[w\,\theta_\gamma].

Two layers: plain functions of arrays with any leading axes (:func:`mean_weight`, :func:`optimum`, :func:`risk`), made for very
many small instances and unvalidated; and the public face on task distributions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import serial
from numerics.inputs import point
from numerics.kernels import population as kernels
from numerics.rules import Rule
from numerics.support_query import SupportQueryTasks
from numerics.tasks import DiscreteTasks, SpectrumTiedTasks, Step
from numerics.units import Units, in_units

Array = NDArray[Any]
Tasks = DiscreteTasks | SpectrumTiedTasks | SupportQueryTasks


def _instances(*operands: tuple[Any, int]) -> tuple[tuple[int, ...], list[Array]]:
    """Broadcast the leading axes of (array, number of trailing axes) pairs and flatten them into one."""
    arrays = [np.asarray(array) for array, _ in operands]
    leads = [array.shape[: array.ndim - axes] for array, (_, axes) in zip(arrays, operands, strict=True)]
    lead = np.broadcast_shapes(*leads)
    flat = []
    for array, (_, axes), own in zip(arrays, operands, leads, strict=True):
        trailing = array.shape[array.ndim - axes :]
        whole = array if own == lead else np.broadcast_to(array, lead + trailing)
        view = np.ascontiguousarray(whole, dtype=np.float64).reshape((-1, *trailing)).view()
        view.flags.writeable = False  # so that read-only and writable input share one compiled signature
        flat.append(view)
    return lead, flat


def _complex(*arrays: Any) -> bool:
    return any(np.iscomplexobj(array) for array in arrays)


def mean_weight(probabilities: Any, weights: Any) -> Array:
    """E[w]: probabilities (..., n), weights (..., n, p, p) -> (..., p, p).

    Examples
    --------
    >>> mean_weight([0.5, 0.5], [[[1.0]], [[3.0]]]).tolist()
    [[2.0]]
    """
    if _complex(probabilities, weights):
        return np.einsum("...n,...nij->...ij", probabilities, weights)
    lead, (chances, matrices) = _instances((probabilities, 1), (weights, 3))
    out = np.empty((len(matrices), *matrices.shape[2:]))
    kernels.mean_weight(chances, matrices, out)
    return out.reshape(lead + out.shape[1:])


@serial
def optimum(probabilities: Any, weights: Any, optima: Any) -> Array:
    """theta*_w: probabilities (..., n), weights (..., n, p, p), optima (..., n, p) -> (..., p).

    Real input: Cholesky, or elimination with pivoting where E[w] is indefinite; an exactly singular instance gives entries that
    are not finite.  Complex input: numpy.linalg.solve, which raises LinAlgError there.  Nothing is conjugated.

    Examples
    --------
    >>> optimum([0.5, 0.5], [[[1.0]], [[7.0]]], [[0.0], [1.0]]).tolist()
    [0.875]
    """
    if _complex(probabilities, weights, optima):
        right = np.einsum("...n,...nij,...nj->...i", probabilities, weights, optima)
        return np.asarray(np.linalg.solve(mean_weight(probabilities, weights), right[..., None])[..., 0])
    lead, (chances, matrices, points) = _instances((probabilities, 1), (weights, 3), (optima, 2))
    out = np.empty((len(matrices), matrices.shape[-1]))
    kernels.optimum(chances, matrices, points, out)
    return out.reshape(lead + out.shape[1:])


def risk(probabilities: Any, weights: Any, optima: Any, theta: Any) -> Array:
    """J_w(theta), without noise: theta (..., p), the rest as in :func:`optimum` -> (...).

    Examples
    --------
    >>> float(risk([0.5, 0.5], [[[1.0]], [[3.0]]], [[0.0], [1.0]], [0.75]))
    0.1875
    """
    if _complex(probabilities, weights, optima, theta):
        residuals = np.asarray(theta)[..., None, :] - np.asarray(optima)
        moved = (np.asarray(weights) @ residuals[..., None])[..., 0]
        return np.asarray(0.5 * (np.asarray(probabilities) * (residuals * moved).sum(axis=-1)).sum(axis=-1))
    lead, (chances, matrices, points, at) = _instances((probabilities, 1), (weights, 3), (optima, 2), (theta, 1))
    out = np.empty(len(matrices))
    kernels.risk(chances, matrices, points, at, out)
    return out.reshape(lead)


class SingularExpectation(np.linalg.LinAlgError):
    """E[w] is singular, so that the population optimum is not unique."""


@serial
def population_optimum(tasks: Tasks, rule: Rule, *, minimum_norm: bool = False, workers: int | None = None) -> Array:
    """theta*_w of the rule's training weight: what exact training of `rule` on all of `tasks` converges to.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
        The distribution.
    rule : Rule
        With scalar fields.
    minimum_norm : bool
        Where E[w] is singular, return the solution of least norm of E[w] theta = E[w theta_gamma] instead of raising.
    workers : int, optional
        Threads; all processors if not given.  The result has the same bits for any number.

    Returns
    -------
    array (p,)
        A minimiser if the weight is positive semi-definite, otherwise a fixed point of training.

    Raises
    ------
    SingularExpectation
        If the least eigenvalue of E[w] (in magnitude) is at most 10 p eps times the largest, or if E[w] is itself rounding
        noise, as at alpha = 1/beta on tasks that all have the curvature beta I.

    Examples
    --------
    >>> from numerics.rules import MAML
    >>> population_optimum(SpectrumTiedTasks(1, 2.0), MAML(0.1)).round(12).tolist()
    [1.281415929204]
    """
    _check(tasks, rule=rule)
    units, (its_rule,) = in_units(tasks, rule)
    return units.outward(_optimum(units, its_rule, type(its_rule).outer_step, minimum_norm, workers)[0])


@serial
def reducible_risk(tasks: Tasks, rule: Rule, theta: Any, *, workers: int | None = None) -> float:
    """J at `theta` in the rule's deployment weight: the mean risk after adaptation, without what does not depend on theta.

    Parameters
    ----------
    tasks, rule, workers
        As in :func:`population_optimum`.  With ``inner_samples`` the weight is A_N.
    theta : array (p,)
        The parameter from which adaptation starts.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If theta has another shape or an entry that is not finite, or is no array of real numbers.

    Examples
    --------
    >>> from numerics.rules import DRS, MAML
    >>> tasks = DiscreteTasks([0.5, 0.5], [[[1.0]], [[1.0]]], [[0.0], [2.0]])
    >>> reducible_risk(tasks, MAML(0.5), [1.0])
    0.125
    """
    _check(tasks, rule=rule)
    place = point("theta", theta, tasks.dimension)
    units, (its_rule,) = in_units(tasks, rule)
    with np.errstate(over="ignore", invalid="ignore"):
        form = units.tasks.mean_form(its_rule, type(its_rule).adapted_gradient, units.inward(place), workers)
    return units.size("reducible risk", 0.5 * form)


@serial
def modeling_error(
    tasks: Tasks, trained: Rule, deployed: Rule, *, minimum_norm: bool = False, workers: int | None = None
) -> float:
    """J_B at trained's optimum minus the minimum of J_B, where B is the deployment weight of `deployed`.

    Computed as ½|theta*_A - theta*_B|^2 in the norm of E[B], which is the difference of the two risks without its cancellation.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
        The distribution.
    trained, deployed : Rule
        The rule whose training weight A gives the optimum, and the rule whose deployment weight B is paid.
    minimum_norm : bool
        Passed to :func:`population_optimum` for the trained rule.  Where E[B] is singular J_B still has a minimum, and the
        result does not depend on which minimiser is taken.
    workers : int, optional
        Threads.

    Returns
    -------
    float
        Not negative.

    Raises
    ------
    SingularExpectation
        If the optimum of the trained rule is not unique.

    Examples
    --------
    >>> from numerics.rules import DRS, MAML
    >>> tasks = DiscreteTasks([0.5, 0.5], [[[1.0]], [[2.0]]], [[0.0], [1.0]])
    >>> round(modeling_error(tasks, DRS(), MAML(0.5)), 12)
    0.027777777778
    """
    _check(tasks, trained=trained, deployed=deployed)
    units, rules = in_units(tasks, trained, deployed)
    return units.size("modeling error", standard_modeling_error(units, rules[0], rules[1], minimum_norm, workers))


def standard_modeling_error(
    units: Units, trained: Rule, deployed: Rule, minimum_norm: bool = False, workers: int | None = None
) -> float:
    """:func:`modeling_error` in the problem's own units."""
    start, _ = _optimum(units, trained, type(trained).outer_step, minimum_norm, workers)
    best, matrix = _optimum(units, deployed, type(deployed).adapted_gradient, True, workers)
    gap = start - best
    return max(float(0.5 * gap @ matrix @ gap), 0.0)


def standard_optimum(units: Units, rule: Rule, minimum_norm: bool = False, workers: int | None = None) -> Array:
    """:func:`population_optimum` in the problem's own units."""
    return _optimum(units, rule, type(rule).outer_step, minimum_norm, workers)[0]


def _check(tasks: Any, **rules: Any) -> None:
    if not isinstance(tasks, DiscreteTasks | SpectrumTiedTasks | SupportQueryTasks):
        raise TypeError(f"tasks is a {type(tasks).__name__}; it must be DiscreteTasks, SpectrumTiedTasks or SupportQueryTasks")
    for name, rule in rules.items():
        if not isinstance(rule, Rule):
            of_theory = type(rule).__module__.partition(".")[0] == "theory"
            also = ", which theory's rules are not: those have exact numbers" if of_theory else ""
            raise TypeError(f"{name} is {rule!r}; it must be a rule of numerics such as numerics.MAML(0.1){also}")


def _optimum(units: Units, rule: Rule, step: Step, minimum_norm: bool, workers: int | None) -> tuple[Array, Array]:
    """The optimum, where there are many that nearest to the caller's origin, and E[w]; in the problem's own units."""
    tasks = units.tasks
    matrix, vector = tasks.moments(rule, step, workers)
    eigenvalues, basis = np.linalg.eigh((matrix + matrix.T) / 2)
    size = np.abs(eigenvalues)
    rounding = 10 * len(vector) * np.finfo(float).eps
    kept = size > rounding * size.max()
    if size.max() <= rounding * tasks.largest_curvature():
        # a true tiny weight (a long flow) moves little with the curvatures, what is left of a cancellation by its own size
        stretched, _ = tasks.moments(rule, step, workers, 1 + rounding)
        kept &= np.abs(stretched - matrix).max() <= 0.1 * np.abs(matrix).max()
    if not minimum_norm and not kept.all():
        unit = rule.step_unit(units.curvature)
        raise SingularExpectation(
            f"E[w] has the eigenvalue {unit * eigenvalues[size.argmin()]:.3g} beside {unit * eigenvalues[size.argmax()]:.3g}, "
            "so that the optimum is not unique; minimum_norm=True picks the one of least norm"
        )
    found = basis[:, kept] @ ((vector @ basis[:, kept]) / eigenvalues[kept])
    if not kept.all() and units.centre.any():
        found = found + basis[:, ~kept] @ (units.inward(np.zeros_like(vector)) @ basis[:, ~kept])
    return found, matrix
