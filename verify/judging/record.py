"""The verdict on one claim, as it is printed and as it goes into JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from theory.claim import Claim
from verify.evidence.result import Verdict
from verify.shell.numbers import ratio_text

#: what is said of a step that no machine checks
ARGUED = "argued in the docstring"


@dataclass
class Record:
    """The verdict on one claim, as it is printed and as it goes into JSON.

    Attributes
    ----------
    name, title, source : str
    printed : bool
        Whether it is a publication's statement under audit.
    expected : str
        ``holds`` or ``refuted``.
    verdict : Verdict
    worst_ratio : float
        Largest lhs/rhs seen; NaN for equalities and where nothing was seen.
    instances, undefined : int
        Instances compared, and those among them without a value.
    counterexample : dict
        ``simplest`` and ``worst``: Python that replays the violation exactly; empty unless refuted.
    detail : str
        What else there is to say: a missed control, a disagreement, time that ran out.
    seconds : float
    seed : int
    versions : dict
        Of the packages that the verdict rests on.
    certificate : str
        The proof as JSON, for ``python -m verify.replay``; empty unless proved or certified, be it in part only.
    steps : list of dict
        The steps of the proof of a claim about tasks: ``step`` in words, its ``name`` if a machine judged it, and ``by``: the
        machine's verdict, or ``argued in the docstring``.
    region : dict
        How much of the unit cube onto which the domain is mapped is certified: parts ``settled`` and ``undecided``, least
        ``slack`` and ``where`` the undecided part lies; empty where certification was not tried.
    control : str
        What the claim's false sibling shows of the methods that grant the verdict: by how much it is false where it was caught.
    cached : bool
        Whether the verdict was reached by an earlier run (:mod:`verify.judging.cache`).
    """

    name: str
    title: str
    source: str
    printed: bool
    expected: str
    verdict: Verdict
    worst_ratio: float
    instances: int
    undefined: int
    counterexample: dict[str, str]
    detail: str
    seconds: float
    seed: int
    versions: dict[str, str] = field(default_factory=dict)
    certificate: str = ""
    cached: bool = False
    region: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, str]] = field(default_factory=list)
    control: str = ""

    def __repr__(self) -> str:
        ratio = f", worst ratio {text}" if (text := ratio_text(self.worst_ratio)) else ""
        return f"<Record {self.name}: {self.verdict}{ratio}, {self.instances:,} instances>"

    def _repr_html_(self) -> str:
        """The record as a notebook shows it: what it says, a row each."""
        rows = {"claim": self.name, "says": self.title, "verdict": self.verdict.value}
        rows |= {"worst ratio": ratio_text(self.worst_ratio), "instances": f"{self.instances:,}", "detail": self.detail}
        rows |= {"control": self.control, "source": self.source}
        shown = (f"<tr><th>{name}</th><td>{escape(said)}</td></tr>" for name, said in rows.items() if said)
        return f"<table>{''.join(shown)}</table>"

    @property
    def beside(self) -> bool:
        """Whether it is of a statement that is false on purpose: a false sibling or the control of searches."""
        return self.name.rpartition("/")[2] in ("false-sibling", "control")

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is what the claim's author declared."""
        if self.expected == "refuted":
            return self.verdict is Verdict.REFUTED
        return self.verdict in (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SEARCHED, Verdict.SAMPLED)


def versions(
    packages: Iterable[str] = ("numpy", "scipy", "sympy", "numba", "hypothesis", "cmaes"),
) -> dict[str, str]:
    """Versions of the packages that a verdict rests on."""
    return {name: installed(name) for name in packages}


@lru_cache(maxsize=32)
def installed(package: str) -> str:
    """Version of a package, which is read once and not for every record; empty if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def say_steps(claim: Claim, records: Sequence[Record]) -> None:
    """Say in the record of a claim about tasks how far its proof is a machine's: step by step, in numbers.

    Parameters
    ----------
    claim : Claim
    records : sequence of Record
        Its own and those of its steps among them.
    """
    if claim.tasks is None or not claim.reductions:
        return
    verdicts = {record.name: record.verdict.value for record in records}
    steps = [
        {"step": step.title, "name": step.name, "by": verdicts.get(step.name, "not judged")}
        if isinstance(step, Claim)
        else {"step": step.statement, "name": "", "by": ARGUED}
        for step in claim.reductions
    ]
    kinds = [step["by"] for step in steps]
    order = [*(verdict.value for verdict in Verdict), ARGUED, "not judged"]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in order if kind in kinds)
    for record in records:
        if record.name == claim.name:
            record.steps = steps
            record.detail = "; ".join(filter(None, (record.detail, f"steps: {counted}; how they combine is argued")))
