r"""Rules of adaptation, executed: an inner loop and the outer step whose zero training finds.

A rule takes theta to theta' on each task (its *inner loop*) and drives to zero the mean over tasks of its *outer step*:

* the exact hypergradient, the gradient of R(theta'(theta)) by the adjoint of the inner loop (MAML, implicit MAML, ...);
* the first-order step, the gradient of R at theta' (first-order MAML);
* the displacement theta - theta' (Reptile).

On the quadratic risk ½(theta - theta_gamma)^T Q (theta - theta_gamma) the outer step is linear in theta - theta_gamma, and its
matrix is the rule's *training weight*; the matrix of the exact hypergradient of the same inner loop is its *deployment
weight*, what the rule's user pays after adaptation.  Here both are found by running the step on the identity; no formula for
them is written anywhere in this package.

Fields may be numbers or arrays whose axes are the leading axes (...) of the tasks' arrays, real or complex.  A rule with other
rates or with momentum overrides a hook of :class:`GradientSteps`:

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True, eq=False)
... class HeavyBall(GradientSteps):
...     friction: float = 0.5
...
...     def momentum(self, j):
...         return self.friction
>>> HeavyBall(0.1, steps=2).training_weight(np.array([[[1.0]]])).round(12).ravel().tolist()
[0.5776]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.features import GAUSSIAN, FeatureLaw
from numerics.losses import Losses, Pullback
from numerics.quadratics import Curvatures, Quadratics

Array = NDArray[Any]


def _finite(name: str, value: Any) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "fciu" or not np.all(np.isfinite(array)):
        raise ValueError(f"{name} is {value!r}; it must be finite, a number or an array of numbers")
    return array


def _positive(name: str, value: Any, zero: bool = False) -> None:
    array = _finite(name, value)
    if np.isrealobj(array) and not np.all(array >= 0 if zero else array > 0):
        raise ValueError(f"{name} is {value!r}; it must be {'at least zero' if zero else 'positive'}")


def _counts(name: str, value: Any) -> None:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or not np.all((array >= 1) & (array == np.floor(array)) & np.isfinite(array)):
        raise ValueError(f"{name} is {value!r}; it must be a whole number, at least 1")


def _quadratics(losses: Losses, what: str) -> Quadratics:
    if not isinstance(losses, Quadratics):
        raise TypeError(f"losses is a {type(losses).__name__}; {what} on Quadratics only")
    return losses


#: every class of rules by its name, the last one defined where two share one
RULES: dict[str, type[Rule]] = {}


class Rule:
    """A rule of adaptation; this base class adapts nothing and trains on the exact gradient.

    A new inner loop overrides :meth:`inner`, a new outer step :meth:`outer_step`.  Defining a class enters it in :data:`RULES`.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        RULES[cls.__name__] = cls

    def inner(self, losses: Losses, theta: Array) -> tuple[Array, Pullback]:
        """Run the inner loop from `theta` on every task.

        Returns
        -------
        adapted : array (..., n, p)
            theta'.
        pullback : function
            Cotangent c at theta' to (d theta' / d theta)^T c.
        """
        return theta, lambda cotangent: cotangent

    def adapt(self, losses: Losses, theta: Array) -> Array:
        """The adapted parameters theta', shape (..., n, p)."""
        return self.inner(losses, theta)[0]

    def adapted_gradient(self, losses: Losses, theta: Array) -> Array:
        """Exact hypergradient: the gradient of each task's R(theta'(theta)) with respect to theta, shape (..., n, p)."""
        adapted, pullback = self.inner(losses, theta)
        return pullback(losses.gradient(adapted))

    def adapted_value(self, losses: Losses, theta: Array) -> Array:
        """Each task's risk after adaptation, R(theta'(theta)), shape (..., n)."""
        return losses.value(self.adapt(losses, theta))

    def outer_step(self, losses: Losses, theta: Array) -> Array:
        """What training drives to zero in the mean over tasks, shape (..., n, p); the exact hypergradient unless overridden."""
        return self.adapted_gradient(losses, theta)

    def training_weight(self, hessians: Array, features: FeatureLaw = GAUSSIAN) -> Array:
        """Matrix of the outer step on quadratics with these curvatures: the executed step applied to the identity.

        Parameters
        ----------
        hessians : array (..., n, p, p)
            Symmetric curvatures.  The rule's fields broadcast against the leading axes (...).
        features : FeatureLaw
            Law of the features; matters to rules that adapt on samples.

        Returns
        -------
        array (..., n, p, p)

        Examples
        --------
        >>> MAML(0.5).training_weight(np.array([[[1.0]]])).ravel().tolist()
        [0.25]
        """
        curvatures = Curvatures(hessians, features)
        weights = self.outer_step(curvatures, curvatures.identity)
        return weights.copy() if weights is hessians else weights

    def deployment_weight(self, hessians: Array, features: FeatureLaw = GAUSSIAN) -> Array:
        """Matrix of the exact hypergradient of the rule's inner loop, as :meth:`training_weight`.

        Examples
        --------
        >>> Reptile(0.5).deployment_weight(np.array([[[1.0]]])).ravel().tolist()
        [0.25]
        """
        curvatures = Curvatures(hessians, features)
        weights = self.adapted_gradient(curvatures, curvatures.identity)
        return weights.copy() if weights is hessians else weights

    def chunk(self, tasks: slice) -> Rule:
        """The rule as it applies to some of the tasks; only rules with per-task data differ."""
        return self


@dataclass(frozen=True, eq=False)
class DRS(Rule):
    """Joint training (domain randomized search): no adaptation, the gradient of the mean risk."""


@dataclass(frozen=True, eq=False)
class GradientSteps(Rule):
    """Adaptation by gradient steps; the exact hypergradient as outer step.

    Step j is theta_{j+1} = theta_j - rate(j) grad R(theta_j) + momentum(j) (theta_j - theta_{j-1}) with theta_{-1} = theta_0.

    Parameters
    ----------
    alpha : float or array
        Rate of the inner loop; negative and complex rates are admitted.
    steps : int or array of int
        Number of inner steps, at least 1; where an array differs among instances, the shorter loops stand still at the end.

    Raises
    ------
    ValueError
        If a rate is not finite or a number of steps is below 1.
    """

    alpha: Any
    steps: Any = 1

    def __post_init__(self) -> None:
        _finite("alpha", self.alpha)
        _counts("steps", self.steps)

    def rate(self, j: int) -> Any:
        """Rate of inner step j = 0, 1, ..."""
        return self.alpha

    def momentum(self, j: int) -> Any:
        """Momentum of inner step j = 0, 1, ..."""
        return 0.0

    def schedule(self) -> list[tuple[Any, Any]]:
        """(rate, momentum) of every inner step."""
        if np.ndim(self.steps) == 0:
            return [(self.rate(j), self.momentum(j)) for j in range(int(self.steps))]
        running = [np.asarray(self.steps) > j for j in range(int(np.max(self.steps)))]
        return [(self.rate(j) * on, self.momentum(j) * on) for j, on in enumerate(running)]

    def inner(self, losses: Losses, theta: Array) -> tuple[Array, Pullback]:
        """Run the gradient steps, see :meth:`numerics.losses.Losses.gradient_steps`."""
        return losses.gradient_steps(theta, self.schedule())


@dataclass(frozen=True, eq=False)
class MAML(GradientSteps):
    """Model-agnostic meta-learning: k gradient steps and the exact hypergradient.

    Parameters
    ----------
    alpha, steps
        As in :class:`GradientSteps`.
    inner_samples : int or array of int, optional
        If given, the (single) inner step uses the gradient on this many fresh samples instead of the exact one, and the weights
        are the matrices A_N: the exact step's plus alpha^2/N E[(xx^T - Q) Q (xx^T - Q)].

    Raises
    ------
    ValueError
        Also if `inner_samples` is given with more than one step.
    """

    inner_samples: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.inner_samples is not None:
            _counts("inner_samples", self.inner_samples)
            if np.any(np.asarray(self.steps) != 1):
                raise ValueError(f"steps is {self.steps!r} with inner_samples given; it must then be 1")

    def adapted_value(self, losses: Losses, theta: Array) -> Array:
        """Risk after adaptation, in expectation over the inner samples if there are any."""
        value = super().adapted_value(losses, theta)
        if self.inner_samples is None:
            return value
        sampled = _quadratics(losses, "inner_samples have a known expectation")
        form = (sampled.residual(theta) * sampled.sampled_spread(theta)).sum(axis=-1)
        share = np.asarray(self.alpha) ** 2 / self.inner_samples
        return value + 0.5 * share[..., None] * (form + sampled.noise_variances * sampled.squared_size())

    def adapted_gradient(self, losses: Losses, theta: Array) -> Array:
        """Exact hypergradient, in expectation over the inner samples if there are any."""
        step = super().adapted_gradient(losses, theta)
        if self.inner_samples is None:
            return step
        sampled = _quadratics(losses, "inner_samples have a known expectation")
        return step + losses.expand(np.asarray(self.alpha) ** 2 / self.inner_samples) * sampled.sampled_spread(theta)


@dataclass(frozen=True, eq=False)
class FirstOrderMAML(GradientSteps):
    """First-order MAML: k gradient steps, the gradient at the adapted parameter as outer step."""

    def outer_step(self, losses: Losses, theta: Array) -> Array:
        """grad R(theta')."""
        return losses.gradient(self.adapt(losses, theta))


@dataclass(frozen=True, eq=False)
class Reptile(GradientSteps):
    """Reptile: k gradient steps, the displacement as outer step."""

    def outer_step(self, losses: Losses, theta: Array) -> Array:
        """theta - theta'."""
        return theta - self.adapt(losses, theta)


@dataclass(frozen=True, eq=False)
class ImplicitMAML(Rule):
    """Implicit MAML: adaptation solves the proximal problem argmin R(x) + (regularization/2)|x - theta|^2 exactly.

    Parameters
    ----------
    regularization : float or array
        lambda > 0.

    Raises
    ------
    ValueError
        If it is not positive and finite.
    """

    regularization: Any

    def __post_init__(self) -> None:
        _positive("regularization", self.regularization)

    def inner(self, losses: Losses, theta: Array) -> tuple[Array, Pullback]:
        """Solve the proximal problem, see :meth:`numerics.losses.Losses.proximal`."""
        return losses.proximal(theta, self.regularization)


@dataclass(frozen=True, eq=False)
class GradientFlow(Rule):
    """Adaptation by the gradient flow up to a time (the kernel limit of many small steps).

    Parameters
    ----------
    time : float or array
        t >= 0.

    Raises
    ------
    ValueError
        If it is negative or not finite.
    """

    time: Any

    def __post_init__(self) -> None:
        _positive("time", self.time, zero=True)

    def inner(self, losses: Losses, theta: Array) -> tuple[Array, Pullback]:
        """Follow the flow, see :meth:`numerics.losses.Losses.flow`."""
        return losses.flow(theta, self.time)


@dataclass(frozen=True, eq=False)
class Prescribed(Rule):
    """A rule known by its weights alone, for training and deployment alike: on quadratics its step is w (theta - theta_gamma).

    Parameters
    ----------
    weights : array (..., n, p, p)
        One symmetric matrix per task.

    Raises
    ------
    ValueError
        If a weight is not finite, not square or not symmetric.
    """

    weights: Any

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights)
        if weights.ndim < 3 or weights.shape[-1] != weights.shape[-2]:
            raise ValueError(f"weights has shape {weights.shape}; it must be (..., n, p, p), one square matrix per task")
        if not np.all(np.isfinite(weights)):
            raise ValueError("weights has an entry that is not finite; every entry must be a finite number")
        if np.any(np.abs(weights - np.swapaxes(weights, -1, -2)) > 1e-10 * np.max(np.abs(weights), initial=0.0)):
            raise ValueError("weights has a matrix that is not symmetric; every weight must be symmetric")
        object.__setattr__(self, "weights", weights)

    def adapted_gradient(self, losses: Losses, theta: Array) -> Array:
        """w (theta - theta_gamma)."""
        losses = _quadratics(losses, "prescribed weights act")
        if self.weights.shape[-3:] != losses.hessians.shape[-3:]:
            raise ValueError(f"weights has shape {self.weights.shape}; here it must end in {losses.hessians.shape[-3:]}")
        return losses.product(self.weights, losses.residual(theta))

    def adapted_value(self, losses: Losses, theta: Array) -> Array:
        """½(theta - theta_gamma)^T w (theta - theta_gamma); the noise adds nothing, since it is unknown how it adapts."""
        residual = _quadratics(losses, "prescribed weights act").residual(theta)
        value: Array = 0.5 * (residual * self.adapted_gradient(losses, theta)).sum(axis=-1)
        return value

    def inner(self, losses: Losses, theta: Array) -> tuple[Array, Pullback]:
        """Unknown: raises TypeError, since weights alone do not say where adaptation leads."""
        raise TypeError("Prescribed weights say what adaptation costs, not where it leads; adapt with another rule")

    def chunk(self, tasks: slice) -> Prescribed:
        """The weights of some of the tasks."""
        part = object.__new__(Prescribed)
        object.__setattr__(part, "weights", self.weights[..., tasks, :, :])
        return part
