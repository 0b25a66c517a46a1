"""Numbers that write down what is done to them: the kind of number whose results are lines of Python.

A :class:`Term` is the name of a double in code that is being written.  Arithmetic on it appends a line to the code and gives
the name of the result, so that whatever computes with numbers, the walker of :mod:`verify.compile` or the decoder of
:mod:`verify.instances`, writes a program when it is handed terms.  The code uses the pieces of :mod:`verify.primitives`.

Examples
--------
>>> code = Code()
>>> x = code.named("x")
>>> result = (1 + x) ** 2 * 0.5
>>> print(code.text(result))
t0 = 1.0 + x
t1 = t0 ** 2
t2 = t1 * 0.5
return t2
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from verify.laws import Codes


@dataclass
class Code:
    """Straight-line code that is being written."""

    lines: list[str] = field(default_factory=list)

    def named(self, name: str, whole: bool = False) -> Term:
        """The term of a variable that the code finds defined."""
        return Term(self, name, whole)

    def let(self, expression: str, whole: bool = False) -> Term:
        """The value of an expression in a variable of its own."""
        name = f"t{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        return Term(self, name, whole)

    def text(self, *results: Any) -> str:
        """The lines, and one that returns `results`."""
        return "\n".join([*self.lines, f"return {', '.join(map(_spelled, results))}"])


@dataclass(frozen=True)
class Term:
    """A double by its name in the code.

    Parameters
    ----------
    code : Code
        Where it is defined.
    name : str
    whole : bool
        Whether its value is always an integer, so that it may be an exponent.
    """

    code: Code
    name: str
    whole: bool = False

    def _joined(self, left: Any, sign: str, right: Any) -> Term:
        whole = all(getattr(value, "whole", isinstance(value, int)) for value in (left, right))
        return self.code.let(f"{_spelled(left)} {sign} {_spelled(right)}", whole)

    def __add__(self, other: Any) -> Term:
        return self._joined(self, "+", other)

    def __radd__(self, other: Any) -> Term:
        return self._joined(other, "+", self)

    def __sub__(self, other: Any) -> Term:
        return self._joined(self, "-", other)

    def __rsub__(self, other: Any) -> Term:
        return self._joined(other, "-", self)

    def __mul__(self, other: Any) -> Term:
        return self._joined(self, "*", other)

    def __rmul__(self, other: Any) -> Term:
        return self._joined(other, "*", self)

    def __pow__(self, exponent: Any) -> Term:
        """A whole power, of an exponent that is a number or a term.

        Raises
        ------
        TypeError
            If nothing says that the exponent is whole.
        """
        if isinstance(exponent, int):
            return self.code.let(f"{self.name} ** {exponent}", self.whole and exponent >= 0)
        return _power(self, exponent)

    def __rpow__(self, base: Any) -> Term:
        return _power(base, self)


def _power(base: Any, exponent: Term) -> Term:
    if not exponent.whole:
        raise TypeError("a power has an exponent that need not be a whole number; generated code takes whole ones and halves")
    return exponent.code.let(f"power({_spelled(base)}, {_spelled(exponent)})")


def _spelled(value: Any) -> str:
    return value.name if isinstance(value, Term) else repr(float(value))


def calling(function: str, plain: Any) -> Any:
    """A function of numbers that writes a call where one of them is a term, and computes where none is.

    Parameters
    ----------
    function : str
        Its name in generated code.
    plain : callable
        What it does to plain numbers.
    """

    def apply(*arguments: Any) -> Any:
        code = next((argument.code for argument in arguments if isinstance(argument, Term)), None)
        if code is None:
            return plain(*arguments)
        return code.let(f"{function}({', '.join(map(_spelled, arguments))})")

    return apply


class WrittenCodes(Codes):
    """Codes of one instance as terms: the array ``codes`` of the written code, with entries in ``[0, top]``.

    Parameters
    ----------
    code : Code
    """

    def __init__(self, code: Code) -> None:
        self._code, self.used = code, 0

    def _next(self) -> Term:
        self.used += 1
        return self._code.let(f"float(codes[{self.used - 1}])", whole=True)

    def unit(self, *shape: int, left_open: bool = False, right_open: bool = False, bits: int | None = None) -> Any:
        """As :meth:`verify.laws.Codes.unit`, of one number."""
        least, extra = int(left_open), int(left_open) + int(right_open)
        return self._code.let(f"({self._next().name} + {least}.0) / (top + {extra}.0)")

    def positive(self, *shape: int) -> Any:
        """As :meth:`verify.laws.Codes.positive`, of one number."""
        return self._code.let(f"positive({self._next().name}, top)")
