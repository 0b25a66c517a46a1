"""What a user asked for and cannot be done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from theory.claim import Claim


class UsageError(ValueError):
    """What the user named cannot be used; the message says why in a sentence, and a command ends with status 2."""


@contextlib.contextmanager
def blamed(claim: Claim) -> Iterator[None]:
    """Say what is wrong with a claim where it is searched: an unknown quantity, a domain or function that is of no known kind.

    Raises
    ------
    UsageError
        Naming the claim.
    """
    try:
        yield
    except UsageError:
        raise
    except (ValueError, TypeError) as error:
        named = f"claim {claim.name}"
        raise UsageError(str(error) if named in str(error) else f"{named}: {error}") from error


def sentence(error: BaseException) -> str:
    """An error on one line: its kind and what it says.

    Examples
    --------
    >>> sentence(KeyError("x"))
    "KeyError: 'x'"
    """
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")


def brought(extra: str) -> str:
    """How to install an extra: of a checkout in place; of a wheel, by what the installed distribution says it needs."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return f"python -m pip install -e '.[{extra}]' in the project's folder installs it"
    return f"python -m pip install {_libraries(extra)} installs it"


def _libraries(extra: str) -> str:
    """What an extra of the installed distribution asks for, as pip takes it; the extra's name where nothing says."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        wanted = requires("metabounds") or []
    except PackageNotFoundError:
        wanted = []
    of_it = [line.partition(";")[0].strip() for line in wanted if line.replace('"', "'").endswith(f"extra == '{extra}'")]
    return " ".join(f"'{line}'" for line in of_it) or f"'metabounds[{extra}]'"
