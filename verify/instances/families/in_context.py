"""Laws of prompts for linear attention, and tasks to pretrain it on.

Examples
--------
>>> from verify.instances.codes import Codes
>>> made = FAMILIES["pretraining"].decode(Codes(np.zeros((1, 4), int), 2, exact=True), {p: 1, n: 2})
>>> made.tasks.tolist()
[[[Fraction(1, 1)], [Fraction(0, 1)]]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Range

from theory.notation import n, p
from verify.instances.codes import Array, Codes, Values, congruence
from verify.instances.family import Family


@dataclass
class PromptLaws:
    """A batch of laws of prompts.

    Attributes
    ----------
    covariance, prior : array (batch, p, p)
        Q and Psi, positive definite.
    spectrum : array (batch, p)
        Eigenvalues of Q.
    mean : array (batch, p)
        Of the tasks.
    """

    covariance: Array
    prior: Array
    spectrum: Array
    mean: Array


@dataclass
class Pretraining:
    """A batch of pretraining sets.

    Attributes
    ----------
    tasks : array (batch, n, p)
        In general position: as many are linearly independent as can be.
    """

    tasks: Array


def _positive(codes: Codes, size: int) -> tuple[Array, Array]:
    """Positive definite matrices with eigenvalues between 1/16 and 1, and these."""
    spectrum = 1 - codes.ratio(15, 16) * codes.unit(size)
    return congruence(codes.rotations(1, size)[:, 0], spectrum), spectrum


def _prompts(codes: Codes, values: Values) -> PromptLaws:
    covariance, spectrum = _positive(codes, values[p])
    prior, _ = _positive(codes, values[p])
    return PromptLaws(covariance, prior, spectrum, 1 - 2 * codes.unit(values[p]))


def _standard_prompts(codes: Codes, values: Values) -> PromptLaws:
    covariance, spectrum = _positive(codes, values[p])
    prior = np.array(codes.identity(1, values[p])[:, 0])
    return PromptLaws(covariance, prior, spectrum, 0 * spectrum)


def _pretraining(codes: Codes, values: Values) -> Pretraining:
    """Task j has the coordinate j one and those before it free, so that the first p are independent."""
    rows = codes.unit(values[n], values[p])
    below = np.tri(values[n], values[p], -1, dtype=int)
    return Pretraining(rows * below + np.eye(values[n], values[p], dtype=int) + 0 * rows)


FAMILIES = {
    "prompts": Family("prompts", "laws of prompts for linear attention", _prompts, {p: Range(1, 5)}),
    "standard_prompts": Family(
        "standard_prompts", "laws of prompts whose tasks are standard normal", _standard_prompts, {p: Range(1, 5)}
    ),
    "pretraining": Family("pretraining", "n tasks in general position", _pretraining, {p: Range(1, 6), n: Range(1, 8)}),
}
