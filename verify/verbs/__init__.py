"""The verbs: what a claim may measure on an instance, each obtained twice by independent means.

A user's file may bring verbs of its own: a dictionary ``VERBS`` of :class:`Verb` beside its ``CLAIM``.
"""

from collections.abc import Mapping

from verify.verbs import clusters, densities, finite_samples, risks, score_spreads, small_rates, weights
from verify.verbs.paths import Verb

__all__ = ["VERBS", "Verb"]

#: every verb by its name
VERBS: Mapping[str, Verb] = {
    **risks.VERBS,
    **weights.VERBS,
    **densities.VERBS,
    **small_rates.VERBS,
    **clusters.VERBS,
    **finite_samples.VERBS,
    **score_spreads.VERBS,
}
