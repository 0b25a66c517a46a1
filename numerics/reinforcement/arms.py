r"""The pair of two-armed tasks, and the time at which meta-training overtakes joint training along their gradient flows.

One state and two arms: a task pays one for its own arm.  The first task has probability w, the second 1 - w, and only the
difference x of the two logits matters.  Both trainings follow the gradient of their objective,
:math:`\dot\theta=\nabla J_{\mathrm{drs}}` up to time T and :math:`\dot\theta=\nabla F` up to T/c, where F is the return after
adaptation and c what a meta-gradient costs in gradients.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from numerics.reinforcement.decision_processes import DecisionProcesses

Real = NDArray[np.float64]

#: lead that counts: returns are of size one and integrated to 1e-11
LEAD = 1e-8


def two_arms(weight: float) -> DecisionProcesses:
    """The pair whose first task, of probability `weight`, pays for the first arm, and whose second pays for the second.

    Raises
    ------
    ValueError
        If weight is not between 0 and 1.

    Examples
    --------
    >>> two_arms(0.75).weights.tolist()
    [0.75, 0.25]
    """
    if not (isinstance(weight, int | float | np.floating) and 0 <= weight <= 1):
        raise ValueError(f"weight is {weight!r}; it must be a number between 0 and 1")
    return DecisionProcesses(np.zeros((2, 1, 2, 1)), np.eye(2)[:, None, :], [1.0], 0.0, [weight, 1 - weight])


class Crossing(NamedTuple):
    """What two flows do to the return after adaptation.

    Parameters
    ----------
    time : float
        T at which meta-training overtakes joint training; nan if it does not before the horizon.
    lead : float
        Largest lead of joint training up to then, or up to the horizon.
    joint, meta : float
        Returns after adaptation at the horizon.
    """

    time: float
    lead: float
    joint: float
    meta: float


def crossing(tasks: DecisionProcesses, rates: Any, charge: float = 2.0, horizon: float = 1000.0, logits: Any = 0.0) -> Crossing:
    """When training by meta-gradients overtakes joint training in the return after adaptation, at equal cost.

    Parameters
    ----------
    tasks : DecisionProcesses
    rates : array (k,)
        Of the inner steps, k >= 1, both of training and at deployment.
    charge : float
        Cost c of a meta-gradient in gradients, positive; the paper counts k + 1, and k + 1 + 2 k with Hessian--vector products.
    horizon : float
        Up to which time T is looked.
    logits : array (S, A) or 0
        Where both flows start.

    Raises
    ------
    ValueError
        If charge or horizon is not positive, or there is no inner step.

    Examples
    --------
    >>> found = crossing(two_arms(0.6), [4.0], horizon=10.0)
    >>> round(found.time, 3)
    1.967
    """
    steps = np.asarray(rates, dtype=float)
    if steps.ndim != 1 or not steps.size:
        raise ValueError(f"rates is {rates!r}; it must be a sequence of at least one rate")
    for name, number in (("charge", charge), ("horizon", horizon)):
        if not 0 < number < np.inf:
            raise ValueError(f"{name} is {number!r}; it must be a positive finite number")
    table = np.broadcast_to(logits, (tasks.states, tasks.actions)).astype(float)

    def adapted(point: Real) -> float:
        return float(tasks.weights @ tasks.meta_gradients(point.reshape(table.shape), steps, workers=1)[0])

    def flow(its_rates: Real, time: float) -> Any:
        def slope(_: float, point: Real) -> Real:
            gradients = tasks.meta_gradients(point.reshape(table.shape), its_rates, workers=1)[1]
            return np.einsum("n,nsa->sa", tasks.weights, gradients).ravel()

        found = solve_ivp(slope, (0, time), table.ravel(), "DOP853", dense_output=True, rtol=1e-11, atol=1e-12)
        if not found.success:
            raise ArithmeticError(f"the flow could not be followed up to {time:.6g}: {found.message}")
        return found.sol

    joint, meta = flow(steps[:0], horizon), flow(steps, horizon / charge)

    def lead(time: float) -> float:
        return adapted(meta(time / charge)) - adapted(joint(time))

    times = np.geomspace(1e-4 * horizon, horizon, 400)
    leads = np.array([lead(time) for time in times])
    behind = np.flatnonzero(leads <= LEAD)
    after = np.flatnonzero((leads[1:] > LEAD) & (leads[:-1] <= LEAD))
    time, until = np.nan, len(times)
    if after.size and behind.size:
        until = int(after[0]) + 1
        time = brentq(lambda at: lead(at) - LEAD, times[until - 1], times[until], xtol=1e-12, rtol=1e-12)
    return Crossing(
        float(time), float(max(0.0, -leads[:until].min())), adapted(joint(horizon)), adapted(meta(horizon / charge))
    )
