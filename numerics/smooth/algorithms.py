"""How a rule of adaptation is trained from samples: how often it asks its oracle, and which compiled loop runs it.

A gradient request of a task gets the mean of `calls` calls: 2N for joint training, which has one request, N for every
request of a rule that adapts, one per inner step and one outside.  One inner step then costs the 2N calls a task of joint
training, half of them inside; products with Hessians cost `samples` samples each, charged or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numerics.inputs import whole
from numerics.kernels import outer_steps
from numerics.losses import Losses
from numerics.rules import (
    MAML,
    FirstOrderMAML,
    GradientFlow,
    GradientSteps,
    HessianFreeMAML,
    Prescribed,
    Reptile,
    Rule,
)
from numerics.smooth.oracles import Oracle
from numerics.smooth.terms import Terms

#: inner loops, hypergradients and outer steps that the compiled loop mirrors
_INNER = {Rule.inner, GradientSteps.inner}
_EXACT = {Rule.adapted_gradient, MAML.adapted_gradient}
_OUTER = {
    Rule.outer_step: outer_steps.EXACT,
    FirstOrderMAML.outer_step: outer_steps.FIRST_ORDER,
    Reptile.outer_step: outer_steps.DISPLACEMENT,
    HessianFreeMAML.outer_step: outer_steps.DIFFERENCES,
}


@dataclass(frozen=True)
class Sampling:
    """An algorithm: a rule and what it asks of its oracle.

    Parameters
    ----------
    rule : Rule
        DRS, MAML, FirstOrderMAML, HessianFreeMAML, Reptile, ImplicitMAML, or your own, with scalar fields.
    oracle : Oracle
        What it is told.
    batch : int
        M, tasks per update.
    calls : int
        N.
    samples : int, optional
        D, Hessian samples per product; N if not given.
    doubled : bool
        Whether joint training gets 2N calls for its one request (the equal budget), not N.

    Raises
    ------
    ValueError, TypeError
        If a number is not whole and positive, or a field is of another kind.

    Examples
    --------
    >>> Sampling(MAML(0.1), calls=5).gradient_calls, Sampling(Rule(), calls=5).gradient_calls
    (10, 10)
    """

    rule: Rule
    oracle: Oracle = field(default_factory=Oracle)
    batch: int = 1
    calls: int = 1
    samples: int | None = None
    doubled: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.rule, Rule):
            raise TypeError(f"rule is a {type(self.rule).__name__}; it must be a Rule such as MAML(0.1)")
        if isinstance(self.rule, (Prescribed, GradientFlow)):
            raise TypeError(f"rule is a {type(self.rule).__name__}; it must adapt by gradient steps or proximally")
        if getattr(self.rule, "inner_samples", None) is not None:
            raise ValueError("rule has inner_samples; here the oracle says how many calls a request gets: leave them out")
        if not isinstance(self.oracle, Oracle):
            raise TypeError(f"oracle is a {type(self.oracle).__name__}; it must be an Oracle")
        for name in ("batch", "calls"):
            object.__setattr__(self, name, whole(name, getattr(self, name), 1))
        object.__setattr__(self, "samples", self.calls if self.samples is None else whole("samples", self.samples, 1))

    @property
    def adapts(self) -> bool:
        """Whether the rule asks for gradients inside."""
        return type(self.rule).inner is not Rule.inner

    @property
    def steps(self) -> int:
        """Inner requests for gradients."""
        if isinstance(self.rule, GradientSteps):
            return len(self.rule.schedule())
        return int(self.adapts)

    @property
    def request_calls(self) -> int:
        """Calls that one request for a gradient gets."""
        return self.calls * (2 if self.doubled and not self.adapts else 1)

    @property
    def gradient_calls(self) -> int:
        """Gradient calls a task and update."""
        if isinstance(self.rule, Reptile):
            return self.steps * self.request_calls
        products = self.steps * 2 * int(self.samples or 0) if isinstance(self.rule, HessianFreeMAML) else 0
        return (self.steps + 1) * self.request_calls + products

    @property
    def hessian_samples(self) -> int:
        """Hessian samples a task and update."""
        exact = isinstance(self.rule, GradientSteps) and not isinstance(self.rule, (FirstOrderMAML, Reptile, HessianFreeMAML))
        return self.steps * int(self.samples or 0) if exact else 0

    def cost(self, updates: Any, *, hessian_charge: float = 0.0) -> Any:
        """Gradient calls of a number of updates, a Hessian sample charged as so many gradient calls.

        Examples
        --------
        >>> Sampling(MAML(0.1), batch=2, calls=5).cost(10, hessian_charge=2)
        400
        """
        return updates * self.batch * (self.gradient_calls + hessian_charge * self.hessian_samples)

    def compiled(self, losses: Losses) -> outer_steps.Algorithm | None:
        """What the compiled loop runs for this algorithm on these risks; None if it has to be executed method by method."""
        kind = type(self.rule)
        outer = _OUTER.get(kind.outer_step)
        if not isinstance(losses, Terms) or outer is None or kind.inner not in _INNER or kind.adapted_gradient not in _EXACT:
            return None
        schedule = self.rule.schedule() if isinstance(self.rule, GradientSteps) else []
        if any(np.ndim(number) or np.iscomplexobj(number) for pair in schedule for number in pair):
            raise ValueError(f"rule is {self.rule!r}; an algorithm on samples needs real numbers as rates")
        if any(momentum for _, momentum in schedule):
            return None
        rates = np.array([float(rate) for rate, _ in schedule])
        spacing = float(getattr(self.rule, "spacing", 1.0))
        return outer_steps.Algorithm(outer, rates, spacing, self.request_calls, int(self.samples or 0), self.batch)
