"""Instances of a claim's space as vectors of integers: one codec for sampling, searching, shrinking and replay.

A *cell* fixes what gives an instance its shape: the dimension, the number of tasks, every integer parameter and every choice,
and the resolution ``bits``.  Within a cell an instance is a vector of integers in ``[0, 2**bits]``, the *codes*.  One decoder
turns codes into numbers by field operations alone, so the same lines make a batch of float arrays and one exact rational
instance.  Every vector of codes is valid: domains are mapped onto, never filtered.  The zero vector is the simplest instance.

Eigenvalues are rational points of [nu, beta], rotations products of plane rotations with rational half-angle tangents,
probabilities floating-point like (from 1 down to 2**-32 of each other), optima points of the unit cube (the claims are
translation and scale invariant in them).

Examples
--------
>>> from theory.bounds import claim
>>> space = Space(claim("distance"))
>>> cell = space.smallest_cell()
>>> space.exact(cell, [0] * space.length(cell)).tasks.probabilities[0, 0]
Fraction(1, 1)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice, product
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Expr, FiniteSet, Interval, Matrix, Range, Rational, Symbol, Tuple

from theory.claim import Claim
from theory.notation import n, p
from theory.rules import Prescribed, Rule
from theory.tasks import Discrete, SpectrumTied, Task
from verify.arithmetic.evaluate import EXACT, FLOATS, Backend, evaluate
from verify.instances import draws
from verify.instances.laws import LAWS, NEEDED, Array, Codes, TaskArrays, Values, congruence

#: resolution of sampling and search; the simplest counterexamples are looked for at lower ones
BITS = 16
#: what a verb says to a claim without tasks, or on a law without a finite form
NO_TASKS = "a verb needs a finite task distribution, and the claim's tasks have none; give the claim a finite law"


@dataclass(frozen=True)
class Cell:
    """What gives instances their shape.

    Parameters
    ----------
    shape : tuple of (Symbol, value)
        Integer parameters (the dimension p and the number of tasks n among them) and choices.
    bits : int
        Resolution: codes are integers in ``[0, 2**bits]``.
    """

    shape: tuple[tuple[Symbol, Any], ...]
    bits: int = BITS

    def __getitem__(self, symbol: Symbol) -> Any:
        return dict(self.shape)[symbol]

    def size(self) -> int:
        """Order of simplicity: the sum of the integers."""
        return sum(value for _, value in self.shape if isinstance(value, int))


@dataclass
class Batch:
    """Decoded instances of one cell: many in floats, as numerics takes them, or one in rationals, as theory does.

    Attributes
    ----------
    cell : Cell
        Their common shape.
    values : dict
        Parameter symbol to an array (batch, 1), or to an int or a chosen rule.
    tasks : TaskArrays or None
        Their finite task distributions, where there are such.
    """

    cell: Cell
    values: Values
    tasks: TaskArrays | None
    _memory: dict[Any, Any] = field(default_factory=dict)

    def remembered(self, key: Any, compute: Callable[[], Any]) -> Any:
        """What `compute` returns, computed once per batch: verbs share weights and optima."""
        if key not in self._memory:
            self._memory[key] = compute()
        return self._memory[key]

    @cached_property
    def hessians(self) -> Array:
        """Curvatures, (batch, n, p, p)."""
        if self.tasks is None:
            raise ValueError(NO_TASKS)
        return congruence(self.tasks.eigenvectors, self.tasks.eigenvalues)

    def number(self, expression: Any) -> Any:
        """An argument of a verb, an expression in the parameters, as an array (batch, 1) of floats or an int."""
        if isinstance(expression, tuple | Tuple):
            return tuple(map(self.number, expression))
        if isinstance(expression, Expr):
            return evaluate(expression, self.values, FLOATS)
        return expression

    def rational(self, expression: Any) -> Any:
        """An argument of a verb on an exact instance as a sympy rational or an int."""
        if isinstance(expression, tuple | Tuple):
            return tuple(map(self.rational, expression))
        if not isinstance(expression, Expr):
            return expression
        value = evaluate(expression, self.values, EXACT)
        value = value.ravel()[0] if isinstance(value, np.ndarray) else value
        return value if isinstance(value, int) else as_rational(value)

    def rule(self, rule: Rule | Symbol) -> Rule:
        """A rule among a verb's arguments: itself, or the one chosen for a symbol."""
        chosen: Rule = self.values[rule] if isinstance(rule, Symbol) else rule
        return chosen

    def exact_rule(self, rule: Rule | Symbol) -> Rule:
        """A rule with the exact instance's values for its symbols."""
        rule = self.rule(rule)
        if isinstance(rule, Prescribed):
            assert self.tasks is not None
            return Prescribed(tuple(as_matrix(weight) for weight in self.tasks.families[rule.weights][0]))
        return replace(rule, **{entry.name: self.rational(getattr(rule, entry.name)) for entry in fields(rule)})

    def distribution(self) -> Discrete | SpectrumTied:
        """The exact instance's task distribution in theory's form."""
        return self.remembered("distribution", self._distribution)

    def _distribution(self) -> Discrete | SpectrumTied:
        from theory.notation import beta

        arrays = self.tasks
        if arrays is None:
            if p not in dict(self.cell.shape):
                raise ValueError(NO_TASKS)
            return SpectrumTied(self.cell[p], self.rational(beta))
        return Discrete(
            [
                Task(
                    probability=as_rational(arrays.probabilities[0, i]),
                    optimum=as_matrix(arrays.optima[0, i][:, None]),
                    eigenvalues=tuple(map(as_rational, arrays.eigenvalues[0, i])),
                    eigenvectors=as_matrix(arrays.eigenvectors[0, i]),
                )
                for i in range(arrays.probabilities.shape[1])
            ]
        )


def instance(
    values: Mapping[Symbol, Any],
    *,
    probabilities: Sequence[Any] = (),
    optima: Sequence[Sequence[Any]] = (),
    eigenvalues: Sequence[Sequence[Any]] = (),
    eigenvectors: Sequence[Sequence[Sequence[Any]]] = (),
    families: Mapping[str, Any] | None = None,
) -> Batch:
    """One exact instance from its numbers, as :meth:`Space.exact` makes one from codes.

    Parameters
    ----------
    values : mapping
        Parameter symbol to a ``Fraction``, an int (for integer parameters) or a rule.
    probabilities : (n,) fractions
        Empty for a claim without finite tasks.
    optima, eigenvalues : (n, p) fractions
    eigenvectors : (n, p, p) fractions
        Orthonormal columns.
    families : mapping, optional
        Named weights, (n, p, p) fractions each.

    Raises
    ------
    TypeError
        If `values` is something else.

    Examples
    --------
    >>> from theory.notation import alpha
    >>> instance({alpha: Fraction(1, 2)}).values[alpha]
    array([[Fraction(1, 2)]], dtype=object)
    """
    if not isinstance(values, Mapping) or not all(isinstance(symbol, Symbol) for symbol in values):
        raise TypeError(
            f"values is {values!r}; it must map parameter symbols to numbers or rules, such as {{alpha: Fraction(1, 2)}}"
        )

    def exact(entries: Any) -> Array:
        return np.asarray(np.frompyfunc(Fraction, 1, 1)(np.array(entries, dtype=object)), dtype=object)[None]

    shape = tuple((symbol, value) for symbol, value in values.items() if not isinstance(value, Fraction))
    numbers = {
        symbol: np.array([[value]], dtype=object) if isinstance(value, Fraction) else value for symbol, value in values.items()
    }
    tasks = None
    if len(probabilities):
        tasks = TaskArrays(exact(probabilities), exact(optima), exact(eigenvalues), exact(eigenvectors))
        tasks.families = {name: exact(matrices) for name, matrices in (families or {}).items()}
    return Batch(Cell(shape), numbers, tasks)


def as_rational(value: Fraction) -> Rational:
    """A Fraction as sympy's number."""
    return Rational(value.numerator, value.denominator)


def as_matrix(entries: Array) -> Matrix:
    """A two-dimensional object array of Fractions as a sympy matrix."""
    return Matrix(*entries.shape, [as_rational(entry) for entry in entries.ravel()])


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

    Raises
    ------
    ValueError
        If a domain is not an ``Interval``, a ``Range`` or a tuple, one uses a parameter that is not declared before it, or the
        law of the tasks needs a parameter that is not declared.
    TypeError
        If `claim` is something else.
    """

    def __init__(self, claim: Claim) -> None:
        require_claim(claim)
        self.claim = claim
        self.shapes: dict[Symbol, Sequence[Any]] = {}
        self._lengths: dict[tuple[tuple[Symbol, Any], ...], int] = {}
        if claim.tasks is not None:
            self.shapes |= {p: claim.tasks.dimension, n: claim.tasks.number}
        for symbol, domain in claim.parameters.items():
            if isinstance(domain, Range | tuple):
                self.shapes[symbol] = domain
            elif not isinstance(domain, Interval | FiniteSet):
                raise ValueError(
                    f"the domain of {symbol} in claim {claim.name} is {domain!r}; it must be an Interval, a Range, a tuple or "
                    "a FiniteSet of one value"
                )
        self._check_symbols()

    def _check_symbols(self) -> None:
        known = set(self.shapes)
        for symbol, domain in self.claim.parameters.items():
            early: set[Any] = getattr(domain, "free_symbols", set()) - known
            if early:
                names = ", ".join(sorted(map(str, early)))
                raise ValueError(
                    f"the domain of {symbol} in claim {self.claim.name} uses {names}; it may use only "
                    "parameters declared before it"
                )
            known.add(symbol)
        missing = set() if self.claim.tasks is None else set(NEEDED.get(self.claim.tasks.law, ())) - known
        if missing:
            names = ", ".join(sorted(map(str, missing)))
            raise ValueError(
                f"claim {self.claim.name} declares no {names}; tasks of the law {self.claim.tasks.law!r} need it as a parameter"  # type: ignore[union-attr]
            )

    # --- cells ----------------------------------------------------------------------------------------------------------------

    def _admitted(self, symbol: Symbol, most: int) -> list[Any]:
        return [int(value) if isinstance(self.shapes[symbol], Range) else value for value in islice(self.shapes[symbol], most)]

    def smallest_cell(self, bits: int = BITS) -> Cell:
        """The cell of least size."""
        return Cell(tuple((symbol, self._admitted(symbol, 1)[0]) for symbol in self.shapes), bits)

    def cells(self, bits: int = BITS, most: int = 8) -> list[Cell]:
        """Cells from small to large; of each integer the `most` smallest values."""
        choices = product(*(self._admitted(symbol, most) for symbol in self.shapes))
        cells = [Cell(tuple(zip(self.shapes, choice, strict=True)), bits) for choice in choices]
        return sorted(cells, key=Cell.size)

    def random_cell(self, rng: np.random.Generator, bits: int = BITS) -> Cell:
        """A cell in which small integers are likelier than large ones and choices are equally likely."""
        shape = []
        for symbol, domain in self.shapes.items():
            admitted = self._admitted(symbol, 32)
            if isinstance(domain, Range):
                position = min(int(rng.geometric(0.35)) - 1, len(admitted) - 1)
            else:
                position = int(rng.integers(len(admitted)))
            shape.append((symbol, admitted[position]))
        return Cell(tuple(shape), bits)

    def small_cells(self) -> list[Cell]:
        """Cells from small to large with two tasks or more: all rules have the same optimum on a single one."""
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
            yield choices[rng.integers(len(choices))] if choices else self.random_cell(rng)

    # --- codes ----------------------------------------------------------------------------------------------------------------

    def length(self, cell: Cell) -> int:
        """How many codes an instance of the cell has."""
        if cell.shape not in self._lengths:
            codes = Codes(np.zeros((1, 0), np.int64), cell.bits, exact=False)
            self._decode(cell, codes)
            self._lengths[cell.shape] = codes.used
        return self._lengths[cell.shape]

    def floats(self, cell: Cell, codes: Array) -> Batch:
        """The instances of a batch of code vectors, (batch, length), in doubles."""
        return self._decode(cell, Codes(np.asarray(codes), cell.bits, exact=False))

    def exact(self, cell: Cell, codes: Sequence[int] | Array) -> Batch:
        """The instance of one code vector in rationals."""
        return self._decode(cell, Codes(np.asarray(codes, dtype=np.int64)[None], cell.bits, exact=True))

    def _decode(self, cell: Cell, codes: Codes) -> Batch:
        values: Values = dict(cell.shape)
        self.decode_parameters(values, codes, EXACT if codes.exact else FLOATS)
        for symbol, domain in self.claim.parameters.items():
            if isinstance(domain, FiniteSet):  # one number for all instances, which laws and verbs take one by one
                values[symbol] = np.full((len(codes), 1), values[symbol], dtype=object if codes.exact else float)
        tasks = None
        if self.claim.tasks is not None and self.claim.tasks.law in LAWS:
            tasks = LAWS[self.claim.tasks.law](codes, values, cell[n], cell[p])
        return Batch(cell, values, tasks)

    def decode_parameters(self, values: Values, codes: Codes, backend: Backend) -> None:
        """Add the real parameters to the integers and choices in `values`, in whatever kind of number `codes` hands out."""
        for symbol, domain in self.claim.parameters.items():
            if isinstance(domain, Interval | FiniteSet):
                values[symbol] = _point(domain, values, codes, backend)

    def random_codes(self, cell: Cell, count: int, rng: np.random.Generator) -> Array:
        """Codes of `count` instances, as :func:`verify.instances.draws.draw` mixes them."""
        codes = np.empty((count, self.length(cell)), np.int64)
        draws.fill(int(rng.integers(2**62)), 0, cell.bits, codes)
        return codes

    def strategy(self, most: int = 8) -> st.SearchStrategy[tuple[Cell, tuple[int, ...]]]:
        """Hypothesis' way to draw an instance: a cell and its codes, shrinking to the smallest cell and zero codes.

        Parameters
        ----------
        most : int
            Of each integer the `most` smallest values are drawn.
        """
        return _instances(self, most)


def _point(domain: Interval | FiniteSet, values: Values, codes: Codes, backend: Backend) -> Any:
    """A number of an interval whose ends may depend on the values already there; an unbounded one is cut 5 above its start."""
    if isinstance(domain, FiniteSet):
        return evaluate(domain.args[0], values, backend)
    start = evaluate(domain.start, values, backend)
    if domain.end.is_infinite:
        return start + (codes.positive(1) if domain.left_open else 5 * codes.unit(1))
    end = evaluate(domain.end, values, backend)
    fraction = codes.unit(1, left_open=bool(domain.left_open), right_open=bool(domain.right_open))
    return start + (end - start) * fraction


@st.composite
def _instances(draw: st.DrawFn, space: Space, most: int) -> tuple[Cell, tuple[int, ...]]:
    shape = tuple((symbol, draw(st.sampled_from(space._admitted(symbol, most)))) for symbol in space.shapes)
    cell = Cell(shape, draw(st.sampled_from((2, 4, BITS))))
    steps, length = 1 << cell.bits, space.length(cell)
    anywhere = st.integers(0, steps)
    pool = draw(st.lists(anywhere, max_size=2))
    near = [min(steps, code + 1) for code in pool]
    entry = st.one_of(st.sampled_from([0, *pool, *near, steps]), anywhere)
    return cell, tuple(draw(st.lists(entry, min_size=length, max_size=length)))
