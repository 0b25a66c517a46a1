r"""The command ``python -m verify.replay FILE ...``: check certificates without trusting who made them.

Nothing of the producer's work is believed.  The statement is rebuilt from the file and compared with the project's claim of
that name; the polynomial statements are derived anew with sympy's rational functions instead of flint's; factors are multiplied
out and compared; the tree of halvings is walked and on each leaf the Bernstein coefficients are computed from the polynomial
itself in fractions, without halving anything; certified boxes are evaluated again in interval arithmetic of our own instead of
Arb's, and what a certificate leaves open is said.  A solver's answer cannot be checked, only asked for again, from text that is
made anew; it is labelled so.

Exit status 0: every proof in every file was confirmed.  1: one was not.  2: bad usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theory import bounds
from theory.families import FAMILIES
from verify.proofs import certificates, certified, solvers
from verify.proofs.algebras import SympyAlgebra, Terms
from verify.proofs.certificates import Invalid
from verify.proofs.families import restricted
from verify.proofs.normal_form import Case, cases
from verify.proofs.rechecked import Coefficients, Intervals, Signs, coefficients_on
from verify.proofs.statement import Statement, Unprovable, cells
from verify.proofs.trees import OPEN, whole
from verify.shell.command_line import Parser, command


def check(content: Mapping[str, Any], *, rerun: bool = True) -> list[str]:
    """Check every proof of a certificate.

    Parameters
    ----------
    content : mapping
        From :func:`verify.proofs.certificates.read`.
    rerun : bool
        Whether to ask solvers again.

    Returns
    -------
    list of str
        A line for everything that was confirmed.

    Raises
    ------
    verify.proofs.certificates.Invalid
        If a proof proves nothing, or not what the file says.
    """
    if "family" in content:
        statement, lines = _on_family(content)
    else:
        statement = certificates.parsed(content.get("statement", {}))
        lines = [_about(statement)]
    checks: dict[str, Callable[[Statement, Any], list[str]]] = {
        "polynomials": check_polynomials,
        "enclosures": check_enclosures,
        "boxes": lambda one, proof: [certified.recheck(one, proof)],
        "solvers": lambda one, proof: _solvers(one, proof, rerun),
    }
    present = [name for name in checks if content.get(name)]
    if not present:
        raise Invalid("the file holds no proof")
    if present == ["solvers"] and not rerun:
        raise Invalid("the file holds nothing but solvers' answers, of which none can be checked without asking again")
    for name in present:
        try:
            lines += checks[name](statement, content[name])
        except Unprovable as reason:
            raise Invalid(f"the statement is none that {name} could prove: {reason}") from reason
        except (KeyError, TypeError, IndexError, AttributeError, ValueError, ZeroDivisionError) as error:
            if isinstance(error, Invalid):
                raise
            raise Invalid(f"the part {name!r} is malformed: {type(error).__name__} {error}") from error
    return lines


def _on_family(content: Mapping[str, Any]) -> tuple[Statement, list[str]]:
    """The statement of a claim on a family, made anew, and what it says."""
    try:
        name, slack = content["family"], Fraction(content["slack"])
        statement = restricted(name, slack)
    except (KeyError, ValueError, TypeError, ZeroDivisionError) as error:
        raise Invalid(f"the family cannot be read: {error}") from error
    if slack < 0:
        raise Invalid(f"the slack is {slack}; it must be at least 0")
    return statement, [f"{name}: {FAMILIES[name].title}; slack {slack}"]


def _about(statement: Statement) -> str:
    """Whether the statement is that of the project's claim of the same name."""
    try:
        own = bounds.claim(statement.name)
    except KeyError:
        return f"{statement.name}: a statement of one's own, {statement.lhs} {statement.relation} {statement.rhs}"
    if Statement.of(own) != statement:
        raise Invalid(f"the statement is not that of the claim {statement.name}")
    return f"{statement.name}: the statement is that of the claim"


# --- polynomials --------------------------------------------------------------------------------------------------------------


def check_polynomials(statement: Statement, proof: Mapping[str, Any]) -> list[str]:
    """Check a proof by polynomials.

    Parameters
    ----------
    statement : Statement
    proof : mapping
        From :func:`verify.proofs.proved.by_polynomials`.

    Returns
    -------
    list of str
        A line that says what was confirmed.

    Raises
    ------
    verify.proofs.certificates.Invalid
        If it does not prove the statement.
    """
    boxes, _ = _cells(statement, proof, Coefficients())
    return [f"polynomials: confirmed by exact arithmetic ({_count(proof)}{boxes} boxes)"]


def check_enclosures(statement: Statement, proof: Mapping[str, Any]) -> list[str]:
    """Check a certification by factors whose signs were seen in balls; parts of it may be open.

    Parameters
    ----------
    statement : Statement
    proof : mapping
        From :func:`verify.proofs.certified.gather`.

    Returns
    -------
    list of str
        A line that says what was confirmed.

    Raises
    ------
    verify.proofs.certificates.Invalid
        If a leaf that is said to be settled is not.
    """
    boxes, left = _cells(statement, proof, Intervals())
    return [certified.confirmed("enclosures", boxes, left / len(proof["cells"]))]


def _count(proof: Mapping[str, Any]) -> str:
    integers = [cell["integers"] for cell in proof["cells"]]
    return f"{len(integers)} value{'s' * (len(integers) != 1)} of the integers, " if integers != [{}] else ""


def _cells(statement: Statement, proof: Mapping[str, Any], signs: Signs) -> tuple[int, Fraction]:
    """Check the cases for all values of the integers; the number of boxes, and the volume that is left open."""
    wanted, given = cells(statement, proof["relaxed"]), proof["cells"]
    if len(wanted) != len(given):
        raise Invalid(f"{len(given)} values of the integers are proved; there are {len(wanted)}")
    for integers, cell in zip(wanted, given, strict=True):
        if {str(symbol): value for symbol, value in integers.items()} != cell["integers"]:
            raise Invalid(f"a proof is for {cell['integers']}; the next values of the integers are {integers}")
        found = cases(statement, integers, SympyAlgebra)
        if [list(case.decisions) for case in found] != [case["decisions"] for case in cell["cases"]]:
            raise Invalid("the cases of absolute values, minima and maxima are not those of the statement")
        for case, claimed in zip(found, cell["cases"], strict=True):
            _case(case, claimed, statement.relation, signs)
    return signs.boxes, signs.left


def _case(case: Case, claimed: Mapping[str, Any], relation: str, signs: Signs) -> None:
    if not case.goal:
        return
    if relation == "==":
        raise Invalid("the two sides differ as rational functions")
    if claimed["goal"] is None or len(claimed["conditions"]) != len(case.conditions):
        raise Invalid("a case has no proof, or not as many conditions as decisions")
    limits: list[Terms] = []
    for condition, factors in zip(case.conditions, claimed["conditions"], strict=True):
        limits.append(_left(condition, factors, [], signs))
    left = _left(case.goal, claimed["goal"], limits, signs)
    if "multipliers" in claimed:
        _multipliers(left, limits, claimed)
        signs.boxes += 1
    else:
        signs.check(left, limits, claimed["tree"])


def _left(polynomial: Terms, factors: Mapping[str, Any], limits: Sequence[Terms], signs: Signs) -> Terms:
    """What a polynomial's sign hangs on once its factors of one sign are left out.

    On the zeros of those factors the two signs may differ; these have no interior (:mod:`verify.proofs.normal_form`).
    """
    constant, rest = Fraction(factors["constant"]), _polynomial(factors["rest"])
    if not constant or not rest:
        raise Invalid("a product of factors is zero")
    sign, product = (constant > 0) - (constant < 0), _times(constant, rest)
    for factor in factors["definite"]:
        terms, multiplicity, own = _polynomial(factor["polynomial"]), factor["multiplicity"], factor["sign"]
        if not terms or own not in (1, -1) or type(multiplicity) is not int or multiplicity < 1:
            raise Invalid("a factor has no terms, no sign or no multiplicity")
        for _ in range(multiplicity):
            product = _multiplied(product, terms)
        if multiplicity % 2:
            if OPEN in factor["tree"]:
                raise Invalid("the sign of a factor is left open")
            signs.check(_times(Fraction(own), terms), limits, factor["tree"])
            sign *= own
    if _normalised(product) != _normalised(polynomial):
        raise Invalid("the factors do not multiply to what the statement says")
    return _times(Fraction(sign), rest)


def _polynomial(entries: Sequence[Any]) -> Terms:
    terms = {tuple(exponents): Fraction(value) for exponents, value in entries}
    if len({len(exponents) for exponents in terms}) > 1 or any(type(e) is not int or e < 0 for key in terms for e in key):
        raise Invalid("a polynomial has exponents that are none")
    return {exponents: value for exponents, value in terms.items() if value}


def _times(constant: Fraction, terms: Terms) -> Terms:
    return {key: constant * value for key, value in terms.items() if constant * value}


def _multipliers(goal: Terms, limits: Sequence[Terms], claimed: Mapping[str, Any]) -> None:
    """goal - sum of multiplier times condition, and every multiplier, have Bernstein coefficients that are at least zero."""
    degrees, remainder = claimed["degrees"], dict(goal)
    cube = whole(len(degrees))
    if len(limits) != len(claimed["multipliers"]):
        raise Invalid("there are not as many multipliers as conditions")
    for limit, entries in zip(limits, claimed["multipliers"], strict=True):
        multiplier = _polynomial(entries)
        if not multiplier:
            continue
        if np.any(coefficients_on(multiplier, cube, degrees) < 0):
            raise Invalid("a multiplier has a negative coefficient")
        for key, value in _multiplied(multiplier, limit).items():
            remainder[key] = remainder.get(key, Fraction(0)) - value
    remainder = {key: value for key, value in remainder.items() if value}
    if remainder and np.any(coefficients_on(remainder, cube, degrees) < 0):
        raise Invalid("what the multipliers leave over has a negative coefficient")


def _multiplied(a: Terms, b: Terms) -> Terms:
    product: Terms = {}
    for first, x in a.items():
        for second, y in b.items():
            key = tuple(i + j for i, j in zip(first, second, strict=True))
            product[key] = product.get(key, Fraction(0)) + x * y
    return {key: value for key, value in product.items() if value}


def _normalised(terms: Terms) -> Terms:
    """Up to a positive factor, which numerators and denominators are defined up to."""
    scale = abs(terms[max(terms)])
    return {key: value / scale for key, value in terms.items()}


# --- solvers ------------------------------------------------------------------------------------------------------------------


def _solvers(statement: Statement, proof: Sequence[Mapping[str, Any]], rerun: bool) -> list[str]:
    lines = []
    wanted = cells(statement, relaxed=True)
    for entry in proof:
        if entry["solver"] not in solvers.SOLVERS:
            raise Invalid(f"solver {entry['solver']!r} is not known")
        if len(wanted) != len(entry["questions"]):
            raise Invalid(f"{entry['solver']} was asked {len(entry['questions'])} questions; there are {len(wanted)}")
        for integers, question in zip(wanted, entry["questions"], strict=True):
            if solvers.script(statement, integers) != question:
                raise Invalid(f"a question to {entry['solver']} is not the negation of the statement")
            if rerun:
                again = solvers.ask(entry["solver"], question, 3 * solvers.PATIENCE)
                if again.answer != "unsat":
                    raise Invalid(f"{entry['solver']} answers {again.answer!r} this time; unsat would prove the statement")
        done = f"asked again, unsat again ({again.version})" if rerun else "not asked again"
        lines.append(f"{entry['solver']}: {done}; the answer itself cannot be checked")
    return lines


def parser() -> Parser:
    """The command's options."""
    made = Parser(prog="python -m verify.replay", description="Check certificates of proofs.")
    made.add_argument("files", nargs="+", metavar="FILE", help="certificates, as written by verify.bounds --certificates")
    made.add_argument("--no-solvers", action="store_true", help="do not ask z3 and cvc5 again")
    return made


def _run(options: argparse.Namespace) -> int:
    rejected = 0
    for file in options.files:
        try:
            lines = check(certificates.read(file), rerun=not options.no_solvers)
        except Invalid as reason:
            rejected += 1
            print(f"REJECTED {file}: {reason}")
            continue
        print("\n  ".join([f"confirmed {file}", *lines]))
    return 1 if rejected else 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
