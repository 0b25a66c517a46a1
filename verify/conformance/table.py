"""Every adapter of every library that is installed, under the oracle: the lines of the table that the command prints."""

from __future__ import annotations

import json
import platform
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from verify.conformance.adapters import MODULES, Adapter, loaded, version
from verify.conformance.diagnosis import Diagnosis, diagnose
from verify.conformance.problem import Problem


@dataclass(frozen=True)
class Line:
    """One way of using a library and what came of it.

    Parameters
    ----------
    library : str
        With its version.
    name : str
        Of the adapter.
    method : str
        What it is meant to compute.
    verdict : {"conforms", "finding", "error"}
    says : str
        A sentence.
    diagnosis : Diagnosis or None
        None where running it failed.
    seconds : float
    """

    library: str
    name: str
    method: str
    verdict: str
    says: str
    diagnosis: Diagnosis | None
    seconds: float


def run(adapter: Adapter, library: str, framework: str, seed: int = 0) -> Line:
    """One adapter under the oracle; what it raises is a line too."""
    started = time.monotonic()
    problem = Problem.example(adapter.method, seed=seed, **adapter.example)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a library's own warnings are not what is judged
            found = diagnose(adapter.function, problem, framework=framework, tolerance=adapter.tolerance)
    except Exception as error:  # whatever a library raises is its result here
        says = f"raises {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return Line(library, adapter.name, adapter.method, "error", says, None, time.monotonic() - started)
    verdict = "conforms" if found.conforms else "finding"
    return Line(library, adapter.name, adapter.method, verdict, found.sentence, found, time.monotonic() - started)


def lines(names: Sequence[str] = MODULES, seed: int = 0, missing: Callable[[str, str], None] | None = None) -> Iterator[Line]:
    """Lines of all adapters of these libraries.

    Parameters
    ----------
    names : sequence of str
        Modules of :mod:`verify.conformance.adapters`.
    seed : int
        Of the problems.
    missing : callable, optional
        Takes the name of a library that cannot be imported, and why.

    Yields
    ------
    Line
    """
    for name in names:
        try:
            module = loaded(name)
        except Exception as error:  # a library may fail in more ways than being absent
            if missing is not None:
                missing(name, f"{type(error).__name__}: {' '.join(str(error).split())[:120]}")
            continue
        for adapter in module.ADAPTERS:
            yield run(adapter, version(module), module.FRAMEWORK, seed)


def markdown(found: Sequence[Line], absent: Sequence[tuple[str, str]]) -> str:
    r"""The table as Markdown, with what was missing and on which Python.

    Examples
    --------
    >>> print(markdown([Line("mine 1.0", "a | b", "MAML", "conforms", "computes it", None, 0.1)], []).splitlines()[2])
    | mine 1.0 | a \| b | MAML | conforms | computes it |
    """
    head = ["| library | used as | meant | verdict | it |", "|---|---|---|---|---|"]
    cells = ([line.library, line.name, line.method, line.verdict, line.says] for line in found)
    rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
    notes = [f"Not run: {name} ({reason})." for name, reason in absent]
    return "\n".join([*head, *rows, "", f"Python {platform.python_version()}.", *notes])


def as_json(found: Sequence[Line], absent: Sequence[tuple[str, str]]) -> str:
    """The table as JSON."""
    body = {"python": platform.python_version(), "lines": [asdict(line) for line in found], "missing": dict(absent)}
    return json.dumps(body, indent=2, default=str) + "\n"
