r"""Tabular decision processes with softmax policies in exact arithmetic, by power series instead of policy gradients.

A policy is given by its weights :math:`w(s,a)=e^{\theta(s,a)}>0`, so that instances are rational.  Along a direction v of the
logits, :math:`w_\varepsilon=w\,(1+\varepsilon v+\tfrac12\varepsilon^2v^2+\dots)`, and Bellman's equations multiplied by the
sum of a state's weights have polynomial coefficients,

.. math:: N_\varepsilon V_\varepsilon=\rho_\varepsilon,\qquad N(s,t)=\sum_aw(s,a)\,(\delta_{st}-\gamma P(t|s,a)),\qquad
   \rho(s)=\sum_aw(s,a)\,r(s,a),

so that the Taylor coefficients of V follow one another, :math:`V_j=N_0^{-1}(\rho_j-\sum_{i\ge1}N_iV_{j-i})`, and with them
those of the return :math:`J=\mu^\top V`.  Gradient and Hessian are read off: neither visits nor advantages enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix

Table = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class DecisionProcess:
    """One task in rationals.

    Parameters
    ----------
    transitions : nested sequence (S, A, S)
        Non-negative; each row sums to at most one, and the rest ends the episode.
    rewards : nested sequence (S, A)
        Expected rewards.
    start : sequence (S,)
        Law of the first state.
    discount : number
        In [0, 1).

    Raises
    ------
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> arms = DecisionProcess([[[0], [0]]], [[1, 0]], [1], 0)
    >>> arms.taylor([[3, 1]], [[1, -1]], 2)
    [Fraction(3, 4), Fraction(3, 8), Fraction(-3, 16)]
    """

    transitions: Any
    rewards: Any
    start: Any
    discount: Any

    def __post_init__(self) -> None:
        moves = tuple(tuple(tuple(map(Fraction, row)) for row in state) for state in self.transitions)
        rewards = tuple(tuple(map(Fraction, row)) for row in self.rewards)
        start, discount = tuple(map(Fraction, self.start)), Fraction(self.discount)
        states, actions = len(moves), len(moves[0]) if moves else 0
        if not actions or any(len(state) != actions or any(len(row) != states for row in state) for state in moves):
            raise ValueError("transitions is ragged or empty; it must have S states with A actions and S followers each")
        if len(rewards) != states or any(len(row) != actions for row in rewards) or len(start) != states:
            raise ValueError(f"rewards and start must have {states} states and {actions} actions, as transitions has")
        for state in moves:
            for row in state:
                if min(row) < 0 or sum(row) > 1:
                    raise ValueError(
                        f"transitions has a row of sum {sum(row)}; entries must be at least 0 and sum to at most 1"
                    )
        if min(start) < 0 or sum(start) != 1:
            raise ValueError(f"start sums to {sum(start)}; it must be probabilities that sum to one")
        if not 0 <= discount < 1:
            raise ValueError(f"discount is {discount}; it must be in [0, 1)")
        for name, value in (("transitions", moves), ("rewards", rewards), ("start", start), ("discount", discount)):
            object.__setattr__(self, name, value)

    @property
    def states(self) -> int:
        """Number of states S."""
        return len(self.start)

    @property
    def actions(self) -> int:
        """Number of actions A."""
        return len(self.rewards[0])

    def taylor(self, weights: Any, direction: Any, order: int) -> list[Fraction]:
        """Taylor coefficients of J along a direction of the logits, from order 0 on.

        Parameters
        ----------
        weights : nested sequence (S, A)
            exp(logit), positive.
        direction : nested sequence (S, A)
        order : int
            The last coefficient's.
        """
        series = self.value_series(weights, direction, order)
        return [sum((m * v for m, v in zip(self.start, values, strict=True)), Fraction(0)) for values in series]

    def value_series(self, weights: Any, direction: Any, order: int) -> list[list[Fraction]]:
        """Taylor coefficients of V along a direction of the logits, as :meth:`taylor` has them of J."""
        system, inverse = self._series(weights, direction, order)
        values: list[DomainMatrix] = []
        for degree in range(order + 1):
            right = system[degree][1]
            for part in range(1, degree + 1):
                right = right - system[part][0] * values[degree - part]
            values.append(inverse * right)
        return [[_plain(found[s, 0].element) for s in range(self.states)] for found in values]

    def value(self, weights: Any) -> Fraction:
        """The return J."""
        return self.taylor(weights, [[0] * self.actions] * self.states, 0)[0]

    def gradient(self, weights: Any) -> list[list[Fraction]]:
        """The gradient of J in the logits, (S, A), one series for each.

        Examples
        --------
        >>> DecisionProcess([[[0], [0]]], [[1, 0]], [1], 0).gradient([[3, 1]])
        [[Fraction(3, 16), Fraction(-3, 16)]]
        """
        pairs = [(s, a) for s in range(self.states) for a in range(self.actions)]
        slopes = [self.taylor(weights, self._unit(pair), 1)[1] for pair in pairs]
        return [slopes[s * self.actions : (s + 1) * self.actions] for s in range(self.states)]

    def form(self, weights: Any, left: Any, right: Any) -> Fraction:
        """The second derivative of J along two directions, by polarisation."""
        both = [[Fraction(x) + Fraction(y) for x, y in zip(*rows, strict=True)] for rows in zip(left, right, strict=True)]
        return sum(
            (sign * self.taylor(weights, direction, 2)[2] for sign, direction in ((1, both), (-1, left), (-1, right))),
            Fraction(0),
        )

    def hessian_vector(self, weights: Any, vector: Any) -> list[list[Fraction]]:
        """The Hessian of J times a table, (S, A)."""
        rows = range(self.states)
        return [[self.form(weights, self._unit((s, a)), vector) for a in range(self.actions)] for s in rows]

    def policy(self, weights: Any) -> Table:
        """Probabilities of actions."""
        table = self._weights(weights)
        return tuple(tuple(w / sum(row) for w in row) for row in table)

    def values(self, policy: Any) -> list[Fraction]:
        """V of any policy, one that chooses for sure included."""
        moves = self._moves(policy)
        paid = [
            sum((p * r for p, r in zip(*rows, strict=True)), Fraction(0)) for rows in zip(policy, self.rewards, strict=True)
        ]
        return _solved(_resolvent(moves, self.discount), paid)

    def visits(self, policy: Any) -> list[Fraction]:
        """Discounted visits d of any policy; they sum to at most 1/(1 - discount)."""
        moves = self._moves(policy)
        turned = [list(column) for column in zip(*_resolvent(moves, self.discount), strict=True)]
        return _solved(turned, list(self.start))

    def outcomes(self, policy: Any) -> list[list[Fraction]]:
        """Q(s, a) of any policy."""
        values = self.values(policy)
        return [
            [
                r + self.discount * sum((p * v for p, v in zip(row, values, strict=True)), Fraction(0))
                for r, row in zip(*rows, strict=True)
            ]
            for rows in zip(self.rewards, self.transitions, strict=True)
        ]

    @cached_property
    def optimum(self) -> tuple[int, ...]:
        """An optimal action in every state, by policy iteration: exact, hence finite."""
        chosen = (0,) * self.states
        while True:
            outcomes = self.outcomes(self.certain(chosen))
            better = tuple(
                now if row[now] == max(row) else row.index(max(row)) for now, row in zip(chosen, outcomes, strict=True)
            )
            if better == chosen:
                return chosen
            chosen = better

    def certain(self, actions: Sequence[int]) -> Table:
        """The policy that takes these actions."""
        return tuple(tuple(Fraction(int(a == chosen)) for a in range(self.actions)) for chosen in actions)

    def _unit(self, pair: tuple[int, int]) -> list[list[int]]:
        return [[int((s, a) == pair) for a in range(self.actions)] for s in range(self.states)]

    def _weights(self, weights: Any) -> Table:
        table = tuple(tuple(map(Fraction, row)) for row in weights)
        if len(table) != self.states or any(len(row) != self.actions or min(row) <= 0 for row in table):
            raise ValueError(f"weights must be positive numbers, {self.actions} for each of {self.states} states")
        return table

    def _moves(self, policy: Any) -> list[list[Fraction]]:
        """Transition probabilities of states under a policy."""
        states = range(self.states)
        return [
            [sum((p * row[t] for p, row in zip(policy[s], self.transitions[s], strict=True)), Fraction(0)) for t in states]
            for s in states
        ]

    def _series(self, weights: Any, direction: Any, order: int) -> tuple[list[tuple[DomainMatrix, DomainMatrix]], DomainMatrix]:
        """(N_j, rho_j) for every order j, and the inverse of N_0."""
        table = self._weights(weights)
        system = []
        factor = Fraction(1)
        for degree in range(order + 1):
            factor = factor / degree if degree else factor
            scaled = [
                [w * factor * Fraction(v) ** degree for w, v in zip(*rows, strict=True)]
                for rows in zip(table, direction, strict=True)
            ]
            moves = self._moves(scaled)
            matrix = [
                [(sum(scaled[s]) if s == t else 0) - self.discount * moves[s][t] for t in range(self.states)]
                for s in range(self.states)
            ]
            paid = [
                [sum((w * r for w, r in zip(*rows, strict=True)), Fraction(0))]
                for rows in zip(scaled, self.rewards, strict=True)
            ]
            system.append((_dense(matrix), _dense(paid)))
        return system, system[0][0].inv()


def _dense(rows: Any) -> DomainMatrix:
    entries = [[QQ(entry.numerator, entry.denominator) for entry in row] for row in rows]
    return DomainMatrix(entries, (len(entries), len(entries[0])), QQ)


def _plain(entry: Any) -> Fraction:
    return Fraction(int(entry.numerator), int(entry.denominator))


def _resolvent(moves: list[list[Fraction]], discount: Fraction) -> list[list[Fraction]]:
    """I - gamma P_pi."""
    return [[int(s == t) - discount * entry for t, entry in enumerate(row)] for s, row in enumerate(moves)]


def _solved(matrix: Any, right: list[Fraction]) -> list[Fraction]:
    found = _dense(matrix).lu_solve(_dense([[entry] for entry in right]))
    return [_plain(found[row, 0].element) for row in range(len(right))]
