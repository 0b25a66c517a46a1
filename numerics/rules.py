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

from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from numerics.features import GAUSSIAN, FeatureLaw
from numerics.losses import Losses, Pullback
from numerics.quadratics import Curvatures, Quadratics

Array = NDArray[Any]
R = TypeVar("R", bound="Rule")


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


def _changed(rule: R, **fields: Any) -> R:
    """A copy of a valid rule with other values in some attributes."""
    made = copy(rule)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


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

    def in_units(self, curvature: float) -> Rule:
        """The same rule for tasks whose curvatures are divided by `curvature`, see :mod:`numerics.units`.

        Examples
        --------
        >>> MAML(0.1).in_units(4.0).schedule()
        [(0.4, 0.0)]
        """
        return self

    def step_unit(self, curvature: float) -> float:
        """What the matrix of the outer step is multiplied by where curvatures are multiplied by `curvature`."""
        return curvature


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
    #: what every rate is multiplied by: the unit of curvature that the tasks were divided by
    unit: ClassVar[float] = 1.0

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
            return [(self._in_unit(self.rate(j)), self.momentum(j)) for j in range(int(self.steps))]
        running = [np.asarray(self.steps) > j for j in range(int(np.max(self.steps)))]
        return [(self._in_unit(self.rate(j)) * on, self.momentum(j) * on) for j, on in enumerate(running)]

    def _in_unit(self, rate: Any) -> Any:
        return rate if self.unit == 1.0 else rate * self.unit

    def in_units(self, curvature: float) -> GradientSteps:
        """The same rule with every rate multiplied by `curvature`."""
        return self if curvature == 1.0 else _changed(self, unit=self.unit * curvature)

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
        share = np.asarray(self._in_unit(self.rate(0))) ** 2 / self.inner_samples
        return value + 0.5 * share[..., None] * (form + sampled.noise_variances * sampled.squared_size())

    def adapted_gradient(self, losses: Losses, theta: Array) -> Array:
        """Exact hypergradient, in expectation over the inner samples if there are any."""
        step = super().adapted_gradient(losses, theta)
        if self.inner_samples is None:
            return step
        sampled = _quadratics(losses, "inner_samples have a known expectation")
        share = np.asarray(self._in_unit(self.rate(0))) ** 2 / self.inner_samples
        return step + losses.expand(share) * sampled.sampled_spread(theta)


@dataclass(frozen=True, eq=False)
class FirstOrderMAML(GradientSteps):
    """First-order MAML: k gradient steps, the gradient at the adapted parameter as outer step."""

    def outer_step(self, losses: Losses, theta: Array) -> Array:
        """grad R(theta')."""
        return losses.gradient(self.adapt(losses, theta))


@dataclass(frozen=True, eq=False)
class HessianFreeMAML(GradientSteps):
    """MAML whose products of Hessians and vectors are central differences of gradients (Fallah et al., 2020).

    On quadratics it is MAML; elsewhere the outer step is off by at most ½ L_H spacing |v|^2 per product, L_H the Lipschitz
    constant of the Hessian.

    Parameters
    ----------
    alpha, steps
        As in :class:`GradientSteps`.
    spacing : float
        Half the distance of the two points, in units of the vector; positive.

    Raises
    ------
    ValueError
        Also if the spacing is not positive and finite.
    """

    spacing: Any = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        _positive("spacing", self.spacing)

    def outer_step(self, losses: Losses, theta: Array) -> Array:
        """The adjoint recursion with differences for products."""
        adapted, pullback = losses.gradient_steps(
            theta, self.schedule(), lambda point, vector: losses.difference(point, vector, self.spacing)
        )
        return pullback(losses.gradient(adapted))


@dataclass(frozen=True, eq=False)
class Reptile(GradientSteps):
    """Reptile: k gradient steps, the displacement as outer step."""

    def outer_step(self, losses: Losses, theta: Array) -> Array:
        """theta - theta', as the sum of the steps: their difference has few digits where the rate is small."""
        if type(self).inner is not GradientSteps.inner:
            return theta - self.adapt(losses, theta)
        return losses.displacement(theta, self.schedule())

    def step_unit(self, curvature: float) -> float:
        """One: a displacement has the unit of the parameter."""
        return 1.0


@dataclass(frozen=True, eq=False)
class MetaSGD(GradientSteps):
    """MAML with a rate of its own for every coordinate (Li et al. 2017); the exact hypergradient as outer step.

    Parameters
    ----------
    alpha : array (p,)
        Rates, of any sign.
    steps : int
        Number of inner steps.

    Raises
    ------
    ValueError
        If the rates are no array (p,) of finite real numbers, or steps is not a whole number.

    Examples
    --------
    >>> MetaSGD([0.5, 0.0]).training_weight(np.array([[[1.0, 0.0], [0.0, 1.0]]])).tolist()
    [[[0.25, 0.0], [0.0, 1.0]]]
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        rates = np.asarray(self.alpha)
        if rates.ndim != 1 or np.iscomplexobj(rates) or np.ndim(self.steps):
            raise ValueError(f"alpha is {self.alpha!r}; it must be an array (p,) of real rates, with one number of steps")
        object.__setattr__(self, "alpha", rates.astype(np.float64))

    def inner(self, losses: Losses, theta: Array) -> tuple[Array, Pullback]:
        """Run the steps; their adjoint multiplies a cotangent by the rates before the Hessian sees it."""
        if len(self.alpha) != losses.dimension:
            raise ValueError(f"alpha has {len(self.alpha)} rates; for these tasks it must have {losses.dimension}")
        losses = losses.adapting
        rates = [losses.along(self._in_unit(self.rate(j))) for j in range(int(self.steps))]
        path = [theta]
        for rate in rates:
            path.append(path[-1] - rate * losses.gradient(path[-1]))

        def pullback(cotangent: Array) -> Array:
            for rate, point in zip(reversed(rates), reversed(path[:-1]), strict=True):
                cotangent = cotangent - losses.hessian_vector(point, rate * cotangent)
            return cotangent

        return path[-1], pullback


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

    def in_units(self, curvature: float) -> ImplicitMAML:
        """The same rule with lambda divided by `curvature`."""
        return self if curvature == 1.0 else _changed(self, regularization=np.divide(self.regularization, curvature)[()])


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

    def in_units(self, curvature: float) -> GradientFlow:
        """The same rule with the time multiplied by `curvature`."""
        return self if curvature == 1.0 else _changed(self, time=np.multiply(self.time, curvature)[()])


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
        return _changed(self, weights=self.weights[..., tasks, :, :])

    def in_units(self, curvature: float) -> Prescribed:
        """The same weights divided by `curvature`."""
        return self if curvature == 1.0 else _changed(self, weights=self.weights / curvature)
