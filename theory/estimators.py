r"""Joint training and MAML from finite samples: limits, score covariances, asymptotic law, bias.

Each task has 2N samples, written `samples` = N.  Joint training (:class:`~theory.rules.DRS`) uses them all alike; MAML uses
n_in = N of them (or ``rule.inner_samples``) in the inner loop, whose k steps all run on the same ones, and the others outside.
With H, h and the score psi of :mod:`theory.scores`, the estimate from M tasks is :math:`\hat\theta = (\sum H)^{-1}\sum h` and

- it tends to :math:`\theta^* = E[H]^{-1}E[h]`, for MAML :math:`\theta^*_N = E[A_N]^{-1}E[A_N\theta_\gamma]` with
  :math:`A_N` the weight of a sampled inner loop;
- **the asymptotic law**: :math:`\sqrt M(\hat\theta-\theta^*)\to N(0, C)`,
  :math:`C = E[H]^{-1}\operatorname{Cov}\psi\,E[H]^{-1}`, jointly for both;
- its bias is :math:`b/M + O(M^{-2})`, :math:`b = E[H]^{-1}E[H\,E[H]^{-1}Hd]`, from
  :math:`\hat\theta-\theta^* = -(\bar H)^{-1}\bar\psi` and :math:`\bar H^{-1}\approx E[H]^{-1}-E[H]^{-1}(\bar H-E[H])E[H]^{-1}`;
- **the floor**: :math:`\theta^*_N = \theta^*_{maml}+c/N+O(N^{-2})` however many tasks there are; for k = 1,
  :math:`c = \alpha^2E[w]^{-1}E[(Q^3+\operatorname{tr}(Q^2)Q)(\theta_\gamma-\theta^*_{maml})]`.

Everything is exact, and symbolic where the arguments are: for the spectrum-tied tasks at p = 1 all of it is a rational
function of alpha, beta and N.

>>> from sympy import factor
>>> from theory.notation import N, alpha, beta
>>> from theory.tasks import SpectrumTied
>>> factor(asymptotic_covariance(SpectrumTied(1, beta), DRS(), N)[0])
(16*N*beta**2 + 16*beta**2 + 135)/(270*N)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Matrix, cancel, ones, oo, sympify, zeros
from sympy.polys.matrices import DomainMatrix
from sympy.polys.matrices.exceptions import DMNonInvertibleMatrixError

from theory import scores
from theory.exact import exact_number
from theory.features import GAUSSIAN, Features, Gaussian
from theory.optima import SingularExpectation
from theory.rules import DRS, MAML, Rule
from theory.scores import ALPHA, INNER_SHARE, INVERSE_INNER, INVERSE_OUTER, RING, Algorithm, Joint, Meta
from theory.task_averages import Affine, TaskLaw, average
from theory.words import Words


@dataclass(frozen=True)
class Estimator:
    """An algorithm with its rate and its numbers of samples; made from a rule by :meth:`of`.

    Parameters
    ----------
    algorithm : theory.scores.Joint or Meta
    alpha : number or symbol
        Rate of the inner loop (unused by joint training).
    inner, outer : numbers, symbols or oo
        Samples in the inner and the outer sample of a task; joint training uses their sum.
    features : theory.features law
    """

    algorithm: Algorithm
    alpha: Any
    inner: Any
    outer: Any
    features: Features = GAUSSIAN

    @classmethod
    def of(cls, rule: Rule, samples: Any, features: Features = GAUSSIAN) -> Estimator:
        """The estimator of a rule from 2 `samples` samples of each task.

        Raises
        ------
        TypeError
            If the rule is neither DRS nor MAML.
        ValueError
            If `samples` or MAML's inner samples are out of range.
        """
        samples = exact_number("samples", samples)
        if samples.is_number and not (samples.is_Integer and samples > 0):
            raise ValueError(f"samples is {samples}; it must be a positive integer or a symbol")
        if isinstance(rule, DRS):
            return cls(Joint(), Integer(0), samples, samples, features)
        if not isinstance(rule, MAML):
            raise TypeError(f"rule is {rule}; finite-sample laws are known here for DRS and MAML")
        if not (rule.steps.is_Integer and rule.steps >= 0):
            raise ValueError(f"steps is {rule.steps}; a sampled inner loop needs a number of steps")
        inner = samples if rule.inner_samples is None else rule.inner_samples
        outer = 2 * samples - inner
        if outer.is_number and outer <= 0:
            raise ValueError(f"inner_samples is {inner}; of {2 * samples} samples at least one must be left outside")
        return cls(Meta(int(rule.steps)), rule.alpha, inner, outer, features)

    @property
    def values(self) -> dict[Any, Expr]:
        """Values of the generators of :data:`theory.scores.RING`."""
        inner, outer = sympify(self.inner), sympify(self.outer)
        if self.algorithm == Joint():
            return {INVERSE_INNER: 1 / (inner + outer)}
        share = cancel(inner / (inner + outer)) if inner.is_finite is not False else Integer(0)
        return {ALPHA: sympify(self.alpha), INVERSE_INNER: 1 / inner, INVERSE_OUTER: 1 / outer, INNER_SHARE: share}

    def mean_curvature(self, tasks: TaskLaw) -> DomainMatrix:
        """E[H], (p, p): for MAML the expected weight of an inner loop on n_in samples."""
        return average(tasks, self.words("mean_curvature", tasks), self.values)

    def limit(self, tasks: TaskLaw) -> DomainMatrix:
        """What the estimate tends to as M grows, (p, 1).

        Raises
        ------
        SingularExpectation
            If E[H] is singular.
        """
        pull = self.words("mean_curvature", tasks) * Words.word("K", RING(1))
        vectors = {"K": (Affine.of(zeros(tasks.dimension, 1), 1), _first(tasks))}
        return solved(self.mean_curvature(tasks), average(tasks, pull, self.values, vectors=vectors)[:, :1])

    def score_covariance(self, tasks: TaskLaw, error: Affine | None = None) -> DomainMatrix:
        """Cov psi, (p, p); with `error` the second moment of the score with another d."""
        error = Affine(self.limit(tasks), -1) if error is None else error
        return average(tasks, self.words("second_moment", tasks), self.values, vectors={"D": (error, error)})

    def covariance(self, tasks: TaskLaw) -> DomainMatrix:
        """C of the asymptotic law, (p, p)."""
        inverse = inverted(self.mean_curvature(tasks))
        return product(inverse, self.score_covariance(tasks), inverse)

    def sandwich(self, tasks: TaskLaw) -> DomainMatrix:
        """E[H E[H]^-1 H], (p, p)."""
        constants = {"G": inverted(self.mean_curvature(tasks))}
        return average(tasks, self.words("curvature_sandwich", tasks), self.values, constants)

    def bias(self, tasks: TaskLaw) -> DomainMatrix:
        """M times the bias of the estimate to leading order, (p, 1)."""
        inverse = inverted(self.mean_curvature(tasks))
        pull = self.words("curvature_sandwich", tasks) * Words.word("K", RING(1))
        vectors = {"K": (Affine(self.limit(tasks), -1), _first(tasks))}
        return product(inverse, average(tasks, pull, self.values, {"G": inverse}, vectors)[:, :1])

    def words(self, which: str, tasks: TaskLaw) -> Words:
        """The moment of :mod:`theory.scores` named `which`, for this algorithm and these features."""
        if not isinstance(tasks, TaskLaw):
            raise TypeError(f"tasks is {tasks!r}; it must be a Discrete, ScalarDensity or SpectrumTied of theory.tasks")
        matters = tasks.dimension == 1 or not isinstance(self.features, Gaussian)
        moment: Words = getattr(scores, which)(self.algorithm, self.features, tasks.dimension if matters else None)
        return moment


def asymptotic_covariance(tasks: TaskLaw, rule: Rule, samples: Any, features: Features = GAUSSIAN) -> Matrix:
    """C of the asymptotic law: the estimate from M tasks is normal with covariance C/M to leading order.

    Parameters
    ----------
    tasks : Discrete, ScalarDensity or SpectrumTied
    rule : DRS or MAML
        ``inner_samples`` (`samples` if None) go inside, the rest outside.
    samples : int or symbol
        N; each task has 2N.
    features : theory.features law

    Returns
    -------
    sympy.Matrix, (p, p)

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import SpectrumTied
    >>> asymptotic_covariance(SpectrumTied(1, 2), MAML(Rational(1, 2)), 5)
    Matrix([[24252828/9150625]])
    """
    return Estimator.of(rule, samples, features).covariance(tasks).to_Matrix()


def cross_covariance(tasks: TaskLaw, rule: MAML, samples: Any, features: Features = GAUSSIAN) -> Matrix:
    """E[psi_drs psi_maml'], the covariance of the two scores of one task from the same 2N samples, (p, p)."""
    return _cross(tasks, rule, samples, features).to_Matrix()


def joint_covariance(tasks: TaskLaw, rule: MAML, samples: Any, features: Features = GAUSSIAN) -> Matrix:
    """Asymptotic covariance of the two estimates together, joint training first, (2p, 2p)."""
    joint, meta = Estimator.of(DRS(), samples, features), Estimator.of(rule, samples, features)
    left, right = inverted(joint.mean_curvature(tasks)), inverted(meta.mean_curvature(tasks))
    crossed = product(left, _cross(tasks, rule, samples, features), right).to_Matrix()
    above = Matrix.hstack(joint.covariance(tasks).to_Matrix(), crossed)
    return Matrix.vstack(above, Matrix.hstack(crossed.T, meta.covariance(tasks).to_Matrix()))


def _cross(tasks: TaskLaw, rule: MAML, samples: Any, features: Features) -> DomainMatrix:
    joint, meta = Estimator.of(DRS(), samples, features), Estimator.of(rule, samples, features)
    vectors = {"K": (Affine(joint.limit(tasks), -1), Affine(meta.limit(tasks), -1))}
    return average(tasks, meta.words("cross_moment", tasks), meta.values, vectors=vectors)


def floor(tasks: TaskLaw, alpha: Any, steps: int = 1, features: Features = GAUSSIAN) -> Matrix:
    r"""Leading coefficient c of MAML's floor, :math:`\theta^*_N-\theta^*_{maml} = c/N+O(N^{-2})`, (p, 1).

    With the weight's expansion :math:`A_N = w+w_1/N+\dots`, :math:`c = E[w]^{-1}E[w_1(\theta_\gamma-\theta^*_{maml})]`.

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.tasks import SpectrumTied
    >>> floor(SpectrumTied(1, 2), Rational(1, 2))
    Matrix([[24/5]])
    """
    exact = population(alpha, steps, features)
    slope = exact.words("mean_curvature", tasks).mapped(lambda coefficient: coefficient.diff(INVERSE_INNER))
    vectors = {"K": (Affine(-exact.limit(tasks), 1), _first(tasks))}
    pulled = average(tasks, slope * Words.word("K", RING(1)), exact.values, vectors=vectors)[:, :1]
    return solved(exact.mean_curvature(tasks), pulled).to_Matrix()


def population(alpha: Any, steps: int = 1, features: Features = GAUSSIAN) -> Estimator:
    """MAML with infinitely many samples of each task."""
    return Estimator(Meta(steps), sympify(alpha), oo, oo, features)


def product(*matrices: DomainMatrix) -> DomainMatrix:
    """Product of matrices over possibly different fields."""
    result = matrices[0]
    for matrix in matrices[1:]:
        left, right = result.unify(matrix, fmt="dense")
        result = left * right
    return result


def inverted(matrix: DomainMatrix) -> DomainMatrix:
    """Inverse of an expected curvature."""
    return solved(matrix, DomainMatrix.eye(matrix.shape, matrix.domain).to_dense())


def solved(matrix: DomainMatrix, right: DomainMatrix) -> DomainMatrix:
    """Solution of a linear system with an expected curvature.

    Raises
    ------
    SingularExpectation
        If the matrix is singular.
    """
    left, right = matrix.unify(right, fmt="dense")
    try:
        return left.lu_solve(right)
    except DMNonInvertibleMatrixError as problem:
        raise SingularExpectation("the expected curvature E[H] is singular on these tasks: no limit exists") from problem


def _first(tasks: TaskLaw) -> Affine:
    """A constant vector whose outer product carries a vector in the first column."""
    return Affine.of(ones(tasks.dimension, 1))
