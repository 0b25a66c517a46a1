r"""Rules of meta-learning with a constant kernel, executed: what `zhou-2021` trains and how it replaces the exponential.

With a constant kernel a network is linear in its features, so that its tasks are quadratics and its adaptations are rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.inputs import above, stack
from numerics.losses import Losses, Pullback
from numerics.rules import GradientSteps, Rule

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class EnergyFunctional(Rule):
    """Meta-RKHS-I: no adaptation; training minimises the mean of R - rate |grad R|^2.

    To first order in the rate that is the risk after a gradient step of this rate, without a step being taken.

    Parameters
    ----------
    alpha : float or array
        The rate.

    Raises
    ------
    ValueError
        If it is not finite.

    Examples
    --------
    >>> EnergyFunctional(0.25).training_weight(np.array([[[1.0]]])).ravel().tolist()
    [0.5]
    """

    alpha: Any

    def __post_init__(self) -> None:
        stack("alpha", self.alpha, "", {})

    def outer_step(self, losses: Losses, theta: Array) -> Array:
        """grad R - 2 alpha H grad R, by one gradient and one Hessian--vector product."""
        gradient = losses.gradient(theta)
        return gradient - 2 * losses.expand(self.alpha) * losses.hessian_vector(theta, gradient)


@dataclass(frozen=True, eq=False)
class PathEnergy(GradientSteps):
    """Training on the mean of R - alpha sum_i <grad R(theta_i), grad R(theta)>, i < k: the energy along k steps.

    The inner loop, and what its user pays, are those of k gradient steps.

    Examples
    --------
    >>> PathEnergy(0.25, steps=2).training_weight(np.array([[[1.0]]])).ravel().tolist()
    [0.125]
    """

    def outer_step(self, losses: Losses, theta: Array) -> Array:
        """The gradient of the sum, each of its terms pulled back through the steps that lead to it."""
        first = losses.gradient(theta)
        step = first
        schedule = self.schedule()
        for j, (rate, _) in enumerate(schedule):
            point, pullback = losses.gradient_steps(theta, schedule[:j])
            here = pullback(losses.hessian_vector(point, first)) + losses.hessian_vector(theta, losses.gradient(point))
            step = step - losses.expand(rate) * here
        return step


@dataclass(frozen=True, eq=False)
class PadeFlow(Rule):
    """The gradient flow with its exponential replaced by Padé's [1/1] approximant: one implicit midpoint step of size `time`.

    The step goes to the proximal point of regularization 2/time and as far again beyond it; along an eigenvector of large
    curvature it *reflects* the error instead of removing it.

    Parameters
    ----------
    time : float or array
        t > 0.

    Raises
    ------
    ValueError
        If it is not positive and finite.

    Examples
    --------
    >>> from numerics.quadratics import Quadratics
    >>> PadeFlow(100.0).adapt(Quadratics(np.ones((1, 1, 1)), np.zeros((1, 1))), np.array([51.0])).round(9).tolist()
    [[-49.0]]
    """

    time: Any

    def __post_init__(self) -> None:
        above("time", stack("time", self.time, "", {}))

    def inner(self, losses: Losses, theta: Array) -> tuple[Array, Pullback]:
        """Twice the proximal point, less the start."""
        nearest, pullback = losses.proximal(theta, 2 / np.asarray(self.time) if np.ndim(self.time) else 2 / self.time)
        return 2 * nearest - theta, lambda cotangent: 2 * pullback(cotangent) - cotangent
