r"""Linear attention on prompts, exactly: the risk of a matrix from the moments of a sampled covariance, and the best matrix.

A prompt's summary is :math:`h = S\theta + e` with the sampled covariance S of N features and :math:`E[ee^\top|S]=\sigma^2S/N`,
so that :math:`M = E[hh^\top] = E[S\Psi S] + \sigma^2Q/N`, whose first part :mod:`theory.gaussian_moments` derives.

>>> from sympy import Matrix, Rational
>>> best_matrix(Matrix([[1]]), Matrix([[1]]), Rational(0), Rational(1, 2))
Matrix([[1/2]])
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import QQ, Matrix, Rational, eye

from theory.gaussian_moments import expectation
from theory.words import Words, domain_matrices


@cache
def _sandwich(inverse_context: Rational) -> Words:
    """E[S K S] for a sampled covariance S with mean Q."""
    share = QQ(int(inverse_context.p), int(inverse_context.q))
    return expectation(Words.word("SKS"), "S", "Q", inverse_samples=share)


def second_moment(covariance: Matrix, prior: Matrix, noise: Any, inverse_context: Any) -> Matrix:
    """M = E[h h'].

    Parameters
    ----------
    covariance, prior : (p, p) rational matrices
        Q and Psi.
    noise : rational
        sigma^2.
    inverse_context : rational
        1/N; zero for the exact gradient.

    Examples
    --------
    >>> second_moment(Matrix([[1]]), Matrix([[1]]), 0, Rational(1, 2))
    Matrix([[2]])
    """
    share = Rational(inverse_context)
    matrices = {name: matrix.convert_to(QQ) for name, matrix in domain_matrices(Q=covariance, K=prior).items()}
    return _sandwich(share).evaluate(matrices).to_Matrix() + share * noise * covariance


def risk(matrix: Matrix, covariance: Matrix, prior: Matrix, noise: Any, inverse_context: Any) -> Any:
    """Half E of (Gamma h - theta)'Q(Gamma h - theta)."""
    moment = second_moment(covariance, prior, noise, inverse_context)
    cross = matrix * covariance * prior
    return (covariance * (prior - cross - cross.T + matrix * moment * matrix.T)).trace() / 2


def best_matrix(covariance: Matrix, prior: Matrix, noise: Any, inverse_context: Any) -> Matrix:
    """Gamma = Psi Q M^-1, where M is invertible."""
    return prior * covariance * second_moment(covariance, prior, noise, inverse_context).inv()


def best_rate(covariance: Matrix, prior: Matrix, noise: Any, inverse_context: Any) -> Any:
    """The multiple of the identity of least risk, tr(Q Psi Q)/tr(Q M)."""
    moment = second_moment(covariance, prior, noise, inverse_context)
    return (covariance * prior * covariance).trace() / (covariance * moment).trace()


def span_projector(tasks: Matrix) -> Matrix:
    """Projector on the span of the rows of a matrix of full rank: what attention learns from exact gradients on these tasks.

    Examples
    --------
    >>> span_projector(Matrix([[1, 1]]))
    Matrix([
    [1/2, 1/2],
    [1/2, 1/2]])
    """
    if tasks.rows >= tasks.cols:
        return eye(tasks.cols)
    return tasks.T * (tasks * tasks.T).inv() * tasks


def misses(projector: Matrix, tasks: Matrix | None = None) -> Any:
    """Half the mean squared miss (I - Gamma)theta: over given tasks (rows), or over fresh standard ones."""
    left = eye(projector.rows) - projector
    second = eye(projector.rows) if tasks is None else tasks.T * tasks / tasks.rows
    return (left * second * left.T).trace() / 2
