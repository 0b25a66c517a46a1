"""Chains of inequalities inside proofs, so that what each step loses can be measured on instances.

A chain starts at its claim's left side and ends at its right side; every step is an upper bound on the one before.  That of a
claim with a failure probability starts at the quantile of the left side that the probability leaves.

Examples
--------
>>> [step.why for step in chain("transfer_bound")]
['Cauchy and Schwarz on the spectrum of D', 'completing the square in c']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sympy import Expr, Symbol

from theory.bounds import claim
from theory.claim import Claim, Measured, measured
from theory.notation import (
    alpha,
    beta,
    diameter,
    half_square,
    half_square_A,
    high_A,
    k,
    low_B,
    nu,
    risk_A,
    risk_B,
    risk_BA,
    root_l,
    root_u,
    shortfall,
    upper_share,
    variation,
)
from theory.rules import DRS, MAML, Prescribed


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


@dataclass(frozen=True)
class _Pair:
    """Two weights with roots of the ends of their ratio."""

    A: Any
    B: Any
    low: Expr
    high: Expr


_WEIGHTS = _Pair(Prescribed("A"), Prescribed("B"), root_l, root_u)
_RULES = _Pair(DRS(), MAML(alpha, k), (1 - alpha * beta) ** k, (1 - alpha * nu) ** k)


def _transfer(stated: Claim, pair: _Pair) -> tuple[Step, ...]:
    # the Rayleigh quotient of the Newton step: the squared norm of the optima's difference in E[B] over that in E[A]
    quotient, l, u = half_square / half_square_A, pair.low**2, pair.high**2
    norms = {
        half_square: measured("half_squared_distance", trained=pair.A, deployed=pair.B),
        # the same two optima with the roles exchanged, so that the norm is that of E[A]
        half_square_A: measured("half_squared_distance", trained=pair.B, deployed=pair.A),
    }
    return (
        Step("Cauchy and Schwarz on the spectrum of D", (u - quotient) * (quotient - l) / quotient * risk_A, norms),
        Step("completing the square in c", stated.rhs),
    )


def _ratio(stated: Claim, pair: _Pair) -> tuple[Step, ...]:
    quotient, l, u = risk_BA / risk_A, pair.low**2, pair.high**2
    risks = {risk_A: measured("training_risk", rule=pair.A)}
    return (
        Step(
            "duality with the test vector zeta, and the chord of the hyperbola",
            4 * quotient * (u + l - quotient) * risk_B,
            risks,
        ),
        Step("the quotient midway between l and u", stated.rhs),
    )


def _conditioning(stated: Claim, pair: _Pair) -> tuple[Step, ...]:
    u = pair.high**2
    ends = {
        high_A: measured("extreme_eigenvalue", rule=pair.A, end="upper"),
        low_B: measured("extreme_eigenvalue", rule=pair.B, end="lower"),
    }
    return (
        Step("E[B] <= u E[A] for the largest eigenvalue", pair.low**2 * u * high_A / low_B, ends),
        Step("E[B] >= l E[A] for the least one", stated.rhs),
    )


def _distance(stated: Claim, pair: _Pair) -> tuple[Step, ...]:
    l, u, m, both = pair.low**2, pair.high**2, upper_share, pair.high + pair.low
    rules = {"trained": pair.A, "deployed": pair.B}
    shares = {variation: measured("total_variation", **rules), upper_share: measured("upper_share", **rules)}
    return (
        Step("a difference of means, by the total variation", both * variation * diameter, shares),
        Step("ratios u on the set and l off it", both * m * (1 - m) * (u - l) / (m * u + (1 - m) * l) * diameter),
        Step("the worst share of the set", stated.rhs),
    )


def _tail(argument: str) -> Callable[[Claim, _Pair], tuple[Step, ...]]:
    """A bound on the score's mean, then the price of the curvature's lower tail, which is 1/(1 - t)^2."""
    return lambda stated, _: (
        Step(argument, stated.rhs * (1 - shortfall) ** 2),
        Step("the matrix Laplace method, for a curvature that falls short by t", stated.rhs),
    )


def _one(argument: str) -> Callable[[Claim, _Pair], tuple[Step, ...]]:
    return lambda stated, _: (Step(argument, stated.rhs),)


_CHAINS: Mapping[str, tuple[Callable[[Claim, _Pair], tuple[Step, ...]], _Pair]] = MappingProxyType(
    {
        "transfer_bound": (_transfer, _WEIGHTS),
        "transfer_drs_maml": (_transfer, _RULES),
        "ratio_bound": (_ratio, _WEIGHTS),
        "conditioning": (_conditioning, _WEIGHTS),
        "conditioning_drs_maml": (_conditioning, _RULES),
        "distance": (_distance, _WEIGHTS),
        "distance_drs_maml": (_distance, _RULES),
        "finite_sample_bound": (_tail("Markov's inequality for the squared norm of the score's mean"), _RULES),
        "fourth_moment_bound": (_tail("Cantelli's inequality with the fourth moment of the score"), _RULES),
        "line_bound": (_one("Cantelli's inequality on both sides"), _RULES),
    }
)

#: names of the claims whose proof is a chain
NAMES = tuple(_CHAINS)


def chain(name: str) -> tuple[Step, ...]:
    """The steps of a claim's proof; none for a claim whose proof is no chain.

    Parameters
    ----------
    name : str
        Of a claim of :mod:`theory.bounds`.

    Examples
    --------
    >>> chain("crossover")
    ()
    """
    if name not in _CHAINS:
        return ()
    make, pair = _CHAINS[name]
    return make(claim(name), pair)
