"""Certificates as files: what was proved, and what lets anyone check it.

A certificate is JSON: the statement in sympy's ``srepr``, the polynomial proof if there is one, the questions that solvers
answered, the certified boxes if there are some.  Reading one executes nothing and trusts nothing: formulas are read by a small
grammar of sympy's constructors (:mod:`verify.proofs.formulas`), and a symbol's assumptions must follow from its domain.

Examples
--------
>>> from theory.bounds import claim
>>> statement = Statement.of(claim("adapted_risk/maml"))
>>> parsed(described(statement)) == statement
True
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import sympy
from sympy import Expr, FiniteSet, Interval, Range, Symbol, srepr

from theory import kernel_rules, pruning_rules, rules
from theory.notation import written
from theory.rule import Rule
from verify.proofs.formulas import Invalid, formula
from verify.proofs.statement import Statement, Unprovable
from verify.quantities.formulas import Derived

#: the version of the format
FORMAT = 1
#: the project's rules by name, which a statement may be about
_RULES = {
    name: kind
    for module in (rules, kernel_rules, pruning_rules)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Rule) and is_dataclass(kind)
}
_NAME = re.compile(r"[A-Za-z0-9_\-./@ ]{1,4000}")
#: letters of a claim's name in that of a file
_LONGEST = 120
#: bytes of a file, and parameters of a statement
_MOST_BYTES, _MOST_PARAMETERS = 1 << 26, 60


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
        name, pairs, relation, items = (entry[key] for key in ("name", "parameters", "relation", "derived"))
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Invalid("the statement's name is none")
        if not isinstance(pairs, list) or not isinstance(items, list) or max(len(pairs), len(items)) > _MOST_PARAMETERS:
            raise Invalid("the statement's parameters or derived symbols are no lists of a reasonable length")
        parameters = _mapping([(formula(symbol), formula(domain)) for symbol, domain in pairs])
        if not all(isinstance(domain, Interval | Range | FiniteSet) for domain in parameters.values()):
            raise Invalid("a parameter's domain is no nonempty Interval, Range or FiniteSet")
        if relation not in ("<=", "=="):
            raise Invalid("the statement's relation is neither '<=' nor '=='")
        derived = _mapping([(formula(item["symbol"]), _derived(item)) for item in items])
        sides = [formula(entry[side]) for side in ("lhs", "rhs")]
        if not all(isinstance(side, Expr) for side in sides):
            raise Invalid("a side of the statement is no number")
        return Statement(name, parameters, sides[0], relation, sides[1], derived)
    except Unprovable as error:
        raise Invalid(f"the statement is none: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise error if isinstance(error, Invalid) else Invalid("the statement cannot be read") from error


def _mapping(pairs: list[tuple[Any, Any]]) -> dict[Symbol, Any]:
    if not all(isinstance(symbol, Symbol) for symbol, _ in pairs) or len({symbol.name for symbol, _ in pairs}) < len(pairs):
        raise Invalid("the statement declares what is no symbol, or two of one name")
    return dict(pairs)


def _derived(item: Mapping[str, Any]) -> Derived:
    kind = _RULES.get(item["rule"])
    if kind is None:
        raise Invalid("a derived symbol's rule is not one of the project's")
    known = {name: None if value is None else formula(value) for name, value in item["fields"].items()}
    if set(known) != {entry.name for entry in fields(kind)} or not isinstance(item["deployed"], bool):
        raise Invalid(f"a derived symbol's {item['rule']} has other fields than the rule")
    curvature = formula(item["curvature"])
    if not all(value is None or isinstance(value, Expr) for value in (*known.values(), curvature)):
        raise Invalid(f"a derived symbol's {item['rule']} has a field that is no number")
    return Derived(kind(**known), curvature, item["deployed"])


def told(statement: Statement) -> list[str]:
    """What a statement says, in full: parameters with their domains, both sides, derived symbols, and what sympy was told.

    Examples
    --------
    >>> from theory.bounds import claim
    >>> told(Statement.of(claim("lower_curvature/numerator")))[0]
    'for s in [0, infinity): s^2/30 - s/18 = s (s - 5/3)/30'
    """
    domains = ", ".join(f"{symbol} in {written(domain)}" for symbol, domain in statement.parameters.items())
    sign = "=" if statement.relation == "==" else statement.relation
    lines = [f"{f'for {domains}: ' if domains else ''}{written(statement.lhs)} {sign} {written(statement.rhs)}"]
    for symbol, entry in statement.derived.items():
        if isinstance(entry, Derived):
            kind = "deployment" if entry.deployed else "training"
            lines.append(f"where {symbol} is the {kind} weight of {entry.rule} at {written(entry.curvature)}")
        else:
            lines.append(f"where {symbol} is measured on the family's tasks")
    for symbol in (*statement.parameters, *statement.derived):
        if facts := [fact for fact, value in symbol._assumptions_orig.items() if value and fact not in ("commutative", "real")]:
            lines.append(f"sympy was told that {symbol} is {', '.join(facts)}, as its domain says")
    return lines


def file_name(name: str, content: str) -> str:
    """The name of a certificate's file: the claim's, and a digest of the statement, so that no two statements share one.

    Parameters
    ----------
    name : str
        The claim's.
    content : str
        The certificate's text.

    Examples
    --------
    >>> file_name("distance/core", '{"statement": {}}')
    'distance.core-44136fa3.json'
    >>> len(file_name("long" * 99, "{}")) < 150
    True
    """
    statement = json.loads(content).get("statement")
    digest = hashlib.sha256(json.dumps(statement, sort_keys=True).encode()).hexdigest()[:8]
    spelled = name.replace("/", ".")
    if len(spelled) > _LONGEST:  # longer ones no file system takes
        spelled = f"{spelled[:_LONGEST]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"{spelled}-{digest}.json"


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
    OSError
        If the file cannot be read.
    Invalid
        If it is no certificate.
    """
    if (size := Path(path).stat().st_size) > _MOST_BYTES:
        raise Invalid(f"it has {size} bytes; a certificate has at most {_MOST_BYTES}")
    try:
        content = json.loads(Path(path).read_bytes().decode("utf-8"), parse_constant=_no_constant)
    except (RecursionError, MemoryError):
        raise Invalid("it is no certificate: it is nested too deeply") from None
    except ValueError as error:
        raise Invalid(f"it is no JSON: {' '.join(str(error).split())[:120]}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise Invalid(f"it is no certificate of format {FORMAT}")
    return content


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
