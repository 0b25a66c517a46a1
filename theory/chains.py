"""Chains of inequalities inside proofs, so that what each step loses can be measured on instances.

A chain starts at its claim's left side and ends at its right side; every step is an upper bound on the one before.

Examples
--------
>>> [step.why for step in CHAINS["transfer_bound"]]
['Cauchy and Schwarz on the spectrum of D', 'completing the square in c']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sympy import Expr, Symbol

from theory.claim import Measured, measured
from theory.notation import half_square, half_square_A, risk_A, root_l, root_u
from theory.rules import Prescribed


@dataclass(frozen=True)
class Step:
    """One step of a proof: what the quantity is bounded by, and why.

    Parameters
    ----------
    why : str
        The argument, in a few words.
    bound : sympy expression
        In the claim's symbols and those of `measured`.
    measured : mapping
        Symbols that the claim itself does not measure.
    """

    why: str
    bound: Expr
    measured: Mapping[Symbol, Measured] = field(default_factory=dict)


A, B = Prescribed("A"), Prescribed("B")
l, u = root_l**2, root_u**2
#: the Rayleigh quotient c of the Newton step: the squared norm of the optima's difference in E[B] over that in E[A]
_QUOTIENT = half_square / half_square_A
_NORMS = {
    half_square: measured("half_squared_distance", trained=A, deployed=B),
    # the same two optima with the roles exchanged, so that the norm is that of E[A]
    half_square_A: measured("half_squared_distance", trained=B, deployed=A),
}

#: the chain of a claim, by the claim's name
CHAINS: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        "transfer_bound": (
            Step(
                "Cauchy and Schwarz on the spectrum of D",
                (u - _QUOTIENT) * (_QUOTIENT - l) / _QUOTIENT * risk_A,
                _NORMS,
            ),
            Step("completing the square in c", (root_u - root_l) ** 2 * risk_A),
        ),
    }
)
