r"""Submodular meta-learning: a shared part of a set chosen for all tasks, the rest by each task itself.

Tasks are monotone submodular functions f_i on one ground set, f_i of the empty set being zero.  A set S of at most l elements
is shared; each task then adds at most a elements of its own, so that the meta-objective is

.. math::  F(S) = \sum_i \max_{|T|\le a} f_i(S\cup T).

Two sizes of instance: *tables* of all 2^V values (arrays with leading axes, exact where values are small integers), in which
adaptation and ties are exhausted; and :class:`Coverage` functions of any size, maximised greedily, lazily or exactly.

`adibi-2020` (2007.05852) poses the problem; what its algorithms guarantee is judged in :mod:`theory.bounds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.inputs import stack
from numerics.kernels import set_functions as kernels

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

#: largest ground set of a table: a million subsets
LARGEST_TABLE = 20


# --------------------------------------------------------------------------------------------------------------- tables


def coverage_tables(covers: Any, weights: Any) -> Array:
    """Tables of weighted coverage functions.

    Parameters
    ----------
    covers : array of 0 and 1 (..., m, V, b)
        Which of b items each of V elements covers, for each of m tasks.
    weights : array (..., m, b)
        Weights of the items, not negative.

    Returns
    -------
    array (..., m, 2^V)
        f_i(S) at the position whose binary digits are S.

    Raises
    ------
    ValueError
        If an entry of `covers` is not 0 or 1, a weight is negative or not finite, or V exceeds :data:`LARGEST_TABLE`.

    Examples
    --------
    >>> coverage_tables([[[1, 0], [1, 1]]], [[2.0, 3.0]]).tolist()
    [[0.0, 2.0, 5.0, 5.0]]
    """
    flags, worth = np.asarray(covers), np.asarray(weights, dtype=np.float64)
    if flags.dtype.kind not in "biuf" or not np.all((flags == 0) | (flags == 1)):
        raise ValueError("covers has an entry that is neither 0 nor 1; it must be (..., m, V, b), zeros and ones")
    if flags.ndim < 3 or worth.shape != (*flags.shape[:-2], flags.shape[-1]):
        raise ValueError(f"weights has shape {worth.shape}; with covers of shape {flags.shape} it must be (..., m, b)")
    if not np.all(np.isfinite(worth) & (worth >= 0)):
        wrong = worth[~(worth >= 0) | np.isinf(worth)][0]
        raise ValueError(f"weights has the entry {wrong}; it must be finite and not negative")
    _ground(1 << flags.shape[-2])
    lead = flags.shape[:-3]
    flat = np.ascontiguousarray(flags, dtype=np.int64).reshape((-1, *flags.shape[-3:]))
    out = np.empty((*flat.shape[:2], 1 << flags.shape[-2]))
    kernels.coverage_tables(flat, np.ascontiguousarray(worth).reshape((-1, *worth.shape[-2:])), out)
    return out.reshape((*lead, *out.shape[1:]))


def _ground(subsets: int) -> int:
    ground = subsets.bit_length() - 1
    if subsets != 1 << ground or ground > LARGEST_TABLE:
        raise ValueError(f"tables has {subsets} values; it must have 2^V of them with V at most {LARGEST_TABLE}")
    return ground


def _flat(tables: Any) -> tuple[Array, tuple[int, ...], int]:
    array = stack("tables", tables, "m 2^V", {}, rows=True)
    return np.ascontiguousarray(array).reshape((-1, *array.shape[-2:])), array.shape[:-2], _ground(array.shape[-1])


def _counts(name: str, value: Any, batch: int, ground: int) -> Integers:
    counts = np.asarray(value)
    if counts.dtype.kind not in "iuf" or not np.all((counts >= 0) & (counts <= ground) & (counts == np.floor(counts))):
        raise ValueError(f"{name} is {value!r}; it must be a whole number from 0 to the number of elements, {ground}")
    return np.ascontiguousarray(np.broadcast_to(counts.ravel() if counts.ndim else counts, (batch,)), dtype=np.int64)


def meta_objective(tables: Any, own: Any) -> Array:
    """F(S) for every S, with exact adaptation by at most `own` further elements: (..., m, 2^V) -> (..., 2^V).

    Examples
    --------
    Elements that cover {1}, {2}, {3} and {1, 2}; the objective of one own element is not submodular:

    >>> tables = coverage_tables([[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]], [[1, 1, 1]])
    >>> objective = meta_objective(tables, 1)
    >>> objective[0b01] + objective[0b10], objective[0b11] + objective[0b00]
    (np.float64(4.0), np.float64(5.0))
    """
    flat, lead, ground = _flat(tables)
    out = np.empty((len(flat), flat.shape[-1]))
    kernels.adapted_tables(flat, ground, _counts("own", own, len(flat), ground), out)
    return out.reshape((*lead, out.shape[-1]))


def submodularity_violation(table: Any) -> Array:
    """Largest f(S+x+y) + f(S) - f(S+x) - f(S+y), at most zero iff f is submodular: (..., 2^V) -> (...).

    Examples
    --------
    >>> float(submodularity_violation([0.0, 1.0, 1.0, 3.0]))
    1.0
    """
    array = stack("table", table, "2^V", {})
    ground = _ground(array.shape[-1])
    flat = np.ascontiguousarray(array).reshape((-1, array.shape[-1]))
    out = np.empty(len(flat))
    kernels.largest_complement(flat, ground, out)
    return out.reshape(array.shape[:-1])


def best_value(tables: Any, shared: Any, own: Any) -> Array:
    """max F(S) over sets of at most `shared` elements: (..., m, 2^V) -> (...)."""
    flat, lead, ground = _flat(tables)
    objective = meta_objective(flat, _counts("own", own, len(flat), ground))
    size = np.array([subset.bit_count() for subset in range(flat.shape[-1])])
    allowed = size <= _counts("shared", shared, len(flat), ground)[:, None]
    return np.where(allowed, objective, -np.inf).max(axis=-1).reshape(lead)


def shared_first_value(tables: Any, shared: Any, own: Any) -> Array:
    """F of the set that joint training finds greedily, adapted exactly, the worst way of breaking ties: -> (...).

    With one shared element this is joint training followed by exact adaptation.

    Examples
    --------
    >>> tables = coverage_tables([[[1, 0, 0], [0, 0, 1], [1, 1, 0], [0, 0, 0]], [[1, 0, 0], [0, 0, 1], [0, 0, 0], [1, 1, 0]]],
    ...                          [[1, 1, 1], [1, 1, 1]])
    >>> float(shared_first_value(tables, 1, 1)), float(best_value(tables, 1, 1))
    (4.0, 6.0)
    """
    flat, lead, ground = _flat(tables)
    out = np.empty(len(flat))
    common, further = _counts("shared", shared, len(flat), ground), _counts("own", own, len(flat), ground)
    kernels.shared_first(flat, ground, common, further, out)
    return out.reshape(lead)


def greedy_value(tables: Any, shared: Any, own: Any, *, own_first: bool = False) -> Array:
    """Value of two greedy stages, shared elements and each task's own, the worst way of breaking ties: -> (...).

    Parameters
    ----------
    tables : array (..., m, 2^V)
        Monotone functions.
    shared, own : int or array (...)
        Numbers of elements l and a.
    own_first : bool
        Whether every task chooses its own elements first, and the shared ones are chosen on top of them.

    Examples
    --------
    Two elements that cover the same item in both tasks, and one for each task's other item:

    >>> tables = coverage_tables([[[1, 0], [1, 0], [0, 1], [0, 0]], [[1, 0], [1, 0], [0, 0], [0, 1]]], [[1, 1], [1, 1]])
    >>> float(greedy_value(tables, 1, 1)), float(greedy_value(tables, 1, 1, own_first=True))
    (4.0, 3.0)
    """
    flat, lead, ground = _flat(tables)
    out = np.empty(len(flat))
    common, further = _counts("shared", shared, len(flat), ground), _counts("own", own, len(flat), ground)
    kernels.both_greedy(flat, ground, common, further, own_first, out)
    return out.reshape(lead)


# ---------------------------------------------------------------------------------------------------- functions of any size


@dataclass(frozen=True)
class Selection:
    """Elements chosen one after another.

    Attributes
    ----------
    chosen : array (k,)
        The elements.
    value : float
        f of them, together with those that were given.
    evaluations : int
        Gains evaluated, or nodes visited by an exact maximisation.
    """

    chosen: Integers
    value: float
    evaluations: int


class SearchTooLong(ArithmeticError):
    """An exact maximisation reached its limit of nodes."""


class Coverage:
    """A weighted coverage function: the worth of a set of elements is the weight of the items that it covers.

    Parameters
    ----------
    covers : sequence of integer arrays
        Items that each element covers, from 0 to b - 1, without repetition.
    weights : array (b,)
        Weights of the items, finite and not negative.

    Raises
    ------
    ValueError, TypeError
        If an item is out of range or repeated, or a weight is negative or not finite.

    Examples
    --------
    >>> function = Coverage([[0, 1], [1, 2], [3]], [1.0, 1.0, 1.0, 5.0])
    >>> function.value([0, 1]), function.greedy(2).chosen.tolist(), function.maximum(2).value
    (3.0, [2, 0], 7.0)
    """

    def __init__(self, covers: Sequence[Any], weights: Any) -> None:
        worth = np.asarray(weights, dtype=np.float64)
        if worth.ndim != 1 or not np.all(np.isfinite(worth) & (worth >= 0)):
            raise ValueError(f"weights has shape {worth.shape}; it must be (b,), with finite entries that are not negative")
        lists = [np.asarray(items) for items in covers]
        if any(items.size and items.dtype.kind not in "iu" for items in lists):
            raise TypeError("covers holds an item that is not an integer; items are numbers from 0 to b - 1")
        for element, items in enumerate(lists):
            if items.size and (items.min() < 0 or items.max() >= len(worth) or len(np.unique(items)) < items.size):
                valid = f"it must be distinct numbers from 0 to {len(worth) - 1}"
                raise ValueError(f"covers[{element}] is {items.tolist()}; {valid}")
        self._starts = np.concatenate([[0], np.cumsum([items.size for items in lists])]).astype(np.int64)
        self._items = np.concatenate([*lists, np.empty(0, np.int64)]).astype(np.int64)
        self._weights = worth

    @classmethod
    def stacked(cls, functions: Sequence[Coverage]) -> Coverage:
        """The sum of functions on one ground set: what joint training maximises.

        Raises
        ------
        ValueError
            If there are none, or their ground sets differ in size.
        """
        grounds = {function.elements for function in functions}
        if len(grounds) != 1:
            raise ValueError(f"functions have ground sets of sizes {sorted(grounds)}; they must have one in common")
        shifts = np.concatenate([[0], np.cumsum([function._weights.size for function in functions])])
        owners = [np.repeat(np.arange(function.elements), np.diff(function._starts)) for function in functions]
        items = np.concatenate([function._items + shift for function, shift in zip(functions, shifts, strict=False)])
        order = np.argsort(np.concatenate(owners), kind="stable")
        total = object.__new__(cls)
        total._starts = np.sum([function._starts for function in functions], axis=0)
        total._items = items[order]
        total._weights = np.concatenate([function._weights for function in functions])
        return total

    @property
    def elements(self) -> int:
        """Number of elements V."""
        return len(self._starts) - 1

    def _counts(self, given: Any) -> Integers:
        counts = np.zeros(len(self._weights), np.int64)
        for element in self._checked("given", given):
            kernels.shift_counts(self._starts, self._items, counts, element, 1)
        return counts

    def _checked(self, name: str, elements: Any) -> Integers:
        array = np.asarray(elements)
        if array.size and (array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= self.elements):
            raise ValueError(f"{name} is {elements!r}; its entries must be elements, integers from 0 to {self.elements - 1}")
        return array.astype(np.int64).ravel()

    def _number(self, number: Any) -> int:
        if not isinstance(number, int | np.integer) or not 0 <= number <= self.elements:
            raise ValueError(f"number is {number!r}; it must be a whole number of elements, from 0 to {self.elements}")
        return int(number)

    def value(self, elements: Any) -> float:
        """f of a set of elements."""
        return float(self._weights[self._counts(self._checked("elements", elements)) > 0].sum())

    def greedy(self, number: int, *, given: Any = (), lazy: bool = True) -> Selection:
        """Add `number` elements to those given, each time one of largest gain, the first one of a tie.

        Lazily, a gain is evaluated again only while its former value, an upper bound by submodularity, is the largest; the
        choice is the same.
        """
        counts = self._counts(given)
        chosen, gains = np.empty(self._number(number), np.int64), np.empty(number)
        loop = kernels.lazy_greedy if lazy else kernels.greedy
        evaluations = loop(self._starts, self._items, self._weights, counts, chosen, gains)
        return Selection(chosen, float(self._weights[counts > 0].sum()), int(evaluations))

    def maximum(self, number: int, *, given: Any = (), nodes: int = 10_000_000) -> Selection:
        """The best set of at most `number` elements beyond those given, by branch and bound from the greedy solution.

        Raises
        ------
        SearchTooLong
            If `nodes` nodes do not suffice.
        """
        start = self.greedy(number, given=given)
        counts = self._counts(given)
        covered = float(self._weights[counts > 0].sum())
        lone = np.array([kernels.gain(self._starts, self._items, self._weights, counts, v) for v in range(self.elements)])
        order = np.argsort(-lone, kind="stable")
        ordered = Coverage([self._items[self._starts[v] : self._starts[v + 1]] for v in order], self._weights)
        chosen = np.full(self._number(number), -1, np.int64)
        floor = start.value - covered
        gained, visited = kernels.exact_maximum(
            ordered._starts, ordered._items, ordered._weights, counts, chosen, floor, int(nodes)
        )
        if visited > nodes:
            raise SearchTooLong(f"nodes is {nodes}; the best {number} of {self.elements} elements take more to be found")
        found = start.chosen if gained <= floor else order[chosen[chosen >= 0]]
        return Selection(found, self.value([*self._checked("given", given), *found]), int(visited))


def share_then_adapt(functions: Sequence[Coverage], shared: int, own: int) -> tuple[Selection, list[Selection]]:
    """Choose `shared` elements greedily for the sum, then `own` ones greedily for each task.

    Returns
    -------
    shared part, each task's own part
        The value of the first is that of the sum, the value of another that of its task with both parts.

    Examples
    --------
    >>> tasks = [Coverage([[0], [1], []], [1.0, 1.0]), Coverage([[0], [], [1]], [1.0, 1.0])]
    >>> first, others = share_then_adapt(tasks, 1, 1)
    >>> first.chosen.tolist(), [part.chosen.tolist() for part in others]
    ([0], [[1], [2]])
    """
    first = Coverage.stacked(functions).greedy(shared)
    return first, [function.greedy(own, given=first.chosen) for function in functions]


def adapt_then_share(functions: Sequence[Coverage], shared: int, own: int) -> tuple[Selection, list[Selection]]:
    """Choose `own` elements greedily for each task, then `shared` ones greedily for the sum on top of them.

    Returns
    -------
    shared part, each task's own part
        The value of the first is that of the sum with both parts.
    """
    parts = [function.greedy(own) for function in functions]
    # what a task covers already is worth nothing any more
    rest = []
    for function, part in zip(functions, parts, strict=True):
        left = object.__new__(Coverage)
        left._starts, left._items = function._starts, function._items
        left._weights = np.where(function._counts(part.chosen) > 0, 0.0, function._weights)
        rest.append(left)
    total = Coverage.stacked(rest).greedy(shared)
    whole = sum(function.value([*part.chosen, *total.chosen]) for function, part in zip(functions, parts, strict=True))
    return Selection(total.chosen, float(whole), total.evaluations), parts
