r"""The estimators' law for many tasks: covariances, the bias of joint training, and where MAML overtakes it.

With the score psi = H theta* - h of one task, sqrt(M) (theta_hat - theta*) tends to N(0, C), C = E[H]^{-1} Cov(psi) E[H]^{-1}.
Nothing here is a formula for Cov(psi): the score's product with itself is multiplied out into words in the sample covariances S
(inner samples), T (outer samples) and D = (theta*_1 - theta_gamma)(theta*_2 - theta_gamma)^T, each word's expectation is taken
by :mod:`numerics.scatter_words`, and what is left is averaged over the tasks.  E[H] and the optima come from executed rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import frexp, isfinite, ldexp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import serial
from numerics.estimators import known_tasks
from numerics.inputs import number, whole
from numerics.population import standard_modeling_error, standard_optimum
from numerics.rules import DRS, MAML, Rule
from numerics.sampling import Tasks
from numerics.scatter_words import Term, Word, radius_ratios, word_expectation
from numerics.tasks import DiscreteTasks, SpectrumTiedTasks
from numerics.units import Units, in_units

Array = NDArray[np.float64]
#: a polynomial in non-commuting letters
Words = dict[Word, float]


def _product(*factors: Words) -> Words:
    total: Words = {(): 1.0}
    for factor in factors:
        longer: Words = {}
        for left, a in total.items():
            for right, b in factor.items():
                longer[left + right] = longer.get(left + right, 0.0) + a * b
        total = longer
    return total


def _letter(name: str, coefficient: float = 1.0) -> Words:
    return {(name,): coefficient}


@dataclass(frozen=True)
class _Score:
    """A method's score: words of the product of two scores, with and without the noise's variance as a factor."""

    signal: Words
    noise: Words
    counts: dict[str, int]


def _joint_score(samples: int) -> _Score:
    """psi = S d - e of joint training on all n samples."""
    return _Score({("S", "D", "S"): 1.0}, {("S",): 1 / samples}, {"S": samples})


def _shrink(alpha: float) -> float:
    """s, a power of two by which a step I - alpha S is multiplied so that long rates do not overflow in its fourth power."""
    return ldexp(1.0, -max(frexp(alpha)[1] - 1, 0))


def _adapted_score(alpha: float, inner: int, outer: int) -> _Score:
    """s^2 psi, psi = B T (B d + alpha e_1) - B e_2 of MAML, B = I - alpha S; noise averaged: e_1 e_1' to sigma^2 S / n_in."""
    shrink = _shrink(alpha)
    step: Words = {(): shrink, ("S",): -alpha * shrink}
    half = _product(step, _letter("T"))
    back = _product(_letter("T"), step)
    signal = _product(half, step, _letter("D"), step, back)
    noise = _product(half, _letter("S", (alpha * shrink) ** 2 / inner), back)
    for word, coefficient in _product(half, step).items():
        noise[word] = noise.get(word, 0.0) + coefficient * shrink**2 / outer
    return _Score(signal, noise, {"S": inner, "T": outer})


def _terms(words: Words, counts: dict[str, int], tasks: Tasks) -> dict[Term, float]:
    """Expectation of words over the samples, given the task."""
    ratios = radius_ratios(tasks.features, tasks.dimension, 4)
    total: dict[Term, float] = {}
    for word, coefficient in words.items():
        for term, weight in word_expectation(word, (), counts, ratios).items():
            total[term] = total.get(term, 0.0) + coefficient * weight
    return total


def _average(tasks: Tasks, terms: dict[Term, float], first: Array, second: Array | None, constant: Array, noisy: bool) -> Array:
    """E over tasks of constant words, times the noise variance if `noisy`: the letters are Q, D of the two points, and K.

    Without a second point the second factor of D is (1, ..., 1), so that every column of D is the gap of the first point.
    """
    if isinstance(tasks, DiscreteTasks):
        return _discrete_average(tasks, terms, first, second, constant, noisy)
    other = None if second is None else float(second[0])
    return _spectrum_average(tasks, terms, float(first[0]), other, float(constant[0, 0]), noisy)


def _discrete_average(
    tasks: DiscreteTasks, terms: dict[Term, float], first: Array, second: Array | None, constant: Array, noisy: bool
) -> Array:
    gaps = first - tasks.optima, np.ones_like(tasks.optima) if second is None else second - tasks.optima
    outer = gaps[0][:, :, None] * gaps[1][:, None, :]
    letters = {"Q": tasks.hessians, "D": outer, "d": outer.swapaxes(1, 2), "K": constant}
    chances = tasks.weights * tasks.noise_variances if noisy else tasks.weights
    identity = np.broadcast_to(np.eye(tasks.dimension), tasks.hessians.shape)

    @cache
    def multiplied(word: Word) -> Array:
        return multiplied(word[:-1]) @ letters[word[-1]] if word else identity

    total = np.zeros((tasks.dimension, tasks.dimension))
    for (chain, traces), weight in terms.items():
        factor = weight * chances
        for trace in traces:
            factor = factor * np.trace(multiplied(trace), axis1=1, axis2=2)
        total += np.tensordot(factor, multiplied(chain), axes=1)
    return total


#: a sum of coefficients times products of power sums tr(Q^c) of the eigenvalues
_Sums = list[tuple[float, tuple[int, ...]]]


def _haar_pair(dim: int, one: int, other: int) -> tuple[_Sums, _Sums]:
    """a and b of E[(Q^one)_ij (Q^other)_kl] = a d_ij d_kl + b (d_ik d_jl + d_il d_jk) over Haar eigenvectors.

    The two contractions, i = j with k = l and i = k with j = l, determine them.
    """
    if dim == 1:
        return [(1.0, (one + other,))], []
    scale = dim * (dim - 1) * (dim + 2)
    apart, together = (one, other), (one + other,)
    return [((dim + 1) / scale, apart), (-2 / scale, together)], [(dim / scale, together), (-1 / scale, apart)]


def _spectrum_average(
    tasks: SpectrumTiedTasks, terms: dict[Term, float], first: float, second: float | None, constant: float, noisy: bool
) -> Array:
    """Haar average, then that over eigenvalues, which are the optimum's entries; both points are multiples of (1, ..., 1)."""
    dim, beta = tasks.dimension, tasks.beta
    # the second factor of D is right - moving t at an entry t of the optimum
    right, moving = (1.0, 0.0) if second is None else (second, 1.0)

    @cache
    def moment(powers: tuple[int, ...], marks: tuple[int, ...]) -> float:
        """E of the power sums times the first eigenvalues to the powers `marks`."""
        if not powers:
            return float(np.prod([beta**mark / (mark + 1) for mark in marks]))
        total = 0.0
        for i, mark in enumerate(marks):
            total += moment(powers[1:], (*marks[:i], mark + powers[0], *marks[i + 1 :]))
        if len(marks) < dim:
            total += (dim - len(marks)) * moment(powers[1:], (*marks, powers[0]))
        return total

    def expected(sums: _Sums, traces: tuple[int, ...], marks: tuple[int, ...]) -> float:
        return sum(coefficient * moment(tuple(sorted((*powers, *traces))), marks) for coefficient, powers in sums)

    def gap(sums: _Sums, traces: tuple[int, ...]) -> tuple[float, float]:
        """E of sums times D's entries (1, 1) and (1, 2)."""
        one, other = expected(sums, traces, ()), expected(sums, traces, (1,))
        common = first * right * one - (moving * first + right) * other
        apart = common + moving * expected(sums, traces, (1, 1)) if dim > 1 else 0.0
        return common + moving * expected(sums, traces, (2,)), apart

    def trace_of_gap(sums: _Sums, traces: tuple[int, ...]) -> float:
        linear, square = (expected(sums, (*traces, power), ()) for power in (1, 2))
        return first * right * dim * expected(sums, traces, ()) - (moving * first + right) * linear + moving * square

    diagonal = apart = 0.0
    for (chain, traces), weight in terms.items():
        scaled = weight * constant ** sum(word.count("K") for word in (chain, *traces))
        power = chain.count("Q")
        plain = tuple(trace.count("Q") for trace in traces if not {"D", "d"} & set(trace))
        marked = [trace.count("Q") for trace in traces if {"D", "d"} & set(trace)]
        if marked:
            a, b = _haar_pair(dim, power, marked[0])
            own, mixed = gap(b, plain)
            diagonal += scaled * (trace_of_gap(a, plain) + 2 * own)
            apart += scaled * 2 * mixed
        elif {"D", "d"} & set(chain):
            before = next(i for i, letter in enumerate(chain) if letter in "Dd")
            left = chain[:before].count("Q")
            a, b = _haar_pair(dim, left, power - left)
            own, mixed = gap([*a, *b], plain)
            diagonal += scaled * (own + trace_of_gap(b, plain))
            apart += scaled * mixed
        else:
            diagonal += scaled * moment(tuple(sorted((power, *plain))), ()) / dim
    matrix = apart * np.ones((dim, dim)) + (diagonal - apart) * np.eye(dim)
    return matrix * (tasks.largest_noise / 2) if noisy else matrix


def _score_covariance(tasks: Tasks, score: _Score, first: Array, second: Array) -> Array:
    constant = np.eye(tasks.dimension)
    signal = _average(tasks, _terms(score.signal, score.counts, tasks), first, second, constant, noisy=False)
    return signal + _average(tasks, _terms(score.noise, score.counts, tasks), first, second, constant, noisy=True)


def _mean_weight(tasks: Tasks, rule: Rule) -> Array:
    return tasks.moments(rule, type(rule).outer_step)[0]


def _sandwich(matrix: Array, middle: Array, other: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.linalg.inv(matrix) @ middle @ np.linalg.inv(other)
    if not np.isfinite(found).all():
        raise ValueError("tasks or alpha are so large or small that the limit law has entries which are no numbers")
    return np.asarray(found)


def _standard_covariance(units: Units, rule: DRS | MAML, samples: int) -> Array:
    """The covariance of a method whose rule is in the problem's own units."""
    if isinstance(rule, DRS):
        score, shrink = _joint_score(2 * samples), 1.0
    else:
        rate = float(rule.schedule()[0][0])
        score, shrink = _adapted_score(rate, rule.inner_samples, 2 * samples - rule.inner_samples), _shrink(rate)
    optimum = standard_optimum(units, rule)
    weight = shrink**2 * _mean_weight(units.tasks, rule)
    covariance = _sandwich(weight, _score_covariance(units.tasks, score, optimum, optimum), weight)
    return (covariance + covariance.T) / 2


def _standard_bias(units: Units, samples: int) -> Array:
    """The bias of joint training in the problem's own units."""
    tasks = units.tasks
    optimum = standard_optimum(units, DRS())
    inverse = np.asarray(np.linalg.inv(_mean_weight(tasks, DRS())), dtype=np.float64)
    terms = _terms({("S", "K", "S", "D"): 1.0}, {"S": 2 * samples}, tasks)
    return np.asarray(inverse @ _average(tasks, terms, optimum, None, inverse, noisy=False)[:, 0])


def _problem(tasks: Any, alpha: Any, samples: int) -> tuple[Units, MAML]:
    """The tasks in their own units, with MAML's rule on half of the samples."""
    rule = MAML(number("alpha", alpha), inner_samples=whole("samples", samples))
    units, (adapted,) = in_units(known_tasks(tasks), rule)
    units.rate("alpha", rule.alpha)
    assert isinstance(adapted, MAML)
    return units, adapted


@serial
def asymptotic_covariance(tasks: Tasks, rule: Rule, samples: int) -> Array:
    r"""Covariance C of the limit law of sqrt(M) (theta_hat - theta*) as the number of tasks M grows.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
        What tasks are drawn from.
    rule : DRS or MAML
        MAML with one step.  ``inner_samples`` of a task's data go inside (N if not given), the others outside.
    samples : int
        N; each task has 2N samples.

    Returns
    -------
    array (p, p)

    Raises
    ------
    TypeError
        If the rule has no estimator here.
    ValueError
        If samples is not a whole number, or all data would go inside.
    numerics.SingularExpectation
        If E[H] is singular.

    Examples
    --------
    >>> tasks = SpectrumTiedTasks(1, 2.0)
    >>> asymptotic_covariance(tasks, DRS(), 5).round(6).tolist()
    [[0.384444]]
    """
    known_tasks(tasks)
    samples = whole("samples", samples)
    if isinstance(rule, MAML):
        if np.ndim(rule.steps) or rule.steps != 1:
            raise ValueError(f"steps is {rule.steps!r}; the estimator takes one inner step")
        inner = samples if rule.inner_samples is None else whole("inner_samples", rule.inner_samples)
        if inner >= 2 * samples:
            raise ValueError(f"inner_samples is {inner}; of 2 samples = {2 * samples} at least one must be left outside")
        rule = MAML(number("alpha", rule.alpha), inner_samples=inner)
    elif not isinstance(rule, DRS):
        raise TypeError(f"rule is a {type(rule).__name__}; it must be DRS or MAML, whose estimators are defined")
    units, (its_rule,) = in_units(tasks, rule)
    if isinstance(rule, MAML):
        units.rate("alpha", rule.alpha)
    return units.length**2 * _standard_covariance(units, its_rule, samples)  # type: ignore[arg-type]


@serial
def joint_bias(tasks: Tasks, samples: int) -> Array:
    """Limit of M E[theta_hat - theta*] for joint training on 2N samples per task: E[H]^{-1} E[H E[H]^{-1} psi], array (p,).

    Examples
    --------
    >>> joint_bias(SpectrumTiedTasks(1, 2.0), 5).round(6).tolist()
    [-0.266667]
    """
    units, _ = in_units(known_tasks(tasks))
    return units.length * _standard_bias(units, whole("samples", samples))


@serial
def crossover_tasks(tasks: Tasks, alpha: float, samples: int) -> float:
    """Number of tasks M* at which both methods' expected deployed risks are equal, to order 1/M.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
    alpha : float
        Rate of the inner step, in training and in deployment.
    samples : int
        N; each task has 2N samples, and a deployed inner step takes N.

    Returns
    -------
    float
        MAML has the lower risk for M above it: 0 if at leading order for every M, inf if for none.

    Raises
    ------
    ValueError
        If alpha is not a finite number, or so large that nothing can be said, or samples not a whole number.
    numerics.SingularExpectation
        If an optimum is not unique.

    Examples
    --------
    >>> round(crossover_tasks(SpectrumTiedTasks(1, 2.0), 0.25, 10), 6)
    15.358324
    >>> crossover_tasks(SpectrumTiedTasks(1, 2.0), 0.0, 10)
    inf
    """
    units, adapted = _problem(tasks, alpha, samples)
    weight = _mean_weight(units.tasks, adapted)
    joint_optimum = standard_optimum(units, DRS())
    gap = joint_optimum - standard_optimum(units, adapted)
    meta, joint = (0.5 * np.trace(weight @ _standard_covariance(units, rule, samples)) for rule in (adapted, DRS()))
    # what agrees to rounding is equal: for a rule without effect, or tasks of a common optimum or curvature, for instance
    scale = _spread(units, joint_optimum) + np.abs(gap).max()
    if np.abs(gap).max() <= 1e-12 * scale or scale <= _resolution(tasks) / units.length:
        # the costs are squares of what is known to rounding
        return 0.0 if joint - meta > 1e-12 * joint + 1e-24 * np.trace(weight) * scale**2 else float("inf")
    lead = float(meta - joint - gap @ weight @ _standard_bias(units, samples))
    found = lead / standard_modeling_error(units, DRS(), adapted) if lead > 0 else 0.0
    if not (isfinite(lead) and isfinite(found)):
        raise ValueError(f"alpha is {alpha!r}; for these tasks the risks' difference is {lead!r}, no number to decide by")
    return found


def _spread(units: Units, place: Array) -> float:
    """The largest distance of a coordinate of an optimum from a point."""
    if isinstance(units.tasks, SpectrumTiedTasks):
        return units.tasks.beta
    return float(np.abs(units.tasks.extent()[0] - place).max())


def _resolution(tasks: Tasks) -> float:
    """Distances between optima that rounding may have made."""
    return 0.0 if isinstance(tasks, SpectrumTiedTasks) else 2 * float(np.spacing(np.abs(tasks.extent()[0]).max()))
