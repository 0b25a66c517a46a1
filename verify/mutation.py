"""Mutation of claims: change one constant, exponent, sign or end of a range, and see whether the judge notices.

A mutant that no search refutes must have a reason: it is *weaker* than the claim and therefore true, has the *same* values
everywhere, has *no value* anywhere, is *stronger* and proved, or the claim has *slack* there because it is not declared sharp.
A mutant that is stronger than a claim declared sharp and survives is a *defect*: of the claim, or of the search.  Survivors
about numbers alone are handed to the provers; of a statement that holds with a probability it is said on how many instances
replicates bear it out.

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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Add, Expr, Integer, Interval, Mul, Pow, Rational, sympify
from threadpoolctl import threadpool_limits

from theory.claim import Claim
from theory.notation import beta, nu, radius, root_l, root_u, sigma2
from verify.arithmetic.enclosure import NegativeRoot
from verify.evidence import replicated
from verify.evidence.comparison import Subject
from verify.evidence.local_search import search_locally
from verify.evidence.replicated import RandomEvidence
from verify.evidence.result import Evidence
from verify.judging.sources import Reference
from verify.judging.workers import spread, units
from verify.proofs import certified, proved
from verify.quantities import Quantity
from verify.shell.atomic_write import write
from verify.shell.command_line import Parser, at_least, command, writable
from verify.shell.usage_error import blamed

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
    """What became of a mutant, in words and numbers alone: a claim of a user's file cannot be handed between processes.

    Attributes
    ----------
    claim : str
        Name of the claim that was changed.
    change : str
    about_numbers : bool
        Whether it is about numbers alone, so that the provers may settle it.
    fate : Fate
    shown : str
        What shows that a survivor is true, beyond the search; empty if nothing does.
    """

    claim: str
    change: str
    about_numbers: bool
    fate: Fate
    shown: str = ""


def mutants(claim: Claim) -> Iterator[Mutant]:
    """Every mutant of a claim's two sides, of the probability with which it may fail, and of the ends of its ranges.

    Parameters
    ----------
    claim : Claim
    """
    for side in ("lhs", "rhs", "failure_probability"):
        if getattr(claim, side) is None:
            continue
        whole = sympify(getattr(claim, side))
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


def settled(mutant: Mutant, own: Mapping[str, Quantity] | None = None, *, seed: int = 0) -> Settled:
    """What became of a mutant, and what shows it.

    Parameters
    ----------
    mutant : Mutant
    own : mapping, optional
        A user's verbs by name.
    seed : int

    Raises
    ------
    ValueError, TypeError
        If the claim cannot be judged.
    """
    about_numbers = mutant.claim.tasks is None and mutant.claim.failure_probability is None
    return Settled(mutant.original.name, mutant.change, about_numbers, *_settled(mutant, dict(own or {}), seed))


def _settled(mutant: Mutant, own: dict[str, Quantity], seed: int) -> tuple[Fate, str]:
    """The fate of a mutant, and what shows that it is true."""
    evidence = _looked(Subject(mutant.claim, own), seed)
    if evidence.violation is not None:
        return Fate.KILLED, ""
    valueless = evidence.instances == (0 if isinstance(evidence, RandomEvidence) else evidence.undefined)
    shown = "" if valueless else _borne_out(evidence) if isinstance(evidence, RandomEvidence) else _proved(mutant.claim)
    # a longer range is a stronger statement
    if mutant.claim.parameters == mutant.original.parameters and _implied(mutant, own, seed):
        converse = _implied(Mutant(mutant.claim, mutant.original, ""), own, seed)
        return Fate.SAME if converse else Fate.WEAKER, shown
    if valueless:
        return Fate.NO_VALUE, ""
    if mutant.original.sharp is not None and not mutant.change.startswith("range"):
        return Fate.DEFECT, shown
    # whether the end of a range is sharp is for verify.breaks to say
    return Fate.STRONGER if shown in _PROOFS else Fate.SLACK, shown


#: the provers' words for what they grant
_PROOFS = ("proved", "certified")


def _proved(claim: Claim) -> str:
    """By which kind of proof a claim about numbers alone is shown; empty if by none."""
    if claim.tasks is None:
        for word, gather in zip(_PROOFS, (proved.gather, certified.gather), strict=True):
            if gather(claim, time.monotonic() + _PATIENCE).granted:
                return word
    return ""


def _borne_out(evidence: RandomEvidence) -> str:
    return (
        f"borne out on {evidence.borne_out} of {evidence.instances} instances, "
        f"fails at most {evidence.worst_ratio:.2g} times as often as it may"
    )


def _of_one(reference: Reference, seed: int) -> tuple[str, list[Settled]]:
    """A claim's name and the fates of its mutants."""
    claim, module = reference.load()
    own = dict(getattr(module, "QUANTITIES", {}))
    with threadpool_limits(1):
        with blamed(claim):
            _compared(Subject(claim, own))
        return claim.name, [settled(mutant, own, seed=seed) for mutant in mutants(claim)]


def _compared(subject: Subject) -> None:
    """Compare a claim's sides on its simplest instance: what cannot be judged is refused here, and later errors are defects."""
    cell = subject.space.smallest_cell()
    codes = np.zeros((1, subject.space.length(cell)), np.int64)
    if subject.claim.failure_probability is None:
        subject.sides(cell, codes)
    else:
        replicated.exceedances(subject, subject.space.floats(cell, codes), np.random.default_rng(0), 1)


def _looked(subject: Subject, seed: int) -> Evidence | RandomEvidence:
    """A search for a violation; a claim that holds with a probability is judged by replicates.

    Either work is bounded by counts, so that fates do not depend on how busy the machine is.
    """
    if subject.claim.failure_probability is None:
        return _hunted(subject, seed)
    return replicated.gather(subject, _stream(subject.claim, seed))


def _stream(claim: Claim, seed: int) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed, spawn_key=(zlib.crc32(claim.name.encode()),))


def _hunted(subject: Subject, seed: int) -> Evidence:
    try:
        return search_locally(subject, seed)
    except NegativeRoot:
        return Evidence(instances=1, undefined=1)


def _implied(mutant: Mutant, own: dict[str, Quantity], seed: int) -> bool:
    """Whether a claim implies its mutant: its right side is never above, its left side never below, the mutant's.

    Of claims that hold with a probability: the mutant fails only where the claim does, and may do so no less often.
    """
    old, new = mutant.original, mutant.claim
    if old.failure_probability is not None:
        return replicated.implies(Subject(old, own), new, _stream(old, seed))
    if old.relation == "==":
        pairs = [(old.lhs - old.rhs, new.lhs - new.rhs, "==")]
    else:
        pairs = [(new.lhs, old.lhs, "<="), (old.rhs, new.rhs, "<=")]
    return all(lhs == rhs or _holds(old, own, lhs, relation, rhs, seed) for lhs, rhs, relation in pairs)


def _holds(claim: Claim, own: dict[str, Quantity], lhs: Expr, relation: str, rhs: Expr, seed: int) -> bool:
    used = lhs.free_symbols | rhs.free_symbols
    step = replace(
        claim,
        lhs=lhs,
        relation=relation,
        rhs=rhs,
        measured={symbol: entry for symbol, entry in claim.measured.items() if symbol in used},
        reductions=(),
    )
    evidence = _hunted(Subject(step, own), seed)
    # at equal zeros doubles deny what exact numbers grant, so that some doubt is usual and does not count
    return evidence.violation is None and evidence.compared > 0


def table(found: Sequence[Settled]) -> str:
    """Mutants by claim and fate as Markdown, and every survivor that needs a reader's eye."""
    names = list(dict.fromkeys(one.claim for one in found))
    count = Counter((one.claim, one.fate) for one in found)
    lines = ["| claim | " + " | ".join(Fate) + " |", "|---|" + "---|" * len(Fate)]
    for name in names:
        lines.append(f"| `{name}` | " + " | ".join(str(count[name, fate] or "") for fate in Fate) + " |")
    lines.append("| **all** | " + " | ".join(str(sum(one.fate is fate for one in found)) for fate in Fate) + " |")
    survivors = [one for one in found if one.fate not in (Fate.KILLED, Fate.NO_VALUE)]
    about_numbers = [one for one in survivors if one.about_numbers]
    if about_numbers:
        shown = sum(one.shown in _PROOFS for one in about_numbers)
        lines += ["", f"Of {len(about_numbers)} survivors about numbers alone {shown} are proved or certified."]
    open_ = [one for one in found if one.fate in (Fate.STRONGER, Fate.SLACK, Fate.DEFECT, Fate.NO_VALUE)]
    open_ += [one for one in about_numbers if one not in open_ and one.shown not in _PROOFS]
    lines.append("")
    for one in open_:
        said = f"{one.fate.value}, {one.shown}" if one.shown else one.fate.value
        lines.append(f"- `{one.claim}`, {one.change}: {said}")
    return "\n".join(lines).rstrip() + "\n"


def _page(found: str, count: int) -> str:
    return f"""# The fate of mutated claims

In each claim and each step of a proof every constant, exponent, sign and end of a range is changed, one at a time, and those of
the probability with which a bound may fail: {count} mutants. *Killed*: refuted, with a violation replayed in exact numbers or,
beyond doubt, by replicates. *Weaker*: the claim implies it, as far as searched. *Same*: equal values on all instances. *No
value*: it has none anywhere, or says nothing. *Stronger*: it is proved, so that the claim is true but not the best there is.
*Slack*: it is stronger and no violation was found, where the claim is not declared sharp; for a range, none within 1 % beyond
its end. Bounds that hold with a probability are loose by known factors, within which most changes by 1 % lie; such a bound is
*borne out* on an instance if the upper confidence limit of the rate at which replicates fail, at 99 % for all its instances
together, is no more than the probability claimed. *Defect*: it is stronger than a claim that is declared sharp and survives.

Provers are given {_PATIENCE:g} seconds a survivor; all else is bounded by counts, so that it does not depend on the machine.

{found}
`python -m verify.mutation --write docs/mutation.md` made this page.
"""


def parser() -> Parser:
    """The command's options."""
    made = Parser(prog="python -m verify.mutation", description="Mutate claims and see whether the judge notices.")
    made.add_argument(
        "claims", nargs="*", metavar="CLAIM", help="names of claims (default: all, with the steps of their proofs)"
    )
    made.add_argument(
        "--seed",
        type=int,
        default=0,
        help=f"the same seed gives the same fates, but for provers, who have {_PATIENCE:g} seconds each (default: %(default)s)",
    )
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
    chosen = [unit for name in options.claims or bounds.names() for unit in units(Reference(name))]
    # what is measured takes longest
    order = sorted(range(len(chosen)), key=lambda index: chosen[index][1])
    work = spread(partial(_of_one, seed=options.seed), [unit for unit, _ in chosen], options.jobs, order=order)
    found: list[Settled] = []
    for name, mine in work:
        print(f"{name}: {len(mine)} mutants", file=sys.stderr, flush=True)
        found += mine
    print(table(found))
    if options.write:
        write(options.write, _page(table(found), len(found)))
    return 1 if any(one.fate is Fate.DEFECT for one in found) else 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
