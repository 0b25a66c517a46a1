r"""On a finite training set the risk after the flow may first fall below the energy functional.

**Setting.** As in :mod:`theory.bounds.kernels.flow_error`, but the flow sees one example of the task: x = 8(1, 3) with
probability 1/64 and (1, -2) otherwise, without noise; d = (4, -1) from the optimum to the parameter.

**Theorem.** The risk after the flow less the energy functional is zero at T = 0, and so is its slope.  The second derivative is
-1045775/512 there; the difference is negative up to T = 0.0142 (reduction ``below``) and positive from 0.0143 on (reduction
``above``).  Its size, the error, thus rises, falls to zero in between, and rises again.

**Proof.** The flow on x takes d to :math:`d-x\,x^\top d\,(1-e^{-T|x|^2})/|x|^2`; expand the risk in T.  The second derivative
is :math:`E[|x|^2x^\top d\,x^\top Qd]+E[x^\top Qx\,(x^\top d)^2]`, in rationals.

**How it is checked.** Numerics runs the flow as a matrix exponential, at complex times around zero for the derivative.

**Sharp**: an equality.  That it is positive, as for the population, is the false sibling.

**Source**: derived here, against `zhou-2021`, Theorem 5.
"""

from sympy import Integer, Interval, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import bent, error_before, t

HERE = Source("derived here")
LAW = Instances("rare_example")
SECOND = Rational(-1045775, 512)
LATEST = Rational(1, 32)


def _sided(name: str, title: str, sign: int, times: Interval, wider: Interval) -> Claim:
    """On which side of the energy functional the risk after the flow lies."""
    return Claim(
        name=f"finite_training_error/{name}",
        title=title,
        parameters={t: times},
        tasks=LAW,
        measured={error_before: measured("one_example_error", time=t, signed=True)},
        lhs=sign * error_before,
        relation="<=",
        rhs=Integer(0),
        source=HERE,
        false_sibling=FalseSibling("beyond the zero too", {"parameters": {t: wider}}),
    )


FIRST, LAST = Rational(142, 10000), Rational(143, 10000)
BELOW = _sided("below", "Up to T = 0.0142 the risk is at most the energy", 1, Interval(0, FIRST), Interval(0, Rational(3, 200)))
ABOVE = _sided(
    "above", "From T = 0.0143 on it is at least the energy", -1, Interval(LAST, LATEST), Interval(Rational(27, 2000), LATEST)
)

CLAIM = Claim(
    name="finite_training_error",
    title="On one law of examples the second derivative of the risk after the flow less the energy is -1045775/512 at T = 0",
    tasks=LAW,
    measured={bent: measured("one_example_curvature")},
    lhs=bent,
    relation="==",
    rhs=SECOND,
    source=Source("zhou-2021", "beside Theorem 5; derived here"),
    reductions=(BELOW, ABOVE),
    false_sibling=FalseSibling("it is positive", {"rhs": -SECOND}),
)
