r"""How far MAML's objective is below that at another initialisation, by gradients after adaptation.

**Setting.** Tabular tasks; U is one exact gradient step of the logits on a task, and
:math:`F(\theta)=E\,J_\gamma(U\theta)` the return after adaptation.

**Theorem.** For any :math:`\theta` and :math:`\theta^\circ`, with
:math:`\psi(s,a)=\frac{d^{U\theta^\circ}(s)}{d^{U\theta}(s)} \frac{\pi^{U\theta^\circ}(a|s)}{\pi^{U\theta}(a|s)}` minus
its mean over actions,

.. math:: F(\theta^\circ)-F(\theta)=E\,\langle\psi,\nabla J_\gamma(U\theta)\rangle,

and hence, for every v, at most :math:`\|v\|\,\|\nabla F(\theta)\|+E\,\|\psi-(I+\alpha\nabla^2J_\gamma(\theta))v\|\,
\|\nabla J_\gamma(U\theta)\|`.

**Proof.** The performance difference task by task, its terms divided and multiplied by :math:`d\pi` of :math:`U\theta`;
rows of a gradient sum to zero, so that subtracting a row's mean changes nothing. For the bound, :math:`\nabla
F=E(I+\alpha\nabla^2J_\gamma) \nabla J_\gamma(U\theta)`, and Cauchy and Schwarz (reduction ``bound``).

**How it is checked.** The exponentials of the inner step are rationals with 60 digits in the exact replay.

**Source**: derived here; the shape of the bound (geometry of the inner step, representation) is that of ``wang-2020``,
whose energy-based inner step and constants it does not cover.
"""

from sympy import Integer, Interval, Range, Rational

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, alpha, centred_sum, discount, first_order_bound, n, return_gap, states

PARAMETERS = {discount: Interval(0, Rational(9, 10)), alpha: Interval(0, 2)}
TASKS = Instances("decision_processes", {n: Range(1, 3), states: Range(1, 3), actions: Range(2, 4)})
HERE = Source("derived here")

BOUND = Claim(
    name="maml_centred_identity/bound",
    title="The gap after adaptation is at most |v| |grad F| + E |psi - (I + alpha H) v| |grad J|, for every v",
    parameters=PARAMETERS,
    tasks=TASKS,
    measured={
        return_gap: measured("return_gap", rate=alpha),
        first_order_bound: measured("first_order_bound", rate=alpha),
    },
    lhs=return_gap,
    relation="<=",
    rhs=first_order_bound,
    source=HERE,
    false_sibling=FalseSibling("half of it", {"rhs": first_order_bound / 2}),
)

CLAIM = Claim(
    name="maml_centred_identity",
    title="The gap of the return after adaptation is the mean of <psi, gradient after adaptation>",
    parameters=PARAMETERS,
    tasks=TASKS,
    measured={
        return_gap: measured("return_gap", rate=alpha),
        centred_sum: measured("centred_sum", rate=alpha, centred=Integer(1)),
    },
    lhs=return_gap,
    relation="==",
    rhs=centred_sum,
    source=HERE,
    reductions=(BOUND,),
    false_sibling=FalseSibling(
        "with one over the policy in place of psi",
        {"measured": {centred_sum: measured("centred_sum", rate=alpha, centred=Integer(0))}},
    ),
)
