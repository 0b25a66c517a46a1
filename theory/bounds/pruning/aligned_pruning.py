r"""The examples whose gradients align most with the whole one improve its loss faster than random ones.

**Setting.** As in :mod:`theory.bounds.pruning.top_pruning`; the kept examples are those of largest :math:`\langle
g,g_i\rangle`.

**Theorem.** :math:`\langle g,g_S\rangle\ge\|g\|^2`, the mean over all choices of S; and no choice of k examples has more.

**Proof.** The mean of the k largest of n numbers is at least the mean of all, which is :math:`\langle g,g\rangle`.

**Sharp**: attained by equal gradients.  Examples of largest norm do not have this (the false sibling).

**Source**: derived here, as the correction of `tack-2023`'s score.
"""

from sympy import Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import alignment, all_alignment, kept, n, p

CLAIM = Claim(
    name="aligned_pruning",
    title="The examples most aligned with the whole gradient improve its loss at least as fast as random ones",
    parameters={kept: Range(1, 3)},
    tasks=Instances("gradients", {p: Range(1, 3), n: Range(3, 6)}),
    measured={
        alignment: measured("pruned_alignment", kept=kept, selection="aligned"),
        all_alignment: measured("pruned_alignment", kept=n, selection="aligned"),
    },
    lhs=all_alignment,
    relation="<=",
    rhs=alignment,
    source=Source("derived here"),
    false_sibling=FalseSibling("1 % faster", {"rhs": 100 * alignment / 101}),
)
