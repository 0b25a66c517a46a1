"""Quantities: what a claim may measure on an instance, each obtained twice by independent means.

A user's file may bring quantities of its own: a dictionary ``QUANTITIES`` of :class:`Quantity` beside its ``CLAIM``.
"""

from collections.abc import Mapping

from verify.quantities import (
    annealing,
    bayesian_optimisation,
    clusters,
    densities,
    finite_samples,
    global_optimality,
    in_context,
    kernels,
    mirror_descent,
    pruning,
    reinforcement_learning,
    risks,
    score_spreads,
    small_rates,
    smooth,
    smooth_slopes,
    submodular,
    weights,
)
from verify.quantities.guarded import resolved
from verify.quantities.quantity import Quantity

__all__ = ["QUANTITIES", "Quantity", "resolved"]

#: every quantity by its name
QUANTITIES: Mapping[str, Quantity] = {
    **risks.QUANTITIES,
    **weights.QUANTITIES,
    **densities.QUANTITIES,
    **small_rates.QUANTITIES,
    **clusters.QUANTITIES,
    **finite_samples.QUANTITIES,
    **score_spreads.QUANTITIES,
    **reinforcement_learning.QUANTITIES,
    **smooth.QUANTITIES,
    **smooth_slopes.QUANTITIES,
    **submodular.QUANTITIES,
    **annealing.QUANTITIES,
    **pruning.QUANTITIES,
    **bayesian_optimisation.QUANTITIES,
    **kernels.QUANTITIES,
    **mirror_descent.QUANTITIES,
    **in_context.QUANTITIES,
    **global_optimality.QUANTITIES,
}
