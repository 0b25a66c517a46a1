r"""Rewards for improvement add up to the largest value; the code's other reward is dense.

**Setting.** A search sees values :math:`y_1,\dots,y_T`.  Improvement is rewarded: :math:`r_t=(y_t-\max_{s<t}y_s)_+`.

**Theorem.** :math:`\sum_{t>1}r_t=\max_ty_t-y_1`.

**Proof.** The running maximum telescopes.  An equality: sharp everywhere.

Minus the best regret at every step, the code's reward ``neg_linear``, is not sparse: only its changes are; its
``best_regret_timed`` pays once.  That the
improvements count from zero is the false sibling.

**Source**: derived here, against the environment code of `maraval-2023`.
"""

from sympy import Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import first_value, gained, largest_value, points

CLAIM = Claim(
    name="improvement_rewards",
    title="Rewards for improvement add up to the largest value less the first",
    tasks=Instances("function_values", {points: Range(2, 7)}),
    measured={
        gained: measured("improvements"),
        largest_value: measured("largest_value"),
        first_value: measured("first_value"),
    },
    lhs=gained,
    relation="==",
    rhs=largest_value - first_value,
    source=Source("maraval-2023", "its rewards; derived here"),
    false_sibling=FalseSibling("as if the first value were zero", {"rhs": largest_value}),
)
