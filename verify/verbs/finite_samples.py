"""Verbs for estimates from finitely many tasks and samples, at p = 1.

The float path runs the algorithm on nodes of a Gauss-Laguerre rule for the sampled curvatures S = q chi^2_N/N of both samples,
which is exact for the polynomials that moments of scores are; the exact path is :mod:`theory.estimators`, which derives them
from words.  Every task has 2N samples, N in each half, and the same noise variance, an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import roots_genlaguerre
from sympy import Integer, Lambda

import numerics
from numerics.estimators import Experiment
from numerics.quadratics import Quadratics
from numerics.sampling import Cell
from theory import crossover, finite_sample
from theory.estimators import Estimator, cross_covariance
from theory.notation import q
from theory.rules import DRS
from theory.tasks import Discrete, Task
from verify.compile import EXACT, FLOATS, evaluate
from verify.enclosure import Exact
from verify.instances import Batch, as_rational
from verify.laws import Array
from verify.verbs.paths import Verb, executed, finite, numbers

#: nodes for each sampled curvature: exact up to degree 19, and the fourth moment of a score has degree 8
_NODES = 10


@dataclass
class Executed:
    """The score H d + l_1 e_1 + l_2 e_2 of one algorithm on all nodes, (batch, n, nodes, nodes), and expectations of it."""

    tasks: Any
    samples: int
    first: Array
    second: Array
    weights: Array
    curvature: Array
    noise: tuple[Array, Array]

    def mean(self, values: Any) -> Array:
        """Expectation over tasks and nodes, (batch, 1)."""
        on_nodes = np.broadcast_to(values, self.curvature.shape)
        return np.asarray(np.einsum("bn,bnij,ij->b", self.tasks.probabilities, on_nodes, self.weights)[:, None])

    def error(self) -> Array:
        """d = limit - theta_gamma, (batch, n, 1, 1)."""
        return np.asarray((self.limit() - self.tasks.optima[..., 0])[..., None, None])

    def limit(self) -> Array:
        """Where the expected score vanishes, (batch, 1)."""
        return np.asarray(self.mean(self.curvature * self.tasks.optima[..., None]) / self.mean(self.curvature))

    def variance(self, other: Executed, noise: Any) -> Array:
        """Covariance of two scores given the features, (batch, n, nodes, nodes); `noise` (batch, 1)."""
        scale = np.broadcast_to(np.asarray(noise, float), (len(self.first), 1))[..., None, None] / self.samples
        (a, b), (c, d) = self.noise, other.noise
        return np.asarray(scale * (a * c * self.first + b * d * self.second))


def _executed(batch: Batch, rule: Any, samples: Any) -> Executed:
    chosen, count = batch.rule(rule), int(batch.number(samples))
    return batch.remembered(("nodes", chosen, count), lambda: _run(batch, chosen, count))


def _run(batch: Batch, rule: Any, samples: int) -> Executed:
    tasks = finite(batch)
    nodes, weights = roots_genlaguerre(_NODES, samples / 2 - 1)
    curvatures = tasks.eigenvalues * (2 * nodes / samples)  # (batch, n, 1) by broadcasting to (batch, n, nodes)
    first, second = curvatures[..., :, None], curvatures[..., None, :]
    if isinstance(rule, DRS):
        half = np.full_like(first, 0.5)
        curvature, noise = (first + second) / 2, (-half, -half)
    else:
        flat = curvatures.reshape(len(curvatures), -1, 1)
        inner = executed(rule, batch)
        own = np.divide(
            1, flat, out=np.zeros_like(flat), where=flat > 0
        )  # the sampled risk's optimum where e_1 = 1 and theta_gamma = 0
        from_error = inner.adapt(Quadratics(flat[..., None], np.zeros_like(flat)), np.ones_like(flat)).reshape(curvatures.shape)
        from_noise = inner.adapt(Quadratics(flat[..., None], own), np.zeros_like(flat)).reshape(curvatures.shape)
        back, pushed = from_error[..., :, None], from_noise[..., :, None]
        curvature, noise = back * second * back, (back * second * pushed, -back)
    normal = np.outer(weights, weights) / weights.sum() ** 2
    return Executed(tasks, samples, first, second, normal, curvature, noise)


def _exact(instance: Batch, rule: Any, samples: Any, noise: Any = 0) -> tuple[Discrete, Estimator]:
    """The distribution with its noise, and theory's estimator."""
    variance = instance.rational(noise)
    key = ("noisy", variance)
    tasks = instance.remembered(
        key,
        lambda: Discrete(
            [
                Task(task.probability, task.optimum, task.hessian, noise_variance=variance)
                for task in instance.distribution().tasks  # type: ignore[union-attr]
            ]
        ),
    )
    return tasks, Estimator.of(instance.exact_rule(rule), instance.rational(samples))


def _only(matrix: Any) -> Any:
    return matrix.to_Matrix()[0, 0]


def _one(batch: Batch, **_: Any) -> Array:
    """Optima are of order one, and what is a difference of such is known no better."""
    return np.ones((1, 1))


def _limit(batch: Batch, rule: Any, samples: Any) -> Array:
    return _executed(batch, rule, samples).limit()


def _mean_curvature(batch: Batch, rule: Any, samples: Any) -> Array:
    run = _executed(batch, rule, samples)
    return run.mean(run.curvature)


def _curvature_square(batch: Batch, rule: Any, samples: Any) -> Array:
    run = _executed(batch, rule, samples)
    return run.mean(run.curvature**2)


def _exact_curvature_square(instance: Batch, rule: Any, samples: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    return numbers(_only(estimator.sandwich(tasks)) * _only(estimator.mean_curvature(tasks)))


def _score_variance(batch: Batch, rule: Any, samples: Any, noise: Any) -> Array:
    run = _executed(batch, rule, samples)
    return run.mean((run.curvature * run.error()) ** 2 + run.variance(run, batch.number(noise)))


def _score_cross(batch: Batch, rule: Any, samples: Any, noise: Any) -> Array:
    meta, joint = _executed(batch, rule, samples), _executed(batch, DRS(), samples)
    signal = joint.curvature * joint.error() * meta.curvature * meta.error()
    return meta.mean(signal + joint.variance(meta, batch.number(noise)))


def _exact_score_cross(instance: Batch, rule: Any, samples: Any, noise: Any) -> list[Exact]:
    tasks, _ = _exact(instance, rule, samples, noise)
    chosen: Any = instance.exact_rule(rule)
    return numbers(cross_covariance(tasks, chosen, instance.rational(samples))[0, 0])


def _score_curvature(batch: Batch, rule: Any, samples: Any) -> Array:
    run = _executed(batch, rule, samples)
    return run.mean(run.curvature**2 * run.error())


def _exact_score_curvature(instance: Batch, rule: Any, samples: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    return numbers(_only(estimator.bias(tasks)) * _only(estimator.mean_curvature(tasks)) ** 2)


def _norm_variance(batch: Batch, rule: Any, samples: Any, num_tasks: Any, noise: Any) -> Array:
    run, count = _executed(batch, rule, samples), batch.number(num_tasks)
    signal, spread = run.curvature * run.error(), run.variance(run, batch.number(noise))
    second = run.mean(signal**2 + spread) / run.mean(run.curvature)
    fourth = run.mean(signal**4 + 6 * signal**2 * spread + 3 * spread**2) / run.mean(run.curvature) ** 2
    return np.asarray((fourth - second**2 + 2 * (count - 1) * second**2) / count**3)


def _exact_norm_variance(instance: Batch, rule: Any, samples: Any, num_tasks: Any, noise: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples, noise)
    return numbers(finite_sample.exact_norm_variance(tasks, estimator, instance.rational(num_tasks)))


def _inverse_crossover(batch: Batch, rule: Any, samples: Any, noise: Any) -> Array:
    """The definition of the crossover's inverse with executed moments: gain over cost; NaN where MAML costs nothing."""
    joint, meta = _executed(batch, DRS(), samples), _executed(batch, rule, samples)
    paid, gap = meta.mean(meta.curvature), joint.limit() - meta.limit()
    spreads = [_score_variance(batch, one, samples, noise) / _mean_curvature(batch, one, samples) ** 2 for one in (rule, DRS())]
    bias = _score_curvature(batch, DRS(), samples) / joint.mean(joint.curvature) ** 2
    cost, gain = paid * (spreads[0] - spreads[1]) / 2 - gap * paid * bias, paid * gap**2 / 2
    return np.asarray(gain / np.where(cost > 0, cost, np.nan))


def _exact_inverse_crossover(instance: Batch, rule: Any, samples: Any, noise: Any) -> list[Exact]:
    tasks, _ = _exact(instance, rule, samples, noise)
    chosen: Any = instance.exact_rule(rule)
    found = crossover.crossover(tasks, chosen, instance.rational(samples))
    return numbers(1 / found)  # a crossover at zero tasks has no inverse, one that never comes has zero


def _error_average(batch: Batch, rule: Any, samples: Any, weight: Lambda, power: int = 2) -> Array:
    run = _executed(batch, rule, samples)
    values = dict(batch.values) | {q: run.tasks.eigenvalues[..., 0]}
    spectrum = np.broadcast_to(evaluate(weight(q), values, FLOATS), run.tasks.eigenvalues.shape[:2])
    return run.mean(spectrum[..., None, None] * run.error() ** power)


def _exact_error_average(instance: Batch, rule: Any, samples: Any, weight: Lambda, power: int = 2) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    limit, total = _only(estimator.limit(tasks)), Integer(0)
    for task in tasks.tasks:
        curvature = np.array([[numbers(task.hessian[0, 0])[0]]], dtype=object)
        factor = np.asarray(evaluate(weight(q), instance.values | {q: curvature}, EXACT)).ravel()[0]
        total += task.probability * as_rational(factor) * (limit - task.optimum[0, 0]) ** power
    return numbers(total)


def _estimation_losses(
    batch: Batch, rng: np.random.Generator, replicates: int, rule: Any, samples: Any, num_tasks: Any, noise: Any
) -> Array:
    """Losses E[H] (estimate - limit)^2 / 2 of estimates from simulated data sets, (batch, replicates)."""
    tasks, count, data = finite(batch), int(batch.number(num_tasks)), int(batch.number(samples))
    chosen: Any = batch.rule(rule)
    variance = np.broadcast_to(np.asarray(batch.number(noise), dtype=np.float64), (len(tasks.optima), 1))
    limit, weight = _limit(batch, rule, samples), _mean_curvature(batch, rule, samples)
    rates = np.broadcast_to(
        np.zeros((1, 1)) if isinstance(chosen, DRS) else np.asarray(batch.number(chosen.alpha), float), limit.shape
    )
    found = np.empty((len(tasks.optima), replicates))
    for index in range(len(found)):
        law = numerics.DiscreteTasks(
            tasks.probabilities[index],
            tasks.eigenvalues[index][..., None],
            tasks.optima[index],
            np.full(len(tasks.optima[index]), variance[index, 0]),
        )
        cell = Cell(law, data, count)
        experiment = Experiment(cell, [count], rates[index], int(rng.integers(2**32)))
        chunks = [experiment.chunk(number) for number in range(-(-replicates // cell.chunk))]
        joint, meta = (np.concatenate([chunk[which] for chunk in chunks])[:replicates] for which in (0, 1))
        estimates = joint[:, 0, 0] if isinstance(chosen, DRS) else meta[:, 0, 0, 0]
        found[index] = weight[index] / 2 * (estimates - limit[index]) ** 2
    return found


def _exact_limit(instance: Batch, rule: Any, samples: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    return numbers(_only(estimator.limit(tasks)))


def _exact_mean_curvature(instance: Batch, rule: Any, samples: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples)
    return numbers(_only(estimator.mean_curvature(tasks)))


def _exact_score_variance(instance: Batch, rule: Any, samples: Any, noise: Any) -> list[Exact]:
    tasks, estimator = _exact(instance, rule, samples, noise)
    return numbers(_only(estimator.score_covariance(tasks)))


def _random(*_: Any, **__: Any) -> Any:
    raise ValueError("estimation_loss is random; it has replicates, not a value, so its claim needs a failure probability")


VERBS = {
    "limit": Verb(_limit, _exact_limit, _one),
    "mean_curvature": Verb(_mean_curvature, _exact_mean_curvature),
    "curvature_square": Verb(_curvature_square, _exact_curvature_square),
    "score_variance": Verb(_score_variance, _exact_score_variance),
    "score_cross": Verb(_score_cross, _exact_score_cross, _one),
    "score_curvature": Verb(_score_curvature, _exact_score_curvature, _one),
    "norm_variance": Verb(_norm_variance, _exact_norm_variance),
    "inverse_crossover": Verb(_inverse_crossover, _exact_inverse_crossover, _one),
    "error_average": Verb(_error_average, _exact_error_average, _one),
    "estimation_loss": Verb(_random, _random, replicates=_estimation_losses),
}
