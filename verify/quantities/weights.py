"""Quantities for weights and inner loops: what a rule makes of a curvature, executed and derived."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Dummy, Lambda, Matrix, Poly, Rational, cancel

import numerics
from numerics import bilevel, population
from theory import optima
from theory.notation import q, tau2
from verify.arithmetic.enclosure import Enclosure, Exact, ends, rounded
from verify.arithmetic.evaluate import EXACT, FLOATS, evaluate
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import distribution, exact_rule, finite, hessians
from verify.quantities.formulas import Derived
from verify.quantities.paths import (
    DIGITS,
    deployment_weight,
    exact_trained_optimum,
    executed,
    mean,
    numbers,
    single,
    trained_optimum,
    training_weight,
)
from verify.quantities.quantity import Quantity


def _condition_number(batch: Batch, rule: Any, deployed: bool = False) -> Array:
    weights = deployment_weight(batch, rule) if deployed else training_weight(batch, rule)
    spectrum = np.linalg.eigvalsh(mean(batch, weights))
    return np.asarray((spectrum[..., -1] / spectrum[..., 0])[..., None])


def _extreme_eigenvalue(batch: Batch, rule: Any, end: str, deployed: bool = False) -> Array:
    weights = deployment_weight(batch, rule) if deployed else training_weight(batch, rule)
    return np.asarray(np.linalg.eigvalsh(mean(batch, weights))[..., -1 if end == "upper" else 0][..., None])


def _exact_condition_number(instance: Batch, rule: Any, deployed: bool = False) -> list[Exact]:
    coefficients = _characteristic(instance, rule, deployed)
    return [_largest_root(coefficients) * _largest_root(coefficients[::-1])]


def _exact_extreme_eigenvalue(instance: Batch, rule: Any, end: str, deployed: bool = False) -> list[Exact]:
    coefficients = _characteristic(instance, rule, deployed)
    return [_largest_root(coefficients) if end == "upper" else 1 / _largest_root(coefficients[::-1])]


def _characteristic(instance: Batch, rule: Any, deployed: bool) -> list[Fraction]:
    """Coefficients of the polynomial whose roots are the distinct eigenvalues of E[w], the leading one first."""
    weight = optima.mean_weight(distribution(instance), exact_rule(instance, rule), deployed, digits=DIGITS)
    characteristic = Poly(weight.to_DM(field=True).charpoly(), Dummy("eigenvalue")).sqf_part()
    coefficients = [Fraction(int(entry.p), int(entry.q)) for entry in characteristic.all_coeffs()]
    if not coefficients[-1]:
        raise ZeroDivisionError("the expected weight is singular, so it has no condition number")
    return coefficients


def _largest_root(coefficients: list[Fraction]) -> Exact:
    """The largest root of a polynomial of degree m whose roots x_i are real, simple and positive, to about 30 digits.

    Newton's iterates descend on it from the sum of the roots.  At x above it the step p/p' is 1/sum 1/(x - x_i), so that the
    root lies between x - m p/p' and x - p/p'.
    """
    degree = len(coefficients) - 1
    x = -coefficients[1] / coefficients[0]
    while True:
        value, slope = Fraction(0), Fraction(0)
        for coefficient in coefficients:
            value, slope = value * x + coefficient, slope * x + value
        if not value:
            return x
        low, high = x - degree * value / slope, x - value / slope
        if high - low <= high / 10**30:
            return Enclosure(low, high)
        x = rounded(high, up=True)


def _weight_ratio(batch: Batch, trained: Any, deployed: Any, end: str) -> Array:
    """The least or largest quotient of the two executed weights over the positive eigenvalues of all tasks."""
    spectrum = finite(batch).eigenvalues.reshape(len(finite(batch).eigenvalues), -1, 1, 1)
    paid = executed(batch.rule(deployed), batch).deployment_weight(spectrum)
    ratios = (paid / executed(batch.rule(trained), batch).training_weight(spectrum))[..., 0, 0]
    positive = spectrum[..., 0, 0] > 0
    if end == "lower":
        return np.asarray(np.where(positive, ratios, np.inf).min(axis=1)[..., None])
    return np.asarray(np.where(positive, ratios, -np.inf).max(axis=1)[..., None])


def _exact_weight_ratio(instance: Batch, trained: Any, deployed: Any, end: str) -> list[Exact]:
    paid, weight = exact_rule(instance, deployed).deployment_weight(q), exact_rule(instance, trained).training_weight(q)
    quotient = cancel(paid / weight)
    values = {eigenvalue for task in finite(instance).eigenvalues[0] for eigenvalue in task if eigenvalue > 0}
    ratios = [numbers(quotient.subs(q, Rational(value.numerator, value.denominator)))[0] for value in values]
    return [min(ratios, key=lambda r: ends(r)[0]) if end == "lower" else max(ratios, key=lambda r: ends(r)[1])]


def _weight_at(batch: Batch, rule: Any, curvature: Any, deployed: bool = False) -> Array:
    """The executed weight on one-dimensional tasks of a given curvature."""
    hessians = np.atleast_2d(batch.number(curvature)).astype(float)[..., None, None]
    chosen = executed(batch.rule(rule), batch)
    return np.asarray((chosen.deployment_weight(hessians) if deployed else chosen.training_weight(hessians))[..., 0, 0])


def _exact_weight_at(instance: Batch, rule: Any, curvature: Any, deployed: bool = False) -> list[Exact]:
    chosen, place = exact_rule(instance, rule), instance.rational(curvature)
    weight = chosen.deployment_weight(place) if deployed else chosen.training_weight(place)
    return numbers(weight.subs(tau2, place**2))


def _probe(dim: int) -> list[Fraction]:
    """A fixed parameter outside the cube of the optima, in general position: 2, -3/2, 4/3, ..."""
    return [Fraction((-1) ** i * (i + 2), i + 1) for i in range(dim)]


def _losses(batch: Batch) -> numerics.Quadratics:
    return numerics.Quadratics(hessians(batch), finite(batch).optima)


def _adapted_risk(batch: Batch, rule: Any) -> Array:
    """Expected risk, without noise, after running the inner loop on every task from the probe.

    A step on samples is random: its expected risk is the probe's in the weight that numerics makes of the features' moments.
    """
    tasks, losses, probe = finite(batch), _losses(batch), np.array(_probe(finite(batch).optima.shape[-1]), float)
    if getattr(batch.rule(rule), "inner_samples", None) is not None:
        return np.asarray(population.risk(tasks.probabilities, deployment_weight(batch, rule), tasks.optima, probe)[..., None])
    start = np.broadcast_to(probe, tasks.optima.shape)
    values = losses.value(executed(batch.rule(rule), batch).adapt(losses, start))
    return np.asarray((tasks.probabilities * values).sum(axis=-1)[..., None])


def _exact_adapted_risk(instance: Batch, rule: Any) -> list[Exact]:
    """The probe's risk in the weight that theory derives, in exact matrices."""
    place = [Rational(x.numerator, x.denominator) for x in _probe(finite(instance).optima.shape[-1])]
    return numbers(optima.reducible_risk(distribution(instance), exact_rule(instance, rule), place, digits=DIGITS))


def _weight_formula(batch: Batch, weight: Lambda | None, rule: Any, deployed: bool) -> Any:
    """A weight as an expression in q, tau2 and the claim's parameters: typed by the claim, or derived by theory."""
    if weight is not None:
        return weight(q, tau2)
    chosen = batch.rule(rule)
    return chosen.deployment_weight(q) if deployed else chosen.training_weight(q)


def _spectral(batch: Batch, formula: Any) -> tuple[Array, Array]:
    """A weight given by a formula along every eigenvector of every task, and the probe's error along it, (batch, n, p) each."""
    tasks = finite(batch)
    values = {symbol: value[..., None] if isinstance(value, np.ndarray) else value for symbol, value in batch.values.items()}
    values |= {q: tasks.eigenvalues, tau2: (tasks.eigenvalues**2).sum(axis=-1, keepdims=True)}
    spectrum = np.broadcast_to(evaluate(formula, values, FLOATS), tasks.eigenvalues.shape)
    gap = np.array(_probe(tasks.optima.shape[-1]), float) - tasks.optima
    return spectrum, np.einsum("bnij,bni->bnj", tasks.eigenvectors, gap)


def _exact_spectral(instance: Batch, formula: Any) -> Iterator[tuple[Exact, Any, Fraction]]:
    """Probability times weight, eigenvector and the probe's error along it, for every eigenvector of every task."""
    tasks = finite(instance)
    for probability, optimum, eigenvalues, eigenvectors in zip(
        tasks.probabilities[0], tasks.optima[0], tasks.eigenvalues[0], tasks.eigenvectors[0], strict=True
    ):
        gap = np.array(_probe(len(optimum)), object) - optimum
        trace = sum(value**2 for value in eigenvalues)
        for value, vector in zip(eigenvalues, eigenvectors.T, strict=True):
            local = evaluate(formula, {**instance.values, q: value, tau2: trace}, EXACT)
            yield np.asarray(local).ravel()[0] * probability, vector, gap @ vector


def _weighted_risk(batch: Batch, weight: Lambda | None = None, rule: Any = None, deployed: bool = True) -> Array:
    """The probe's risk in a weight given by a formula, from eigenvalues and eigenvectors."""
    spectrum, along = _spectral(batch, _weight_formula(batch, weight, rule, deployed))
    return np.asarray((finite(batch).probabilities * (spectrum * along**2).sum(axis=-1)).sum(axis=-1)[..., None] / 2)


def _exact_weighted_risk(instance: Batch, weight: Lambda | None = None, rule: Any = None, deployed: bool = True) -> list[Exact]:
    total: Exact = Fraction(0)
    for share, _, along in _exact_spectral(instance, _weight_formula(instance, weight, rule, deployed)):
        total = total + share * along**2 / 2
    return [total]


def _pull(batch: Batch, rule: Any) -> Array:
    """E[w(Q)(probe - theta_gamma)] in the training weight that theory derives, from eigenvalues and eigenvectors."""
    spectrum, along = _spectral(batch, _weight_formula(batch, None, rule, False))
    tasks = finite(batch)
    return np.einsum("bn,bnij,bnj->bi", tasks.probabilities, tasks.eigenvectors, spectrum * along)


def _exact_pull(instance: Batch, rule: Any) -> list[Exact]:
    total: Any = [Fraction(0)] * finite(instance).optima.shape[-1]
    for share, vector, along in _exact_spectral(instance, _weight_formula(instance, None, rule, False)):
        total = [entry + share * (along * coordinate) for entry, coordinate in zip(total, vector, strict=True)]
    return list(total)


def _driven_step(batch: Batch, rule: Any) -> Array:
    """The mean outer step at the probe as solvers get it, from the bilevel driver with its compiled recursion, (batch, p)."""
    tasks, chosen = finite(batch), executed(batch.rule(rule), batch)
    probe = np.array(_probe(tasks.optima.shape[-1]), float)
    losses = map(numerics.Quadratics, hessians(batch), tasks.optima, np.zeros(len(tasks.optima)), tasks.probabilities)
    return np.array([bilevel.hypergradient(each, single(chosen, index), probe, workers=1) for index, each in enumerate(losses)])


def _exact_driven_step(instance: Batch, rule: Any) -> list[Exact]:
    """E[w] times the probe minus E[w theta_gamma], in exact matrices."""
    moments = distribution(instance).moments(exact_rule(instance, rule), False, DIGITS)
    probe = Matrix([Rational(x.numerator, x.denominator) for x in _probe(finite(instance).optima.shape[-1])])
    return numbers(moments.weight.to_Matrix() * probe - moments.weighted_optimum.to_Matrix())


def _stationarity(batch: Batch, rule: Any, at: Any = None) -> Array:
    """The population's outer step of `rule`, executed at the optimum that the weights of `at` give, (batch, p)."""
    tasks, losses = finite(batch), _losses(batch)
    theta = trained_optimum(batch, rule if at is None else at)[:, None, :]
    steps = executed(batch.rule(rule), batch).outer_step(losses, np.broadcast_to(theta, tasks.optima.shape).copy())
    return np.einsum("bn,bni->bi", tasks.probabilities, steps)


def _exact_stationarity(instance: Batch, rule: Any, at: Any = None) -> list[Exact]:
    theta = exact_trained_optimum(instance, rule if at is None else at)
    moments = distribution(instance).moments(exact_rule(instance, rule), False, DIGITS)
    return numbers(moments.weight.to_Matrix() * theta - moments.weighted_optimum.to_Matrix())


def _stationarity_scale(batch: Batch, rule: Any, at: Any = None) -> Array:
    return np.asarray(np.abs(training_weight(batch, rule)).max(axis=(1, 2, 3))[:, None])


QUANTITIES = {
    "condition_number": Quantity(_condition_number, _exact_condition_number),
    "extreme_eigenvalue": Quantity(_extreme_eigenvalue, _exact_extreme_eigenvalue),
    "weight_ratio": Quantity(_weight_ratio, _exact_weight_ratio),
    "weight_at": Quantity(_weight_at, _exact_weight_at, formula=Derived),
    "adapted_risk": Quantity(_adapted_risk, _exact_adapted_risk),
    "weighted_risk": Quantity(_weighted_risk, _exact_weighted_risk),
    "stationarity": Quantity(_stationarity, _exact_stationarity, _stationarity_scale),
    "driven_step": Quantity(_driven_step, _exact_driven_step, _stationarity_scale),
    "pull": Quantity(_pull, _exact_pull, _stationarity_scale),
}
