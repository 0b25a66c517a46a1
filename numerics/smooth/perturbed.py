"""Risks as an oracle reports them: any rule's outer step on them is the algorithm's sampled step.

A rule asks for gradients and Hessian--vector products; here the answers carry noise.  :class:`Sampled` draws it from the
streams of :mod:`numerics.kernels.streams` for many runs at once, :class:`Given` is told it, so that every outcome can be
gone through.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import streams
from numerics.losses import Losses, Pullback
from numerics.smooth.oracles import Oracle
from numerics.smooth.terms import Terms

Array = NDArray[Any]


class Perturbed(Losses):
    """Risks whose gradients and products carry noise, request by request.

    Parameters
    ----------
    exact : Losses
        What is disturbed.
    """

    def __init__(self, exact: Losses) -> None:
        super().__init__(exact.weights, exact.dimension)
        self.exact = exact
        #: requests so far
        self.asked = self.asked_products = 0

    @abstractmethod
    def gradient_noise(self, request: int, theta: Array) -> Array:
        """Noise of request number `request` for a gradient."""

    @abstractmethod
    def hessian_noise(self, request: int) -> Array:
        """Diagonal noise of request number `request` for a product."""

    def chunk(self, tasks: slice) -> Losses:
        """Not available: the noise belongs to the whole."""
        raise TypeError("perturbed risks cannot be taken apart; take a part of the exact ones")

    def _value(self, theta: Array) -> Array:
        return self.exact.value(theta)

    def _gradient(self, theta: Array) -> Array:
        self.asked += 1
        return self.exact.gradient(theta) + self.gradient_noise(self.asked - 1, theta)

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        self.asked_products += 1
        return self.exact.hessian_vector(theta, vector) + self.hessian_noise(self.asked_products - 1) * vector

    def difference(self, theta: Array, vector: Array, spacing: Any) -> Array:
        """Both gradients on the same data: additive noise cancels."""
        self.gradients += 2 * self.number
        return self.exact.difference(theta, vector, spacing)

    def proximal(self, theta: Array, regularization: Any) -> tuple[Array, Pullback]:
        """The proximal problem of the sampled risk, R plus a linear function whose slope is the noise of one request."""
        self.asked += 1
        return _Tilted(self.exact, self.gradient_noise(self.asked - 1, theta)).proximal(theta, regularization)


class _Tilted(Losses):
    def __init__(self, exact: Losses, tilt: Array) -> None:
        super().__init__(exact.weights, exact.dimension)
        self.exact, self.tilt = exact, tilt

    def chunk(self, tasks: slice) -> Losses:
        return _Tilted(self.exact.chunk(tasks), self.tilt[..., tasks, :])

    def _value(self, theta: Array) -> Array:
        return self.exact.value(theta) + (self.tilt * theta).sum(axis=-1)

    def _gradient(self, theta: Array) -> Array:
        return self.exact.gradient(theta) + self.tilt

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        return self.exact.hessian_vector(theta, vector)


class Given(Perturbed):
    """Risks with given noise.

    Parameters
    ----------
    exact : Losses
        What is disturbed.
    gradients : sequence of arrays
        Noise of each request for a gradient, broadcastable against points.
    hessians : sequence of arrays
        Diagonal noise of each request for a product.
    """

    def __init__(self, exact: Losses, gradients: Sequence[Array] = (), hessians: Sequence[Array] = ()) -> None:
        super().__init__(exact)
        self._gradients, self._hessians = gradients, hessians

    def gradient_noise(self, request: int, theta: Array) -> Array:
        """The given one."""
        return self._gradients[request] if self._gradients else np.zeros(1)

    def hessian_noise(self, request: int) -> Array:
        """The given one."""
        return self._hessians[request] if self._hessians else np.zeros(1)


class Sampled(Perturbed):
    """The tasks that runs have drawn for one update, as an oracle with streams reports them; points (runs, batch, p).

    Parameters
    ----------
    losses : Losses
        All tasks.
    tasks : array of int (runs, batch)
        Which were drawn.
    oracle : Oracle
        With additive noise.
    calls, samples : int
        Calls per gradient, samples per product.
    key : array of uint64 (2,)
        Key of the streams.
    runs : array of uint64 (runs,)
        Their numbers.
    step : int
        Number of the update.
    place : int
        Place of the first request for a gradient.
    """

    def __init__(
        self,
        losses: Losses,
        tasks: Array,
        oracle: Oracle,
        calls: int,
        samples: int,
        key: Array,
        runs: Array,
        step: int,
        place: int = 0,
    ) -> None:
        super().__init__(losses.selected(tasks) if isinstance(losses, Terms) else _Selected(losses, tasks))
        self._noises = oracle.noises(losses.dimension)
        self._counts = calls, samples
        self._where = key, runs, step
        self._place = place
        self._shape = (*tasks.shape, losses.dimension)

    def _drawn(self, index: int, place: int) -> Array:
        out = np.empty((self._shape[0] * self._shape[1], self._shape[2]))
        key, runs, step = self._where
        streams.fill_noise(self._noises[index], self._counts[index], key, runs, step, place, out)
        return out.reshape(self._shape)

    def gradient_noise(self, request: int, theta: Array) -> Array:
        """From the stream of that request."""
        return self._drawn(0, self._place + request)

    def hessian_noise(self, request: int) -> Array:
        """From the stream of that request."""
        return self._drawn(1, streams.HESSIAN + request)


class _Selected(Losses):
    """Any family at drawn tasks (runs, batch), evaluated task by task."""

    def __init__(self, losses: Losses, tasks: Array) -> None:
        super().__init__(np.full(tasks.shape[-1], 1 / tasks.shape[-1]), losses.dimension)
        self._losses, self._tasks = losses, tasks

    def chunk(self, tasks: slice) -> Losses:
        return _Selected(self._losses, self._tasks[..., tasks])

    def _gathered(self, method: str, trailing: tuple[int, ...], *points: Array) -> Array:
        shape = np.broadcast_shapes(self._tasks.shape, *(point.shape[:-1] for point in points))
        full = [np.broadcast_to(point, (*shape, self.dimension)) for point in points]
        tasks = np.broadcast_to(self._tasks, shape)
        out = np.empty((*shape, *trailing), np.result_type(*full, np.float64))
        for task in np.unique(tasks):
            one = self._losses.chunk(slice(int(task), int(task) + 1))
            chosen = tasks == task
            out[chosen] = getattr(one, method)(*(point[chosen][:, None, :] for point in full))[:, 0]
        return out

    def _value(self, theta: Array) -> Array:
        return self._gathered("value", (), theta)

    def _gradient(self, theta: Array) -> Array:
        return self._gathered("gradient", (self.dimension,), theta)

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        return self._gathered("hessian_vector", (self.dimension,), theta, vector)
