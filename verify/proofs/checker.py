r"""The checker of certificates: code of its own wherever it can be, and no trust in who made them.

The polynomial statements are derived anew (:mod:`verify.proofs.pieces`, over sympy's fields; the prover walks sequences of
decisions over flint's polynomials); each piece must be one of the certificate's cases, whose factors are multiplied out and
compared; the trees of halvings are walked and on each leaf the Bernstein coefficients are computed from the polynomial itself
in fractions, without halving anything; certified boxes are evaluated again in interval arithmetic of our own instead of Arb's.
That all values of parameters with finitely many are proved is found out from their domains.  A solver's answer cannot be
checked, only asked for again, from text that is made anew; it is labelled so.

Sizes are bounded before numbers are built, so that a file that is no certificate is rejected at once.

Examples
--------
>>> from theory.bounds import claim
>>> from verify.proofs import certificates, proved
>>> import json
>>> own = Statement.of(claim("lower_curvature/numerator"))
>>> text = certificates.text(own, {"polynomials": proved.by_polynomials(own)}, {})
>>> check(json.loads(text)).lines[-1]
'polynomials: confirmed by exact arithmetic (... boxes)'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import FiniteSet, Interval, Range

from theory import bounds
from theory.claim import Claim
from theory.families import FAMILIES
from verify.proofs import certificates, solvers
from verify.proofs.checked_parts import check_boxes, check_enclosures, check_polynomials, values_of
from verify.proofs.families import restricted
from verify.proofs.formulas import Invalid, rational
from verify.proofs.statement import Statement, Unprovable, cells

#: what a malformed entry raises where it is used
_MALFORMED = (KeyError, TypeError, IndexError, AttributeError, ValueError, ArithmeticError, AssertionError, RecursionError)


@dataclass(frozen=True)
class Checked:
    """What was confirmed.

    Attributes
    ----------
    lines : list of str
        What the statement says, and a line for every proof.
    whole : bool
        Whether a proof leaves nothing open; a cover in part confirms no claim.
    """

    lines: list[str]
    whole: bool


def check(content: Mapping[str, Any], *, rerun: bool = True, claims: Sequence[Claim] = ()) -> Checked:
    """Check every proof of a certificate.

    Parameters
    ----------
    content : mapping
        From :func:`verify.proofs.certificates.read`.
    rerun : bool
        Whether to ask solvers again.
    claims : sequence of Claim, optional
        The statement must be that of one of them; otherwise, if the project has a claim of its name, of that.

    Raises
    ------
    verify.proofs.formulas.Invalid
        If a proof proves nothing, or not what the file says.
    """
    try:
        return _checked(content, rerun, claims)
    except Unprovable as reason:
        raise Invalid(f"the statement is none that could be proved so: {reason}") from reason
    except MemoryError:
        raise Invalid("the certificate needs more memory than there is") from None
    except _MALFORMED as error:
        raise error if isinstance(error, Invalid) else Invalid(f"it is malformed: {_said(error)}") from error


def _said(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__} {error}".split())[:160]


def _checked(content: Mapping[str, Any], rerun: bool, claims: Sequence[Claim]) -> Checked:
    if not isinstance(content, Mapping):
        raise Invalid("it is no certificate")
    statement, lines = _on_family(content) if "family" in content else _about(content, claims)
    checks: dict[str, Callable[[Statement, Any], tuple[list[str], bool]]] = {
        "polynomials": lambda one, proof: (check_polynomials(one, proof), True),
        "enclosures": check_enclosures,
        "boxes": check_boxes,
        "solvers": lambda one, proof: (_solvers(one, proof, rerun), True),
    }
    present = [name for name in checks if content.get(name)]
    if not present:
        raise Invalid("the file holds no proof")
    if present == ["solvers"] and not rerun:
        raise Invalid("the file holds nothing but solvers' answers, of which none can be checked without asking again")
    complete = False
    for name in present:
        try:
            more, entire = checks[name](statement, content[name])
        except _MALFORMED as error:
            if isinstance(error, Invalid | Unprovable):
                raise
            raise Invalid(f"the part {name!r} is malformed: {_said(error)}") from error
        # what was not asked again is no confirmation by itself
        complete |= entire and not (name == "solvers" and not rerun)
        lines += more
    return Checked(lines, complete)


def _on_family(content: Mapping[str, Any]) -> tuple[Statement, list[str]]:
    """The statement of a claim on a family, made anew, and what it says."""
    name, slack = content["family"], rational(content.get("slack"))
    if not isinstance(name, str) or name not in FAMILIES:
        raise Invalid("the family cannot be read: it is none of theory.families")
    if slack < 0:
        raise Invalid("the slack cannot be read: it must be at least 0")
    statement = restricted(name, slack)
    return statement, [f"{name}: {FAMILIES[name].title}; slack {slack}", *certificates.told(statement)]


def _about(content: Mapping[str, Any], claims: Sequence[Claim]) -> tuple[Statement, list[str]]:
    """The statement, whether it is that of a claim that is known, and what it says."""
    entry = content.get("statement")
    if not isinstance(entry, Mapping):
        raise Invalid("the file holds no statement")
    statement = certificates.parsed(entry)
    said = certificates.told(statement)
    if claims:
        own = next((claim for claim in claims if claim.name == statement.name), None)
        if own is None:
            raise Invalid(f"the statement is that of {statement.name}, which the file of claims does not hold")
        where = "that of the claim in the file"
    else:
        try:
            own = bounds.claim(statement.name)
        except (KeyError, ValueError):
            return statement, [f"{statement.name}: a statement of one's own", *said]
        where = "that of the claim"
    if Statement.of(own) != statement:
        raise Invalid(f"the statement is not that of the claim {statement.name}")
    return statement, [f"{statement.name}: the statement is {where}", *said]


def _solvers(statement: Statement, proof: Any, rerun: bool) -> list[str]:
    lines: list[str] = []
    if not isinstance(proof, list) or len({entry["solver"] for entry in proof}) != len(proof):
        raise Invalid("the answers of solvers are no list, or two are of one solver")
    wanted = cells(statement, relaxed=True)
    for symbol, domain in statement.parameters.items():
        if isinstance(domain, FiniteSet) and {cell.get(symbol) for cell in wanted} != {*values_of(domain)} != {None}:
            if len(domain.args) > 1:
                raise Invalid(f"a question leaves out that {symbol} has several values")
        elif not isinstance(domain, FiniteSet | Interval | Range):
            raise Invalid("a parameter's domain is none that a question speaks of")
    for entry in proof:
        solver, questions = entry["solver"], entry["questions"]
        if solver not in solvers.SOLVERS:
            raise Invalid("a solver is not known")
        if not isinstance(questions, list) or len(wanted) != len(questions):
            raise Invalid(f"{solver} was asked another number of questions than there are, {len(wanted)}")
        again = None
        for integers, question in zip(wanted, questions, strict=True):
            if solvers.script(statement, integers) != question:
                raise Invalid(f"a question to {solver} is not the negation of the statement")
            if rerun:
                again = solvers.ask(solver, question, 3 * solvers.PATIENCE)
                if again.answer != "unsat":
                    raise Invalid(f"{solver} answers {again.answer!r} this time; unsat would prove the statement")
        done = f"asked again, unsat again ({again.version})" if again is not None else "not asked again"
        lines.append(f"{solver}: {done}; the answer itself cannot be checked")
    return lines
