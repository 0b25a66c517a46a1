"""Maps of validity over two chosen parameters of a claim: where it holds, where it fails, where that is undecided.

Both parameters are fixed, everything else is searched.  *Fails* is a counterexample replayed in exact rationals.  *Holds* means
that two searches found none and agree on the worst ratio: the second one starts from what was worst at the neighbouring points.
Where it climbs well above the first, time ran out, or no instance has a value, the point is *undecided*.

Examples
--------
>>> from theory.bounds import claim
>>> print(validity_map(Question(claim("lower_curvature")), *named_axes(claim("lower_curvature"), ["alpha", "p"])).text())
lower_curvature   + holds   x fails   ? undecided
     1  +++++++++++++xxx
   p  alpha beta from 0.125 to 2
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from sympy import Expr, FiniteSet, Interval, Range, Rational, Symbol, simplify

from theory.claim import Claim
from theory.notation import alpha, beta, nu, written
from verify.evidence.local_search import search_locally
from verify.evidence.question import Question
from verify.evidence.result import Effort, Evidence
from verify.shell.usage_error import UsageError

#: points of a scalar axis, and of an integer one
_SCALAR, _INTEGER = 16, 6
#: the second search's worst ratio may exceed the first's by this factor where both found nothing
_AGREE = 1.02

HOLDS, FAILS, UNDECIDED = "holds", "fails", "undecided"


@dataclass(frozen=True)
class Axis:
    """One axis of a map.

    Attributes
    ----------
    label : str
        What is shown along it, such as ``alpha beta``.
    values : tuple of Fraction
        Its points, ascending.
    stated : Fraction or None
        Where the claim's own domain ends, in the same unit; None if it goes on.
    symbol : Symbol
        The parameter, or a size of the claim's instances such as p or n.
    unit : sympy expression
        What the values are multiples of.
    """

    label: str
    values: tuple[Fraction, ...]
    stated: Fraction | None
    symbol: Symbol
    unit: Expr = Rational(1)

    def fix(self, claim: Claim, value: Fraction) -> Claim:
        """The claim with the parameter fixed at a point of the axis."""
        if claim.tasks is not None and self.symbol in claim.tasks.sizes:
            return claim.changed(tasks=claim.tasks.resized(self.symbol, Range(int(value), int(value) + 1)))
        if isinstance(claim.parameters[self.symbol], Range):
            return claim.changed(parameters={self.symbol: (int(value),)})
        return claim.changed(parameters={self.symbol: FiniteSet(Rational(value.numerator, value.denominator) * self.unit)})


@dataclass(frozen=True)
class Map:
    """What became of a claim at every point of a grid.

    Attributes
    ----------
    claim : str
    x, y : Axis
    status : tuple of tuple of str
        ``status[i][j]`` at ``y.values[i]``, ``x.values[j]``: one of ``holds``, ``fails``, ``undecided``.
    ratio : tuple of tuple of float
        Worst ratio of the two sides seen there; NaN if there was none.
    """

    claim: str
    x: Axis
    y: Axis
    status: tuple[tuple[str, ...], ...]
    ratio: tuple[tuple[float, ...], ...]

    def text(self) -> str:
        """The map in characters, the highest value of y first."""
        marks = {HOLDS: "+", FAILS: "x", UNDECIDED: "?"}
        lines = [f"{self.claim}   + holds   x fails   ? undecided"]
        for value, row in reversed(list(zip(self.y.values, self.status, strict=True))):
            lines.append(f"{float(value):6.4g}  " + "".join(marks[status] for status in row))
        ends = f"from {float(self.x.values[0]):.4g} to {float(self.x.values[-1]):.4g}"
        return "\n".join([*lines, f"{self.y.label:>4}  {self.x.label} {ends}"])


def named_axes(claim: Claim, names: Sequence[str]) -> tuple[Axis, Axis]:
    """The axes of the parameters of those names, with points that reach beyond what the claim states.

    Raises
    ------
    verify.shell.usage_error.UsageError
        If a name is none of the claim's parameters, or its domain is neither numbers nor integers.
    """
    sizes = claim.tasks.sizes if claim.tasks is not None else {}
    known = {str(symbol): symbol for symbol in (*claim.parameters, *sizes)}
    for name in names:
        if name not in known:
            raise UsageError(
                f"--map names {name!r}, which claim {claim.name} does not use; it must be one of {', '.join(known)}"
            )
    if len(set(names)) < 2:
        raise UsageError(f"--map names {names[0]!r} twice; it must be two parameters")
    x, y = (axis_of(claim, known[name]) for name in names)
    return x, y


def axis_of(claim: Claim, symbol: Symbol) -> Axis:
    """The axis of one parameter, or of one size of the claim's instances.

    Raises
    ------
    verify.shell.usage_error.UsageError
        If its domain is neither numbers nor integers.
    """
    if claim.tasks is not None and symbol in claim.tasks.sizes:
        return Axis(str(symbol), _integers(claim.tasks.sizes[symbol]), None, symbol)
    domain = claim.parameters[symbol]
    if isinstance(domain, Range):
        return Axis(str(symbol), _integers(domain), None, symbol)
    if not isinstance(domain, Interval):
        raise UsageError(f"--map names {symbol}, which is one of {domain}; it must be a number")
    unit, label = Rational(1), str(symbol)
    if beta in claim.parameters and symbol == alpha:
        unit, label = 1 / beta, written(symbol * beta)
    elif symbol == nu:
        unit, label = beta, f"{symbol}/{beta}"
    end = simplify(domain.end / unit)
    freed = [a.without.get("parameters", {}).get(symbol) for a in claim.assumptions]
    reach = [simplify(f.end / unit) for f in freed if isinstance(f, Interval)]
    tops = [value for value in (end, *reach) if value.is_Rational]
    top = Fraction(*max(tops).as_numer_denom()) if tops else Fraction(2)
    # a structural end cannot be passed, and zero is often outside
    top = top if symbol != nu else Fraction(1)
    values = tuple(top * Fraction(step, _SCALAR) for step in range(1, _SCALAR + 1))
    stated = Fraction(*end.as_numer_denom()) if end.is_Rational else None
    return Axis(label, values, stated, symbol, unit)


def _integers(domain: Range) -> tuple[Fraction, ...]:
    """A few integers: the first ones, then doubling."""
    first = [Fraction(int(value)) for value in islice(domain, 64)]
    wanted = [value for index, value in enumerate(first) if index < 3 or (index + 1) & index == 0]
    return tuple(wanted[:_INTEGER])


def validity_map(question: Question, x: Axis, y: Axis, effort: Effort | None = None) -> Map:
    """Search a claim at every point of a grid, twice.

    Parameters
    ----------
    question : Question
        About the claim.
    x, y : Axis
        From :func:`named_axes`.
    effort : Effort, optional
        After its deadline points are left undecided.

    Returns
    -------
    Map

    Raises
    ------
    ValueError
        If the claim is about something random.
    """
    question.require_certain()
    claim, effort = question.claim, effort or Effort()
    rows, columns = len(y.values), len(x.values)
    first: dict[tuple[int, int], Evidence] = {}
    status: dict[tuple[int, int], str] = {}

    def at(point: tuple[int, int]) -> Question:
        return question.about(y.fix(x.fix(claim, x.values[point[1]]), y.values[point[0]]))

    points = [(i, j) for i in range(rows) for j in range(columns)]
    for point in points:
        if effort.over:
            break
        first[point] = search_locally(at(point), effort, smallest=2, random=0)
    for point in reversed(points):
        status[point] = _second(at, point, first, effort.again(1))
    return Map(
        claim.name,
        x,
        y,
        tuple(tuple(status[i, j] for j in range(columns)) for i in range(rows)),
        tuple(tuple(first[i, j].worst_ratio if (i, j) in first else math.nan for j in range(columns)) for i in range(rows)),
    )


def _second(
    at: Callable[[tuple[int, int]], Question],
    point: tuple[int, int],
    first: dict[tuple[int, int], Evidence],
    effort: Effort,
) -> str:
    """The verdict at a point after a search from its own worst instance and its neighbours'."""
    if point not in first:
        return UNDECIDED
    if first[point].violation is not None:
        return FAILS
    if not first[point].conclusive:
        return UNDECIDED
    worst = first[point].worst
    if worst is None:  # lhs is never above zero and rhs never below: there is nothing to climb
        return HOLDS
    cell, (i, j) = worst[0], point
    near = [first[place].worst for place in ((i, j), (i, j + 1), (i, j - 1), (i + 1, j), (i - 1, j)) if place in first]
    starts = [(cell, found[1]) for found in near if found is not None and len(found[1]) == len(worst[1])]
    again = search_locally(at(point), effort, starts=starts, smallest=0, random=0)
    if again.violation is not None:
        first[point] = again
        return FAILS
    if not again.conclusive:
        return UNDECIDED
    rose = again.worst_ratio > max(_AGREE * first[point].worst_ratio, first[point].worst_ratio + 1e-6)
    if again.worst_gap > first[point].worst_gap:
        first[point] = again
    return UNDECIDED if rose else HOLDS
