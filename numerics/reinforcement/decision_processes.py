r"""Families of tabular Markov decision processes and the exact returns of softmax policies in them.

A task has transition probabilities P (rows may sum to less than one: the rest ends the episode), expected rewards r, a law
:math:`\mu` of the first state and a discount :math:`\gamma<1`.  A table of logits :math:`\theta(s,a)` is the policy
:math:`\pi(a|s)\propto e^{\theta(s,a)}`, and :math:`J(\theta)=E\sum_t\gamma^tr_t` its return.

With the discounted visits :math:`d(s)=\sum_t\gamma^tP(s_t=s)`, not normalised, and the advantage :math:`A=Q-V`, the gradient is
:math:`\partial J/\partial\theta(s,a)=d(s)\pi(a|s)A(s,a)` (the policy gradient theorem of Sutton and others, 2000).  How values,
visits and Hessian--vector products are found says :mod:`numerics.kernels.decision_processes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import mapped, partition
from numerics.inputs import real_array
from numerics.kernels import decision_processes as kernels
from numerics.losses import Losses
from numerics.reinforcement.patterns import pattern

Array = NDArray[Any]
Real = NDArray[np.float64]

#: operations of a chunk's elimination, about; a constant, so that chunks do not depend on the machine
CHUNK_WORK = 400_000
#: curvatures that may take a gradient back through an inner step, see :meth:`DecisionProcesses.curvature_vectors`
KINDS = {
    "exact": kernels.EXACT,
    "likelihood ratio": kernels.LIKELIHOOD_RATIO,
    "log-likelihood": kernels.LOG_LIKELIHOOD,
    "first order": kernels.FIRST_ORDER,
}


class Evaluation(NamedTuple):
    """What is known of each task's policy.

    Parameters
    ----------
    policies, advantages : array (n, S, A)
        pi(a|s) and A(s, a) = Q(s, a) - V(s).
    values, visits : array (n, S)
        V and the discounted visits d, which sum to at most 1/(1 - discount).
    """

    policies: Real
    values: Real
    visits: Real
    advantages: Real


class DecisionProcesses:
    """Finitely many tabular tasks with common states and actions, and their probabilities.

    Parameters
    ----------
    transitions : array (n, S, A, S)
        Non-negative; each row sums to at most one, and the rest ends the episode.
    rewards : array (n, S, A)
        Expected rewards of a state and action.
    start : array (S,) or (n, S)
        Law of the first state: non-negative, summing to one.
    discount : float
        In [0, 1).
    weights : array (n,), optional
        Probabilities of the tasks; equal if not given.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described; one sentence names it, its value and what is valid.

    Examples
    --------
    One state, two arms, two tasks of which each rewards its own arm:

    >>> arms = DecisionProcesses(np.zeros((2, 1, 2, 1)), [[[1.0, 0.0]], [[0.0, 1.0]]], [1.0], 0.0)
    >>> arms.returns(np.zeros((1, 2))).tolist()
    [0.5, 0.5]
    >>> arms.gradients(np.zeros((1, 2)))[0].tolist()
    [[0.25, -0.25]]
    """

    def __init__(self, transitions: Any, rewards: Any, start: Any, discount: float, weights: Any = None) -> None:
        transitions = real_array("transitions", transitions, 4, "(n, S, A, S)")
        number, states, actions, followers = transitions.shape
        if min(transitions.shape) == 0 or states != followers:
            raise ValueError(f"transitions has shape {transitions.shape}; it must have shape (n, S, A, S), none of them zero")
        rewards = real_array("rewards", rewards, 3, "(n, S, A)")
        if np.ndim(start) == 1:
            start = np.broadcast_to(start, (number, len(start)))
        start = real_array("start", start, 2, "(S,) or (n, S)")
        weights = real_array("weights", np.full(number, 1 / number) if weights is None else weights, 1, "(n,)")
        given = f"with transitions of shape {transitions.shape} it must be"
        for name, array, shape in (
            ("rewards", rewards, (number, states, actions)),
            ("start", start, (number, states)),
            ("weights", weights, (number,)),
        ):
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}; {given} {shape}")
        for name, array in (("transitions", transitions), ("rewards", rewards), ("start", start), ("weights", weights)):
            if not np.isfinite(array).all():
                raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
        for name, array in (("transitions", transitions), ("start", start), ("weights", weights)):
            if array.min() < 0:
                raise ValueError(f"{name} has the entry {array.min():.6g}; probabilities must not be negative")
        total = transitions.sum(axis=3).max()
        if total > 1 + 1e-9:
            raise ValueError(f"transitions has a row that sums to {total:.12g}; a row must sum to at most one")
        for name, sums in (("start", start.sum(axis=1)), ("weights", weights.sum()[None])):
            if np.abs(sums - 1).max() > 1e-9:
                raise ValueError(f"{name} sums to {sums[np.abs(sums - 1).argmax()]:.12g}; probabilities must sum to one")
        if isinstance(discount, bool) or not isinstance(discount, int | float | np.floating) or not 0 <= discount < 1:
            raise ValueError(f"discount is {discount!r}; it must be a number in [0, 1)")
        self.transitions, self.rewards, self.start, self.weights = transitions, rewards, start, weights
        self.discount = float(discount)
        self._pattern = pattern((transitions > 0).any(axis=0))
        entries = np.nonzero((transitions > 0).any(axis=0).reshape(states * actions, states))
        self._discounted = _blocks(self.discount * transitions.reshape(number, states * actions, states)[:, *entries])
        self._rewards = _blocks(rewards.reshape(number, -1))
        self._start = _blocks(start)

    @property
    def number(self) -> int:
        """Number of tasks n."""
        return len(self.weights)

    @property
    def states(self) -> int:
        """Number of states S."""
        return self.transitions.shape[1]

    @property
    def actions(self) -> int:
        """Number of actions A."""
        return self.transitions.shape[2]

    def evaluation(self, logits: Any, *, workers: int | None = None) -> Evaluation:
        """Policies, values, visits and advantages of every task.

        Parameters
        ----------
        logits : array (S, A) or (n, S, A)
            One table for all tasks, or one for each.
        workers : int, optional
            Threads; all processors if not given.

        Raises
        ------
        ValueError, TypeError
            If logits is not a finite real array of one of these shapes.
        """
        points = _blocks(self._tables("logits", logits).reshape(self.number, -1))
        pairs = self.states * self.actions
        shapes = [pairs, self.states, self.states, pairs]
        found = [np.empty((len(points), size, kernels.LANES)) for size in shapes]

        def work(part: slice) -> None:
            inputs = self._discounted[part], self._rewards[part], self._start[part]
            kernels.evaluations(self._pattern, *inputs, points[part], self.actions, *(array[part] for array in found))

        self._run(work, workers)
        policies, values, visits, advantages = (self._tasks(array) for array in found)
        table = (self.number, self.states, self.actions)
        return Evaluation(policies.reshape(table), values, visits, advantages.reshape(table))

    def returns(self, logits: Any, *, workers: int | None = None) -> Real:
        """J of each task, (n,); parameters as in :meth:`evaluation`."""
        return np.einsum("ns,ns->n", self.start, self.evaluation(logits, workers=workers).values)

    def gradients(self, logits: Any, *, workers: int | None = None) -> Real:
        """Gradient of J in the logits for each task, (n, S, A); parameters as in :meth:`evaluation`."""
        at = self.evaluation(logits, workers=workers)
        return at.visits[..., None] * at.policies * at.advantages

    def curvature_vectors(self, logits: Any, vectors: Any, kind: str = "exact", *, workers: int | None = None) -> Real:
        r"""A curvature of J at the logits times a vector, for each task.

        Parameters
        ----------
        logits, vectors : array (S, A) or (n, S, A)
            One table for all tasks, or one for each.
        kind : {"exact", "likelihood ratio", "log-likelihood", "first order"}
            The Hessian of J; the expected Hessian of the likelihood-ratio surrogate
            :math:`E\sum_t\gamma^t\frac{\pi_\theta(a_t|s_t)}{\pi(a_t|s_t)}A(s_t,a_t)` with frozen advantages; that of
            :math:`E\sum_t\gamma^t\log\pi_\theta(a_t|s_t)Q(s_t,a_t)`, returns without a baseline; nothing.  (With advantages in
            place of returns, the log-likelihood's expected Hessian is zero: "first order".)
        workers : int, optional
            Threads; all processors if not given.

        Returns
        -------
        array (n, S, A)

        Raises
        ------
        ValueError, TypeError
            If an array is not finite or has another shape, or the kind is unknown.

        Examples
        --------
        >>> arms = DecisionProcesses(np.zeros((1, 1, 2, 1)), [[[1.0, 0.0]]], [1.0], 0.0)
        >>> arms.curvature_vectors([[np.log(3), 0.0]], [[1.0, -1.0]])[0].tolist()
        [[-0.1875, 0.1875]]
        """
        points = _blocks(self._tables("logits", logits).reshape(self.number, -1))
        directions = _blocks(self._tables("vectors", vectors).reshape(self.number, -1))
        chosen = _kind(kind)
        out = np.empty_like(points)

        def work(part: slice) -> None:
            inputs = self._discounted[part], self._rewards[part], self._start[part]
            kernels.curvature_vectors(
                self._pattern, *inputs, points[part], self.actions, directions[part], chosen, out[part]
            )  # fmt: skip

        self._run(work, workers)
        return self._tasks(out).reshape(self.number, self.states, self.actions)

    def meta_gradients(self, logits: Any, rates: Any, kind: str = "exact", *, workers: int | None = None) -> tuple[Real, Real]:
        r"""Returns after k gradient steps from one table of logits, and their derivatives with respect to it.

        With :math:`\theta_{j+1}=\theta_j+\alpha_j\nabla J(\theta_j)`, the derivative is the adjoint recursion
        :math:`\lambda\leftarrow\nabla J(\theta_k)`, then
        :math:`\lambda\leftarrow\lambda+\alpha_j\nabla^2J(\theta_j)\lambda` for j = k - 1, ..., 0: k + 1 gradients and k
        Hessian--vector products.

        Parameters
        ----------
        logits : array (S, A)
            Common start of the inner loops.
        rates : array (k,)
            Rates of the inner steps; empty for joint training.
        kind : str
            What takes the place of the Hessian, see :meth:`curvature_vectors`.
        workers : int, optional
            Threads; all processors if not given.

        Returns
        -------
        returns : array (n,)
        gradients : array (n, S, A)

        Raises
        ------
        ValueError, TypeError
            If an array is not finite or has another shape, or the kind is unknown.

        Examples
        --------
        >>> arms = DecisionProcesses(np.zeros((1, 1, 2, 1)), [[[1.0, 0.0]]], [1.0], 0.0)
        >>> returns, gradients = arms.meta_gradients(np.zeros((1, 2)), [4 * np.log(3) / 2])
        >>> returns.round(12).tolist(), gradients[0].round(12).tolist()
        ([0.75], [[0.1875, -0.1875]])
        """
        table = real_array("logits", logits, 2, "(S, A)")
        if table.shape != (self.states, self.actions):
            raise ValueError(f"logits has shape {table.shape}; for these tasks it must be {(self.states, self.actions)}")
        if not np.isfinite(table).all():
            raise ValueError(f"logits has the entry {table[~np.isfinite(table)][0]}; every entry must be finite")
        steps = real_array("rates", rates, 1, "(k,)")
        if not np.isfinite(steps).all():
            raise ValueError(f"rates has the entry {steps[~np.isfinite(steps)][0]}; every entry must be finite")
        chosen, point = _kind(kind), np.ascontiguousarray(table).ravel()
        returns = np.empty((len(self._start), kernels.LANES))
        out = np.empty((len(self._start), point.size, kernels.LANES))

        def work(part: slice) -> None:
            inputs = self._discounted[part], self._rewards[part], self._start[part]
            kernels.meta_gradients(self._pattern, *inputs, point, self.actions, steps, chosen, returns[part], out[part])

        self._run(work, workers)
        found = self._tasks(out).reshape(self.number, self.states, self.actions)
        return returns.ravel()[: self.number].copy(), found

    def losses(self) -> NegativeReturns:
        """The tasks as risks -J with their probabilities, for the rules and drivers of this package."""
        return NegativeReturns(self)

    def _run(self, work: Callable[[slice], None], workers: int | None) -> None:
        """Work on all chunks; a single one is not worth the pool's preparations, which take as long as a small family."""
        chunks = self._chunks()
        if len(chunks) == 1 and (workers is None or workers >= 1):
            work(chunks[0])
        else:
            list(mapped(work, chunks, workers))

    def _chunks(self) -> list[slice]:
        """Blocks of tasks that are worked on in one call."""
        work = len(self._pattern.successors) + (len(self._pattern.below) + len(self._pattern.right)) ** 2 // (4 * self.states)
        return partition(len(self._start), max(1, CHUNK_WORK // (kernels.LANES * max(work, 1))))

    def _tables(self, name: str, value: Any) -> Real:
        """`value` as one finite table for each task."""
        table = (self.number, self.states, self.actions)
        if np.shape(value) == table[1:]:
            value = np.broadcast_to(value, table)
        array = real_array(name, value, 3, "(S, A) or (n, S, A)")
        if array.shape != table:
            raise ValueError(f"{name} has shape {array.shape}; for these tasks it must be {table[1:]} or {table}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
        return array

    def _tasks(self, blocks: Real) -> Real:
        """(blocks, size, LANES) as (n, size)."""
        return blocks.transpose(0, 2, 1).reshape(-1, blocks.shape[1])[: self.number]


class NegativeReturns(Losses):
    """Risks -J of softmax policies; a point is a table of logits in one row, of dimension S A.

    Parameters
    ----------
    processes : DecisionProcesses

    Examples
    --------
    >>> from numerics.bilevel import hypergradient
    >>> from numerics.rules import MAML
    >>> arms = DecisionProcesses(np.zeros((1, 1, 2, 1)), [[[1.0, 0.0]]], [1.0], 0.0)
    >>> hypergradient(arms.losses(), MAML(4 * np.log(3) / 2), [0.0, 0.0]).round(12).tolist()
    [-0.1875, 0.1875]
    """

    def __init__(self, processes: DecisionProcesses) -> None:
        super().__init__(processes.weights, processes.states * processes.actions)
        self.processes = processes

    def chunk(self, tasks: slice) -> NegativeReturns:
        """Some of the tasks; their weights are parts of the whole's and need not sum to one."""
        whole = self.processes
        share = whole.weights[tasks].sum() or 1.0
        part = NegativeReturns(
            DecisionProcesses(
                whole.transitions[tasks], whole.rewards[tasks], whole.start[tasks], whole.discount, whole.weights[tasks] / share
            )
            if tasks.indices(whole.number) != (0, whole.number, 1)
            else whole
        )
        part.weights = whole.weights[tasks]
        return part

    def _compiled(self, *points: Array) -> list[Array] | None:
        """The points as tables of logits, if they are what the kernels take: one real row for each task."""
        shape = (self.number, self.processes.states, self.processes.actions)
        if any(np.iscomplexobj(point) or point.ndim != 2 for point in points):
            return None
        return [np.broadcast_to(point, (self.number, self.dimension)).reshape(shape) for point in points]

    def _value(self, theta: Array) -> Array:
        tables = self._compiled(theta)
        if tables is not None:
            return -self.processes.returns(tables[0], workers=1)
        return -np.einsum("ns,...ns->...n", self.processes.start, self._by_inverse(theta)[2])

    def _gradient(self, theta: Array) -> Array:
        tables = self._compiled(theta)
        if tables is not None:
            return -self.processes.gradients(tables[0], workers=1).reshape(self.number, -1)
        policies, inverse, values, advantages = self._by_inverse(theta)
        visits = np.einsum("ns,...nst->...nt", self.processes.start, inverse)
        return -(visits[..., None] * policies * advantages).reshape(*values.shape[:-1], -1)

    def _hessian_vector(self, theta: Array, vector: Array) -> Array:
        tables = self._compiled(theta, vector)
        if tables is not None:
            return -self.processes.curvature_vectors(tables[0], tables[1], workers=1).reshape(self.number, -1)
        policies, inverse, _, advantages = self._by_inverse(theta)
        tasks = self.processes
        visits = np.einsum("ns,...nst->...nt", tasks.start, inverse)
        along = vector.reshape(*vector.shape[:-1], tasks.states, tasks.actions)
        moved = policies * (along - (policies * along).sum(axis=-1, keepdims=True))
        new_values = np.einsum("...nst,...nt->...ns", inverse, (moved * advantages).sum(axis=-1))
        pushed = tasks.discount * np.einsum("...ns,...nsa,nsat->...nt", visits, moved, tasks.transitions)
        new_visits = np.einsum("...ns,...nst->...nt", pushed, inverse)
        change = tasks.discount * np.einsum("nsat,...nt->...nsa", tasks.transitions, new_values) - new_values[..., None]
        found = (new_visits[..., None] * policies + visits[..., None] * moved) * advantages
        found = found + visits[..., None] * policies * change
        return -found.reshape(*found.shape[:-2], -1)

    def _by_inverse(self, theta: Array) -> tuple[Array, Array, Array, Array]:
        """Policies, (I - gamma P_pi)^-1, values and advantages at points with leading axes, real or complex."""
        tasks = self.processes
        tables = theta.reshape(*theta.shape[:-1], tasks.states, tasks.actions)
        raised = np.exp(tables - tables.real.max(axis=-1, keepdims=True))
        policies = raised / raised.sum(axis=-1, keepdims=True)
        policies = np.broadcast_to(policies, (*policies.shape[:-3], tasks.number, *policies.shape[-2:]))
        moves = np.einsum("...nsa,nsat->...nst", policies, tasks.transitions)
        inverse = np.linalg.inv(np.eye(tasks.states) - tasks.discount * moves)
        values = np.einsum("...nst,...nt->...ns", inverse, (policies * tasks.rewards).sum(axis=-1))
        outcomes = tasks.rewards + tasks.discount * np.einsum("nsat,...nt->...nsa", tasks.transitions, values)
        return policies, inverse, values, outcomes - values[..., None]


def _kind(kind: str) -> int:
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; it must be one of {', '.join(KINDS)}")
    return KINDS[kind]


def _blocks(rows: Real) -> Real:
    """(n, size) as (blocks, size, LANES), filled up with zeros."""
    blocks = -(-len(rows) // kernels.LANES)
    filled = np.zeros((blocks * kernels.LANES, rows.shape[1]))
    filled[: len(rows)] = rows
    return np.ascontiguousarray(filled.reshape(blocks, kernels.LANES, -1).transpose(0, 2, 1))
