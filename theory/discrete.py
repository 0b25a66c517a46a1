"""Finitely many tasks with rational entries, and their moments in exact rational arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, ImmutableMatrix, Matrix, diag, eye
from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix

from theory import notation
from theory.exact import exact_matrix, exact_rational
from theory.moments import Moments
from theory.rules import Prescribed, Rule
from theory.task_weights import dense, of_curvatures, of_spectra, prescribed


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
        basis = dense(vectors, QQ)
        if basis.transpose() * basis != DomainMatrix.eye((p, p), QQ).to_dense():
            raise ValueError("eigenvectors are not orthonormal; their Gram matrix must be the identity exactly")
        object.__setattr__(self, "eigenvalues", tuple(values))
        object.__setattr__(self, "eigenvectors", vectors)
        object.__setattr__(self, "hessian", ImmutableMatrix((basis * dense(diag(*values), QQ) * basis.transpose()).to_Matrix()))
        self._check_spectrum()

    def _check_spectrum(self) -> None:
        lowest = min(self.eigenvalues)
        if lowest < 0:
            raise ValueError(f"hessian has the eigenvalue {lowest}; it must be positive semi-definite")


class Discrete:
    """Finitely many tasks with rational entries.

    Parameters
    ----------
    tasks : sequence of Task
        At least one; of one dimension; their probabilities sum to one.

    Raises
    ------
    ValueError
        If there is no task, dimensions differ, or the probabilities do not sum to one.

    Examples
    --------
    >>> from sympy import Rational
    >>> pair = Discrete([Task(Rational(1, 2), 0, 1), Task(Rational(1, 2), 1, 3)])
    >>> pair.dimension
    1
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        if not isinstance(tasks, Iterable):
            raise TypeError(f"tasks is {tasks!r}; it must be a sequence of theory.tasks.Task")
        self.tasks = tuple(tasks)
        if not self.tasks:
            raise ValueError("tasks is empty; it must hold at least one task")
        wrong = [task for task in self.tasks if not isinstance(task, Task)]
        if wrong:
            raise TypeError(f"tasks holds {wrong[0]!r}; it must hold theory.tasks.Task only")
        dimensions = sorted({task.optimum.rows for task in self.tasks})
        if len(dimensions) > 1:
            raise ValueError(f"tasks have dimensions {dimensions}; they must share one")
        total = sum(task.probability for task in self.tasks)
        if total != 1:
            raise ValueError(f"probabilities sum to {total}; they must sum to 1")
        self._curvatures = [dense(task.hessian, QQ) for task in self.tasks]
        self._optima = [dense(task.optimum, QQ) for task in self.tasks]
        self._moments: dict[tuple[Expr, int | None], Moments] = {}

    def __repr__(self) -> str:
        return f"Discrete({list(self.tasks)!r})"

    @property
    def dimension(self) -> int:
        """Dimension p of the parameter."""
        return int(self.tasks[0].optimum.rows)

    def weights(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> list[DomainMatrix]:
        """The rule's weight of every task, as matrices over one field.

        Parameters
        ----------
        rule : Rule
            Its fields may be symbols.
        deployed : bool
            Whether to take the deployment weight rather than the training weight.
        digits : int or None
            Where a weight is irrational (the gradient flow's): round it to so many digits and go on exactly in rationals.  None
            keeps exact expressions, which is slower.

        Raises
        ------
        ValueError
            If the weight is not a rational function of the curvature and a task is given by a non-diagonal hessian alone, or a
            prescribed weight's number or shape does not fit.

        Examples
        --------
        >>> from sympy import Rational
        >>> from theory.rules import MAML
        >>> pair = Discrete([Task(Rational(1, 2), 0, 1), Task(Rational(1, 2), 1, 3)])
        >>> [weight.to_Matrix() for weight in pair.weights(MAML(Rational(1, 2)))]
        [Matrix([[1/4]]), Matrix([[3/4]])]
        """
        if isinstance(rule, Prescribed):
            return prescribed(rule.weights, self.dimension, len(self.tasks), digits)
        return self._evaluated(rule.weight(deployed), digits)

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight; see :meth:`weights`."""
        if isinstance(rule, Prescribed):
            return self._averaged(self.weights(rule, deployed, digits))
        return self.weight_moments(rule.weight(deployed), digits)

    def weight_moments(self, weight: Expr, digits: int | None = None) -> Moments:
        """Moments of a weight given as an expression in q (and tau_2); computed once, as optimum and risk both need them."""
        if (weight, digits) not in self._moments:
            self._moments[weight, digits] = self._averaged(self._evaluated(weight, digits))
        return self._moments[weight, digits]

    def _evaluated(self, weight: Expr, digits: int | None) -> list[DomainMatrix]:
        if weight.is_rational_function(notation.q):
            return of_curvatures(weight, self._curvatures, digits)
        return of_spectra(weight, self.tasks, digits)

    def _averaged(self, weights: list[DomainMatrix]) -> Moments:
        field = weights[0].domain
        p = self.dimension
        mean, linear, square = (DomainMatrix.zeros(shape, field).to_dense() for shape in ((p, p), (p, 1), (1, 1)))
        for task, weight, place in zip(self.tasks, weights, self._optima, strict=True):
            optimum = place.convert_to(field)
            weighted = weight * field.from_sympy(task.probability)
            pulled = weighted * optimum
            mean, linear, square = mean + weighted, linear + pulled, square + optimum.transpose() * pulled
        return Moments(mean, linear, square)


def _positive_semidefinite(hessian: Matrix) -> bool:
    """Whether a symmetric rational matrix is: all roots of its characteristic polynomial are real, so the signs decide."""
    coefficients = dense(hessian, QQ).charpoly()
    return all((-1) ** order * coefficient >= 0 for order, coefficient in enumerate(coefficients))
