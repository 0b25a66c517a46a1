"""Subtly false bounds: what a judge must never grant.

Each is a true claim of the project with one thing wrong: a constant off by 0.1 %, an assumption missing, the inequality
reversed on a thin set, a truth about commuting tasks, one dimension or equal weights claimed in general, or a defect that
doubles cannot see.  Its positive control is wrong twice as much, so that a procedure too blunt for the bound is too blunt for
the control as well.

>>> len(FALSE_BOUNDS) >= 40
True
>>> sorted({bound.kind for bound in FALSE_BOUNDS})
['commuting', 'constant', 'equal weights', 'missing assumption', 'one dimension', 'round-off', 'thin set']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sympy import Expr, Integer, Interval, Lambda, Range, Rational, oo

from theory import bounds
from theory.bounds import adaptation_never_hurts_sampled, gao_sener_theorem5_risk
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import (
    N,
    alpha,
    beta,
    diameter,
    distance,
    excess,
    k,
    nu,
    q,
    q_high,
    q_low,
    risk_A,
    root_l,
    root_u,
    tau2,
    weighted,
    x,
)
from theory.rules import DRS, MAML, Prescribed

#: a constant off by this much, and by so much that a double cannot tell
SLIGHTLY, INVISIBLY = Rational(1, 1000), Rational(1, 10**12)
HERE = Source("derived here")
l, u = root_l**2, root_u**2


@dataclass(frozen=True)
class FalseBound:
    """A false claim with its control.

    Attributes
    ----------
    kind : str
        What is wrong with it.
    claim : Claim
        Expected to be refuted.
    """

    kind: str
    claim: Claim


def _made(kind: str, name: str, why: str, wrong: Callable[[int], Claim]) -> FalseBound:
    """A false bound from `wrong(times)`, which is as often as wrong as it says."""
    claim, control = wrong(1), wrong(2)
    changes = {field: getattr(control, field) for field in ("lhs", "rhs", "parameters", "tasks", "measured")}
    sibling = FalseSibling("twice as wrong", changes)
    name = f"{kind}/{name}".replace(" ", "-")
    return FalseBound(
        kind, claim.changed(name=name, title=why, false_sibling=sibling, expected="refuted", reductions=(), assumptions=())
    )


# --- constants ------------------------------------------------------------------------------------------------------------

_SHARP = (
    "transfer_bound",
    "transfer_bound/core",
    "transfer_bound/spectrum",
    "ratio_bound",
    "ratio_bound/core",
    "ratio_bound/chord",
    "distance",
    "distance/core",
    "conditioning",
    "conditioning/quotient",
    "transfer_drs_maml",
    "transfer_drs_maml/ratio",
    "distance_drs_maml",
    "transfer_between_rules",
    "adaptation_never_hurts",
    "adaptation_never_hurts/residual",
    "maml_floor",
    "gao_sener_theorem_3",
)
_EQUALITIES = ("small_rate_optimum", "easy_and_hard", "transfer_bound/identity", "lower_curvature/numerator")
_CORES = ("distance/core", "transfer_bound/core", "ratio_bound/core", "transfer_drs_maml/ratio")


def _scaled(claim: Claim, defect: Expr) -> Claim:
    return claim.changed(rhs=(1 - defect) * claim.rhs)


def _off_by(claim: Claim, defect: Expr, times: int) -> Claim:
    return _scaled(claim, times * defect)


def _constants() -> Iterator[FalseBound]:
    for name in (*_SHARP, *_EQUALITIES):
        claim = bounds.claim(name)
        yield _made("constant", name, "0.1 % off", partial(_off_by, claim, SLIGHTLY))
    for name in _CORES:
        claim = bounds.claim(name)
        yield _made("round-off", name, "off by 1e-12", partial(_off_by, claim, INVISIBLY))


# --- assumptions ----------------------------------------------------------------------------------------------------------


def _missing() -> Iterator[FalseBound]:
    for name in (name for topic in ("quadratic", "finite_samples", "gao_sener_2020") for name in bounds.names(topic)):
        claim = bounds.claim(name)
        for position, assumption in enumerate(claim.assumptions):
            without = claim.without(assumption)
            why = f"without: {assumption.statement}"

            def wrong(times: int, without: Claim = without) -> Claim:
                return without if times == 1 or without.rhs == 0 else _scaled(without, SLIGHTLY)

            yield _made("missing assumption", f"{name}-{position}", why, wrong)


# --- thin sets ------------------------------------------------------------------------------------------------------------


def _beyond(name: str, symbol: Any, end: Expr, defect: Expr) -> FalseBound:
    claim = bounds.claim(name)

    def wrong(times: int) -> Claim:
        return claim.changed(parameters={symbol: Interval(0, (1 + times * defect) * end)})

    return _made("thin set", name, f"continued {float(defect):.0e} of its range beyond the end", wrong)


def _thin() -> Iterator[FalseBound]:
    yield _beyond("adaptation_never_hurts", alpha, 2 / beta, SLIGHTLY)
    yield _beyond("adaptation_never_hurts/residual", alpha, 2 / beta, SLIGHTLY)
    yield _beyond("lower_curvature", alpha, Rational(5, 3) / beta, SLIGHTLY)
    yield _beyond("lower_curvature/relative_weight", alpha, 1 / beta, SLIGHTLY)
    yield _beyond("lower_curvature/relative_weight_at_the_ends", alpha, 2 / (nu + beta), SLIGHTLY)
    yield _beyond("adaptation_never_hurts_sampled/ends", alpha, adaptation_never_hurts_sampled.LIMIT, SLIGHTLY)
    for width in (Rational(1, 10), Rational(1, 1000)):

        def wrong(times: int, width: Expr = width) -> Claim:
            return Claim(
                name="thin",
                title="a square away from zero",
                parameters={x: Interval(0, 1)},
                lhs=(times * width) ** 2,
                relation="<=",
                rhs=(x - Rational(1, 3)) ** 2,
                source=HERE,
                false_sibling=None,
            )

        yield _made("thin set", f"square-{width.q}", f"reversed within {float(width):g} of 1/3", wrong)

    def ordered(times: int) -> Claim:
        """The order of two relative weights, reversed only where both curvatures are near beta."""
        return Claim(
            name="ordered",
            title="relative weights keep their order",
            parameters={beta: Interval.open(0, oo), q_low: Interval(0, beta), q_high: Interval(q_low, beta)},
            lhs=(1 - (1 + times * Rational(1, 100)) * q_high / beta) ** 2,
            relation="<=",
            rhs=(1 - (1 + times * Rational(1, 100)) * q_low / beta) ** 2,
            source=HERE,
            false_sibling=None,
        )

    yield _made("thin set", "relative-weights", "reversed for curvatures within 2 % of beta", ordered)


# --- truths about fewer tasks -----------------------------------------------------------------------------------------------


def _special() -> Iterator[FalseBound]:
    pair = {"trained": Prescribed("A"), "deployed": Prescribed("B")}
    two = Range(2, 3)

    def hull(law: str, factor: Expr, **rules: Any) -> Callable[[int], Claim]:
        given = {root_u: Interval.open(0, oo), root_l: Interval(0, root_u)}
        if law == "free":
            given = {beta: Interval.open(0, oo), alpha: Interval.open(0, 1 / beta), k: Range(1, 4)}
        return lambda times: Claim(
            name="hull",
            title="optima of two tasks stay together",
            parameters=given,
            tasks=Tasks(law, dimension=two, number=two),
            measured={distance: measured("distance", **rules), diameter: measured("diameter")},
            lhs=distance,
            relation="<=",
            rhs=factor * (1 - (times - 1) * SLIGHTLY) * diameter,
            source=HERE,
            false_sibling=None,
        )

    gap = (root_u - root_l) / (root_u + root_l)
    drs_maml = {"trained": DRS(), "deployed": MAML(alpha, k)}
    yield _made("commuting", "pairs-stay-within", "two commuting tasks", hull("weight_pairs", Integer(1), **pair))
    yield _made("commuting", "pairs-distance", "two commuting tasks", hull("weight_pairs", gap, **pair))
    yield _made("commuting", "rules-stay-within", "two commuting tasks", hull("free", Integer(1), **drs_maml))

    for name, law in (("distance", "weight_pairs"), ("distance_drs_maml", "free")):
        claim = bounds.claim(name)

        def higher(times: int, claim: Claim = claim, law: str = law) -> Claim:
            return _scaled(claim.changed(tasks=Tasks(law, dimension=Range(1, 4))), (times - 1) * SLIGHTLY)

        yield _made("one dimension", name, "claimed up to p = 3", higher)

    sampled = bounds.claim("adaptation_never_hurts_sampled")

    def steep(times: int) -> Claim:
        return _scaled(sampled.changed(parameters={alpha: Interval(0, 2 * N / (beta * (N + 2)))}), (times - 1) * SLIGHTLY)

    yield _made("one dimension", "adaptation_never_hurts_sampled", "the limit of p = 1", steep)

    def traceless(times: int) -> Claim:
        weight = gao_sener_theorem5_risk.POPULATION + alpha**2 / N * (q**3 + q**2 * q * times)
        return bounds.claim("gao_sener_theorem5_risk").changed(
            measured={weighted: measured("weighted_risk", weight=Lambda((q, tau2), weight))}
        )

    yield _made("one dimension", "gao_sener_theorem5_risk", "tr(Q^2) taken for q^2", traceless)

    drs = {excess: measured("modeling_error", **drs_maml), risk_A: measured("training_risk", rule=DRS())}
    top, low = (1 - alpha * nu) ** (2 * k), (1 - alpha * beta) ** (2 * k)

    def equal(name: str, of: Callable[[Claim], tuple[Expr, Expr]]) -> FalseBound:
        claim = bounds.claim(name)
        lhs, rhs = of(claim)

        def wrong(times: int) -> Claim:
            return claim.changed(lhs=lhs, rhs=(1 - (times - 1) * SLIGHTLY) * rhs)

        return _made("equal weights", name, "the constant of two tasks of equal weight", wrong)

    assert set(drs) == set(bounds.claim("transfer_drs_maml").measured)
    yield equal("transfer_bound", lambda claim: (2 * (u + l) * excess, (u - l) ** 2 * risk_A))
    yield equal("transfer_drs_maml", lambda claim: (2 * (top + low) * excess, (top - low) ** 2 * risk_A))
    yield equal("distance", lambda claim: (2 * (u + l) * distance, (u - l) * diameter))
    yield equal("distance_drs_maml", lambda claim: (2 * (top + low) * distance, (top - low) * diameter))


#: all of them
FALSE_BOUNDS = (*_constants(), *_missing(), *_thin(), *_special())
