r"""The error of the energy functional grows with the time, on a finite training set. [printed]

**Statement**, `zhou-2021`, Theorem 5, in our words: the error of the energy functional against the risk after the flow does not
decrease in the time T.

**Audit.** True of the population (:mod:`theory.bounds.kernels.flow_error`), where the flow sees the whole task.  Refuted once
adaptation sees a finite training set, as eq. (5) does: with one example of x = 8(1, 3) with probability 1/64 and (1, -2)
otherwise and d = (4, -1), the error rises, is zero at T = 0.01425, and rises again; in between it falls
(:mod:`theory.bounds.kernels.finite_training_error`).  The claim is made for this law alone; random small laws hardly ever show
it.  Corrected: the population's statement.
"""

from sympy import Interval, Rational

from theory.claim import Claim, Instances, Source, measured
from theory.notation import error_after, error_before, later, t

CLAIM = Claim(
    name="zhou_theorem5_monotone",
    title="On one law of examples, adapting on one of them, the error of the energy functional does not decrease with the time",
    parameters={t: Interval(0, Rational(1, 32)), later: Interval(t, Rational(1, 32))},
    tasks=Instances("rare_example"),
    measured={
        error_before: measured("one_example_error", time=t),
        error_after: measured("one_example_error", time=later),
    },
    lhs=error_before,
    relation="<=",
    rhs=error_after,
    source=Source("zhou-2021", "Theorem 5, monotonicity"),
    printed=True,
    expected="refuted",
    corrected="flow_error",
    false_sibling=None,
)
