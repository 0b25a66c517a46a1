"""A claim as a property-based test of the user's own test suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hypothesis import given, settings

from theory.claim import Claim
from verify.evidence.counterexample import script
from verify.evidence.question import Question
from verify.evidence.sampled import Violated
from verify.instances.batch import Cell
from verify.instances.family import Family
from verify.quantities import Quantity


def property_test(
    claim: Claim, quantities: Mapping[str, Quantity] | None = None, families: Mapping[str, Family] | None = None
) -> Callable[[], None]:
    """A test function that hypothesis runs on instances of a claim, under the settings profile in force.

    Parameters
    ----------
    claim : Claim
    quantities, families : mapping, optional
        Quantities and families of one's own by name.

    Returns
    -------
    callable
        To be bound to a name that pytest collects.  It fails with the shrunk instance as Python that can be pasted.

    Raises
    ------
    ValueError, TypeError
        If the claim cannot be measured, see :class:`verify.evidence.question.Question`, or is about something random.

    Examples
    --------
    >>> from theory.bounds import claim
    >>> property_test(claim("distance/core"))()
    """
    question = Question(claim, quantities, families)
    question.require_certain()

    # an example's first of its shape is compiled or derived: a deadline would fail at random
    @settings(deadline=None)
    @given(question.space.strategy())
    def test(instance: tuple[Cell, tuple[int, ...]]) -> None:
        violation = question.violation(*instance)
        if violation is not None:
            raise Violated(f"claim {claim.name} is violated:\n{script(question, violation)}")

    test.__doc__ = f"{claim.name}: {claim.title}"
    return test
