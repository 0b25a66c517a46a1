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
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from itertools import product
from typing import Any, Protocol

from sympy import Basic, Expr, FiniteSet, Interval, Pow, Range, Symbol, preorder_traversal

from theory.claim import Claim
from theory.rules import Rule
from verify.arithmetic.evaluate import Backend, evaluate

#: cells (values of the integers) that are proved one by one at most
MOST_CELLS = 600


class Unprovable(ValueError):
    """A claim, or a part of it, that a method cannot treat; the message says why."""


@dataclass(frozen=True)
class Derived:
    """A measured symbol that theory derives as a formula: the weight of a rule at a curvature.

    Parameters
    ----------
    rule : Rule
    curvature : sympy expression
    deployed : bool
        Deployment weight instead of training weight.
    """

    rule: Rule
    curvature: Expr
    deployed: bool = False

    def expression(self, integers: Mapping[Symbol, int]) -> Expr:
        """The weight as :mod:`theory.rules` derives it, the inner loop unrolled where its length is among `integers`."""
        return weight_formula(self.rule, self.curvature, self.deployed, tuple(integers.items()))

    def expressions(self, integers: Mapping[Symbol, int]) -> list[Expr]:
        """The formulas that its value is computed with."""
        return [self.expression(integers)]

    def value(self, values: Mapping[Symbol, Any], integers: Mapping[Symbol, int], backend: Backend) -> Any:
        """The weight in a backend's numbers."""
        return evaluate(self.expression(integers), values, backend)

    def counts(self) -> set[Basic]:
        """Symbols that must be numbers: lengths of inner loops, sizes of samples."""
        return counts(self.rule)


@lru_cache(maxsize=256)
def weight_formula(rule: Rule, curvature: Expr, deployed: bool, integers: tuple[tuple[Symbol, int], ...]) -> Expr:
    """A rule's weight at a curvature, with values for the integers among its fields' symbols.

    Examples
    --------
    >>> from theory.notation import alpha, k, q
    >>> from theory.rules import FirstOrderMAML
    >>> weight_formula(FirstOrderMAML(alpha, k), q, False, ((k, 2),))
    q*(-alpha*q + 1)**2
    """
    known = {entry.name: getattr(rule, entry.name) for entry in fields(rule)}
    fixed = {name: value.subs(dict(integers)) for name, value in known.items() if isinstance(value, Basic)}
    rule = replace(rule, **fixed)
    return rule.deployment_weight(curvature) if deployed else rule.training_weight(curvature)


def counts(rule: Rule) -> set[Basic]:
    """Symbols of a rule that must be numbers: the length of its inner loop, the size of its samples."""
    found: set[Basic] = set()
    for name in ("steps", "inner_samples"):
        found |= getattr(getattr(rule, name, None), "free_symbols", set())
    return found


class Quantity(Protocol):
    """A symbol's value as theory has it, in the numbers of any backend."""

    def expressions(self, integers: Mapping[Symbol, int]) -> list[Expr]:
        """The formulas that its value is computed with, for what must be known of them beforehand."""
        ...

    def value(self, values: Mapping[Symbol, Any], integers: Mapping[Symbol, int], backend: Backend) -> Any:
        """Its value for given values of the parameters."""
        ...

    def counts(self) -> set[Basic]:
        """Symbols that must be numbers."""
        ...


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
        Symbol to :class:`Quantity`.
    """

    name: str
    parameters: Mapping[Symbol, Any]
    lhs: Expr
    relation: str
    rhs: Expr
    derived: Mapping[Symbol, Quantity] = field(default_factory=dict)

    @classmethod
    def of(cls, claim: Claim) -> Statement:
        """The statement of a claim about numbers.

        Raises
        ------
        Unprovable
            If the claim is about tasks, is probabilistic, or measures something that theory has no formula for.
        """
        if claim.tasks is not None:
            raise Unprovable("it quantifies over task distributions")
        if claim.failure_probability is not None:
            raise Unprovable("it holds with a probability only")
        derived = {}
        for symbol, entry in claim.measured.items():
            rule = entry.arguments.get("rule")
            if entry.verb != "weight_at" or not isinstance(rule, Rule):
                raise Unprovable(f"{symbol} is measured by {entry.verb}, for which theory has no formula in the parameters")
            derived[symbol] = Derived(rule, entry.arguments["curvature"], entry.arguments.get("deployed", False))
        return cls(claim.name, dict(claim.parameters), claim.lhs, claim.relation, claim.rhs, derived)

    def expressions(self) -> Iterator[Expr]:
        """Both sides and the ends of all domains."""
        yield from (self.lhs, self.rhs)
        for domain in self.parameters.values():
            yield from domain.args[:2] if isinstance(domain, Interval | FiniteSet) else ()

    def counts(self) -> set[Symbol]:
        """Integer parameters that must be numbers: exponents, and fields of rules."""
        found: set[Basic] = set()
        for expression in self.expressions():
            for node in preorder_traversal(expression):
                if isinstance(node, Pow):
                    found |= node.exp.free_symbols
        for entry in self.derived.values():
            found |= entry.counts()
        return {symbol for symbol in self.parameters if symbol in found}

    def relaxable(self) -> bool:
        """Whether it has integers that may become reals: a proof for the reals is one for the integers, not conversely."""
        counts = self.counts()
        return any(isinstance(domain, Range) and symbol not in counts for symbol, domain in self.parameters.items())


def cells(statement: Statement, relaxed: bool) -> list[dict[Symbol, int]]:
    """Values of the integer parameters, to be proved one by one.

    Parameters
    ----------
    statement : Statement
    relaxed : bool
        Whether integers that are no exponents become real parameters; a proof for the reals is one for the integers.

    Raises
    ------
    Unprovable
        If there are infinitely or too many, or a parameter is chosen among things that are not numbers.
    """
    counts = statement.counts()
    choices: dict[Symbol, list[int]] = {}
    total = 1
    for symbol, domain in statement.parameters.items():
        if isinstance(domain, tuple):
            raise Unprovable(f"{symbol} is chosen from {len(domain)} things that are not numbers")
        if not isinstance(domain, Range):
            if symbol in counts:
                raise Unprovable(f"{symbol} is an exponent and no integer")
            continue
        if relaxed and symbol not in counts:
            continue
        if domain.stop.is_infinite:
            raise Unprovable(f"{symbol} takes infinitely many values, each of which would need its own proof")
        total *= len(domain)
        if total > MOST_CELLS:
            raise Unprovable(f"its integers have more than {MOST_CELLS} values, each of which would need its own proof")
        choices[symbol] = [int(value) for value in domain]
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
