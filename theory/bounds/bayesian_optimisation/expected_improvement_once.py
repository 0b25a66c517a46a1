r"""Greedy expected improvement is the best search for one query, and not for two.

**Setting.** A prior over finitely many functions on finitely many points; a search sees the values of its queries and is
worth the largest.  The greedy one queries where the expected improvement is largest.

**Theorem.** For one query it is the best search.  For two it is not: equally likely (3, 1, 0), (0, 0, 2), (0, 2, 0) give 5/7,
and the pointer family (a safe arm worth 1.01, an arm that tells which of K others pays K) gives less than 2.01 of K: the
ratio tends to zero.

**Proof.** With one query the improvement is all there is.

**Sharp**: an equality.  Two queries are the false sibling; the pointer family is in the tests.

**Source**: derived here; `maraval-2023` trains policies by rewards of this kind.
"""

from sympy import Integer, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import expected_best, greedy_best, n, points

CLAIM = Claim(
    name="expected_improvement_once",
    title="Greedy expected improvement finds as much as the best search in one query",
    tasks=Instances("tabular_prior", {points: Range(2, 5), n: Range(1, 5)}),
    measured={
        greedy_best: measured("search_value", queries=Integer(1), greedy=True),
        expected_best: measured("search_value", queries=Integer(1), greedy=False),
    },
    lhs=greedy_best,
    relation="==",
    rhs=expected_best,
    source=Source("maraval-2023", "its rewards; derived here"),
    false_sibling=FalseSibling(
        "in two",
        {
            "measured": {
                greedy_best: measured("search_value", queries=Integer(2), greedy=True),
                expected_best: measured("search_value", queries=Integer(2), greedy=False),
            }
        },
    ),
)
