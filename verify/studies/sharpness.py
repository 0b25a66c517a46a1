"""How tight a bound is: the worst ratio with its instance, and how it scales.

The worst ratio is the largest found, a lower bound on the supremum of lhs/rhs.  Fixing one parameter at growing values and
fitting the worst ratio against it says whether the bound has the right power: exponent 0 if it has, -1 if the bound is too
large by a factor that grows with the parameter.

``python -m verify.tightness`` prints it.

Examples
--------
>>> from theory.bounds import claim
>>> [(entry.parameter, abs(entry.exponent) < 0.1) for entry in exponents(Question(claim("lower_curvature")))]
[('alpha beta', True)]
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Interval, Range

from theory.claim import Claim
from theory.notation import M, N, alpha, beta, k, n, nu, p, written
from verify.arithmetic.evaluate import FLOATS, evaluate
from verify.evidence.counterexample import script
from verify.evidence.local_search import search_locally
from verify.evidence.question import Question
from verify.evidence.result import Effort
from verify.instances.codes import Array
from verify.shell.numbers import ratio_text
from verify.shell.terminal import fitted
from verify.studies.proof_losses import losses, quantiles, small_cells
from verify.studies.regions import Axis, axis_of

#: parameters whose exponents are fitted, where a claim has them
_SCALED = (p, M, N, k, alpha, nu, beta)
#: instances of a picture's cell, of a batch and where each is measured by itself, and the fewest that make a picture
_INSTANCES, _ONE_BY_ONE, _FEWEST = 512, 96, 48


@dataclass(frozen=True)
class Worst:
    """The largest ratio of a claim's sides that was found.

    Attributes
    ----------
    ratio : float
        From exact numbers; NaN for an equality.
    instance : str
        Python that rebuilds it exactly.
    instances : int
        How many were compared.
    """

    ratio: float
    instance: str
    instances: int


@dataclass(frozen=True)
class Exponent:
    """How the worst ratio scales with one parameter.

    Attributes
    ----------
    parameter : str
    values, ratios : tuple of float
        The parameter's values and the worst ratio at each.
    exponent : float
        Slope of a straight line through their logarithms; NaN with fewer than two positive ratios.
    """

    parameter: str
    values: tuple[float, ...]
    ratios: tuple[float, ...]
    exponent: float


def worst(question: Question, effort: Effort | None = None) -> Worst:
    """The largest ratio that a short search finds, with its instance.

    Parameters
    ----------
    question : Question
        About an inequality.
    effort : Effort, optional

    Raises
    ------
    ValueError
        If the claim is an equality, which has no ratio.
    """
    claim = question.claim
    if claim.relation == "==":
        raise ValueError(f"claim {claim.name} is an equality; it has no ratio of its sides")
    evidence = search_locally(question, effort or Effort())
    if evidence.worst is None:
        return Worst(math.nan, "", evidence.instances)
    replay = question.replay(*evidence.worst)
    return Worst(replay.ratio(), script(question, replay), evidence.instances)


def exponents(question: Question, effort: Effort | None = None) -> Iterator[Exponent]:
    """The worst ratio against each parameter of the claim that has a scale, and the power that fits it.

    Parameters
    ----------
    question : Question
        About an inequality.
    effort : Effort, optional
        After its deadline no further parameter is looked at.
    """
    claim, effort = question.claim, effort or Effort()
    for axis in _axes(claim):
        if effort.over:
            break
        values = [value for value in axis.values if axis.stated is None or value <= axis.stated]
        if len(values) > 6:  # a scalar: halve it
            values = [values[-1] / 2**power for power in range(5, -1, -1)]
        if len(values) < 2:
            continue
        ratios = [_worst_ratio(question.about(axis.fix(claim, value)), effort) for value in values]
        yield Exponent(axis.label, tuple(map(float, values)), tuple(ratios), _slope(values, ratios))


def _worst_ratio(question: Question, effort: Effort) -> float:
    if not question.random:
        return search_locally(question, replace(effort, deadline=math.inf), smallest=2, random=0).worst_ratio
    left, right = quantiles(question, [question.claim.rhs], effort)
    return float(np.max(left / right))


def _axes(claim: Claim) -> list[Axis]:
    """An axis for each parameter with a scale: an integer range with several values, or a real one that ends."""
    # how many tasks there are has no scale of its own
    sizes = {symbol: size for symbol, size in claim.tasks.sizes.items() if symbol != n} if claim.tasks is not None else {}
    domains: dict[Any, Any] = {**claim.parameters, **sizes}
    found = []
    for symbol in (*_SCALED, *(size for size in sizes if size not in _SCALED)):
        domain = domains.get(symbol)
        several = isinstance(domain, Range) and domain.size > 1
        if several or (isinstance(domain, Interval) and not domain.end.is_infinite):
            found.append(axis_of(claim, symbol))
    return found


def _slope(values: Sequence[Fraction], ratios: Sequence[float]) -> float:
    pairs = [(math.log(value), math.log(ratio)) for value, ratio in zip(values, ratios, strict=True) if ratio > 0]
    if len(pairs) < 2:
        return math.nan
    x, y = np.array(pairs).T
    return float(np.polyfit(x, y, 1)[0])


def cloud(question: Question, effort: Effort | None = None) -> tuple[str, Array, Array]:
    """Random instances for a picture of a bound's sharpness.

    Returns
    -------
    label : str
        What the horizontal axis shows: the claim's first scalar in natural units, or nothing.
    x, ratio : arrays (count,)
        The scalar and lhs/rhs of each instance; instances without a ratio are left out.
    """
    claim, rng = question.claim, (effort or Effort()).rng()
    scalar = next((symbol for symbol, domain in claim.parameters.items() if _bounded(domain)), None)
    xs, ratios = [], []
    for cell in small_cells(question)[:4]:
        codes = question.space.random_codes(cell, _INSTANCES if question.batched else _ONE_BY_ONE, rng)
        batch = question.space.floats(cell, codes)
        ratios.append(question.sides(cell, codes).ratio)
        xs.append(_natural(batch.values, scalar, claim) if scalar is not None else np.arange(len(codes)) / len(codes))
    x, ratio = np.concatenate(xs), np.concatenate(ratios)
    seen = np.isfinite(ratio) & np.isfinite(x)
    return _label(scalar, claim), x[seen], ratio[seen]


def tells(ratio: Array) -> bool:
    """Whether the ratios of :func:`cloud` are enough for a picture: a few specks show no edge."""
    return len(ratio) >= _FEWEST


def _bounded(domain: Any) -> bool:
    return isinstance(domain, Interval) and not domain.end.is_infinite


def _natural(values: Mapping[Any, Any], scalar: Any, claim: Claim) -> Array:
    """A parameter relative to the upper end of its domain."""
    end = np.asarray(evaluate(claim.parameters[scalar].end, values, FLOATS), dtype=float)
    with np.errstate(all="ignore"):
        return np.ravel(np.broadcast_to(np.asarray(values[scalar]) / end, np.shape(values[scalar])))


def _label(scalar: Any, claim: Claim) -> str:
    return "" if scalar is None else written(scalar / claim.parameters[scalar].end)


def lines(question: Question, effort: Effort | None = None, width: int = 100) -> Iterator[str]:
    """The account of one inequality for a terminal of a width, as it is found; other arguments as of :func:`worst`."""
    name, effort = question.claim.name, effort or Effort()
    if question.random:
        yield fitted(f"{name}: worst ratio of its left side's quantile {_worst_ratio(question, effort):.4f}", width)
    else:
        found = worst(question, effort)
        worst_seen = f"worst ratio {ratio_text(found.ratio)}" if found.instance else "no ratio"
        cut = "; time ran out" if effort.over else ""
        yield fitted(f"{name}: {worst_seen} in {found.instances:,} instances{cut}", width)
        yield from (f"    {line}" for line in found.instance.splitlines())
    for entry in exponents(question, effort):
        ratios = ", ".join(ratio_text(ratio, 4) or "none" for ratio in entry.ratios)
        # what rounds to zero has no sign
        exponent = f"{round(entry.exponent, 2) + 0.0:+.2f}"
        yield fitted(f"    against {entry.parameter}: exponent {exponent} (worst ratios {ratios})", width)
    for loss in [] if effort.over else losses(question, effort):
        lost = f"loses a factor {loss.at_worst:.4g} on the worst instance, {loss.median:.4g} typically"
        yield fitted(f"    {loss.why}: {lost}", width)
