"""One question to one solver, in a process to be killed: ``python solver_process.py z3 SECONDS < question``.

It reads SMT-LIB from the standard input and prints the answer, the solver's version and its models as JSON.  It imports nothing
but the solver, so that it starts fast.  An algebraic number of a model is approximated by rational ones, once coarsely and once
closely; whoever reads them has to check them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

#: an answer, the solver's version, and models: name to rational number, as text
Found = tuple[str, str, list[dict[str, str]]]
#: digits of an approximation, coarse and close
_DIGITS = (12, 60)


def z3(text: str, seconds: float) -> Found:
    """The answer, version and models of z3."""
    import z3 as library

    solver = library.SolverFor("QF_NRA")
    solver.set("timeout", int(1000 * seconds))
    solver.from_string(text)
    answer, models = str(solver.check()), []
    if answer == "sat":
        model = solver.model()
        known = {str(entry.name()): model[entry] for entry in model.decls() if entry.arity() == 0}
        models = [{name: _z3_number(value, digits) for name, value in known.items()} for digits in _DIGITS]
    return answer, str(library.get_version_string()), models


def _z3_number(value: Any, digits: int) -> str:
    value = value.approx(digits) if hasattr(value, "approx") else value
    return f"{value.numerator_as_long()}/{value.denominator_as_long()}"


def cvc5(text: str, seconds: float) -> Found:
    """The answer, version and models of cvc5."""
    import cvc5 as library

    solver = library.Solver(library.TermManager())
    solver.setOption("tlimit", str(int(1000 * seconds)))
    solver.setOption("produce-models", "true")
    parser = library.InputParser(solver)
    parser.setStringInput(library.InputLanguage.SMT_LIB_2_6, text, "question")
    answer, models = "unknown", []
    while not (command := parser.nextCommand()).isNull():
        answer = str(command.invoke(solver, parser.getSymbolManager())).strip() or answer
    if answer == "sat":
        known = {term.getSymbol(): solver.getValue(term) for term in parser.getSymbolManager().getDeclaredTerms()}
        models = [{name: _cvc5_number(value) for name, value in known.items()}]
    return answer, str(library.__version__), models


def _cvc5_number(value: Any) -> str:
    if value.isRealAlgebraicNumber():
        low, high = value.getRealAlgebraicNumberLowerBound(), value.getRealAlgebraicNumberUpperBound()
        return str((low.getRealValue() + high.getRealValue()) / 2)
    return str(value.getRealValue())


if __name__ == "__main__":
    found, version, models = {"z3": z3, "cvc5": cvc5}[sys.argv[1]](sys.stdin.read(), float(sys.argv[2]))
    print(json.dumps({"answer": found, "version": version, "models": models}))
