r"""What random search finds: its share of the largest value, and the mean of the rest otherwise.

**Setting.** T distinct points of n, drawn at random; the largest value found.

**Theorem.** :math:`E\max\ge\tfrac Tn\max f+(1-\tfrac Tn)\,\overline f_{rest}`, the mean of the values but the largest.

**Proof.** With probability T/n the largest is found; otherwise the largest of T others is at least their mean.

**Sharp**: attained where all other values are equal.  One more query is the false sibling.

**Source**: derived here.
"""

from sympy import Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import T, expected_best, largest_value, points, rest_mean

SHARE = T / points

CLAIM = Claim(
    name="random_search",
    title="Random search finds T/n of the largest value and the rest of the others' mean at least",
    parameters={T: Range(1, 5)},
    tasks=Instances("function_values", {points: Range(5, 8)}),
    measured={
        expected_best: measured("expected_best", queries=T),
        largest_value: measured("largest_value"),
        rest_mean: measured("rest_mean"),
    },
    lhs=SHARE * largest_value + (1 - SHARE) * rest_mean,
    relation="<=",
    rhs=expected_best,
    source=Source("maraval-2023", "its baseline; derived here"),
    false_sibling=FalseSibling(
        "for one query less", {"lhs": (T + 1) / points * largest_value + (1 - (T + 1) / points) * rest_mean}
    ),
)
