r"""The table of rules that claims range over: which rules, which of them for training and for deployment, at which numbers.

A line of :data:`TABLE` has a rule, the residual polynomial r of its inner loop and its training weight w, written as in the
literature; what the rule's user pays has the deployment weight :math:`q\,r(q)^2`.  :func:`weights_as_tabulated` claims that
this is what the executed rules do.

A claim about any two rules of the table offers :data:`TRAINED` and :data:`DEPLOYED` as choices and ranges over :data:`RANGES`,
where every weight is positive on :math:`(0,\beta]`:

>>> [type(rule).__name__ for rule in TRAINED if rule not in DEPLOYED]
['FirstOrderMAML', 'Reptile']
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sympy import Expr, Integer, Interval, Range, Symbol, exp, oo

from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import alpha, beta, deployed, k, lam, q, t, trained, weight, written
from theory.rules import DRS, MAML, FirstOrderMAML, GradientFlow, ImplicitMAML, Reptile, Rule


class Line(NamedTuple):
    """A line of the table.

    Attributes
    ----------
    rule : Rule
    residual, training : sympy expressions in q
        r and w.
    """

    rule: Rule
    residual: Expr
    training: Expr

    @property
    def deployment(self) -> Expr:
        """What the rule's user pays: q r(q)^2.

        Examples
        --------
        >>> TABLE["gradient_flow"].deployment
        q*exp(-2*q*t)
        """
        return q * self.residual**2


_STEPS = (1 - alpha * q) ** k
#: the lines by the names of the reductions of `theory.bounds.adapted_risk` and `theory.bounds.stationarity`
TABLE: Mapping[str, Line] = {
    "drs": Line(DRS(), Integer(1), q),
    "maml": Line(MAML(alpha, k), _STEPS, q * _STEPS**2),
    "first_order_maml": Line(FirstOrderMAML(alpha, k), _STEPS, q * _STEPS),
    "reptile": Line(Reptile(alpha, k), _STEPS, 1 - _STEPS),
    "implicit_maml": Line(ImplicitMAML(lam), lam / (lam + q), q * (lam / (lam + q)) ** 2),
    "gradient_flow": Line(GradientFlow(t), exp(-t * q), q * exp(-2 * t * q)),
    "negative_rate": Line(MAML(-alpha, k), (1 + alpha * q) ** k, q * (1 + alpha * q) ** (2 * k)),
}
RULES: Mapping[str, Rule] = {name: line.rule for name, line in TABLE.items()}
#: what a user can pay for: first-order MAML and Reptile adapt, and so are deployed, as MAML does
DEPLOYED: tuple[Rule, ...] = tuple(RULES[name] for name in ("drs", "maml", "implicit_maml", "gradient_flow", "negative_rate"))
#: what a model can be trained with
TRAINED: tuple[Rule, ...] = (*DEPLOYED, RULES["first_order_maml"], RULES["reptile"])
#: the numbers of the rules and the top of the spectrum; rates at which every weight is positive
RANGES: Mapping[Symbol, Any] = {
    beta: Interval.open(0, oo),
    alpha: Interval.open(0, 1 / beta),
    k: Range(1, 6),
    lam: Interval.open(0, oo),
    t: Interval(0, oo),
}
#: the same for a claim about every pair of rules
PAIRS: Mapping[Symbol, Any] = {**RANGES, trained: TRAINED, deployed: DEPLOYED}


def weights_as_tabulated(owner: str, rates: Interval, deployed: bool) -> tuple[Claim, ...]:
    """The claims that the table's weights are what the executed rules do to a single curvature, one a line.

    Parameters
    ----------
    owner : str
        The claim whose reductions they are.
    rates : sympy.Interval
        Domain of alpha.
    deployed : bool
        Whether to take the deployment weights rather than the training weights.

    Examples
    --------
    >>> weights_as_tabulated("stationarity", RANGES[alpha], deployed=False)[0].title
    'The training weight of DRS is q'
    """
    kind = "deployment" if deployed else "training"
    formulas = {name: line.deployment if deployed else line.training for name, line in TABLE.items()}
    return tuple(
        Claim(
            name=f"{owner}/{name}",
            title=f"The {kind} weight of {type(RULES[name]).__name__} is {written(formula)}",
            parameters={**RANGES, alpha: rates, q: Interval(0, beta)},
            measured={weight: measured("weight_at", rule=RULES[name], curvature=q, deployed=deployed)},
            lhs=weight,
            relation="==",
            rhs=formula,
            source=Source("derived here"),
            false_sibling=FalseSibling("another power of the curvature", {"rhs": formula * q}),
        )
        for name, formula in formulas.items()
    )
