"""Claims that a hostile referee would write: false ones that must never be granted, true ones that must not be refuted.

Each is small, and each attacks one place where a judge can be fooled.  ``python -m benchmarks.hostile_rate`` judges them at
every level; the tests judge them at ``--level proved``.

>>> len({hostile.name for hostile in HOSTILE}) == len(HOSTILE)
True
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Abs, FiniteSet, Integer, Interval, Max, Range, Rational, exp, oo, sqrt, symbols

from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import beta, diameter, k, loss, nu, optimum_drs, q, weight
from theory.notation import x as nonnegative
from theory.rules import DRS
from verify.evidence.question import Question
from verify.quantities import Quantity

FALSE, TRUE, REFUSE = "false", "true", "refuse"
#: the kinds of fault that are attacked
KINDS = {
    1: "domains: several values, empty ones, ends that cross",
    2: "symbols that assume more than their domain says, two of one name",
    3: "what is left open is too small for a double",
    4: "exponentials and powers",
    5: "names that mean two things",
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


HOSTILE: list[Hostile] = []


def claimed(
    kind: int, name: str, truth: str, why: str, parameters: Any, lhs: Any, relation: str, rhs: Any, sibling: Any, **more: Any
) -> None:
    """Add a claim; `sibling` maps fields to their changed values, `own` are quantities of its own."""
    own = more.pop("own", None)

    def ask() -> Question:
        control = FalseSibling("control", sibling() if callable(sibling) else sibling)
        domains = parameters() if callable(parameters) else parameters
        return Question(Claim(name, why, lhs, relation, rhs, HERE, control, domains, **more), own)

    HOSTILE.append(Hostile(kind, name, truth, why, ask))


# --- 1: domains -----------------------------------------------------------------------------------------------------------

claimed(1, "set_of_two", FALSE, "X = 2 violates it", {X: FiniteSet(1, 2)}, X, "<=", 1, {"rhs": Rational(1, 2)})
claimed(1, "empty_range", REFUSE, "no k is admitted", lambda: {k: Range(5, 5)}, k, "<=", 0, {"rhs": Integer(-1)})

# --- 2: assumptions -------------------------------------------------------------------------------------------------------

claimed(
    2, "abs_of_nonnegative", FALSE, "|x| <= x is false below 0", {nonnegative: Interval(-1, 1)}, Abs(nonnegative), "<=",
    nonnegative, {"rhs": nonnegative - 1},
)  # fmt: skip
claimed(2, "max_of_nonnegative", FALSE, "false for nu < 0", {nu: Interval(-1, 1)}, Max(nu, 0), "==", nu, {"rhs": nu + 1})

# --- 3: volume ------------------------------------------------------------------------------------------------------------

claimed(3, "below_1e-1000", FALSE, "false at 0", {X: UNIT}, Rational(1, 10**1000), "<=", X, {"lhs": Integer(2)})
claimed(
    3, "root_near_0", FALSE, "false near 0", {X: Interval.Lopen(0, 1)}, Rational(1, 10**600), "<=", sqrt(X), {"lhs": Integer(3)}
)

# --- 4: exponentials ------------------------------------------------------------------------------------------------------

claimed(
    4, "exp_of_max", FALSE, "false for every positive X, of which few are admitted", {X: Interval(-1, Rational(1, 10**12))},
    exp(Max(2 * X, 3 * X)), "==", exp(2 * X), {"rhs": 1 + exp(X)},
)  # fmt: skip
claimed(
    4, "exp_beside_abs", FALSE, "false everywhere, by 1e-12", {X: Interval(-1, 1)}, exp(Max(X, 0)), "==",
    exp((X + Abs(X)) / 2) + Rational(1, 10**12), {"rhs": Integer(3)},
)  # fmt: skip
claimed(
    4, "exp_identity", TRUE, "two forms of one function", {X: Interval(-1, 1), Y: UNIT}, exp(Abs(X) + Y) * (Y**2 - 4), "==",
    exp(Abs(X) + Y) * (Y - 2) * (Y + 2), {"rhs": exp(Y)},
)  # fmt: skip

# --- 5: names -------------------------------------------------------------------------------------------------------------


def _nearly(batch: Any, rule: Any, curvature: Any, deployed: bool = False) -> Any:
    return np.atleast_2d(batch.number(curvature)) * (1 + 1e-10)


def _exactly_nearly(instance: Any, rule: Any, curvature: Any, deployed: bool = False) -> list[Fraction]:
    value = instance.rational(curvature)
    return [Fraction(int(value.p), int(value.q)) * (1 + Fraction(1, 10**10))]


claimed(
    5, "own_weight_at", FALSE, "the file's own quantity of that name is not the one that proofs know", {q: Interval(1, 2)},
    weight, "==", q, {"rhs": 2 * q}, measured={weight: measured("weight_at", rule=DRS(), curvature=q)},
    own={"weight_at": Quantity(_nearly, _exactly_nearly)},
)  # fmt: skip

# --- 6: below the tolerance -----------------------------------------------------------------------------------------------

claimed(
    6, "large_constant", FALSE, "false for every positive X", {X: UNIT}, 10**10 + X, "<=", 10**10 + X / 2, {"rhs": Integer(1)}
)

# --- 7: where to look -----------------------------------------------------------------------------------------------------

claimed(7, "half_line", FALSE, "false above 6", {X: Interval(0, oo)}, X, "<=", 6, {"rhs": Integer(4)})
claimed(7, "integer_above_32", FALSE, "false at 41", {k: Range(1, oo)}, k, "<=", 40, {"rhs": Integer(2)})
claimed(7, "integer_17", FALSE, "false at 17 only", {k: Range(1, 33)}, 1, "<=", (k - 17) ** 2, {"lhs": Integer(300)})
claimed(
    7, "only_k_nine", FALSE, "false at k = 9 only", {k: Range(1, 20), X: UNIT}, Rational(1, 2), "<=", (k - 9) ** 2 * (1 + X),
    {"lhs": Integer(1000)},
)  # fmt: skip

# --- 8: beyond doubles ----------------------------------------------------------------------------------------------------

claimed(8, "square_underflows", FALSE, "false for X > 0", {X: UNIT}, (X / 10**200) ** 2, "<=", 0, {"lhs": X})
claimed(
    8, "constants_overflow", FALSE, "false above 10", {X: Interval(0, 11)}, 10**400 * X, "<=", Integer(10) ** 401,
    {"rhs": Integer(1)},
)  # fmt: skip
claimed(
    8, "large_and_true", TRUE, "X is at most 1", {X: UNIT}, 10**400 * X, "<=", Integer(10) ** 400, {"rhs": Integer(10) ** 399}
)

# --- 9: probabilities -----------------------------------------------------------------------------------------------------


def uniform(count: int = 1) -> dict[str, Quantity]:
    """Means of so many uniform numbers."""

    def drawn(batch: Any, rng: np.random.Generator, number: int) -> Any:
        return rng.random((len(batch.values[X]), number, count)).mean(axis=-1)

    half = Quantity(
        lambda batch: np.full((1, 1), 0.5),
        lambda instance: [Fraction(1, 2)],
        replicates=drawn,
        bounds=lambda batch: (np.zeros((1, 1)), np.ones((1, 1))),
    )
    return {"uniform": half}


claimed(
    9, "0.095_for_0.1", FALSE, "a uniform number exceeds 0.9 with probability 0.1", {X: UNIT}, loss, "<=", Rational(9, 10),
    {"failure_probability": Rational(1, 100)}, measured={loss: measured("uniform")}, own=uniform(),
    failure_probability=Rational(95, 1000),
)  # fmt: skip

# --- 10: controls ---------------------------------------------------------------------------------------------------------

claimed(
    10, "sibling_elsewhere", FALSE, "false near 1/3; the control is false at the far end of a longer range", {X: UNIT},
    Rational(1, 10**14), "<=", (X - Rational(1, 3)) ** 2 * (2 - X), {"parameters": {X: Interval(0, 3)}},
)  # fmt: skip

# --- 11: thin sets --------------------------------------------------------------------------------------------------------

claimed(
    11, "needle", FALSE, "false within 1e-7 of 1/3", {X: UNIT}, Rational(1, 10**14), "<=", (X - Rational(1, 3)) ** 2,
    {"lhs": Rational(1, 10)},
)  # fmt: skip
claimed(
    11, "flat_bump", FALSE, "a bump of radius 1/20 in four dimensions, flat elsewhere", {X: UNIT, Y: UNIT, Z: UNIT, W: UNIT},
    Max(0, 1 - 20 * sum(Abs(a - Rational(b, 10)) for a, b in ((X, 3), (Y, 7), (Z, 2), (W, 9)))), "<=", Rational(1, 2),
    {"lhs": Integer(1)},
)  # fmt: skip

# --- 12: tasks and families -----------------------------------------------------------------------------------------------

SCALE = {beta: Interval.open(0, oo)}
claimed(
    12, "diameter_of_any_law", FALSE, "optima may lie anywhere", SCALE, diameter, "<=", 3, {"rhs": Rational(1, 2)},
    tasks=Tasks("free", Range(1, 4), Range(2, 5)), measured={diameter: measured("diameter")},
)  # fmt: skip
claimed(
    12, "optima_are_nonnegative", FALSE, "optima may be negative", SCALE, -optimum_drs, "<=", 0, {"rhs": Rational(-1, 2)},
    tasks=Tasks("scalar_spectrum", Range(1, 4), Range(2, 5)), measured={optimum_drs: measured("optimum", rule=DRS())},
)  # fmt: skip


def _no_dimension() -> Question:
    return Question(
        Claim(
            "no_dimension",
            "no dimension is admitted",
            beta,
            "<=",
            0,
            HERE,
            None,
            SCALE,
            Tasks("free", Range(3, 3), Range(1, 3)),
        )
    )


HOSTILE.append(Hostile(12, "no_dimension", REFUSE, "no dimension is admitted", _no_dimension))
