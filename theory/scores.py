r"""Scores of joint training and of MAML from finite samples, and their moments given the task.

A task gives the inner sample with covariance S of n_in features and the outer sample with T of n_out; the vectors
:math:`e_1 = X_1^\top\varepsilon_1/n_{in}` and :math:`e_2` have, given the features, mean zero and covariances
:math:`\sigma^2S/n_{in}` and :math:`\sigma^2T/n_{out}`.  An estimate that drives a gradient, summed over tasks, to zero has

.. math:: \hat\theta = \Bigl(\sum H\Bigr)^{-1}\sum h, \qquad \psi = H\theta^* - h = H d + L_1e_1 + L_2e_2, \qquad d =
\theta^*-\theta_\gamma,

with matrices H, L_1, L_2 of S and T: the :class:`Score`.  It is obtained by running the algorithm on linear forms in (d, e_1,
e_2):

- joint training: the gradient of the risk on both samples, :math:`\psi = S d - e_1` with all n = n_in + n_out in one sample;
- MAML, k steps: :math:`u_0 = d`, :math:`u_{j+1} = u_j-\alpha(Su_j-e_1)`, then the gradient
  :math:`(\partial u_k/\partial d)^\top(Tu_k-e_2)` of the outer sample's risk.  For k = 1: :math:`\psi = BT(Bd+\alpha
  e_1)-Be_2`, :math:`B = I-\alpha S`.

The moments given the task are expectations of words over S and T (:mod:`theory.gaussian_moments`).  Letters: Q curvature,
:math:`D = dd^\top`, K any matrix (:math:`d\,\tilde d^\top` in the cross moment), G a constant symmetric matrix.  Coefficients
are polynomials in alpha, sigma2, 1/n_in, 1/n_out and phi = n_in/(n_in+n_out).  The dimension matters to the sphere only; but
with `dimension` = 1 letters commute and any number of steps is cheap, while the matrix words of k = 2 already take a second.

>>> mean_curvature(Meta(1))  # the N-sample weight A_N
Q + -2*alpha QQ + (alpha**2*r_in + alpha**2) QQQ + alpha**2*r_in tr(QQ) Q
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sympy import QQ, ring

from theory.features import GAUSSIAN, Features
from theory.gaussian_moments import expectation, scalar_expectation
from theory.words import Words

#: ring of the coefficients, and its generators
RING, ALPHA, SIGMA2, INVERSE_INNER, INVERSE_OUTER, INNER_SHARE = ring("alpha,sigma2,r_in,r_out,phi", QQ)

_ONE = Words.word("", RING(1))
_INNER, _OUTER = Words.word("S", RING(1)), Words.word("T", RING(1))


@dataclass(frozen=True)
class Joint:
    """Joint training (DRS) on all samples of a task; `split` tells the two samples apart, as the cross moment must."""

    split: bool = False


@dataclass(frozen=True)
class Meta:
    """MAML with `steps` inner steps, all on the inner sample."""

    steps: int = 1


@dataclass(frozen=True)
class Score:
    """The linear form H d + L_1 e_1 + L_2 e_2, as words in the sampled covariances S and T."""

    curvature: Words
    noise: tuple[Words, Words]

    def noise_covariance(self, other: Score) -> Words:
        """Covariance of the noise parts of two scores given the features."""
        variances = (_INNER * (SIGMA2 * INVERSE_INNER), _OUTER * (SIGMA2 * INVERSE_OUTER))
        total = _ONE * 0
        for left, right, variance in zip(self.noise, other.noise, variances, strict=True):
            total = total + left * variance * right.T
        return total


Algorithm = Joint | Meta


def score(algorithm: Algorithm) -> Score:
    """Run `algorithm` on linear forms and read off its score.

    Examples
    --------
    >>> score(Joint()).curvature
    S
    >>> score(Meta(1)).noise[1]
    -1 + alpha S
    """
    if isinstance(algorithm, Joint):
        if not algorithm.split:
            return Score(_INNER, (-_ONE, _ONE * 0))
        share, rest = INNER_SHARE, 1 - INNER_SHARE
        return Score(_INNER * share + _OUTER * rest, (_ONE * -share, _ONE * -rest))
    error, pushed = _ONE, _ONE * 0
    for _ in range(algorithm.steps):
        error = error - _INNER * error * ALPHA
        pushed = pushed - (_INNER * pushed - _ONE) * ALPHA
    back = error.T
    return Score(back * _OUTER * error, (back * _OUTER * pushed, -back))


def mean_curvature(algorithm: Algorithm, features: Features = GAUSSIAN, dimension: Any = None) -> Words:
    """E[H] given the task; for MAML the weight of an inner step on n_in samples."""
    return _moment("mean_curvature", algorithm, features, dimension)


def second_moment(algorithm: Algorithm, features: Features = GAUSSIAN, dimension: Any = None) -> Words:
    """E[psi psi'] given the task.

    Examples
    --------
    >>> second_moment(Joint())
    sigma2*r_in Q + (r_in + 1) QDQ + r_in tr(DQ) Q
    """
    return _moment("second_moment", algorithm, features, dimension)


def curvature_sandwich(algorithm: Algorithm, features: Features = GAUSSIAN, dimension: Any = None) -> Words:
    """E[H G H] given the task, for a constant symmetric G."""
    return _moment("curvature_sandwich", algorithm, features, dimension)


def cross_moment(algorithm: Meta, features: Features = GAUSSIAN, dimension: Any = None) -> Words:
    """E[psi_joint psi_meta'] given the task, both from the same samples; K is d_joint d_meta'."""
    return _moment("cross_moment", algorithm, features, dimension)


def fourth_moment(algorithm: Algorithm, features: Features = GAUSSIAN, dimension: Any = None) -> Words:
    r"""E[(psi'G psi)^2] given the task, for normal label noise, as a multiple of the identity.

    Given the features psi is normal with mean m = Hd and covariance V, so that
    :math:`E(\psi^\top G\psi)^2 = (m^\top Gm+\operatorname{tr}GV)^2+4m^\top GVGm+2\operatorname{tr}GVGV`.
    For MAML this has up to eight copies of S and four of T: some twelve seconds at p > 1, once per process.
    """
    return _moment("fourth_moment", algorithm, features, dimension)


@cache
def _moment(which: str, algorithm: Algorithm, features: Features, dimension: Any) -> Words:
    scalar = dimension == 1
    tidy = Words.commuted if scalar else lambda words: words
    found = score(algorithm)
    curvature, noise = tidy(found.curvature), tidy(found.noise_covariance(found))
    error, constant = Words.word("D", RING(1)), Words.word("G", RING(1))
    if which == "mean_curvature":
        words = curvature
    elif which == "second_moment":
        words = curvature * error * curvature.T + noise
    elif which == "curvature_sandwich":
        words = curvature * constant * curvature.T
    elif which == "cross_moment":
        joint = score(Joint(split=True))
        words = joint.curvature * Words.word("K", RING(1)) * curvature.T + joint.noise_covariance(found)
    else:
        squared = tidy(curvature * error * curvature.T)
        total = (constant * (squared + noise)).trace()
        mixed = constant * noise * constant * (squared * 4 + noise * 2)
        words = tidy(total) * tidy(total) + mixed.trace()
    words = tidy(words)
    for sampled, inverse in (("T", INVERSE_OUTER), ("S", INVERSE_INNER)):
        if scalar:
            words = scalar_expectation(words, sampled, "Q", inverse, features)
        else:
            words = expectation(words, sampled, "Q", inverse, features, dimension)
    return words
