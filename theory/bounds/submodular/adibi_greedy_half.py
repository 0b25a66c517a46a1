r"""Two greedy stages find half of the best meta-value, in either order. [recalled]

**Setting.** As in :mod:`theory.bounds.submodular.meta_objective_submodular`: l shared elements and a of each task's own.

**Theorem.** Choosing the shared elements greedily and then each task's own, or the other way round, finds at least half of OPT,
however ties are broken.

**Proof.** Lift the problem to the ground set of all pairs of an element and either "shared" or a task: the value is monotone
and submodular there, and the constraints, l shared and a of each task's own, are those of a partition matroid.  Greedy
maximisation that fills the parts in any prescribed order is locally greedy, and finds half (Fisher, Nemhauser and Wolsey,
1978).

**Sharp**: approached with l = a = 1 and the tasks' own elements first, see
:mod:`theory.bounds.submodular.adapting_sets_first`, whose four tasks refute two thirds here too.

**How it is checked.** l and a are 1 or 2, ties are broken in the worst way.

**Source**: recalled from `adibi-2020`, not checked against the print.  The better of the two orders is recalled to find 0.53, a
randomised algorithm 1 - 1/e; these are not claimed until read.
"""

from sympy import Range, Rational

from theory.bounds.submodular.adapting_sets_first import FOUR_TASKS
from theory.claim import Claim, FalseSibling, Instances, Source, Stored, measured
from theory.notation import best, elements, found, items, n, own, own_first, shared

ONE_EACH = {shared: 1, own: 1, own_first: 1}

CLAIM = Claim(
    name="adibi_greedy_half",
    title="Greedy choice of the shared elements and of each task's own, in either order, finds half of the best meta-value",
    parameters={shared: Range(1, 3), own: Range(1, 3), own_first: Range(0, 2)},
    tasks=Instances("coverage", {n: Range(1, 5), elements: Range(2, 7), items: Range(1, 5)}),
    measured={
        best: measured("best_meta_value", shared=shared, own=own),
        found: measured("greedy_meta_value", shared=shared, own=own, own_first=own_first),
    },
    lhs=best,
    relation="<=",
    rhs=2 * found,
    source=Source("adibi-2020", "two greedy stages", recalled=True),
    false_sibling=FalseSibling(
        "two thirds",
        {"rhs": Rational(3, 2) * found},
        stored=Stored(FOUR_TASKS.description, {**FOUR_TASKS.parameters, **ONE_EACH}, FOUR_TASKS.tasks),
        control=FalseSibling(
            "four fifths for one element each",
            {"parameters": {shared: Range(1, 2), own: Range(1, 2)}, "rhs": Rational(5, 4) * found},
        ),
    ),
)
