"""What a claim's measured symbol stands for on an instance, obtained twice by independent means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.arithmetic.enclosure import Exact
from verify.instances.codes import Array


@dataclass(frozen=True)
class Quantity:
    """A measurement.

    Parameters
    ----------
    floats : callable
        ``floats(batch, **arguments)`` runs numerics on a :class:`~verify.instances.batch.Batch`: an array (batch, 1) or
        (batch, p), not a number where an instance has no value.
    exact : callable
        ``exact(instance, **arguments)`` asks theory about one exact instance: a list of exact numbers, one or p of them.  It
        raises :class:`theory.claim.NoValue` or ``ZeroDivisionError`` where the instance has no value.
    scale : callable or None
        ``scale(batch, **arguments)``: the magnitude (batch, 1) against which rounding errors of the float path count; by
        default that of the value itself.
    replicates : callable or None
        ``replicates(batch, rng, count, **arguments)``: `count` independent draws of a random quantity, (batch, count).  The
        claim is then about its probability, or its expectation.
    formula : callable or None
        ``formula(**arguments)``: what proofs put in the symbol's place, a :class:`verify.quantities.formulas.Formula`.  None
        where theory has no formula in the claim's parameters; a user's own quantity has none.
    bounds : callable or None
        ``bounds(batch, **arguments)``: arrays (batch, 1) below and above every draw of a random quantity, for claims about its
        expectation.
    """

    floats: Callable[..., Array]
    exact: Callable[..., Sequence[Exact]]
    scale: Callable[..., Array] | None = None
    replicates: Callable[..., Array] | None = None
    formula: Callable[..., Any] | None = None
    bounds: Callable[..., tuple[Array, Array]] | None = None


def of_order_one(*_: Any, **__: Any) -> Array:
    """The scale of what is of order one or a difference of such: shares, returns, errors of the least curvatures."""
    return np.ones((1, 1))
