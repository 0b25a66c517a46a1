r"""Adaptation on a pruned context: gradient steps of a linear last layer on some of its examples, and the re-scaled step.

The layer's prediction for example i is z_i'theta, its loss on a context of n examples (1/2n) sum r_i^2 with residuals
r_i = z_i'theta - y_i, and an example's gradient is g_i = r_i z_i.  A *pruned* step keeps k examples S and follows g_S, the mean
of their gradients; *top* pruning keeps those of largest |g_i|.  At test time a *re-scaled* step follows the gradient g of the
whole context with the norm of g_S.

`tack-2023` (2302.00617) prunes so to learn large-scale neural fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import serial
from numerics.inputs import stack, whole
from numerics.losses import Losses
from numerics.rules import GradientSteps

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

#: ways of choosing the examples that are kept
SELECTIONS = ("top", "random", "aligned")


def example_gradients(features: Any, targets: Any, theta: Any) -> Array:
    """g_i = (z_i'theta - y_i) z_i: features (..., n, p), targets (..., n), theta (..., p) -> (..., n, p).

    Examples
    --------
    >>> example_gradients([[1.0], [2.0]], [2.0, 0.0], [1.0]).tolist()
    [[-1.0], [4.0]]
    """
    sizes: dict[str, int] = {}
    z = stack("features", features, "n p", sizes)
    residual = (z @ stack("theta", theta, "p", sizes)[..., None])[..., 0] - stack("targets", targets, "n", sizes)
    return residual[..., None] * z


def top_examples(gradients: Any, kept: int) -> Integers:
    """The `kept` examples of largest gradient norm, in ascending order, of a tie the first ones: (..., n, p) -> (..., k).

    Examples
    --------
    >>> top_examples([[1.0], [-4.0], [4.0]], 2).tolist()
    [1, 2]
    """
    return _largest((stack("gradients", gradients, "n p", {}) ** 2).sum(axis=-1), kept)


def aligned_examples(gradients: Any, kept: int) -> Integers:
    """The `kept` examples of largest <g, g_i>: the best ones for the whole context's loss after a small step: -> (..., k).

    Examples
    --------
    >>> aligned_examples([[-2.0], [1.5], [1.5]], 1).tolist()
    [1]
    """
    g = stack("gradients", gradients, "n p", {})
    return _largest((g @ g.mean(axis=-2)[..., None])[..., 0], kept)


def _largest(scores: Array, kept: int) -> Integers:
    _kept(kept, scores.shape[-1])
    return np.sort(np.argsort(-scores, axis=-1, kind="stable")[..., :kept], axis=-1)


def _kept(kept: Any, number: int) -> int:
    if not isinstance(kept, int | np.integer) or not 1 <= kept <= number:
        raise ValueError(f"kept is {kept!r}; it must be a whole number from 1 to the number of examples, {number}")
    return int(kept)


def mean_of(gradients: Any, chosen: Any) -> Array:
    """g_S, the mean gradient of chosen examples: (..., n, p), (..., k) -> (..., p)."""
    g = stack("gradients", gradients, "n p", {})
    return np.take_along_axis(g, _positions(chosen, g.shape[-2])[..., None], axis=-2).mean(axis=-2)


def _positions(chosen: Any, number: int) -> Integers:
    array = np.asarray(chosen)
    if array.ndim < 1 or array.dtype.kind not in "iu" or not array.size or not np.all((array >= 0) & (array < number)):
        raise ValueError(f"chosen is {chosen!r}; it must be (..., k), positions from 0 to {number - 1}")
    return array


def discrepancy(gradients: Any, chosen: Any) -> Array:
    """|g - (k/n) g_S|, the length of what a pruned gradient leaves out: (..., n, p), (..., k) -> (...).

    Examples
    --------
    >>> float(discrepancy([[1.0], [0.0]], np.array([1])))
    0.5
    """
    g, s = stack("gradients", gradients, "n p", {}), _positions(chosen, np.shape(gradients)[-2])
    rest = g.sum(axis=-2) - s.shape[-1] * mean_of(g, s)
    return np.asarray(np.linalg.norm(rest, axis=-1) / g.shape[-2])


@dataclass(frozen=True)
class Adaptation:
    """A run of gradient steps on a context.

    Attributes
    ----------
    theta : array (p, m)
        The layer after the last step; m targets an example.
    losses : array (steps + 1,)
        Loss of the whole context before each step and at the end.
    """

    theta: Array
    losses: Array


class Context:
    """Examples of one linear layer.

    Parameters
    ----------
    features : array (n, p)
        z_i.
    targets : array (n,) or (n, m)
        y_i; with m targets the loss is the sum over them.

    Raises
    ------
    ValueError
        If a shape does not fit or an entry is not finite.

    Examples
    --------
    >>> context = Context([[1.0], [1.0]], [1.0, -1.0])
    >>> context.adapt([1/5], 1/3, 40, kept=1, rescaled=True).theta.round(6).ravel().tolist()
    [0.2]
    >>> context.adapt([0.5], 1/3, 40).theta.round(6).ravel().tolist()
    [0.0]
    """

    def __init__(self, features: Any, targets: Any) -> None:
        z, y = np.asarray(features, dtype=np.float64), np.asarray(targets, dtype=np.float64)
        if z.ndim != 2 or 0 in z.shape:
            raise ValueError(f"features has shape {z.shape}; it must be (n, p)")
        if y.ndim not in (1, 2) or len(y) != len(z):
            raise ValueError(f"targets has shape {y.shape}; it must be ({len(z)},) or ({len(z)}, m), a row for each example")
        for name, array in (("features", z), ("targets", y)):
            if not np.all(np.isfinite(array)):
                raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
        self.features, self.targets = z, y.reshape(len(z), -1)
        self._lengths = (z**2).sum(axis=1)

    @property
    def number(self) -> int:
        """Number of examples n."""
        return len(self.features)

    def loss(self, theta: Any) -> float:
        """(1/2n) sum of squared residuals at theta (p, m)."""
        return float(((self.features @ self._layer(theta) - self.targets) ** 2).sum() / (2 * self.number))

    def _layer(self, theta: Any) -> Array:
        array = np.asarray(theta, dtype=np.float64).reshape(self.features.shape[1], -1)
        if array.shape[1] not in (1, self.targets.shape[1]) or not np.all(np.isfinite(array)):
            raise ValueError(f"theta has shape {np.shape(theta)}; it must be (p, m), with finite entries")
        return np.broadcast_to(array, (array.shape[0], self.targets.shape[1]))

    @serial
    def adapt(
        self,
        theta: Any,
        rate: float,
        steps: int,
        *,
        kept: int | None = None,
        selection: str = "top",
        rescaled: bool = False,
        blend: float = 1.0,
        seed: int = 0,
    ) -> Adaptation:
        """Make gradient steps on the whole context, on a part of it chosen anew at every step, or re-scaled ones.

        Parameters
        ----------
        theta : array (p,) or (p, m)
            Where it starts.
        rate : float
            Of a step.
        steps : int
        kept : int, optional
            Number of examples k of the part; the whole context if not given.
        selection : {"top", "random", "aligned"}
            Largest |g_i|, drawn without replacement, or largest <g, g_i>.
        rescaled : bool
            Follow the whole context's gradient with the norm of the part's.
        blend : float
            Of the re-scaling: the step's length is that of (1 - blend) g plus blend times the re-scaled gradient.
        seed : int
            Of the random selection.

        Raises
        ------
        ValueError
            If an argument is not as described.
        """
        if selection not in SELECTIONS:
            raise ValueError(f"selection is {selection!r}; it must be one of {', '.join(SELECTIONS)}")
        if not (np.isfinite(rate) and 0 <= blend <= 1):
            raise ValueError(f"rate is {rate!r} and blend {blend!r}; a rate must be finite, a blend from 0 to 1")
        count, steps = self.number if kept is None else _kept(kept, self.number), whole("steps", steps, 0)
        layer = np.array(self._layer(theta))
        rng = np.random.default_rng(seed)
        losses = []
        for _ in range(steps):
            residual = self.features @ layer - self.targets
            squares = (residual**2).sum(axis=1)
            losses.append(squares.sum() / (2 * self.number))
            needed = rescaled or selection == "aligned" or count == self.number  # a pass over the context that others save
            gradient = self.features.T @ residual / self.number if needed else np.zeros_like(layer)
            move = gradient
            if count < self.number:
                if selection == "random":
                    chosen = rng.choice(self.number, count, replace=False)
                else:
                    if selection == "top":
                        scores = squares * self._lengths
                    else:
                        scores = ((self.features @ gradient) * residual).sum(axis=1)
                    chosen = np.argpartition(-scores, count - 1)[:count]
                part = self.features[chosen].T @ residual[chosen] / count
                size = np.linalg.norm(gradient)
                if not rescaled:
                    move = part
                elif size > 0:
                    move = (1 - blend + blend * np.linalg.norm(part) / size) * gradient
            layer -= rate * move
        return Adaptation(layer, np.array([*losses, self.loss(layer)]))


def random_pruning_weight(features: Any, rate: Any, kept: int) -> Array:
    """Mean risk weight after one step on `kept` of the examples, all subsets equally likely: (..., n, p) -> (..., p, p).

    The mean over all subsets S of (I - rate S)' Q (I - rate S), with S and Q the second moments of the part and of the whole.

    Raises
    ------
    ValueError
        If `kept` is not from 1 to n.

    Examples
    --------
    >>> random_pruning_weight([[1.0], [3.0]], 0.5, 1).tolist()
    [[31.25]]
    """
    z, alpha = stack("features", features, "n p", {}), stack("rate", rate, "", {})[..., None, None]
    number, size = z.shape[-2:]
    mean = np.swapaxes(z, -1, -2) @ z / number
    total, count = np.zeros(np.broadcast_shapes(mean.shape, alpha.shape)), 0
    for subset in combinations(range(number), _kept(kept, number)):
        part = z[..., subset, :]
        step = np.eye(size) - alpha * (np.swapaxes(part, -1, -2) @ part) / kept
        total += np.swapaxes(step, -1, -2) @ mean @ step
        count += 1
    return total / count


@dataclass(frozen=True, eq=False)
class Bootstrap(GradientSteps):
    """Training towards a target further along the inner loop: half the squared distance from theta_k to theta_{k+ahead}.

    Parameters
    ----------
    alpha, steps
        As in :class:`numerics.rules.GradientSteps`.
    ahead : int
        Number of further steps to the target.
    fixed_target : bool
        Whether the target counts as a constant, as in bootstrapped meta-learning, or is differentiated too.

    Raises
    ------
    ValueError
        If the rate is not finite, or a number of steps is no whole number from 1 on.

    Examples
    --------
    >>> Bootstrap(0.5, 1, 1).training_weight(np.array([[[1.0]]])).ravel().tolist()
    [0.0625]
    >>> Bootstrap(0.5, 1, 1, fixed_target=True).training_weight(np.array([[[1.0]]])).ravel().tolist()
    [0.125]
    """

    ahead: int = 1
    fixed_target: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("ahead", self.ahead)

    def outer_step(self, losses: Losses, theta: NDArray[Any]) -> NDArray[Any]:
        """The gradient of half the squared distance, through the points that count."""
        schedule = self.schedule()
        further = schedule + [(self.rate(j), self.momentum(j)) for j in range(len(schedule), len(schedule) + self.ahead)]
        point, pullback = losses.gradient_steps(theta, schedule)
        target, far_pullback = losses.gradient_steps(theta, further)
        gap = point - target
        return pullback(gap) if self.fixed_target else pullback(gap) - far_pullback(gap)
