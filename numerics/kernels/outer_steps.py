"""Outer steps of gradient-based rules for many lanes at once: an inner loop of noisy steps, and what is made of its end.

An outer step asks its oracle for the mean of several calls at a time; request number g for a gradient uses the bits of place g,
request h for a Hessian those of place HESSIAN + h.  Additive noise is handed in; minibatches draw their terms here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from numerics.kernels import compiled
from numerics.kernels.lanes import add_gradients, add_products
from numerics.kernels.streams import HESSIAN, below, block, word
from numerics.kernels.terms import add_gradient, add_product

Array = NDArray[Any]

#: outer steps: exact hypergradient, gradient at the adapted point, displacement, and products replaced by differences
EXACT, FIRST_ORDER, DISPLACEMENT, DIFFERENCES = range(4)


class Algorithm(NamedTuple):
    """An inner loop, an outer step, and how often each asks the oracle.

    Parameters
    ----------
    outer : int
        Code of the outer step.
    rates : array (k,)
        Rates of the inner steps.
    spacing : float
        Half the distance of the points of a difference.
    calls : int
        Calls per gradient.
    samples : int
        Samples per Hessian--vector product.
    batch : int
        Tasks per update.
    """

    outer: int
    rates: Array
    spacing: float
    calls: int
    samples: int
    batch: int


@compiled
def sampled_gradients(
    terms: Any, tasks: Array, calls: int, key: Array, where: Array, place: int, scratch: Array, at: int, out: int, one: Array
) -> None:
    """Minibatches: the mean gradient of `calls` drawn terms of each lane, times their number, added to row `out`."""
    rows, residuals, pieces, own = terms
    p, count = one.shape[1], rows.shape[1]
    for i in range(tasks.shape[0]):
        for c in range(p):
            one[0, c] = scratch[at + c, i]
            one[1, c] = 0.0
        for call in range(calls):
            words = block(key[0], key[1], where[0, i], where[1, i], where[2, i], place, call // 4)
            begin = below(word(words, call % 4), count)
            add_gradient(rows, residuals, pieces, own, tasks[i], begin, begin + 1, one, 0, count / calls, one, 1)
        for c in range(p):
            scratch[out + c, i] += one[1, c]


@compiled
def sampled_products(
    terms: Any, tasks: Array, samples: int, key: Array, where: Array, place: int, scratch: Array, at: int, line: int, out: int,
    one: Array,
) -> None:  # fmt: skip
    """Minibatches: as :func:`sampled_gradients`, of the products with the vectors of row `line`."""
    rows, residuals, pieces, own = terms
    p, count = one.shape[1], rows.shape[1]
    for i in range(tasks.shape[0]):
        for c in range(p):
            one[0, c] = scratch[at + c, i]
            one[1, c] = 0.0
            one[2, c] = scratch[line + c, i]
        for call in range(samples):
            words = block(key[0], key[1], where[0, i], where[1, i], where[2, i], place, call // 4)
            begin = below(word(words, call % 4), count)
            add_product(rows, residuals, pieces, own, tasks[i], begin, begin + 1, one, 0, one, 2, count / samples, one, 1)
        for c in range(p):
            scratch[out + c, i] += one[1, c]


@compiled
def clear(scratch: Array, row: int, p: int, count: int) -> None:
    """Make the vectors of a row zero."""
    for c in range(row, row + p):
        for i in range(count):
            scratch[c, i] = 0.0


@compiled
def combine(scratch: Array, out: int, first: int, factor: float, second: int, p: int, count: int) -> None:
    """Row `out` becomes row `first` plus `factor` times row `second`."""
    for c in range(p):
        for i in range(count):
            scratch[out + c, i] = scratch[first + c, i] + factor * scratch[second + c, i]


@compiled
def outer_steps(
    terms: Any, kinds: Array, coefficients: Array, tasks: Array, algorithm: Any, told: Any, key: Array, where: Array,
    scratch: Array, work: Array, one: Array,
) -> int:  # fmt: skip
    """Outer steps of all lanes from the points in the first rows of the scratch; the row where they stand is returned.

    Parameters
    ----------
    terms, kinds : Terms, array (m,)
        The risks, and the kinds of their profiles.
    coefficients : array (m, width, lanes)
        Rows of the lanes' tasks; tasks (lanes,) are read for minibatches alone.
    algorithm : Algorithm
        What is run.
    told : (bool, bool, bool, array, array, int)
        Whether terms are drawn, whether gradients and Hessians are noisy, the noise of all requests (rows, entries), of which
        entry each lane reads (lanes,), and what is added to that.
    key, where
        Of the bits of minibatches.
    scratch : array ((k + 5) p, lanes)
        Inner path, outer step, its work, a shifted point and the gradient there.
    work, one : arrays
        Of :mod:`numerics.kernels.lanes`, and (3, p).
    """
    _, residuals, pieces, own = terms
    outer, rates, spacing, calls, samples, _ = algorithm
    minibatch, noisy, bent, noise, source, shift = told
    p, steps, count = one.shape[1], rates.shape[0], tasks.shape[0]
    shape = (residuals, pieces, p)
    vector, product, shifted = (steps + 1) * p, (steps + 2) * p, (steps + 3) * p
    asked = steps + (0 if outer == DISPLACEMENT else 1)
    for j in range(asked):
        clear(scratch, vector, p, count)
        if minibatch:
            sampled_gradients(terms, tasks, calls, key, where, j, scratch, j * p, vector, one)
        else:
            add_gradients(coefficients, kinds, shape, own, scratch, j * p, 1.0, vector, work, count)
        if noisy:
            for c in range(p):
                for i in range(count):
                    scratch[vector + c, i] += noise[j * p + c, shift + source[i]]
        if j < steps:
            combine(scratch, (j + 1) * p, j * p, -rates[j], vector, p, count)
    if outer == DISPLACEMENT:
        combine(scratch, vector, 0, -1.0, steps * p, p, count)
        return vector
    if outer == FIRST_ORDER:
        return vector
    for h in range(steps):
        j = steps - 1 - h
        clear(scratch, product, p, count)
        if outer == EXACT:
            if bent:
                # a diagonal matrix of independent entries disturbs the Hessian
                for c in range(p):
                    for i in range(count):
                        scratch[product + c, i] = noise[(asked + h) * p + c, shift + source[i]] * scratch[vector + c, i]
            if minibatch:
                sampled_products(terms, tasks, samples, key, where, HESSIAN + h, scratch, j * p, vector, product, one)
            else:
                add_products(coefficients, kinds, shape, own, scratch, j * p, vector, product, work, count)
        else:
            # both ends of a difference see the same data, in which additive noise cancels
            for side in range(2):
                sign = 1.0 - 2.0 * side
                combine(scratch, shifted, j * p, sign * spacing, vector, p, count)
                part = sign / (2.0 * spacing)
                if minibatch:
                    clear(scratch, shifted + p, p, count)
                    sampled_gradients(terms, tasks, samples, key, where, HESSIAN + h, scratch, shifted, shifted + p, one)
                    combine(scratch, product, product, part, shifted + p, p, count)
                else:
                    add_gradients(coefficients, kinds, shape, own, scratch, shifted, part, product, work, count)
        combine(scratch, vector, vector, -rates[j], product, p, count)
    return vector
