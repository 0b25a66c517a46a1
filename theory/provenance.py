"""What was read of each related publication, and what is known of it from memory alone.

A statement counts as *printed* only where its text was read.  What is recalled is judged as well, and called recalled; what is
recalled too vaguely to be evaluated is in :mod:`theory.printed` until it is read.

Examples
--------
>>> provenance("kirsch-2022").read
'its abstract, which states no theorem'
>>> provenance("gao-sener-2020") is None
True
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """How a publication is known.

    Parameters
    ----------
    key : str
        A key of :data:`theory.bibliography.ENTRIES`.
    read : str
        What of it was read.
    recalled : str
        What is from memory, not checked against the print; empty if nothing.
    found : str
        What else was found in what was read, where no claim says it.
    """

    key: str
    read: str
    recalled: str = ""
    found: str = ""


_KNOWN = (
    Provenance(
        "adibi-2020",
        "its abstract",
        "that either order of two greedy stages finds half of the best value, and better factors for the best of both orders "
        "and for a randomised algorithm",
        "The abstract's remark that the meta-objective need not be submodular is confirmed by the false sibling of "
        "meta_objective_submodular: four elements that cover {1}, {2}, {3} and {1, 2} refute submodularity.",
    ),
    Provenance(
        "zhou-2021",
        "its sections 3.2 to 3.5",
        found="The differential equation beside eq. (5) lacks a minus sign. Theorems 3 and 4 state an error of order one over "
        "the width without constants; energy_of_a_path has the part that the step makes, with its constant.",
    ),
    Provenance("gao-2022", "its abstract", "the regret bound of mirror descent, which the literature has"),
    Provenance(
        "mavridis-2022",
        "its abstract and the code of its online algorithm",
        "the temperature at which prototypes that coincide lose stability",
        "The code's comment has the inverse of the temperature that the code runs: mixing_weight.",
    ),
    Provenance("kirsch-2022", "its abstract, which states no theorem"),
    Provenance("zhang-2024", "its abstract", "the matrix that linear attention learns"),
    Provenance("ahn-2023", "its abstract", "that attention learns a preconditioner"),
    Provenance(
        "tack-2023",
        "its abstract and its code",
        found="The code's bootstrap term is the norm of a distance, not its square; squared it is a rule, which "
        "bootstrap_transfer prices.",
    ),
    Provenance(
        "maraval-2023",
        "its abstract and the code of its environments",
        "Lemma 3.1 on the number of records",
        "The code's reward neg_linear, minus the best regret at every step, is dense; best_regret_timed pays once. Only "
        "changes of the best regret are sparse: improvement_rewards.",
    ),
    Provenance(
        "wang-2020", "its abstract", found="The constants of its bound were not read, and its function class is not covered."
    ),
)


def provenance(key: str) -> Provenance | None:
    """How a publication is known; None for one that was read whole.

    Parameters
    ----------
    key : str

    Examples
    --------
    >>> provenance("gao-2022").recalled
    'the regret bound of mirror descent, which the literature has'
    """
    return next((entry for entry in _KNOWN if entry.key == key), None)
