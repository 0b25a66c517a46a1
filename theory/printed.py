"""Printed statements that no instance can confirm or refute, with the reason, and the claims that say what can be said.

A publication's statement is audited as a claim (``printed=True``) wherever it says enough to be evaluated.  What is left is
listed here, so that an audit is complete: it says of every statement what became of it.  So is what is recalled too vaguely to
be evaluated, until it is read (:mod:`theory.provenance`).

Examples
--------
>>> [entry.source.place for entry in not_checkable("gao-sener-2020")][0]
'section 4.2, Theorem 3, second term'
"""

from __future__ import annotations

from dataclasses import dataclass

from theory.claim import Source


@dataclass(frozen=True)
class NotCheckable:
    """A printed statement that cannot be evaluated as it stands.

    Parameters
    ----------
    source : Source
        Key and place.
    statement : str
        In our words, marked up.
    reason : str
        What is missing, marked up.
    instead : tuple of str
        Names of claims that decide what can be decided of it.
    """

    source: Source
    statement: str
    reason: str
    instead: tuple[str, ...] = ()


_ENTRIES = (
    NotCheckable(
        Source("gao-sener-2020", "section 4.2, Theorem 3, second term"),
        r"Sampling adds :math:`(\tau c_2/\sqrt2+c_3)/\sqrt N` to the error of joint training's estimate, for any number of "
        "tasks.",
        r"The constant inside :math:`c_2`, the term o(1) and the factor of :math:`\omega` are not given, so that no number can "
        "contradict the bound. The scaling can be decided: for fixed N the error vanishes as M grows, so a term that "
        "does not fall with M is not needed.",
        ("joint_training_floor",),
    ),
    NotCheckable(
        Source("gao-sener-2020", "section 4.2, Theorem 4, second term"),
        r"Sampling adds :math:`((1+3\alpha\beta)^2\tau'c_2+\sqrt2\,(1+\alpha\beta)^2c_3)/\sqrt N` to the error of MAML's.",
        r"The constants are not given, as in Theorem 3. The scaling can be decided: what remains as M grows is of order "
        r":math:`1/N`, not :math:`1/\sqrt N`, and what is of order :math:`1/\sqrt N` falls with M as well.",
        ("maml_floor",),
    ),
    NotCheckable(
        Source("gao-sener-2020", "section 4.2, simulation of eq. (13)"),
        "The simulated errors follow Theorems 3 and 4.",
        r"The simulation lies outside of the theorems' assumptions: Gaussian features are not bounded (A2), and the rate 0.75 "
        r"of one panel exceeds :math:`1/\beta=0.5`. What it shows is neither implied nor contradicted by them.",
        ("asymptotic_law", "crossover"),
    ),
    NotCheckable(
        Source("adibi-2020", "further guarantees", recalled=True),
        "The better of the two greedy orders finds 0.53 of the best value, and a randomised algorithm :math:`1-1/e` of it.",
        "Recalled and not read: neither the conditions nor how ties are broken are known. What is derived stands instead.",
        ("adibi_greedy_half", "joint_training_of_sets", "adapting_sets_first"),
    ),
)


def not_checkable(key: str) -> tuple[NotCheckable, ...]:
    """The entries of one publication.

    Parameters
    ----------
    key : str
        A key of :data:`theory.bibliography.ENTRIES`.

    Examples
    --------
    >>> not_checkable("wang-2020")
    ()
    """
    return tuple(entry for entry in _ENTRIES if entry.source.key == key)
