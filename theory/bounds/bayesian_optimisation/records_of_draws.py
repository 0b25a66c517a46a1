r"""Records of draws with replacement: no more than without ties, however many draws or values.

**Setting.** T uniform draws with replacement from n distinct values.

**Theorem.** The mean number of records is :math:`\sum_{v\le n}\frac{1-((v-1)/n)^T}{n-v+1}\le\min(H_T,H_n)`.

**Proof.** The v-th smallest value is a record iff it is drawn before all larger ones: among those at least v, the first draw is
uniform, and there is one with probability :math:`1-((v-1)/n)^T`.  Each draw is a record with probability at most 1/t.

**Sharp**: attained for T = 1 and n = 1.  Counting ties as records makes it false: a constant function then sets T.

**How it is checked.** Numerics visits all n^T sequences, theory has the sum.

**Source**: derived here, beside `maraval-2023`, Lemma 3.1.
"""

from sympy import Min, Range

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import T, harmonic, harmonic_values, n, records

CLAIM = Claim(
    name="records_of_draws",
    title="T draws with replacement from n distinct values set at most min(H_T, H_n) records on average",
    parameters={n: Range(1, 6), T: Range(1, 6)},
    measured={
        records: measured("records_of_draws", values=n, draws=T, ties=False),
        harmonic: measured("harmonic_number", length=T),
        harmonic_values: measured("harmonic_number", length=n),
    },
    lhs=records,
    relation="<=",
    rhs=Min(harmonic, harmonic_values),
    source=Source("maraval-2023", "beside Lemma 3.1; derived here"),
    false_sibling=FalseSibling(
        "ties counted as records", {"measured": {records: measured("records_of_draws", values=n, draws=T, ties=True)}}
    ),
)
