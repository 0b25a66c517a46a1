"""One question to one solver, in a process to be killed: ``python -m verify.proofs.solver_process z3 SECONDS < question``.

It reads SMT-LIB from the standard input and prints the answer and the solver's version as JSON.  It imports nothing but the
solver, so that it starts fast.
"""

from __future__ import annotations

import json
import sys


def z3(text: str, seconds: float) -> tuple[str, str]:
    """The answer and the version of z3."""
    import z3 as library

    solver = library.SolverFor("QF_NRA")
    solver.set("timeout", int(1000 * seconds))
    solver.from_string(text)
    return str(solver.check()), str(library.get_version_string())


def cvc5(text: str, seconds: float) -> tuple[str, str]:
    """The answer and the version of cvc5."""
    import cvc5 as library

    solver = library.Solver(library.TermManager())
    solver.setOption("tlimit", str(int(1000 * seconds)))
    parser = library.InputParser(solver)
    parser.setStringInput(library.InputLanguage.SMT_LIB_2_6, text, "question")
    answer = "unknown"
    while not (command := parser.nextCommand()).isNull():
        answer = str(command.invoke(solver, parser.getSymbolManager())).strip() or answer
    return answer, str(library.__version__)


if __name__ == "__main__":
    found, version = {"z3": z3, "cvc5": cvc5}[sys.argv[1]](sys.stdin.read(), float(sys.argv[2]))
    print(json.dumps({"answer": found, "version": version}))
