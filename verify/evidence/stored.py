"""Evidence by a stored instance: what refutes a statement that no search from random starts is expected to refute.

Examples
--------
>>> from theory.bounds import claim
>>> question = Question(claim("adapting_sets_first/false-sibling"))
>>> evidence = replayed(question, claim("adapting_sets_first").false_sibling.stored)
>>> evidence.violation.ratio()
1.0666666666666667
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Interval, Range, Rational, Symbol, sympify

from theory.claim import Stored
from verify.evidence.question import Question
from verify.evidence.replay import Outcome
from verify.evidence.result import Evidence
from verify.instances.batch import Batch, Cell, instance
from verify.instances.codes import Array
from verify.instances.family import entries


def replayed(question: Question, stored: Stored) -> Evidence:
    """Decide a statement on its stored instance, in exact numbers.

    Parameters
    ----------
    question : Question
        About the statement.
    stored : Stored

    Returns
    -------
    Evidence
        With the violation, or with a detail that says there is none.

    Raises
    ------
    ValueError
        If the instance lacks a parameter or a size, has a size outside of its range or an array of another shape, or is none of
        the claim's family.
    """
    found = question.decided(made(question, stored))
    if found.outcome is not Outcome.VIOLATED:
        return Evidence(instances=1, detail=f"no violation on the stored instance, {stored.description}: {found.outcome.value}")
    detail = f"on a stored instance, {stored.description}; searches are controlled by a statement that is false by more"
    return Evidence(instances=1, compared=1, violation=found, detail=detail)


def made(question: Question, stored: Stored) -> Batch:
    """The stored instance in rationals; fields that it leaves out are those of the simplest instance of its shape.

    Parameters
    ----------
    question : Question
    stored : Stored

    Raises
    ------
    ValueError
        See :func:`replayed`.
    """
    space, name = question.space, question.claim.name
    wanted = {*question.claim.parameters, *space.shapes}
    if set(stored.parameters) != wanted:
        known, given = (", ".join(sorted(map(str, symbols))) for symbols in (wanted, stored.parameters))
        raise ValueError(f"the stored instance of claim {name} gives {given or 'no parameter'}; it must give {known}")
    values = {symbol: _exact(question, symbol, value) for symbol, value in stored.parameters.items()}
    for symbol, admitted in space.shapes.items():
        if values[symbol] not in admitted:
            raise ValueError(f"the stored instance of claim {name} has {symbol} = {values[symbol]}; it must be in {admitted}")
    if question.claim.tasks is None:
        return instance(values)
    shape = Cell(tuple((symbol, values[symbol]) for symbol in space.shapes))
    plain = space.exact(shape, np.zeros(space.length(shape), np.int64)).tasks
    where = f"of the stored instance of claim {name}"
    arrays = {field: _like(f"{field} {where}", plain, field, stored.tasks) for field, _ in entries(plain)}
    found = instance(values, type(plain)(**arrays))
    family = space.family
    assert family is not None
    if family.holds is None:
        raise ValueError(f"claim {name} stores an instance of the family {family.name!r}, which has no `holds` to tell one")
    if not family.holds(found.tasks, found.values):
        raise ValueError(f"the stored instance of claim {name} is none of its family, {family.words}")
    return found


def _exact(question: Question, symbol: Symbol, value: Any) -> Any:
    domain = question.space.shapes.get(symbol, question.claim.parameters.get(symbol))
    if isinstance(domain, Range):
        return int(value)
    return _fraction(value) if isinstance(domain, Interval) else value


def _fraction(value: Any) -> Fraction:
    number = sympify(value)
    if not isinstance(number, Rational):
        raise ValueError(f"a stored instance holds {value!r}; it must hold exact numbers such as Rational(1, 2)")
    return Fraction(int(number.p), int(number.q))


def _like(where: str, plain: Any, field: str, given: Mapping[str, Any]) -> Array:
    """A field as nested fractions or as whole numbers, as the family's decoder makes them."""
    model = getattr(plain, field)
    if field not in given:
        return model[0] if isinstance(model, np.ndarray) else model
    found = np.array(given[field], dtype=object)
    if found.shape != model.shape[1:]:
        raise ValueError(f"{where} has the shape {found.shape}; it must have the shape {model.shape[1:]}")
    if model.dtype.kind in "iub":
        return found.astype(model.dtype)
    return np.asarray(np.frompyfunc(_fraction, 1, 1)(found), dtype=object)
