r"""Three arms can trap the policy: a strict local maximum of the meta-objective that is not global.

**Setting.** As in :mod:`theory.bounds.global_optimality.two_armed_meta_objective`, with :math:`e^\eta=4` and four equally
likely tasks with the rewards (2, 3, 6), (5, 6, 0), (6, 4, 5), (0, 0, 1).

**Theorem.** L has a strict local maximum at (0, t, 1 - t) with one t between 0.049 and 0.051, worth 4.4860, against 4.5417 at
(0.257, 0.248, 0.495).

**Proof.** On the face of arms 2 and 3 the slope along it is a rational function of t; the roots of its numerator between the
two ends are counted by Sturm's theorem: there is one.  The slope is positive before (reduction ``rises``) and negative
behind (reduction ``falls``), so L has a strict maximum of the face there; towards arm 1 it falls everywhere near
(reduction ``trapped``), so it is one of the simplex.  And L is smaller there than elsewhere by more than 1/25 (reduction
``elsewhere``).

**How it is checked.** Numerics counts the changes of sign of the executed slope on a grid.

**Sharp**: an equality.  That there is no stationary policy is the false sibling.  Two arms cannot do this, and with three arms
one task is not concave already.

**Source**: derived here, for the question of `wang-2020`.
"""

from sympy import Expr, Integer, Interval, Rational

from theory.claim import Claim, FalseSibling, Measured, Source, measured
from theory.notation import along_slope, first_slope, here_value, share_one, share_two, stationary, there_value

HERE = Source("derived here")
TASKS = {"rewards": ((2, 3, 6), (5, 6, 0), (6, 4, 5), (0, 0, 1)), "boost": Integer(4)}
LOW, HIGH = Rational(49, 1000), Rational(51, 1000)
BETTER = (Rational(257, 1000), Rational(248, 1000), Rational(495, 1000))
#: policies near (0, t, 1 - t): share_one is that of the first arm, share_two the second's part of the rest
NEAR = (share_one, (1 - share_one) * share_two, (1 - share_one) * (1 - share_two))
BOX = {share_one: Interval(0, Rational(1, 100)), share_two: Interval(LOW, HIGH)}


def _along(place: Expr) -> Measured:
    """The slope along the face of arms 2 and 3."""
    return measured("arms_slope", policy=(Integer(0), place, 1 - place), towards=(0, 1, -1), **TASKS)


RISES, FALLS = (
    Claim(
        name=f"three_armed_maximum/{name}",
        title=f"On the face of arms 2 and 3 the meta-objective {name} as t goes from {low} to {high}",
        parameters={share_two: Interval(low, high)},
        measured={along_slope: _along(share_two)},
        lhs=-sign * along_slope,
        relation="<=",
        rhs=Integer(0),
        source=HERE,
        false_sibling=FalseSibling("beyond the maximum too", {"parameters": {share_two: wider}}),
    )
    for name, sign, low, high, wider in (
        ("rises", 1, Rational(1, 25), LOW, Interval(Rational(1, 25), HIGH)),
        ("falls", -1, HIGH, Rational(3, 50), Interval(LOW, Rational(3, 50))),
    )
)

TRAPPED = Claim(
    name="three_armed_maximum/trapped",
    title="Towards arm 1 the meta-objective falls everywhere near the maximum, by a tenth at least",
    parameters=BOX,
    measured={first_slope: measured("arms_slope", policy=NEAR, towards=(1, 0, 0), **TASKS)},
    lhs=first_slope + Rational(1, 10),
    relation="<=",
    rhs=Integer(0),
    source=HERE,
    false_sibling=FalseSibling("by two", {"lhs": first_slope + 2}),
)

ELSEWHERE = Claim(
    name="three_armed_maximum/elsewhere",
    title="Near the maximum the meta-objective is smaller by more than 1/25 than at (0.257, 0.248, 0.495)",
    parameters=BOX,
    measured={
        here_value: measured("arms_value", policy=NEAR, **TASKS),
        there_value: measured("arms_value", policy=BETTER, **TASKS),
    },
    lhs=here_value + Rational(1, 25),
    relation="<=",
    rhs=there_value,
    source=HERE,
    false_sibling=FalseSibling("by 3/50", {"lhs": here_value + Rational(3, 50)}),
)

CLAIM = Claim(
    name="three_armed_maximum",
    title="On the face of arms 2 and 3 there is one stationary policy with t from 0.049 to 0.051",
    measured={stationary: measured("stationary_policies", low=LOW, high=HIGH, **TASKS)},
    lhs=stationary,
    relation="==",
    rhs=Integer(1),
    source=Source("wang-2020", "its question for one state; derived here"),
    reductions=(RISES, FALLS, TRAPPED, ELSEWHERE),
    false_sibling=FalseSibling("there is none", {"rhs": Integer(0)}),
)
