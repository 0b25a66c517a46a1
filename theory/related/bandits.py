r"""The meta-objective of one state, exactly: softmax adaptation where a unit of reward multiplies a probability by a rational.

>>> from fractions import Fraction as F
>>> value([F(1, 2), F(1, 2)], [[1, 0], [0, 1]], [F(1, 2), F(1, 2)], F(3))
Fraction(3, 4)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Dummy, Poly, Rational, fraction, together


def adapted(policy: Sequence[Any], rewards: Sequence[int], boost: Any) -> list[Any]:
    """The policy after one softmax step on a task: pi_a boost^{r_a}, normalised."""
    raised = [share * boost**reward for share, reward in zip(policy, rewards, strict=True)]
    total = sum(raised)
    return [share / total for share in raised]


def value(policy: Sequence[Any], rewards: Sequence[Sequence[int]], chances: Sequence[Any], boost: Any) -> Any:
    """L, the mean reward of the adapted policies."""
    return sum(
        chance * sum(share * reward for share, reward in zip(adapted(policy, row, boost), row, strict=True))
        for chance, row in zip(chances, rewards, strict=True)
    )


def slope(policy: Sequence[Any], rewards: Sequence[Sequence[int]], chances: Sequence[Any], boost: Any) -> list[Any]:
    """Derivatives of L with respect to the arms' probabilities: quotients, differentiated by the quotient rule.

    Examples
    --------
    >>> from fractions import Fraction as F
    >>> slope([F(1, 2), F(1, 2)], [[1, 0]], [1], F(3))
    [Fraction(3, 8), Fraction(-3, 8)]
    """
    found = [0 * policy[0] for _ in policy]
    for chance, row in zip(chances, rewards, strict=True):
        raised = [boost**reward for reward in row]
        total = sum(share * factor for share, factor in zip(policy, raised, strict=True))
        earned = sum(share * factor * reward for share, factor, reward in zip(policy, raised, row, strict=True))
        for arm, (factor, reward) in enumerate(zip(raised, row, strict=True)):
            found[arm] += chance * (factor * reward * total - earned * factor) / total**2
    return found


def stationary_policies(rewards: Sequence[Sequence[int]], boost: Any, low: Any, high: Any) -> int:
    """How many t from `low` to `high` make (0, t, 1 - t) stationary on its face, for equally likely tasks on three arms.

    The roots of the slope's numerator, counted by Sturm's theorem; its denominator must have none.

    Raises
    ------
    ValueError
        If the denominator has a root there.

    Examples
    --------
    >>> stationary_policies([[0, 1, 0], [0, 0, 1]], Rational(3), Rational(1, 4), Rational(3, 4))
    1
    """
    place = Dummy("t")
    found = slope([Rational(0), place, 1 - place], rewards, [Rational(1, len(rewards))] * len(rewards), Rational(boost))
    above, below = (Poly(part, place) for part in fraction(together(found[1] - found[2])))
    if below.count_roots(low, high):
        raise ValueError(f"the slope has a pole from {low} to {high}")
    return int(above.count_roots(low, high))
