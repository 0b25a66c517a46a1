r"""What top pruning leaves out of the gradient: its share of the examples' mean norm at most.

**Setting.** A linear layer on n examples with the gradients :math:`g_i`, mean g.  Top pruning keeps the k of largest norm, mean
:math:`g_S`.

**Theorem.** :math:`\|g-\tfrac kng_S\|\le(1-\tfrac kn)\,\tfrac1n\sum\|g_i\|`.

**Proof.** The left side is the norm of the sum of the others over n, at most the sum of their norms, which are the smallest.

**Sharp**: attained by equal gradients.  For another choice of k examples it is false: of the gradients 1 and 0 the second
leaves out 1/2, above 1/4.  That the first k examples in any order do as well is the false sibling.  What top pruning leaves out
is not the least that a choice can (reduction ``least``); how often another choice leaves out
less is counted by ``python docs/exact_numbers.py pruning``.

**Source**: derived here; the pruning is `tack-2023`'s.
"""

from sympy import Max, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import discrepancy, first_discrepancy, kept, least_discrepancy, mean_norm, n, p

KEPT, CONTEXTS = {kept: Range(1, 3)}, Instances("gradients", {p: Range(1, 3), n: Range(3, 6)})

LEAST = Claim(
    name="top_pruning/least",
    title="The best choice leaves out at most what top pruning does",
    parameters=KEPT,
    tasks=CONTEXTS,
    measured={
        least_discrepancy: measured("pruning_discrepancy", kept=kept, selection="least"),
        discrepancy: measured("pruning_discrepancy", kept=kept, selection="top"),
    },
    lhs=least_discrepancy,
    relation="<=",
    rhs=discrepancy,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % less", {"rhs": Rational(99, 100) * discrepancy}),
)

CLAIM = Claim(
    name="top_pruning",
    title="Top pruning leaves out of the gradient at most 1 - k/n of the mean norm of the examples' gradients",
    parameters=KEPT,
    tasks=CONTEXTS,
    measured={
        discrepancy: measured("pruning_discrepancy", kept=kept, selection="top"),
        mean_norm: measured("mean_gradient_norm"),
    },
    lhs=discrepancy,
    relation="<=",
    rhs=(1 - kept / n) * mean_norm,
    source=Source("tack-2023", "its score; derived here"),
    reductions=(LEAST,),
    false_sibling=FalseSibling(
        "the first k examples too",
        {
            "measured": {first_discrepancy: measured("pruning_discrepancy", kept=kept, selection="first")},
            "lhs": Max(discrepancy, first_discrepancy),
        },
    ),
)
