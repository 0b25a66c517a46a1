r"""Records of an exchangeable sequence are logarithmically sparse. [recalled]

**Setting.** T values in an exchangeable order, without ties; a record exceeds all before it.

**Theorem.** There are :math:`|s(T,r)|` orders with r records, Stirling numbers (reduction ``law``), so
:math:`H_T=\sum_{i\le T}1/i` of them on average (reduction ``mean``), with the variance :math:`H_T-H_T^{(2)}` (reduction
``variance``), and :math:`\ln(T+1)<H_T\le1+\ln T` (the lower bound is reduction ``lower``).

**Proof.** Value t is a record with probability 1/t, independently; compare the sum with the integral of 1/x.

**Sharp**: the upper bound at T = 1; 0.99 in place of 1 is false there.

**How it is checked.** Numerics visits all T! orders.  The lemma is about a random policy alone: a sweep up a grid sets T
records.

**Source**: the sparsity is recalled from `maraval-2023`, Lemma 3.1, not checked against the print; the law is classical.
"""

from sympy import Range, Rational, exp

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import T, harmonic, record_count, record_share, records, records_spread, squared_harmonic, stirling_share

LENGTHS = {T: Range(1, 9)}
HERE = Source("derived here")

MEAN = Claim(
    name="record_sparsity/mean",
    title="The mean number of records over all orders is the harmonic number",
    parameters=LENGTHS,
    measured={records: measured("mean_records", length=T), harmonic: measured("harmonic_number", length=T)},
    lhs=records,
    relation="==",
    rhs=harmonic,
    source=HERE,
    false_sibling=FalseSibling("that of one more", {"measured": {harmonic: measured("harmonic_number", length=T + 1)}}),
)

LAW = Claim(
    name="record_sparsity/law",
    title="Of T! orders |s(T, r)| have r records",
    parameters={T: Range(1, 9), record_count: Range(1, 9)},
    measured={
        record_share: measured("record_share", length=T, records=record_count),
        stirling_share: measured("stirling_share", length=T, records=record_count),
    },
    lhs=record_share,
    relation="==",
    rhs=stirling_share,
    source=HERE,
    false_sibling=FalseSibling(
        "of one more value", {"measured": {stirling_share: measured("stirling_share", length=T + 1, records=record_count)}}
    ),
)

VARIANCE = Claim(
    name="record_sparsity/variance",
    title="The variance of the number of records over all orders is H_T - H_T^(2)",
    parameters=LENGTHS,
    measured={
        records_spread: measured("record_variance", length=T),
        harmonic: measured("harmonic_number", length=T),
        squared_harmonic: measured("harmonic_number", length=T, power=2),
    },
    lhs=records_spread,
    relation="==",
    rhs=harmonic - squared_harmonic,
    source=HERE,
    false_sibling=FalseSibling("as of Poisson's law", {"rhs": harmonic}),
)

LOWER = Claim(
    name="record_sparsity/lower",
    title="T + 1 is less than the exponential of the mean number of records",
    parameters=LENGTHS,
    measured={records: measured("mean_records", length=T)},
    lhs=T + 1,
    relation="<=",
    rhs=exp(records),
    source=HERE,
    false_sibling=FalseSibling("T + 2", {"lhs": T + 2}),
)

CLAIM = Claim(
    name="record_sparsity",
    title="The mean number of records is at most 1 + ln T",
    parameters=LENGTHS,
    measured={records: measured("mean_records", length=T)},
    # in exponentials, so that ln T is not needed
    lhs=exp(records - 1),
    relation="<=",
    rhs=T,
    source=Source("maraval-2023", "Lemma 3.1", recalled=True),
    reductions=(LAW, MEAN, VARIANCE, LOWER),
    false_sibling=FalseSibling("0.99 + ln T", {"lhs": exp(records - Rational(99, 100))}),
)
