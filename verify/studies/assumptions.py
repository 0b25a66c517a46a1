"""Where a claim breaks: each of its assumptions dropped in turn, each scalar domain continued beyond its end.

An assumption is *needed* if the claim without it has a counterexample, replayed in exact rationals; *not needed, as far as
searched* if a search finds nothing where the same search refutes the claim's false sibling; otherwise *undecided*.  Where
dropping it means that one scalar may grow, the boundary of validity is located by bisection (:mod:`verify.studies.thresholds`).

``python -m verify.breaks`` prints it.

Examples
--------
>>> from theory.bounds import claim
>>> for found in breaks(Question(claim("lower_curvature"))):
...     print(found.assumption, "|", found.status, "|", found.boundary.guess)
alpha beta <= 5/3 | needed | 1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial

from sympy import Expr, Interval, Le, Symbol, fraction, simplify
from sympy.core.relational import Relational

from theory.claim import Assumption, Claim
from theory.notation import beta, nu, root_l, root_u, written
from verify.evidence.counterexample import script, simplest
from verify.evidence.local_search import search_locally
from verify.evidence.question import Question
from verify.evidence.result import Effort
from verify.shell.numbers import ratio_text
from verify.shell.terminal import fitted
from verify.studies.thresholds import Boundary, boundary, silence

#: parameters that the instances themselves are made from: beyond their ends there is nothing to measure
_STRUCTURAL = frozenset({beta, nu, root_l, root_u})
#: a domain whose end no assumption continues is continued to this multiple of it
_CONTINUED = Fraction(3)


class Status(StrEnum):
    """What became of an assumption."""

    NEEDED = "needed"
    NOT_NEEDED = "not needed, as far as searched"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Break:
    """What happens to a claim without one of its assumptions.

    Attributes
    ----------
    claim : str
        Its name.
    assumption : str
        What was dropped.
    status : Status
    evidence : str
        What that rests on, in words.
    instances : int
        Instances compared.
    counterexample : str
        Python that replays the simplest violation found; empty if there is none.
    boundary : Boundary or None
        Up to where the claim holds, where dropping the assumption lets one scalar grow.
    """

    claim: str
    assumption: str
    status: Status
    evidence: str
    instances: int
    counterexample: str = ""
    boundary: Boundary | None = None


@dataclass(frozen=True)
class _Scalar:
    """One parameter that may grow: in multiples of `unit` up to `most`, below `cap`."""

    symbol: Symbol
    unit: Expr
    most: Fraction
    cap: Expr | None = None


def breaks(question: Question, effort: Effort | None = None) -> Iterator[Break]:
    """Drop each assumption of a claim in turn, and continue each domain that ends for no stated reason.

    Parameters
    ----------
    question : Question
        About the claim.
    effort : Effort, optional
        After its deadline searches are cut short and undecided.

    Yields
    ------
    Break
        None for a claim about something random: nothing there is decided by a single instance.
    """
    claim = question.claim
    if question.random:
        return
    search = _Search(question, effort or Effort())
    for position, assumption in enumerate(claim.assumptions):
        yield search.dropped(position, assumption)
    for scalar in _unexplained(claim):
        yield search.bounded(scalar, _spelled(scalar.symbol, scalar.unit))


@dataclass(frozen=True)
class _Search:
    """How a claim is searched without one of its assumptions, and what is searched beside it as a control."""

    question: Question
    effort: Effort

    def dropped(self, position: int, assumption: Assumption) -> Break:
        """The claim without an assumption."""
        claim = self.question.claim
        scalar = _scalar(claim, assumption)
        if scalar is not None:
            return self.bounded(scalar, written(assumption.statement))
        without = self.question.about(claim.without(assumption), f"CLAIM = CLAIM.without(CLAIM.assumptions[{position}])")
        evidence = search_locally(without, self.effort)
        found = partial(Break, claim.name, written(assumption.statement), instances=evidence.instances)
        if evidence.violation is not None:
            replayed = script(without, simplest(without, evidence.violation))
            return found(status=Status.NEEDED, evidence="exact counterexample", counterexample=replayed)
        doubt = silence(evidence) or self.control()
        said = f"no violation in {evidence.instances:,} instances, worst ratio {ratio_text(evidence.worst_ratio)}"
        return found(status=Status.UNDECIDED if doubt else Status.NOT_NEEDED, evidence="; ".join(filter(None, (said, doubt))))

    def bounded(self, scalar: _Scalar, assumption: str) -> Break:
        """The claim with a scalar that grows beyond its bound."""
        at = boundary(self.question, scalar.symbol, scalar.unit, scalar.most, cap=scalar.cap, effort=self.effort)
        # an open boundary says itself what is missing
        doubt = self.control() if at.fails is None and at.complete else ""
        if at.fails is not None:
            status = Status.NEEDED
        else:
            status = Status.NOT_NEEDED if at.complete and not doubt else Status.UNDECIDED
        said = "; ".join(filter(None, (str(at), doubt)))
        return Break(self.question.claim.name, assumption, status, said, at.instances, at.counterexample, at)

    def control(self) -> str:
        """Why the silence of a search says nothing; empty if the same search refutes the claim's false sibling."""
        if self.question.claim.false_sibling is None:
            return "no false sibling shows that a violation would be seen"
        evidence = search_locally(self.question.control(), self.effort)
        if evidence.violation is not None:
            return ""
        return "the same search misses the false sibling" + ("" if evidence.complete else ": time ran out")


def _scalar(claim: Claim, assumption: Assumption) -> _Scalar | None:
    """The scalar that dropping an assumption lets grow, if that is all it does."""
    if set(assumption.without) != {"parameters"} or len(assumption.without["parameters"]) != 1:
        return None
    ((symbol, freed),) = assumption.without["parameters"].items()
    stated = claim.parameters[symbol]
    if not (isinstance(stated, Interval) and isinstance(freed, Interval) and stated.start == freed.start):
        return None
    statement = assumption.statement
    if isinstance(statement, Relational) and statement.lhs == symbol:
        return _Scalar(symbol, statement.rhs, Fraction(2), freed.end)
    ratio = simplify(freed.end / stated.end)
    return _Scalar(symbol, stated.end, Fraction(int(ratio.p), int(ratio.q))) if ratio.is_Rational and ratio > 1 else None


def _unexplained(claim: Claim) -> Iterator[_Scalar]:
    """Scalars whose domain starts at zero and ends, although no assumption says that it must."""
    freed = {symbol for assumption in claim.assumptions for symbol in assumption.without.get("parameters", {})}
    for symbol, domain in claim.parameters.items():
        if symbol in _STRUCTURAL | freed or not isinstance(domain, Interval) or domain.end.is_infinite or domain.start != 0:
            continue
        if not domain.end.is_number:
            yield _Scalar(symbol, domain.end, _CONTINUED)


def _spelled(symbol: Symbol, end: Expr) -> str:
    """That a domain ends, as claims spell their assumptions: what the end is divided by stands beside the symbol.

    Examples
    --------
    >>> from theory.notation import L, alpha
    >>> _spelled(alpha, 1 / (6 * L)), _spelled(nu, beta)
    ('L alpha <= 1/6', 'nu <= beta')
    """
    number, divisor = fraction(end)[1].as_coeff_Mul()
    return written(Le(symbol * divisor, fraction(end)[0] / number))


def text(found: Sequence[Break], width: int = 100) -> str:
    """Findings for a reader: one paragraph each in lines of a width, counterexamples as Python that can be pasted."""
    lines = []
    for entry in found:
        said = f"{entry.claim} without `{entry.assumption}`: {entry.status}\n    {entry.evidence}"
        lines.append(fitted(said, width))
        if entry.counterexample:
            lines.append("\n".join(f"    {line}" for line in entry.counterexample.splitlines()))
    return "\n".join(lines)


def nothing(claim: Claim) -> str:
    """Why a claim has nothing that :func:`breaks` could drop."""
    if claim.failure_probability is not None or claim.on_average:
        return "it is about something random, so that no single instance breaks it"
    return "it has no assumption to drop, and no domain that starts at zero ends for no stated reason"
