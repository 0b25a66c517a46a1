r"""Random pruning is an inner step on samples drawn without replacement.

**Setting.** A step at rate alpha on k of n examples, all choices equally likely; Q is the second moment of the whole context's
features z.

**Theorem.** The risk weight after the step is

.. math:: Q(I-\alpha Q)^2+\frac{\alpha^2}k\,\frac{n-k}{n-1}\,V,\qquad V=\tfrac1n\sum(zz^\top-Q)Q(zz^\top-Q),

the weight of the N-sample step of MAML with N = k and the factor of a finite population.

**Proof.** The mean of k draws without replacement has the covariance of one draw over k, times :math:`(n-k)/(n-1)`.

**How it is checked.** Numerics averages over all choices of k examples.  An equality: sharp everywhere.

**Source**: derived here.
"""

from sympy import Interval, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import alpha, formula_value, kept, n, p, pruned_form

CLAIM = Claim(
    name="random_pruning",
    title="A randomly pruned step has the weight of MAML's step on k samples without replacement",
    parameters={alpha: Interval(0, 1), kept: Range(1, 3)},
    tasks=Instances("context", {p: Range(1, 3), n: Range(3, 6)}),
    measured={
        pruned_form: measured("random_pruning_form", rate=alpha, kept=kept),
        formula_value: measured("finite_population_form", rate=alpha, kept=kept, finite=True),
    },
    lhs=pruned_form,
    relation="==",
    rhs=formula_value,
    source=Source("tack-2023", "its baseline; derived here"),
    false_sibling=FalseSibling(
        "without the factor of a finite population",
        {"measured": {formula_value: measured("finite_population_form", rate=alpha, kept=kept, finite=False)}},
    ),
)
