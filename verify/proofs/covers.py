r"""The cover of a claim's domain that a certification over two parameters makes, for a picture.

Branch and bound runs on the claim as it stands, without factors, so that the picture shows where the two sides come close:
boxes are small there, and what touches is left undecided.  Parameters beyond two are fixed by ``--at``; a scale (beta, or the
square root of u) is fixed at 1 by itself.

Examples
--------
>>> from theory.bounds import claim
>>> found = cover(claim("distance/core"), {})
>>> found.x, found.y
('root_l', 'x')
>>> 0.9 < found.settled < 1
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import FiniteSet, Interval, Range, Symbol

from theory.claim import Claim
from theory.notation import beta, root_u
from verify.proofs import certified
from verify.proofs.branching import Leaf
from verify.proofs.statement import Statement, Unprovable
from verify.shell.usage_error import UsageError

#: boxes of a picture: enough to see where they shrink, few enough to keep a page small
_BOXES = 1500
#: parameters that are units: a picture is drawn at 1
_SCALES = (beta, root_u)


@dataclass(frozen=True)
class Cover:
    """What branch and bound made of a claim over two parameters.

    Attributes
    ----------
    claim : str
    x, y : str
        The parameters; the horizontal and the vertical side of the unit square.
    x_ends, y_ends : pair of str
        Ends of their domains.
    fixed : str
        What the others are fixed at.
    leaves : list of Leaf
    """

    claim: str
    x: str
    y: str
    x_ends: tuple[str, str]
    y_ends: tuple[str, str]
    fixed: str
    leaves: list[Leaf]

    @property
    def settled(self) -> float:
        """The settled part of the square."""
        return float(sum(_area(leaf) for leaf in self.leaves if leaf.mark is not None))

    def __str__(self) -> str:
        open_ = [leaf for leaf in self.leaves if leaf.mark is None]
        violated = sum(leaf.violated for leaf in open_)
        slack = min((leaf.bound for leaf in self.leaves if leaf.mark is not None), default=float("nan"))
        at = f" at {self.fixed}" if self.fixed else ""
        return (
            f"{self.claim}{at}: {self.settled:.3%} of the square over {self.x} and {self.y} certified in "
            f"{len(self.leaves) - len(open_)} boxes, least bound {slack:.2g}; {len(open_) - violated} boxes undecided, "
            f"{violated} violated"
        )


def _area(leaf: Leaf) -> Any:
    (x, x_end), (y, y_end) = leaf.box
    return (x_end - x) * (y_end - y)


def cover(claim: Claim, at: Mapping[Symbol, Any], *, deadline: float = float("inf")) -> Cover:
    """Certify a claim over two of its parameters, the others being fixed.

    Parameters
    ----------
    claim : Claim
        An inequality about numbers.
    at : mapping
        Values of parameters.
    deadline : float
        Value of ``time.monotonic()`` after which to stop.

    Raises
    ------
    verify.shell.usage_error.UsageError
        If it is none, or the parameters that are left are not two.
    """
    try:
        statement, fixed = _fixed(Statement.of(claim), at)
        if len(free := _free(statement)) != 2:
            raise UsageError(
                f"claim {claim.name} has {', '.join(map(str, free)) or 'nothing'} left to vary; --at must leave two"
            )
        found = certified.search(statement, most=_BOXES, deadline=deadline, to_the_end=True)
    except (Unprovable, TypeError) as reason:
        raise UsageError(f"claim {claim.name} cannot be certified: {reason}") from None
    x, y = free
    ends = [_ends(statement.parameters[symbol]) for symbol in free]
    said = ", ".join(f"{symbol} = {value}" for symbol, value in fixed.items())
    return Cover(claim.name, str(x), str(y), ends[0], ends[1], said, found.found[0].leaves)


def _fixed(statement: Statement, at: Mapping[Symbol, Any]) -> tuple[Statement, dict[Symbol, Any]]:
    """The statement at given values, at 1 for a scale, and at the least values of integers that must be numbers."""
    values = dict(at)
    for symbol, domain in statement.parameters.items():
        if symbol in values:
            continue
        if symbol in _SCALES and isinstance(domain, Interval) and domain.end.is_infinite:
            values[symbol] = 1
        elif symbol in statement.counts() and isinstance(domain, Range):
            values[symbol] = int(domain.start)
    domains = {
        symbol: (Range(values[symbol], values[symbol] + 1) if isinstance(domain, Range) else FiniteSet(values[symbol]))
        if symbol in values
        else domain.subs(values)
        for symbol, domain in statement.parameters.items()
    }
    return replace(statement, parameters=domains), values


def _free(statement: Statement) -> list[Symbol]:
    return [
        symbol
        for symbol, domain in statement.parameters.items()
        if isinstance(domain, Interval) or (isinstance(domain, Range) and len(domain) > 1)
    ]


def _ends(domain: Any) -> tuple[str, str]:
    return (str(domain.start), str(domain.end if isinstance(domain, Interval) else domain.stop - 1))


def pictured(claims: Sequence[Claim], *, deadline: float = float("inf")) -> list[Cover]:
    """Covers of those claims that have two parameters once scales are fixed."""
    found = []
    for claim in claims:
        try:
            found.append(cover(claim, {}, deadline=deadline))
        except UsageError:
            continue
    return found
