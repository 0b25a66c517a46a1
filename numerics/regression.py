"""Regression data whose empirical risks are exactly given tasks, and the tasks that given data are.

The empirical risk of m samples (X, y), half the mean of (x^T theta - y)^2, is a quadratic: both directions are exact, so that a
method which sees data can be compared with what is computed from tasks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.inputs import real_array
from numerics.tasks import DiscreteTasks

Array = NDArray[np.float64]


def regression_tasks(features: Any, responses: Any, weights: Any = None) -> DiscreteTasks:
    """Tasks whose risks are the empirical ones of regression data: ½ mean (x^T theta - y)^2 over each task's samples.

    Parameters
    ----------
    features : array (n, m, p)
        m samples of each of n tasks.
    responses : array (n, m)
    weights : array (n,), optional
        Probabilities of the tasks; equal if not given.

    Returns
    -------
    DiscreteTasks
        Q = X^T X / m, the least-squares solution (of least norm) as optimum and the mean squared residual as noise.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> tasks = regression_tasks([[[1.0], [2.0]]], [[1.0, 3.0]])
    >>> tasks.hessians.tolist(), tasks.optima.round(12).tolist(), tasks.noise_variances.round(12).tolist()
    ([[[2.5]]], [[1.4]], [0.1])
    """
    features = real_array("features", features, 3, "(n, m, p)")
    responses = real_array("responses", responses, 2, "(n, m)")
    if features.shape[:2] != responses.shape or not features.size:
        raise ValueError(f"responses has shape {responses.shape}; with features of shape {features.shape} it must be (n, m)")
    for name, array in (("features", features), ("responses", responses)):
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
    number, samples = responses.shape
    hessians = features.swapaxes(1, 2) @ features / samples
    optima = np.array([np.linalg.lstsq(x, y, rcond=None)[0] for x, y in zip(features, responses, strict=True)])
    residuals = (features @ optima[..., None])[..., 0] - responses
    chances = np.full(number, 1 / number) if weights is None else weights
    return DiscreteTasks(chances, (hessians + hessians.swapaxes(1, 2)) / 2, optima, (residuals**2).mean(axis=1))


def regression_data(tasks: DiscreteTasks, samples: int, seed: int = 0) -> tuple[Array, Array]:
    """Regression data whose empirical risks are exactly those of `tasks`, up to rounding.

    Parameters
    ----------
    tasks : DiscreteTasks
    samples : int
        m of each task: at least p, and p + 1 where a task has noise.
    seed : int
        Of the random rotation; the moments do not depend on it.

    Returns
    -------
    features : array (n, m, p)
        With X^T X / m = Q.
    responses : array (n, m)
        X theta_gamma plus residuals that no feature explains, of mean square sigma^2.

    Raises
    ------
    TypeError, ValueError
        If tasks is no DiscreteTasks or samples is too small.

    Examples
    --------
    >>> import numerics as nx
    >>> tasks = nx.DiscreteTasks([1.0], [[[2.0]]], [[3.0]], 0.5)
    >>> again = regression_tasks(*regression_data(tasks, samples=4))
    >>> [array.round(12).ravel().tolist() for array in (again.hessians, again.optima, again.noise_variances)]
    [[2.0], [3.0], [0.5]]
    """
    if not isinstance(tasks, DiscreteTasks):
        raise TypeError(f"tasks is a {type(tasks).__name__}; it must be DiscreteTasks")
    number, dim = tasks.number, tasks.dimension
    least = dim + bool(np.any(tasks.noise_variances > 0))
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)) or samples < least:
        raise ValueError(f"samples is {samples!r}; it must be a whole number, for these tasks at least {least}")
    frames = np.random.default_rng(seed).standard_normal((number, samples, least))
    frames = np.linalg.qr(frames)[0] * np.sqrt(samples)  # orthogonal columns of mean square one
    eigenvalues, basis = np.linalg.eigh(tasks.hessians)
    roots = (basis * np.sqrt(np.maximum(eigenvalues, 0.0))[:, None, :]) @ basis.swapaxes(1, 2)
    features = frames[:, :, :dim] @ roots
    responses = (features @ tasks.optima[..., None])[..., 0]
    if least > dim:
        responses = responses + frames[:, :, dim] * np.sqrt(tasks.noise_variances)[:, None]
    return features, responses
