r"""The command ``python -m verify.replay FILE ...``: check certificates without trusting who made them.

Nothing of the producer's work is believed.  The statement is rebuilt from the file and compared with the project's claim of
that name; the polynomial statements are derived anew with sympy's rational functions instead of flint's; factors are multiplied
out and compared; the tree of halvings is walked and on each leaf the Bernstein coefficients are computed from the polynomial
itself in fractions, without halving anything; certified boxes are evaluated again in interval arithmetic of our own instead of
Arb's.  A solver's answer cannot be checked, only asked for again, from text that is made anew; it is labelled so.

Exit status 0: every proof in every file was confirmed.  1: one was not.  2: bad usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import comb
from typing import Any, NoReturn

import numpy as np

from theory import bounds
from verify import certificates, certified, solvers
from verify.bernstein import HOLDS, OUTSIDE, Tensor
from verify.certificates import Invalid
from verify.normal_form import Case, Statement, SympyAlgebra, Terms, Unprovable, cases, cells

Box = tuple[tuple[Fraction, Fraction], ...]


def check(content: Mapping[str, Any], *, rerun: bool = True) -> list[str]:
    """Check every proof of a certificate.

    Parameters
    ----------
    content : mapping
        From :func:`verify.certificates.read`.
    rerun : bool
        Whether to ask solvers again.

    Returns
    -------
    list of str
        A line for everything that was confirmed.

    Raises
    ------
    verify.certificates.Invalid
        If a proof proves nothing, or not what the file says.
    """
    statement = certificates.parsed(content.get("statement", {}))
    lines = [_about(statement)]
    checks: dict[str, Callable[[Statement, Any], list[str]]] = {
        "polynomials": _polynomials,
        "boxes": lambda one, proof: [certified.recheck(one, proof)],
        "solvers": lambda one, proof: _solvers(one, proof, rerun),
    }
    present = [name for name in checks if content.get(name)]
    if not present:
        raise Invalid("the file holds no proof")
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


def _polynomials(statement: Statement, proof: Mapping[str, Any]) -> list[str]:
    relaxed = proof["relaxed"]
    wanted = cells(statement, relaxed)
    given = proof["cells"]
    if len(wanted) != len(given):
        raise Invalid(f"{len(given)} values of the integers are proved; there are {len(wanted)}")
    leaves = 0
    for integers, cell in zip(wanted, given, strict=True):
        if {str(symbol): value for symbol, value in integers.items()} != cell["integers"]:
            raise Invalid(f"a proof is for {cell['integers']}; the next values of the integers are {integers}")
        found = cases(statement, integers, SympyAlgebra)
        if [list(case.decisions) for case in found] != [case["decisions"] for case in cell["cases"]]:
            raise Invalid("the cases of absolute values, minima and maxima are not those of the statement")
        for case, claimed in zip(found, cell["cases"], strict=True):
            leaves += _case(case, claimed, statement.relation)
    kind = f"{len(wanted)} value{'s' * (len(wanted) != 1)} of the integers, " if wanted != [{}] else ""
    return [f"polynomials: confirmed by exact arithmetic ({kind}{leaves} boxes)"]


def _case(case: Case, claimed: Mapping[str, Any], relation: str) -> int:
    """Check one case; the number of boxes on which coefficients were computed."""
    if not case.goal:
        return 0
    if relation == "==":
        raise Invalid("the two sides differ as rational functions")
    constant = Fraction(claimed["constant"])
    sign, leaves = (constant > 0) - (constant < 0), 0
    product: Terms = {(0,) * len(next(iter(case.goal))): constant}
    for block in claimed["blocks"]:
        if block["sign"] not in (1, -1) or type(block["multiplicity"]) is not int or block["multiplicity"] < 1:
            raise Invalid("a factor has no sign or no multiplicity")
        polynomial = {tuple(exponents): Fraction(value) for exponents, value in block["polynomial"]}
        for _ in range(block["multiplicity"]):
            product = _multiplied(product, polynomial)
        if block["multiplicity"] % 2 == 0 and block["sign"] == 1 and not block["tree"]:
            continue
        leaves += _tree(polynomial, block["sign"], case.conditions, block["tree"])
        sign *= block["sign"] ** block["multiplicity"]
    if sign <= 0:
        raise Invalid("the signs of the factors do not multiply to a positive one")
    if _normalised(product) != _normalised(case.goal):
        raise Invalid("the factors do not multiply to the difference of the two sides")
    return leaves


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


def _tree(polynomial: Terms, sign: int, conditions: Sequence[Terms], tree: Sequence[int]) -> int:
    """Walk a tree of halvings and check every leaf."""
    dimension = len(next(iter(polynomial)))
    whole: Box = ((Fraction(0), Fraction(1)),) * dimension
    waiting, leaves = [whole], 0
    for mark in tree:
        if not waiting:
            raise Invalid("a tree of halvings has more leaves than boxes")
        box = waiting.pop()
        if not isinstance(mark, int) or isinstance(mark, bool) or mark >= dimension:
            raise Invalid(f"a tree of halvings has the mark {mark!r}")
        if mark >= 0:
            low, high = box[mark]
            middle = (low + high) / 2
            waiting.append((*box[:mark], (middle, high), *box[mark + 1 :]))
            waiting.append((*box[:mark], (low, middle), *box[mark + 1 :]))
            continue
        leaves += 1
        if mark == HOLDS:
            if not np.all(sign * coefficients_on(polynomial, box) >= 0):
                raise Invalid(f"a factor does not have the sign {sign:+d} on the box {_shown(box)}")
            continue
        if OUTSIDE - mark >= len(conditions):
            raise Invalid("a leaf refers to a condition that the case does not have")
        condition = conditions[OUTSIDE - mark]
        outside = coefficients_on(condition, box) if condition else np.zeros(1, dtype=object)
        if not (np.all(outside <= 0) and np.any(outside < 0)):
            raise Invalid(f"a condition does not fail on the box {_shown(box)}")
    if waiting:
        raise Invalid("a tree of halvings ends before every box has been settled")
    return leaves


def coefficients_on(terms: Terms, box: Box) -> Tensor:
    """Bernstein coefficients on a box, straight from the powers: b_i = sum_j C(i,j)/C(n,j) a_j after shifting to the box.

    Parameters
    ----------
    terms : dict
        Exponents to coefficient, not empty.
    box : tuple of (Fraction, Fraction)

    Returns
    -------
    array of Fraction, shape (n_1 + 1, ..., n_d + 1)
    """
    degrees = [max(exponents[axis] for exponents in terms) for axis in range(len(box))]
    tensor = np.full([n + 1 for n in degrees], Fraction(0), dtype=object)
    for exponents, value in terms.items():
        tensor[exponents] = value
    for axis, (n, (low, high)) in enumerate(zip(degrees, box, strict=True)):
        width = high - low
        # t^m = sum_j C(m,j) low^(m-j) width^j s^j on the box, s in [0, 1]
        powers, size = np.zeros((n + 1, n + 1), dtype=object), range(n + 1)
        for j, m in ((j, m) for j in size for m in size if j <= m):
            powers[j, m] = comb(m, j) * low ** (m - j) * width**j
        change = np.array([[Fraction(comb(i, j), comb(n, j)) for j in size] for i in size], dtype=object)
        matrix = change @ powers
        tensor = np.moveaxis(np.tensordot(matrix, tensor, axes=(1, axis)), 0, axis)
    return tensor


def _shown(box: Box) -> str:
    return " x ".join(f"[{low}, {high}]" for low, high in box)


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


class _Parser(argparse.ArgumentParser):
    """An argument parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"verify.replay: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program; by default the process's.

    Returns
    -------
    int
        Exit status.
    """
    parser = _Parser(prog="python -m verify.replay", description="Check certificates of proofs.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="certificates, as written by verify.bounds --certificates")
    parser.add_argument("--no-solvers", action="store_true", help="do not ask z3 and cvc5 again")
    options = parser.parse_args(arguments)
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


if __name__ == "__main__":
    sys.exit(main())
