"""Finite distributions of tasks with quadratic losses, one maker for each law that a claim may quantify over.

A task is an optimum and a curvature by its spectrum, so that theory's matrices and numerics' arrays are made from the same
numbers.

Examples
--------
>>> from verify.instances.codes import Codes
>>> from theory.notation import n, p
>>> made = FAMILIES["free"].decode(Codes(np.zeros((1, 8), int), 2, exact=True), {n: 1, p: 1})
>>> made.probabilities
array([[Fraction(1, 1)]], dtype=object)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from sympy import Range, Symbol

from theory.notation import alpha, beta, n, nu, p, root_l, root_u
from theory.rules import Prescribed, Rule
from theory.tasks import Discrete, SpectrumTied, Task
from verify.instances.batch import Batch, as_matrix, as_rational
from verify.instances.codes import Array, Codes, Values, congruence
from verify.instances.family import Family


@dataclass
class TaskArrays:
    """A batch of finite task distributions.

    Attributes
    ----------
    probabilities, optima, eigenvalues, eigenvectors : array
        (batch, n), (batch, n, p), (batch, n, p), (batch, n, p, p).
    weights : dict
        Named per-task weight matrices, (batch, n, p, p).
    """

    probabilities: Array
    optima: Array
    eigenvalues: Array
    eigenvectors: Array
    weights: dict[str, Array] = field(default_factory=dict)


# --- what the tasks of a batch are, in numerics' form and in theory's -----------------------------------------------------


def finite(batch: Batch) -> TaskArrays:
    """The batch's finite task distributions.

    Raises
    ------
    ValueError
        If the claim quantifies over none.
    """
    if not isinstance(batch.tasks, TaskArrays):
        raise ValueError("a quantity needs a finite task distribution, and the claim has none; give it tasks of a finite law")
    return batch.tasks


def hessians(batch: Batch) -> Array:
    """Curvatures, (batch, n, p, p)."""
    tasks = finite(batch)
    return np.asarray(batch.remembered("hessians", lambda: congruence(tasks.eigenvectors, tasks.eigenvalues)))


def exact_rule(batch: Batch, rule: Rule | Symbol) -> Rule:
    """A rule with the exact instance's values for its symbols."""
    rule = batch.rule(rule)
    if isinstance(rule, Prescribed):
        return Prescribed(tuple(as_matrix(weight) for weight in finite(batch).weights[rule.weights][0]))
    return replace(rule, **{entry.name: batch.rational(getattr(rule, entry.name)) for entry in fields(rule)})


def distribution(batch: Batch) -> Discrete | SpectrumTied:
    """The exact instance's task distribution in theory's form."""
    found: Discrete | SpectrumTied = batch.remembered("distribution", lambda: _distribution(batch))
    return found


def _distribution(batch: Batch) -> Discrete | SpectrumTied:
    if batch.tasks is None and p in dict(batch.cell.shape) and beta in batch.values:
        return SpectrumTied(batch.cell[p], batch.rational(beta))
    arrays = finite(batch)
    return Discrete(
        [
            Task(
                probability=as_rational(arrays.probabilities[0, i]),
                optimum=as_matrix(arrays.optima[0, i][:, None]),
                eigenvalues=tuple(map(as_rational, arrays.eigenvalues[0, i])),
                eigenvectors=as_matrix(arrays.eigenvectors[0, i]),
            )
            for i in range(arrays.probabilities.shape[1])
        ]
    )


# --- laws -----------------------------------------------------------------------------------------------------------------


def _spectra(codes: Codes, values: Values, count: int, dim: int) -> Array:
    """Eigenvalues from beta (zero code) down to nu; the first task's strictly between, so that expectations are invertible."""
    first = codes.unit(1, dim, left_open=True, right_open=True)
    fraction = np.concatenate([first, codes.unit(count - 1, dim)], axis=1)
    # a claim that declares no upper end is about spectra of any size
    top = values[beta][..., None] if beta in values else codes.size()[..., None]
    bottom = values[nu][..., None] if nu in values else 0
    return np.asarray(top - (top - bottom) * fraction)


def _free(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.points(count, dim),
        eigenvalues=_spectra(codes, values, count, dim),
        eigenvectors=codes.rotations(count, dim),
    )


def _commuting(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.points(count, dim),
        eigenvalues=_spectra(codes, values, count, dim),
        eigenvectors=np.repeat(codes.rotations(1, dim), count, axis=1),
    )


def _scalar_spectrum(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.points(count, dim),
        eigenvalues=np.repeat(_spectra(codes, values, count, 1), dim, axis=2),
        eigenvectors=codes.identity(count, dim),
    )


def _common_curvature(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.points(count, dim),
        eigenvalues=np.repeat(_spectra(codes, values, 1, dim), count, axis=1),
        eigenvectors=np.repeat(codes.rotations(1, dim), count, axis=1),
    )


def _common_optimum(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=np.repeat(codes.points(1, dim), count, axis=1),
        eigenvalues=_spectra(codes, values, count, dim),
        eigenvectors=codes.rotations(count, dim),
    )


def _independent(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    """The product of a law of curvatures with `count` atoms and a law of optima with two."""
    probabilities = codes.probabilities(count)[:, :, None] * codes.probabilities(2)[:, None, :]
    return TaskArrays(
        probabilities=probabilities.reshape(len(codes), 2 * count),
        optima=np.tile(codes.points(2, dim), (1, count, 1)),
        eigenvalues=np.repeat(_spectra(codes, values, count, dim), 2, axis=1),
        eigenvectors=np.repeat(codes.rotations(count, dim), 2, axis=1),
    )


def _easy_and_hard(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    """`count` easy tasks of curvature 1/alpha, solved by one exact step, then `count` hard ones of one smaller curvature."""
    easy = 1 / values[alpha]
    hard = easy * codes.unit(1, left_open=True, right_open=True)
    curvatures = np.concatenate([np.repeat(easy, count, axis=1), np.repeat(hard, count, axis=1)], axis=1)
    return TaskArrays(
        probabilities=codes.probabilities(2 * count),
        optima=codes.points(2 * count, dim),
        eigenvalues=np.repeat(curvatures[:, :, None], dim, axis=2),
        eigenvectors=codes.identity(2 * count, dim),
    )


def _weight_pairs(codes: Codes, values: Values, count: int, dim: int) -> TaskArrays:
    """A = G G' and B = G D G' with G invertible and the spectrum of D in (l, u]: all definite pairs with l A <= B <= u A."""
    rotation = codes.rotations(count, dim)
    root = 1 - codes.unit(count, dim, right_open=True)
    top, bottom = (values[symbol][..., None] ** 2 for symbol in (root_u, root_l))
    ratios = congruence(codes.rotations(count, dim), top - (top - bottom) * codes.unit(count, dim, right_open=True))
    factor = rotation * root[..., None, :]
    deployed = factor @ ratios @ np.swapaxes(factor, -1, -2)
    return TaskArrays(
        probabilities=codes.probabilities(count),
        optima=codes.points(count, dim),
        eigenvalues=root * root,
        eigenvectors=rotation,
        # rounding leaves B symmetric only to the last bit
        weights={"A": congruence(rotation, root * root), "B": (deployed + np.swapaxes(deployed, -1, -2)) / 2},
    )


def _no_arrays(codes: Codes, values: Values, count: int, dim: int) -> None:
    """The law has parameters and no codes."""


def _law(
    name: str, words: str, make: Callable[[Codes, Values, int, int], Any], *needs: Symbol, batched: bool = True
) -> tuple[str, Family]:
    def decode(codes: Codes, values: Values) -> Any:
        return make(codes, values, values[n], values[p])

    return name, Family(name, words, decode, {p: Range(1, 7), n: Range(1, 9)}, needs, batched, _crossed)


def _crossed(values: Values) -> Any:
    """Where a lower end of a spectrum, or of ratios, lies above the upper one."""
    found = np.zeros((1, 1), dtype=bool)
    for low, high in ((nu, beta), (root_l, root_u)):
        if low in values and high in values:
            found = found | np.asarray(values[low] > values[high], dtype=bool)
    return found


#: every law of quadratic tasks by its name
FAMILIES: dict[str, Family] = dict(
    (
        _law("free", "any finite law: rational weights, curvatures with spectrum in [nu, beta], optima", _free),
        _law("scalar_spectrum", "every curvature is a multiple of the identity, q_i I", _scalar_spectrum),
        _law("common_curvature", "all tasks share one curvature Q", _common_curvature),
        _law("common_optimum", "all tasks share one optimum", _common_optimum),
        _law("independent", "curvature and optimum are independent: the product of two finite laws", _independent),
        _law("commuting", "all curvatures are diagonal in one basis", _commuting),
        _law(
            "easy_and_hard",
            "clusters of curvature q_E I and q_H I, alpha q_E = 1, with their own laws of optima",
            _easy_and_hard,
            alpha,
        ),
        _law(
            "weight_pairs",
            "per task two positive semi-definite weights A and B with l A <= B <= u A that need not commute",
            _weight_pairs,
            root_l,
            root_u,
        ),
        _law(
            "spectrum_tied",
            "eq. (13) of gao-sener-2020: optimum uniform on [0, beta]^p, Q = V diag(optimum) V', V Haar",
            _no_arrays,
            beta,
            batched=False,
        ),
    )
)
