"""Quantities of decision processes and regulators: numerics eliminates in doubles, theory expands in series of rationals.

Arguments: `rate` of an inner step (0: none), `own` or `baseline` as 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Matrix

from numerics.reinforcement import DecisionProcesses, Regulators, two_arms
from theory import policy_curvature as exactly
from theory import two_arms as arms
from theory.decision_processes import DecisionProcess
from theory.notation import discount as _DISCOUNT
from theory.regulators import Regulator
from verify.arithmetic.enclosure import Exact, square_root
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.instances.batch import Batch, as_matrix, as_rational
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity

#: nodes of the quadrature of a flow's time
_NODES = 48


# --- decision processes in doubles: the tasks of all instances in one family ------------------------------------------------


def _family(batch: Batch) -> DecisionProcesses:
    """All tasks of the batch.  Discounts differ between instances: what is below the largest is moved into the transitions."""

    def made() -> DecisionProcesses:
        tasks = batch.tasks
        count, number, states, choices = tasks.rewards.shape
        discounts = np.broadcast_to(_discount(batch), (count, 1)).astype(float)
        largest = float(discounts.max())
        shares = discounts / largest if largest > 0 else discounts
        moves = tasks.transitions * shares[:, :, None, None, None]
        # to see the condition of an instance its numbers are moved, off the simplex too
        moves = moves / np.maximum(moves.sum(axis=-1, keepdims=True), 1)
        start = tasks.start / tasks.start.sum(axis=-1, keepdims=True)
        return DecisionProcesses(
            moves.reshape(count * number, states, choices, states),
            tasks.rewards.reshape(count * number, states, choices),
            start.reshape(count * number, states),
            min(largest, float(np.nextafter(1, 0))),
        )

    found: DecisionProcesses = batch.remembered("decision processes", made)
    return found


def _discount(batch: Batch) -> Any:
    """The discount, 0 where a claim about single states declares none."""
    return batch.values.get(_DISCOUNT, 0)


def _logits(batch: Batch, rate: Any, field: str = "weights") -> Array:
    """Each task's logits after an inner step of the rate, (batch * n, S, A)."""
    weights = getattr(batch.tasks, field)
    steps = batch.number(rate)

    def made() -> Array:
        logits = np.log(weights.reshape(-1, *weights.shape[2:]))
        if np.all(np.asarray(steps) == 0):
            return logits
        sizes = np.repeat(np.broadcast_to(steps, (len(weights), 1)).astype(float), weights.shape[1], axis=0)
        return np.asarray(logits + sizes[..., None] * _family(batch).gradients(logits, workers=1))

    return np.asarray(batch.remembered(("logits", str(rate), field), made))


def _evaluated(batch: Batch, rate: Any, field: str = "weights") -> Any:
    key = ("evaluated", str(rate), field)
    return batch.remembered(key, lambda: _family(batch).evaluation(_logits(batch, rate, field), workers=1))


def _returns(batch: Batch, rate: Any, field: str = "weights") -> Array:
    values = _evaluated(batch, rate, field).values
    return np.asarray(np.einsum("ns,ns->n", _family(batch).start, values))


def _mean(batch: Batch, values: Array) -> Array:
    """Mean over an instance's tasks of values (batch * n, ...)."""
    chances = batch.tasks.probabilities
    return np.asarray(np.einsum("bn,bn...->b...", chances, values.reshape(*chances.shape, *values.shape[1:])))


def _column(values: Array) -> Array:
    return np.asarray(values, dtype=float)[:, None]


def _compared(batch: Batch) -> tuple[Array, Array]:
    """Visits and values of the first task's policy that takes the compared actions."""

    def made() -> tuple[Array, Array]:
        tasks, chosen = _family(batch), np.repeat(batch.tasks.compared, batch.tasks.probabilities.shape[1], axis=0)
        rows = np.arange(tasks.number)[:, None], np.arange(tasks.states)[None]
        system = np.eye(tasks.states) - tasks.discount * tasks.transitions[(*rows, chosen)]
        values = np.linalg.solve(system, tasks.rewards[(*rows, chosen)][..., None])[..., 0]
        return np.linalg.solve(np.swapaxes(system, 1, 2), tasks.start[..., None])[..., 0], values

    found: tuple[Array, Array] = batch.remembered("compared", made)
    return found


def _return_gap(batch: Batch, rate: Any) -> Array:
    return _column(_mean(batch, _returns(batch, rate, "others") - _returns(batch, rate)))


def _advantage_sum(batch: Batch, own: Any) -> Array:
    other, judged = _evaluated(batch, 0, "others"), _evaluated(batch, 0)
    visits = judged.visits if batch.number(own) else other.visits
    return _column(_mean(batch, (visits[..., None] * other.policies * judged.advantages).sum(axis=(1, 2))))


def _centred_terms(batch: Batch, rate: Any, centred: Any) -> Array:
    """psi and the gradients, entry by entry multiplied, (batch * n, S, A)."""
    at, other = _evaluated(batch, rate), _evaluated(batch, rate, "others")
    psi = other.visits[..., None] * other.policies / (at.visits[..., None] * at.policies)
    if batch.number(centred):
        psi = psi - psi.mean(axis=-1, keepdims=True)
    else:
        psi = 1 / at.policies
    return np.asarray(psi * (at.visits[..., None] * at.policies * at.advantages))


def _centred_sum(batch: Batch, rate: Any, centred: Any) -> Array:
    return _column(_mean(batch, _centred_terms(batch, rate, centred).sum(axis=(1, 2))))


def _centred_scale(batch: Batch, rate: Any, centred: Any) -> Array:
    """Rare actions make large terms, which cancel."""
    terms = np.abs(_centred_terms(batch, rate, centred)).sum(axis=(1, 2))
    return _unit(batch) + _column(_mean(batch, terms))


def _first_order_bound(batch: Batch, rate: Any) -> Array:
    """|v| |grad F| + E |psi - (I + rate Hessian) v| |gradient after adaptation|, v the direction."""
    tasks, at, other = _family(batch), _evaluated(batch, rate), _evaluated(batch, rate, "others")
    psi = other.visits[..., None] * other.policies / (at.visits[..., None] * at.policies)
    psi = psi - psi.mean(axis=-1, keepdims=True)
    gradients = at.visits[..., None] * at.policies * at.advantages
    number = batch.tasks.probabilities.shape[1]
    steps = np.repeat(np.broadcast_to(batch.number(rate), (len(batch.tasks.direction), 1)).astype(float), number, axis=0)

    def carried(vectors: Array) -> Array:
        return vectors + steps[..., None] * tasks.curvature_vectors(_logits(batch, 0), vectors, workers=1)

    def norm(vectors: Array) -> Array:
        return np.asarray(np.sqrt((vectors**2).sum(axis=(-2, -1))))

    direction = np.repeat(batch.tasks.direction, number, axis=0)
    first = norm(batch.tasks.direction) * norm(_mean(batch, carried(gradients)))
    return _column(first + _mean(batch, norm(psi - carried(direction)) * norm(gradients)))


def _comparator_gap(batch: Batch, rate: Any) -> Array:
    _, values = _compared(batch)
    return _column((_family(batch).start * values).sum(axis=1) - _returns(batch, rate))


def _chosen(batch: Batch, rate: Any) -> Array:
    """Probabilities of the compared actions, (batch, S)."""
    return np.asarray(np.take_along_axis(_evaluated(batch, rate).policies, batch.tasks.compared[..., None], axis=-1)[..., 0])


def _ratios(batch: Batch, rate: Any) -> Array:
    return np.asarray(_compared(batch)[0] / _evaluated(batch, rate).visits)


def _mismatch(batch: Batch, rate: Any) -> Array:
    return _column(((_ratios(batch, rate) / _chosen(batch, rate)) ** 2).sum(axis=1))


def _mismatch_ratio(batch: Batch) -> Array:
    return _column(_ratios(batch, 0).max(axis=1))


def _rarest(batch: Batch) -> Array:
    return _column(_chosen(batch, 0).min(axis=1))


def _improvement(batch: Batch) -> Array:
    at = _evaluated(batch, 0)
    return _column((at.visits * at.advantages.max(axis=-1)).sum(axis=1))


def _most_visited(batch: Batch) -> Array:
    return _column(_evaluated(batch, 0).visits.max(axis=1))


def _gradient_square(batch: Batch, rate: Any) -> Array:
    at = _evaluated(batch, rate)
    gradient = at.visits[..., None] * at.policies * at.advantages
    steps = np.asarray(batch.number(rate), dtype=float)
    if np.any(steps != 0):
        bent = _family(batch).curvature_vectors(_logits(batch, 0), gradient, workers=1)
        gradient = gradient + np.broadcast_to(steps, (len(gradient), 1))[..., None] * bent
    return _column((gradient**2).sum(axis=(1, 2)))


def _direction(batch: Batch, block: Any) -> Array:
    """The direction (block 0), or its part at the first or second state (1 or 2)."""
    direction, kept = np.array(batch.tasks.direction), batch.number(block)
    if kept:
        others = [s for s in range(direction.shape[1]) if s != kept - 1]
        direction[:, others] = 0 * direction[:, others]
    return direction


def _direction_square(batch: Batch, block: Any) -> Array:
    return _column((_direction(batch, block) ** 2).sum(axis=(1, 2)))


def _form(kind: str) -> Callable[[Batch, Any], Array]:
    def measured(batch: Batch, block: Any) -> Array:
        direction = _direction(batch, block)
        bent = _family(batch).curvature_vectors(_logits(batch, 0), direction, kind, workers=1)
        return _column((direction * bent).sum(axis=(1, 2)))

    return measured


def _mixed_form(batch: Batch) -> Array:
    bent = _family(batch).curvature_vectors(_logits(batch, 0), _direction(batch, 2), workers=1)
    return _column((_direction(batch, 1) * bent).sum(axis=(1, 2)))


def _cross_form(batch: Batch) -> Array:
    """The change of values along the direction by the complex step, which knows no formula for it."""
    tasks, at, direction = _family(batch), _evaluated(batch, 0), np.asarray(batch.tasks.direction)
    points = (_logits(batch, 0) + 1e-30j * direction).reshape(tasks.number, -1)
    change = tasks.losses()._by_inverse(points)[2].imag / 1e-30
    following = tasks.discount * np.einsum("nsat,nt->nsa", tasks.transitions, change)
    scores = direction - (at.policies * direction).sum(axis=-1, keepdims=True)
    return _column(2 * (at.visits[..., None] * at.policies * scores * following).sum(axis=(1, 2)))


def _loglik_form(batch: Batch, baseline: Any) -> Array:
    return _form("first order" if batch.number(baseline) else "log-likelihood")(batch, 0)


# --- decision processes in rationals ----------------------------------------------------------------------------------------


def _process(instance: Batch, task: int = 0) -> DecisionProcess:
    def made() -> DecisionProcess:
        tasks, discount = instance.tasks, np.ravel(np.asarray(_discount(instance), dtype=object))[0]
        moves, rewards, start = (getattr(tasks, name)[0, task].tolist() for name in ("transitions", "rewards", "start"))
        return DecisionProcess(moves, rewards, start, Fraction(discount))

    found: DecisionProcess = instance.remembered(("decision process", task), made)
    return found


def _exact_weights(instance: Batch, rate: Any, task: int = 0, field: str = "weights") -> list[list[Fraction]]:
    step = _fraction(instance.rational(rate))
    table = getattr(instance.tasks, field)[0, task].tolist()
    key = ("adapted weights", step, task, field)
    found: list[list[Fraction]] = instance.remembered(
        key, lambda: exactly.adapted_weights(_process(instance, task), table, step)
    )
    return found


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value)) if isinstance(value, int) else Fraction(int(value.p), int(value.q))


def _average(instance: Batch, value: Callable[[int], Fraction]) -> list[Exact]:
    chances = instance.tasks.probabilities[0]
    return [sum((chance * value(task) for task, chance in enumerate(chances)), Fraction(0))]


def _exact_return_gap(instance: Batch, rate: Any) -> list[Exact]:
    def gap(task: int) -> Fraction:
        ends = [_process(instance, task).value(_exact_weights(instance, rate, task, field)) for field in ("others", "weights")]
        return ends[0] - ends[1]

    return _average(instance, gap)


def _exact_advantage_sum(instance: Batch, own: Any) -> list[Exact]:
    def found(task: int) -> Fraction:
        process = _process(instance, task)
        judged, other = (process.policy(getattr(instance.tasks, field)[0, task].tolist()) for field in ("weights", "others"))
        return exactly.advantage_sum(process, judged if instance.rational(own) else other, other, judged)

    return _average(instance, found)


def _exact_centred_sum(instance: Batch, rate: Any, centred: Any) -> list[Exact]:
    def found(task: int) -> Fraction:
        process = _process(instance, task)
        weights, others = (_exact_weights(instance, rate, task, field) for field in ("weights", "others"))
        if instance.rational(centred):
            rows = _psi(process, weights, others)
        else:
            rows = [[1 / chance for chance in row] for row in process.policy(weights)]
        return exactly.product(rows, process.gradient(weights))

    return _average(instance, found)


def _psi(process: DecisionProcess, weights: Any, others: Any) -> list[list[Fraction]]:
    """psi with its rows centred."""
    policy, other = process.policy(weights), process.policy(others)
    visits = zip(process.visits(other), process.visits(policy), policy, other, strict=True)
    rows = [[new * b / (old * a) for a, b in zip(own, their, strict=True)] for new, old, own, their in visits]
    return [[entry - sum(row, Fraction(0)) / len(row) for entry in row] for row in rows]


def _exact_first_order_bound(instance: Batch, rate: Any) -> list[Exact]:
    step, direction = _fraction(instance.rational(rate)), instance.tasks.direction[0].tolist()
    total: list[list[Fraction]] = [[Fraction(0)] * len(row) for row in direction]
    rest: Exact = Fraction(0)
    for task, chance in enumerate(instance.tasks.probabilities[0]):
        process, before = _process(instance, task), instance.tasks.weights[0, task].tolist()
        weights, others = (_exact_weights(instance, rate, task, field) for field in ("weights", "others"))
        slope = exactly.adapted_gradient(process, before, step)
        total = [[x + chance * y for x, y in zip(*rows, strict=True)] for rows in zip(total, slope, strict=True)]
        bent = process.hessian_vector(before, direction)
        rows = zip(_psi(process, weights, others), direction, bent, strict=True)
        left = [[p - v - step * h for p, v, h in zip(*row, strict=True)] for row in rows]
        rest = rest + chance * square_root(exactly.square(left)) * square_root(exactly.square(process.gradient(weights)))
    return [square_root(exactly.square(direction)) * square_root(exactly.square(total)) + rest]


def _exact_policy(instance: Batch, rate: Any) -> Any:
    return _process(instance).policy(_exact_weights(instance, rate))


def _exact_comparator_gap(instance: Batch, rate: Any) -> list[Exact]:
    process = _process(instance)
    values = process.values(process.certain(instance.tasks.compared[0].tolist()))
    best = sum((m * v for m, v in zip(process.start, values, strict=True)), Fraction(0))
    return [best - process.value(_exact_weights(instance, rate))]


def _exact_mismatch(instance: Batch, rate: Any) -> list[Exact]:
    return [exactly.mismatch(_process(instance), _exact_policy(instance, rate), instance.tasks.compared[0].tolist())]


def _exact_mismatch_ratio(instance: Batch) -> list[Exact]:
    return [max(exactly.visit_ratios(_process(instance), _exact_policy(instance, 0), instance.tasks.compared[0].tolist()))]


def _exact_rarest(instance: Batch) -> list[Exact]:
    rows = zip(_exact_policy(instance, 0), instance.tasks.compared[0].tolist(), strict=True)
    return [min(row[action] for row, action in rows)]


def _exact_improvement(instance: Batch) -> list[Exact]:
    return [exactly.improvement(_process(instance), _exact_policy(instance, 0))]


def _exact_most_visited(instance: Batch) -> list[Exact]:
    return [max(_process(instance).visits(_exact_policy(instance, 0)))]


def _exact_gradient_square(instance: Batch, rate: Any) -> list[Exact]:
    weights = instance.tasks.weights[0, 0].tolist()
    return [exactly.square(exactly.adapted_gradient(_process(instance), weights, _fraction(instance.rational(rate))))]


def _exact_direction(instance: Batch, block: Any) -> list[list[Fraction]]:
    rows, kept = instance.tasks.direction[0].tolist(), instance.rational(block)
    return [row if kept in (0, s + 1) else [Fraction(0)] * len(row) for s, row in enumerate(rows)]


def _exact_direction_square(instance: Batch, block: Any) -> list[Exact]:
    return [exactly.square(_exact_direction(instance, block))]


def _exact_form(instance: Batch, block: Any) -> list[Exact]:
    weights = instance.tasks.weights[0, 0].tolist()
    return [2 * _process(instance).taylor(weights, _exact_direction(instance, block), 2)[2]]


def _exact_mixed_form(instance: Batch) -> list[Exact]:
    weights = instance.tasks.weights[0, 0].tolist()
    return [_process(instance).form(weights, _exact_direction(instance, 1), _exact_direction(instance, 2))]


def _exact_surrogate_form(instance: Batch, block: Any) -> list[Exact]:
    weights = instance.tasks.weights[0, 0].tolist()
    return [exactly.surrogate_form(_process(instance), weights, _exact_direction(instance, block))]


def _exact_cross_form(instance: Batch) -> list[Exact]:
    return [exactly.cross_form(_process(instance), instance.tasks.weights[0, 0].tolist(), instance.tasks.direction[0].tolist())]


def _exact_loglik_form(instance: Batch, baseline: Any) -> list[Exact]:
    weights, direction = instance.tasks.weights[0, 0].tolist(), instance.tasks.direction[0].tolist()
    return [exactly.loglik_form(_process(instance), weights, direction, bool(instance.rational(baseline)))]


# --- the pair ---------------------------------------------------------------------------------------------------------------


def _flow_time(batch: Batch, weight: Any, gap: Any) -> Array:
    """Time of the executed flow up to a difference of logits: the integral of one over its speed, a gradient at each node."""
    weights, ends = (np.ravel(np.asarray(batch.number(entry), dtype=float)) for entry in (weight, gap))
    weights, ends = np.broadcast_arrays(weights, ends)
    nodes, shares = np.polynomial.legendre.leggauss(_NODES)
    places = ends[:, None] * (nodes + 1) / 2
    logits = np.stack([places / 2, -places / 2], axis=-1).reshape(-1, 1, 2)
    slopes = []
    for task in range(2):
        gradients = _arm_gradients(logits, task)[1][:, 0]
        slopes.append((gradients[:, 0] - gradients[:, 1]).reshape(places.shape))
    speed = weights[:, None] * slopes[0] + (1 - weights[:, None]) * slopes[1]
    return _column((shares / speed).sum(axis=1) * ends / 2)


def _arm_gradients(logits: Array, task: int) -> tuple[DecisionProcesses, Array]:
    """One of the two tasks many times over, and its gradient at each of the logits (..., 1, 2)."""
    both = two_arms(0.5)
    count = len(logits)
    alone = DecisionProcesses(np.zeros((count, 1, 2, 1)), np.repeat(both.rewards[task : task + 1], count, axis=0), [1.0], 0.0)
    return alone, alone.gradients(logits, workers=1)


def _adapted(batch: Batch, weight: Any, gap: Any, rate: Any) -> tuple[Array, Array, Array]:
    """Weights of the first task, returns after an executed inner step, and their derivatives in x."""
    weights, ends = (np.ravel(np.asarray(batch.number(entry), dtype=float)) for entry in (weight, gap))
    step, logits = float(batch.number(rate)), np.stack([ends / 2, -ends / 2], axis=-1)[:, None]
    value, slope = np.zeros(len(ends)), np.zeros(len(ends))
    for task, chance in enumerate((weights, 1 - weights)):
        alone, gradients = _arm_gradients(logits, task)
        later = logits + step * gradients
        adjoint = alone.gradients(later, workers=1)
        adjoint = adjoint + step * alone.curvature_vectors(logits, adjoint, workers=1)
        value = value + chance * alone.returns(later, workers=1)
        slope = slope + chance * (adjoint[:, 0, 0] - adjoint[:, 0, 1]) / 2
    return weights, value, slope


def _supremum_gap(batch: Batch, weight: Any, gap: Any, rate: Any) -> Array:
    weights, value, _ = _adapted(batch, weight, gap, rate)
    return _column(weights - value)


def _adapted_slope(batch: Batch, weight: Any, gap: Any, rate: Any) -> Array:
    return _column(np.abs(_adapted(batch, weight, gap, rate)[2]))


def _at_arms(instance: Batch, formula: Any, weight: Any, gap: Any) -> Exact:
    found = evaluate(formula.subs({arms.WEIGHT: weight, arms.GAP: gap}), instance.values, EXACT)
    value: Exact = np.ravel(np.asarray(found, dtype=object))[0]
    return value


def _exact_supremum_gap(instance: Batch, weight: Any, gap: Any, rate: Any) -> list[Exact]:
    return [_at_arms(instance, arms.WEIGHT - arms.adapted_return(rate), weight, gap)]


def _exact_adapted_slope(instance: Batch, weight: Any, gap: Any, rate: Any) -> list[Exact]:
    return [_at_arms(instance, abs(arms.adapted_slope(rate)), weight, gap)]


def _exact_flow_time(instance: Batch, weight: Any, gap: Any) -> list[Exact]:
    return [_at_arms(instance, arms.flow_time(), weight, gap)]


# --- regulators -------------------------------------------------------------------------------------------------------------


def _solved(batch: Batch, field: str) -> tuple[Array, Array, Array, Array]:
    """L, P, Sigma and E at one of the gains."""
    gains = getattr(batch.tasks, field)
    found: tuple[Array, Array, Array, Array] = batch.remembered(
        ("regulators", field), lambda: _regulators(batch).costs_to_go(gains.reshape(len(gains), -1))
    )
    return found


def _regulators(batch: Batch) -> Regulators:
    def made() -> Regulators:
        tasks = batch.tasks
        return Regulators(tasks.dynamics, tasks.controls, tasks.root @ _turned(tasks.root), _control_cost(batch))

    found: Regulators = batch.remembered("regulators", made)
    return found


def _control_cost(batch: Batch) -> Array:
    """R = r I of every instance."""
    return np.asarray(batch.tasks.price[..., None] * np.eye(batch.tasks.controls.shape[-1]))


def _curvature(batch: Batch, to_go: Array) -> Array:
    """R + B'PB."""
    tasks = batch.tasks
    return np.asarray(_control_cost(batch) + _turned(tasks.controls) @ to_go @ tasks.controls)


def _turned(matrices: Array) -> Array:
    return np.swapaxes(matrices, -1, -2)


def _trace(matrices: Array) -> Array:
    return _column(np.trace(matrices, axis1=-2, axis2=-1))


def _cost_gap(batch: Batch) -> Array:
    """C(K) - C(K')."""
    return _trace(_solved(batch, "gain")[1] - _solved(batch, "other")[1])


def _cost_change(batch: Batch, own: Any) -> Array:
    _, to_go, moments, error = _solved(batch, "gain")
    way = batch.tasks.other - batch.tasks.gain
    visited = moments if batch.number(own) else _solved(batch, "other")[2]
    return _trace(visited @ (2 * _turned(way) @ error + _turned(way) @ _curvature(batch, to_go) @ way))


def _newton_decrease(batch: Batch) -> Array:
    _, to_go, _, error = _solved(batch, "gain")
    spectrum, basis = np.linalg.eigh(_curvature(batch, to_go))
    # an eigenvalue that doubles lose makes the instance one without value
    spectrum = np.where(spectrum > 0, spectrum, np.nan)
    part = _turned(basis) @ error
    return _trace(_solved(batch, "other")[2] @ _turned(part) @ (part / spectrum[..., None]))


def _gain_gradient_square(batch: Batch) -> Array:
    gains = batch.tasks.gain
    return _column((_regulators(batch).gradient(gains.reshape(len(gains), -1)) ** 2).sum(axis=1))


def _moment_norm(batch: Batch) -> Array:
    return _column(np.linalg.eigvalsh(_solved(batch, "other")[2])[:, -1])


def _moment_floor(batch: Batch) -> Array:
    return _column(np.linalg.eigvalsh(_solved(batch, "gain")[2])[:, 0])


def _curvature_floor(batch: Batch) -> Array:
    return _column(np.linalg.eigvalsh(_curvature(batch, _solved(batch, "gain")[1]))[:, 0])


def _control_floor(batch: Batch) -> Array:
    return np.asarray(batch.tasks.price)


def _task(instance: Batch) -> Regulator:
    def made() -> Regulator:
        dynamics, controls, root = (as_matrix(getattr(instance.tasks, name)[0]) for name in ("dynamics", "controls", "root"))
        price = as_rational(instance.tasks.price[0, 0])
        return Regulator(dynamics, controls, root * root.T, price * Matrix.eye(controls.cols))

    found: Regulator = instance.remembered("regulator", made)
    return found


def _gains(instance: Batch) -> tuple[Matrix, Matrix]:
    return as_matrix(instance.tasks.gain[0]), as_matrix(instance.tasks.other[0])


def _number(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _exact_cost_gap(instance: Batch) -> list[Exact]:
    gain, other = _gains(instance)
    return [_task(instance).cost(gain) - _task(instance).cost(other)]


def _exact_cost_change(instance: Batch, own: Any) -> list[Exact]:
    task, (gain, other) = _task(instance), _gains(instance)
    way = other - gain
    visited = task.moments(gain if instance.rational(own) else other)
    return [_number((visited * (2 * way.T * task.error(gain) + way.T * task.curvature(gain) * way)).trace())]


def _exact_newton_decrease(instance: Batch) -> list[Exact]:
    task, (gain, other) = _task(instance), _gains(instance)
    error = task.error(gain)
    return [_number((task.moments(other) * error.T * task.curvature(gain).LUsolve(error)).trace())]


def _exact_gain_gradient_square(instance: Batch) -> list[Exact]:
    gradient = _task(instance).gradient(_gains(instance)[0])
    return [_number(sum(entry**2 for entry in gradient))]


def _eigenvalue(matrix: Matrix, largest: bool) -> Exact:
    """An end of the spectrum of a symmetric matrix of at most two rows, by the quadratic formula."""
    if matrix.rows == 1:
        return _number(matrix[0, 0])
    trace, determinant = _number(matrix.trace()), _number(matrix.det())
    root = square_root(trace * trace - 4 * determinant)
    return (trace + root) / 2 if largest else (trace - root) / 2


def _exact_moment_norm(instance: Batch) -> list[Exact]:
    return [_eigenvalue(_task(instance).moments(_gains(instance)[1]), largest=True)]


def _exact_moment_floor(instance: Batch) -> list[Exact]:
    return [_eigenvalue(_task(instance).moments(_gains(instance)[0]), largest=False)]


def _exact_curvature_floor(instance: Batch) -> list[Exact]:
    return [_eigenvalue(_task(instance).curvature(_gains(instance)[0]), largest=False)]


def _exact_control_floor(instance: Batch) -> list[Exact]:
    return [instance.tasks.price[0, 0]]


def _unit(batch: Batch, **_: Any) -> Array:
    """Differences of returns lose digits relative to the returns."""
    return np.ones((len(batch.tasks.probabilities), 1)) / (1 - np.asarray(_discount(batch), dtype=float)) ** 2


def _one(batch: Batch, **_: Any) -> Array:
    """Returns of the pair are of size one."""
    return np.ones((1, 1))


def _cost_scale(batch: Batch, **_: Any) -> Array:
    return _trace(_solved(batch, "gain")[1]) + _trace(_solved(batch, "other")[1])


def _form_scale(batch: Batch, **_: Any) -> Array:
    return _unit(batch) * _direction_square(batch, 0)


#: the quantities of this topic by name
QUANTITIES = {
    "return_gap": Quantity(_return_gap, _exact_return_gap, _unit),
    "advantage_sum": Quantity(_advantage_sum, _exact_advantage_sum, _unit),
    "centred_sum": Quantity(_centred_sum, _exact_centred_sum, _centred_scale),
    "first_order_bound": Quantity(_first_order_bound, _exact_first_order_bound, _unit),
    "comparator_gap": Quantity(_comparator_gap, _exact_comparator_gap, _unit),
    "mismatch": Quantity(_mismatch, _exact_mismatch),
    "mismatch_ratio": Quantity(_mismatch_ratio, _exact_mismatch_ratio),
    "rarest_action": Quantity(_rarest, _exact_rarest),
    "improvement": Quantity(_improvement, _exact_improvement, _unit),
    "most_visited": Quantity(_most_visited, _exact_most_visited),
    "gradient_square": Quantity(_gradient_square, _exact_gradient_square, _unit),
    "direction_square": Quantity(_direction_square, _exact_direction_square),
    "curvature_form": Quantity(_form("exact"), _exact_form, _form_scale),
    "mixed_form": Quantity(_mixed_form, _exact_mixed_form, _form_scale),
    "surrogate_form": Quantity(_form("likelihood ratio"), _exact_surrogate_form, _form_scale),
    "cross_form": Quantity(_cross_form, _exact_cross_form, _form_scale),
    "loglik_form": Quantity(_loglik_form, _exact_loglik_form, _form_scale),
    "flow_time": Quantity(_flow_time, _exact_flow_time),
    "supremum_gap": Quantity(_supremum_gap, _exact_supremum_gap, _one),
    "adapted_slope": Quantity(_adapted_slope, _exact_adapted_slope, _one),
    "cost_gap": Quantity(_cost_gap, _exact_cost_gap, _cost_scale),
    "cost_change": Quantity(_cost_change, _exact_cost_change, _cost_scale),
    "newton_decrease": Quantity(_newton_decrease, _exact_newton_decrease, _cost_scale),
    "gain_gradient_square": Quantity(_gain_gradient_square, _exact_gain_gradient_square, _cost_scale),
    "moment_norm": Quantity(_moment_norm, _exact_moment_norm),
    "moment_floor": Quantity(_moment_floor, _exact_moment_floor),
    "curvature_floor": Quantity(_curvature_floor, _exact_curvature_floor),
    "control_floor": Quantity(_control_floor, _exact_control_floor),
}
