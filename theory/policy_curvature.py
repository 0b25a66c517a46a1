"""Comparisons of policies and parts of the return's curvature, exactly: what identities about decision processes equate.

A policy is given by positive weights, exp(logit), as in :mod:`theory.decision_processes`; another one may be any table of
probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from sympy import Rational, exp

from theory.claim import NoValue
from theory.decision_processes import DecisionProcess
from theory.exact import rounded

#: digits to which the exponential of an inner step is a rational
DIGITS = 60


def advantages(process: DecisionProcess, policy: Any) -> list[list[Fraction]]:
    """A(s, a) of a policy."""
    rows = zip(process.outcomes(policy), process.values(policy), strict=True)
    return [[outcome - value for outcome in row] for row, value in rows]


def advantage_sum(process: DecisionProcess, visited: Any, chosen: Any, judged: Any) -> Fraction:
    """Sum over states of the visits of one policy times what another's actions gain over a third's.

    Examples
    --------
    >>> arms = DecisionProcess([[[0], [0]]], [[1, 0]], [1], 0)
    >>> even, first = arms.policy([[1, 1]]), arms.certain([0])
    >>> advantage_sum(arms, first, first, even)
    Fraction(1, 2)
    """
    gains = advantages(process, judged)
    rows = zip(process.visits(visited), chosen, gains, strict=True)
    return sum((d * p * gain for d, row, row_gains in rows for p, gain in zip(row, row_gains, strict=True)), Fraction(0))


def improvement(process: DecisionProcess, policy: Any) -> Fraction:
    """Sum over states of visits times the best advantage."""
    return sum((d * max(row) for d, row in zip(process.visits(policy), advantages(process, policy), strict=True)), Fraction(0))


def visit_ratios(process: DecisionProcess, policy: Any, compared: Sequence[int]) -> list[Fraction]:
    """d*(s)/d(s), with the visits d* of the policy that takes the compared actions.

    Raises
    ------
    theory.claim.NoValue
        If the policy never visits a state that the compared one visits.
    """
    pairs = list(zip(process.visits(process.certain(compared)), process.visits(policy), strict=True))
    if any(own == 0 and other != 0 for other, own in pairs):
        raise NoValue("the policy never visits a state that the compared one visits")
    return [other / own if own else Fraction(0) for other, own in pairs]


def mismatch(process: DecisionProcess, policy: Any, compared: Sequence[int]) -> Fraction:
    """Sum over states of (d*(s)/(d(s) pi(a*|s)))^2."""
    ratios = zip(visit_ratios(process, policy, compared), policy, compared, strict=True)
    return sum(((ratio / row[action]) ** 2 for ratio, row, action in ratios), Fraction(0))


def adapted_weights(process: DecisionProcess, weights: Any, rate: Any) -> list[list[Fraction]]:
    """Weights after one gradient step of this rate on the logits, exponentials to :data:`DIGITS` digits."""
    if rate == 0:
        return [[Fraction(w) for w in row] for row in weights]
    rows = zip(weights, process.gradient(weights), strict=True)
    return [[Fraction(w) * _exponential(Fraction(rate) * slope) for w, slope in zip(*row, strict=True)] for row in rows]


def adapted_gradient(process: DecisionProcess, weights: Any, rate: Any) -> list[list[Fraction]]:
    """The gradient, with respect to the logits before it, of the return after one step: (I + rate Hessian) gradient."""
    later = process.gradient(adapted_weights(process, weights, rate))
    if rate == 0:
        return later
    bent = process.hessian_vector(weights, later)
    rate = Fraction(rate)
    return [[g + rate * h for g, h in zip(*rows, strict=True)] for rows in zip(later, bent, strict=True)]


def surrogate_form(process: DecisionProcess, weights: Any, direction: Any) -> Fraction:
    """Second derivative of the likelihood-ratio surrogate: sum of d times the third mixed cumulant of A, v and v."""
    policy = process.policy(weights)
    total = Fraction(0)
    for d, row, gains, scores in _centred(process, policy, direction):
        spread = sum((p * s * s for p, s in zip(row, scores, strict=True)), Fraction(0))
        total += d * sum((p * a * (s * s - spread) for p, a, s in zip(row, gains, scores, strict=True)), Fraction(0))
    return total


def cross_form(process: DecisionProcess, weights: Any, direction: Any) -> Fraction:
    """2 gamma sum of d Cov(v, P V'): the part of the curvature that the surrogate does not have."""
    policy = process.policy(weights)
    change = process.value_series(weights, direction, 1)[1]
    total = Fraction(0)
    for (d, row, _, scores), moves in zip(_centred(process, policy, direction), process.transitions, strict=True):
        following = [sum((p * v for p, v in zip(line, change, strict=True)), Fraction(0)) for line in moves]
        total += d * sum((p * s * f for p, s, f in zip(row, scores, following, strict=True)), Fraction(0))
    return 2 * process.discount * total


def loglik_form(process: DecisionProcess, weights: Any, direction: Any, baseline: bool) -> Fraction:
    """Second derivative of the expected log-likelihood weighted by advantages, or by returns where there is no baseline."""
    policy = process.policy(weights)
    values = process.values(policy)
    total = Fraction(0)
    for (d, row, gains, scores), value in zip(_centred(process, policy, direction), values, strict=True):
        spread = sum((p * s * s for p, s in zip(row, scores, strict=True)), Fraction(0))
        weight = sum((p * (a + (0 if baseline else value)) for p, a in zip(row, gains, strict=True)), Fraction(0))
        total -= d * weight * spread
    return total


def square(table: Any) -> Fraction:
    """Sum of the squares of a table."""
    return sum((Fraction(entry) ** 2 for row in table for entry in row), Fraction(0))


def product(left: Any, right: Any) -> Fraction:
    """Sum of the products of two tables' entries."""
    return sum((x * y for rows in zip(left, right, strict=True) for x, y in zip(*rows, strict=True)), Fraction(0))


def _centred(process: DecisionProcess, policy: Any, direction: Any) -> Iterator[tuple[Fraction, Any, Any, list[Fraction]]]:
    """Visits, policy, advantages and the direction minus its mean, state by state."""
    for d, row, gains, line in zip(process.visits(policy), policy, advantages(process, policy), direction, strict=True):
        mean = sum((p * Fraction(v) for p, v in zip(row, line, strict=True)), Fraction(0))
        yield d, row, gains, [Fraction(v) - mean for v in line]


def _exponential(value: Fraction) -> Fraction:
    found = rounded(exp(Rational(value.numerator, value.denominator)), DIGITS)
    return Fraction(int(found.p), int(found.q))
