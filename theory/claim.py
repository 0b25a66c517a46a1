"""What a theorem says, in a form that a machine can judge.

A :class:`Claim` states once: which numbers and tasks it quantifies over, what it assumes, its two sides, which of its symbols
are *measured* on an instance, where it is attained, where it comes from, and the smallest strengthening of it that is false.
Nothing is computed when a claim is made or imported; :mod:`verify` judges it.

Examples
--------
>>> from theory.bounds import distance
>>> distance.CLAIM.name
'distance'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Basic, Expr, Range, Symbol, sympify
from sympy.core.relational import Relational

from theory.notation import n, p

#: laws of tasks that a claim may quantify over; `verify.instances.space` makes instances of each
TASK_LAWS = {
    "free": "any finite law: rational weights, curvatures with spectrum in [nu, beta], optima",
    "scalar_spectrum": "every curvature is a multiple of the identity, q_i I",
    "common_curvature": "all tasks share one curvature Q",
    "common_optimum": "all tasks share one optimum",
    "independent": "curvature and optimum are independent: the product of two finite laws",
    "commuting": "all curvatures are diagonal in one basis",
    "easy_and_hard": "clusters of curvature q_E I and q_H I, alpha q_E = 1, with their own laws of optima",
    "weight_pairs": "per task two positive semi-definite weights A and B with l A <= B <= u A that need not commute",
    "spectrum_tied": "eq. (13) of gao-sener-2020: optimum uniform on [0, beta]^p, Q = V diag(optimum) V', V Haar",
}


@dataclass(frozen=True)
class Tasks:
    """The task distributions that a claim quantifies over.

    Parameters
    ----------
    law : str
        A key of :data:`TASK_LAWS`.
    dimension, number : sympy.Range
        Admitted dimensions p and numbers of tasks n.
    """

    law: str = "free"
    dimension: Range = Range(1, 7)
    number: Range = Range(1, 9)

    def __post_init__(self) -> None:
        if self.law not in TASK_LAWS:
            raise ValueError(f"law is {self.law!r}; it must be one of {', '.join(TASK_LAWS)}")


@dataclass(frozen=True)
class Measured:
    """A symbol's value on an instance: a verb of `verify.quantities.measure` and what it is applied to.

    Parameters
    ----------
    verb : str
        Name of a verb, such as ``modeling_error``.
    arguments : mapping
        The verb's arguments by name: rules of :mod:`theory.rules` whose fields may be symbols of the claim, symbols, numbers.
    """

    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def measured(verb: str, **arguments: Any) -> Measured:
    """Short form of :class:`Measured`: ``measured("modeling_error", trained=DRS(), deployed=MAML(alpha, k))``."""
    return Measured(verb, arguments)


@dataclass(frozen=True)
class Assumption:
    """One hypothesis of a claim, and what the claim ranges over without it.

    Parameters
    ----------
    statement : sympy relational or str
        The hypothesis as a formula where it is one, otherwise as a phrase.
    without : mapping
        Fields of the claim as they are when the hypothesis is dropped: ``parameters`` (merged, symbol by symbol), ``tasks``.
    """

    statement: Relational | str
    without: Mapping[str, Any]


@dataclass(frozen=True)
class FalseSibling:
    """The smallest strengthening of a claim that is wrong: the positive control of every search.

    Parameters
    ----------
    why : str
        What was changed and why it is false, in a sentence.
    changes : mapping
        Fields of the claim with their changed values (``parameters`` are merged, symbol by symbol).
    """

    why: str
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Argued:
    """A step of a proof that the docstring argues and no machine checks."""

    statement: str


@dataclass(frozen=True)
class Extremal:
    """An instance on which a sharp claim is attained or approached.

    Parameters
    ----------
    description : str
        The instance in words.
    attained : bool
        Whether equality holds on it, or is only approached.
    parameters : mapping
        Symbol to exact value.
    tasks : tuple of mapping
        One mapping per task: ``probability``, ``optimum`` (a number or a tuple) and ``curvature`` (eigenvalue or tuple), or
        ``A`` and ``B`` for weight pairs.
    """

    description: str
    attained: bool
    parameters: Mapping[Symbol, Any] = field(default_factory=dict)
    tasks: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Source:
    """Where a claim comes from: a key of :data:`theory.bibliography.ENTRIES` (or ``derived here``) and a place in it."""

    key: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.key}, {self.place}" if self.place else self.key


@dataclass(frozen=True)
class Claim:
    """A statement ``lhs relation rhs`` about every instance of a declared space.

    Parameters
    ----------
    name : str
        Stable name; for the project's own claims the name of their file.
    title : str
        One line in words.
    lhs, rhs : sympy expression
        The two sides, in symbols of :mod:`theory.notation` that are parameters or measured, or the tasks' n and p.
    relation : {"<=", "=="}
        What is claimed of them.
    source : Source
        Origin.
    false_sibling : FalseSibling
        The positive control.
    parameters : mapping
        Symbol to its domain, in an order in which later domains may use earlier symbols: a sympy ``Interval`` (reals),
        ``Range`` (integers) or a tuple of choices.  Endpoints are exact; an open end is excluded, an infinite one admitted.
    tasks : Tasks or None
        The task distributions quantified over; None for a statement about numbers alone.
    measured : mapping
        Symbol to :class:`Measured`.  A measured value may be a vector; the relation is then meant component by component.
    assumptions : tuple of Assumption
        The hypotheses.  The declared domains already satisfy them; each says what to range over without it.
    reductions : tuple of Claim or Argued
        The steps of the proof: each a scalar claim that is judged itself, or argued in the docstring.
    failure_probability : sympy expression or None
        For a statement that holds with probability at least one minus this.
    sharp : Extremal or None
        Where the bound is attained or approached, if it is sharp.
    printed : bool
        Whether this is a publication's statement that is audited, not trusted.
    expected : {"holds", "refuted"}
        What the audit found.
    corrected : str
        Name of the claim that is true where a printed one is not.

    Raises
    ------
    ValueError
        If a side uses a symbol that is neither a parameter nor measured nor a size of the tasks, or a field has a value
        outside its choices.
    """

    name: str
    title: str
    lhs: Expr
    relation: str
    rhs: Expr
    source: Source
    false_sibling: FalseSibling | None
    parameters: Mapping[Symbol, Any] = field(default_factory=dict)
    tasks: Tasks | None = None
    measured: Mapping[Symbol, Measured] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    reductions: tuple[Claim | Argued, ...] = ()
    failure_probability: Expr | None = None
    sharp: Extremal | None = None
    printed: bool = False
    expected: str = "holds"
    corrected: str = ""

    def __post_init__(self) -> None:
        for side in ("lhs", "rhs"):
            object.__setattr__(self, side, sympify(getattr(self, side)))
        if not re.fullmatch(r"[A-Za-z0-9_\-./ ]+", self.name):
            raise ValueError(f"name is {self.name!r}; it must be letters, digits and _ - . / only")
        if self.relation not in ("<=", "=="):
            raise ValueError(f"relation of claim {self.name} is {self.relation!r}; it must be '<=' or '=='")
        if self.expected not in ("holds", "refuted"):
            raise ValueError(f"expected of claim {self.name} is {self.expected!r}; it must be 'holds' or 'refuted'")
        numbers = set(self.parameters) | (set() if self.tasks is None else {n, p})
        known = numbers | set(self.measured)
        unknown = (self.lhs.free_symbols | self.rhs.free_symbols) - known
        unknown |= self._used_by_measurements() - numbers
        if unknown:
            names = ", ".join(sorted(map(str, unknown)))
            raise ValueError(
                f"claim {self.name} uses {names}, which it neither declares in `parameters` nor defines in `measured`"
            )

    def _used_by_measurements(self) -> set[Basic]:
        used: set[Basic] = set()
        for measurement in self.measured.values():
            for argument in measurement.arguments.values():
                fields = getattr(argument, "__dataclass_fields__", None)
                values = [getattr(argument, name) for name in fields] if fields else [argument]
                for value in values:
                    used |= getattr(value, "free_symbols", set())
        return used

    def changed(self, **changes: Any) -> Claim:
        """This claim with some fields replaced; ``parameters`` and ``measured`` are merged into the present ones."""
        for merged in ("parameters", "measured"):
            if merged in changes:
                changes[merged] = {**getattr(self, merged), **changes[merged]}
        return replace(self, **changes)

    def sibling(self) -> Claim:
        """The false sibling as a claim of its own, named ``NAME/false-sibling`` and expected to be refuted.

        Raises
        ------
        ValueError
            If the claim declares none.
        """
        if self.false_sibling is None:
            raise ValueError(f"claim {self.name} declares no false sibling, so no search for a violation can be trusted")
        changes = {"title": self.false_sibling.why, "sharp": None, "reductions": (), **self.false_sibling.changes}
        changes |= {"name": f"{self.name}/false-sibling", "expected": "refuted", "false_sibling": None}
        return self.changed(**changes)

    def part(self, name: str) -> Claim:
        """A claim that belongs to this one, by the last part of its name: a reduction, or ``false-sibling``.

        Raises
        ------
        KeyError
            If there is none of that name.
        """
        parts = {reduction.name.rpartition("/")[2]: reduction for reduction in self.reductions if isinstance(reduction, Claim)}
        if name == "false-sibling":
            return self.sibling()
        if name not in parts:
            raise KeyError(f"part of claim {self.name} is {name!r}; it must be one of {', '.join([*parts, 'false-sibling'])}")
        return parts[name]

    def without(self, assumption: Assumption) -> Claim:
        """This claim ranging over what is left when `assumption` is dropped."""
        changes = {"name": f"{self.name}/without", "sharp": None, "reductions": (), **assumption.without}
        return self.changed(**changes)
