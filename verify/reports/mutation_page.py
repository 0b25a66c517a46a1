"""The fates of mutated claims as a page of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from verify.studies.fates import PATIENCE, PROOFS, Fate, Settled


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
        shown = sum(one.shown in PROOFS for one in about_numbers)
        lines += ["", f"Of {len(about_numbers)} survivors about numbers alone {shown} are proved or certified."]
    open_ = [one for one in found if one.fate in (Fate.STRONGER, Fate.SLACK, Fate.DEFECT, Fate.NO_VALUE)]
    open_ += [one for one in about_numbers if one not in open_ and one.shown not in PROOFS]
    lines.append("")
    for one in open_:
        said = f"{one.fate.value}, {one.shown}" if one.shown else one.fate.value
        lines.append(f"- `{one.claim}`, {one.change}: {said}")
    return "\n".join(lines).rstrip() + "\n"


def page(found: str, count: int) -> str:
    """The table under a text that says what its words mean, as `docs/mutation.md` has it."""
    return f"""# The fate of mutated claims

In each claim and each step of a proof every constant, exponent, sign and end of a range is changed, one at a time, and those of
the probability with which a bound may fail: {count} mutants. *Killed*: refuted, with a violation replayed in exact numbers or,
beyond doubt, by replicates. *Weaker*: the claim implies it, as far as searched. *Same*: equal values on all instances. *No
value*: it has none anywhere, or says nothing. *Stronger*: it is proved, so that the claim is true but not the best there is.
*Slack*: it is stronger and no violation was found, where the claim is not declared sharp; for a range, none within 1 % beyond
its end. Bounds that hold with a probability are loose by known factors, within which most changes by 1 % lie; such a bound is
*borne out* on an instance if the upper confidence limit of the rate at which replicates fail, at 99 % for all its instances
together, is no more than the probability claimed. *Defect*: it is stronger than a claim that is declared sharp and survives.

Provers are given {PATIENCE:g} seconds a survivor; all else is bounded by counts, so that it does not depend on the machine.

{found}
`python -m verify.mutation --write docs/mutation.md` made this page.
"""
