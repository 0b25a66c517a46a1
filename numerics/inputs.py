"""What a caller may hand in where numbers belong: converted to doubles, or refused in one sentence.

Arrays of any real type and byte order are converted (integers, half, single and extended precision, fractions); text, times,
complex numbers and masked entries are refused.  What was computed in a narrower type is rounded in that type:
:func:`precision_of` says how much, so that its checks can allow for it.
"""

from __future__ import annotations

from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def real_array(name: str, value: Any, dims: int, shape: str) -> Array:
    """`value` in doubles with `dims` axes; `shape` says in an error what is valid.

    Raises
    ------
    TypeError
        If it is no array of real numbers.
    ValueError
        If it has another number of axes, or a masked entry.

    Examples
    --------
    >>> real_array("weights", np.array([1, 2], dtype=">i2"), 1, "(n,)").tolist()
    [1.0, 2.0]
    """
    array = doubles(name, value, shape)
    if array.ndim != dims:
        raise ValueError(f"{name} has shape {array.shape}; it must have shape {shape}")
    return array


def doubles(name: str, value: Any, shape: str) -> Array:
    """`value` in doubles, whatever its axes; `shape` says in an error what is valid.

    Raises
    ------
    TypeError
        If it is no array of real numbers.
    ValueError
        If it has a masked entry.

    Examples
    --------
    >>> doubles("values", [[1, 2]], "(..., n)").tolist()
    [[1.0, 2.0]]
    """
    try:
        if np.ma.is_masked(value):
            raise ValueError(f"{name} has a masked entry; it must be an array of shape {shape} whose entries are all known")
        array = np.asarray(value)
        if array.dtype.kind not in "fiubO" or any(isinstance(entry, (str, bytes)) for entry in _objects(array)):
            raise TypeError("no real numbers")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as such
            array = np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        if "masked" in str(error):
            raise
        raise TypeError(f"{name} is not an array of real numbers; it must be one of shape {shape}") from error
    return array


def stack(name: str, value: Any, axes: str, sizes: dict[str, int], *, rows: bool = False) -> Array:
    """`value` in finite doubles whose last axes are those named; leading axes are instances.

    Parameters
    ----------
    name : str
        The argument's.
    value : object
    axes : str
        Names of the last axes, such as ``"n p p"``.
    sizes : dict
        Sizes of the axes that earlier arguments have fixed; those of this one are entered.
    rows : bool
        Whether every axis must have an entry at least.

    Raises
    ------
    TypeError
        If it is no array of real numbers.
    ValueError
        If it has too few axes or another size than an earlier argument, or an entry is not finite.

    Examples
    --------
    >>> sizes = {}
    >>> stack("hessians", [[[1, 0], [0, 1]]], "p p", sizes).shape, sizes
    ((1, 2, 2), {'p': 2})
    """
    names = axes.split()
    shape = f"(..., {', '.join(names)})"
    array = doubles(name, value, shape)
    given = array.shape[-len(names) :] if names else ()
    if len(given) < len(names) or (rows and 0 in given):
        raise ValueError(f"{name} has shape {array.shape}; it must be {shape}")
    for axis, size in zip(names, given, strict=True):
        if sizes.setdefault(axis, size) != size:
            raise ValueError(f"{name} has shape {array.shape}; it must be {shape} with {axis} = {sizes[axis]}")
    if not np.all(np.isfinite(array)):
        if array.ndim == 0:
            raise ValueError(f"{name} is {array}; it must be finite")
        raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
    return array


def above(name: str, array: Array, least: float = 0.0, *, strictly: bool = True) -> Array:
    """An array whose entries are above `least`, or at least that.

    Raises
    ------
    ValueError
        If one is not.

    Examples
    --------
    >>> above("temperature", np.array([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    wrong = ~(array > least) if strictly else ~(array >= least)
    if np.any(wrong):
        needed = "positive" if strictly and least == 0 else f"{'above' if strictly else 'at least'} {least:g}"
        found = f"is {array}; it" if array.ndim == 0 else f"has the entry {array[wrong].flat[0]}; every entry"
        raise ValueError(f"{name} {found} must be {needed}")
    return array


def whole(name: str, value: Any, least: int = 1) -> int:
    """`value` as a whole number from `least` on.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> whole("steps", np.int64(3))
    3
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} is {value!r}; it must be a whole number, at least {least}")
    return int(value)


def _objects(array: NDArray[Any]) -> Any:
    return array.flat if array.dtype.kind == "O" else ()


def precision_of(value: Any) -> float:
    """Relative rounding error of the type that `value` came in; that of doubles at least.

    Examples
    --------
    >>> precision_of(np.zeros(2, dtype=np.float16)), precision_of([0.5, 0.5])
    (0.0009765625, 2.220446049250313e-16)
    """
    kind = getattr(value, "dtype", None)
    try:
        narrow = np.dtype(str(kind).removeprefix("torch."))
    except TypeError:
        return float(np.finfo(np.float64).eps)
    own = float(np.finfo(narrow).eps) if narrow.kind == "f" else 0.0
    return max(own, float(np.finfo(np.float64).eps))


def number(name: str, value: Any, what: str = "a finite number") -> float:
    """`value` as one finite double.

    Parameters
    ----------
    name : str
        The argument's.
    value : object
    what : str
        What is valid, for the sentence.

    Raises
    ------
    ValueError
        If it is an array of more than a number, no real number, or not finite.

    Examples
    --------
    >>> number("alpha", np.float32(0.5))
    0.5
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real) or not isfinite(value):
        raise ValueError(f"{name} is {value!r}; it must be {what}")
    return float(value)


def point(name: str, value: Any, dimension: int) -> Array:
    """`value` as a finite array (dimension,).

    Raises
    ------
    ValueError, TypeError
        If it is not.

    Examples
    --------
    >>> point("theta", [1, 2], 2).tolist()
    [1.0, 2.0]
    """
    array = real_array(name, value, 1, f"({dimension},)")
    if array.shape != (dimension,):
        raise ValueError(f"{name} has shape {array.shape}; for these tasks it must have shape ({dimension},)")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
    return array
