"""A bound that claims to be sharp attains or approaches equality on the instance it names, computed exactly by theory alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import pytest
import sympy
from sympy import Contains, Expr, Interval, Matrix, Rational, Symbol, diag, sympify

from theory import optima
from theory.bounds import claim, names
from theory.claim import Claim, Extremal, Measured
from theory.notation import N, alpha, beta, nu
from theory.rules import DRS, MAML, Prescribed, Rule
from theory.tasks import Discrete, SpectrumTied, Task


def _sharp_claims() -> Iterator[Claim]:
    for name in names():
        whole = claim(name)
        for part in (whole, *(step for step in whole.reductions if isinstance(step, Claim))):
            if part.sharp is not None:
                yield part


def _diagonal(value: Any) -> Matrix:
    return diag(*(value if isinstance(value, tuple) else (value,)))


class Instance:
    """The tasks and numbers of an extremal instance, and what the quantities mean on them."""

    def __init__(self, question: Claim, extremal: Extremal) -> None:
        self.parameters = dict(extremal.parameters)
        self.entries = extremal.tasks
        self.tasks: Any = None
        if extremal.tasks:
            self.tasks = Discrete(
                [
                    Task(entry["probability"], entry["optimum"], hessian=_diagonal(entry.get("curvature", entry.get("A"))))
                    for entry in extremal.tasks
                ]
            )
        elif question.tasks is not None:
            self.tasks = SpectrumTied(1, self.parameters[beta])

    def rule(self, given: Any) -> Rule:
        chosen = self.parameters[given] if isinstance(given, Symbol) else given
        if isinstance(chosen, Prescribed):
            return Prescribed(tuple(_diagonal(entry[chosen.weights]) for entry in self.entries))
        values = {item.name: getattr(chosen, item.name) for item in fields(chosen)}
        return replace(chosen, **{key: self.number(value) for key, value in values.items()})

    def number(self, value: Any) -> Any:
        numbers = {symbol: given for symbol, given in self.parameters.items() if not isinstance(given, Rule)}
        return value.subs(numbers, simultaneous=True) if isinstance(value, Expr) else value

    def measure(self, entry: Measured) -> Expr:
        arguments = dict(entry.arguments)
        rules = {key: self.rule(arguments.pop(key)) for key in ("rule", "trained", "deployed") if key in arguments}
        return sympify(getattr(self, entry.quantity)(**rules, **arguments))

    def modeling_error(self, trained: Rule, deployed: Rule) -> Expr:
        return optima.modeling_error(self.tasks, trained, deployed)

    def training_risk(self, rule: Rule) -> Expr:
        return optima.reducible_risk(self.tasks, rule, optima.optimum(self.tasks, rule), deployed=False)

    def transferred_risk(self, trained: Rule, deployed: Rule) -> Expr:
        return optima.reducible_risk(self.tasks, deployed, optima.optimum(self.tasks, trained))

    def minimal_risk(self, deployed: Rule) -> Expr:
        return optima.reducible_risk(self.tasks, deployed, optima.deployed_optimum(self.tasks, deployed))

    def distance(self, trained: Rule, deployed: Rule) -> Expr:
        return (optima.optimum(self.tasks, trained) - optima.deployed_optimum(self.tasks, deployed)).norm()

    def diameter(self) -> Expr:
        places = [Matrix([entry["optimum"]]) for entry in self.entries]
        return max((a - b).norm() for a in places for b in places)

    def condition_number(self, rule: Rule) -> Expr:
        spectrum = optima.mean_weight(self.tasks, rule).eigenvals()
        return max(spectrum) / min(spectrum)

    def weight_ratio(self, trained: Rule, deployed: Rule, end: str) -> Expr:
        curvatures = [value for entry in self.entries for value in _diagonal(entry["curvature"]).diagonal()]
        ratios = [deployed.deployment_weight(q) / trained.training_weight(q) for q in curvatures]
        return min(ratios) if end == "lower" else max(ratios)

    def optimum(self, rule: Rule) -> Expr:
        return optima.optimum(self.tasks, rule)[0, 0]


#: sharp claims about populations; what :class:`Instance` does not know is measured on samples and tested with the estimators
SHARP = [part for part in _sharp_claims() if all(hasattr(Instance, entry.quantity) for entry in part.measured.values())]


def test_sharp_claims_about_populations_are_among_those_tested() -> None:
    assert {part.name for part in SHARP} >= {
        "transfer_bound",
        "ratio_bound",
        "conditioning",
        "distance",
        "adaptation_never_hurts",
    }


def _sides(question: Claim, extremal: Extremal) -> tuple[Expr, Expr]:
    instance = Instance(question, extremal)
    values = {symbol: sympify(value) for symbol, value in extremal.parameters.items() if not isinstance(value, Rule)}
    values |= {symbol: instance.measure(entry) for symbol, entry in question.measured.items()}
    return question.lhs.subs(values, simultaneous=True), question.rhs.subs(values, simultaneous=True)


@pytest.mark.parametrize("question", SHARP, ids=lambda question: question.name)
def test_a_sharp_bound_is_met_on_its_extremal_instance(question: Claim) -> None:
    assert question.sharp is not None
    lhs, rhs = _sides(question, question.sharp)
    assert rhs > 0
    if question.sharp.attained:
        assert lhs == rhs
    else:
        assert Rational(999, 1000) * rhs <= lhs < rhs


@pytest.mark.parametrize("question", SHARP, ids=lambda question: question.name)
def test_an_extremal_instance_lies_in_the_declared_space(question: Claim) -> None:
    assert question.sharp is not None
    values: Mapping[Symbol, Any] = question.sharp.parameters
    assert set(values) == set(question.parameters)
    size = len(_diagonal(question.sharp.tasks[0]["probability"])) if question.sharp.tasks else 1
    for symbol, domain in question.parameters.items():
        if isinstance(domain, tuple):
            assert values[symbol] in domain
        else:
            numbers = {key: value for key, value in values.items() if not isinstance(value, Rule)}
            placed = domain.subs(numbers).subs(Symbol("p", integer=True, positive=True), size)
            assert Contains(sympify(values[symbol]), placed) == True, symbol  # noqa: E712
    if question.sharp.tasks:
        assert sum(entry["probability"] for entry in question.sharp.tasks) == 1
        assert question.tasks is not None
        optimum = question.sharp.tasks[0]["optimum"]
        assert (len(optimum) if isinstance(optimum, tuple) else 1) in question.tasks.dimension
        assert len(question.sharp.tasks) in question.tasks.number
    for entry in question.sharp.tasks:
        if "curvature" in entry:
            spectrum = Interval(values.get(nu, 0), values[beta])
            assert all(eigenvalue in spectrum for eigenvalue in _diagonal(entry["curvature"]).diagonal())


@pytest.mark.parametrize("steps", [2, 4, 6])
def test_the_distance_bound_fails_in_two_dimensions_by_any_factor(steps: int) -> None:
    """Two tasks with one weight A = G G' and B = G diag(u, l) G' or G diag(l, u) G': worse the worse G is conditioned."""
    factor = Matrix([[1, 1], [1, 0]]) ** steps  # Fibonacci numbers, determinant one
    first, second = (factor * diag(*ratios) * factor.T for ratios in ((4, 1), (1, 4)))
    tasks = Discrete([Task(Rational(1, 2), place, hessian=factor * factor.T) for place in ([0, 0], [1, 1])])
    moved = optima.optimum(tasks, Prescribed((factor * factor.T,) * 2)) - optima.optimum(tasks, Prescribed((first, second)))
    diameter, root_u, root_l = sympy.sqrt(2), 2, 1
    assert (root_u + root_l) * moved.norm() > steps * (root_u - root_l) * diameter


@pytest.mark.parametrize("inner_samples", [1, 2, 7])
@pytest.mark.parametrize("curvature", [(1, 1), (Rational(1, 20), 1)], ids=["steep", "flat"])
def test_sampled_adaptation_breaks_exactly_at_the_stated_rate(inner_samples: int, curvature: tuple[Any, ...]) -> None:
    """Common curvature, optima that differ along the first axis: the ratio of the least risks passes 1 at the limit."""
    domain = claim("adaptation_never_hurts_sampled").parameters[alpha]
    low = curvature[0]
    limit = domain.end.subs({beta: 1, nu: low, N: inner_samples, Symbol("p", integer=True, positive=True): 2})
    tasks = Discrete([Task(Rational(1, 2), [x, 0], eigenvalues=curvature) for x in (0, 1)])

    def least(rule: Rule) -> Expr:
        return optima.reducible_risk(tasks, rule, optima.deployed_optimum(tasks, rule))

    for factor, sign in ((Rational(99, 100), -1), (Rational(1), 0), (Rational(101, 100), 1)):
        difference = least(MAML(limit * factor, 1, inner_samples)) - least(DRS())
        assert sympy.sign(difference) == sign


def test_the_optima_of_eq_13_change_order_at_five_thirds() -> None:
    for rate, sign in ((Rational(83, 100), -1), (Rational(5, 6), 0), (Rational(84, 100), 1)):
        difference = optima.maml(SpectrumTied(1, 2), rate)[0, 0] - optima.drs(SpectrumTied(1, 2))[0, 0]
        assert sympy.sign(difference) == sign


def test_the_transfer_bound_is_approached_for_joint_training_without_a_lower_end() -> None:
    """nu = 0 and one step: curvature beta against a curvature that tends to 0 while its share of E[Q] is held."""
    rate, tiny = Rational(1, 2), Rational(1, 10**5)
    root_l = 1 - rate
    share = root_l / (1 + root_l)  # of the flat task in E[Q]
    flat = share / tiny / (share / tiny + 1 - share)
    tasks = Discrete([Task(flat, 0, hessian=tiny), Task(1 - flat, 1, hessian=1)])
    excess = optima.modeling_error(tasks, DRS(), MAML(rate))
    bound = rate**2 * optima.reducible_risk(tasks, DRS(), optima.drs(tasks))
    assert Rational(999, 1000) * bound < excess < bound
