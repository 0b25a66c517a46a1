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
from html import escape
from typing import Any

from sympy import Expr, Symbol
from sympy.core.relational import Relational

from theory.domains import check_domain
from theory.instances import Instances, NoValue, Tasks
from theory.notation import typeset
from theory.well_formed import (
    check_changes,
    check_kind,
    check_measured,
    check_probability,
    check_symbols,
    demanded,
    formula,
    free_symbols,
)

__all__ = [
    "Argued",
    "Assumption",
    "Claim",
    "Extremal",
    "FalseSibling",
    "Instances",
    "Measured",
    "NoValue",
    "Source",
    "Stored",
    "Tasks",
    "measured",
]


@dataclass(frozen=True)
class Measured:
    """A symbol's value on an instance: a quantity of `verify.quantities.measure` and what it is applied to.

    Parameters
    ----------
    quantity : str
        Name of a quantity, such as ``modeling_error``.
    arguments : mapping
        Its arguments by name: rules of :mod:`theory.rules` whose fields may be symbols of the claim, symbols, numbers.
    """

    quantity: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.quantity, str):
            raise TypeError(f"quantity is {self.quantity!r}; it must be the name of a quantity, such as 'modeling_error'")
        check_measured(self.quantity, self.arguments)


def measured(quantity: str, /, **arguments: Any) -> Measured:
    """Short form of :class:`Measured`: ``measured("modeling_error", trained=DRS(), deployed=MAML(alpha, k))``."""
    return Measured(quantity, arguments)


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

    def __post_init__(self) -> None:
        check_kind("statement", self.statement, (Relational, str), "a relation that sympy leaves as it is, or a phrase")
        check_changes("without", self.without, Claim)


@dataclass(frozen=True)
class Stored:
    """An instance on which a statement fails, kept because a search from random starts does not come upon it.

    Parameters
    ----------
    description : str
        The instance in words.
    parameters : mapping
        Symbol to exact value: of every parameter of the statement, and of the sizes of its instances.
    tasks : mapping
        Field of the family's instances to its entries, nested tuples of exact numbers.
    """

    description: str
    parameters: Mapping[Symbol, Any] = field(default_factory=dict)
    tasks: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_kind("description", self.description, str, "the instance in words")
        check_kind("parameters of a stored instance", self.parameters, Mapping, "a mapping such as {alpha: Rational(1, 2)}")
        check_kind("tasks of a stored instance", self.tasks, Mapping, "a mapping such as {'weights': ((1, 2),)}")


@dataclass(frozen=True)
class FalseSibling:
    """The smallest strengthening of a claim that is wrong: the positive control of every search.

    Where a search falls short of the smallest one, an instance on which it fails is stored, and the control of the search is a
    statement that is false by more.

    Parameters
    ----------
    why : str
        What was changed and why it is false, in a sentence.
    changes : mapping
        Fields of the claim with their changed values (``parameters`` are merged, symbol by symbol).
    stored : Stored or None
        Where it fails, if searches are not expected to find that.
    control : FalseSibling or None
        The control of searches; given if and only if an instance is stored.
    """

    why: str
    changes: Mapping[str, Any]
    stored: Stored | None = None
    control: FalseSibling | None = None

    def __post_init__(self) -> None:
        check_kind("why", self.why, str, "a sentence")
        check_changes("changes", self.changes, Claim)
        if self.stored is not None:
            check_kind("stored", self.stored, Stored, 'a Stored instance such as Stored("two tasks", {alpha: 1}), or None')
        if self.control is not None:
            example = 'a FalseSibling such as FalseSibling("half of it", {"rhs": rhs / 2}), or None'
            check_kind("control", self.control, FalseSibling, example)
        if (self.stored is None) is not (self.control is None):
            given, missing = ("stored", "control") if self.control is None else ("control", "stored")
            raise ValueError(f"a false sibling has {given} and no {missing}; it must have both or neither")


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
    """Where a claim comes from.

    Parameters
    ----------
    key : str
        Of :data:`theory.bibliography.ENTRIES`, or ``derived here``.
    place : str
        In that publication.
    recalled : bool
        Whether the publication's statement is known from memory alone: it is then not called printed.

    Examples
    --------
    >>> str(Source("zhang-2024", "its matrix", recalled=True))
    'zhang-2024, its matrix, recalled'
    """

    key: str
    place: str = ""
    recalled: bool = False

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.key, self.place, "recalled" if self.recalled else "")))


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
        ``Range`` (consecutive integers), ``FiniteSet`` (each of its numbers) or a tuple of choices (rules, whole numbers).
        Endpoints are exact; an open end is excluded, an infinite one admitted.  The assumptions that a symbol carries must
        follow from its domain (:func:`theory.domains.contradiction`).
    tasks : Instances or None
        The instances quantified over, such as task distributions (:class:`Tasks`); None for a statement about numbers alone.
    measured : mapping
        Symbol to :class:`Measured`.  A measured value may be a vector; the relation is then meant component by component.
    assumptions : tuple of Assumption
        The hypotheses.  The declared domains already satisfy them; each says what to range over without it.
    reductions : tuple of Claim or Argued
        The steps of the proof: each a scalar claim that is judged itself, or argued in the docstring.
    failure_probability : sympy expression or None
        For a statement that holds with probability at least one minus this.
    on_average : bool
        Whether the statement is about expectations: one measured symbol is random, and the expectation of ``lhs`` is in the
        relation to that of ``rhs``.
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
    TypeError
        If a field holds what is not of its kind.
    ValueError
        If a side uses a symbol that is neither a parameter nor measured nor a size of the instances, two symbols have one name,
        a domain is empty or contradicts its symbol, a number is not exact, a step of the proof has the claim's own name, or a
        field has a value outside its choices.
    """

    name: str
    title: str
    lhs: Expr
    relation: str
    rhs: Expr
    source: Source
    false_sibling: FalseSibling | None
    parameters: Mapping[Symbol, Any] = field(default_factory=dict)
    tasks: Instances | None = None
    measured: Mapping[Symbol, Measured] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    reductions: tuple[Claim | Argued, ...] = ()
    failure_probability: Expr | None = None
    on_average: bool = False
    sharp: Extremal | None = None
    printed: bool = False
    expected: str = "holds"
    corrected: str = ""

    def __repr__(self) -> str:
        return f"<Claim {self.name}: {self.lhs} {self.relation} {self.rhs}>"

    def _repr_latex_(self) -> str:
        """The statement as a notebook shows it."""
        relation = {"<=": r"\le", "==": "="}[self.relation]
        return f"${typeset(self.lhs)} {relation} {typeset(self.rhs)}$"

    def _repr_html_(self) -> str:
        """The statement with its name, title and source, as a notebook shows it; what does not fit is drawn by its MathJax."""
        name, title, source = (escape(str(part)) for part in (self.name, self.title, self.source))
        return f"<div><b>{name}</b>: {title}<br>{escape(self._repr_latex_())}<br><small>{source}</small></div>"

    def __new__(cls, *_: Any, **fields: Any) -> Claim:
        """Say which field a misspelt one may be, before the fields are set."""
        check_changes(cls.__name__, fields, cls)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not re.fullmatch(r"[A-Za-z0-9_\-./ ]+", self.name):
            raise ValueError(f"name is {self.name!r}; it must be letters, digits and _ - . / only")
        self._check_kinds()
        if self.relation not in ("<=", "=="):
            swap = ": swap the sides and write '<='" if self.relation in (">=", ">") else ""
            raise ValueError(f"relation of claim {self.name} is {self.relation!r}; it must be '<=' or '=='{swap}")
        if self.expected not in ("holds", "refuted"):
            raise ValueError(f"expected of claim {self.name} is {self.expected!r}; it must be 'holds' or 'refuted'")
        for side in ("lhs", "rhs", "failure_probability"):
            if side != "failure_probability" or self.failure_probability is not None:
                object.__setattr__(self, side, formula(f"{side} of claim {self.name}", getattr(self, side)))
        if self.failure_probability is not None:
            check_probability(f"failure_probability of claim {self.name}", self.failure_probability)
            if self.on_average:
                raise ValueError(f"claim {self.name} is on_average and has a failure_probability; it must have one of the two")
        if any(isinstance(step, Claim) and step.name == self.name for step in self.reductions):
            raise ValueError(f"a step of the proof of claim {self.name} has the claim's own name; it must have another one")
        check_symbols(self)
        earlier: dict[Symbol, Any] = dict({} if self.tasks is None else self.tasks.sizes)
        for symbol, domain in self.parameters.items():
            where = f"the domain of {symbol} in claim {self.name}"
            check_domain(where, symbol, domain, earlier)
            early = free_symbols(domain if isinstance(domain, tuple) else (domain,)) - set(earlier)
            if early:
                names = ", ".join(sorted(map(str, early)))
                raise ValueError(f"{where} uses {names}; it may use only parameters declared before it")
            earlier[symbol] = domain

    def _check_kinds(self) -> None:
        of = f"of claim {self.name}"
        for name, kind, example in _FIELDS:
            value = getattr(self, name)
            if value is not None or name not in _OPTIONAL:
                check_kind(f"{name} {of}", value, kind, example)
        for name, kind, example in _ENTRIES:
            entries = getattr(self, name)
            for key, entry in entries.items() if isinstance(entries, Mapping) else ((None, entry) for entry in entries):
                if key is not None or isinstance(entries, Mapping):
                    check_kind(f"a key of {name} {of}", key, Symbol, "a symbol of theory.notation, or one of your own")
                check_kind(f"an entry of {name} {of}", entry, kind, example)

    def demands(self) -> dict[Symbol, list[str]]:
        """What the measured symbols' assumptions promise of their values, to be checked wherever a value is measured.

        Returns
        -------
        dict
            Measured symbol to assumptions in sympy's words (``nonnegative``, ``positive``, ``integer``, ...), none implied by
            another; symbols that promise no more than to be real are left out.

        Examples
        --------
        >>> from theory.bounds import claim
        >>> claim("small_rate_modeling_error").demands()
        {gap: ['nonnegative']}
        """
        found = {symbol: demanded(symbol) for symbol in self.measured}
        return {symbol: promises for symbol, promises in found.items() if promises}

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
        return self._false(self._declared(), "false-sibling")

    def control(self) -> Claim:
        """What every search must see to be false before its silence counts: the false sibling, or its looser ``NAME/control``.

        Raises
        ------
        ValueError
            If the claim declares no false sibling.
        """
        declared = self._declared()
        return self.sibling() if declared.control is None else self._false(declared.control, "control")

    def _declared(self) -> FalseSibling:
        if self.false_sibling is None:
            raise ValueError(f"claim {self.name} declares no false sibling, so no search for a violation can be trusted")
        return self.false_sibling

    def _false(self, statement: FalseSibling, part: str) -> Claim:
        changes = {"title": statement.why, "sharp": None, "reductions": (), **statement.changes}
        changes |= {"name": f"{self.name}/{part}", "expected": "refuted", "false_sibling": None}
        return self.changed(**changes)

    def part(self, name: str) -> Claim:
        """A claim that belongs to this one, by the last part of its name: a reduction, ``false-sibling`` or ``control``.

        Raises
        ------
        KeyError
            If there is none of that name.
        """
        parts = {reduction.name.rpartition("/")[2]: reduction for reduction in self.reductions if isinstance(reduction, Claim)}
        if name == "false-sibling":
            return self.sibling()
        if name == "control":
            return self.control()
        if name not in parts:
            raise KeyError(f"part of claim {self.name} is {name!r}; it must be one of {', '.join([*parts, 'false-sibling'])}")
        return parts[name]

    def without(self, assumption: Assumption) -> Claim:
        """This claim ranging over what is left when `assumption` is dropped.

        Raises
        ------
        TypeError
            If `assumption` is something else, such as its text.
        """
        if not isinstance(assumption, Assumption):
            raise TypeError(f"assumption is {assumption!r}; it must be one of the claim's, such as CLAIM.assumptions[0]")
        changes = {"name": f"{self.name}/without", "sharp": None, "reductions": (), **assumption.without}
        return self.changed(**changes)


#: kinds of the fields, with an example for whoever gave something else
_FIELDS: tuple[tuple[str, Any, str], ...] = (
    ("title", str, "a line in words"),
    ("relation", str, "'<=' or '=='"),
    ("source", Source, 'a Source such as Source("derived here")'),
    ("false_sibling", FalseSibling, 'a FalseSibling such as FalseSibling("half of it", {"rhs": rhs / 2}), or None'),
    ("parameters", Mapping, "a mapping such as {alpha: Interval(0, 1)}"),
    ("tasks", Instances, 'such as Tasks("free") or Instances("coverage", {elements: Range(2, 7)}), or None'),
    ("measured", Mapping, 'a mapping such as {excess: measured("modeling_error", trained=DRS(), deployed=MAML(alpha))}'),
    ("assumptions", tuple, "a tuple such as (Assumption(alpha * beta <= 1, {...}),)"),
    ("reductions", tuple, 'a tuple of claims and Argued("...")'),
    ("on_average", bool, "True or False"),
    ("sharp", Extremal, "an Extremal, or None"),
    ("printed", bool, "True or False"),
    ("expected", str, "'holds' or 'refuted'"),
    ("corrected", str, "the name of a claim"),
)
_OPTIONAL = ("false_sibling", "tasks", "sharp")
_ENTRIES: tuple[tuple[str, Any, str], ...] = (
    ("parameters", object, ""),
    ("measured", Measured, 'such as measured("optimum", rule=DRS())'),
    ("assumptions", Assumption, "an Assumption such as Assumption(alpha * beta <= 1, {...})"),
    ("reductions", (Claim, Argued), 'a Claim or Argued("...")'),
)
