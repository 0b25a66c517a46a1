r"""When the meta-objective of sets is submodular itself: up to two elements more than a task adds.

**Setting.** Tasks are monotone submodular functions :math:`f_i` on a ground set V, zero on the empty set, and

.. math:: F(S)=\sum_i\max_{|T|\le a}f_i(S\cup T).

`adibi-2020` notes that F need not be submodular.

**Theorem.** F is submodular if :math:`|V|\le a+2`.  The claim takes :math:`|V|=a+2`: with fewer elements F is constant but at
the empty set, if there.

**Proof.** Take one task, S and x, y outside it.  If S is not empty, or :math:`|V|\le a+1`, at most a elements are outside of
S + x, the task adds all of them, and F(S+x) = F(S+y) = F(S+x+y) = f(V), which is at least F(S).  Let S be empty and
:math:`|V|=a+2`, and let u and v be the two elements that the best T of a elements leaves out.  F(x) is the largest f(V - w)
over :math:`w\ne x`.  One of the two ways to give u and v to x and y respects :math:`w\ne x` and :math:`w\ne y`, since u and v
differ and so do x and y.  Hence :math:`F(x)+F(y)\ge f(V-u)+f(V-v)\ge f(V)+f(V-u-v)=F(x,y)+F(\emptyset)`.

**Sharp**: with :math:`|V|=a+3` it is false already for :math:`a=1`: elements that cover {1}, {2}, {3} and {1, 2} give
F(1) + F(2) = 4 < 5 = F(1, 2) + F(empty).  That is the false sibling.

**Source**: derived here; that F need not be submodular is `adibi-2020`'s.
"""

from sympy import Integer, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import elements, items, n, violation

#: sets small enough to be exhausted
SIZES = {n: Range(1, 4), elements: Range(2, 6), items: Range(1, 5)}

CLAIM = Claim(
    name="meta_objective_submodular",
    title="The meta-objective of sets is submodular if there are two elements more than a task adds",
    tasks=Instances("coverage", {**SIZES, elements: Range(2, 6)}),
    measured={violation: measured("submodularity_violation", own=elements - 2)},
    lhs=violation,
    relation="<=",
    rhs=Integer(0),
    source=Source("adibi-2020", "its objective; derived here"),
    false_sibling=FalseSibling(
        "three elements more",
        {
            "tasks": Instances("coverage", {**SIZES, elements: Range(4, 6)}),
            "measured": {violation: measured("submodularity_violation", own=elements - 3)},
        },
    ),
)
