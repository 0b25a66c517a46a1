r"""What theory predicts for finite samples, as numbers on any grid: limits, joint normal law, crossover, who wins.

The moments are those that :mod:`theory.scores` derives.  For the spectrum-tied tasks they are averaged exactly
(:mod:`theory.estimators`), for a finite list of tasks in floats (:mod:`verify.simulation.word_averages`), in any dimension.

To leading order both estimates are jointly normal with covariance C/M around their limits, so that the difference of their
losses at a weight W is a quadratic form of a normal vector, :math:`z^\top Az` with :math:`A=\frac12\operatorname{diag}(W,-W)`,
and MAML wins with the probability that it is positive.  With :math:`C/M=LL^\top`, eigenvalues :math:`\lambda_j` of
:math:`L^\top AL` and coefficients :math:`c_j` of :math:`2L^\top Am` in its eigenvectors, Gil-Pelaez inverts its
characteristic function:

.. math:: P = \tfrac12+\tfrac1\pi\int_0^\infty\operatorname{Im}\varphi(t)\,\frac{dt}t,\qquad
   \log\varphi(t)=it\,m^\top Am-\tfrac12\sum_j\Bigl\{\log(1-2it\lambda_j)+\frac{t^2c_j^2}{1-2it\lambda_j}\Bigr\},

which the trapezoidal rule in log t integrates to rounding.  At p = 1 this is :func:`theory.win_probability.win_probability`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Rational, oo

import numerics as nx
from theory import scores
from theory.crossover import deployment
from theory.estimators import Estimator, joint_covariance
from theory.features import GAUSSIAN, Features, Sphere, StudentT
from theory.rules import DRS, MAML
from theory.scores import ALPHA, INNER_SHARE, INVERSE_INNER, INVERSE_OUTER, SIGMA2, Algorithm, Joint, Meta
from theory.tasks import SpectrumTied
from theory.words import Words
from verify.simulation.word_averages import averaged

Array = NDArray[np.float64]

#: nodes of the integral over log t, in units of the form's standard deviation
_NODES = np.exp(np.arange(-24.0, 30.0, 0.05))
#: a form this many standard deviations from 0 has a certain sign, to more digits than the normal law is good for
_CERTAIN = 12.0


@dataclass(frozen=True)
class NormalLaw:
    """The joint law of both estimates to leading order, at one rate and number of samples.

    Parameters
    ----------
    limits : array (..., 2, p)
        What joint training's and MAML's estimates tend to.
    covariance : array (..., 2p, 2p)
        M times their asymptotic covariance, joint training first.
    bias : array (..., 2, p)
        M times their biases.
    weights : array (..., 2, p, p)
        Weight of the expected loss before and after adaptation.
    places : array (..., 2, p)
        Minimisers of these losses.
    """

    limits: Array
    covariance: Array
    bias: Array
    weights: Array
    places: Array

    def leading_risk(self, method: int, stage: int) -> tuple[Any, Any]:
        """Modeling error, and what is divided by M, of the expected loss above its least value.

        Parameters
        ----------
        method : {0, 1}
            Joint training or MAML.
        stage : {0, 1}
            Before or after adaptation.
        """
        p = self.limits.shape[-1]
        part = slice(p * method, p * (method + 1))
        weight = self.weights[..., stage, :, :]
        gap = self.limits[..., method, :] - self.places[..., stage, :]
        pulled = np.einsum("...i,...ij->...j", gap, weight)
        spread = 0.5 * np.einsum("...ij,...ji->...", weight, self.covariance[..., part, part])
        return 0.5 * (pulled * gap).sum(-1), spread + (pulled * self.bias[..., method, :]).sum(-1)

    def crossover(self, stage: int) -> Any:
        """Number of tasks above which MAML's expected loss is the lower: 0 if always, inf if for no large number."""
        (joint_error, joint_spread), (meta_error, meta_spread) = (self.leading_risk(method, stage) for method in (0, 1))
        gain, cost = joint_error - meta_error, meta_spread - joint_spread
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(gain > 0, np.where(cost > 0, cost / gain, 0.0), np.inf)[()]

    def win_probability(self, num_tasks: Any, stage: int) -> Array:
        """Probability that MAML's estimate has the lower expected loss, for each number of tasks.

        Parameters
        ----------
        num_tasks : array (m,)
        stage : {0, 1}

        Returns
        -------
        array (m,)
        """
        p = self.limits.shape[-1]
        weight = self.weights[stage]
        form = 0.5 * np.block([[weight, np.zeros((p, p))], [np.zeros((p, p)), -weight]])
        mean = (self.limits - self.places[stage]).ravel()
        eigenvalues, basis = np.linalg.eigh(self.covariance)
        root = basis * np.sqrt(np.maximum(eigenvalues, 0.0))
        spectrum, turned = np.linalg.eigh(root.T @ form @ root)
        slopes = 2 * turned.T @ (root.T @ (form @ mean))
        counts = np.asarray(num_tasks, dtype=np.float64)
        return np.array([_positive(mean @ form @ mean, spectrum / m, slopes / np.sqrt(m)) for m in counts])


def _positive(constant: float, spectrum: Array, slopes: Array) -> float:
    """P(constant + slopes u + sum of spectrum u^2 > 0) for standard normal u."""
    deviation = np.sqrt((slopes**2 + 2 * spectrum**2).sum())
    centre = constant + spectrum.sum()
    if deviation == 0 or abs(centre) > _CERTAIN * deviation:
        return float(np.heaviside(centre, 0.5))
    nodes = _NODES[:, None]
    factors = 1 - 2j * nodes * (spectrum / deviation)
    exponent = -0.5 * (np.log(factors) + (nodes * slopes / deviation) ** 2 / factors).sum(axis=1)
    values = np.exp(exponent + 1j * _NODES * (constant / deviation)).imag
    return float(np.clip(0.5 + values.sum() * np.log(_NODES[1] / _NODES[0]) / np.pi, 0.0, 1.0))


def normal_law(tasks: nx.DiscreteTasks | nx.SpectrumTiedTasks, alpha: float, samples: int) -> NormalLaw:
    """The law of both estimates at one rate and N samples in the inner step, N in the outer loss.

    Raises
    ------
    numpy.linalg.LinAlgError
        If an expected curvature is singular.
    ValueError
        If a moment is beyond the range of doubles.

    Examples
    --------
    >>> law = normal_law(nx.SpectrumTiedTasks(), 0.25, 10)
    >>> round(float(law.crossover(1)), 3), law.win_probability([100], 1).round(4)
    (15.358, array([0.8851]))
    """
    try:
        if isinstance(tasks, nx.SpectrumTiedTasks):
            return _exact(tasks, alpha, samples)
        arrays = tasks.weights, tasks.hessians, tasks.optima, tasks.noise_variances
        return law_of_arrays(*arrays, alpha, samples, feature_law(tasks))
    except OverflowError:
        raise ValueError(f"alpha is {alpha:g}; it must be so small that the moments of these tasks fit into doubles") from None


def feature_law(tasks: nx.DiscreteTasks | nx.SpectrumTiedTasks) -> Features:
    """Theory's name of the law of features.

    Examples
    --------
    >>> feature_law(nx.SpectrumTiedTasks(features="sphere"))
    Sphere()
    """
    if tasks.features.name == "student_t":
        return StudentT(tasks.features.df)
    return Sphere() if tasks.features.name == "sphere" else GAUSSIAN


def _exact(tasks: nx.SpectrumTiedTasks, alpha: float, samples: int) -> NormalLaw:
    p, features = tasks.dimension, feature_law(tasks)
    # the shortest decimal is what was meant: 0.1 is a tenth
    law, rule = SpectrumTied(p, Rational(repr(tasks.beta))), MAML(Rational(repr(float(alpha))))
    trained = [Estimator.of(rule_, samples, features) for rule_ in (DRS(), rule)]
    deployed = [deployment(DRS(), oo, features), deployment(rule, samples, features)]
    return NormalLaw(
        np.array([_floats(one.limit(law))[:, 0] for one in trained]),
        _floats(joint_covariance(law, rule, samples, features)),
        np.array([_floats(one.bias(law))[:, 0] for one in trained]),
        np.array([_floats(one.mean_curvature(law)) for one in deployed]),
        np.array([_floats(one.limit(law))[:, 0] for one in deployed]),
    )


def _floats(matrix: Any) -> Array:
    entries = matrix.to_Matrix() if hasattr(matrix, "to_Matrix") else matrix
    return np.array([[float(Fraction(int(x.p), int(x.q))) for x in row] for row in entries.tolist()])


def law_of_arrays(
    probabilities: Array,
    hessians: Array,
    optima: Array,
    noise_variances: Array,
    alpha: float,
    samples: int,
    features: Features = GAUSSIAN,
) -> NormalLaw:
    """The law of both estimates for finitely many tasks, or for a batch of such distributions (leading axes).

    Parameters
    ----------
    probabilities, noise_variances : arrays (..., n)
    hessians : array (..., n, p, p)
    optima : array (..., n, p)
    alpha : float
    samples : int
        N.
    features : theory.features law
    """
    p = optima.shape[-1]
    # words of one dimension commute, which makes them fewer; those of elliptical features know the dimension
    shape = p if p == 1 or features != GAUSSIAN else None
    algorithms: tuple[Algorithm, Algorithm] = (Joint(), Meta(1))
    values = [
        {INVERSE_INNER: 0.5 / samples, SIGMA2: noise_variances},
        {ALPHA: alpha, INVERSE_INNER: 1 / samples, INVERSE_OUTER: 1 / samples, INNER_SHARE: 0.5, SIGMA2: noise_variances},
    ]

    def mean(method: int, words: Words, **letters: Any) -> Array:
        return averaged(words, {"Q": hessians, **letters}, values[method], probabilities)

    def pulled(method: int, words: Words, vectors: Array, **letters: Any) -> Array:
        """Expectation of the words times a task's vector, carried by the first column of a matrix."""
        carried = np.zeros((*vectors.shape, p))
        carried[..., 0] = vectors
        return mean(method, words * Words.word("K", 1), K=carried, **letters)[..., 0]

    curvatures, limits, errors, inverses, covariances, biases = [], [], [], [], [], []
    for method, algorithm in enumerate(algorithms):
        words = scores.mean_curvature(algorithm, features, shape)
        curvature = mean(method, words)
        inverse = _inverted(curvature)
        limit = _solved(curvature, pulled(method, words, optima))
        error = limit[..., None, :] - optima
        spread = mean(method, scores.second_moment(algorithm, features, shape), D=error[..., :, None] * error[..., None, :])
        sandwich = scores.curvature_sandwich(algorithm, features, shape)
        curvatures.append(curvature)
        limits.append(limit)
        errors.append(error)
        inverses.append(inverse)
        covariances.append(inverse @ spread @ inverse)
        biases.append(_solved(curvature, pulled(method, sandwich, error, G=inverse[..., None, :, :])))
    between = errors[0][..., :, None] * errors[1][..., None, :]
    cross = inverses[0] @ mean(1, scores.cross_moment(Meta(1), features, shape), K=between) @ inverses[1]
    # MAML's curvature is the weight that its user pays, and joint training's is Q: the limits are the minimisers, too
    places = np.stack(limits, axis=-2)
    return NormalLaw(
        places,
        np.block([[covariances[0], cross], [cross.swapaxes(-1, -2), covariances[1]]]),
        np.stack(biases, axis=-2),
        np.stack(curvatures, axis=-3),
        places,
    )


def _inverted(curvature: Array) -> Array:
    try:
        return np.asarray(np.linalg.inv(curvature))
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError("the expected curvature E[H] is singular on these tasks: no normal law exists") from None


def _solved(matrices: Array, vectors: Array) -> Array:
    return np.asarray(np.linalg.solve(matrices, vectors[..., None])[..., 0])
