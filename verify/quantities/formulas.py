"""What proofs put in the place of a measured symbol: a value that theory derives as a formula in the claim's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Protocol

from sympy import Basic, Expr, Symbol

from theory.rules import Rule
from verify.arithmetic.evaluate import Backend, evaluate


class Formula(Protocol):
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
    whole = {symbol: value for symbol, value in integers if isinstance(value, int)}
    fixed = {name: value.subs(whole) for name, value in known.items() if isinstance(value, Basic)}
    rule = replace(rule, **fixed)
    return rule.deployment_weight(curvature) if deployed else rule.training_weight(curvature)


def counts(rule: Rule) -> set[Basic]:
    """Symbols of a rule that must be numbers: the length of its inner loop, the size of its samples."""
    found: set[Basic] = set()
    for name in ("steps", "inner_samples"):
        found |= getattr(getattr(rule, name, None), "free_symbols", set())
    return found
