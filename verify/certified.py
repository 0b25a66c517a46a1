r"""Evidence by certification: best-first branch and bound in ball arithmetic, for claims that are no polynomials.

The parameters are mapped onto the unit cube as in :mod:`verify.normal_form`, and F = rhs - lhs is enclosed on boxes with
dyadic ends: directly, by the mean-value form F(middle) + sum of slope times half width, and, where slopes keep their sign, on
the face where F is least.  A box is settled when its enclosure is at least zero; otherwise it is halved.  Every other box taken
is the one whose enclosure reaches lowest, so that false claims are found out at once, and every other the largest, so that the
remainder is small.  A claim is certified only if nothing remains; equality inside the cube cannot be certified, as no enclosure
is that narrow.

The search runs on Arb's balls.  A certificate is the tree of halvings; :func:`recheck` evaluates its leaves again in rational
intervals (:mod:`verify.enclosure`), which share no code with Arb.

Examples
--------
>>> from sympy import Integer, Interval, exp
>>> from theory.notation import t
>>> found = search(Statement("example", {t: Interval(1, 2)}, exp(-t), "<=", Integer(1) / t))
>>> found.complete, found.remainder
(True, 0.0)
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sympy import FiniteSet, Symbol

from theory.claim import Claim
from verify import enclosure
from verify.certificates import Finding, Invalid
from verify.compile import Backend, evaluate
from verify.normal_form import Statement, Unprovable, cells, on_unit_interval

#: boxes after which a certification is given up, unless told otherwise; mark of a settled box in a tree
MOST_BOXES, HOLDS = 6000, -1
#: bits of Arb's balls
_PRECISION = 96

Box = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True)
class Numbers:
    """One kind of interval: what certification needs beyond + - * and integer powers.

    Parameters
    ----------
    between : callable
        The interval between two dyadic rationals.
    constant, absolute, root, exponential, inverse : callable
        The last raises ``ZeroDivisionError`` if the interval contains zero or is unbounded.
    hull : callable
        An interval around two.
    least : callable
        The lower end, as a number that can be compared with zero and turned into a float.
    """

    between: Callable[[Fraction, Fraction], Any]
    constant: Callable[[Fraction], Any]
    absolute: Callable[[Any], Any]
    root: Callable[[Any], Any]
    exponential: Callable[[Any], Any]
    inverse: Callable[[Any], Any]
    hull: Callable[[Any, Any], Any]
    least: Callable[[Any], Any]


def balls() -> Numbers:
    """Arb's balls."""
    from flint import arb, ctx, fmpq

    ctx.prec = _PRECISION

    def constant(value: Fraction) -> Any:
        return arb(fmpq(value.numerator, value.denominator))

    def root(value: Any) -> Any:
        if value > 0:
            return value.sqrt()
        top = value.upper()
        if top < 0:
            raise ZeroDivisionError("a square root of a negative number")
        return arb(0).union(top.sqrt())

    def inverse(value: Any) -> Any:
        found = 1 / value
        if not found.is_finite():
            raise ZeroDivisionError("the denominator's ball contains zero")
        return found

    return Numbers(
        between=lambda low, high: constant(low).union(constant(high)) if low != high else constant(low),
        constant=constant,
        absolute=lambda value: value if value >= 0 else -value if value <= 0 else arb(0).union(abs(value).upper()),
        root=root,
        exponential=lambda value: value.exp(),
        inverse=inverse,
        hull=lambda a, b: a.union(b),
        least=lambda value: value.lower(),
    )


def intervals() -> Numbers:
    """Rational intervals."""

    def hull(a: Any, b: Any) -> Any:
        (low, high), (least, most) = enclosure.ends(a), enclosure.ends(b)
        return enclosure.Enclosure(min(low, least), max(high, most))

    def root(value: Any) -> Any:
        try:
            return enclosure.square_root(value)
        except ValueError as error:
            raise ZeroDivisionError("a square root of a negative number") from error

    return Numbers(
        between=lambda low, high: enclosure.Enclosure(low, high) if low != high else low,
        constant=lambda value: value,
        absolute=enclosure.absolute,
        root=root,
        exponential=enclosure.exponential,
        inverse=lambda value: 1 / value,
        hull=hull,
        least=lambda value: enclosure.ends(value)[0],
    )


# --- values with slopes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Dual:
    """An enclosure of a function on a box and of its slopes there; slopes None where they are unbounded."""

    value: Any
    slopes: tuple[Any, ...] | None

    def _with(self, other: Any) -> _Dual:
        return other if isinstance(other, _Dual) else _Dual(other, tuple(0 for _ in self.slopes or ()))

    def _map(self, value: Any, factor: Any) -> _Dual:
        return _Dual(value, None if self.slopes is None else tuple(factor * slope for slope in self.slopes))

    def _both(self, other: _Dual, value: Any, left: Any, right: Any) -> _Dual:
        if self.slopes is None or other.slopes is None:
            return _Dual(value, None)
        return _Dual(value, tuple(left * a + right * b for a, b in zip(self.slopes, other.slopes, strict=True)))

    def __add__(self, other: Any) -> _Dual:
        if not isinstance(other, _Dual):
            return _Dual(self.value + other, self.slopes)
        return self._both(other, self.value + other.value, 1, 1)

    __radd__ = __add__

    def __neg__(self) -> _Dual:
        return self._map(-self.value, -1)

    def __sub__(self, other: Any) -> _Dual:
        return self + -other

    def __rsub__(self, other: Any) -> _Dual:
        return -self + other

    def __mul__(self, other: Any) -> _Dual:
        if not isinstance(other, _Dual):
            return self._map(self.value * other, other)
        return self._both(other, self.value * other.value, other.value, self.value)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> _Dual:
        if exponent == 0:
            return self._map(self.value * 0 + 1, 0)
        return self._map(self.value**exponent, exponent * self.value ** (exponent - 1))


def _backend(numbers: Numbers, size: int) -> Backend:
    def dual(value: Any) -> _Dual:
        if isinstance(value, _Dual):
            return value
        return _Dual(numbers.constant(Fraction(value)), (0,) * size)

    def divide(numerator: Any, denominator: Any) -> _Dual:
        denominator = dual(denominator)
        inverse = numbers.inverse(denominator.value)
        return dual(numerator) * denominator._map(inverse, -inverse * inverse)

    def root(value: Any) -> _Dual:
        value = dual(value)
        found = numbers.root(value.value)
        if not numbers.least(found) > 0:
            return _Dual(found, None)
        return value._map(found, numbers.inverse(2 * found))

    def absolute(value: Any) -> _Dual:
        value = dual(value)
        if numbers.least(value.value) >= 0:
            return value
        if numbers.least(-value.value) >= 0:
            return -value
        either = numbers.between(Fraction(-1), Fraction(1))
        return value._map(numbers.absolute(value.value), either)

    def exponential(value: Any) -> _Dual:
        value = dual(value)
        found = numbers.exponential(value.value)
        return value._map(found, found)

    # min(a, b) = (a + b - |a - b|)/2 would lose the sign of slopes: choose where the order is known
    def minimum(a: Any, b: Any) -> _Dual:
        a, b = dual(a), dual(b)
        if numbers.least(b.value - a.value) >= 0:
            return a
        if numbers.least(a.value - b.value) >= 0:
            return b
        half = numbers.constant(Fraction(1, 2))
        value = (a.value + b.value - numbers.absolute(a.value - b.value)) * half
        if a.slopes is None or b.slopes is None:
            return _Dual(value, None)
        zero = numbers.constant(Fraction(0))
        return _Dual(value, tuple(numbers.hull(zero + x, zero + y) for x, y in zip(a.slopes, b.slopes, strict=True)))

    return Backend(
        constant=lambda value: _Dual(numbers.constant(value), (0,) * size),
        divide=divide,
        root=root,
        absolute=absolute,
        exponential=exponential,
        minimum=minimum,
        maximum=lambda a, b: -minimum(-dual(a), -dual(b)),
    )


class Difference:
    """F = rhs - lhs of a claim on boxes of the unit cube, in one kind of interval.

    Parameters
    ----------
    statement : Statement
    integers : mapping
        Values of the integers that are fixed.
    numbers : Numbers
    """

    def __init__(self, statement: Statement, integers: Mapping[Symbol, int], numbers: Numbers) -> None:
        self.statement, self.integers, self.numbers = statement, dict(integers), numbers
        self.real = [
            symbol
            for symbol, domain in statement.parameters.items()
            if symbol not in integers and not isinstance(domain, FiniteSet)
        ]
        self._backend = _backend(numbers, len(self.real))
        self._derived = {symbol: entry.expression(self.integers) for symbol, entry in statement.derived.items()}

    def on(self, box: Box) -> _Dual:
        """Its enclosure with slopes.

        Raises
        ------
        ZeroDivisionError
            If a denominator's enclosure contains zero.
        """
        values: dict[Symbol, Any] = dict(self.integers)
        position = 0
        for symbol, domain in self.statement.parameters.items():
            if symbol in self.integers:
                continue
            tau: Any = None
            if not isinstance(domain, FiniteSet):
                slopes = tuple(int(index == position) for index in range(len(self.real)))
                tau = _Dual(self.numbers.between(*box[position]), slopes)
                position += 1
            values[symbol] = on_unit_interval(domain, values, tau, self._backend)
        for symbol, expression in self._derived.items():
            values[symbol] = evaluate(expression, values, self._backend)
        lhs, rhs = (evaluate(side, values, self._backend) for side in (self.statement.lhs, self.statement.rhs))
        return self._backend.constant(Fraction(0)) + rhs - lhs

    def lowest(self, box: Box) -> tuple[Any, _Dual]:
        """The best lower bound on a box, and the enclosure that it started from.

        Raises
        ------
        ZeroDivisionError
            If a denominator's enclosure contains zero.
        """
        whole = self.on(box)
        best = self.numbers.least(whole.value)
        if best >= 0 or whole.slopes is None:
            return best, whole
        middle = tuple(((low + high) / 2,) * 2 for low, high in box)
        form = self.on(middle).value
        for slope, (low, high) in zip(whole.slopes, box, strict=True):
            half = (high - low) / 2
            form = form + slope * self.numbers.between(-half, half)
        best = max(best, self.numbers.least(form))
        face = self._face(box, whole.slopes)
        if best < 0 and face != box:
            best = max(best, self.lowest(face)[0])
        return best, whole

    def _face(self, box: Box, slopes: Sequence[Any]) -> Box:
        """The part of a box on which F is least, as far as slopes of one sign tell."""
        zero, found = self.numbers.constant(Fraction(0)), []
        for slope, (low, high) in zip(slopes, box, strict=True):
            if self.numbers.least(zero + slope) >= 0:
                found.append((low, low))
            elif self.numbers.least(zero - slope) >= 0:
                found.append((high, high))
            else:
                found.append((low, high))
        return tuple(found)


# --- branch and bound ---------------------------------------------------------------------------------------------------------


@dataclass
class Search:
    """What branch and bound settled.

    Attributes
    ----------
    trees : list of list of int
        Per value of the integers, the halvings in preorder: an axis, or :data:`HOLDS`.
    complete : bool
        Whether everything was settled.
    slack : float
        The least lower bound of rhs - lhs over the settled boxes.
    remainder : float
        Volume of what is left, as a part of the unit cube.
    where : str
        A point of it, in the claim's parameters.
    violated : bool
        Whether the claim was seen to be false at a point.
    boxes : int
        Boxes looked at.
    relaxed : bool
        Whether integers were treated as reals.
    """

    trees: list[list[int]] = field(default_factory=list)
    complete: bool = True
    slack: float = float("inf")
    remainder: float = 0.0
    where: str = ""
    violated: bool = False
    boxes: int = 0
    relaxed: bool = True


@dataclass
class _Node:
    box: Box
    axis: int = HOLDS
    children: tuple[int, int] | None = None


def search(statement: Statement, *, most: int = MOST_BOXES, deadline: float = float("inf")) -> Search:
    """Settle as much of the unit cube as possible.

    Parameters
    ----------
    statement : Statement
    most : int
        Boxes to look at.
    deadline : float
        Value of ``time.monotonic()`` after which to stop.

    Returns
    -------
    Search

    Raises
    ------
    Unprovable
        If the claim is an equality or an exponent takes infinitely many values.
    """
    if statement.relation == "==":
        raise Unprovable("an equality has no slack")
    found = Search()
    chosen = cells(statement, relaxed=True)
    numbers = balls()
    for integers in chosen:
        _branch(Difference(statement, integers, numbers), found, most // len(chosen) + 1, deadline)
        if found.violated:
            break
    found.remainder /= len(chosen)
    return found


def _branch(difference: Difference, found: Search, most: int, deadline: float) -> None:
    nodes = [_Node(((Fraction(0), Fraction(1)),) * len(difference.real))]
    lowest: list[tuple[float, int]] = []
    largest: list[tuple[float, int]] = []
    open_: set[int] = set()
    axes: dict[int, int] = {}

    def look(index: int) -> None:
        """Settle a node, or put it into both queues."""
        box = nodes[index].box
        found.boxes += 1
        try:
            bound, whole = difference.lowest(box)
            here = difference.on(tuple(((low + high) / 2,) * 2 for low, high in box))
            if not math.isfinite(float(bound)):
                raise ZeroDivisionError("the enclosure is unbounded")
        except ZeroDivisionError:
            bound, whole, here = None, None, None
        if bound is not None and bound >= 0:
            found.slack = min(found.slack, float(bound))
            return
        if here is not None and difference.numbers.least(-here.value) > 0:
            found.violated = True
        open_.add(index)
        axes[index] = _axis(box, whole)
        volume = 1.0
        for low, high in box:
            volume *= float(high - low)
        if bound is not None:
            heapq.heappush(lowest, (float(bound), index))
        heapq.heappush(largest, (-volume, index))

    look(0)
    steps = 1
    while open_ and not found.violated and steps < most and time.monotonic() < deadline:
        queue = lowest if steps % 2 and lowest else largest
        _, index = heapq.heappop(queue)
        if index not in open_ or not nodes[index].box:
            continue
        open_.remove(index)
        box, axis = nodes[index].box, axes.pop(index)
        low, high = box[axis]
        middle = (low + high) / 2
        nodes[index].axis, nodes[index].children = axis, (len(nodes), len(nodes) + 1)
        for part in ((low, middle), (middle, high)):
            nodes.append(_Node((*box[:axis], part, *box[axis + 1 :])))
            look(len(nodes) - 1)
        steps += 2
    if open_:
        found.complete = False
        for index in open_:
            volume = 1.0
            for low, high in nodes[index].box:
                volume *= float(high - low)
            found.remainder += volume
        worst = max(open_, key=lambda i: float(sum(high - low for low, high in nodes[i].box)))
        found.where = _point(difference, nodes[worst].box)
    found.trees.append(_preorder(nodes))


def _axis(box: Box, whole: _Dual | None) -> int:
    """Where halving helps most: the largest slope times width, or the widest side."""
    widths = [float(high - low) for low, high in box]
    if whole is not None and whole.slopes is not None:
        gains = [abs(float(abs(slope))) * width for slope, width in zip(whole.slopes, widths, strict=True)]
        if max(gains, default=0.0) > 0:
            return gains.index(max(gains))
    return widths.index(max(widths)) if widths else 0


def _preorder(nodes: list[_Node]) -> list[int]:
    tree, waiting = [], [0]
    while waiting:
        node = nodes[waiting.pop()]
        tree.append(node.axis)
        if node.children is not None:
            waiting += reversed(node.children)
    return tree


def _point(difference: Difference, box: Box) -> str:
    """The middle of a box in the claim's parameters."""
    values: dict[Symbol, Any] = dict(difference.integers)
    rational = _backend(intervals(), len(difference.real))
    for symbol, (low, high) in zip(difference.real, box, strict=True):
        tau = _Dual((low + high) / 2, (0,) * len(difference.real))
        domain = difference.statement.parameters[symbol]
        try:
            values[symbol] = on_unit_interval(domain, values, tau, rational)
        except (ZeroDivisionError, KeyError):
            return ""
    shown = [f"{s} = {float(sum(enclosure.ends(v.value)) / 2):.4g}" for s, v in values.items() if isinstance(v, _Dual)]
    return ", ".join([*(f"{s} = {v}" for s, v in difference.integers.items()), *shown])


def gather(claim: Claim, deadline: float = float("inf")) -> Finding:
    """Try to certify a claim.

    Parameters
    ----------
    claim : Claim
    deadline : float
        Value of ``time.monotonic()`` after which to give up.

    Returns
    -------
    verify.certificates.Finding
    """
    try:
        statement = Statement.of(claim)
        found = search(statement, deadline=deadline)
    except (Unprovable, TypeError) as reason:
        return Finding(False, f"not certified: {reason}")
    if found.violated:
        return Finding(False, "not certified: balls show a violation")
    if not found.complete:
        near = f", near {found.where}" if found.where else ""
        settled = (
            f"balls settle {1 - found.remainder:.4%} of the unit cube and leave {found.remainder:.2g} of it undecided{near}"
        )
        return Finding(False, f"{settled} ({found.boxes} boxes)")
    detail = f"certified on all of the declared domain with balls: {found.boxes} boxes, slack {found.slack:.2g}"
    return Finding(True, detail, {"boxes": {"trees": found.trees, "slack": found.slack}}, statement)


def recheck(statement: Statement, proof: Mapping[str, Any]) -> str:
    """Evaluate every leaf of a certificate again, in rational intervals.

    Parameters
    ----------
    statement : Statement
    proof : mapping
        ``trees`` of a complete search.

    Returns
    -------
    str
        A line that says what was confirmed.

    Raises
    ------
    verify.certificates.Invalid
        If a leaf is not settled or the trees do not cover the cube.
    """
    if statement.relation == "==":
        raise Invalid("an equality cannot be certified by boxes")
    wanted, trees = cells(statement, relaxed=True), proof["trees"]
    if len(wanted) != len(trees):
        raise Invalid(f"{len(trees)} values of the integers are certified; there are {len(wanted)}")
    numbers, leaves = intervals(), 0
    for integers, tree in zip(wanted, trees, strict=True):
        difference = Difference(statement, integers, numbers)
        waiting: list[Box] = [((Fraction(0), Fraction(1)),) * len(difference.real)]
        for mark in tree:
            if not waiting:
                raise Invalid("a tree of halvings has more leaves than boxes")
            box = waiting.pop()
            if not isinstance(mark, int) or isinstance(mark, bool) or not HOLDS <= mark < len(box):
                raise Invalid(f"a tree of halvings has the mark {mark!r}")
            if mark == HOLDS:
                leaves += 1
                _settle(difference, box)
                continue
            low, high = box[mark]
            middle = (low + high) / 2
            waiting.append((*box[:mark], (middle, high), *box[mark + 1 :]))
            waiting.append((*box[:mark], (low, middle), *box[mark + 1 :]))
        if waiting:
            raise Invalid("a tree of halvings ends before every box has been settled")
    return f"boxes: confirmed in rational intervals ({leaves} boxes)"


def _settle(difference: Difference, box: Box) -> None:
    try:
        bound, _ = difference.lowest(box)
    except ZeroDivisionError:
        bound = Fraction(-1)
    if bound < 0:
        raise Invalid(f"the two sides are not in order on the box {' x '.join(f'[{low}, {high}]' for low, high in box)}")
