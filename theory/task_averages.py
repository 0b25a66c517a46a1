r"""Expectations over the tasks of words in the curvature and in vectors that move with the optimum.

The words come from :mod:`theory.scores`: the letter Q is a task's curvature, other letters are matrices that are the same for
all tasks or products :math:`uv^\top` of two vectors :math:`c+s\,\theta_\gamma` (:class:`Affine`), such as the error
:math:`d=\theta^*-\theta_\gamma`.  Coefficients may contain the task's noise variance.

- :class:`~theory.tasks.Discrete`: a finite sum, in the field of its entries.
- :class:`~theory.tasks.ScalarDensity`: an integral; the noise variance is zero.
- :class:`~theory.tasks.SpectrumTied`, any dimension, noise variance uniform on [0, beta] and independent of the rest: the
  rotation is averaged first, then the eigenvalues (:mod:`theory.rotations`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any, NamedTuple

from sympy import Matrix, Rational, cancel, ring, sympify
from sympy.polys.constructor import construct_domain
from sympy.polys.domains.domain import Domain
from sympy.polys.matrices import DomainMatrix

from theory.exact import dense
from theory.rotations import PowerSums
from theory.scores import RING, SIGMA2
from theory.tasks import Discrete, ScalarDensity, SpectrumTied
from theory.words import Words

#: the task distributions that can be averaged over
TaskLaw = Discrete | ScalarDensity | SpectrumTied


@dataclass(frozen=True)
class Affine:
    """The vector `constant` + `slope` times theta_gamma; `constant` is a (p, 1) matrix over a field."""

    constant: DomainMatrix
    slope: int = 0

    @classmethod
    def of(cls, constant: Any, slope: int = 0) -> Affine:
        """The same from a matrix or sequence of expressions."""
        return cls(Matrix(constant).to_DM(field=True).to_dense(), slope)

    def shifted(self, vector: DomainMatrix) -> Affine:
        """This plus a constant vector."""
        one, two = self.constant.unify(vector, fmt="dense")
        return Affine(one + two, self.slope)


def average(
    tasks: TaskLaw,
    words: Words,
    values: Mapping[Any, Any],
    constants: Mapping[str, DomainMatrix] | None = None,
    vectors: Mapping[str, tuple[Affine, Affine]] | None = None,
) -> DomainMatrix:
    """Expectation of `words` over the tasks.

    Parameters
    ----------
    tasks : Discrete, ScalarDensity or SpectrumTied
    words : Words
        In the letter Q and the letters of `constants` and `vectors`, with coefficients in :data:`theory.scores.RING`.
    values : mapping
        Generators of the ring to expressions, all that occur except sigma2, which belongs to the task.
    constants : mapping, optional
        Letter to a matrix that all tasks share (for the spectrum-tied law a multiple of the identity).
    vectors : mapping, optional
        Letter to the pair (u, v) whose product u v' it is.

    Returns
    -------
    DomainMatrix, (p, p)
        Over a field that holds everything given.

    Raises
    ------
    TypeError
        If `tasks` is none of the three distributions.
    ValueError
        If the spectrum-tied law meets a constant that does not have its symmetry, or a term that needs the average of more than
        two powers of the curvature (p > 1).

    Examples
    --------
    >>> from theory import notation
    >>> from theory.scores import ALPHA, INVERSE_INNER, Meta, mean_curvature
    >>> average(SpectrumTied(1, 2), mean_curvature(Meta(1)), {ALPHA: notation.alpha, INVERSE_INNER: 0}).to_Matrix()
    Matrix([[2*alpha**2 - 8*alpha/3 + 1]])
    """
    constants, vectors = dict(constants or {}), dict(vectors or {})
    given = [sympify(value) for value in values.values()]
    if isinstance(tasks, SpectrumTied):
        given.append(tasks.beta)
    field, _ = construct_domain([*given, Rational(1, 2)], field=True)
    for matrix in (*constants.values(), *(vector.constant for pair in vectors.values() for vector in pair)):
        field = field.unify(matrix.domain)
    bound = _Bound(
        field,
        {generator: field.from_sympy(sympify(value)) for generator, value in values.items()},
        {letter: matrix.convert_to(field).to_dense() for letter, matrix in constants.items()},
        {
            letter: tuple(Affine(vector.constant.convert_to(field).to_dense(), vector.slope) for vector in pair)
            for letter, pair in vectors.items()
        },
    )
    if isinstance(tasks, Discrete):
        return _over_finite(tasks, words, bound)
    if isinstance(tasks, SpectrumTied) and tasks.dimension > 1:
        return _over_rotations(tasks, words, bound)
    if isinstance(tasks, ScalarDensity | SpectrumTied):
        return _over_scalars(tasks, words, bound)
    raise TypeError(f"tasks is a {type(tasks).__name__}; it must be Discrete, ScalarDensity or SpectrumTied")


class _Bound(NamedTuple):
    """What the letters and generators stand for, in one field."""

    field: Domain
    values: dict[Any, Any]
    constants: dict[str, DomainMatrix]
    vectors: dict[str, tuple[Affine, ...]]

    def coefficient(self, coefficient: Any, noise: Callable[[int], Any]) -> Any:
        """A polynomial of the ring, with `noise` for the powers of sigma2."""
        total = self.field.zero
        for exponents, number in RING(coefficient).terms():
            term = self.field.convert(number)
            for generator, exponent in zip(RING.gens, exponents, strict=True):
                if exponent:
                    term = term * (noise(exponent) if generator == SIGMA2 else self.values[generator] ** exponent)
            total = total + term
        return total


def _over_finite(tasks: Discrete, words: Words, bound: _Bound) -> DomainMatrix:
    field, total = bound.field, None
    for task in tasks.tasks:
        optimum, variance = dense(task.optimum, field), field.from_sympy(task.noise_variance)
        letters = {"Q": dense(task.hessian, field), **bound.constants}
        for letter, pair in bound.vectors.items():
            u, v = (vector.constant + optimum * field(vector.slope) for vector in pair)
            letters[letter] = u * v.transpose()
        powers = partial(pow, variance)
        value = words.mapped(partial(bound.coefficient, noise=powers)).evaluate(letters) * field.from_sympy(task.probability)
        total = value if total is None else total + value
    assert total is not None  # a distribution holds a task
    return total


def _over_scalars(tasks: ScalarDensity | SpectrumTied, words: Words, bound: _Bound) -> DomainMatrix:
    """At p = 1 everything is a polynomial in q and theta_gamma, whose moments are known."""
    polynomials, q, optimum = ring("q,theta_gamma", bound.field)
    letters = {"Q": q} | {letter: polynomials(matrix[0, 0].element) for letter, matrix in bound.constants.items()}
    for letter, pair in bound.vectors.items():
        letters[letter] = prod(polynomials(vector.constant[0, 0].element) + optimum * vector.slope for vector in pair)
    noise, moment = _scalar_laws(tasks, bound.field)
    total = polynomials.zero
    products: dict[str, Any] = {"": polynomials.one}
    for word, coefficient in words.commuted().terms.items():
        for end in range(1, len(word[1]) + 1):
            if word[1][:end] not in products:
                products[word[1][:end]] = products[word[1][: end - 1]] * letters[word[1][end - 1]]
        total = total + products[word[1]] * bound.coefficient(coefficient, noise)
    value = sum((coefficient * moment(*exponents) for exponents, coefficient in total.terms()), bound.field.zero)
    return DomainMatrix([[value]], (1, 1), bound.field).to_dense()


def _scalar_laws(tasks: ScalarDensity | SpectrumTied, field: Domain) -> tuple[Callable[[int], Any], Callable[[int, int], Any]]:
    """Moments of the noise variance, and of curvature and optimum."""
    if isinstance(tasks, SpectrumTied):
        beta = field.from_sympy(tasks.beta)
        return (
            lambda order: beta**order / field(order + 1),
            lambda first, second: beta ** (first + second) / field(first + second + 1),
        )
    return (
        lambda order: field.zero,
        lambda first, second: field.from_sympy(cancel(tasks.expectation(tasks.curvature**first * tasks.optimum**second))),
    )


def _over_rotations(tasks: SpectrumTied, words: Words, bound: _Bound) -> DomainMatrix:
    p, field = tasks.dimension, bound.field
    scales = {letter: _isotropic(letter, matrix) for letter, matrix in bound.constants.items()}
    affine = {
        letter: tuple((_constant_entry(letter, vector.constant), field(vector.slope)) for vector in pair)
        for letter, pair in bound.vectors.items()
    }
    spectrum = PowerSums(p, field, field.from_sympy(tasks.beta))
    diagonal = off_diagonal = field.zero
    for (traces, word), coefficient in words.terms.items():
        scale = bound.coefficient(coefficient, spectrum.noise_moment)
        for letter in "".join((*traces, word)):
            scale = scale * scales.get(letter, field.one)
        *loops, opened = ("".join(letter for letter in part if letter not in scales) for part in (*traces, word))
        on, off = spectrum.rotated(loops, opened, affine)
        diagonal, off_diagonal = diagonal + scale * on, off_diagonal + scale * off
    rows = [[diagonal if i == j else off_diagonal for j in range(p)] for i in range(p)]
    return DomainMatrix(rows, (p, p), field).to_dense()


def _isotropic(letter: str, matrix: DomainMatrix) -> Any:
    """The number c of a constant c I."""
    first = matrix[0, 0].element
    if matrix != DomainMatrix.eye(matrix.shape, matrix.domain).to_dense() * first:
        raise ValueError(f"the constant {letter} is {matrix.to_Matrix()}; the spectrum-tied law needs a multiple of I")
    return first


def _constant_entry(letter: str, vector: DomainMatrix) -> Any:
    """The number c of a constant vector (c, ..., c)."""
    entries = {vector[i, 0].element for i in range(vector.shape[0])}
    if len(entries) > 1:
        raise ValueError(f"a vector of {letter} is {vector.to_Matrix()}; the spectrum-tied law needs equal entries")
    return entries.pop()
