"""Up to where a claim holds, in one of its scalar parameters.

A claim's domain for the parameter ends at some bound; here the parameter is *fixed* at a multiple of that bound, and the
multiple is bisected.  It is known to fail where a counterexample was replayed in exact rationals, and the counterexample
itself is then followed down in exact rationals, to the least multiple at which that instance still violates the claim.  It is
said to hold where a search found nothing that does find the violation just above; a search that was cut short, or had nothing
to compare, says nothing.

Examples
--------
>>> from theory.bounds import claim
>>> from theory.notation import alpha, beta
>>> found = boundary(Question(claim("lower_curvature")), alpha, 1 / beta, Fraction(2))
>>> found.guess                # stated up to 5/3, which it is not told
Fraction(5, 3)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, FiniteSet, Min, Rational, Symbol

from theory.claim import Claim
from theory.notation import written
from verify.evidence.counterexample import script, simplest, simplified
from verify.evidence.local_search import Instance, search_locally
from verify.evidence.question import Question
from verify.evidence.replay import Outcome, Replay
from verify.evidence.result import Effort, Evidence

#: rungs from 1 to the largest multiple on which the first failure is looked for
_RUNGS = 6
#: width to which searches narrow the bracket, and to which a counterexample is followed down
_NARROW, _FINE = Fraction(1, 2**10), Fraction(1, 2**28)
#: searches just above a boundary see less and less, so that the simplest number is looked for this much below what fails
_READING = Fraction(199, 200)
#: difference of two multiples that their first digits show
_VISIBLE = Fraction(1, 1000)
#: largest denominator of a multiple that is worth reading as one
_SIMPLE = 12


@dataclass(frozen=True)
class Boundary:
    """The boundary of a claim's validity in one parameter, between two multiples of a unit.

    Attributes
    ----------
    parameter : str
        What is a multiple of the unit.
    unit : sympy expression
    holds : Fraction
        The largest multiple at which a search to its end found nothing, below `fails`; 0 if there is none.
    fails : Fraction or None
        The least multiple with an exact counterexample; None if none was found up to `most`.
    most : Fraction
        The largest multiple tried.
    guess : Fraction or None
        The simplest multiple within half a percent below `fails`: how the bracket reads, not what was proved.  None if no
        number there is simple, if nothing fails, or if the bracket is not narrow.
    instances : int
        Instances compared.
    counterexample : str
        Python that replays a simple violation at the first multiple that was seen to fail.
    edge : str
        Python that replays the violation at `fails`, which is a narrow one.
    gap : str
        Why some multiple between `holds` and `fails`, or up to `most`, is neither; empty if the bracket is narrow as intended.
    """

    parameter: str
    unit: Expr
    holds: Fraction
    fails: Fraction | None
    most: Fraction
    guess: Fraction | None
    instances: int
    counterexample: str
    edge: str
    gap: str = ""

    @property
    def complete(self) -> bool:
        """Whether the bracket was narrowed as far as intended."""
        return not self.gap

    def __str__(self) -> str:
        if self.fails is None:
            said = f"no violation up to {self.parameter} = {self._at(self.holds)}" if self.holds else "no violation"
            return said if self.complete else f"{said}, and not all was searched up to {self._at(self.most)}: {self.gap}"
        seen = f"exact counterexample at {self._near(self.fails)}"
        if self.holds:
            seen = f"nothing found at {self._near(self.holds)}, {seen}"
        unit = written(self.unit)
        seen += "" if unit == "1" else f", in multiples of {unit}"
        if not self.complete:
            return f"{self.parameter}: {seen}; between them nothing is known: {self.gap}"
        place = self._at(self.guess) if self.guess is not None else f"about {float(self.fails):.4g}, in these multiples"
        return f"holds up to {self.parameter} = {place}: {seen}"

    def _at(self, multiple: Fraction) -> str:
        """The parameter at a multiple."""
        return written(Rational(multiple.numerator, multiple.denominator) * self.unit)

    def _near(self, multiple: Fraction) -> str:
        """A multiple, whose difference from how the bracket reads is not lost among the digits."""
        if self.guess is None or not 0 < abs(multiple - self.guess) < _VISIBLE:
            return f"{float(multiple):.9g}"
        return f"{self.guess} {'+' if multiple > self.guess else '-'} {float(abs(multiple - self.guess)):.1e}"


def silence(evidence: Evidence) -> str:
    """Why a search that found no violation says nothing; empty if it does say that there seems to be none."""
    if evidence.conclusive:
        return ""
    if not evidence.complete:
        return "time ran out"
    return "doubles are of no use there" if evidence.doubted else "no instance has a value"


def fixed(claim: Claim, parameter: Symbol, unit: Expr, multiple: Fraction, cap: Expr | None = None) -> Claim:
    """The claim at one value of a parameter, ``multiple * unit``, or `cap` where that is less."""
    value = Rational(multiple.numerator, multiple.denominator) * unit
    return claim.changed(parameters={parameter: FiniteSet(value if cap is None else Min(value, cap))})


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of least denominator in ``[low, high)``.

    Parameters
    ----------
    low, high : Fraction
        ``0 <= low < high``.

    Examples
    --------
    >>> simplest_between(Fraction(199, 100), Fraction(201, 100))
    Fraction(2, 1)
    >>> simplest_between(Fraction(333, 1000), Fraction(334, 1000))
    Fraction(1, 3)
    """
    denominator = 1
    while True:
        above = Fraction(-(-low.numerator * denominator // low.denominator), denominator)
        if above < high:
            return above
        denominator += 1


def boundary(
    question: Question,
    parameter: Symbol,
    unit: Expr,
    most: Fraction,
    *,
    cap: Expr | None = None,
    effort: Effort | None = None,
) -> Boundary:
    """Bisect the multiple of `unit` at which a claim stops to hold.

    Parameters
    ----------
    question : Question
        About the claim.
    parameter : Symbol
        One of its parameters.
    unit : sympy expression
        In the claim's other parameters; the parameter is fixed at multiples of it.
    most : Fraction
        Largest multiple to try, above 1.
    cap : sympy expression, optional
        The parameter stays below this as well.
    effort : Effort, optional
        After its deadline the bracket is left as it is.

    Returns
    -------
    Boundary
    """
    effort = effort or Effort()
    seen = 0
    starts: list[Instance] = []
    # a multiple that was looked at fails, is clean, or is open for a reason
    clean, open_ = [Fraction(0)], dict[Fraction, str]()

    def at(multiple: Fraction) -> Question:
        return question.about(fixed(question.claim, parameter, unit, multiple, cap))

    def look(multiple: Fraction) -> Replay | None:
        nonlocal seen
        evidence: Evidence = search_locally(at(multiple), effort, starts=starts)
        seen += evidence.instances
        if evidence.worst is not None:
            starts[:] = [evidence.worst, *starts[:2]]
        if evidence.violation is None and (why := silence(evidence)):
            open_[multiple] = why
        elif evidence.violation is None:
            clean.append(multiple)
        return evidence.violation

    fails, violation = _first_failure(look, most)
    if violation is None or fails is None:
        gap = next(iter(open_.values()), "")
        holds = _largest_below(min(open_, default=most + 1), clean)
        return Boundary(str(parameter), unit, holds, None, most, None, seen, "", "", gap)
    clear = script(question, simplest(at(fails), violation))
    fails, violation = _followed(at, violation, fails)
    while fails - (holds := _largest_below(fails, clean)) > _NARROW:
        middle = (holds + fails) / 2
        found = look(middle)
        if found is not None:
            fails, violation = _followed(at, found, middle)
        elif middle in open_:
            break
    fails, violation = _followed(at, simplified(at(fails), violation), fails)
    holds = _largest_below(fails, clean)
    guess = simplest_between(min(holds, _READING * fails), fails)
    if holds < guess:
        found = look(guess)
        if found is not None:
            fails, violation = _followed(at, found, guess)
            guess = simplest_between(min(_largest_below(fails, clean), _READING * fails), fails)
        holds = _largest_below(fails, clean)
    gap = next((why for multiple, why in open_.items() if holds < multiple < fails), "")
    return Boundary(
        parameter=str(parameter),
        unit=unit,
        holds=holds,
        fails=fails,
        most=most,
        guess=guess if guess.denominator <= _SIMPLE and not gap else None,
        instances=seen,
        counterexample=clear,
        edge=script(question, violation),
        gap=gap,
    )


def _first_failure(look: Callable[[Fraction], Replay | None], most: Fraction) -> tuple[Fraction | None, Replay | None]:
    """The first multiple that fails, with its violation, on rungs below 1, at 1, and up to `most`."""
    for multiple in (Fraction(1, 2), *(1 + (most - 1) * Fraction(rung, _RUNGS) for rung in range(_RUNGS + 1))):
        violation = look(multiple)
        if violation is not None:
            return multiple, violation
    return None, None


def _largest_below(fails: Fraction, clean: list[Fraction]) -> Fraction:
    """The largest multiple without a finding below one that fails: findings may show that a search above missed one."""
    return max(multiple for multiple in clean if multiple < fails)


def _followed(at: Callable[[Fraction], Question], violation: Replay, fails: Fraction) -> tuple[Fraction, Replay]:
    """The least multiple, to within a tiny width, at which the instance of a violation at `fails` still violates the claim."""
    low = Fraction(0)
    while fails - low > _FINE:
        middle = (low + fails) / 2
        if violation.codes is None:  # given by its numbers, which the multiple is one of
            break
        replay = at(middle).replay(violation.cell, violation.codes)
        if replay.outcome is Outcome.VIOLATED:
            fails, violation = middle, replay
        else:
            low = middle
    return fails, violation
