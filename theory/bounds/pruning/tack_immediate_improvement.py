r"""Top pruning keeps the examples of highest immediate improvement. [printed]

**Statement**, `tack-2023`, abstract, in our words: the examples kept are those with the highest expected immediate
improvement in the model's quality.

**Audit.** A small step on the kept examples S lowers the whole context's loss in proportion to :math:`\langle g,g_S\rangle`,
and random ones lower it by :math:`\|g\|^2` on average.  Refuted: with the gradients -2, 3/2, 3/2 top pruning keeps the first,
against which the whole gradient 1/3 points, and the step *raises* the loss at every rate.  Corrected:
:mod:`theory.bounds.pruning.aligned_pruning`, where the score is :math:`\langle g,g_i\rangle`.
"""

from sympy import Range

from theory.claim import Claim, Instances, Source, measured
from theory.notation import alignment, all_alignment, kept, n, p

CLAIM = Claim(
    name="tack_immediate_improvement",
    title="The examples of largest gradient norm improve the whole context's loss at least as fast as random ones",
    parameters={kept: Range(1, 3)},
    tasks=Instances("gradients", {p: Range(1, 3), n: Range(3, 6)}),
    measured={
        alignment: measured("pruned_alignment", kept=kept, selection="top"),
        all_alignment: measured("pruned_alignment", kept=n, selection="top"),
    },
    lhs=all_alignment,
    relation="<=",
    rhs=alignment,
    source=Source("tack-2023", "abstract"),
    printed=True,
    expected="refuted",
    corrected="aligned_pruning",
    false_sibling=None,
)
