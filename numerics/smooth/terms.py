r"""Risks that are sums of profiles of linear features, R(theta; i) = sum over j of h_ij f_j(W_ij theta + b_ij).

Every family of :mod:`numerics.smooth.families` is one; values, gradients and products are compiled loops, and the fused
training loop reads the same arrays.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import profiles as codes
from numerics.kernels import terms as kernel
from numerics.losses import Losses
from numerics.smooth.constants import Constants
from numerics.smooth.oracles import Oracle
from numerics.smooth.pieces import piece_constants
from numerics.smooth.profiles import UNIT, Profile, no_profile

Array = NDArray[Any]

#: most terms whose combinations of signs are gone through for a constant G
SIGNED_TERMS = 14


class Terms(Losses):
    """Sums of profiles of linear features, of n tasks.

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    kinds : array of int (m,)
        Codes of the profiles, the same for every task.
    heights : array (n, m)
        Factors h of the profiles, at least zero.
    directions : array (n, m, r, p)
        W; r = 1 unless every profile is radial.
    offsets : array (n, m, r)
        b.
    tables : array (n, m, pieces, 5), optional
        Of piecewise cubics: left end, value, slope, curvature there, third derivative.
    profile : Profile, optional
        Of a user.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; one sentence names it, its value and what is valid.
    """

    def __init__(
        self,
        weights: Any,
        kinds: Any,
        heights: Array,
        directions: Array,
        offsets: Array,
        tables: Array | None = None,
        profile: Profile | None = None,
    ) -> None:
        number, count = heights.shape
        super().__init__(probabilities(weights, number), directions.shape[-1])
        self.profile = profile
        self.tables = np.zeros((number, count, 1, 5)) if tables is None else np.ascontiguousarray(tables)
        self.kinds = np.ascontiguousarray(kinds, dtype=np.int64)
        self.heights, self.directions, self.offsets = map(np.ascontiguousarray, (heights, directions, offsets))
        if heights.size and heights.min() < 0:
            raise ValueError(f"heights has the entry {heights.min():.6g}; every height must be at least zero")
        self._own = None if profile is None else profile.compiled
        self._rows: Array | None = None
        self._pieces = self.tables.shape[2] if codes.PIECEWISE in self.kinds else 0
        #: which task each place along the axis of tasks stands for
        self.tasks = np.arange(number)

    @property
    def number(self) -> int:
        """Number of tasks n, along the last axis of a selection."""
        return self.weights.shape[-1]

    @property
    def terms(self) -> int:
        """Number of terms m of a task's risk."""
        return len(self.kinds)

    def arrays(self, *, complex_points: bool = False) -> kernel.Terms:
        """All tasks as kernels take them."""
        own = (self._own or no_profile())[complex_points]
        if self._rows is None:
            number, count = self.heights.shape
            parts = [
                np.broadcast_to(self.kinds, self.heights.shape)[..., None],
                self.heights[..., None],
                self.offsets,
                self.directions.reshape(number, count, -1),
                self.tables.reshape(number, count, -1)[..., : 5 * self._pieces],
            ]
            self._rows = np.ascontiguousarray(np.concatenate(parts, axis=2, dtype=np.float64))
        return kernel.Terms(self._rows, self.offsets.shape[2], self._pieces, own)

    def _view(self, tasks: Array, weights: Array) -> Terms:
        part = object.__new__(Terms)
        part.__dict__.update(self.__dict__)
        part.tasks, part.weights, part.gradients, part.hessian_vectors = tasks, weights, 0, 0
        return part

    def chunk(self, tasks: slice) -> Terms:
        """The same risks for some of the tasks, as views."""
        return self._view(self.tasks[..., tasks], self.weights[..., tasks])

    def selected(self, tasks: Array) -> Terms:
        """The risks of tasks (..., M) given by their numbers, equally weighted: the tasks that runs have drawn."""
        return self._view(np.ascontiguousarray(tasks), np.full(tasks.shape[-1], 1 / tasks.shape[-1]))

    def reweighted(self, factors: Array) -> Terms:
        """The same risks with term j multiplied by factors[j], an array (m,); what a minibatch sees."""
        part = self._view(self.tasks, self.weights)
        part.heights = np.ascontiguousarray(self.heights * factors)
        part._rows = None
        return part

    def __add__(self, other: Terms) -> Terms:
        """The sum of two risks of the same tasks, such as a loss and a penalty.

        Raises
        ------
        ValueError
            If the two do not have the same probabilities, dimension and number of residuals a term.
        """
        if not isinstance(other, Terms):
            return NotImplemented
        for name in ("weights", "dimension"):
            if not np.array_equal(getattr(self, name), getattr(other, name)):
                raise ValueError(f"the second risk has {name} {getattr(other, name)}; it must equal {getattr(self, name)}")
        if self.offsets.shape[2] != other.offsets.shape[2]:
            raise ValueError(
                f"the second risk has {other.offsets.shape[2]} residuals a term; the first has {self.offsets.shape[2]}"
            )
        if self.profile is not None and other.profile is not None and self.profile is not other.profile:
            raise ValueError("both risks have a profile of their own; a sum admits one")
        pieces = max(self.tables.shape[2], other.tables.shape[2])

        def joined(name: str) -> Array:
            return np.concatenate([getattr(self, name), getattr(other, name)], axis=1)

        # a repeated last piece changes nothing
        padded = [t.tables[:, :, np.minimum(np.arange(pieces), t.tables.shape[2] - 1)] for t in (self, other)]
        return Terms(
            self.weights,
            np.concatenate([self.kinds, other.kinds]),
            joined("heights"),
            joined("directions"),
            joined("offsets"),
            np.concatenate(padded, axis=1),
            self.profile or other.profile,
        )

    def _flat(self, points: Array) -> tuple[Array, Array, tuple[int, ...]]:
        shape = np.broadcast_shapes(points.shape[:-1], self.tasks.shape)
        at = np.ascontiguousarray(np.broadcast_to(points, (*shape, self.dimension))).reshape(-1, self.dimension)
        if at.dtype.kind not in "fc":
            at = at.astype(np.float64)
        tasks = np.ascontiguousarray(np.broadcast_to(self.tasks, shape)).reshape(-1)
        # a broadcast view may be read-only, and read-only arrays are another type to the compiler
        return (at if at.flags.writeable else at.copy()), (tasks if tasks.flags.writeable else tasks.copy()), shape

    def _value(self, theta: Array) -> Array:
        points, tasks, shape = self._flat(theta)
        out = np.empty(len(points), points.dtype)
        if self._own is None:
            kernel.values(*self.arrays()[:3], tasks, points, out)
        else:
            kernel.own_values(self.arrays(complex_points=points.dtype.kind == "c"), tasks, points, out)
        return out.reshape(shape)

    def _gradient(self, theta: Array) -> Array:
        points, tasks, shape = self._flat(theta)
        out = np.empty_like(points)
        if self._own is None:
            kernel.gradients(*self.arrays()[:3], tasks, points, out)
        else:
            kernel.own_gradients(self.arrays(complex_points=points.dtype.kind == "c"), tasks, points, out)
        return out.reshape(*shape, self.dimension)

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        theta, vector = np.broadcast_arrays(theta, vector)
        kind = np.result_type(theta, vector, np.float64)
        points, tasks, shape = self._flat(theta.astype(kind))
        vectors = self._flat(vector.astype(kind))[0]
        out = np.empty_like(points)
        if self._own is None:
            kernel.products(*self.arrays()[:3], tasks, points, vectors, out)
        else:
            kernel.own_products(self.arrays(complex_points=kind.kind == "c"), tasks, points, vectors, out)
        return out.reshape(*shape, self.dimension)

    def _unit(self, j: int, i: int) -> Constants:
        """Constants of profile j of task i, of height 1."""
        kind = int(self.kinds[j])
        if kind == codes.PIECEWISE:
            return piece_constants(self.tables[i, j])
        if kind == codes.OWN:
            assert self.profile is not None
            return self.profile.constants
        return UNIT[kind]

    def task_constants(self, i: int) -> Constants:
        """Constants of the risk of task i: sharp for one term, bounds for sums unless features are independent.

        With W_j of norm s_j and profile constants c: Delta adds up; L is the largest eigenvalue of sum h L W'W, that of
        sum h L_H s W'W bounds L_H; G is the longest sum of +-h G w for single residuals, and adds up otherwise.
        """
        units = [self._unit(j, i).scaled(float(self.heights[i, j])) for j in range(self.terms)]
        forms = [w.T @ w for w in self.directions[i]]
        norms = [float(np.linalg.norm(w, 2)) for w in self.directions[i]]

        def total(factors: list[float]) -> float:
            if not np.all(np.isfinite(factors)):
                return float("inf")
            return float(np.linalg.eigvalsh(sum(c * form for c, form in zip(factors, forms, strict=True)))[-1])

        slopes = [unit.G for unit in units]
        longest = sum(g * s for g, s in zip(slopes, norms, strict=True))
        if self.offsets.shape[2] == 1 and self.terms <= SIGNED_TERMS and np.isfinite(longest):
            arrows = np.array(slopes)[:, None] * self.directions[i, :, 0]
            signs = np.array(list(itertools.product((1.0, -1.0), repeat=self.terms - 1))).reshape(2 ** (self.terms - 1), -1)
            longest = float(np.linalg.norm(arrows[0] + signs @ arrows[1:], axis=1).max())
        rough = [unit.L_H * s if s else 0.0 for unit, s in zip(units, norms, strict=True)]
        return Constants(sum(unit.Delta for unit in units), longest, total([unit.L for unit in units]), total(rough))

    def constants(self, oracle: Oracle | None = None) -> Constants:
        """Delta, G, L, L_H of every task, V_t across tasks, and V_d and V_h of an oracle if one is given.

        V_t is exact for sines of one frequency, otherwise the bound E G^2; variances of minibatches are bounds as well.

        Parameters
        ----------
        oracle : Oracle, optional
            Whose variances are meant.

        Returns
        -------
        Constants
        """
        each = [self.task_constants(i) for i in np.unique(self.tasks)]
        top = {name: max(getattr(c, name) for c in each) for name in ("Delta", "G", "L", "L_H")}
        spread = self._spread([c.G for c in each]) if self.tasks.ndim == 1 else None
        noises = (None, None) if oracle is None else oracle.variances(self)
        return Constants(**top, V_d=noises[0], V_t=spread, V_h=noises[1])

    def _spread(self, slopes: list[float]) -> float:
        if len(slopes) == 1:
            return 0.0
        w, chosen = self.weights, self.tasks
        directions = self.directions[chosen]
        if self.terms == 1 and self.kinds[0] == codes.SINE and np.all(directions == directions[0]):
            # ½ height w cos(z + phase): the variance of a wave of one frequency, at the z where it is largest
            wave = 0.5 * self.heights[chosen, 0] * np.exp(1j * self.offsets[chosen, 0, 0])
            steady, swing = w @ np.abs(wave) ** 2 - abs(w @ wave) ** 2, abs(w @ wave**2 - (w @ wave) ** 2)
            return float(0.5 * (steady + swing) * (directions[0, 0, 0] ** 2).sum())
        return float(w @ np.square(slopes))


def probabilities(weights: Any, number: int) -> Array:
    """Probabilities of `number` tasks, checked."""
    array = np.asarray(weights, dtype=np.float64)
    if array.shape != (number,):
        raise ValueError(f"weights has shape {array.shape}; for these tasks it must be ({number},)")
    if not np.all(np.isfinite(array)) or array.min() < 0:
        raise ValueError("weights has an entry that is negative or not finite; probabilities must be at least zero")
    if abs(array.sum() - 1) > 1e-9:
        raise ValueError(f"weights sums to {array.sum():.12g}; probabilities must sum to one")
    return array
