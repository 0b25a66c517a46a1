"""A decision in words, and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from verify.simulation.budget import Budget
from verify.simulation.decision import MOMENTS, Decision, Quantity

#: a decision is called clear if this share of the evidence agrees
CLEAR = 0.95


def told(decision: Decision, origin: str, budget: Budget, level: float) -> str:
    """The decision in words.

    Parameters
    ----------
    decision : verify.simulation.decision.Decision
    origin : str
        What it rests on.
    budget : verify.simulation.budget.Budget
    level : float
        Of the intervals.
    """
    estimated = not math.isnan(decision.gain.low)
    lines = [origin + (f"; intervals at {level:.0%}, by a bootstrap over tasks" if estimated else "")]
    width = max(map(len, MOMENTS))
    lines += [f"  {name:{width}}  {value}" for name, value in decision.moments.items()]
    lines += ["", f"budget: M = {budget.num_tasks} tasks of 2N = {2 * budget.samples} samples, rate {budget.alpha:g}"]
    lines += [f"  {f'{name}: deployed risk above the least':{width}}  {risk}" for name, risk in decision.risks.items()]
    if decision.lower == "neither":
        lines.append("neither method has the lower expected deployed risk: the two differ by rounding alone")
    else:
        doubt = decision.gain.low <= 0 <= decision.gain.high
        evidence = "of the bootstrap agrees" if estimated else "sure beyond the simulation's sampling error"
        # the interval makes up for few tasks, which the bootstrap itself does not know of
        clear = "; its interval holds 0: not clear" if doubt else "; not clear" if decision.sure < CLEAR else ""
        size = decision.gain if decision.gain.value > 0 else decision.gain.turned()
        lines.append(
            f"{decision.lower} has the lower expected deployed risk, by {size} ({decision.sure:.1%} {evidence}{clear})"
        )
        lines.append(f"it has the lower deployed risk in {decision.wins:.0%} of data sets")
    if not decision.finite:
        lines.append("at this M the mean risk of MAML's estimate may be infinite: trust the share of data sets instead")
    simulated, leading = (_threshold(flip) for flip in (decision.flip, decision.leading_flip))
    lines.append(f"MAML's risk is the lower from M = {simulated} on, to leading order from M = {leading} on")
    seen = [decision.flip.value, decision.flip.low, decision.flip.high]
    if math.inf in seen:
        lines.append(f"(never: not up to {decision.largest} tasks, the most that were simulated)")
    return "\n".join(lines)


def _threshold(flip: Quantity) -> str:
    """A number of tasks with its interval."""

    def word(value: float) -> str:
        return "never" if value == math.inf else f"{max(math.ceil(value), 1)}"

    return word(flip.value) + ("" if math.isnan(flip.low) else f" [{word(flip.low)}, {word(flip.high)}]")


def _finite(value: Any) -> Any:
    """JSON has no infinities: they become strings, and what does not exist null."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def as_json(decision: Decision) -> str:
    """The decision's fields as a JSON object."""
    return json.dumps(_finite(asdict(decision)), indent=2) + "\n"
