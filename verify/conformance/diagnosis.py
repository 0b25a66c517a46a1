"""Which of the known things a user's function computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.conformance.problem import Data, Problem
from verify.conformance.variants import linear_system, variants

Array = NDArray[np.float64]
Function = Callable[[Data], Any]

#: name of the variant that each method is meant to be
MEANT = {
    "MAML": "the exact MAML meta-gradient",
    "MetaSGD": "the exact MAML meta-gradient",
    "first-order MAML": "the first-order meta-gradient",
    "Reptile": "Reptile's displacement",
    "implicit MAML": "the exact implicit meta-gradient",
    "joint training": "the gradient of the joint loss, without adaptation",
}
#: how far the stated tolerance of an iterative solver may be off
_UNCONVERGED = 1e-5


@dataclass(frozen=True)
class Diagnosis:
    """What a function computes.

    Parameters
    ----------
    conforms : bool
        Whether it is what it is meant to be.
    computes : tuple of str
        Names of all known things that it agrees with, the simplest first; empty if there are none.
    meant : str
        What it is meant to compute.
    error : float
        Largest difference from that, as a share of the largest entry.
    tolerance : float
        What rounding explains, likewise.
    nearest : str
        The known thing that is nearest.
    distance : float
        Largest difference from that, likewise.
    residual : float or None
        For implicit methods: how far the function's results on two single tasks are from solving their linear systems.
    note : str
        What else was seen.
    """

    conforms: bool
    computes: tuple[str, ...]
    meant: str
    error: float
    tolerance: float
    nearest: str
    distance: float
    residual: float | None = None
    note: str = ""

    @property
    def sentence(self) -> str:
        """What the function computes, in a sentence that follows its name."""
        solved = "" if self.residual is None else f"; residual of its linear systems {self.residual:.2g}"
        tail = solved + (f"; {self.note}" if self.note else "")
        if self.conforms:
            return f"computes {self.meant} (error {self.error:.1e}, rounding explains {self.tolerance:.1e}){tail}"
        if self.computes:
            exact = self.meant.startswith("the exact")
            return f"computes {self.computes[0]}, not {'the exact one' if exact else self.meant}{tail}"
        return (
            f"computes nothing that is known: {self.error:.2g} from {self.meant}, {self.distance:.2g} from {self.nearest}{tail}"
        )

    def __str__(self) -> str:
        return self.sentence


def diagnose(
    function: Function, problem: Problem, *, framework: str = "numpy", kind: str = "gradient", tolerance: float | None = None
) -> Diagnosis:
    """Say what a function computes.

    Parameters
    ----------
    function : callable
        Takes a :class:`verify.conformance.problem.Data` and returns a meta-gradient of theta's shape, or a meta-loss.
    problem : Problem
        Where, and what it is meant to compute.
    framework : {"numpy", "torch", "jax"}
        Whose arrays the function takes.
    kind : {"gradient", "loss"}
        What it returns.  A loss is a quadratic here, so that its differences give its gradient exactly; the gradient is judged.
    tolerance : float, optional
        Share of the largest entry that an iterative solver may be off; rounding alone if not given.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError
        If the function returns another shape, or an argument is not as described.
    TypeError
        If `function` cannot be called, or `problem` is none.

    Examples
    --------
    >>> import numerics as nx
    >>> problem = Problem.example()
    >>> diagnose(lambda data: -problem.at(data.theta).exact, problem).sentence
    'computes the exact MAML meta-gradient, with the wrong sign outside, not the exact one'
    """
    if not callable(function):
        raise TypeError(f"function is {function!r}; it must be a function of a Data that returns a meta-gradient")
    if not isinstance(problem, Problem):
        raise TypeError(f"problem is {problem!r}; it must be a Problem such as Problem.example()")
    if kind not in ("gradient", "loss"):
        raise ValueError(f"kind is {kind!r}; it must be gradient or loss")

    def result(at: Problem) -> Array:
        if kind == "loss":
            return _differences(function, at, framework)
        found = as_array(function(at.data(framework)))
        if found.size != len(at.theta):
            raise ValueError(f"function returned an array of shape {found.shape}; it must return one of theta's shape")
        return found.reshape(-1)

    places = [problem, problem.at(1.5 - problem.theta[::-1])]
    found = [result(place) for place in places]
    note = ""
    if not np.allclose(result(problem), found[0], rtol=1e-6, atol=1e-12, equal_nan=True):
        note = "a second call at the same parameter gives another result, so that state is kept between calls"
    if not all(np.isfinite(gradient).all() for gradient in found):
        return Diagnosis(False, (), MEANT[problem.method], np.inf, 0.0, MEANT[problem.method], np.inf, None, "it is not finite")
    scales = [max(float(np.abs(place.exact).max()), 1e-300) for place in places]
    slack = [place.rounding.max() / scale for place, scale in zip(places, scales, strict=True)]
    if kind == "loss":
        slack = [share + 16 * np.finfo(np.float32 if problem.single else np.float64).eps * place.value / scale
                 for share, place, scale in zip(slack, places, scales, strict=True)]  # fmt: skip
    allowed = max(*slack, tolerance or 0.0)
    known = [dict(variants(place)) for place in places]
    distances = {
        name: max(
            float(np.abs(gradient - known[i][name]).max()) / max(scales[i], float(np.abs(known[i][name]).max()))
            for i, gradient in enumerate(found)
        )
        for name in known[0]
    }
    meant = MEANT[problem.method]
    if np.ndim(problem.alpha) == 0 and problem.method == "MetaSGD":
        raise ValueError("alpha is one number; for MetaSGD it must be an array (p,)")
    computes = tuple(name for name, distance in distances.items() if distance <= allowed)
    nearest = min(distances, key=lambda name: distances[name])
    residual = None
    if problem.method == "implicit MAML":
        residual = max(_residual(result(one), one) for one in map(problem.task, range(min(2, problem.tasks.number))))
        if meant not in computes and residual > _UNCONVERGED and not note:
            note = "its linear solver is unconverged or wrong" if np.any(found[0]) else ""
    return Diagnosis(
        meant in computes and not note, computes, meant, distances[meant], allowed, nearest, distances[nearest], residual, note
    )


def _residual(solution: Array, single: Problem) -> float:
    matrix, right = linear_system(single)
    return float(np.linalg.norm(matrix @ solution - right) / np.linalg.norm(right))


def _differences(function: Function, problem: Problem, framework: str) -> Array:
    """Gradient of a quadratic by central differences, which have no error but rounding."""
    gradient = np.empty_like(problem.theta)
    for i, direction in enumerate(np.eye(len(problem.theta))):
        ahead, back = (as_array(function(problem.at(problem.theta + s * direction).data(framework))) for s in (1.0, -1.0))
        if ahead.size != 1:
            raise ValueError(f"function returned an array of shape {ahead.shape}; a loss must be one number")
        gradient[i] = (float(ahead.reshape(())) - float(back.reshape(()))) / 2
    return gradient


def as_array(value: Any) -> Array:
    """A framework's array in doubles.

    Examples
    --------
    >>> as_array([1, 2]).tolist()
    [1.0, 2.0]
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value, dtype=np.float64)
