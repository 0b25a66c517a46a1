"""What a user asked for and cannot be done."""

from __future__ import annotations


class Unusable(ValueError):
    """What the user named cannot be used; the message says why in a sentence, and a command ends with status 2."""
