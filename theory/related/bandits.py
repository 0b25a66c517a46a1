r"""The meta-objective of one state, exactly: softmax adaptation where a unit of reward multiplies a probability by a rational.

>>> from fractions import Fraction as F
>>> value([F(1, 2), F(1, 2)], [[1, 0], [0, 1]], [F(1, 2), F(1, 2)], F(3))
Fraction(3, 4)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


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
