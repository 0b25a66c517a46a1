r"""What the likelihood-ratio surrogate keeps of the return's curvature.

**Setting.** A tabular decision process, a softmax policy. The surrogate of an inner step, :math:`E\sum_t\gamma^t
\frac{\pi_\theta(a_t|s_t)}{\pi(a_t|s_t)}A(s_t,a_t)` with visits and advantages frozen, has the gradient of J at the policy
that it was made for.

**Theorem.**
:math:`v^\top\nabla^2Jv=H_1[v,v]+2\gamma\sum_sd(s)\operatorname{Cov}_{\pi(\cdot|s)}\bigl(v,P\,\partial_vV\bigr)`, where
:math:`H_1[v,v]=\sum_sd(s)\,\kappa_s(A,v,v)`, the third mixed cumulant over actions, is the surrogate's own second
derivative.

**Proof.** Differentiate :math:`\partial_vJ=\sum_sd\sum_a\pi(v-\bar v)Q` again: the policy's derivatives give :math:`H_1`;
those of Q and of d are :math:`\gamma P\,\partial_vV` each, by the adjoint equation.

**What follows.** Meta-gradients through this surrogate lose the second term: at equal logits on the 5 x 5 grid it is
0.776 of the Hessian's norm.

**Source**: derived here.
"""

from sympy import Integer, Interval, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, cross_form, curvature_form, discount, n, states, surrogate_form

CLAIM = Claim(
    name="softmax_curvature",
    title="The return's curvature is the surrogate's plus a covariance of scores with the next value's change",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 4), actions: Range(2, 4)}),
    measured={
        curvature_form: measured("curvature_form", block=Integer(0)),
        surrogate_form: measured("surrogate_form", block=Integer(0)),
        cross_form: measured("cross_form"),
    },
    lhs=curvature_form,
    relation="==",
    rhs=surrogate_form + cross_form,
    source=Source("derived here"),
    false_sibling=FalseSibling("the surrogate's curvature alone", {"rhs": surrogate_form}),
)
