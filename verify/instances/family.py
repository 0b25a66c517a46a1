"""What a claim quantifies over besides numbers: a family of instances, each a dataclass of arrays made from codes.

Quadratic tasks are one family (:mod:`verify.instances.families.quadratic`); a user's file brings its own in a dictionary
``FAMILIES`` beside its ``CLAIM``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np
from sympy import Range, Symbol

from verify.instances.codes import Array, Codes, Values
from verify.shell.usage_error import UsageError, sentence


@dataclass(frozen=True)
class Family:
    """A class of instances.

    Parameters
    ----------
    name : str
        By which a claim's ``tasks`` name it.
    words : str
        What its instances are, in a phrase.
    decode : callable
        ``decode(codes, values)``: the instances of a batch of :class:`~verify.instances.codes.Codes` for given values of the
        sizes (int) and parameters (arrays (batch, 1)), as a dataclass whose fields are arrays with a leading batch axis, or
        dictionaries of such.  The same lines make doubles and rationals: field operations alone, and no code is refused.
        None in place of a dataclass where parameters say all.
    sizes : mapping
        Symbol to the ``Range`` of integers that give an instance its shape; a claim may narrow each, and widen those of the
        project's own families.
    needs : tuple of Symbol
        Parameters that `decode` reads, which a claim about the family must declare.
    batched : bool
        Whether quantities measure many instances at once, or one by one.
    empty : callable or None
        ``empty(values)``: for which values of the parameters there is no instance at all, (batch, 1) of bool; None if never.
    holds : callable or None
        ``holds(instance, values)``: whether one instance in rationals, which was not decoded but written down, is of the
        family; None where none is written down.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.notation import n
    >>> points = Family("points", "points of an interval", lambda codes, values: Line(codes.unit(values[n])), {n: Range(1, 9)})
    >>> points.decode(Codes(np.array([[0, 4]]), bits=2, exact=False), {n: 2}).points
    array([[0., 1.]])
    """

    name: str
    words: str
    decode: Callable[[Codes, Values], Any]
    sizes: Mapping[Symbol, Range] = field(default_factory=dict)
    needs: tuple[Symbol, ...] = ()
    batched: bool = True
    empty: Callable[[Values], Any] | None = None
    holds: Callable[[Any, Values], bool] | None = None


@dataclass
class Line:
    """Points of a line, the example's instances."""

    points: Array


def entries(tasks: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of an instance's fields.

    Raises
    ------
    TypeError
        If it is no dataclass.
    """
    if not is_dataclass(tasks) or isinstance(tasks, type):
        raise TypeError(f"an instance is {tasks!r}; a family's decoder must return a dataclass of arrays, or None")
    for entry in fields(tasks):
        yield entry.name, getattr(tasks, entry.name)


def guarded(family: Family) -> Family:
    """The same family, whose decoder fails in one sentence: for families that the project does not know.

    Raises
    ------
    UsageError
        When it decodes, if it fails or returns no dataclass of arrays with a row an instance.
    """

    def decode(codes: Codes, values: Values) -> Any:
        try:
            found = family.decode(codes, values)
            parts = [] if found is None else list(entries(found))
        except UsageError:
            raise
        except Exception as error:
            raise UsageError(f"the family {family.name!r} does not decode: {sentence(error)}") from error
        for name, value in parts:
            for array in value.values() if isinstance(value, Mapping) else (value,):
                if not isinstance(array, np.ndarray) or array.ndim < 1 or len(array) != len(codes):
                    what = f"the family {family.name!r} decodes {name} to {array!r:.60}"
                    raise UsageError(f"{what}; it must be an array with a row for each of {len(codes)} instances")
        return found

    return replace(family, decode=decode)


def mapped(tasks: Any, change: Callable[[Array], Any]) -> Any:
    """An instance with every array changed, those in dictionaries too.

    Parameters
    ----------
    tasks : dataclass
    change : callable
        Of an array.
    """

    def changed(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: changed(entry) for key, entry in value.items()}
        return change(value)

    return replace(tasks, **{name: changed(value) for name, value in entries(tasks)})
