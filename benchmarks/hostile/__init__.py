"""Claims that a hostile referee would write: false ones that must never be granted, true ones that must not be refuted.

Each is small, and each attacks one place where a judge can be fooled.  ``python -m benchmarks.hostile_rate`` judges them at
every level; the tests judge them at ``--level proved``.  A module holds the claims of a few kinds.

>>> len({hostile.name for hostile in HOSTILE}) == len(HOSTILE)
True
"""

from benchmarks.hostile import chances, controls, domains, instances, magnitudes, names, powers, thin
from benchmarks.hostile.case import FALSE, KINDS, REFUSE, TRUE, Hostile

__all__ = ["FALSE", "HOSTILE", "KINDS", "REFUSE", "TRUE", "Hostile"]

#: all claims, by kind
HOSTILE: list[Hostile] = sorted(
    (
        *domains.CASES,
        *names.CASES,
        *magnitudes.CASES,
        *powers.CASES,
        *thin.CASES,
        *chances.CASES,
        *controls.CASES,
        *instances.CASES,
    ),
    key=lambda hostile: hostile.kind,
)
