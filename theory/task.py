"""One task: a curvature, an optimum and a noise variance, with rational entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import ImmutableMatrix, Matrix, diag, eye
from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix

from theory.exact import dense, exact_matrix, exact_rational


@dataclass(frozen=True)
class Task:
    """One task, with rational entries; its curvature is given as a matrix or as eigenvalues and eigenvectors.

    Parameters
    ----------
    probability : rational
        Weight of the task, positive.
    optimum : number or sequence of p rationals
        The optimum theta_gamma.
    hessian : number or (p, p) nested sequence of rationals, optional
        The curvature Q: symmetric, positive semi-definite.
    eigenvalues : sequence of p rationals, optional
        Spectrum of Q, non-negative; needed (unless `hessian` is diagonal) for weights that are not rational functions of Q.
    eigenvectors : (p, p) nested sequence of rationals, optional
        Orthonormal columns in the order of `eigenvalues`; the identity if left out.
    noise_variance : rational
        Variance of the label noise, non-negative.

    Raises
    ------
    ValueError
        If an entry is not a finite rational, a shape does not fit, the curvature is not symmetric positive semi-definite, the
        eigenvectors are not orthonormal, or both or neither form of the curvature is given.

    Examples
    --------
    >>> from sympy import Rational
    >>> Task(Rational(1, 2), [0, 1], eigenvalues=[1, 2]).hessian
    Matrix([
    [1, 0],
    [0, 2]])
    """

    probability: Any
    optimum: Any
    hessian: Any = None
    eigenvalues: Any = None
    eigenvectors: Any = None
    noise_variance: Any = 0

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "probability", exact_rational("probability", self.probability))
        put(self, "noise_variance", exact_rational("noise_variance", self.noise_variance))
        optimum = exact_matrix("optimum", self.optimum, exact_rational)
        put(self, "optimum", optimum)
        if self.probability <= 0:
            raise ValueError(f"probability is {self.probability}; it must be positive")
        if self.noise_variance < 0:
            raise ValueError(f"noise_variance is {self.noise_variance}; it must not be negative")
        if optimum.cols != 1:
            raise ValueError(f"optimum has shape {optimum.shape}; it must be a vector")
        if (self.hessian is None) == (self.eigenvalues is None):
            raise ValueError("hessian and eigenvalues are both given or both missing; give one of them")
        if self.eigenvalues is None:
            self._take_hessian(optimum.rows)
        else:
            self._take_spectrum(optimum.rows)

    def _take_hessian(self, p: int) -> None:
        if self.eigenvectors is not None:
            raise ValueError("eigenvectors are given without eigenvalues; give both or a hessian")
        hessian = exact_matrix("hessian", self.hessian, exact_rational)
        if hessian.shape != (p, p):
            raise ValueError(f"hessian has shape {hessian.shape}; it must be {(p, p)} like the optimum's length")
        if not hessian.is_symmetric():
            raise ValueError("hessian is not symmetric; it must equal its transpose exactly")
        object.__setattr__(self, "hessian", hessian)
        if hessian.is_diagonal():
            object.__setattr__(self, "eigenvalues", tuple(hessian.diagonal()))
            object.__setattr__(self, "eigenvectors", ImmutableMatrix(eye(p)))
            self._check_spectrum()
        elif not _positive_semidefinite(hessian):
            raise ValueError("hessian is not positive semi-definite; all its eigenvalues must be at least 0")

    def _take_spectrum(self, p: int) -> None:
        values = exact_matrix("eigenvalues", self.eigenvalues, exact_rational)
        if values.shape != (p, 1):
            raise ValueError(f"eigenvalues have shape {values.shape}; there must be {p}, like the optimum's length")
        vectors = exact_matrix("eigenvectors", eye(p) if self.eigenvectors is None else self.eigenvectors, exact_rational)
        if vectors.shape != (p, p):
            raise ValueError(f"eigenvectors have shape {vectors.shape}; it must be {(p, p)}")
        object.__setattr__(self, "eigenvalues", tuple(values))
        object.__setattr__(self, "eigenvectors", vectors)
        if p == 1 and vectors[0] ** 2 == 1:  # most tasks that are replayed
            object.__setattr__(self, "hessian", values)
            self._check_spectrum()
            return
        basis = dense(vectors, QQ)
        if basis.transpose() * basis != DomainMatrix.eye((p, p), QQ).to_dense():
            raise ValueError("eigenvectors are not orthonormal; their Gram matrix must be the identity exactly")
        object.__setattr__(self, "hessian", ImmutableMatrix((basis * dense(diag(*values), QQ) * basis.transpose()).to_Matrix()))
        self._check_spectrum()

    def _check_spectrum(self) -> None:
        lowest = min(self.eigenvalues)
        if lowest < 0:
            raise ValueError(f"hessian has the eigenvalue {lowest}; it must be positive semi-definite")


def _positive_semidefinite(hessian: Matrix) -> bool:
    """Whether a symmetric rational matrix is: all roots of its characteristic polynomial are real, so the signs decide."""
    coefficients = dense(hessian, QQ).charpoly()
    return all((-1) ** order * coefficient >= 0 for order, coefficient in enumerate(coefficients))
