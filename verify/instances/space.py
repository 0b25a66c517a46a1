"""Instances of a claim's space as vectors of integers: one codec for sampling, searching, shrinking and replay.

A *cell* fixes what gives an instance its shape: the sizes of its family, every integer parameter and every choice, and the
resolution ``bits``.  Within a cell an instance is a vector of integers in ``[0, 2**bits]``, the *codes*.  One decoder
turns codes into numbers by field operations alone, so the same lines make a batch of float arrays and one exact rational
instance.  Every vector of codes is valid: domains are mapped onto, never filtered.  The zero vector is the simplest instance.

The first codes are the real parameters'.  Theirs may exceed ``2**bits``: such a code names a place that the claim's own text
tells (:mod:`verify.instances.telling`), or one right beside it.

Examples
--------
>>> from theory.bounds import claim
>>> space = Space(claim("distance"))
>>> cell = space.smallest_cell()
>>> space.exact(cell, [0] * space.length(cell)).tasks.probabilities[0, 0]
Fraction(1, 1)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import islice, product
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import FiniteSet, Interval, Pow, Range, Symbol, exp, preorder_traversal, sympify

from theory.claim import Claim, NoValue
from verify.arithmetic.enclosure import Enclosure
from verify.arithmetic.evaluate import EXACT, FLOATS, Backend, evaluate
from verify.instances import draws, telling
from verify.instances.batch import BITS, FINEST, Batch, Cell
from verify.instances.codes import WHOLE_BITS, Array, Codes, Values
from verify.instances.domains import below, point, told
from verify.instances.families import FAMILIES
from verify.instances.family import Family

#: how far beside a telling place to look, relative to it
_BESIDE = (0, *(sign * 2.0**-order for order in (10, 24, 40) for sign in (1, -1)))
#: share of the codes of real parameters that name a telling place
_TELLING = 0.15
#: largest integers that are drawn: any, one that is an exponent, and one that may be the length of a loop
_MOST, _MOST_EXPONENT, _MOST_MEASURED = 1 << 41, 1 << 14, 64
#: cells of a bounded shape up to which a claim about numbers is looked at in each of them
_EVERY = 256


def require_claim(claim: Any) -> None:
    """Raise a TypeError where something else than a claim is to be judged."""
    if not isinstance(claim, Claim):
        raise TypeError(f"claim is {claim!r}; it must be a theory.claim.Claim, such as theory.bounds.claim('distance')")


class Space:
    """The instances that a claim quantifies over.

    Parameters
    ----------
    claim : Claim
        Its ``parameters`` and ``tasks`` are read.
    families : mapping, optional
        Families by name; the project's own by default.

    Raises
    ------
    ValueError
        If a domain is of no known kind, one uses a parameter that is not declared before it, or the family of its tasks is
        unknown or needs a parameter that is not declared.
    TypeError
        If `claim` is something else.
    """

    def __init__(self, claim: Claim, families: Mapping[str, Family] = FAMILIES) -> None:
        require_claim(claim)
        self.claim = claim
        self.family = _family(claim, families)
        self.shapes: dict[Symbol, Sequence[Any]] = {}
        self._lengths: dict[Cell, int] = {}
        if claim.tasks is not None and self.family is not None:
            self.shapes |= {**self.family.sizes, **claim.tasks.sizes}
        for symbol, domain in claim.parameters.items():
            if isinstance(domain, Range | tuple):
                self.shapes[symbol] = domain
            elif isinstance(domain, FiniteSet) and len(domain.args) > 1:
                self.shapes[symbol] = tuple(sorted(domain.args, key=str))
            elif not isinstance(domain, Interval | FiniteSet):
                raise ValueError(
                    f"the domain of {symbol} in claim {claim.name} is {domain!r}; it must be an Interval, a Range, a tuple or "
                    "a FiniteSet"
                )
        self.real = [symbol for symbol, domain in claim.parameters.items() if isinstance(domain, Interval)]
        self._check_symbols()

    def _check_symbols(self) -> None:
        known = set(self.shapes) - set(self.claim.parameters)
        for symbol, domain in self.claim.parameters.items():
            early: set[Any] = getattr(domain, "free_symbols", set()) - known
            if early:
                names = ", ".join(sorted(map(str, early)))
                raise ValueError(
                    f"the domain of {symbol} in claim {self.claim.name} uses {names}; it may use only "
                    "parameters declared before it"
                )
            known.add(symbol)
        missing = set() if self.family is None else set(self.family.needs) - known
        if missing and self.family is not None:
            names = ", ".join(sorted(map(str, missing)))
            raise ValueError(
                f"claim {self.claim.name} declares no {names}; tasks of the law {self.family.name!r} need it as a parameter"
            )

    # --- cells ----------------------------------------------------------------------------------------------------------------

    def admitted(self, symbol: Symbol, most: int) -> list[Any]:
        """The first values of an integer parameter, a size or a choice."""
        return [int(value) if isinstance(self.shapes[symbol], Range) else value for value in islice(self.shapes[symbol], most)]

    def smallest_cell(self, bits: int = BITS) -> Cell:
        """The cell of least size."""
        return Cell(tuple((symbol, self.admitted(symbol, 1)[0]) for symbol in self.shapes), bits)

    def cells(self, bits: int = BITS, most: int = 8) -> list[Cell]:
        """Cells from small to large; of each integer the `most` smallest values."""
        choices = product(*(self.admitted(symbol, most) for symbol in self.shapes))
        cells = [Cell(tuple(zip(self.shapes, choice, strict=True)), bits) for choice in choices]
        return sorted(cells, key=Cell.size)

    def every_cell(self) -> list[Cell]:
        """All cells at the finest resolution, where they are few and nothing has to be measured; otherwise none."""
        bounded = (not isinstance(domain, Range) or domain.is_finite_set for domain in self.shapes.values())
        if not all(bounded):
            return []
        sizes = [len(domain) for domain in self.shapes.values()]
        if self.claim.measured or not sizes or prod(sizes) > _EVERY:
            return []
        return self.cells(FINEST, most=_EVERY)

    def telling_cells(self, rng: np.random.Generator) -> Iterator[Cell]:
        """Cells at the finest resolution with each value of an integer parameter at which the claim's text says to look, or
        that is a neighbour of a power of two.

        None where something has to be measured: there large integers are long loops.
        """
        for symbol, domain in self.claim.parameters.items():
            if not isinstance(domain, Range) or self.claim.measured:
                continue
            known = self._integers[symbol]
            last = [int(domain[-1])] if domain.is_finite_set else []
            values = dict.fromkeys([*last, *telling.whole_places(self.claim, symbol, domain), *known])
            for value in [value for value in values if value <= max(known, default=0)][:_EVERY]:
                cell = self.random_cell(rng, FINEST)
                yield replace(cell, shape=tuple((other, value if other == symbol else given) for other, given in cell.shape))

    def random_cell(self, rng: np.random.Generator, bits: int | None = None) -> Cell:
        """A cell in which small integers are likelier than large ones and choices are equally likely.

        Without `bits` some cells are finer than others, and some wide.
        """
        shape = tuple((symbol, self._random(symbol, domain, rng)) for symbol, domain in self.shapes.items())
        if bits is not None:
            return Cell(shape, bits)
        wide = bool(rng.random() < 0.25)
        # numbers alone cost nothing at any resolution; exact matrices do
        fine = FINEST if not self.claim.measured else 2 * BITS
        return Cell(shape, fine if wide or rng.random() < (0.25 if self.claim.measured else 0.6) else BITS, wide)

    def _random(self, symbol: Symbol, domain: Sequence[Any], rng: np.random.Generator) -> Any:
        if not isinstance(domain, Range):
            return domain[int(rng.integers(len(domain)))]
        first = self.admitted(symbol, 32)
        small = first[min(int(rng.geometric(0.35)) - 1, len(first) - 1)]
        if symbol not in self.claim.parameters or rng.random() < 0.6:
            return small
        values = self._integers[symbol]
        return values[int(rng.integers(len(values)))] if values else small

    @cached_property
    def _integers(self) -> dict[Symbol, list[int]]:
        """Telling values of integer parameters, neighbours of powers of two, and the ends of bounded ranges."""
        exponents: set[Any] = set()
        for side in (self.claim.lhs, self.claim.rhs):
            for node in preorder_traversal(side):
                if isinstance(node, Pow | exp):
                    exponents |= node.exp.free_symbols
        found = {}
        for symbol, domain in self.claim.parameters.items():
            if not isinstance(domain, Range):
                continue
            most = _MOST_MEASURED if self.claim.measured else _MOST_EXPONENT if symbol in exponents else _MOST
            values = set(telling.whole_places(self.claim, symbol, domain))
            values |= {2**order + step for order in range(1, _MOST.bit_length()) for step in (-1, 0, 1)}
            if domain.is_finite_set:
                values |= {int(domain[-1]), int(domain[len(domain) // 2])}
            found[symbol] = sorted(value for value in values if value in domain and value <= most)
        return found

    def small_cells(self) -> list[Cell]:
        """Cells from small to large with two tasks or more: all rules have the same optimum on a single one."""
        from theory.notation import n

        cells = self.cells(most=3)
        return [cell for cell in cells if dict(cell.shape).get(n, 2) > 1] or cells

    def mixed_cells(self, count: int, rng: np.random.Generator) -> Iterator[Cell]:
        """Cells to look into: every other one of the smallest shapes, where sharp bounds live, the rest random."""
        shapes: dict[tuple[int, ...], list[Cell]] = {}
        for cell in self.small_cells():
            integers = tuple(value for _, value in cell.shape if isinstance(value, int))
            shapes.setdefault(integers, []).append(cell)
        small = iter(shapes.values())
        for position in range(count):
            choices = next(small, None) if position % 2 == 0 else None
            if choices is None:
                yield self.random_cell(rng)
            else:
                chosen = choices[rng.integers(len(choices))]
                yield chosen if self.claim.measured else replace(chosen, bits=FINEST)

    # --- codes ----------------------------------------------------------------------------------------------------------------

    def length(self, cell: Cell) -> int:
        """How many codes an instance of the cell has."""
        if cell not in self._lengths:
            codes = Codes(np.zeros((1, 0), np.int64), cell.bits, exact=False, wide=cell.wide)
            self._decode(cell, codes)
            self._lengths[cell] = codes.used
        return self._lengths[cell]

    def patterns(self, cell: Cell, most: int) -> Array | None:
        """Codes of all instances of a cell that is made of whole numbers alone, if they are at most so many."""
        probe = Codes(np.zeros((1, 0), np.int64), cell.bits, exact=False, wide=cell.wide)
        self._decode(cell, probe)
        sizes = [top + 1 for _, count, top in probe.whole for _ in range(count)]
        if len(sizes) != probe.used or not sizes or prod(sizes) > most:
            return None
        kept = min(cell.bits, WHOLE_BITS)
        # the least code of every value, which `Codes.integers` maps onto it
        blocks = [[-(-(value << kept) // size) << cell.bits - kept for value in range(size)] for size in sizes]
        return np.array(list(product(*blocks)), dtype=np.int64)

    def floats(self, cell: Cell, codes: Array) -> Batch:
        """The instances of a batch of code vectors, (batch, length), in doubles."""
        with np.errstate(all="ignore"):  # what overflows is decided in exact numbers
            return self._decode(cell, Codes(np.asarray(codes), cell.bits, exact=False, wide=cell.wide))

    def exact(self, cell: Cell, codes: Sequence[int] | Array) -> Batch:
        """The instance of one code vector in rationals."""
        return self._decode(cell, Codes(np.asarray(codes, dtype=np.int64)[None], cell.bits, exact=True, wide=cell.wide))

    def _decode(self, cell: Cell, codes: Codes) -> Batch:
        values: Values = dict(cell.shape)
        backend, top = EXACT if codes.exact else FLOATS, 1 << cell.bits
        places = codes.codes[:, : len(self.real)] - top - 1
        if places.size and (places >= 0).any():
            codes.codes = codes.codes.copy()
            codes.codes[:, : len(self.real)][places >= 0] = 0
        outside, unknown = np.zeros(len(codes), dtype=bool), np.zeros(len(codes), dtype=bool)
        for symbol, domain in self.claim.parameters.items():
            if isinstance(domain, Interval):
                position, moves = self._placed[symbol]
                low, high = (told(end, values, codes, (outside, unknown)) for end in (domain.start, domain.end))
                value = point(domain, low, high, codes)
                if position < places.shape[1] and (places[:, position] >= 0).any():
                    value = self._beside(symbol, (domain, low, high), value, places[:, position, None], values, backend)
                values[symbol] = value
                if moves and low is not None and high is not None:
                    ordered = below(low, high, strictly=bool(domain.left_open or domain.right_open))
                    outside |= ~np.broadcast_to(ordered, (len(codes), 1))[:, 0] & ~unknown
            elif isinstance(domain, FiniteSet):
                chosen = told(sympify(values.get(symbol, domain.args[0])), values, codes, (outside, unknown))
                # one number for all instances, which families and quantities take one by one
                chosen = Fraction(chosen) if codes.exact and isinstance(chosen, int) else chosen
                values[symbol] = np.full((len(codes), 1), chosen, dtype=object if codes.exact else float)
        tasks = None if self.family is None else self.family.decode(codes, values)
        if self.family is not None and self.family.empty is not None:
            outside |= np.broadcast_to(np.asarray(self.family.empty(values), dtype=bool), (len(codes), 1))[:, 0]
        return Batch(cell, values, tasks, outside if outside.any() else None, unknown if unknown.any() else None)

    @cached_property
    def _placed(self) -> dict[Symbol, tuple[int, bool]]:
        """Of each real parameter its position among them, and whether its domain's ends depend on others."""
        return {symbol: (place, bool(self.claim.parameters[symbol].free_symbols)) for place, symbol in enumerate(self.real)}

    @cached_property
    def _places(self) -> dict[Symbol, list[Any]]:
        return telling.places(self.claim)

    def _beside(
        self, symbol: Symbol, bounds: tuple[Interval, Any, Any], value: Array, places: Array, values: Values, backend: Backend
    ) -> Array:
        """Put telling places, or what is right beside them, in place of values, where they lie in the domain."""
        domain, low, high = bounds
        kind: Any = object if backend is EXACT else float
        steps = np.array([backend.constant(Fraction(step)) for step in _BESIDE], dtype=kind)
        one = backend.constant(Fraction(1))
        known = self._places[symbol]
        place, step = np.divmod(places, len(_BESIDE))
        place[(places < 0) | (place >= len(known))] = -1
        candidate = np.array(value, dtype=kind)
        for number in np.unique(place[place >= 0]):
            chosen = place == number
            try:
                found = np.broadcast_to(np.asarray(evaluate(known[number], values, backend), dtype=kind), chosen.shape)[chosen]
            except (ArithmeticError, NoValue):  # it has no value here
                continue
            if any(isinstance(entry, Enclosure) for entry in found):
                continue
            candidate[chosen] = found + np.where(found == 0, one, found) * steps[step[chosen]]
        inside = place >= 0
        if low is not None:
            inside &= below(low, candidate, strictly=bool(domain.left_open))
        if high is not None:
            inside &= below(candidate, high, strictly=bool(domain.right_open))
        return np.where(inside, candidate, value)

    def random_codes(self, cell: Cell, count: int, rng: np.random.Generator) -> Array:
        """Codes of `count` instances, as :func:`verify.instances.draws.draw` mixes them, some of them telling places."""
        codes = np.empty((count, self.length(cell)), np.int64)
        draws.fill(int(rng.integers(2**62)), 0, cell.bits, codes)
        for position, most in enumerate(self._extras(cell)):
            chosen = np.flatnonzero(rng.random(count) < _TELLING) if most else np.zeros(0, int)
            codes[chosen, position] = (1 << cell.bits) + 1 + rng.integers(most, size=len(chosen)) if most else 0
        return codes

    def told(self, cell: Cell, number: int) -> tuple[int, ...]:
        """Codes of the instance whose real parameters are each at its place of that number, the last if it has fewer."""
        first, known = (1 << cell.bits) + 1, [self._places[symbol] for symbol in self.real]
        codes = [first + len(_BESIDE) * min(number, len(places) - 1) if places else 0 for places in known]
        return (*codes, *[0] * (self.length(cell) - len(codes)))

    def _extras(self, cell: Cell) -> list[int]:
        """How many codes beyond the largest every real parameter has."""
        return [len(_BESIDE) * len(self._places[symbol]) for symbol in self.real]

    def strategy(self, most: int = 8) -> st.SearchStrategy[tuple[Cell, tuple[int, ...]]]:
        """Hypothesis' way to draw an instance: a cell and its codes, shrinking to the smallest cell and zero codes.

        Parameters
        ----------
        most : int
            Of each integer the `most` smallest values are drawn.
        """
        return _instances(self, most)


def _family(claim: Claim, families: Mapping[str, Family]) -> Family | None:
    """The family that a claim's tasks name."""
    if claim.tasks is None:
        return None
    if claim.tasks.family not in families:
        raise ValueError(
            f"claim {claim.name} is about the family {claim.tasks.family!r}; it must be one of {', '.join(sorted(families))}, "
            "or be brought by the claim's file in FAMILIES"
        )
    found = families[claim.tasks.family]
    if unknown := set(claim.tasks.sizes) - set(found.sizes):
        names, own = (", ".join(sorted(map(str, each))) for each in (unknown, found.sizes))
        raise ValueError(f"claim {claim.name} gives the family {found.name!r} the size {names}; its sizes are {own}")
    # decoders of the project's families take sizes beyond those that they are judged for by default
    for symbol, domain in claim.tasks.sizes.items() if FAMILIES.get(found.name) is not found else ():
        admitted = found.sizes[symbol]
        if isinstance(domain, Range) and isinstance(admitted, Range) and not domain.is_subset(admitted):
            raise ValueError(
                f"claim {claim.name} gives the family {found.name!r} the size {symbol} in {domain}; it must lie in the "
                f"family's, {admitted}"
            )
    return found


@st.composite
def _instances(draw: st.DrawFn, space: Space, most: int) -> tuple[Cell, tuple[int, ...]]:
    shape = tuple((symbol, draw(st.sampled_from(space.admitted(symbol, most)))) for symbol in space.shapes)
    cell = Cell(shape, draw(st.sampled_from((2, 4, BITS))), draw(st.sampled_from((False, False, True))))
    steps, length = 1 << cell.bits, space.length(cell)
    anywhere = st.integers(0, steps)
    pool = draw(st.lists(anywhere, max_size=2))
    near = [min(steps, code + 1) for code in pool]
    entry = st.one_of(st.sampled_from([0, *pool, *near, steps]), anywhere)
    codes = draw(st.lists(entry, min_size=length, max_size=length))
    for position, extra in enumerate(space._extras(cell)):
        if extra and draw(st.integers(0, 3)) == 3:
            codes[position] = steps + 1 + draw(st.integers(0, extra - 1))
    return cell, tuple(codes)
