"""Claims about tasks on small families: measured symbols in whatever numbers a backend has.

Quantities have a path in floats and one in exact numbers; this is a third, in the walker's backends, so that one formula serves
Arb's balls, rational intervals, and fields of rational functions.  Tasks come from :mod:`theory.families`.

Examples
--------
>>> statement = restricted("transfer_bound@two_directions")
>>> sorted(map(str, statement.derived))
['excess', 'risk_A']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Basic, Expr, Rational, Symbol

from theory import bounds
from theory.claim import Measured
from theory.families import FAMILIES, Family, FamilyTask, Spectrum
from theory.notation import q, tau2
from theory.rules import Prescribed, Rule
from verify.arithmetic.evaluate import Backend, evaluate
from verify.proofs.statement import Statement, Unprovable
from verify.quantities.formulas import counts, weight_formula

Matrix = list[list[Any]]
Vector = list[Any]


def restricted(name: str, slack: Fraction = Fraction(0)) -> Statement:
    """A claim about tasks on a family, as a statement about the family's parameters.

    Parameters
    ----------
    name : str
        A key of :data:`theory.families.FAMILIES`.
    slack : Fraction
        The right side is enlarged by this part of itself, because balls cannot see an equality.

    Raises
    ------
    KeyError
        If there is no such family.
    """
    if name not in FAMILIES:
        raise KeyError(f"family is {name!r}; it must be one of {', '.join(FAMILIES)}")
    family = FAMILIES[name]
    claim = bounds.claim(family.claim)
    rhs = claim.rhs * (1 + Rational(slack.numerator, slack.denominator))
    derived = {symbol: OnFamily(family, entry) for symbol, entry in claim.measured.items()}
    return Statement(name, dict(family.parameters), claim.lhs, claim.relation, rhs, derived)


@dataclass(frozen=True, eq=False)
class OnFamily:
    """A measured symbol of a claim on a family.

    Parameters
    ----------
    family : Family
    entry : Measured
    """

    family: Family
    entry: Measured

    def value(self, values: Mapping[Symbol, Any], integers: Mapping[Symbol, int], backend: Backend) -> Any:
        """Its value in the backend's numbers.

        Raises
        ------
        Unprovable
            If the quantity is none of :data:`QUANTITIES`.
        """
        if self.entry.quantity not in QUANTITIES:
            raise Unprovable(f"{self.entry.quantity} is not measured on families; {', '.join(QUANTITIES)} are")
        return QUANTITIES[self.entry.quantity](_Tasks(self.family, values, integers, backend), **self.entry.arguments)

    def expressions(self, integers: Mapping[Symbol, int]) -> list[Expr]:
        """None: its exponentials, if it has any, are not visible in a formula."""
        return []

    def counts(self) -> set[Basic]:
        """Symbols that must be numbers: lengths of inner loops."""
        rules = [entry for entry in self.entry.arguments.values() if isinstance(entry, Rule)]
        return set().union(*(counts(rule) for rule in rules))


class _Tasks:
    """A family's tasks in a backend's numbers, for given values of its parameters."""

    def __init__(self, family: Family, values: Mapping[Symbol, Any], integers: Mapping[Symbol, int], backend: Backend) -> None:
        self.values, self.integers, self.backend = values, integers, backend
        self.tasks = family.tasks
        self.probabilities = [self._number(task.probability) for task in family.tasks]
        self.optima = [[self._number(entry) for entry in task.optimum] for task in family.tasks]

    def _number(self, expression: Any) -> Any:
        found = evaluate(expression, self.values, self.backend)
        return self.backend.constant(Fraction(found)) if isinstance(found, int) else found

    def weights(self, rule: Rule, deployed: bool) -> list[Matrix]:
        """The rule's weight of every task."""
        return [self._weight(task, rule, deployed) for task in self.tasks]

    def _weight(self, task: FamilyTask, rule: Rule, deployed: bool) -> Matrix:
        if isinstance(rule, Prescribed):
            return [[self._number(entry) for entry in row] for row in task.weights[rule.weights].tolist()]
        if task.curvature is None:
            raise Unprovable("the family's tasks have no curvature")
        return self._spectral(task.curvature, weight_formula(rule, q, deployed, tuple(self.integers.items())))

    def _spectral(self, curvature: Spectrum, formula: Expr) -> Matrix:
        """A function of a curvature, along its eigenvectors."""
        spectrum, t = [self._number(entry) for entry in curvature.eigenvalues], self._number(curvature.tangent)
        trace = spectrum[0] * spectrum[0] + spectrum[1] * spectrum[1]
        first, second = (
            evaluate(formula, {**self.values, q: eigenvalue, tau2: trace}, self.backend) for eigenvalue in spectrum
        )
        norm = 1 + t * t
        cosine, sine = self.backend.divide(1 - t * t, norm), self.backend.divide(t + t, norm)
        across = cosine * sine * (first - second)
        return [
            [cosine * cosine * first + sine * sine * second, across],
            [across, sine * sine * first + cosine * cosine * second],
        ]

    def mean(self, weights: Sequence[Matrix]) -> Matrix:
        """E[w]."""
        size = range(len(weights[0]))
        shares = self.probabilities
        return [[_sum(share * w[i][j] for share, w in zip(shares, weights, strict=True)) for j in size] for i in size]

    def optimum(self, rule: Rule, deployed: bool) -> Vector:
        """E[w]^-1 E[w theta_gamma], by elimination without pivoting: E[w] is positive definite."""
        weights = self.weights(rule, deployed)
        pulled = [_times(w, theta) for w, theta in zip(weights, self.optima, strict=True)]
        right = [
            _sum(share * each[i] for share, each in zip(self.probabilities, pulled, strict=True)) for i in range(len(pulled[0]))
        ]
        return self._solved(self.mean(weights), right)

    def _solved(self, matrix: Matrix, right: Vector) -> Vector:
        rows = [[*row, entry] for row, entry in zip(matrix, right, strict=True)]
        for i, pivot in enumerate(rows):
            for row in rows[i + 1 :]:
                factor = self.backend.divide(row[i], pivot[i])
                row[i + 1 :] = [entry - factor * above for entry, above in zip(row[i + 1 :], pivot[i + 1 :], strict=True)]
        found: Vector = []
        for i, row in reversed(list(enumerate(rows))):
            known = _sum(a * b for a, b in zip(row[i + 1 : -1], found, strict=True)) if found else 0
            found.insert(0, self.backend.divide(row[-1] - known, row[i]))
        return found

    def risk(self, weights: Sequence[Matrix], theta: Vector) -> Any:
        """J_w at theta."""
        half = self.backend.constant(Fraction(1, 2))
        gaps = [[a - b for a, b in zip(theta, optimum, strict=True)] for optimum in self.optima]
        pairs = zip(self.probabilities, weights, gaps, strict=True)
        return half * _sum(share * _form(w, gap) for share, w, gap in pairs)


def _sum(terms: Any) -> Any:
    first, *rest = terms
    for term in rest:
        first = first + term
    return first


def _times(matrix: Matrix, vector: Vector) -> Vector:
    return [_sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _form(matrix: Matrix, vector: Vector) -> Any:
    return _sum(a * b for a, b in zip(vector, _times(matrix, vector), strict=True))


def _squared_distance(tasks: _Tasks, trained: Rule, deployed: Rule) -> Any:
    shift = [a - b for a, b in zip(tasks.optimum(trained, False), tasks.optimum(deployed, True), strict=True)]
    half = tasks.backend.constant(Fraction(1, 2))
    return half * _form(tasks.mean(tasks.weights(deployed, True)), shift)


def _training_risk(tasks: _Tasks, rule: Rule) -> Any:
    return tasks.risk(tasks.weights(rule, False), tasks.optimum(rule, False))


def _transferred_risk(tasks: _Tasks, trained: Rule, deployed: Rule) -> Any:
    return tasks.risk(tasks.weights(deployed, True), tasks.optimum(trained, False))


def _minimal_risk(tasks: _Tasks, deployed: Rule) -> Any:
    return tasks.risk(tasks.weights(deployed, True), tasks.optimum(deployed, True))


def _condition_number(tasks: _Tasks, rule: Rule, deployed: bool = False) -> Any:
    ((a, b), (_, d)) = tasks.mean(tasks.weights(rule, deployed))
    spread = tasks.backend.root((a - d) * (a - d) + 4 * (b * b))
    largest = a + d + spread
    # the product of the eigenvalues is the determinant: no difference of close numbers
    return tasks.backend.divide(largest * largest, 4 * (a * d - b * b))


#: quantities on families, by the name of the quantity that they are the third path of
QUANTITIES: Mapping[str, Callable[..., Any]] = {
    "modeling_error": _squared_distance,
    "half_squared_distance": _squared_distance,
    "training_risk": _training_risk,
    "transferred_risk": _transferred_risk,
    "minimal_risk": _minimal_risk,
    "condition_number": _condition_number,
}
