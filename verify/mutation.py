"""Mutation of claims: change one constant, exponent, sign or end of a range, and see whether the judge notices.

A mutant that no search refutes must have a reason: it is *weaker* than the claim and therefore true, has the *same* values
everywhere, has *no value* anywhere, is *stronger* and proved, or the claim has *slack* there because it is not declared sharp.
A mutant that is stronger than a claim declared sharp and survives is a *defect*: of the claim, or of the search.  Survivors
about numbers alone are handed to the provers; of a statement that holds with a probability it is said how often it failed.

As a command: ``python -m verify.mutation [CLAIM ...]``.

Examples
--------
>>> from theory.bounds import claim
>>> "defect" in {fate(mutant).value for mutant in mutants(claim("lower_curvature/numerator"))}
False
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Add, Expr, Integer, Interval, Mul, Pow, Rational
from threadpoolctl import threadpool_limits

from theory.claim import Claim
from theory.notation import beta, nu, radius, root_l, root_u, sigma2
from verify import certified, proved, replicated
from verify.command_line import Parser, at_least, command, writable
from verify.compare import Subject
from verify.evidence import Evidence
from verify.hunt import hunt
from verify.whole_files import write
from verify.workforce import spread

#: relative change of a constant
_CHANGE = Rational(1, 100)
#: parameters that instances are made from; their ranges are not statements
_STRUCTURAL = frozenset({beta, nu, radius, root_l, root_u, sigma2})
#: seconds that a prover may take for one survivor
_PATIENCE = 20.0


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    WEAKER = "weaker"
    SAME = "same"
    NO_VALUE = "no value"
    STRONGER = "stronger"
    SLACK = "slack"
    DEFECT = "defect"


@dataclass(frozen=True)
class Mutant:
    """A claim with one thing changed.

    Attributes
    ----------
    original, claim : Claim
    change : str
        What was changed, in words.
    """

    original: Claim
    claim: Claim
    change: str


@dataclass(frozen=True)
class Settled:
    """What became of a mutant.

    Attributes
    ----------
    mutant : Mutant
    fate : Fate
    shown : str
        What shows that a survivor is true, beyond the search; empty if nothing does.
    """

    mutant: Mutant
    fate: Fate
    shown: str = ""


def mutants(claim: Claim) -> Iterator[Mutant]:
    """Every mutant of a claim's two sides and of the ends of its ranges.

    Parameters
    ----------
    claim : Claim
    """
    for side in ("lhs", "rhs"):
        whole = getattr(claim, side)
        for changed, how in _expressions(whole):
            if changed != whole:
                yield Mutant(claim, claim.changed(**{side: changed}), f"{side}: {how}")
    for symbol, domain in claim.parameters.items():
        if symbol in _STRUCTURAL or not isinstance(domain, Interval) or domain.end.is_infinite:
            continue
        # what the longer range adds, where alone it can be false
        added = Interval.Lopen(domain.end, (1 + _CHANGE) * domain.end)
        yield Mutant(claim, claim.changed(parameters={symbol: added}), f"range: {symbol} up to 1.01 of {domain.end}")


def _expressions(whole: Expr) -> Iterator[tuple[Expr, str]]:
    """A side with one thing changed, and what."""
    if whole != 0:
        for factor in (1 + _CHANGE, 1 - _CHANGE, Integer(-1)):
            yield factor * whole, f"times {float(factor):g}"
    yield from _within(whole)


def _within(node: Expr) -> Iterator[tuple[Expr, str]]:
    if isinstance(node, Pow):
        base, exponent = node.args
        for step in (1, -1):
            yield Pow(base, exponent + step), f"{node} to the power {exponent + step}"
        for changed, how in _within(base):
            yield Pow(changed, exponent), how
        return
    for position, argument in enumerate(node.args):
        if isinstance(node, Add):
            yield _rebuilt(node, position, -argument), f"sign of {argument}"
        if argument.is_number and isinstance(argument, Rational):
            if isinstance(node, Mul) and argument == -1:
                yield _rebuilt(node, position, Integer(1)), f"sign of {node}"
            else:
                yield _rebuilt(node, position, (1 + _CHANGE) * argument), f"{argument} as {float(argument * (1 + _CHANGE)):g}"
                yield _rebuilt(node, position, (1 - _CHANGE) * argument), f"{argument} as {float(argument * (1 - _CHANGE)):g}"
        else:
            for changed, how in _within(argument):
                yield _rebuilt(node, position, changed), how


def _rebuilt(node: Expr, position: int, argument: Any) -> Expr:
    return node.func(*node.args[:position], argument, *node.args[position + 1 :])


def fate(mutant: Mutant, *, seed: int = 0) -> Fate:
    """Whether a mutant is refuted, and if not, why it is no defect.

    Parameters
    ----------
    mutant : Mutant
    seed : int
    """
    return settled(mutant, seed=seed).fate


def settled(mutant: Mutant, *, seed: int = 0) -> Settled:
    """What became of a mutant, and what shows it.

    Parameters
    ----------
    mutant : Mutant
    seed : int
    """
    evidence = _looked(mutant.claim, seed)
    if evidence.violation is not None:
        return Settled(mutant, Fate.KILLED)
    if evidence.instances == (evidence.undefined if isinstance(evidence, Evidence) else evidence.vacuous):
        return Settled(mutant, Fate.NO_VALUE)
    shown = _proved(mutant.claim) if isinstance(evidence, Evidence) else _failed(evidence)
    # a longer range is a stronger statement
    if mutant.claim.parameters == mutant.original.parameters and _implied(mutant, seed):
        converse = _implied(Mutant(mutant.claim, mutant.original, ""), seed)
        return Settled(mutant, Fate.SAME if converse else Fate.WEAKER, shown)
    if mutant.original.sharp is not None and not mutant.change.startswith("range"):
        return Settled(mutant, Fate.DEFECT, shown)
    # whether the end of a range is sharp is for verify.breaks to say
    return Settled(mutant, Fate.STRONGER if shown in _PROOFS else Fate.SLACK, shown)


#: the provers' words for what they grant
_PROOFS = ("proved", "certified")


def _proved(claim: Claim) -> str:
    """By which kind of proof a claim about numbers alone is shown; empty if by none."""
    if claim.tasks is None:
        for word, gather in zip(_PROOFS, (proved.gather, certified.gather), strict=True):
            if gather(claim, time.monotonic() + _PATIENCE).granted:
                return word
    return ""


def _failed(evidence: replicated.RandomEvidence) -> str:
    return f"fails at most {evidence.worst_ratio:.2g} times as often as it may"


def _of_one(claim: Claim, seed: int) -> list[Settled]:
    with threadpool_limits(1):
        return [settled(mutant, seed=seed) for mutant in mutants(claim)]


def _looked(claim: Claim, seed: int) -> Evidence | replicated.RandomEvidence:
    """A search for a violation; a claim that holds with a probability is judged by replicates."""
    if claim.failure_probability is None:
        return _hunted(claim, seed)
    stream = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(claim.name.encode()),))
    return replicated.gather(Subject(claim), stream, time.monotonic() + 20)


def _hunted(claim: Claim, seed: int) -> Evidence:
    try:
        return hunt(Subject(claim), seed)
    except (ValueError, OverflowError):  # a root of a negative number, in exact numbers as well
        return Evidence(instances=1, undefined=1)


def _implied(mutant: Mutant, seed: int) -> bool:
    """Whether a claim implies its mutant: its right side is never above, its left side never below, the mutant's."""
    old, new = mutant.original, mutant.claim
    if old.relation == "==":
        pairs = [(old.lhs - old.rhs, new.lhs - new.rhs, "==")]
    else:
        pairs = [(new.lhs, old.lhs, "<="), (old.rhs, new.rhs, "<=")]
    return all(lhs == rhs or _holds(old, lhs, relation, rhs, seed) for lhs, rhs, relation in pairs)


def _holds(claim: Claim, lhs: Expr, relation: str, rhs: Expr, seed: int) -> bool:
    used = lhs.free_symbols | rhs.free_symbols
    step = replace(
        claim,
        lhs=lhs,
        relation=relation,
        rhs=rhs,
        measured={symbol: entry for symbol, entry in claim.measured.items() if symbol in used},
        failure_probability=None,
        reductions=(),
    )
    evidence = _hunted(step, seed)
    return evidence.violation is None and evidence.undefined < evidence.instances


def claims(names: Sequence[str]) -> Iterator[Claim]:
    """The claims of those names and the steps of their proofs."""
    from verify.judge import parts
    from verify.sources import Reference

    for name in names:
        for part in parts(Reference(name).load()[0]):
            if not part.name.endswith("/false-sibling"):
                yield part


def table(found: Sequence[Settled]) -> str:
    """Mutants by claim and fate as Markdown, and every survivor that needs a reader's eye."""
    names = list(dict.fromkeys(one.mutant.original.name for one in found))
    count = Counter((one.mutant.original.name, one.fate) for one in found)
    lines = ["| claim | " + " | ".join(Fate) + " |", "|---|" + "---|" * len(Fate)]
    for name in names:
        lines.append(f"| `{name}` | " + " | ".join(str(count[name, fate] or "") for fate in Fate) + " |")
    lines.append("| **all** | " + " | ".join(str(sum(one.fate is fate for one in found)) for fate in Fate) + " |")
    survivors = [one for one in found if one.fate not in (Fate.KILLED, Fate.NO_VALUE)]
    about_numbers = [one for one in survivors if one.mutant.claim.tasks is None]
    if about_numbers:
        shown = sum(one.shown in _PROOFS for one in about_numbers)
        lines += ["", f"Of {len(about_numbers)} survivors about numbers alone {shown} are proved or certified."]
    open_ = [one for one in found if one.fate in (Fate.STRONGER, Fate.SLACK, Fate.DEFECT, Fate.NO_VALUE)]
    open_ += [one for one in about_numbers if one not in open_ and one.shown not in _PROOFS]
    lines.append("")
    for one in open_:
        said = f"{one.fate.value}, {one.shown}" if one.shown else one.fate.value
        lines.append(f"- `{one.mutant.original.name}`, {one.mutant.change}: {said}")
    return "\n".join(lines).rstrip() + "\n"


def _page(found: str, count: int) -> str:
    return f"""# The fate of mutated claims

In each claim and each step of a proof every constant, exponent, sign and end of a range is changed, one at a time: {count}
mutants. *Killed*: refuted, with a violation replayed in exact numbers. *Weaker*: the claim implies it, as far as searched.
*Same*: equal values on all instances. *No value*: it has none anywhere. *Stronger*: it is proved, so that the claim is true but
not the best there is. *Slack*: it is stronger and no violation was found, where the claim is not declared sharp; for a range,
none within 1 % beyond its end. Bounds that hold with a probability are loose by known factors, within which most changes by 1 %
lie. *Defect*: it is stronger than a claim that is declared sharp and survives.

{found}
`python -m verify.mutation --write docs/mutation.md` made this page.
"""


def parser() -> Parser:
    """The command's options."""
    made = Parser(prog="python -m verify.mutation", description="Mutate claims and see whether the judge notices.")
    made.add_argument(
        "claims", nargs="*", metavar="CLAIM", help="names of claims (default: all, with the steps of their proofs)"
    )
    made.add_argument("--seed", type=int, default=0, help="the same seed gives the same fates (default: %(default)s)")
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes (default: one per core)")
    made.add_argument("--write", type=Path, metavar="FILE", help="write a page there")
    return made


def _run(options: argparse.Namespace) -> int:
    """1 if there is a defect."""
    from theory import bounds

    at_least("--seed", options.seed, 0)
    at_least("--jobs", options.jobs, 1)
    if options.write is not None:
        writable("--write", options.write)
    chosen = list(claims(options.claims or bounds.names()))
    # what is measured takes longest
    order = sorted(range(len(chosen)), key=lambda index: chosen[index].tasks is None)
    found = []
    for claim, mine in zip(chosen, spread(partial(_of_one, seed=options.seed), chosen, options.jobs, order=order), strict=True):
        print(f"{claim.name}: {len(mine)} mutants", file=sys.stderr, flush=True)
        found += mine
    print(table(found))
    if options.write:
        write(options.write, _page(table(found), len(found)))
    return 1 if any(one.fate is Fate.DEFECT for one in found) else 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
