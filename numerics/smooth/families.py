r"""Families of smooth risks, each a distribution of n tasks by weights.

A task's risk is a sum of m terms.  Features are given per task as arrays (n, p) for one term, (n, m, p) for several;
heights, phases, targets, ... as (n,) or (n, m), or as one number for all.

==================== ============================================ =============================
family               a term                                       residual u
==================== ============================================ =============================
Sines                ½ height (1 + sin u)                         <w, theta> + phase
Tanh                 ½ height (1 + tanh u)                        <w, theta> + phase
Logistic             height ln(1 + exp u)                         -label <x, theta>
Welsch               height (1 - exp(-|u|^2/2))                   (X theta - target)/scale
GemanMcClure         height |u|^2/(1 + |u|^2)                     (X theta - target)/scale
Cauchy               ½ height ln(1 + |u|^2)                       (X theta - target)/scale
Penalty              height theta_j^2/(1 + theta_j^2), j = 1...p  theta_j
PiecewiseQuadratic   quadratic pieces with a continuous slope     <w, theta>
PiecewiseCubic       cubic pieces with a continuous curvature      theta, p = 1
Ridge                a user's :class:`~numerics.smooth.profiles.Profile`  <w, theta> + phase
==================== ============================================ =============================

Add two of them for a sum, such as ``Logistic(...) + Penalty(...)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import profiles as codes
from numerics.smooth.pieces import moved, tables
from numerics.smooth.profiles import Profile
from numerics.smooth.terms import Terms

Array = NDArray[Any]


def _real(name: str, value: Any) -> Array:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is {value!r}; it must be an array of real numbers") from error
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
    return array


def _features(name: str, value: Any) -> Array:
    """Features as (n, m, p)."""
    array = _real(name, value)
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise ValueError(f"{name} has shape {array.shape}; it must be (n, p), or (n, m, p) for m terms, none of them zero")
    return array[:, None, :] if array.ndim == 2 else array


def _per_term(name: str, value: Any, shape: tuple[int, ...]) -> Array:
    """A number per term as (n, m): from one number, (n,) or (n, m)."""
    array = _real(name, value)
    if array.shape == shape[:1]:
        array = array[:, None]
    if array.shape not in ((), shape, (shape[0], 1)):
        raise ValueError(f"{name} has shape {array.shape}; it must be a number, ({shape[0]},) or {shape}")
    return np.broadcast_to(array, shape).copy()


class _Ridge(Terms):
    """One residual <w, theta> + phase per term."""

    code: int

    def __init__(self, weights: Any, heights: Any, directions: Any, phases: Any, **extra: Any) -> None:
        w = _features("directions", directions)
        shape = w.shape[:2]
        offsets = _per_term("phases", phases, shape)[..., None]
        kinds = np.full(shape[1], self.code)
        super().__init__(weights, kinds, _per_term("heights", heights, shape), w[:, :, None, :].copy(), offsets, **extra)


class Sines(_Ridge):
    """Sums of ½ height (1 + sin(<w, theta> + phase)).

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    heights : number or array (n,) or (n, m)
        At least zero; Delta of each term.
    directions : array (n, p) or (n, m, p)
        Frequencies w.
    phases : number or array (n,) or (n, m)
        Phases.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; one sentence names it, its value and what is valid.

    Examples
    --------
    >>> tasks = Sines([0.5, 0.5], 2.0, [[1.0], [2.0]], [0.0, 1.0])
    >>> tasks.constants().L
    4.0
    >>> tasks.gradient(np.zeros((1, 1))).ravel().round(3).tolist()
    [1.0, 1.081]
    """

    code = codes.SINE


class Tanh(_Ridge):
    """Sums of ½ height (1 + tanh(<w, theta> + phase)); parameters as for :class:`Sines`.

    Examples
    --------
    >>> Tanh([1.0], 1.0, [[1.0]], 0.0).gradient(np.zeros((1, 1))).tolist()
    [[0.5]]
    """

    code = codes.TANH


class Ridge(_Ridge):
    """Sums of height f(<w, theta> + phase) with a profile f of your own.

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    profile : Profile
        f with its derivatives and constants, which were checked when it was made.
    heights, directions, phases
        As for :class:`Sines`.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> from numerics.smooth.constants import Constants
    >>> rational = Profile(
    ...     lambda u: 1 / (1 + u * u),
    ...     lambda u: -2 * u / (1 + u * u) ** 2,
    ...     lambda u: (6 * u * u - 2) / (1 + u * u) ** 3,
    ...     Constants(Delta=1.0, G=0.65, L=2.0, L_H=4.67),
    ... )
    >>> Ridge([1.0], rational, 1.0, [[1.0]], 0.0).gradient(np.ones((1, 1))).tolist()
    [[-0.5]]
    """

    code = codes.OWN

    def __init__(self, weights: Any, profile: Profile, heights: Any, directions: Any, phases: Any) -> None:
        if not isinstance(profile, Profile):
            raise TypeError(f"profile is a {type(profile).__name__}; it must be a Profile")
        super().__init__(weights, heights, directions, phases, profile=profile)


class Logistic(Terms):
    """Sums of height ln(1 + exp(-label <x, theta>)).

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    heights : number or array (n,) or (n, m)
        At least zero; 1/m for a mean over m data.
    features : array (n, p) or (n, m, p)
        x.
    labels : array (n,) or (n, m)
        1 or -1.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> Logistic([1.0], 1.0, [[2.0]], [1]).gradient(np.zeros((1, 1))).tolist()
    [[-1.0]]
    """

    def __init__(self, weights: Any, heights: Any, features: Any, labels: Any) -> None:
        x = _features("features", features)
        shape = x.shape[:2]
        signs = _per_term("labels", labels, shape)
        if not np.all(np.abs(signs) == 1):
            raise ValueError(f"labels has the entry {signs[np.abs(signs) != 1][0]:.6g}; every label must be 1 or -1")
        kinds = np.full(shape[1], codes.LOGISTIC)
        w = -(signs[..., None] * x)[:, :, None, :]
        super().__init__(weights, kinds, _per_term("heights", heights, shape), w, np.zeros((*shape, 1)))


class _Robust(Terms):
    """Residuals (X theta - target)/scale of one dimension or of several."""

    code: int

    def __init__(self, weights: Any, heights: Any, features: Any, targets: Any, scales: Any = 1.0) -> None:
        x = _real("features", features)
        if x.ndim == 2:
            x = x[:, None, :]
        single = x.ndim == 3
        x = x[:, :, None, :] if single else x
        if x.ndim != 4 or 0 in x.shape:
            raise ValueError(
                f"features has shape {np.shape(features)}; it must be (n, p), (n, m, p), or (n, m, r, p) for r residuals a term"
            )
        shape = x.shape[:2]
        widths = _per_term("scales", scales, shape)
        if not np.all(widths > 0):
            raise ValueError(f"scales has the entry {widths.min():.6g}; every scale must be positive")
        if single:
            y = _per_term("targets", targets, shape)[..., None]
        else:
            y = _real("targets", targets)
            if y.shape != x.shape[:3]:
                raise ValueError(f"targets has shape {y.shape}; with features of shape {x.shape} it must be {x.shape[:3]}")
        kinds = np.full(shape[1], self.code)
        over = widths[:, :, None]
        super().__init__(weights, kinds, _per_term("heights", heights, shape), x / over[..., None], -y / over)

    @classmethod
    def locations(cls, weights: Any, heights: Any, centres: Any, scales: Any = 1.0) -> Any:
        """One term per task whose residual is (theta - centre)/scale, in all p dimensions.

        Parameters
        ----------
        weights : array (n,)
            Probabilities of the tasks.
        heights : number or array (n,)
            At least zero.
        centres : array (n, p)
            Where each task's risk is least.
        scales : number or array (n,)
            Positive.

        Raises
        ------
        ValueError, TypeError
            If an argument is not as described.

        Examples
        --------
        >>> Welsch.locations([1.0], 1.0, [[1.0, 2.0]]).gradient(np.array([[1.0, 2.0]])).tolist()
        [[0.0, 0.0]]
        """
        middle = _real("centres", centres)
        if middle.ndim != 2 or 0 in middle.shape:
            raise ValueError(f"centres has shape {middle.shape}; it must be (n, p)")
        features = np.broadcast_to(np.eye(middle.shape[1]), (len(middle), 1, middle.shape[1], middle.shape[1]))
        return cls(weights, heights, features, middle[:, None, :], scales)


class Welsch(_Robust):
    """Sums of height (1 - exp(-|u|^2/2)), u = (X theta - target)/scale.

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    heights : number or array (n,) or (n, m)
        At least zero.
    features : array (n, p), (n, m, p) or (n, m, r, p)
        X: one feature vector per term, or r of them for a residual in r dimensions.
    targets : number or array (n,) or (n, m); (n, m, r) for residuals in r dimensions
        Where u = 0.
    scales : number or array (n,) or (n, m)
        Positive.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> round(Welsch([1.0], 1.0, [[1.0]], [0.0]).constants().G, 6)
    0.606531
    """

    code = codes.WELSCH


class GemanMcClure(_Robust):
    """Sums of height |u|^2/(1 + |u|^2); parameters as for :class:`Welsch`.

    Examples
    --------
    >>> GemanMcClure([1.0], 1.0, [[1.0]], [0.0]).value(np.ones((1, 1))).tolist()
    [0.5]
    """

    code = codes.GEMAN_MCCLURE


class Cauchy(_Robust):
    """Sums of ½ height ln(1 + |u|^2); parameters as for :class:`Welsch`.  Its range is infinite.

    Examples
    --------
    >>> Cauchy([1.0], 1.0, [[1.0]], [0.0]).gradient(np.ones((1, 1))).tolist()
    [[0.5]]
    """

    code = codes.CAUCHY


class Penalty(Terms):
    """height times the sum over j of theta_j^2/(1 + theta_j^2), the same for every task.

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    height : float
        At least zero.
    dimension : int
        p.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> Penalty([1.0], 0.5, 2).value(np.ones((1, 2))).tolist()
    [0.5]
    """

    def __init__(self, weights: Any, height: Any, dimension: int) -> None:
        if not isinstance(dimension, (int, np.integer)) or dimension < 1:
            raise ValueError(f"dimension is {dimension!r}; it must be a whole number, at least 1")
        number = len(_real("weights", weights))
        directions = np.tile(np.eye(dimension)[None, :, None, :], (number, 1, 1, 1))
        heights = _per_term("height", height, (number, dimension))
        kinds = np.full(dimension, codes.GEMAN_MCCLURE)
        super().__init__(weights, kinds, heights, directions, np.zeros((number, dimension, 1)))


class PiecewiseQuadratic(Terms):
    """A function of <w, theta> with a continuous slope, whose curvature is constant between knots; one term per task.

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    knots : array (n, K)
        Increasing; K = 0 admitted, a quadratic.
    curvatures : array (n, K + 1)
        Second derivatives left of the first knot, between knots, and right of the last one.
    slopes, values : number or array (n,)
        First derivative and value at 0.
    directions : array (n, p), optional
        w; p = 1 and w = 1 if not given.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> valley = PiecewiseQuadratic([1.0], [[-1.0, 1.0]], [[0.0, 1.0, 0.0]], 0.0, 0.0)
    >>> valley.value(np.array([[3.0]])).tolist(), valley.constants().G
    ([2.5], 1.0)
    """

    def __init__(
        self, weights: Any, knots: Any, curvatures: Any, slopes: Any = 0.0, values: Any = 0.0, directions: Any = None
    ) -> None:
        bends = _real("curvatures", curvatures)
        if bends.ndim != 2 or 0 in bends.shape:
            raise ValueError(f"curvatures has shape {bends.shape}; it must be (n, K + 1)")
        number, pieces = bends.shape
        ends = _real("knots", knots).reshape(number, -1) if pieces == 1 else _real("knots", knots)
        if ends.shape != (number, pieces - 1):
            raise ValueError(f"knots has shape {ends.shape}; with these curvatures it must be {(number, pieces - 1)}")
        if np.any(np.diff(ends, axis=1) <= 0):
            raise ValueError("knots has a row that does not increase; every row must")
        w = np.ones((number, 1)) if directions is None else _real("directions", directions)
        if w.ndim != 2 or len(w) != number:
            raise ValueError(f"directions has shape {w.shape}; it must be ({number}, p)")
        slope, value = (_per_term(name, entry, (number, 1))[:, 0] for name, entry in (("slopes", slopes), ("values", values)))
        flat = np.zeros((number, 5))
        if pieces == 1:
            rows = np.stack([flat[:, 0], value, slope, bends[:, 0], flat[:, 0]], axis=-1)[:, None]
        else:
            rows = moved(tables(ends, bends, np.zeros_like(bends), flat[:, 0], flat[:, 0]), slope, value)
        one = np.ones((number, 1))
        super().__init__(weights, [codes.PIECEWISE], one, w[:, None, None, :], flat[:, :1, None], rows[:, None])


class PiecewiseCubic(Terms):
    """A function of one number whose curvature is piecewise linear, given at its knots, and constant outside them.

    Parameters
    ----------
    weights : array (n,)
        Probabilities of the tasks.
    knots : array (n, K)
        Increasing, K at least 1.
    curvatures : array (n, K)
        Second derivatives at the knots.
    slopes, values : number or array (n,)
        First derivative and value at 0.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.

    Examples
    --------
    >>> bump = PiecewiseCubic([1.0], [[-1.0, 0.0, 1.0]], [[0.0, 1.0, 0.0]])
    >>> bump.constants().L_H, bump.hessian_vector(np.array([[0.5]]), np.ones((1, 1))).tolist()
    (1.0, [[0.5]])
    """

    def __init__(self, weights: Any, knots: Any, curvatures: Any, slopes: Any = 0.0, values: Any = 0.0) -> None:
        ends, bends = _real("knots", knots), _real("curvatures", curvatures)
        if bends.ndim != 2 or 0 in bends.shape or ends.shape != bends.shape:
            raise ValueError(f"curvatures has shape {bends.shape} and knots {ends.shape}; both must be (n, K)")
        if np.any(np.diff(ends, axis=1) <= 0):
            raise ValueError("knots has a row that does not increase; every row must")
        number = len(bends)
        slope, value = (_per_term(name, entry, (number, 1))[:, 0] for name, entry in (("slopes", slopes), ("values", values)))
        flat, one = np.zeros((number, 1)), np.ones((number, 1))
        left = np.hstack([bends[:, :1], bends])
        thirds = np.hstack([flat, np.diff(bends, axis=1) / np.diff(ends, axis=1), flat])
        rows = moved(tables(ends, left, thirds, flat[:, 0], flat[:, 0]), slope, value)
        super().__init__(weights, [codes.PIECEWISE], one, one[..., None, None], flat[..., None], rows[:, None])
