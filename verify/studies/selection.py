"""Which claims a command is about: names, topics, files, or all of them; those of a publication."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from theory import bounds
from theory.printed import not_checkable
from verify.judging.sources import Reference
from verify.shell.usage_error import UsageError


def selected(words: Sequence[str], source: str | None = None) -> list[Reference]:
    """The claims that a command line names.

    Parameters
    ----------
    words : sequence of str
        Names of claims or of topics, paths of Python files; none for all of the project's claims.
    source : str, optional
        Key of a publication: only its claims, and if none was named also those that are true in their place.

    Raises
    ------
    UsageError
        If there is no such claim or file, a claim is named twice, or the publication has none among them.

    Examples
    --------
    >>> [reference.origin for reference in selected(["finite_samples"])][:2]
    ['asymptotic_law', 'crossover']
    """
    names: list[str] = []
    for word in words or bounds.names():
        found = bounds.names(word) if word in bounds.topics() and word not in bounds.names() else [word]
        for name in found:
            if name in names:
                raise UsageError(f"claim {name} is named twice; name it once")
            names.append(name)
    references = [Reference(name) for name in names]
    own: dict[str, str] = {}
    for reference in references if words else ():
        # now, and not when those before it were looked into
        name = reference.claim().name
        if name in own:
            raise UsageError(f"{own[name]} and {reference.origin} both hold a claim {name}; give one of them another name")
        own[name] = reference.origin
    if source is None:
        return references
    sourced = [reference for reference in references if reference.claim().source.key == source]
    if not sourced:
        keys = sorted({reference.claim().source.key for reference in references})
        near = get_close_matches(source, keys, 1)
        perhaps = f", perhaps {near[0]}" if near else ""
        raise UsageError(f"--source is {source!r}; of these claims it must be one of {', '.join(keys)}{perhaps}")
    if not words:
        # what is true instead of a printed statement is judged beside it
        also = set(named_instead(source)) - {reference.origin for reference in sourced}
        sourced += [Reference(name) for name in sorted(also)]
    return sourced


def named_instead(key: str) -> list[str]:
    """The claims that the audit of a publication names in place of its printed statements.

    Parameters
    ----------
    key : str
        Of the publication.

    Examples
    --------
    >>> "lower_curvature" in named_instead("gao-sener-2020")
    True
    """
    corrected = [bounds.claim(name).corrected for name in bounds.names() if bounds.claim(name).source.key == key]
    return sorted({*filter(None, corrected), *(name for entry in not_checkable(key) for name in entry.instead)})
