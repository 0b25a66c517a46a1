r"""The table of rules that claims range over: which rules, which of them for training and for deployment, at which numbers.

A claim about any two rules of the table offers :data:`TRAINED` and :data:`DEPLOYED` as choices and ranges over :data:`RANGES`,
where every weight is positive on :math:`(0,\beta]`:

>>> [type(rule).__name__ for rule in TRAINED if rule not in DEPLOYED]
['FirstOrderMAML', 'Reptile']
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Interval, Range, Symbol, oo

from theory.notation import alpha, beta, deployed, k, lam, t, trained
from theory.rules import DRS, MAML, FirstOrderMAML, GradientFlow, ImplicitMAML, Reptile, Rule

#: the rules by the names of their reductions in `theory.bounds.adapted_risk` and `theory.bounds.stationarity`
RULES: Mapping[str, Rule] = {
    "drs": DRS(),
    "maml": MAML(alpha, k),
    "first_order_maml": FirstOrderMAML(alpha, k),
    "reptile": Reptile(alpha, k),
    "implicit_maml": ImplicitMAML(lam),
    "gradient_flow": GradientFlow(t),
    "negative_rate": MAML(-alpha, k),
}
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
