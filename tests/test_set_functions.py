"""Greedy and exact maximisation of coverage functions against brute force, linear programming and bipartite matching."""

import itertools
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from numerics.related import set_functions
from numerics.related.set_functions import Coverage

Task = list[set[int]]


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Task], list[list[int]]]:
    """One to three tasks with up to five elements and four items of small integer weights."""
    elements, universe = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    number = draw(st.integers(1, 3))
    sets = st.lists(st.sets(st.integers(0, universe - 1)), min_size=elements, max_size=elements)
    weights = st.lists(st.integers(0, 3), min_size=universe, max_size=universe)
    return draw(st.lists(sets, min_size=number, max_size=number)), draw(st.lists(weights, min_size=number, max_size=number))


def worth(task: Task, weights: list[int], chosen: Any) -> int:
    return sum(weights[item] for item in set().union(*(task[v] for v in chosen)))


def tables(tasks: list[Task], weights: list[list[int]]) -> np.ndarray:
    covers = np.array([[[int(item in s) for item in range(len(weights[0]))] for s in task] for task in tasks])
    return set_functions.coverage_tables(covers, weights)


def coverage(task: Task, weights: list[int]) -> Coverage:
    return Coverage([sorted(s) for s in task], weights)


def subsets(elements: int, largest: int) -> list[tuple[int, ...]]:
    return [s for size in range(largest + 1) for s in itertools.combinations(range(elements), size)]


def adapted(tasks: list[Task], weights: list[list[int]], shared: tuple[int, ...], own: int) -> int:
    elements = len(tasks[0])
    return sum(
        max(worth(task, w, shared + extra) for extra in subsets(elements, own)) for task, w in zip(tasks, weights, strict=True)
    )


def greedy_ends(value: Any, start: frozenset[int], elements: int, steps: int) -> set[frozenset[int]]:
    """Every set that greedy additions may end in; a step may repeat an element, which adds nothing."""
    if steps == 0:
        return {start}
    best = max(value(start | {v}) for v in range(elements))
    nexts = {start | {v} for v in range(elements) if value(start | {v}) == best}
    return set().union(*(greedy_ends(value, later, elements, steps - 1) for later in nexts))


@given(problems(), st.integers(0, 2), st.integers(0, 2))
def test_the_meta_objective_and_its_maximum_are_those_of_brute_force(problem: Any, shared: int, own: int) -> None:
    tasks, weights = problem
    elements = len(tasks[0])
    shared, own = min(shared, elements), min(own, elements)
    objective = set_functions.meta_objective(tables(tasks, weights), own)
    for subset in subsets(elements, elements):
        assert objective[sum(1 << v for v in subset)] == adapted(tasks, weights, subset, own)
    best = max(adapted(tasks, weights, s, own) for s in subsets(elements, shared))
    assert set_functions.best_value(tables(tasks, weights), shared, own) == best


@given(problems(), st.integers(0, 2), st.integers(0, 2))
def test_greedy_stages_end_where_every_way_of_breaking_ties_ends(problem: Any, shared: int, own: int) -> None:
    tasks, weights = problem
    elements = len(tasks[0])
    shared, own = min(shared, elements), min(own, elements)
    pairs = list(zip(tasks, weights, strict=True))
    whole = tables(tasks, weights)
    firsts = greedy_ends(lambda s: sum(worth(t, w, s) for t, w in pairs), frozenset(), elements, shared)
    exact = min(adapted(tasks, weights, tuple(s), own) for s in firsts)
    assert set_functions.shared_first_value(whole, shared, own) == exact

    def least(task: Task, w: list[int], start: frozenset[int]) -> int:
        return min(worth(task, w, s) for s in greedy_ends(lambda s: worth(task, w, s), start, elements, own))

    assert set_functions.greedy_value(whole, shared, own) == min(sum(least(t, w, s) for t, w in pairs) for s in firsts)
    found = []
    own_ends = [greedy_ends(lambda s, t=t, w=w: worth(t, w, s), frozenset(), elements, own) for t, w in pairs]
    for parts in itertools.product(*own_ends):
        union = lambda s, parts=parts: sum(worth(t, w, s | part) for (t, w), part in zip(pairs, parts, strict=True))  # noqa: E731
        found += [union(s) for s in greedy_ends(union, frozenset(), elements, shared)]
    assert set_functions.greedy_value(whole, shared, own, own_first=True) == min(found)


@given(problems())
def test_a_violation_of_submodularity_is_the_largest_over_its_definition(problem: Any) -> None:
    tasks, weights = problem
    elements = len(tasks[0])
    value = {frozenset(s): adapted(tasks, weights, s, 1) for s in subsets(elements, elements)}
    gaps = [
        value[s | {x, y}] + value[s] - value[s | {x}] - value[s | {y}]
        for s in value
        for x, y in itertools.combinations(set(range(elements)) - s, 2)
    ]
    found = set_functions.submodularity_violation(set_functions.meta_objective(tables(tasks, weights), 1))
    assert found == max(gaps, default=-np.inf)


def random_coverage(rng: np.random.Generator, elements: int, universe: int, size: int) -> Coverage:
    sets = [rng.choice(universe, rng.integers(1, size + 1), replace=False) for _ in range(elements)]
    return Coverage(sets, rng.exponential(size=universe))


@pytest.mark.parametrize("seed", range(5))
def test_lazy_greedy_chooses_what_greedy_chooses(seed: int) -> None:
    function = random_coverage(np.random.default_rng(seed), 400, 300, 12)
    plain, lazy = function.greedy(60, lazy=False), function.greedy(60)
    assert plain.chosen.tolist() == lazy.chosen.tolist()
    assert plain.value == lazy.value == function.value(lazy.chosen)
    assert lazy.evaluations < plain.evaluations / 5


@pytest.mark.parametrize(("seed", "number"), [(0, 3), (1, 5), (2, 8)])
def test_exact_maximum_is_that_of_the_integer_programme(seed: int, number: int) -> None:
    """Maximise the weight of covered items y subject to y <= chosen elements that cover them, by HiGHS."""
    rng = np.random.default_rng(seed)
    elements, universe = 30, 40
    sets = [rng.choice(universe, rng.integers(1, 7), replace=False) for _ in range(elements)]
    weights = rng.exponential(size=universe)
    incidence = np.zeros((universe, elements))
    for v, items in enumerate(sets):
        incidence[items, v] = 1
    rows = np.block([[-incidence, np.eye(universe)], [np.ones((1, elements)), np.zeros((1, universe))]])
    solved = milp(
        np.concatenate([np.zeros(elements), -weights]),
        constraints=LinearConstraint(rows, ub=np.concatenate([np.zeros(universe), [number]])),
        bounds=Bounds(0, 1),
        integrality=np.ones(elements + universe),
    )
    found = Coverage(sets, weights).maximum(number)
    assert found.value == pytest.approx(-solved.fun, rel=1e-9)
    assert len(set(found.chosen.tolist())) <= number
    assert found.value >= Coverage(sets, weights).greedy(number).value


@pytest.mark.parametrize("seed", range(3))
def test_the_least_cover_of_edges_by_exact_maximisation_is_the_one_of_matching(seed: int) -> None:
    """Nodes that cover edges of a bipartite graph: Koenig's theorem gives the least number that covers all of them."""
    graph = nx.bipartite.random_graph(8, 8, 0.3, seed=seed)
    edges = list(graph.edges)
    function = Coverage([[index for index, edge in enumerate(edges) if node in edge] for node in graph], np.ones(len(edges)))
    least = len(nx.bipartite.maximum_matching(graph, range(8))) // 2
    assert function.maximum(least).value == len(edges)
    assert function.maximum(least - 1).value < len(edges)


@given(problems())
def test_stages_of_coverage_functions_are_those_of_their_tables_where_no_tie_matters(problem: Any) -> None:
    tasks, weights = problem
    elements = len(tasks[0])
    # items' weights that are distinct powers of two leave no ties but between elements that are worth the same later too
    distinct = [[(w + 1) * 7 ** (3 * index) + index for index, w in enumerate(row)] for row in weights]
    functions = [coverage(t, w) for t, w in zip(tasks, distinct, strict=True)]
    number = min(2, elements)
    first, parts = set_functions.share_then_adapt(functions, number, number)
    whole = tables(tasks, distinct)
    assert sum(part.value for part in parts) >= set_functions.greedy_value(whole, number, number)
    assert sum(part.value for part in parts) <= set_functions.best_value(whole, number, number)
    assert first.value == sum(worth(t, w, first.chosen) for t, w in zip(tasks, distinct, strict=True))
    total, others = set_functions.adapt_then_share(functions, number, number)
    assert set_functions.greedy_value(whole, number, number, own_first=True) <= total.value
    assert total.value == sum(
        worth(t, w, {*total.chosen, *part.chosen}) for t, w, part in zip(tasks, distinct, others, strict=True)
    )


def test_exact_maximisation_gives_up_in_a_sentence() -> None:
    function = random_coverage(np.random.default_rng(0), 60, 60, 6)
    with pytest.raises(set_functions.SearchTooLong, match="nodes is 10"):
        function.maximum(20, nodes=10)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: Coverage([[0, 0]], [1.0]), ValueError, r"covers\[0\] is \[0, 0\]"),
        (lambda: Coverage([[0, 1]], [1.0]), ValueError, r"covers\[0\]"),
        (lambda: Coverage([[0.5]], [1.0]), TypeError, "not an integer"),
        (lambda: Coverage([[0]], [-1.0]), ValueError, "weights"),
        (lambda: Coverage([[0]], [np.nan]), ValueError, "weights"),
        (lambda: Coverage([[0]], [1.0]).greedy(2), ValueError, "number is 2"),
        (lambda: Coverage([[0]], [1.0]).value([1]), ValueError, "elements is"),
        (lambda: Coverage.stacked([]), ValueError, "functions"),
        (lambda: set_functions.coverage_tables([[[1]]], [[-1.0]]), ValueError, "weights has the entry -1.0"),
        (lambda: set_functions.coverage_tables([[[1]]], [1.0]), ValueError, "weights has shape"),
        (lambda: set_functions.meta_objective([[0.0, 1.0, 2.0]], 1), ValueError, "tables has 3 values"),
        (lambda: set_functions.meta_objective([[0.0, 1.0]], 2), ValueError, "own is 2"),
        (lambda: set_functions.best_value([[0.0, 1.0]], 0.5, 0), ValueError, "shared is 0.5"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(act: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        act()
