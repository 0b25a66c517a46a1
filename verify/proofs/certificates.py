"""Certificates as files: what was proved, and what lets anyone check it.

A certificate is JSON: the statement in sympy's ``srepr``, the polynomial proof if there is one, the questions that solvers
answered, the certified boxes if there are some.  Reading one executes nothing: formulas are rebuilt from a short list of
constructors of sympy's.

Examples
--------
>>> from theory.bounds import claim
>>> statement = Statement.of(claim("adapted_risk/maml"))
>>> parsed(described(statement)) == statement
True
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import sympy
from sympy import FiniteSet, Interval, Range, Symbol, srepr

from theory import rules
from verify.proofs.statement import Derived, Statement

#: the version of the format
FORMAT = 1
_CONSTRUCTORS = frozenset(
    {
        *("Symbol", "Integer", "Rational", "Add", "Mul", "Pow", "Abs", "exp", "Min", "Max"),
        *("Interval", "Range", "FiniteSet", "Tuple"),
    }
)
_NAMES = {"oo": sympy.oo, "true": sympy.true, "false": sympy.false}


class Invalid(ValueError):
    """A file that is no certificate, or one that does not prove what it says; the message says why."""


@dataclass(frozen=True)
class Finding:
    """What a level of evidence found for a claim.

    Attributes
    ----------
    granted : bool
        Whether the claim is proved, or certified.
    detail : str
        By what, or why not.
    parts : mapping
        The proofs, for the certificate.
    statement : Statement or None
        What they prove.
    contradicted : bool
        Whether two methods contradict each other.
    region : mapping
        Of a certification: parts ``settled`` and ``undecided`` of the unit cube, rounded, the number of ``open`` boxes, which
        alone decides, least ``slack``, and ``where`` the undecided part lies.
    suspects : list of dict
        Points at which exact numbers deny the statement: every parameter to a ``Fraction`` or an ``int``.
    """

    granted: bool
    detail: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    statement: Statement | None = None
    contradicted: bool = False
    region: Mapping[str, Any] = field(default_factory=dict)
    suspects: list[dict[Symbol, Any]] = field(default_factory=list)


def described(statement: Statement) -> dict[str, Any]:
    """A statement as JSON can hold it."""
    return {
        "name": statement.name,
        "parameters": [[srepr(symbol), srepr(domain)] for symbol, domain in statement.parameters.items()],
        "lhs": srepr(statement.lhs),
        "relation": statement.relation,
        "rhs": srepr(statement.rhs),
        "derived": [
            {
                "symbol": srepr(symbol),
                "rule": type(entry.rule).__name__,
                "fields": {f.name: _described_field(getattr(entry.rule, f.name)) for f in fields(entry.rule)},
                "curvature": srepr(entry.curvature),
                "deployed": entry.deployed,
            }
            for symbol, entry in statement.derived.items()
            if isinstance(entry, Derived)
        ],
    }


def _described_field(value: Any) -> str | None:
    return None if value is None else srepr(sympy.sympify(value))


def parsed(entry: Mapping[str, Any]) -> Statement:
    """The statement of a certificate.

    Raises
    ------
    Invalid
        If something is missing or is no formula of the kind that claims are made of.
    """
    try:
        parameters = {formula(symbol): formula(domain) for symbol, domain in entry["parameters"]}
        if not all(isinstance(domain, Interval | Range | FiniteSet) for domain in parameters.values()):
            raise Invalid("a parameter's domain is no Interval, Range or FiniteSet")
        if entry["relation"] not in ("<=", "=="):
            raise Invalid(f"the relation is {entry['relation']!r}; it must be '<=' or '=='")
        derived = {formula(item["symbol"]): _derived(item) for item in entry["derived"]}
        lhs, rhs = formula(entry["lhs"]), formula(entry["rhs"])
        return Statement(entry["name"], parameters, lhs, entry["relation"], rhs, derived)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise error if isinstance(error, Invalid) else Invalid(f"the statement cannot be read: {error}") from error


def _derived(item: Mapping[str, Any]) -> Derived:
    kind = getattr(rules, item["rule"], None) if item["rule"] in rules.__all__ else None
    if not (isinstance(kind, type) and issubclass(kind, rules.Rule)):
        raise Invalid(f"the rule {item['rule']!r} is not one of theory.rules")
    known = {name: None if value is None else formula(value) for name, value in item["fields"].items()}
    return Derived(kind(**known), formula(item["curvature"]), item["deployed"])


def formula(text: str) -> Any:
    """The sympy object that an ``srepr`` describes, built without executing the text.

    Raises
    ------
    Invalid
        If the text holds anything but the constructors that claims are made of.
    """
    try:
        return _built(ast.parse(text, mode="eval").body)
    except (SyntaxError, RecursionError, TypeError, ValueError) as error:
        raise error if isinstance(error, Invalid) else Invalid(f"{text[:80]!r} is no formula") from error


def _built(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | bool):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -_built(node.operand)
    if isinstance(node, ast.Name) and node.id in _NAMES:
        return _NAMES[node.id]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CONSTRUCTORS:
        keywords = {keyword.arg: _built(keyword.value) for keyword in node.keywords if keyword.arg is not None}
        return getattr(sympy, node.func.id)(*map(_built, node.args), **keywords)
    raise Invalid(f"a formula holds {ast.unparse(node)[:80]!r}, which no claim is made of")


def text(statement: Statement, parts: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """A certificate's text.

    Parameters
    ----------
    statement : Statement
    parts : mapping
        ``polynomials``, ``enclosures``, ``boxes``, ``solvers``: the proofs that there are.
    versions : mapping
        Of the packages that found them.
    """
    whole = {"format": FORMAT, "statement": described(statement), **parts, "versions": dict(versions)}
    return json.dumps(whole, indent=1) + "\n"


def on_family(name: str, slack: Fraction, parts: Mapping[str, Any]) -> str:
    """The text of a certificate of a claim on a family; the statement is made anew from the project's own, and not stored.

    Parameters
    ----------
    name : str
        A key of :data:`theory.families.FAMILIES`.
    slack : Fraction
    parts : mapping
        As of :func:`text`.
    """
    return json.dumps({"format": FORMAT, "family": name, "slack": str(slack), **parts}, indent=1) + "\n"


def read(path: str | Path) -> dict[str, Any]:
    """A certificate's content.

    Raises
    ------
    Invalid
        If the file cannot be read or is no certificate.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"file {path} cannot be read: {error.strerror}") from error
    except RecursionError:
        raise Invalid(f"file {path} is no certificate: it is nested too deeply") from None
    except ValueError as error:
        raise Invalid(f"file {path} is no JSON: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise Invalid(f"file {path} is no certificate of format {FORMAT}")
    return content
