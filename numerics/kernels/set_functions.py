"""Set functions: tables of all subsets of a small ground set, and coverage functions of a large one.

A table holds f(S) at the position whose binary digits are the elements of S, so that V elements take 2^V entries.  A coverage
function is a compressed list: element v covers the items ``items[starts[v] : starts[v + 1]]``, and a set is worth the weight of
what it covers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@compiled
def coverage_tables(covers: Integers, weights: Array, out: Array) -> None:
    """Tables of coverage functions: covers (B, m, V, b) of zeros and ones, weights (B, m, b), out (B, m, 2^V)."""
    batch, tasks, ground, universe = covers.shape
    covered = np.empty(universe, np.bool_)
    for b in range(batch):
        for i in range(tasks):
            for subset in range(1 << ground):
                covered[:] = False
                for v in range(ground):
                    if subset >> v & 1:
                        for item in range(universe):
                            if covers[b, i, v, item] != 0:
                                covered[item] = True
                total = 0.0
                for item in range(universe):
                    if covered[item]:
                        total += weights[b, i, item]
                out[b, i, subset] = total


@compiled
def raise_by_additions(table: Array, ground: int, additions: int) -> None:
    """In place: f(S) becomes the largest f(S + T) over sets T of at most that many elements; f is monotone."""
    for _ in range(additions):
        # larger subsets still hold the values of the round before when S is visited in ascending order
        for subset in range(1 << ground):
            best = table[subset]
            for v in range(ground):
                best = max(best, table[subset | 1 << v])
            table[subset] = best


@compiled
def adapted_tables(tables: Array, ground: int, additions: Integers, out: Array) -> None:
    """F(S), the sum over tasks of the best f_i(S + T), |T| <= additions[b]: tables (B, m, 2^V), out (B, 2^V)."""
    batch, tasks, subsets = tables.shape
    own = np.empty(subsets)
    for b in range(batch):
        out[b, :] = 0.0
        for i in range(tasks):
            own[:] = tables[b, i]
            raise_by_additions(own, ground, additions[b])
            for subset in range(subsets):
                out[b, subset] += own[subset]


@compiled
def largest_complement(tables: Array, ground: int, out: Array) -> None:
    """Largest f(S+x+y) + f(S) - f(S+x) - f(S+y) over S and x, y outside it, per table: tables (B, 2^V), out (B,)."""
    for b in range(tables.shape[0]):
        worst = -np.inf
        for subset in range(1 << ground):
            for x in range(ground):
                for y in range(x):
                    if not subset >> x & 1 and not subset >> y & 1:
                        with_x, with_y = subset | 1 << x, subset | 1 << y
                        gap = tables[b, with_x | with_y] + tables[b, subset] - tables[b, with_x] - tables[b, with_y]
                        worst = max(worst, gap)
        out[b] = worst


@compiled
def greedy_reach(table: Array, ground: int, steps: int, reached: Flags) -> None:
    """In place: from the sets flagged, those that greedy additions can reach in so many steps, ties broken in any way."""
    for _ in range(steps):
        for subset in range((1 << ground) - 1, -1, -1):  # descending: additions lie above and have been visited
            if not reached[subset]:
                continue
            best = table[subset]
            for v in range(ground):
                best = max(best, table[subset | 1 << v])
            reached[subset] = False
            for v in range(ground):
                if table[subset | 1 << v] == best:
                    reached[subset | 1 << v] = True


@compiled
def shared_first(tables: Array, ground: int, shared: Integers, own: Integers, out: Array) -> None:
    """Least F(S) over the sets S that greedy maximisation of the mean can end in: tables (B, m, 2^V), out (B,)."""
    batch, tasks, subsets = tables.shape
    joint = np.empty(subsets)
    reached = np.empty(subsets, np.bool_)
    adapted = np.empty((1, subsets))
    for b in range(batch):
        joint[:] = 0.0
        for i in range(tasks):
            for subset in range(subsets):
                joint[subset] += tables[b, i, subset]
        reached[:] = False
        reached[0] = True
        greedy_reach(joint, ground, shared[b], reached)
        adapted_tables(tables[b : b + 1], ground, own[b : b + 1], adapted)
        worst = np.inf
        for subset in range(subsets):
            if reached[subset]:
                worst = min(worst, adapted[0, subset])
        out[b] = worst


@compiled
def both_greedy(tables: Array, ground: int, shared: Integers, own: Integers, own_first: bool, out: Array) -> None:
    """Least value that two greedy stages can end in, ties broken in any way: tables (B, m, 2^V), out (B,).

    The stages are the shared elements and then each task's own, or with `own_first` the other way round.
    """
    batch, tasks, subsets = tables.shape
    joint = np.empty(subsets)
    reached = np.empty(subsets, np.bool_)
    ends = np.empty((tasks, subsets), np.int64)
    number = np.empty(tasks, np.int64)
    place = np.empty(tasks, np.int64)
    for b in range(batch):
        worst = np.inf
        if own_first:
            for i in range(tasks):
                reached[:] = False
                reached[0] = True
                greedy_reach(tables[b, i], ground, own[b], reached)
                number[i] = 0
                for subset in range(subsets):
                    if reached[subset]:
                        ends[i, number[i]] = subset
                        number[i] += 1
            place[:] = 0
            running = True
            while running:  # every combination of the tasks' ends
                for subset in range(subsets):
                    joint[subset] = 0.0
                    for i in range(tasks):
                        joint[subset] += tables[b, i, subset | ends[i, place[i]]]
                reached[:] = False
                reached[0] = True
                greedy_reach(joint, ground, shared[b], reached)
                for subset in range(subsets):
                    if reached[subset]:
                        worst = min(worst, joint[subset])
                running = False
                for i in range(tasks):
                    place[i] += 1
                    if place[i] < number[i]:
                        running = True
                        break
                    place[i] = 0
        else:
            joint[:] = 0.0
            for i in range(tasks):
                for subset in range(subsets):
                    joint[subset] += tables[b, i, subset]
            reached[:] = False
            reached[0] = True
            greedy_reach(joint, ground, shared[b], reached)
            starts = reached.copy()
            for start in range(subsets):
                if not starts[start]:
                    continue
                total = 0.0
                for i in range(tasks):
                    reached[:] = False
                    reached[start] = True
                    greedy_reach(tables[b, i], ground, own[b], reached)
                    least = np.inf
                    for subset in range(subsets):
                        if reached[subset]:
                            least = min(least, tables[b, i, subset])
                    total += least
                worst = min(worst, total)
        out[b] = worst


# ---------------------------------------------------------------------------------------------------- large coverage functions


@compiled
def gain(starts: Integers, items: Integers, weights: Array, counts: Integers, element: int) -> float:
    """Weight of what an element covers beyond the items with a count."""
    total = 0.0
    for position in range(starts[element], starts[element + 1]):
        if counts[items[position]] == 0:
            total += weights[items[position]]
    return total


@compiled
def shift_counts(starts: Integers, items: Integers, counts: Integers, element: int, by: int) -> None:
    """Count an element's items once more (by = 1) or once less (by = -1)."""
    for position in range(starts[element], starts[element + 1]):
        counts[items[position]] += by


@compiled
def greedy(starts: Integers, items: Integers, weights: Array, counts: Integers, chosen: Integers, gains: Array) -> int:
    """Fill `chosen` with the element of largest gain, the first one of a tie, time after time; returns the gains evaluated."""
    ground = starts.shape[0] - 1
    for step in range(chosen.shape[0]):
        best, best_gain = 0, -1.0
        for v in range(ground):
            found = gain(starts, items, weights, counts, v)
            if found > best_gain:
                best, best_gain = v, found
        chosen[step] = best
        gains[step] = best_gain
        shift_counts(starts, items, counts, best, 1)
    return ground * chosen.shape[0]


@compiled
def before(keys: Array, left: int, right: int) -> bool:
    """Whether an element comes before another: a larger gain, or the same gain and a smaller number."""
    return keys[left] > keys[right] or (keys[left] == keys[right] and left < right)


@compiled
def sink(heap: Integers, keys: Array, size: int, place: int) -> None:
    """Restore a heap of elements below one whose key has fallen."""
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and before(keys, heap[child + 1], heap[child]):
            child += 1
        if not before(keys, heap[child], heap[place]):
            return
        heap[child], heap[place] = heap[place], heap[child]
        place = child


@compiled
def lazy_greedy(starts: Integers, items: Integers, weights: Array, counts: Integers, chosen: Integers, gains: Array) -> int:
    """As :func:`greedy`, evaluating a gain again only while its old value, an upper bound, leads the heap."""
    ground = starts.shape[0] - 1
    heap = np.arange(ground)
    keys = np.empty(ground)
    fresh = np.zeros(ground, np.int64)
    for v in range(ground):
        keys[v] = gain(starts, items, weights, counts, v)
    for place in range(ground // 2 - 1, -1, -1):
        sink(heap, keys, ground, place)
    evaluations = ground
    for step in range(chosen.shape[0]):
        while fresh[heap[0]] < step:
            keys[heap[0]] = gain(starts, items, weights, counts, heap[0])
            fresh[heap[0]] = step
            evaluations += 1
            sink(heap, keys, ground, 0)
        best = heap[0]
        chosen[step] = best
        gains[step] = keys[best]
        shift_counts(starts, items, counts, best, 1)
        keys[best] = 0.0
        fresh[best] = step + 1
        sink(heap, keys, ground, 0)
    return evaluations


@compiled
def largest_sum(values: Array, first: int, number: int) -> float:
    """Sum of the `number` largest positive values from a position on; reorders them."""
    total = 0.0
    for step in range(min(number, values.shape[0] - first)):
        best = first + step
        for v in range(first + step + 1, values.shape[0]):
            if values[v] > values[best]:
                best = v
        values[first + step], values[best] = values[best], values[first + step]
        if values[first + step] <= 0.0:
            break
        total += values[first + step]
    return total


@compiled
def exact_maximum(
    starts: Integers, items: Integers, weights: Array, counts: Integers, chosen: Integers, floor: float, budget: int
) -> tuple[float, int]:
    """Branch and bound for the best set of at most ``len(chosen)`` elements beyond what is counted.

    Elements enter in ascending order; a branch is left when its value plus the largest gains that remain cannot exceed the best
    value found, at first `floor`.  Returns the best gain beyond the counted items and the nodes visited, more than `budget`
    where it gave up; `chosen` is left as it is where nothing exceeds `floor`.
    """
    ground, size = starts.shape[0] - 1, chosen.shape[0]
    path = np.empty(size, np.int64)
    values = np.zeros(size + 1)
    gains = np.empty(ground)
    best, nodes, depth, entry = floor, 0, 0, 0
    while True:
        promising = False
        if depth < size and entry < ground:
            nodes += 1
            if nodes > budget:
                return best, nodes
            for v in range(entry, ground):
                gains[v] = gain(starts, items, weights, counts, v)
            first = gains[entry]
            # 1e-12: sums of doubles in another order must not count as an improvement
            promising = values[depth] + largest_sum(gains, entry, size - depth) > best * (1 + 1e-12)
            if promising:
                path[depth] = entry
                values[depth + 1] = values[depth] + first
                shift_counts(starts, items, counts, entry, 1)
                depth += 1
                entry += 1
                if values[depth] > best * (1 + 1e-12):
                    best = values[depth]
                    for step in range(size):
                        chosen[step] = path[step] if step < depth else -1
        if not promising:
            if depth == 0:
                return best, nodes
            depth -= 1
            shift_counts(starts, items, counts, path[depth], -1)
            entry = path[depth] + 1
