"""Which outer steps have a compiled kernel that reads each curvature from memory once.

On quadratics with real scalar rates, the inner loop, the gradient at its end and the adjoint recursion of a chunk of tasks
run as one kernel, :func:`numerics.kernels.quadratic.hypergradient`.  It does what the rule's own methods do, step by step; a
rule qualifies if its methods are those that the kernel mirrors, whatever rates and momenta they are run with.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import quadratic
from numerics.losses import Losses
from numerics.quadratics import Quadratics
from numerics.rules import MAML, FirstOrderMAML, GradientSteps, Reptile, Rule

Array = NDArray[Any]

#: a displacement by shorter steps, in units of the curvature, is summed instead: the kernel's is a difference
SHORT = 0.1

#: inner loops, hypergradients and outer steps that the kernel mirrors
_INNER = {Rule.inner, GradientSteps.inner}
_EXACT = {Rule.adapted_gradient, MAML.adapted_gradient}
_OUTER = {
    Rule.outer_step: quadratic.EXACT,
    FirstOrderMAML.outer_step: quadratic.FIRST_ORDER,
    Reptile.outer_step: quadratic.DISPLACEMENT,
}


class Recursion(NamedTuple):
    """An inner loop of gradient steps and its outer step, as the kernel takes them."""

    quadratics: Quadratics
    rates: NDArray[np.float64]
    momenta: NDArray[np.float64]
    outer: int


def recursion(losses: Losses, rule: Rule) -> Recursion | None:
    """The recursion that the kernel runs for this rule on these risks; None if it has to be executed method by method."""
    kind = type(rule)
    outer = _OUTER.get(kind.outer_step)
    if outer is None or kind.inner not in _INNER or kind.adapted_gradient not in _EXACT:
        return None
    if getattr(rule, "inner_samples", None) is not None or type(losses) is not Quadratics:
        return None
    hessians = losses.hessians
    if not (hessians.dtype == np.float64 and hessians.flags.c_contiguous and losses.optima.shape == hessians.shape[:2]):
        return None
    schedule = rule.schedule() if isinstance(rule, GradientSteps) else []
    if any(np.ndim(number) or np.iscomplexobj(number) for step in schedule for number in step):
        return None
    rates, momenta = np.array(schedule, dtype=np.float64).reshape(-1, 2).T.copy()
    if outer == quadratic.DISPLACEMENT and np.abs(rates).max() * np.einsum("nii->n", hessians).max() < SHORT:
        return None
    return Recursion(losses, rates, momenta, outer)


def chunk_size(losses: Losses) -> int:
    """Tasks per call of the kernel."""
    return quadratic.chunk_size(losses.number, losses.dimension)


def mean_step(found: Recursion, theta: Array) -> Array:
    """Sum over tasks of the weighted outer steps from one theta (p,), real or complex."""
    losses = found.quadratics
    steps, number = len(found.rates), losses.number
    losses.gradients += number * (steps + (found.outer != quadratic.DISPLACEMENT))
    losses.hessian_vectors += number * steps * (found.outer == quadratic.EXACT)
    out = np.empty_like(theta)
    weights, hessians, optima, start = map(_read_only, (losses.weights, losses.hessians, losses.optima, theta))
    quadratic.hypergradient(weights, hessians, optima, start, found.rates, found.momenta, found.outer, out)
    return out


def _read_only(array: Array) -> Array:
    """A contiguous read-only view, so that writable and read-only input share one compiled signature."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
