"""Families of decision processes: goals on a grid, and a Gymnasium environment's own table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from numerics.reinforcement.decision_processes import DecisionProcesses

#: up, down, left, right
MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1))


def goals_on_grid(size: int, goals: Sequence[int], slip: float = 0.1, discount: float = 0.9) -> DecisionProcesses:
    """One task for each goal on a grid of `size` rows and columns.

    A move goes its way with probability 1 - slip, and to each of the three other sides with slip/3; walls reflect.  Entering
    the goal pays one and ends the episode.  The first state is uniform over all cells; started at the goal, the episode is
    over before it begins, with return zero.

    Parameters
    ----------
    size : int
        At least 1.
    goals : sequence of int
        Cells, numbered by rows from 0.
    slip, discount : float
        In [0, 1] and [0, 1).

    Raises
    ------
    ValueError
        If a number is out of its range, or there is no goal.

    Examples
    --------
    >>> grid = goals_on_grid(5, corner(5, 3))
    >>> grid.number, grid.states, grid.actions
    (9, 25, 4)
    >>> grid.returns(np.zeros((25, 4)))[:2].round(4).tolist()
    [0.1168, 0.165]
    """
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise ValueError(f"size is {size!r}; it must be an integer of at least 1")
    if not 0 <= slip <= 1:
        raise ValueError(f"slip is {slip!r}; it must be between 0 and 1")
    cells = size * size
    outside = [goal for goal in goals if not 0 <= goal < cells]
    if outside or len(goals) == 0:
        raise ValueError(f"goals is {list(goals)}; it must be one or more cells from 0 to {cells - 1}")
    free = np.zeros((cells, 4, cells))
    for s in range(cells):
        for way, (down, right) in enumerate(MOVES):
            row, column = (min(max(place, 0), size - 1) for place in (s // size + down, s % size + right))
            for action in range(4):
                free[s, action, row * size + column] += 1 - slip if action == way else slip / 3
    transitions = np.repeat(free[None], len(goals), axis=0)
    rewards = np.empty((len(goals), cells, 4))
    for task, goal in enumerate(goals):
        rewards[task] = free[:, :, goal]
        rewards[task, goal] = 0.0
        transitions[task, :, :, goal] = 0.0
        transitions[task, goal] = 0.0
    return DecisionProcesses(transitions, rewards, np.full(cells, 1 / cells), discount)


def corner(size: int, side: int) -> list[int]:
    """The cells of the `side` by `side` block in a grid's first corner: `side` is a family's heterogeneity, 1 is none.

    Examples
    --------
    >>> corner(5, 2)
    [0, 1, 5, 6]
    """
    if not 1 <= side <= size:
        raise ValueError(f"side is {side!r}; it must be between 1 and the grid's size, {size}")
    return [row * size + column for row in range(side) for column in range(side)]


def from_gymnasium(environments: Any, discount: float) -> DecisionProcesses:
    """The table that a Gymnasium toy-text environment carries (``P``), or those of several environments, one task each.

    Parameters
    ----------
    environments : environment, name, or sequence of them
        Such as ``"FrozenLake-v1"``; the extra `gymnasium` is needed for names only.
    discount : float
        In [0, 1).

    Raises
    ------
    ValueError
        If an environment has no table ``P`` or no law ``initial_state_distrib`` of the first state, is unknown, or two of them
        differ in states or actions.
    ImportError
        If a name is given and gymnasium is not installed.

    Examples
    --------
    >>> class Corridor:
    ...     P = {0: {0: [(1.0, 1, 1.0, True)]}, 1: {0: [(1.0, 1, 0.0, True)]}}
    ...     initial_state_distrib = [1.0, 0.0]
    >>> from_gymnasium(Corridor(), 0.5).returns(np.zeros((2, 1))).tolist()
    [1.0]
    """
    given = environments if isinstance(environments, list | tuple) else [environments]
    tables = [_table(_made(environment)) for environment in given]
    shapes = {transitions.shape for transitions, _, _ in tables}
    if len(shapes) != 1:
        sizes = " and ".join(f"{shape[0]} states with {shape[1]} actions" for shape in sorted(shapes))
        raise ValueError(f"environments has {sizes or 'no member'}; all must have the same states and actions")
    transitions, rewards, starts = (np.stack(parts) for parts in zip(*tables, strict=True))
    return DecisionProcesses(transitions, rewards, starts, discount)


def _made(environment: Any) -> Any:
    if not isinstance(environment, str):
        return getattr(environment, "unwrapped", environment)
    try:
        import gymnasium
    except ImportError:
        sentence = f"environment {environment!r} is made by gymnasium, which is not installed: pip install gymnasium"
        raise ImportError(sentence) from None
    try:
        return gymnasium.make(environment).unwrapped
    except gymnasium.error.Error as problem:
        raise ValueError(f"environment is {environment!r}, which gymnasium does not make: {problem}") from None


def _table(environment: Any) -> tuple[Any, Any, Any]:
    table, start = (getattr(environment, name, None) for name in ("P", "initial_state_distrib"))
    if table is None or start is None:
        name = type(environment).__name__
        raise ValueError(f"environment {name} has no table P with initial_state_distrib; it must be one of the toy-text kind")
    states, actions = len(table), len(table[0])
    transitions, rewards = np.zeros((states, actions, states)), np.zeros((states, actions))
    ended = np.zeros(states, dtype=bool)
    for s in range(states):
        for action in range(actions):
            for probability, follower, reward, over in table[s][action]:
                rewards[s, action] += probability * reward
                if over:
                    ended[follower] = True
                else:
                    transitions[s, action, follower] += probability
    # a table gives transitions of its final states too, which an episode never takes
    transitions[ended], rewards[ended] = 0.0, 0.0
    start = np.asarray(start, dtype=float)
    return transitions, rewards, start / start.sum()
