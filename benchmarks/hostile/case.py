"""What a hostile referee's claim is, and short forms to write many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Interval, symbols

from theory.claim import Claim, FalseSibling, NoValue, Source
from verify.evidence.question import Question
from verify.quantities import Quantity

FALSE, TRUE, REFUSE = "false", "true", "refuse"
#: the kinds of fault that are attacked
KINDS = {
    1: "domains: several values, empty ones, ends that cross",
    2: "symbols that assume more than their domain says, two of one name",
    3: "what is left open is too small for a double",
    4: "exponentials and powers",
    5: "names that mean two things, quantities that mislead",
    6: "a violation that is in hand, and below the tolerance",
    7: "where a search does not look by itself",
    8: "numbers beyond doubles",
    9: "probabilities and expectations that are nearly right",
    10: "controls that are easy while the claim is not",
    11: "needles, flat stretches and thin sets",
    12: "tasks and families",
}
X, Y, Z, W = symbols("X Y Z W", real=True)
HERE = Source("derived here")
UNIT = Interval(0, 1)


@dataclass(frozen=True)
class Hostile:
    """One of the referee's claims.

    Attributes
    ----------
    kind : int
        A key of :data:`KINDS`.
    name : str
    truth : str
        ``false``, ``true``, or ``refuse`` for what says nothing and must be refused.
    why : str
        In a sentence.
    ask : callable
        Makes the question; what must be refused raises here.
    """

    kind: int
    name: str
    truth: str
    why: str
    ask: Callable[[], Question]


class Cases(list[Hostile]):
    """A module's claims; calling it adds one."""

    def __call__(
        self, kind: int, name: str, truth: str, why: str, parameters: Any, lhs: Any, relation: str, rhs: Any, sibling: Any,
        **more: Any,
    ) -> None:  # fmt: skip
        """Add a claim.

        Parameters
        ----------
        kind, name, truth, why
            See :class:`Hostile`.
        parameters : mapping, or callable that makes one
        lhs, relation, rhs
            The statement.
        sibling : mapping, callable that makes one, or None
            What the control changes.
        **more
            Further fields of the claim, and ``own`` or ``families``: quantities and families of its own.
        """
        own, families = more.pop("own", None), more.pop("families", None)

        def ask() -> Question:
            changes = sibling() if callable(sibling) else sibling
            control = None if changes is None else FalseSibling("control", changes)
            domains = parameters() if callable(parameters) else parameters
            fields = {key: value() if callable(value) else value for key, value in more.items()}
            return Question(Claim(name, why, lhs, relation, rhs, HERE, control, domains, **fields), own, families)

        self.append(Hostile(kind, name, truth, why, ask))


def own(floats: Callable[[Any], Any], exact: Callable[[Fraction], Any] | None = None) -> Mapping[str, Quantity]:
    """A quantity ``own`` of a claim about X.

    Parameters
    ----------
    floats : callable
        Of the array (batch, 1) of values of X.
    exact : callable, optional
        Of one fraction; None raised there is no value.  By default `floats` of an array of fractions.
    """

    def exactly(instance: Any) -> list[Any]:
        place = np.asarray(instance.values[X], dtype=object)
        value = floats(place).ravel()[0] if exact is None else exact(place.ravel()[0])
        if value is None:
            raise NoValue("no value here")
        return [value if not isinstance(value, int) else Fraction(value)]

    return {"own": Quantity(lambda batch: floats(batch.values[X]), exactly)}
