r"""Which method wins at a budget: expected risk to order 1/M, the crossover and the best split of the samples.

An estimate with limit :math:`\theta^*`, asymptotic covariance C and bias b/M (:mod:`theory.estimators`), deployed where the
weight is W with optimum :math:`\theta_W`, has the expected excess risk

.. math:: \underbrace{\tfrac12\|\theta^*-\theta_W\|^2_{E[W]}}_{\text{modeling error}}
   + \frac1M\Bigl\{\tfrac12\operatorname{tr}(E[W]\,C) + (\theta^*-\theta_W)^\top E[W]\,b\Bigr\} + O(M^{-2})

wherever that expectation exists (:mod:`theory.heavy_tails`).  Joint training pays a modeling error, MAML a larger variance:
they cross at the number of tasks that :func:`crossover` gives.

>>> from sympy import Rational
>>> from theory.tasks import SpectrumTied
>>> crossover(SpectrumTied(1, 2), MAML(Rational(1, 4)), 10).evalf(5)
15.358
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Symbol, cancel, diff, oo, sqrt, sympify

from theory.estimators import Estimator, product
from theory.features import GAUSSIAN, Features
from theory.rules import DRS, MAML, Rule
from theory.scores import Joint, Meta
from theory.task_averages import TaskLaw


@dataclass(frozen=True)
class LeadingRisk:
    """Expected excess risk `modeling_error` + `statistical` / M, both exact."""

    modeling_error: Expr
    statistical: Expr

    def at(self, num_tasks: Any) -> Expr:
        """The value for M tasks.

        Examples
        --------
        >>> LeadingRisk(Integer(1), Integer(5)).at(10)
        3/2
        """
        return self.modeling_error + self.statistical / sympify(num_tasks)


def deployment(rule: Rule, samples: Any = oo, features: Features = GAUSSIAN) -> Estimator:
    """The estimator whose expected curvature is the weight that a rule's user pays, adapting on `samples` samples.

    Raises
    ------
    TypeError
        If the rule is neither DRS (no adaptation) nor MAML.
    """
    if isinstance(rule, DRS):
        return Estimator(Joint(), Integer(0), oo, oo, features)
    if not isinstance(rule, MAML):
        raise TypeError(f"deployed is {rule}; finite-sample risks are known here before (DRS) and after a MAML adaptation")
    inner = sympify(samples) if rule.inner_samples is None else rule.inner_samples
    return Estimator(Meta(int(rule.steps)), rule.alpha, inner, oo, features)


def leading_risk(tasks: TaskLaw, estimator: Estimator, deployed: Estimator) -> LeadingRisk:
    """Expected excess deployed risk of an estimate, to order 1/M.

    Parameters
    ----------
    tasks : Discrete, ScalarDensity or SpectrumTied
    estimator : Estimator
        What is trained.
    deployed : Estimator
        What its user does: :func:`deployment`.

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import SpectrumTied
    >>> after = deployment(MAML(Rational(1, 10)))
    >>> leading_risk(SpectrumTied(1, 2), Estimator.of(DRS(), 5), after).modeling_error
    1936/1906875
    """
    weight, place = deployed.mean_curvature(tasks), deployed.limit(tasks)
    limit, place = estimator.limit(tasks).unify(place, fmt="dense")
    gap = limit - place
    pulled = product(gap.transpose(), weight)
    modeling = product(pulled, gap).to_Matrix()[0, 0] / 2
    spread = product(weight, estimator.covariance(tasks)).to_Matrix().trace() / 2
    if not gap.is_zero_matrix:
        spread += product(pulled, estimator.bias(tasks)).to_Matrix()[0, 0]
    return LeadingRisk(_tidy(modeling), _tidy(spread))


def crossover(
    tasks: TaskLaw, rule: MAML, samples: Any, deployed: Estimator | None = None, features: Features = GAUSSIAN
) -> Expr:
    """The crossover M*: the number of tasks above which MAML's expected deployed risk is the lower, to order 1/M.

    Parameters
    ----------
    tasks : Discrete, ScalarDensity or SpectrumTied
    rule : MAML
        Its ``inner_samples`` of each task's 2 `samples` go inside (`samples` if None).
    samples : int or symbol
        N.
    deployed : Estimator, optional
        What the user does; by default the rule's own adaptation, on as many samples as it is trained with.
    features : theory.features law

    Returns
    -------
    sympy expression
        0 if MAML has the lower risk for every M at this order, oo if joint training has it for all large M or the two never
        differ; a rational function, without these cases, where something is symbolic.

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import Discrete, Task
    >>> tasks = Discrete([Task(Rational(1, 2), 0, 1, noise_variance=1), Task(Rational(1, 2), 1, 3, noise_variance=1)])
    >>> crossover(tasks, MAML(Rational(1, 10)), 5).evalf(4)
    38.19
    """
    meta = Estimator.of(rule, samples, features)
    paid = Estimator(meta.algorithm, meta.alpha, meta.inner, oo, features) if deployed is None else deployed
    joint_risk = leading_risk(tasks, Estimator.of(DRS(), samples, features), paid)
    meta_risk = leading_risk(tasks, meta, paid)
    gain, cost = joint_risk.modeling_error - meta_risk.modeling_error, meta_risk.statistical - joint_risk.statistical
    if gain.is_number and cost.is_number:
        if gain < 0 or (gain == 0 and cost >= 0):
            return oo
        return cost / gain if cost > 0 else Integer(0)
    return cancel(cost / gain)


def best_split(tasks: TaskLaw, alpha: Any, samples: int, num_tasks: Any, steps: int = 1, features: Features = GAUSSIAN) -> int:
    """The n_in of n_in + n_out = 2N at which MAML's expected risk is least to order 1/M; deployed on N samples.

    All splits are compared exactly.  As M grows n_in = N wins, because any other trains for the wrong weight; for a fixed M and
    large N see :func:`split_share`.

    Parameters
    ----------
    tasks : Discrete, ScalarDensity or SpectrumTied
    alpha : number
    samples : int
        N, at least 1.
    num_tasks : int or oo
        M.
    steps : int
    features : theory.features law

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import SpectrumTied
    >>> best_split(SpectrumTied(1, 2), Rational(1, 2), 4, oo)
    4
    """
    paid = deployment(MAML(alpha, steps), samples, features)
    risks = {}
    for inner in range(1, 2 * samples):
        split = Estimator(Meta(steps), sympify(alpha), inner, 2 * samples - inner, features)
        risks[inner] = leading_risk(tasks, split, paid).at(num_tasks)
    return min(risks, key=lambda inner: (risks[inner], abs(inner - samples)))


def split_share(tasks: TaskLaw, alpha: Any, steps: int = 1, features: Features = GAUSSIAN) -> Expr:
    r"""The best share n_in/(2N) of the inner sample for a fixed number of tasks and many samples.

    To first order in 1/n_in and 1/n_out the statistical error is :math:`s_0+a/n_{in}+b/n_{out}`, which under
    :math:`n_{in}+n_{out}=2N` is least at the share :math:`\sqrt a/(\sqrt a+\sqrt b)`; the modeling error of training for
    another number of samples than is deployed is of second order.  If :math:`a\le0` a larger inner sample does not help at this
    order, and the share is 0.  The optimum is one among splits with many samples on both sides: at large rates a single inner
    sample, far outside that regime, can have a lower predicted risk still (:func:`best_split` compares them all).

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import SpectrumTied
    >>> split_share(SpectrumTied(1, 2), Rational(1, 2)).evalf(4)
    0.4900
    """
    first, second = Symbol("first", positive=True), Symbol("second", positive=True)
    estimator = Estimator(Meta(steps), sympify(alpha), 1 / first, 1 / second, features)
    spread = leading_risk(tasks, estimator, deployment(MAML(alpha, steps), oo, features)).statistical
    origin = {first: 0, second: 0}
    inside, outside = (cancel(diff(spread, symbol).subs(origin)) for symbol in (first, second))
    if inside.is_nonpositive:
        return Integer(0)
    return sqrt(inside) / (sqrt(inside) + sqrt(outside))


def _tidy(value: Expr) -> Expr:
    return cancel(value) if value.free_symbols else value
