r"""Linear attention in context: prompts simulated, the risk of an attention matrix, and the best matrix.

A prompt has N pairs (x_i, y_i) and a query x; x ~ N(0, Q), y = x'theta + noise of variance sigma^2, theta of mean zero and
second moment Psi.  Linear attention answers  x' Gamma h  with  h = (1/N) sum_i y_i x_i, which is the prediction after *one
gradient step from zero* on the prompt, with the matrix Gamma in place of a rate.  Its reducible risk is

.. math::  ½ E|Gamma h - theta|_Q^2 = ½ tr Q (Psi - Gamma Q Psi - Psi Q Gamma' + Gamma M Gamma'),\qquad  M = E[h h'],

and the best matrix is :math:`\Psi Q M^{-1}`.  Everything is obtained a second time by simulation: of every token, or of h by
its exact law given the labels (:func:`summaries`), which costs p instead of N p numbers a prompt.

`zhang-2024` (JMLR 25:49) and `ahn-2023` (2306.00297) study this model, the core of in-context learning as in `kirsch-2022`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import mapped, partition, serial
from numerics.inputs import above, stack
from numerics.kernels import linear_attention as kernels

Array = NDArray[np.float64]

#: prompts worked on together; a constant, so that the numbers do not depend on the machine
CHUNK = 4096
#: tokens' coordinates held at once where every token is drawn
TOKENS = 2**20


def second_moment(covariance: Any, prior: Any, noise: Any, context: Any) -> Array:
    """M = E[h h'] of the prompts' summary h, (..., p, p).

    Parameters
    ----------
    covariance : array (..., p, p)
        Q.
    prior : array (..., p, p)
        Psi.
    noise : float or array (...)
        sigma^2.
    context : float or array (...)
        N; infinity for the exact gradient.

    Raises
    ------
    ValueError, TypeError
        If a shape does not fit, an entry is not finite, a matrix is not positive semi-definite, the noise is negative, or a
        context is not positive.

    Examples
    --------
    >>> second_moment([[1.0]], [[1.0]], 0.0, 2).tolist()
    [[2.0]]
    """
    q, psi, (variance, share) = *_law(covariance, prior), _sample(noise, context)
    _require_semidefinite("covariance", q)
    _require_semidefinite("prior", psi)
    whole = q @ psi @ q
    # one sample's deviation from the mean gradient: E[(xx'-Q) Psi (xx'-Q)] for normal x, and label noise
    single = whole + (np.einsum("...ij,...ji->...", q, psi) + variance)[..., None, None] * q
    return whole + single * share[..., None, None]


def _law(covariance: Any, prior: Any) -> tuple[Array, Array]:
    sizes: dict[str, int] = {}
    return stack("covariance", covariance, "p p", sizes), stack("prior", prior, "p p", sizes)


def _require_semidefinite(name: str, matrices: Array) -> None:
    spectrum = np.linalg.eigvalsh(matrices)
    if np.any(spectrum[..., 0] < -1e-6 * np.abs(spectrum).max(axis=-1)):
        raise ValueError(f"{name} has the eigenvalue {spectrum.min():.6g}; it must be positive semi-definite")


def _sample(noise: Any, context: Any) -> tuple[Array, Array]:
    """The noise's variance, and one over the length of the context."""
    length = np.asarray(context, dtype=np.float64)
    if not np.all(length > 0):
        raise ValueError(f"context is {context!r}; it must be positive, infinity for the exact gradient")
    return above("noise", stack("noise", noise, "", {}), strictly=False), 1 / length


def best_matrix(covariance: Any, prior: Any, noise: Any, context: Any) -> Array:
    """The attention matrix of least risk, (..., p, p); where M is singular the one of least norm.

    Examples
    --------
    >>> best_matrix([[1.0]], [[1.0]], 0.0, 2).tolist()
    [[0.5]]
    """
    q, psi = _law(covariance, prior)
    moment = second_moment(q, psi, noise, context)
    return psi @ q @ np.linalg.pinv(moment, rcond=1e-12, hermitian=True)


def risk(matrix: Any, covariance: Any, prior: Any, noise: Any, context: Any) -> Array:
    """Reducible risk of an attention matrix, (...).

    Examples
    --------
    >>> float(risk([[0.5]], [[1.0]], [[1.0]], 0.0, 2))
    0.25
    """
    q, psi = _law(covariance, prior)
    gamma = stack("matrix", matrix, "p p", {"p": q.shape[-1]})
    moment = second_moment(q, psi, noise, context)
    turned = np.swapaxes(gamma, -1, -2)
    # the pull of the mean and the spread, without cancelling psi where the matrix undoes the covariance
    form = psi - gamma @ q @ psi - psi @ q @ turned + gamma @ moment @ turned
    return np.asarray(0.5 * np.einsum("...ij,...ji->...", q, form))


def best_rate(covariance: Any, prior: Any, noise: Any, context: Any) -> Array:
    """The multiple of the identity of least risk: the best rate of one sampled gradient step from zero, (...).

    Examples
    --------
    >>> float(best_rate([[1.0]], [[1.0]], 0.0, 2))
    0.5
    """
    q, psi = _law(covariance, prior)
    moment = second_moment(q, psi, noise, context)
    return np.asarray(np.einsum("...ij,...jk,...ki->...", q, psi, q) / np.einsum("...ij,...ji->...", q, moment))


@dataclass(frozen=True)
class Simulated:
    """A mean over prompts.

    Attributes
    ----------
    mean, standard_error : float
    prompts : int
    """

    mean: float
    standard_error: float
    prompts: int


class Prompts:
    """A law of prompts from which one can draw.

    Parameters
    ----------
    covariance : array (p, p)
        Q, positive semi-definite.
    prior : array (p, p)
        Psi, positive semi-definite; theta is normal.
    noise : float
        sigma^2 >= 0.
    context : int
        N >= 1.

    Raises
    ------
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> prompts = Prompts([[1.0]], [[1.0]], 0.0, 2)
    >>> simulated = prompts.simulate([[0.5]], 20_000, seed=0)
    >>> abs(simulated.mean - 0.25) < 4 * simulated.standard_error
    True
    """

    def __init__(self, covariance: Any, prior: Any, noise: float, context: int) -> None:
        self._root = _root("covariance", covariance)
        self._prior_root = _root("prior", prior)
        if self._root.shape != self._prior_root.shape:
            raise ValueError(f"prior has shape {self._prior_root.shape}; with this covariance it must be {self._root.shape}")
        if not (np.isfinite(noise) and noise >= 0):
            raise ValueError(f"noise is {noise!r}; it must be finite and at least zero")
        if not isinstance(context, int | np.integer) or context < 1:
            raise ValueError(f"context is {context!r}; it must be a whole number of pairs, at least 1")
        self._noise, self._context = float(noise), int(context)

    @property
    def dimension(self) -> int:
        """p."""
        return len(self._root)

    def tokens(self, count: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Tasks theta (count, p), features (count, N, p) and labels (count, N) of prompts, every token drawn."""
        theta = rng.standard_normal((count, self.dimension)) @ self._prior_root
        features = rng.standard_normal((count, self._context, self.dimension)) @ self._root
        labels = np.einsum("cnp,cp->cn", features, theta)
        return theta, features, labels + np.sqrt(self._noise) * rng.standard_normal(labels.shape)

    def summaries(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Tasks theta and summaries h, (count, p) each, by the law of h given the labels.

        Given theta, a label has the variance s^2 = theta'Q theta + sigma^2; given the label, x has the mean Q theta y / s^2 and
        the covariance Q - Q theta theta'Q / s^2.  Hence h is Q theta times the mean square of the labels over s^2, plus the
        root of that mean square over root N times a normal vector of the said covariance.
        """
        theta = rng.standard_normal((count, self.dimension)) @ self._prior_root
        normal = rng.standard_normal((count, self.dimension))
        square = rng.chisquare(self._context, count) / self._context
        half = theta @ self._root  # Q^{1/2} theta
        out = np.empty_like(theta)
        kernels.summaries(half, normal, square, self._noise, self._context, out)
        return theta, out @ self._root

    @serial
    def simulate(
        self, matrix: Any, prompts: int, seed: int, *, every_token: bool = False, workers: int | None = None
    ) -> Simulated:
        """Mean of ½ (answer - x'theta)^2 over prompts, with its standard error.

        Parameters
        ----------
        matrix : array (p, p)
            Gamma.
        prompts : int
            At least 2.
        seed : int
            The numbers are the same for any number of workers.
        every_token : bool
            Draw every pair and run the attention over them, rather than draw the summaries.
        workers : int, optional
            Threads; all processors if not given.
        """
        gamma = np.asarray(matrix, dtype=np.float64)
        if gamma.shape != self._root.shape or not np.all(np.isfinite(gamma)):
            raise ValueError(f"matrix has shape {gamma.shape}; it must be finite and of shape {self._root.shape}")
        if not isinstance(prompts, int | np.integer) or prompts < 2:
            raise ValueError(f"prompts is {prompts!r}; it must be a whole number, at least 2")
        size = max(1, TOKENS // (self._context * self.dimension)) if every_token else CHUNK
        chunks = list(enumerate(partition(int(prompts), size)))

        def run(piece: tuple[int, slice]) -> tuple[float, float]:
            index, part = piece
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
            count = part.stop - part.start
            if every_token:
                theta, features, labels = self.tokens(count, rng)
                summary = np.empty_like(theta)
                kernels.attend(features, labels, summary)
            else:
                theta, summary = self.summaries(count, rng)
            query = rng.standard_normal((count, self.dimension)) @ self._root
            losses = 0.5 * (query * (summary @ gamma.T - theta)).sum(axis=1) ** 2
            return float(losses.sum()), float((losses**2).sum())

        total = squares = 0.0
        for part_total, part_squares in mapped(run, chunks, workers):
            total, squares = total + part_total, squares + part_squares
        mean = total / prompts
        return Simulated(mean, float(np.sqrt(max(squares / prompts - mean**2, 0.0) / (prompts - 1))), int(prompts))

    @serial
    def trained(self, prompts: int, seed: int, *, workers: int | None = None) -> Array:
        """The attention matrix of least risk on sampled prompts: what pretraining on that many prompts finds, (p, p).

        The answer is linear in the matrix, so that this is a least-squares problem in the prompts' summaries.
        """
        chunks = list(enumerate(partition(int(prompts), CHUNK)))

        def run(piece: tuple[int, slice]) -> tuple[Array, Array]:
            index, part = piece
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
            theta, summary = self.summaries(part.stop - part.start, rng)
            return theta.T @ summary, summary.T @ summary

        cross, moment = np.zeros_like(self._root), np.zeros_like(self._root)
        for part_cross, part_moment in mapped(run, chunks, workers):
            cross, moment = cross + part_cross, moment + part_moment
        return cross @ np.linalg.pinv(moment, rcond=1e-12, hermitian=True)


def _root(name: str, value: Any) -> Array:
    """Symmetric square root of a positive semi-definite matrix."""
    matrix = np.asarray(value, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"{name} has shape {matrix.shape}; it must be (p, p)")
    if not np.all(np.isfinite(matrix)):
        raise ValueError(f"{name} has an entry that is not finite; all must be")
    size = np.abs(matrix).max()
    if np.abs(matrix - matrix.T).max() > 1e-10 * size:
        raise ValueError(f"{name} differs from its transpose; it must be symmetric")
    eigenvalues, vectors = np.linalg.eigh(matrix)
    if eigenvalues[0] < -1e-10 * len(matrix) * size:
        raise ValueError(f"{name} has the eigenvalue {eigenvalues[0]:.3g}; it must be positive semi-definite")
    root: Array = (vectors * np.sqrt(np.maximum(eigenvalues, 0.0))) @ vectors.T
    return root
