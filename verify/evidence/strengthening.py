"""Whether a claim's false sibling is stronger than the claim: only then would what refutes the claim refute the sibling too.

A sibling that drops an assumption or enlarges a domain is stronger by itself.  One that changes the sides of an inequality is
compared with the claim on instances of the claim: its right side must not exceed its left one by more than the claim's does.
"""

from __future__ import annotations

import numpy as np

from verify.arithmetic.evaluate import FLOATS, evaluate
from verify.evidence.question import Question
from verify.evidence.result import Effort
from verify.instances.batch import BITS
from verify.quantities import measure

#: cells and instances of each on which the two are compared; relative slack by which rounding may make one look weaker
_CELLS, _INSTANCES, _SLACK = 4, 64, 1e-7


def turned(question: Question, control: Question) -> str:
    """Say that the control of an inequality is an equality, which is refuted where the claim holds; empty if it is none.

    Examples
    --------
    >>> from theory.bounds import claim
    >>> turned(Question(claim("distance")), Question(claim("adapted_risk")))
    'the control turns <= into ==, so that it is refuted where the claim holds'
    """
    if (question.claim.relation, control.claim.relation) == ("<=", "=="):
        return "the control turns <= into ==, so that it is refuted where the claim holds"
    return ""


def weaker_somewhere(question: Question, control: Question, effort: Effort) -> str:
    """Say where a false sibling allows more than its claim; empty if it does so nowhere that was looked at, or cannot be told.

    Parameters
    ----------
    question, control : Question
        About the claim, and about its false sibling.
    effort : Effort

    Returns
    -------
    str
        A sentence.

    Examples
    --------
    >>> from theory.bounds import claim
    >>> question = Question(claim("distance"))
    >>> weaker_somewhere(question, question.control(), Effort())
    ''
    """
    mine, other = question.claim, control.claim
    if mine.relation != "<=" or other.relation != "<=":
        return ""
    if mine.failure_probability is not None or other.failure_probability is not None or mine.on_average or other.on_average:
        return ""
    if set(other.parameters) != set(mine.parameters) or not set(other.measured) <= {*mine.measured, *other.measured}:
        return ""
    rng = effort.rng()
    for _ in range(_CELLS):
        cell = question.space.random_cell(rng, BITS)
        codes = question.space.random_codes(cell, _INSTANCES if question.batched else 2, rng)
        batch = question.space.floats(cell, codes)
        try:
            values = measure.float_values(mine, batch, question.quantities)
            beside = measure.float_values(other, batch, control.quantities)
        except (KeyError, ValueError, TypeError, AttributeError):
            return ""  # the sibling measures what the claim's instances do not have
        with np.errstate(all="ignore"):
            lhs, rhs = (np.asarray(evaluate(side, values, FLOATS), float) for side in (mine.lhs, mine.rhs))
            left, right = (np.asarray(evaluate(side, beside, FLOATS), float) for side in (other.lhs, other.rhs))
            if len({side.shape[-1] for side in (lhs, rhs, left, right) if side.ndim} - {1}) > 1:
                return ""  # vectors of other lengths, which are refused where they are compared
            size = abs(lhs) + abs(rhs) + abs(left) + abs(right)
            weaker = (right - left) - (rhs - lhs) > _SLACK * size
        if np.any(weaker & np.isfinite(size)):
            return "the false sibling allows more than the claim on some instances, so that it is no control"
    return ""
