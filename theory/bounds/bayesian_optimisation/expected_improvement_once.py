r"""Greedy expected improvement is the best search for one query, and not for two.

**Setting.** A prior over finitely many functions on finitely many points; a search sees the values of its queries and is
worth the largest.  The greedy one queries where the expected improvement is largest.

**Theorem.** For one query it is the best search.  For two it is not: equally likely (3, 1, 0), (0, 0, 2), (0, 2, 0) give 5/7,
and the pointer family (a safe arm worth 1.01, an arm that tells which of K others pays K) gives less than 2.01 of K: the
ratio tends to zero, so that :math:`1-1/e`, the guarantee of adaptive submodularity, is none here.

**Proof.** With one query the improvement is all there is.

**Sharp**: an equality.  The false sibling claims :math:`1-1/e` in two queries; the pointer family with K = 4 is its stored
instance, in hundredths.  Searches are controlled by equality in two queries.

**Source**: derived here; `maraval-2023` trains policies by rewards of this kind.
"""

from sympy import Integer, Range, exp

from theory.claim import Claim, FalseSibling, Instances, Source, Stored, measured
from theory.notation import expected_best, greedy_best, n, points

IN_TWO = {
    greedy_best: measured("search_value", queries=Integer(2), greedy=True),
    expected_best: measured("search_value", queries=Integer(2), greedy=False),
}

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
        "at least 1 - 1/e of it in two",
        {
            "tasks": Instances("tabular_prior", {points: Range(2, 7), n: Range(1, 5)}),
            "measured": IN_TWO,
            "lhs": (1 - exp(-1)) * expected_best,
            "relation": "<=",
            "rhs": greedy_best,
        },
        stored=Stored(
            "a safe arm worth 1.01, an arm that tells which of four others pays 4, and these",
            {points: 6, n: 4},
            {"functions": tuple((101, arm, *(400 * int(arm == paid) for paid in range(4))) for arm in range(4))},
        ),
        control=FalseSibling("in two", {"measured": IN_TWO}),
    ),
)
