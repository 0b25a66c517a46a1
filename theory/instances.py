"""What a claim quantifies over beside numbers: instances of a family, such as finite distributions of quadratic tasks.

The families themselves are made by :mod:`verify.instances`; here they are named, and their sizes get ranges.

Examples
--------
>>> Tasks("commuting", dimension=Range(1, 3)).family
'commuting'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sympy import Range, Symbol

from theory.domains import check_domain, check_range
from theory.notation import n, p
from theory.well_formed import check_kind


class NoValue(ArithmeticError):
    """A quantity has no value on this instance: an optimum that is not unique, a ratio of zeros; the instance says nothing."""


@dataclass(frozen=True)
class Instances:
    """What a claim quantifies over beside numbers: instances of a family, of all sizes in given ranges.

    Parameters
    ----------
    family : str
        The family's name, as `verify.instances` or a user's file knows it.
    sizes : mapping
        Symbol to a sympy ``Range``: the integers that give an instance its shape.  The claim may use these symbols.

    Raises
    ------
    TypeError, ValueError
        If the family is no name, or a size is not a symbol with a nonempty range that its assumptions allow.

    Examples
    --------
    >>> elements = Symbol("elements", integer=True, positive=True)
    >>> Instances("coverage", {elements: Range(2, 7)}).resized(elements, Range(3, 4)).sizes
    {elements: Range(3, 4, 1)}
    """

    family: str
    sizes: Mapping[Symbol, Range] = field(hash=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.family, str) or not self.family:
            raise TypeError(f"family is {self.family!r}; it must be the name of a family of instances, such as 'free'")
        check_kind("sizes", self.sizes, Mapping, "a mapping such as {elements: Range(2, 7)}")
        for symbol, admitted in self.sizes.items():
            check_kind("a size", symbol, Symbol, "a symbol such as Symbol('elements', integer=True, positive=True)")
            check_range(f"size {symbol}", admitted)
            check_domain(f"size {symbol}", symbol, admitted)

    def resized(self, symbol: Symbol, admitted: Range) -> Instances:
        """The same with another range of one size."""
        return replace(self, sizes={**self.sizes, symbol: admitted})


@dataclass(frozen=True)
class Tasks(Instances):
    """Finite distributions of quadratic tasks; the family's name is the law's, its sizes are the dimension p and the number n.

    Parameters
    ----------
    law : str
        A law of quadratic tasks, as `verify.instances.families.quadratic` names them: ``free`` for any finite law,
        ``scalar_spectrum``, ``common_curvature``, ``common_optimum``, ``independent``, ``commuting``, ``easy_and_hard``,
        ``weight_pairs`` or ``spectrum_tied``.
    dimension, number : sympy.Range
        Admitted dimensions p and numbers of tasks n.

    Examples
    --------
    >>> Tasks("free", number=Range(1, 4)).sizes
    {p: Range(1, 7, 1), n: Range(1, 4, 1)}
    """

    family: str = field(init=False, repr=False, compare=False)
    sizes: Mapping[Symbol, Range] = field(init=False, repr=False, compare=False)
    law: str = "free"
    dimension: Range = Range(1, 7)
    number: Range = Range(1, 9)

    def __post_init__(self) -> None:
        if not isinstance(self.law, str) or not self.law:
            raise TypeError(f"law is {self.law!r}; it must be the name of a law of tasks, such as 'free'")
        check_range("dimension", self.dimension)
        check_range("number", self.number)
        object.__setattr__(self, "family", self.law)
        object.__setattr__(self, "sizes", {p: self.dimension, n: self.number})
        super().__post_init__()

    def resized(self, symbol: Symbol, admitted: Range) -> Tasks:
        """The same with another range of dimensions or of numbers of tasks."""
        return replace(self, **{"dimension" if symbol == p else "number": admitted})
