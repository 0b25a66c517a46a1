"""Quantities for estimates from finitely many tasks and samples, in one and in two dimensions.

The float path executes the algorithms on the nodes of a Gauss rule for the sampled curvatures (:mod:`verify.quantities.nodes`),
which is exact for the polynomials that moments of scores are; the exact path is :mod:`theory.estimators`, which derives them
from words, in any dimension.  Every task has 2N samples, N in each half, and the same noise variance, an argument.  Matrices
are given row by row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Integer, Lambda, Matrix

from theory import crossover, finite_sample
from theory.estimators import Estimator, inverted, product
from theory.gaussian_moments import expectation
from theory.notation import q
from theory.rules import DRS
from theory.scores import ALPHA, INVERSE_INNER, RING
from theory.task_averages import Affine, average
from theory.tasks import Discrete, Task
from theory.words import Words
from verify.arithmetic.enclosure import Exact
from verify.arithmetic.evaluate import EXACT, FLOATS, evaluate
from verify.instances.batch import Batch, as_rational
from verify.instances.codes import Array
from verify.instances.families.quadratic import distribution, exact_rule, hessians
from verify.quantities import data_sets
from verify.quantities.nodes import front, scores, times, turned
from verify.quantities.paths import largest_eigenvalue, numbers
from verify.quantities.quantity import Quantity, of_order_one


def _exact(instance: Batch, rule: Any, samples: Any, noise: Any = 0) -> tuple[Discrete, Estimator]:
    """The distribution with its noise, and theory's estimator."""
    variance = instance.rational(noise)
    key = ("noisy", variance)
    tasks = instance.remembered(
        key,
        lambda: Discrete(
            [
                Task(task.probability, task.optimum, task.hessian, noise_variance=variance)
                for task in distribution(instance).tasks  # type: ignore[union-attr]
            ]
        ),
    )
    return tasks, Estimator.of(exact_rule(instance, rule), instance.rational(samples))


def _rows(matrices: Array) -> Array:
    """Matrices (batch, p, p) row by row, (batch, p^2)."""
    return np.asarray(matrices.reshape(len(matrices), -1))


def _column(values: Array) -> Array:
    return np.asarray(values[:, None])


# --- moments of one estimate --------------------------------------------------------------------------------------------


def _limit(batch: Batch, rule: Any, samples: Any) -> Array:
    return scores(batch, rule, samples).limit


def _exact_limit(instance: Batch, rule: Any, samples: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    return numbers(estimator.limit(tasks).to_Matrix())


def _mean_curvature(batch: Batch, rule: Any, samples: Any) -> Array:
    return _rows(scores(batch, rule, samples).mean_curvature)


def _exact_mean_curvature(instance: Batch, rule: Any, samples: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    return numbers(estimator.mean_curvature(tasks).to_Matrix())


def _score_covariance(batch: Batch, rule: Any, samples: Any, noise: Any) -> Array:
    run = scores(batch, rule, samples)
    return _rows(run.covariance(batch.number(noise)))


def _exact_score_covariance(instance: Batch, rule: Any, samples: Any, noise: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples, noise)
    return numbers(estimator.score_covariance(tasks).to_Matrix())


def _score_curvature(batch: Batch, rule: Any, samples: Any) -> Array:
    """E[H E[H]^-1 psi]."""
    run = scores(batch, rule, samples)
    return np.asarray((run.mean_curvature @ run.bias[..., None])[..., 0])


def _exact_score_curvature(instance: Batch, rule: Any, samples: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    return numbers(product(estimator.mean_curvature(tasks), estimator.bias(tasks)).to_Matrix())


def _design(batch: Batch, rule: Any, samples: Any) -> Array:
    """The largest eigenvalue of E[X^2] for X = E[H]^-1/2 H E[H]^-1/2."""
    run = scores(batch, rule, samples)
    root = np.linalg.cholesky(run.inverse)
    return np.asarray(np.linalg.eigvalsh(root.swapaxes(1, 2) @ run.sandwich @ root)[:, -1:])


def _exact_design(instance: Batch, rule: Any, samples: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    return [largest_eigenvalue(product(inverted(estimator.mean_curvature(tasks)), estimator.sandwich(tasks)))]


def _score_spread(batch: Batch, rule: Any, samples: Any, noise: Any) -> Array:
    """tr(E[H]^-1 Cov psi)."""
    run = scores(batch, rule, samples)
    covariance = run.covariance(batch.number(noise))
    return _column(np.trace(np.linalg.solve(run.mean_curvature, covariance), axis1=1, axis2=2))


def _exact_score_spread(instance: Batch, rule: Any, samples: Any, noise: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples, noise)
    relative = product(inverted(estimator.mean_curvature(tasks)), estimator.score_covariance(tasks))
    return numbers(relative.to_Matrix().trace())


def _norm_variance(batch: Batch, rule: Any, samples: Any, num_tasks: Any, noise: Any) -> Array:
    """The variance of |mean of Z|^2, with E|Z|^4 from the normal law of psi given the features."""
    run, count = scores(batch, rule, samples, order=4), batch.number(num_tasks)
    variance, metric = np.asarray(batch.number(noise), float)[..., None, None], run.everywhere(run.inverse)
    spread, moved = variance * run.own_noise, times(metric, run.signal)
    noisy = times(metric, spread)
    size = (run.signal * moved).sum(axis=(0, 1)) + np.trace(noisy)
    fourth = run.mean(size**2 + 4 * (moved * times(spread, moved)).sum(axis=(0, 1)) + 2 * np.trace(times(noisy, noisy)))
    relative = run.inverse @ run.covariance(batch.number(noise))
    second, concentration = (np.trace(m, axis1=1, axis2=2) for m in (relative, relative @ relative))
    return _column(fourth - second**2 + 2 * (count - 1) * concentration) / count**3


def _exact_norm_variance(instance: Batch, rule: Any, samples: Any, num_tasks: Any, noise: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples, noise)
    return numbers(finite_sample.exact_norm_variance(tasks, estimator, instance.rational(num_tasks)))


# --- formulas: averages over tasks, and over inner samples alone --------------------------------------------------------


def _error_average(batch: Batch, rule: Any, samples: Any, weight: Lambda, power: int = 2) -> Array:
    """E[weight(q) d^power] at p = 1."""
    run = scores(batch, rule, samples)
    values = dict(batch.values) | {q: run.tasks.eigenvalues[..., 0]}
    spectrum = np.broadcast_to(evaluate(weight(q), values, FLOATS), run.tasks.eigenvalues.shape[:2])
    return _column(run.mean(spectrum[..., None, None] * run.error[0, 0] ** power))


def _exact_error_average(instance: Batch, rule: Any, samples: Any, weight: Lambda, power: int = 2) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    limit, total = estimator.limit(tasks).to_Matrix()[0], Integer(0)
    for task in tasks.tasks:
        curvature = np.array([[numbers(task.hessian[0, 0])[0]]], dtype=object)
        factor = np.asarray(evaluate(weight(q), instance.values | {q: curvature}, EXACT)).ravel()[0]
        total += task.probability * as_rational(factor) * (limit - task.optimum[0, 0]) ** power
    return numbers(total)


def _word_average(batch: Batch, rule: Any, samples: Any, word: str, trace: str = "") -> Array:
    """E[word tr(trace)] in the letters B (the executed inner loop), S, Q, D = dd' and G = E[H]^-1."""
    run = scores(batch, rule, samples)
    letters = {"B": run.loop, "S": run.first, "Q": _curvatures(batch), "D": times(run.error, turned(run.error))}
    letters["G"] = run.everywhere(run.inverse)
    value = times(*(letters[letter] for letter in word))
    return _rows(run.mean(value * np.trace(times(*(letters[letter] for letter in trace))) if trace else value))


def _curvatures(batch: Batch) -> Array:
    return front(hessians(batch))[..., None, None]


def _exact_word_average(instance: Batch, rule: Any, samples: Any, word: str, trace: str = "") -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    words = _words(word) * (_words(trace).trace() if trace else Words.word("", RING(1)))
    error = Affine(estimator.limit(tasks), -1)
    constants = {"G": inverted(estimator.mean_curvature(tasks))}
    return numbers(average(tasks, _sampled(words), estimator.values, constants, {"D": (error, error)}).to_Matrix())


def _words(text: str) -> Words:
    total = one = Words.word("", RING(1))
    for letter in text:
        total = total * (one - Words.word("S", ALPHA) if letter == "B" else Words.word(letter, RING(1)))
    return total


def _sampled(words: Words) -> Words:
    return expectation(words, "S", "Q", INVERSE_INNER)


def _pulled_bias(batch: Batch, rule: Any, samples: Any, word: str, trace: str = "") -> Array:
    """(theta*_drs - theta*_N)' E[A_N] E[Q]^-1 E[word tr(trace) d_drs] in the letters Q and G = E[Q]^-1."""
    joint, meta = scores(batch, DRS(), samples), scores(batch, rule, samples)
    letters = {"Q": _curvatures(batch), "G": joint.everywhere(joint.inverse)}
    value = times(*(letters[letter] for letter in word), joint.error)
    if trace:
        value = value * np.trace(times(*(letters[letter] for letter in trace)))
    pull = (joint.limit - meta.limit)[:, None] @ meta.mean_curvature @ joint.inverse
    return np.asarray((pull @ joint.mean(value))[..., 0])


def _exact_pulled_bias(instance: Batch, rule: Any, samples: Any, word: str, trace: str = "") -> list[Exact]:
    (tasks, meta), (_, joint) = (_exact(instance, one, samples) for one in (rule, DRS()))
    limit, inverse = joint.limit(tasks).to_Matrix(), inverted(joint.mean_curvature(tasks)).to_Matrix()
    pull = (limit - meta.limit(tasks).to_Matrix()).T * meta.mean_curvature(tasks).to_Matrix() * inverse
    total = Matrix.zeros(tasks.dimension, 1)
    for task in tasks.tasks:
        letters = {"Q": task.hessian, "G": inverse}
        matrices = [Matrix.eye(tasks.dimension), Matrix.eye(tasks.dimension)]
        for place, text in enumerate((word, trace)):
            for letter in text:
                matrices[place] = matrices[place] * letters[letter]
        scale = matrices[1].trace() if trace else 1
        total += task.probability * scale * matrices[0] * (limit - task.optimum)
    return numbers((pull * total)[0])


# --- which method wins --------------------------------------------------------------------------------------------------


def _deployed_spread(batch: Batch, rule: Any, deployed: Any, samples: Any, noise: Any) -> Array:
    """tr(E[A_N] C), C the asymptotic covariance of the estimate and A_N the deployed weight."""
    run, paid = scores(batch, rule, samples), scores(batch, deployed, samples).mean_curvature
    spread = run.inverse @ run.covariance(batch.number(noise)) @ run.inverse
    return _column(np.trace(paid @ spread, axis1=1, axis2=2))


def _exact_deployed_spread(instance: Batch, rule: Any, deployed: Any, samples: Any, noise: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples, noise)
    _, paid = _exact(instance, deployed, samples)
    return numbers(product(paid.mean_curvature(tasks), estimator.covariance(tasks)).to_Matrix().trace())


def _inverse_crossover(batch: Batch, rule: Any, samples: Any, noise: Any) -> Array:
    """The definition of the crossover's inverse with executed moments: gain over cost; NaN where MAML costs nothing."""
    joint, meta = scores(batch, DRS(), samples), scores(batch, rule, samples)
    gap = (joint.limit - meta.limit)[:, None]
    pull = gap @ meta.mean_curvature
    spreads = [_deployed_spread(batch, one, rule, samples, noise) for one in (rule, DRS())]
    cost = (spreads[0] - spreads[1]) / 2 - (pull @ joint.bias[..., None])[..., 0]
    gain = (pull @ gap.swapaxes(1, 2))[..., 0] / 2
    return np.asarray(gain / np.where(cost > 0, cost, np.nan))


def _exact_inverse_crossover(instance: Batch, rule: Any, samples: Any, noise: Any) -> list[Exact]:
    tasks, _ = _exact(instance, rule, samples, noise)
    chosen: Any = exact_rule(instance, rule)
    found = crossover.crossover(tasks, chosen, instance.rational(samples))
    return numbers(1 / found)  # a crossover at zero tasks has no inverse, one that never comes has zero


QUANTITIES = {
    **data_sets.QUANTITIES,
    "limit": Quantity(_limit, _exact_limit, of_order_one),
    "mean_curvature": Quantity(_mean_curvature, _exact_mean_curvature),
    "score_covariance": Quantity(_score_covariance, _exact_score_covariance),
    "score_curvature": Quantity(_score_curvature, _exact_score_curvature, of_order_one),
    "score_spread": Quantity(_score_spread, _exact_score_spread),
    "design": Quantity(_design, _exact_design),
    "norm_variance": Quantity(_norm_variance, _exact_norm_variance),
    "error_average": Quantity(_error_average, _exact_error_average, of_order_one),
    "word_average": Quantity(_word_average, _exact_word_average, of_order_one),
    "pulled_bias": Quantity(_pulled_bias, _exact_pulled_bias, of_order_one),
    "deployed_spread": Quantity(_deployed_spread, _exact_deployed_spread),
    "inverse_crossover": Quantity(_inverse_crossover, _exact_inverse_crossover, of_order_one),
}
