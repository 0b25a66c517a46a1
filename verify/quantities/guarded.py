"""What a user's own quantity does wrong, in one sentence instead of a traceback.

A quantity of one's own may fail with any error, or return what is no number.  Wrapped, it fails as a
:class:`~verify.shell.usage_error.UsageError` that names it; that an instance has no value passes through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import wraps
from numbers import Integral
from typing import Any

import numpy as np
from sympy import Rational

from theory.claim import NoValue
from verify.arithmetic.enclosure import Enclosure, NegativeRoot
from verify.instances.codes import Array
from verify.quantities.quantity import Quantity
from verify.shell.usage_error import UsageError, sentence


def guarded(name: str, quantity: Quantity) -> Quantity:
    """The same quantity, which fails in one sentence.

    Parameters
    ----------
    name : str
        By which a claim names it.
    quantity : Quantity

    Examples
    --------
    >>> from verify.quantities import Quantity
    >>> wrapped = guarded("half", Quantity(lambda batch: "half", lambda instance: [0.5]))
    >>> try:
    ...     wrapped.exact(None)
    ... except UsageError as error:
    ...     print(error)
    the quantity 'half' returns [0.5] in `exact`; it must return a list of fractions or enclosures
    """

    def within(part: str, made: Callable[..., Any] | None, check: Callable[[str, Any, Any], Any]) -> Any:
        if made is None:
            return None

        @wraps(made)
        def call(*given: Any, **arguments: Any) -> Any:
            before = _held(given[0])
            kept = [array.copy() for array in before.values()]
            try:
                value = made(*given, **arguments)
            except (UsageError, NoValue, NegativeRoot):
                raise
            except Exception as error:
                if part == "exact" and isinstance(error, ZeroDivisionError):
                    raise
                if part == "exact" and isinstance(error, NotImplementedError):
                    if quantity.replicates is not None:  # the expectation of what is random need not be known
                        raise
                    left = "; where there is no value it must raise theory.claim.NoValue"
                    raise UsageError(f"the quantity {name!r} fails in `exact`: {sentence(error)}{left}") from error
                raise UsageError(f"the quantity {name!r} fails in `{part}`: {sentence(error)}") from error
            after = _held(given[0])
            rebound = [*before] != [*after] or any(after[place] is not array for place, array in before.items())
            if rebound or not all(_same(*pair) for pair in zip(before.values(), kept, strict=True)):
                raise UsageError(
                    f"the quantity {name!r} changes its instances in `{part}`; it must leave them and return new arrays"
                )
            said = f"the quantity {name!r} returns {{}} in `{part}`"
            if part == "replicates":
                return _draws(said, value, given[0], given[2] if len(given) > 2 else arguments.get("count"))
            return check(said, value, given[0])

        return call

    return replace(
        quantity,
        floats=within("floats", quantity.floats, _floats),
        exact=within("exact", quantity.exact, _exact),
        scale=within("scale", quantity.scale, _floats),
        replicates=within("replicates", quantity.replicates, _floats),
        bounds=within("bounds", quantity.bounds, _bounds),
    )


def _exact(said: str, value: Any, instance: Any) -> list[Any]:
    found = [_number(entry) for entry in value] if _is_list(value) else []
    if not found or not all(isinstance(entry, Fraction | Enclosure) for entry in found):
        raise UsageError(said.format(f"{value!r:.60}") + "; it must return a list of fractions or enclosures")
    return found


def _number(entry: Any) -> Any:
    """A whole number, or a rational one of sympy's, as a fraction; anything else as it is."""
    if isinstance(entry, Integral):
        return Fraction(int(entry))
    return Fraction(int(entry.p), int(entry.q)) if isinstance(entry, Rational) else entry


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)


def _floats(said: str, value: Any, batch: Any) -> Array:
    array = np.asarray(value)
    try:
        if array.dtype.kind not in "fiubO" or any(entry is None for entry in array.ravel() if array.dtype.kind == "O"):
            raise TypeError
        array = array.astype(float)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(said.format(f"{value!r:.60}") + "; it must return an array of real numbers") from None
    count = _count(batch)
    array = array[None] if array.shape == (1,) else array  # one number for all
    if array.ndim not in (0, 2) or (array.ndim and count and array.shape[0] not in (1, count)):
        shape = f"an array of shape {array.shape} for {count or 'some'} instances"
        raise UsageError(said.format(shape) + "; its shape must be (batch, 1) or (batch, p), a row an instance")
    return array


def _draws(said: str, value: Any, batch: Any, count: Any) -> Array:
    """Draws of a random quantity: a row an instance, and as many columns as were asked for."""
    array = np.asarray(value)
    rows = _count(batch)
    if array.dtype.kind not in "fiubO" or array.ndim != 2 or array.shape[1] != count or (rows and len(array) not in (1, rows)):
        shape = f"an array of shape {array.shape}" if isinstance(value, np.ndarray) else f"{value!r:.60}"
        wanted = f"(batch, count), here ({rows or 'some'}, {count})"
        raise UsageError(said.format(shape) + f"; it must return an array of real numbers of shape {wanted}, a column a draw")
    return _floats(said, array, batch)


def _bounds(said: str, value: Any, batch: Any) -> tuple[Array, Array]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise UsageError(said.format(f"{value!r:.60}") + "; it must return two arrays, below and above every draw")
    return _floats(said, value[0], batch), _floats(said, value[1], batch)


def _count(batch: Any) -> int:
    """How many instances a batch has, 0 if nothing tells."""
    return next((len(array) for array in _held(batch).values() if array.ndim), 0)


def _held(batch: Any) -> dict[tuple[Any, ...], Array]:
    """The arrays of a batch by where they are: its parameters', its tasks', and those in dictionaries of its tasks."""
    values, tasks = getattr(batch, "values", {}), getattr(batch, "tasks", None)
    found: dict[tuple[Any, ...], Any] = {("values", symbol): value for symbol, value in values.items()}
    for name, value in vars(tasks).items() if hasattr(tasks, "__dict__") else ():
        found |= {(name, key): each for key, each in value.items()} if isinstance(value, Mapping) else {(name, ""): value}
    return {place: value for place, value in found.items() if isinstance(value, np.ndarray)}


def _same(array: Array, kept: Array) -> bool:
    """Whether two arrays hold the same, numbers that are none included."""
    return bool(np.all((array == kept) | ((array != array) & (kept != kept))))


def resolved(own: Mapping[str, Quantity] | None, known: Mapping[str, Quantity]) -> Mapping[str, Quantity]:
    """The quantities that a claim may name: the project's and a user's own, which fail in a sentence.

    Raises
    ------
    ValueError
        If one of one's own has the name of another that is known: at every level a name means one thing.  If it brings a
        formula, which nothing holds against what it measures.
    TypeError
        If one is no :class:`Quantity`.
    """
    own = own or {}
    if not isinstance(own, Mapping):
        raise TypeError(f"QUANTITIES is {own!r}; it must be a dictionary of verify.quantities.Quantity by name")
    for name, quantity in own.items():
        if not isinstance(quantity, Quantity):
            raise TypeError(f"QUANTITIES[{name!r}] is {quantity!r}; it must be a verify.quantities.Quantity")
        if quantity.formula is not None and quantity not in known.values():
            raise ValueError(
                f"QUANTITIES[{name!r}] brings a formula; proofs believe what it says, so they take those of the project's "
                "theory only: leave it out, and claim the formula in a symbol of its own to have it proved"
            )
        if name in known and known[name] is not quantity:
            raise ValueError(f"QUANTITIES brings {name!r}, which is a quantity of the project; give yours another name")
    return {**known, **{name: guarded(name, quantity) for name, quantity in own.items()}}
