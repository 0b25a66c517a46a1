"""Moments derived by theory, evaluated on arrays: expectations of matrix words over finitely many tasks, in floats.

:mod:`theory.task_averages` does the same in exact fields, which for more than a dozen tasks of a user's own takes minutes;
here the words are theory's and the arithmetic is NumPy's, for any number of distributions at a time (leading axes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.scores import RING
from theory.words import GENERAL, Words

Array = NDArray[np.float64]


def averaged(words: Words, letters: Mapping[str, Array], values: Mapping[Any, Any], probabilities: Array) -> Array:
    """Expectation of words over tasks.

    Parameters
    ----------
    words : theory.words.Words
        With coefficients in :data:`theory.scores.RING`.
    letters : mapping
        Letter to its matrices, (..., n, p, p), or (..., 1, p, p) if all tasks share it.
    values : mapping
        Generators of the ring to numbers, or to arrays (..., n) for what belongs to a task.
    probabilities : array (..., n)

    Returns
    -------
    array (..., p, p)

    Examples
    --------
    >>> from theory.scores import Joint, mean_curvature
    >>> letters = {"Q": np.array([[[1.0]], [[3.0]]])}
    >>> averaged(mean_curvature(Joint()), letters, {}, np.array([0.5, 0.5]))
    array([[2.]])
    """
    given = dict(letters) | {name.lower(): letters[name].swapaxes(-1, -2) for name in GENERAL & set(letters)}
    size = next(iter(given.values())).shape[-1]
    products: dict[str, Array] = {"": np.eye(size)[None]}
    traces: dict[str, Array] = {}

    def product(word: str) -> Array:
        if word not in products:
            products[word] = product(word[:-1]) @ given[word[-1]]
        return products[word]

    def trace(word: str) -> Array:
        if word not in traces:
            traces[word] = np.trace(product(word), axis1=-2, axis2=-1)
        return traces[word]

    scales: dict[str, Any] = {}
    for (loops, word), coefficient in words.terms.items():
        value = _coefficient(coefficient, values)
        for loop in loops:
            value = value * trace(loop)
        scales[word] = scales.get(word, 0.0) + value
    total: Any = 0.0
    for word, scale in scales.items():
        total = total + ((probabilities * scale)[..., None, None] * product(word)).sum(axis=-3)
    return np.asarray(total)


def _coefficient(coefficient: Any, values: Mapping[Any, Any]) -> Any:
    total: Any = 0.0
    for exponents, number in RING(coefficient).terms():
        term: Any = float(number)
        for generator, exponent in zip(RING.gens, exponents, strict=True):
            if exponent:
                term = term * values[generator] ** exponent
        total = total + term
    return total
