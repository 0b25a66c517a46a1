"""What a claim about numbers says, and nothing else: the thing that is proved, certified, stored and checked again.

Examples
--------
>>> from theory.bounds import claim
>>> statement = Statement.of(claim("transfer_drs_maml/ratio"))
>>> [{str(symbol): value for symbol, value in cell.items()} for cell in cells(statement, relaxed=True)]
[{'k': 1}, {'k': 2}, {'k': 3}, {'k': 4}, {'k': 5}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from sympy import Basic, Expr, FiniteSet, Integer, Interval, Pow, Range, Symbol, preorder_traversal

from theory.claim import Claim
from verify.arithmetic.evaluate import Backend, evaluate
from verify.proofs.declared import fault
from verify.quantities import QUANTITIES, Quantity
from verify.quantities.formulas import Formula

#: cells (values of the integers) that are proved one by one at most
MOST_CELLS = 600


class Unprovable(ValueError):
    """A claim, or a part of it, that a method cannot treat; the message says why."""


@dataclass(frozen=True)
class Statement:
    """What a claim about numbers says, and nothing else: what is proved, stored and checked again.

    Parameters
    ----------
    name : str
    parameters : mapping
        Symbol to its domain, as in :class:`theory.claim.Claim`.
    lhs, rhs : sympy expression
    relation : {"<=", "=="}
    derived : mapping
        Symbol to :class:`~verify.quantities.formulas.Formula`.

    Raises
    ------
    Unprovable
        If a domain is empty, or a symbol is not what it is declared to be (:mod:`verify.proofs.declared`).
    """

    name: str
    parameters: Mapping[Symbol, Any]
    lhs: Expr
    relation: str
    rhs: Expr
    derived: Mapping[Symbol, Formula] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if said := fault(self.parameters, self.derived, (self.lhs, self.rhs)):
            raise Unprovable(said)

    @classmethod
    def of(cls, claim: Claim, quantities: Mapping[str, Quantity] = QUANTITIES) -> Statement:
        """The statement of a claim about numbers.

        Parameters
        ----------
        claim : Claim
        quantities : mapping
            What its symbols may be measured by, as the judge resolves names.

        Raises
        ------
        Unprovable
            If the claim is about tasks, is probabilistic, or measures something that theory has no formula for.
        """
        if claim.tasks is not None:
            raise Unprovable("it quantifies over task distributions")
        if claim.failure_probability is not None or claim.on_average:
            raise Unprovable("it is about something random")
        derived = {}
        for symbol, entry in claim.measured.items():
            formula = quantities[entry.quantity].formula if entry.quantity in quantities else None
            if formula is None:
                raise Unprovable(f"{symbol} is measured by {entry.quantity}, for which theory has no formula in the parameters")
            derived[symbol] = formula(**entry.arguments)
        return cls(claim.name, dict(claim.parameters), claim.lhs, claim.relation, claim.rhs, derived)

    def expressions(self) -> Iterator[Expr]:
        """Both sides and the ends of all domains."""
        yield from (self.lhs, self.rhs)
        for domain in self.parameters.values():
            if isinstance(domain, FiniteSet):
                yield from domain.args
            elif isinstance(domain, Interval):
                yield from domain.args[:2]

    def counts(self) -> set[Symbol]:
        """Parameters that are numbers one by one where they are integers: exponents, and fields of rules."""
        found: set[Basic] = set(self._lengths())
        for expression in self.expressions():
            for node in preorder_traversal(expression):
                if isinstance(node, Pow):
                    found |= node.exp.free_symbols
        return {symbol for symbol in self.parameters if symbol in found}

    def _lengths(self) -> set[Basic]:
        """Parameters that must be integers: lengths of loops, sizes of samples."""
        return set().union(*(entry.counts() for entry in self.derived.values()))

    def relaxable(self) -> bool:
        """Whether it has integers that may become reals: a proof for the reals is one for the integers, not conversely."""
        counts = self.counts()
        return any(isinstance(domain, Range) and symbol not in counts for symbol, domain in self.parameters.items())


#: a value of a parameter that has finitely many: an integer, or an expression in earlier symbols
Fixed = dict[Symbol, Any]


def cells(statement: Statement, relaxed: bool) -> list[Fixed]:
    """Values of the parameters that have finitely many, to be proved one by one.

    Parameters
    ----------
    statement : Statement
    relaxed : bool
        Whether integers that are no exponents become real parameters; a proof for the reals is one for the integers.

    Returns
    -------
    list of dict
        Symbol to an ``int``, or to an expression in earlier symbols where a set holds several.

    Raises
    ------
    Unprovable
        If there are infinitely or too many, or a parameter is chosen among things that are not numbers.
    """
    counts, lengths = statement.counts(), statement._lengths()
    choices: dict[Symbol, list[Any]] = {}
    total = 1
    for symbol, domain in statement.parameters.items():
        if isinstance(domain, tuple):
            raise Unprovable(f"{symbol} is chosen from {len(domain)} things that are not numbers")
        if isinstance(domain, FiniteSet):
            if symbol in lengths and not all(isinstance(value, Integer) for value in domain.args):
                raise Unprovable(f"{symbol} counts something and is no integer")
            if len(domain.args) == 1 and symbol not in counts:
                continue
            values = [int(value) if isinstance(value, Integer) else value for value in domain.args]
        elif not isinstance(domain, Range):
            if symbol in lengths:
                raise Unprovable(f"{symbol} counts something and is no integer")
            continue
        elif relaxed and symbol not in counts:
            continue
        elif domain.size.is_infinite:
            raise Unprovable(f"{symbol} takes infinitely many values, each of which would need its own proof")
        total *= int(domain.size) if isinstance(domain, Range) else len(values)
        if total > MOST_CELLS:
            raise Unprovable(f"its integers have more than {MOST_CELLS} values, each of which would need its own proof")
        choices[symbol] = [int(value) for value in domain] if isinstance(domain, Range) else values
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def fixed_value(value: Any, values: Mapping[Symbol, Any], backend: Backend) -> Any:
    """A parameter's value in a cell, in the numbers of a backend; an ``int`` stays one.

    Parameters
    ----------
    value : int or sympy expression
        From :func:`cells`.
    values : mapping
        Earlier symbols' values.
    backend : Backend
    """
    return value if isinstance(value, int) else evaluate(value, values, backend)
