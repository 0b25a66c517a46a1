r"""An inner loss of log-likelihoods makes MAML first-order.

**Setting.** A tabular decision process, a softmax policy. The inner loss :math:`E\sum_t\gamma^t\log\pi_\theta(a_t|s_t)
\hat A(s_t,a_t)` has the gradient of J at the policy that it was made for, whichever baseline :math:`\hat A` has.

**Theorem.** With advantages, :math:`E[\hat A\mid s]=0`, its expected second derivative is zero along every v: the
meta-gradient through it is first-order MAML's.

**Proof.** :math:`\nabla^2\log\pi(a|s)=-F_s`, the same for all actions; so the second derivative is
:math:`-\sum_sd(s)E[\hat A\mid s]\,v^\top F_sv`. Without a baseline it is :math:`-\sum_sd\,V\,v^\top F_sv`, which adding a
constant to all rewards changes. The same holds for Gaussian policies of fixed variance whose mean is linear in the
parameters; a learned variance or a nonlinear mean keeps a remnant.

**Source**: derived here.
"""

from sympy import Integer, Interval, Range

from theory.claim import Claim, FalseSibling, Instances, Source, measured
from theory.notation import actions, discount, loglik_form, n, states

CLAIM = Claim(
    name="log_likelihood_surrogate",
    title="The expected log-likelihood weighted by advantages has no curvature in the logits",
    parameters={discount: Interval.Ropen(0, 1)},
    tasks=Instances("decision_processes", {n: Range(1, 2), states: Range(1, 4), actions: Range(2, 4)}),
    measured={loglik_form: measured("loglik_form", baseline=Integer(1))},
    lhs=loglik_form,
    relation="==",
    rhs=Integer(0),
    source=Source("derived here"),
    false_sibling=FalseSibling(
        "weighted by returns, without a baseline", {"measured": {loglik_form: measured("loglik_form", baseline=Integer(0))}}
    ),
)
