"""Claims that a hostile referee would write: false ones that must never be granted, true ones that must not be refuted.

Each is small, and each attacks one place where a judge can be fooled.  ``python -m benchmarks.hostile_rate`` judges them at
every level; the tests judge them at ``--level proved``.  A module holds the claims of a few kinds.

>>> len({hostile.name for hostile in HOSTILE}) == len(HOSTILE)
True
"""

from benchmarks.hostile import chances, controls, domains, instances, magnitudes, names, powers, thin
from benchmarks.hostile.case import FALSE, KINDS, REFUSE, TRUE, Hostile

__all__ = ["FALSE", "HOSTILE", "KINDS", "LONG", "REFUSE", "TRUE", "Hostile"]

#: those that take a second or more to judge, mostly because they are true and hard to prove
LONG = frozenset(
    [
        "exp_above_its_tangent",
        "x_to_the_x_below",
        "power_of_2",
        "sine_below_x",
        "gauss_far_out",
        "tanh_below_1",
        "log_by_its_tangent",
        "overflowing_exp_factor",
        "pi_rounded_up",
        "sine_and_true",
        "exp_overflows",
        "exp_above_underflow",
        "at_four_constants",
        "comb",
        "almost_periodic",
        "optimum_far_out",
        "excess_of_any_scale",
        "last_corner_of_sizes",
        "distance_in_one_dimension",
        "exp_minus_an_integer",
    ]
)

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
