"""What quantities are made of: the float path through numerics and the exact path through theory.

The float path executes rules on batches of instances; the exact one solves a single instance in rationals.  They share no
formula.  Weights and optima are computed once per batch, whichever quantities ask for them.
"""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import MatrixBase, Poly, Rational, Symbol, nan, oo, zoo
from sympy.polys.matrices import DomainMatrix

import numerics.rules
from numerics import population
from theory import optima
from theory.notation import x
from theory.rules import Prescribed, Rule
from verify.arithmetic.enclosure import Enclosure, Exact, square_root
from verify.arithmetic.evaluate import EXACT, evaluate
from verify.instances.batch import Batch
from verify.instances.codes import Array
from verify.instances.families.quadratic import distribution, exact_rule, finite, hessians

#: digits to which a transcendental weight (the gradient flow's) is rationalised on the exact path
DIGITS = 60


# --- floats ---------------------------------------------------------------------------------------------------------


def executed(rule: Rule, batch: Batch) -> numerics.rules.Rule:
    """The rule of numerics with the name of a rule of theory, its fields evaluated on a batch.

    Raises
    ------
    ValueError
        If numerics has no rule of that name.
    """
    name = type(rule).__name__
    if isinstance(rule, Prescribed):
        return numerics.rules.Prescribed(finite(batch).weights[rule.weights])
    known = numerics.rules.RULES
    if name not in known:
        raise ValueError(
            f"rule is {name}, which has no class of that name in numerics; it must be one of {', '.join(sorted(known))}"
        )
    return known[name](**{entry.name: _plain(batch.number(getattr(rule, entry.name))) for entry in fields(rule)})


def single(rule: numerics.rules.Rule, index: int) -> numerics.rules.Rule:
    """The rule of one instance of the batch that :func:`executed` has made a rule of."""
    at = {name: entry[index].item() if isinstance(entry, np.ndarray) else entry for name, entry in vars(rule).items()}
    return type(rule)(**at)


def _plain(value: Any) -> Any:
    """A rule's field without the trailing axis that values carry to meet vectors."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value[..., 0] if isinstance(value, np.ndarray) and value.ndim else value


def training_weight(batch: Batch, rule: Rule | Symbol) -> Array:
    """Executed training weights of all tasks, (batch, n, p, p)."""
    rule = batch.rule(rule)
    return batch.remembered(("training", rule), lambda: executed(rule, batch).training_weight(hessians(batch)))


def deployment_weight(batch: Batch, rule: Rule | Symbol) -> Array:
    """Executed deployment weights of all tasks, (batch, n, p, p)."""
    rule = batch.rule(rule)
    return batch.remembered(("deployment", rule), lambda: executed(rule, batch).deployment_weight(hessians(batch)))


def trained_optimum(batch: Batch, rule: Rule | Symbol) -> Array:
    """Optimum of the training weight, (batch, p)."""
    weights, key = training_weight(batch, rule), ("training optimum", batch.rule(rule))
    return batch.remembered(key, lambda: optimum_of(batch, weights))


def deployed_optimum(batch: Batch, rule: Rule | Symbol) -> Array:
    """Optimum of the deployment weight, (batch, p)."""
    weights, key = deployment_weight(batch, rule), ("deployed optimum", batch.rule(rule))
    return batch.remembered(key, lambda: optimum_of(batch, weights))


def optimum_of(batch: Batch, weights: Array) -> Array:
    """Optimum of given weights, (batch, p)."""
    tasks = finite(batch)
    return np.asarray(population.optimum(tasks.probabilities, weights, tasks.optima))


def mean(batch: Batch, weights: Array) -> Array:
    """Expectation of given weights, (batch, p, p)."""
    return np.asarray(population.mean_weight(finite(batch).probabilities, weights))


def squared(vector: Array, weight: Array) -> Array:
    """vector' weight vector, (batch, 1); bilinear for complex numbers too."""
    return np.einsum("...i,...ij,...j->...", vector, weight, vector)[..., None]


def diameter(batch: Batch) -> Array:
    """Largest distance between two tasks' optima, (batch, 1)."""
    points = finite(batch).optima
    gaps = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
    return np.asarray(gaps.max(axis=(1, 2))[..., None])


# --- exact numbers --------------------------------------------------------------------------------------------------


def numbers(value: Any) -> list[Exact]:
    """Entries of a sympy matrix, or one sympy number, as exact numbers.

    Raises
    ------
    ZeroDivisionError
        If one is infinite or undefined: sympy divides by zero without a word.
    """
    entries = list(value) if isinstance(value, MatrixBase) else [value]
    if any(entry in (oo, -oo, zoo, nan) for entry in entries):
        raise ZeroDivisionError("a measured value has a denominator that is zero")
    return [np.asarray(evaluate(entry, {}, EXACT)).ravel()[0] + Fraction(0) for entry in entries]


def exact_trained_optimum(instance: Batch, rule: Rule | Symbol) -> Any:
    """Optimum of the training weight of one exact instance, a sympy (p, 1) matrix."""
    exact = exact_rule(instance, rule)
    return instance.remembered(("exact", exact), lambda: optima.optimum(distribution(instance), exact, digits=DIGITS))


def exact_deployed_optimum(instance: Batch, rule: Rule | Symbol) -> Any:
    """Optimum of the deployment weight of one exact instance, a sympy (p, 1) matrix."""
    exact = exact_rule(instance, rule)
    key = ("exact deployed", exact)
    return instance.remembered(key, lambda: optima.deployed_optimum(distribution(instance), exact, digits=DIGITS))


def exact_difference(instance: Batch, trained: Rule | Symbol, deployed: Rule | Symbol) -> Any:
    """The vector from the deployed optimum to the trained one."""
    return exact_trained_optimum(instance, trained) - exact_deployed_optimum(instance, deployed)


def norm(values: list[Exact]) -> Exact:
    """Euclidean norm."""
    return square_root(sum((value * value for value in values), Fraction(0)))


def largest_eigenvalue(matrix: DomainMatrix) -> Exact:
    """Of a rational matrix with real eigenvalues, between rationals where it is none."""
    roots = Poly(matrix.charpoly(), x, domain="QQ").intervals(eps=Rational(1, 10**40))
    low, high = (Fraction(int(end.p), int(end.q)) for end in roots[-1][0])
    return low if low == high else Enclosure(low, high)
