"""A claim's symbols measured on instances, in doubles and exactly; and the check that both ways agree."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import Any

import numpy as np
from sympy import Symbol

from theory.claim import Claim, Measured
from theory.optima import SingularExpectation
from theory.rules import Rule
from verify.arithmetic.enclosure import ends
from verify.instances.laws import Array
from verify.instances.space import Cell, Space
from verify.quantities import QUANTITIES, Quantity

#: how far every number of an instance is moved to see how far a measured value moves: by the last bits of single precision, to
#: estimate the condition of the instance, and by those of doubles, to see what rounding itself does
COARSELY, _FINELY = 2.0**-24, 2.0**-52
#: share of its size by which the coarse move may change a value that doubles are still trusted with
_LOST = 1e-2
#: arguments of verbs that are rules (some verbs ask by a bool whether the rule is deployed)
_RULES = {"rule", "trained", "deployed"}


def verb(claim: Claim, name: str, own: Mapping[str, Quantity]) -> Quantity:
    """The verb of that name, a user's own before ours.

    Raises
    ------
    ValueError
        If there is none.
    """
    known = {**QUANTITIES, **own}
    if name not in known:
        raise ValueError(
            f"claim {claim.name} measures with {name!r}, which is no verb; it must be one of {', '.join(sorted(known))}"
        )
    return known[name]


def check(claim: Claim, entry: Measured, own: Mapping[str, Quantity]) -> None:
    """Refuse a measurement whose verb is unknown or takes other arguments.

    Raises
    ------
    ValueError, TypeError
        Naming the verb, and the argument that is missing, unknown or no rule.
    """
    chosen = verb(claim, entry.verb, own)
    try:
        signature(chosen.floats).bind(None, **entry.arguments)
    except TypeError as error:
        raise TypeError(f"claim {claim.name}: the verb {entry.verb!r} does not take these arguments: {error}") from None
    for name in _RULES & entry.arguments.keys():
        given = entry.arguments[name]
        if not isinstance(given, Rule | Symbol | bool):
            raise TypeError(
                f"claim {claim.name} measures with {entry.verb!r} and {name} = {given!r}; it must be a rule or a symbol"
            )


def float_values(claim: Claim, batch: Any, own: Mapping[str, Quantity]) -> dict[Symbol, Any]:
    """Parameters and measured symbols of a batch in doubles, arrays (batch, 1) or (batch, p); NaN where undefined."""
    values = dict(batch.values)
    with np.errstate(all="ignore"):
        for symbol, entry in claim.measured.items():
            values[symbol] = verb(claim, entry.verb, own).floats(batch, **entry.arguments)
    return values


def exact_values(claim: Claim, instance: Any, own: Mapping[str, Quantity]) -> dict[Symbol, Any]:
    """Parameters and measured symbols of one exact instance, object arrays (1, 1) or (1, p).

    Raises
    ------
    theory.optima.SingularExpectation, ZeroDivisionError
        Where the instance has no value.
    """
    values = dict(instance.values)
    for symbol, entry in claim.measured.items():
        values[symbol] = np.array([verb(claim, entry.verb, own).exact(instance, **entry.arguments)], dtype=object)
    return values


def disagreement(claim: Claim, space: Space, cell: Cell, codes: Array, own: Mapping[str, Quantity]) -> str:
    """Where theory and numerics differ on one instance by more than rounding explains; empty if nowhere.

    A quantity may differ by 1e-8 of its size or of its verb's natural scale, and by what the instance's condition makes of
    rounding.  That is seen by measuring the instance again with its numbers moved in the last bits: of single precision, of
    whose effect a ten-thousandth is allowed, and of doubles, of whose effect a hundredfold is, because a nearly singular system
    is solved with large errors even where its solution does not depend on the numbers moved.  A value that the former already
    moves by a hundredth may have no digit left in doubles either: it is not compared.  Nor is one
    that numerics does not find, if it finds one on the instance moved: a system that is singular in doubles is regular there.

    Returns
    -------
    str
        A sentence that names the symbol, its verb and both values.
    """
    instance = space.exact(cell, codes)
    batch, coarsely, finely = (space.floats(cell, codes[None]) for _ in range(3))
    move(coarsely, COARSELY)
    move(finely, _FINELY)
    for symbol, entry in claim.measured.items():
        chosen = verb(claim, entry.verb, own)
        try:
            exact = [float(sum(ends(value)) / 2) for value in chosen.exact(instance, **entry.arguments)]
        except (SingularExpectation, ZeroDivisionError):
            continue
        with np.errstate(all="ignore"):
            measured, there, near = (np.ravel(chosen.floats(one, **entry.arguments)) for one in (batch, coarsely, finely))
            moved, rounded = np.abs(there - measured), np.abs(near - measured)
            scale = np.ravel(chosen.scale(batch, **entry.arguments)) if chosen.scale else 0.0
        found = np.all(np.isfinite(measured))
        if not found and np.all(np.isfinite(there)):
            continue
        if found and not np.all(moved <= _LOST * np.maximum(np.abs(measured), scale)):
            continue
        allowed = 1e-8 * np.maximum(np.abs(exact), scale) + 1e-4 * moved + 100 * rounded
        if not np.all(np.abs(measured - exact) <= allowed):
            return (
                f"theory and numerics disagree on {symbol} = {entry.verb}: theory finds {_numbers(exact)}, numerics "
                f"{_numbers(measured)}, on the instance {_shape(cell)} with codes {codes.tolist()}"
            )
    return ""


def move(batch: Any, part: float) -> None:
    """Move every number of a batch's tasks by this part of it, and of given matrices of the largest entry, up or down.

    Where there are no tasks, the parameters are moved.

    Parameters
    ----------
    batch : verify.instances.space.Batch
        In doubles.
    part : float
    """
    rng = np.random.default_rng(0)

    def moved(values: Array, sizes: Array) -> Array:
        return np.asarray(values + part * sizes * rng.choice([-1.0, 1.0], values.shape))

    if batch.tasks is None:
        for symbol, values in batch.values.items():
            if isinstance(values, np.ndarray):
                batch.values[symbol] = moved(values, values)
        return
    for name in ("probabilities", "optima", "eigenvalues", "eigenvectors"):
        values = getattr(batch.tasks, name)
        setattr(batch.tasks, name, moved(values, values))
    for name, matrices in batch.tasks.families.items():
        other = moved(matrices, np.abs(matrices).max(axis=(-2, -1), keepdims=True))
        batch.tasks.families[name] = (other + np.swapaxes(other, -1, -2)) / 2


def _numbers(values: Any) -> str:
    return ", ".join(f"{value:.12g}" for value in np.ravel(np.asarray(values, dtype=float)))


def _shape(cell: Cell) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in cell.shape)
