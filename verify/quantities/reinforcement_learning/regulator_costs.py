"""Quantities of linear quadratic regulators, by Lyapunov equations in doubles and in rationals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Matrix

from numerics.reinforcement import Regulators
from theory.regulators import Regulator
from verify.arithmetic.enclosure import Exact, square_root
from verify.instances.batch import Batch, as_matrix, as_rational
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity
from verify.quantities.reinforcement_learning.process_instances import column


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
    return column(np.trace(matrices, axis1=-2, axis2=-1))


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
    return column((_regulators(batch).gradient(gains.reshape(len(gains), -1)) ** 2).sum(axis=1))


def _moment_norm(batch: Batch) -> Array:
    return column(np.linalg.eigvalsh(_solved(batch, "other")[2])[:, -1])


def _moment_floor(batch: Batch) -> Array:
    return column(np.linalg.eigvalsh(_solved(batch, "gain")[2])[:, 0])


def _curvature_floor(batch: Batch) -> Array:
    return column(np.linalg.eigvalsh(_curvature(batch, _solved(batch, "gain")[1]))[:, 0])


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


def _cost_scale(batch: Batch, **_: Any) -> Array:
    return _trace(_solved(batch, "gain")[1]) + _trace(_solved(batch, "other")[1])


#: the quantities of this family by name
QUANTITIES = {
    "cost_gap": Quantity(_cost_gap, _exact_cost_gap, _cost_scale),
    "cost_change": Quantity(_cost_change, _exact_cost_change, _cost_scale),
    "newton_decrease": Quantity(_newton_decrease, _exact_newton_decrease, _cost_scale),
    "gain_gradient_square": Quantity(_gain_gradient_square, _exact_gain_gradient_square, _cost_scale),
    "moment_norm": Quantity(_moment_norm, _exact_moment_norm),
    "moment_floor": Quantity(_moment_floor, _exact_moment_floor),
    "curvature_floor": Quantity(_curvature_floor, _exact_curvature_floor),
    "control_floor": Quantity(_control_floor, _exact_control_floor),
}
