"""What a claim's measured symbol stands for on an instance, obtained twice by independent means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from verify.arithmetic.enclosure import Exact
from verify.instances.codes import Array
from verify.quantities.guarded import guarded


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
        where theory has no formula in the claim's parameters.
    bounds : callable or None
        ``bounds(batch, **arguments)``: arrays (batch, 1) below and above every draw of a random quantity, for claims about its
        expectation.
    """

    floats: Callable[..., Array]
    exact: Callable[..., list[Exact]]
    scale: Callable[..., Array] | None = None
    replicates: Callable[..., Array] | None = None
    formula: Callable[..., Any] | None = None
    bounds: Callable[..., tuple[Array, Array]] | None = None


def resolved(own: Mapping[str, Quantity] | None, known: Mapping[str, Quantity]) -> Mapping[str, Quantity]:
    """The quantities that a claim may name: the project's and a user's own, which fail in a sentence.

    Raises
    ------
    ValueError
        If one of one's own has the name of another that is known: at every level a name means one thing.
    TypeError
        If one is no :class:`Quantity`.
    """
    own = own or {}
    if not isinstance(own, Mapping):
        raise TypeError(f"QUANTITIES is {own!r}; it must be a dictionary of verify.quantities.Quantity by name")
    for name, quantity in own.items():
        if not isinstance(quantity, Quantity):
            raise TypeError(f"QUANTITIES[{name!r}] is {quantity!r}; it must be a verify.quantities.Quantity")
        if name in known and known[name] is not quantity:
            raise ValueError(f"QUANTITIES brings {name!r}, which is a quantity of the project; give yours another name")
    return {**known, **{name: guarded(name, quantity) for name, quantity in own.items()}}
