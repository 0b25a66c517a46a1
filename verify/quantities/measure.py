"""A claim's symbols measured on instances, in doubles and exactly; and the check that both ways agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from inspect import signature
from typing import Any

import numpy as np
from sympy import Symbol

from theory.claim import Claim, Measured, NoValue
from theory.rules import Rule
from verify.arithmetic.enclosure import Exact, NegativeRoot, ends
from verify.instances.batch import Batch, Cell
from verify.instances.codes import Array
from verify.instances.family import entries, mapped
from verify.instances.space import Space
from verify.quantities.quantity import Quantity

#: how far every number of an instance is moved to see how far a measured value moves: by the last bits of single precision, to
#: estimate the condition of the instance, and by those of doubles, to see what rounding itself does
COARSELY, _FINELY = 2.0**-24, 2.0**-52
#: share of its size by which the coarse move may change a value that doubles are still trusted with
_LOST = 1e-2
#: part of its largest entry by which rounding may leave a matrix short of symmetric
_ROUNDED = 1e-12
#: what says that an exact instance has no value
NO_VALUE = (NoValue, ZeroDivisionError, NegativeRoot)
#: arguments of quantities that are rules (some ask by a bool whether the rule is deployed)
_RULES = {"rule", "trained", "deployed"}


def quantity(claim: Claim, name: str, known: Mapping[str, Quantity]) -> Quantity:
    """The quantity of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in known:
        near = get_close_matches(name, known, n=1)
        raise ValueError(
            f"claim {claim.name} measures {name!r}, which is no quantity"
            + (f"; perhaps {near[0]!r} is meant" if near else f"; it must be one of {', '.join(sorted(known))}")
        )
    return known[name]


def check(claim: Claim, entry: Measured, known: Mapping[str, Quantity]) -> None:
    """Refuse a measurement whose quantity is unknown or takes other arguments.

    Raises
    ------
    ValueError, TypeError
        Naming the quantity, and the argument that is missing, unknown or no rule.
    """
    chosen = quantity(claim, entry.quantity, known)
    try:
        signature(chosen.floats).bind(None, **entry.arguments)
    except TypeError as error:
        raise TypeError(f"claim {claim.name}: the quantity {entry.quantity!r} does not take these arguments: {error}") from None
    for name in _RULES & entry.arguments.keys():
        given = entry.arguments[name]
        if not isinstance(given, Rule | Symbol | bool):
            raise TypeError(
                f"claim {claim.name} measures with {entry.quantity!r} and {name} = {given!r}; it must be a rule or a symbol"
            )


def float_values(claim: Claim, batch: Batch, known: Mapping[str, Quantity]) -> dict[Symbol, Any]:
    """Parameters and measured symbols of a batch in doubles, arrays (batch, 1) or (batch, p); NaN where undefined."""
    values = dict(batch.values)
    with np.errstate(all="ignore"):
        for symbol, entry in claim.measured.items():
            try:
                values[symbol] = quantity(claim, entry.quantity, known).floats(batch, **entry.arguments)
            except np.linalg.LinAlgError:  # a system of the batch is singular in doubles: they say nothing of any
                values[symbol] = np.full((_length(batch), 1), np.nan)
    return values


def exact_values(claim: Claim, instance: Batch, known: Mapping[str, Quantity]) -> dict[Symbol, Any]:
    """Parameters and measured symbols of one exact instance, object arrays (1, 1) or (1, p).

    Raises
    ------
    theory.claim.NoValue, ZeroDivisionError
        Where the instance has no value.
    ValueError
        If a value has not the sign that its symbol has by assumption: the claim's formula was simplified by what is not so.
    """
    values = dict(instance.values)
    for symbol, entry in claim.measured.items():
        values[symbol] = np.array([_exactly(claim, symbol, entry, instance, known)], dtype=object)
    return values


def _exactly(claim: Claim, symbol: Symbol, entry: Measured, instance: Batch, known: Mapping[str, Quantity]) -> Sequence[Exact]:
    """What theory measures, refused where its symbol's assumptions exclude it."""
    found = quantity(claim, entry.quantity, known).exact(instance, **entry.arguments)
    if any(_contradicts(symbol, value) for value in found):
        numbers = [as_float(sum(ends(value), Fraction(0)) / 2) for value in found]
        raise ValueError(
            f"claim {claim.name} measures {entry.quantity} as {_numbers(numbers)}, which its symbol {symbol} cannot be by "
            "assumption; give it a symbol that is real only"
        )
    return found


def wrong_sign(claim: Claim, values: Mapping[Symbol, Any], count: int) -> Array:
    """On which instances a measured value has in doubles a sign that its symbol has not by assumption, (batch,)."""
    wrong = np.zeros(count, dtype=bool)
    for symbol in claim.measured:
        value = np.asarray(values[symbol])
        if symbol.is_nonnegative:
            wrong |= np.any(value < 0, axis=-1)
        elif symbol.is_nonpositive:
            wrong |= np.any(value > 0, axis=-1)
    return wrong


def wrong_kind(claim: Claim, values: Mapping[Symbol, Any], count: int) -> Array:
    """On which instances a measured value is in doubles zero or no integer, which its symbol is not by assumption, (batch,)."""
    wrong = np.zeros(count, dtype=bool)
    for symbol in claim.measured:
        value = np.asarray(values[symbol])
        if symbol.is_nonzero:
            wrong |= np.any(value == 0, axis=-1)
        if symbol.is_integer:
            wrong |= np.any(value != np.rint(value), axis=-1)
    return wrong


def _length(batch: Batch) -> int:
    """How many instances a batch has."""
    arrays = [value for value in batch.values.values() if isinstance(value, np.ndarray)]
    if batch.tasks is not None:
        arrays += [value for _, value in entries(batch.tasks) if isinstance(value, np.ndarray)]
    return max((len(array) for array in arrays), default=1)


def _contradicts(symbol: Symbol, value: Exact) -> bool:
    """Whether a value certainly is not what a symbol is assumed to be."""
    low, high = ends(value)
    return bool(
        (symbol.is_nonnegative and high < 0)
        or (symbol.is_nonpositive and low > 0)
        or (symbol.is_nonzero and low == high == 0)
        or (symbol.is_integer and low == high and low.denominator != 1)
    )


def disagreement(claim: Claim, space: Space, cell: Cell, codes: Array, known: Mapping[str, Quantity]) -> str:
    """Where theory and numerics differ on one instance by more than rounding explains; empty if nowhere.

    A quantity may differ by 1e-8 of its size or of its own natural scale, and by what the instance's condition makes of
    rounding.  That is seen by measuring the instance again with its numbers moved in the last bits: of single precision, of
    whose effect a ten-thousandth is allowed, and of doubles, of whose effect a hundredfold is, because a nearly singular system
    is solved with large errors even where its solution does not depend on the numbers moved.  A value that the former already
    moves by a hundredth may have no digit left in doubles either: it is not compared.  Nor is one
    that numerics does not find, if it finds one on the instance moved: a system that is singular in doubles is regular there.

    Returns
    -------
    str
        A sentence that names the symbol, its quantity and both values.

    Raises
    ------
    ValueError
        If a value has not the sign that its symbol has by assumption.
    """
    instance = space.exact(cell, codes)
    batch, coarsely, finely = (space.floats(cell, codes[None]) for _ in range(3))
    move(coarsely, COARSELY)
    move(finely, _FINELY)
    for symbol, entry in claim.measured.items():
        chosen = quantity(claim, entry.quantity, known)
        try:
            exact = [as_float(sum(ends(value), Fraction(0)) / 2) for value in _exactly(claim, symbol, entry, instance, known)]
        except NO_VALUE:
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
        with np.errstate(invalid="ignore"):  # an infinite value differs from every number, and from another one
            allowed = 1e-8 * np.maximum(np.abs(exact), scale) + 1e-4 * moved + 100 * rounded
            agreed = np.all(np.abs(measured - exact) <= allowed)
        if not agreed:
            return (
                f"theory and numerics disagree on {symbol} = {entry.quantity}: theory finds {_numbers(exact)}, numerics "
                f"{_numbers(measured)}, on the instance {_shape(cell)} with codes {codes.tolist()}"
            )
    return ""


def move(batch: Batch, part: float) -> None:
    """Move every number of a batch's instances by this part of it, and of named symmetric matrices of the largest entry.

    Where there are none, the parameters are moved.  Whole numbers stay.

    Parameters
    ----------
    batch : Batch
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
    matrices = {name: value for name, value in entries(batch.tasks) if isinstance(value, Mapping)}
    batch.tasks = mapped(batch.tasks, lambda values: moved(values, values) if values.dtype.kind == "f" else values)
    for name, named in matrices.items():
        for key, values in named.items():
            if not _symmetric(values):
                continue
            other = moved(values, np.abs(values).max(axis=(-2, -1), keepdims=True))
            getattr(batch.tasks, name)[key] = (other + np.swapaxes(other, -1, -2)) / 2


def _symmetric(values: Array) -> bool:
    """Whether an array holds real symmetric matrices, which moved as they are would no longer be such."""
    if values.dtype.kind != "f" or values.ndim < 3 or values.shape[-1] != values.shape[-2]:
        return False
    sizes = np.abs(values).max(axis=(-2, -1), keepdims=True, initial=0.0)
    return not np.any(np.abs(values - np.swapaxes(values, -1, -2)) > _ROUNDED * sizes)


def as_float(value: Fraction) -> float:
    """The nearest double; infinite beyond all of them."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _numbers(values: Any) -> str:
    return ", ".join(f"{value:.12g}" for value in np.ravel(np.asarray(values, dtype=float)))


def _shape(cell: Cell) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in cell.shape)
