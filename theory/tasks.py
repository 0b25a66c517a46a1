r"""Task distributions whose expectations are exact.

A task is a curvature Q (positive semi-definite), an optimum :math:`\theta_\gamma` and a noise variance.  Whatever the weight w of a
rule, everything about :math:`J_w(\theta)=\tfrac12E(\theta-\theta_\gamma)^\top w(Q)(\theta-\theta_\gamma)` follows from three
expectations, :math:`E[w(Q)]`, :math:`E[w(Q)\theta_\gamma]` and :math:`E[\theta_\gamma^\top w(Q)\theta_\gamma]`: the
:class:`Moments` that each distribution knows how to take.

- :class:`Discrete`: finitely many tasks with rational entries, in exact rational arithmetic;
- :class:`ScalarDensity`: p = 1 and any density that sympy can integrate;
- :class:`SpectrumTied`: eq. (13) of `gao-sener-2020`, in any dimension, through Haar averages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sympy import (
    Expr,
    ImmutableMatrix,
    Matrix,
    Poly,
    Rational,
    S,
    cancel,
    diag,
    eye,
    fraction,
    integrate,
    simplify,
    sympify,
    together,
)
from sympy.polys.constructor import construct_domain
from sympy.polys.domains import QQ
from sympy.polys.domains.domain import Domain
from sympy.polys.matrices import DomainMatrix

from theory import notation
from theory.rules import Prescribed, Rule


class Moments(NamedTuple):
    """The three expectations of a weight, as matrices over one field: (p, p), (p, 1) and (1, 1)."""

    weight: DomainMatrix
    weighted_optimum: DomainMatrix
    weighted_square: DomainMatrix


class TaskDistribution(Protocol):
    """What :mod:`theory.optima` needs of a distribution of tasks."""

    @property
    def dimension(self) -> int:
        """Dimension p of the parameter."""

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight."""


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
        put(self, "probability", _rational("probability", self.probability))
        put(self, "noise_variance", _rational("noise_variance", self.noise_variance))
        optimum = _matrix("optimum", self.optimum)
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
        hessian = _matrix("hessian", self.hessian)
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
        values = _matrix("eigenvalues", self.eigenvalues)
        if values.shape != (p, 1):
            raise ValueError(f"eigenvalues have shape {values.shape}; there must be {p}, like the optimum's length")
        vectors = _matrix("eigenvectors", eye(p) if self.eigenvectors is None else self.eigenvectors)
        if vectors.shape != (p, p):
            raise ValueError(f"eigenvectors have shape {vectors.shape}; it must be {(p, p)}")
        if vectors.T * vectors != eye(p):
            raise ValueError("eigenvectors are not orthonormal; their Gram matrix must be the identity exactly")
        object.__setattr__(self, "eigenvalues", tuple(values))
        object.__setattr__(self, "eigenvectors", vectors)
        object.__setattr__(self, "hessian", ImmutableMatrix(vectors * diag(*values) * vectors.T))
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
    >>> pair = Discrete([Task(Rational(1, 2), 0, 1), Task(Rational(1, 2), 1, 3)])
    >>> pair.dimension
    1
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
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
        self._curvatures = [_field(task.hessian, QQ) for task in self.tasks]
        self._optima = [_field(task.optimum, QQ) for task in self.tasks]

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
        """
        if isinstance(rule, Prescribed):
            return self._prescribed(rule, digits)
        weight = rule.deployment_weight(notation.q) if deployed else rule.training_weight(notation.q)
        traces = [_trace_of_square(curvature) for curvature in self._curvatures] if weight.has(notation.tau2) else None
        if weight.is_rational_function(notation.q):
            return self._of_curvatures(weight, traces, digits)
        return self._of_spectra(weight, digits)

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight; see :meth:`weights`."""
        weights = self.weights(rule, deployed, digits)
        field = weights[0].domain
        first, second, third = [], [], []
        for task, weight, optimum in zip(self.tasks, weights, self._optima, strict=True):
            optimum = optimum.convert_to(field)
            weight = weight * field.from_sympy(task.probability)
            pulled = weight * optimum
            first.append(weight)
            second.append(pulled)
            third.append(optimum.transpose() * pulled)
        return Moments(_sum(first), _sum(second), _sum(third))

    def _of_curvatures(self, weight: Expr, traces: list[Expr] | None, digits: int | None) -> list[DomainMatrix]:
        parts = [Poly(part, notation.q).all_coeffs() for part in fraction(together(weight))]
        tables = [parts] * len(self.tasks)
        if traces is not None:
            tables = [[[c.subs(notation.tau2, trace) for c in part] for part in parts] for trace in traces]
        numbers = [c for table in tables for part in table for c in part]
        field, _ = construct_domain([_rounded(c, digits) for c in numbers] if digits else numbers, field=True)
        found = []
        for (above, below), curvature in zip(tables, self._curvatures, strict=True):
            matrix = curvature.convert_to(field)
            value = _horner([_rounded(c, digits) for c in above], matrix)
            found.append(value if below == [1] else value * _horner([_rounded(c, digits) for c in below], matrix).inv())
        return found

    def _of_spectra(self, weight: Expr, digits: int | None) -> list[DomainMatrix]:
        for index, task in enumerate(self.tasks):
            if task.eigenvalues is None:
                raise ValueError(
                    f"task {index} is given by a hessian that is not diagonal; a weight that is not a rational function of the "
                    "curvature needs its eigenvalues and eigenvectors"
                )
        spectra = [[_rounded(weight.subs(notation.q, value), digits) for value in task.eigenvalues] for task in self.tasks]
        field, _ = construct_domain([value for spectrum in spectra for value in spectrum], field=True)
        found = []
        for task, spectrum in zip(self.tasks, spectra, strict=True):
            basis = _field(task.eigenvectors, field)
            found.append(basis * _field(diag(*spectrum), field) * basis.transpose())
        return found

    def _prescribed(self, rule: Prescribed, digits: int | None) -> list[DomainMatrix]:
        if len(rule.weights) != len(self.tasks):
            raise ValueError(f"weights holds {len(rule.weights)} matrices; there are {len(self.tasks)} tasks")
        for index, weight in enumerate(rule.weights):
            if weight.rows != self.dimension:
                raise ValueError(f"weights[{index}] has shape {weight.shape}; the tasks have dimension {self.dimension}")
        rounded = [weight.applyfunc(lambda entry: _rounded(entry, digits)) for weight in rule.weights]
        field, _ = construct_domain([entry for weight in rounded for entry in weight], field=True)
        return [_field(weight, field) for weight in rounded]


class ScalarDensity:
    r"""Tasks with p = 1 and any density that sympy can integrate.

    Curvature and optimum are expressions in one or more random variables with a joint density; for a joint density of
    (q, theta_gamma) they are two of the variables themselves.

    Parameters
    ----------
    curvature, optimum : sympy expressions
        q and theta_gamma in terms of the variables.
    density : sympy expression
        Joint density of the variables.
    variables : sequence of (symbol, lower, upper)
        The variables, innermost integral first, with the ends of their ranges.

    Raises
    ------
    ValueError
        If the density does not integrate to one, or the curvature is negative.

    Examples
    --------
    Optimum and curvature equal to one uniform variable on [0, 2], eq. (13) of `gao-sener-2020`:

    >>> from sympy import Symbol
    >>> x = Symbol("x", nonnegative=True)
    >>> tied = ScalarDensity(x, x, Rational(1, 2), [(x, 0, 2)])
    >>> from theory.rules import DRS
    >>> tied.moments(DRS()).weighted_optimum.to_Matrix()
    Matrix([[4/3]])
    """

    dimension = 1

    def __init__(self, curvature: Any, optimum: Any, density: Any, variables: Sequence[tuple[Any, Any, Any]]) -> None:
        self.curvature, self.optimum, self.density = (sympify(part) for part in (curvature, optimum, density))
        self.variables = tuple(tuple(sympify(part) for part in variable) for variable in variables)
        total = self.expectation(S.One)
        if simplify(total - 1) != 0:
            raise ValueError(f"density integrates to {total}; it must integrate to 1")
        if self.curvature.is_negative:
            raise ValueError(f"curvature is {self.curvature}; it must not be negative")

    def expectation(self, value: Expr) -> Expr:
        """Expectation of an expression in the variables."""
        return integrate((value * self.density).expand(), *self.variables)

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight."""
        weight = _scalar_weight(rule, deployed).subs(notation.tau2, notation.q**2).subs(notation.q, self.curvature)
        return _scalar_moments([_rounded(self.expectation(weight * self.optimum**power), digits) for power in range(3)])


class SpectrumTied:
    r"""Eq. (13) of `gao-sener-2020`: theta_gamma uniform on [0, beta]^p, Q = V diag(theta_gamma) V', V Haar on SO(p).

    The rotation averages any weight to a multiple of the identity, :math:`E_V[V D V^\top]=\tfrac1p\operatorname{tr}(D)\,I`, which
    leaves expectations over independent uniform coordinates.

    Parameters
    ----------
    dim : int
        Dimension p.
    beta : number or symbol
        Upper end of the spectrum.

    Raises
    ------
    ValueError
        If `dim` is not a positive integer, or `beta` is not positive.

    Examples
    --------
    >>> from theory.rules import DRS
    >>> SpectrumTied(1, 2).moments(DRS()).weight.to_Matrix()
    Matrix([[1]])
    """

    def __init__(self, dim: int, beta: Any) -> None:
        if not (isinstance(dim, int) and dim >= 1):
            raise ValueError(f"dim is {dim!r}; it must be a positive integer")
        self.dimension = dim
        self.beta = _exact_number("beta", beta)
        if self.beta.is_nonpositive:
            raise ValueError(f"beta is {self.beta}; it must be positive")

    def __repr__(self) -> str:
        return f"SpectrumTied({self.dimension}, {self.beta})"

    def _mean(self, value: Expr) -> Expr:
        return integrate(value.expand(), (notation.q, 0, self.beta)) / self.beta

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight."""
        p, x = self.dimension, notation.q
        weight = _scalar_weight(rule, deployed)
        own, shared = weight.subs(notation.tau2, 0), weight.diff(notation.tau2)  # weight = own + shared * tr(Q^2)
        full = own + shared * x**2
        first, second, third, fourth = (self._mean(x**power) for power in range(1, 5))
        mean_full, mean_shared = self._mean(full), self._mean(shared)
        mean = mean_full + (p - 1) * mean_shared * second
        aligned = self._mean(full * x) + (p - 1) * self._mean(shared * x) * second
        crossed = mean_full * first + mean_shared * (third + (p - 2) * second * first)
        linear = (aligned + (p - 1) * crossed) / p
        others = (p - 1) * (fourth + (p - 2) * second**2)
        square = self._mean(full * x**2) + (p - 1) * (mean_full + self._mean(shared * x**2)) * second + mean_shared * others
        scalars = _scalar_moments([_rounded(value, digits) for value in (mean, linear, square)])
        field = scalars.weight.domain
        ones = DomainMatrix.ones((p, 1), field).to_dense()
        return Moments(
            DomainMatrix.eye((p, p), field).to_dense() * scalars.weight[0, 0].element,
            ones * scalars.weighted_optimum[0, 0].element,
            scalars.weighted_square,
        )


def _field(matrix: Matrix, field: Domain) -> DomainMatrix:
    return DomainMatrix.from_Matrix(matrix).convert_to(field).to_dense()


def _sum(matrices: list[DomainMatrix]) -> DomainMatrix:
    total = matrices[0]
    for matrix in matrices[1:]:
        total = total + matrix
    return total


def _horner(coefficients: list[Expr], matrix: DomainMatrix) -> DomainMatrix:
    field = matrix.domain
    one = DomainMatrix.eye(matrix.shape, field).to_dense()
    total = one * field.from_sympy(coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * matrix + one * field.from_sympy(coefficient)
    return total


def _scalar_weight(rule: Rule, deployed: bool) -> Expr:
    return rule.deployment_weight(notation.q) if deployed else rule.training_weight(notation.q)


def _scalar_moments(values: list[Expr]) -> Moments:
    field, elements = construct_domain([cancel(value) for value in values], field=True)
    return Moments(*(DomainMatrix([[element]], (1, 1), field).to_dense() for element in elements))


def _trace_of_square(curvature: DomainMatrix) -> Expr:
    square = curvature * curvature
    return QQ.to_sympy(sum((square[i, i].element for i in range(square.shape[0])), QQ.zero))


def _rounded(value: Expr, digits: int | None) -> Expr:
    """`value`, or a rational within `digits` digits of it if it is an irrational number and digits are given."""
    if digits is None or value.is_Rational or not value.is_number:
        return value
    return Rational(value.evalf(digits))


def _exact_number(name: str, value: Any) -> Expr:
    """`value` in sympy, a float at its exact binary value."""
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"{name} is {value}; it must be finite")
        return Rational(value)
    return sympify(value)


def _rational(name: str, value: Any) -> Rational:
    exact = _exact_number(name, value)
    if not isinstance(exact, Rational):
        raise ValueError(f"{name} is {value!r}; it must be a finite rational number")
    return exact


def _matrix(name: str, value: Any) -> ImmutableMatrix:
    """`value` as a matrix of rationals; a number is 1 x 1, a flat sequence a column."""
    try:
        matrix = ImmutableMatrix(value if hasattr(value, "__len__") or hasattr(value, "rows") else [value])
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{name} is {value!r}; it must be a number, a vector or a matrix of rationals") from problem
    return matrix.applyfunc(lambda entry: _rational(name, entry))


def _positive_semidefinite(hessian: Matrix) -> bool:
    """Whether a symmetric rational matrix is: all roots of its characteristic polynomial are real, so the signs decide."""
    coefficients = _field(hessian, QQ).charpoly()
    return all((-1) ** order * coefficient >= 0 for order, coefficient in enumerate(coefficients))
