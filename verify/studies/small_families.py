r"""Claims about tasks, settled on small families of task distributions.

On a family (:mod:`theory.families`) a claim is a statement about a few numbers.  Where its sides are rational functions it is
put into factors and proved exactly, equality included; otherwise, or where that fails, balls enclose both sides on boxes, which
needs slack: the right side enlarged by a part of itself.

Examples
--------
>>> found = settle("adaptation_never_hurts@turned_curvature", Fraction(0))
>>> found.conclusive, found.detail
(True, 'proved exactly: factors of one sign')
"""

from __future__ import annotations

import time
from fractions import Fraction

from verify.evidence.result import Evidence
from verify.proofs import certified, proved
from verify.proofs.families import restricted
from verify.proofs.statement import Statement, Unprovable

#: seconds for each way of settling a family
PATIENCE = 60.0


def settle(name: str, slack: Fraction, patience: float = PATIENCE) -> Evidence:
    """Try to settle a claim on a family.

    Parameters
    ----------
    name : str
        A key of :data:`theory.families.FAMILIES`.
    slack : Fraction
        Part by which the right side is enlarged.
    patience : float
        Seconds for each way.
    """
    return settled(restricted(name, slack), patience)


def settled(statement: Statement, patience: float = PATIENCE) -> Evidence:
    """Try to settle a statement: by exact polynomials, by balls on factors, by balls on both sides as they stand."""
    try:
        proof = proved.by_polynomials(statement, time.monotonic() + patience)
        return Evidence.of_proof(f"proved exactly: {proof['method']}", {"polynomials": proof}, statement=statement)
    except (Unprovable, TypeError, ZeroDivisionError):
        return certified.certify(statement, time.monotonic() + patience)
