"""Coverage functions of several tasks and what maximises them, by exhausting sets.

A task covers items: ``covers[v]`` lists 0 or 1 for every item of element v, ``weights`` what the items are worth.

>>> task = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], [1, 1, 1]
>>> meta_value([task], {0}, 1) + meta_value([task], {1}, 1), meta_value([task], {0, 1}, 1) + meta_value([task], set(), 1)
(4, 5)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, combinations, product
from typing import Any

#: covers[element][item] and weights[item]
Task = tuple[Sequence[Sequence[int]], Sequence[Any]]


def value(task: Task, chosen: Collection[int]) -> Any:
    """The worth of what a set of elements covers."""
    covers, weights = task
    return sum((w for item, w in enumerate(weights) if any(covers[v][item] for v in chosen)), 0 * weights[0])


def total(tasks: Iterable[Task], chosen: Collection[int]) -> Any:
    """Sum of the tasks' values: what joint training maximises."""
    return sum(value(task, chosen) for task in tasks)


def sets(elements: int, largest: int) -> Iterator[frozenset[int]]:
    """All sets of at most so many elements.

    Examples
    --------
    >>> len(list(sets(4, 2)))
    11
    """
    ground = range(elements)
    return map(frozenset, chain.from_iterable(combinations(ground, size) for size in range(largest + 1)))


def meta_value(tasks: Sequence[Task], chosen: Collection[int], own: int) -> Any:
    """F(S): every task adds the at most `own` elements that are best for it."""
    elements = len(tasks[0][0])
    return sum(max(value(task, {*chosen, *extra}) for extra in sets(elements, own)) for task in tasks)


def best_value(tasks: Sequence[Task], shared: int, own: int) -> Any:
    """The largest F(S) over sets of at most `shared` elements."""
    return max(meta_value(tasks, chosen, own) for chosen in sets(len(tasks[0][0]), shared))


def violation(tasks: Sequence[Task], own: int) -> Any:
    """Largest F(S+x+y) + F(S) - F(S+x) - F(S+y), positive iff F is not submodular.

    Raises
    ------
    ValueError
        If there are fewer than two elements.
    """
    elements = len(tasks[0][0])
    if elements < 2:
        raise ValueError(f"there are {elements} elements; submodularity compares two, there must be at least 2")
    known = {chosen: meta_value(tasks, chosen, own) for chosen in sets(elements, elements)}
    return max(
        known[s | {x, y}] + known[s] - known[s | {x}] - known[s | {y}]
        for s in known
        for x, y in combinations(set(range(elements)) - s, 2)
    )


def greedy_ends(functions: Sequence[Task], start: frozenset[int], steps: int) -> set[frozenset[int]]:
    """Every set that greedy maximisation of the functions' sum can end in, whatever way ties are broken."""
    ends = {start}
    for _ in range(steps):
        after: set[frozenset[int]] = set()
        for chosen in ends:
            values = {v: total(functions, chosen | {v}) for v in range(len(functions[0][0]))}
            after |= {chosen | {v} for v, reached in values.items() if reached == max(values.values())}
        ends = after
    return ends


def shared_first(tasks: Sequence[Task], shared: int, own: int) -> Any:
    """Joint training, greedily, then exact adaptation: the least value over ways of breaking ties."""
    return min(meta_value(tasks, chosen, own) for chosen in greedy_ends(tasks, frozenset(), shared))


def both_greedy(tasks: Sequence[Task], shared: int, own: int, own_first: bool) -> Any:
    """Two greedy stages in either order: the least value over ways of breaking ties."""
    if not own_first:
        return min(
            sum(min(value(task, end) for end in greedy_ends([task], chosen, own)) for task in tasks)
            for chosen in greedy_ends(tasks, frozenset(), shared)
        )
    found = []
    for parts in product(*(greedy_ends([task], frozenset(), own) for task in tasks)):
        # a task that has its own part sees what is left
        rest = [_without(task, part) for task, part in zip(tasks, parts, strict=True)]
        base = sum(value(task, part) for task, part in zip(tasks, parts, strict=True))
        found += [base + total(rest, chosen) for chosen in greedy_ends(rest, frozenset(), shared)]
    return min(found)


def _without(task: Task, part: Collection[int]) -> Task:
    covers, weights = task
    left = [0 * w if any(covers[v][item] for v in part) else w for item, w in enumerate(weights)]
    return covers, left
