"""The name under which users' files import what is :mod:`verify.quantities` now."""

from verify.quantities import QUANTITIES as VERBS
from verify.quantities import Quantity as Verb

__all__ = ["VERBS", "Verb"]
