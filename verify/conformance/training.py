"""A stopping test for whole meta-training runs: is what is left the modeling error, the optimization error, or a bug?

A run ends at a parameter.  Its deployed risk above the least one is known exactly here, and so is what each cause would leave:

* the *modeling error*: the run found the optimum of what it trains (joint training's, first-order MAML's, ...), which is not
  that of what is deployed;
* the *optimization error*: it was on the way to MAML's optimum and stopped early, as gradient descent with its rate and number
  of steps does;
* otherwise it went somewhere that nothing known leads to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numerics as nx
from verify.conformance.diagnosis import as_array
from verify.conformance.problem import Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Stop:
    """Where a training run ended, and why.

    Parameters
    ----------
    cause : {"converged", "modeling error", "optimization error", "bug"}
    excess : float
        Deployed risk of the run's parameter above the least.
    modeling : mapping
        Deployed risk above the least of the optimum of every other rule.
    predicted : float or None
        What gradient descent with the stated rate and number of steps leaves.
    sentence : str
        All of it in words.
    """

    cause: str
    excess: float
    modeling: dict[str, float]
    predicted: float | None
    sentence: str


def judge_training(
    problem: Problem, theta: Any, *, rate: float | None = None, steps: int | None = None, tolerance: float = 1e-3
) -> Stop:
    """Say what separates a trained parameter from the best one.

    Parameters
    ----------
    problem : Problem
        On which the run started, from its theta.
    theta : array (p,)
        Where it ended.
    rate, steps : float and int, optional
        Outer rate and number of steps of the run, if it was gradient descent on all tasks: then the optimization error is
        predicted, by executing it.
    tolerance : float
        Excess, as a share of that at the start, below which a run has converged; and the agreement that is asked of a cause.

    Returns
    -------
    Stop

    Raises
    ------
    ValueError
        If theta has another shape or is not finite, or one of rate and steps is given without the other.

    Examples
    --------
    >>> problem = Problem.example()
    >>> judge_training(problem, nx.population_optimum(problem.tasks, nx.DRS())).cause
    'modeling error'
    >>> judge_training(problem, nx.population_optimum(problem.tasks, problem.rule)).cause
    'converged'
    """
    point = as_array(theta).reshape(-1)
    if point.shape != problem.theta.shape or not np.isfinite(point).all():
        raise ValueError(f"theta is {theta!r}; it must be {len(problem.theta)} finite numbers")
    if (rate is None) != (steps is None):
        raise ValueError("rate and steps predict the optimization error together; give both or neither")
    tasks, rule = problem.tasks, problem.rule
    best = nx.population_optimum(tasks, rule)
    least = nx.reducible_risk(tasks, rule, best)

    def excess(place: Array) -> float:
        return nx.reducible_risk(tasks, rule, place) - least

    found, start = excess(point), excess(problem.theta)
    others = _other_optima(problem)
    modeling = {name: excess(place) for name, place in others.items()}
    predicted, expected = None, None
    if rate is not None and steps is not None:
        expected = problem.theta
        for _ in range(steps):
            expected = expected - rate * nx.hypergradient(tasks, rule, expected)
        predicted = excess(expected) if np.isfinite(expected).all() else np.inf
    size = max(float(np.linalg.norm(problem.theta - best)), 1e-300)
    told = f"excess deployed risk {found:.3g}, at the start {start:.3g}"
    if found <= tolerance * start and not (
        expected is not None and predicted is not None and predicted > 10 * tolerance * start
    ):
        return Stop("converged", found, modeling, predicted, f"converged to the exact optimum: {told}")
    near = [name for name, place in others.items() if np.linalg.norm(point - place) <= np.sqrt(tolerance) * size]
    if near:
        name = min(near, key=lambda n: float(np.linalg.norm(point - others[n])))
        sentence = f"modeling error: the run found the optimum of {name}, which leaves {modeling[name]:.3g}; {told}"
        return Stop("modeling error", found, modeling, predicted, sentence)
    if expected is not None:
        if np.linalg.norm(point - expected) <= np.sqrt(tolerance) * size:
            sentence = f"optimization error: {steps} steps at rate {rate:g} leave {predicted:.3g}, as predicted; {told}"
            return Stop("optimization error", found, modeling, predicted, sentence)
        sentence = f"a bug: {steps} steps at rate {rate:g} lead elsewhere, where {predicted:.3g} is left; {told}"
        return Stop("bug", found, modeling, predicted, sentence)
    # without the schedule: on the way to the optimum means that the exact gradient still leads there and risk has fallen
    slope = nx.hypergradient(tasks, rule, point)
    if found < start and float(slope @ (point - best)) > 0:
        sentence = f"optimization error: the risk fell and the exact gradient still leads on; {told}"
        return Stop("optimization error", found, modeling, predicted, sentence)
    return Stop("bug", found, modeling, predicted, f"a bug: the risk did not fall, and no known optimum is near; {told}")


def _other_optima(problem: Problem) -> dict[str, Array]:
    """Optima of what a run may have trained instead."""
    tasks, alpha, steps = problem.tasks, problem.alpha, problem.steps
    rules: dict[str, tuple[Any, nx.Rule]] = {
        "joint training on the query sets": (tasks.query, nx.DRS()),
        "joint training on the support sets": (tasks.support, nx.DRS()),
        "MAML that adapts on the query set": (tasks.query, problem.rule),
        "MAML that is judged on the support set": (tasks.support, problem.rule),
    }
    if np.ndim(alpha) == 0 and problem.method != "implicit MAML":
        rules["first-order MAML"] = (tasks, nx.FirstOrderMAML(alpha, steps))
        rules["Reptile"] = (tasks.support, nx.Reptile(alpha, steps))
        if steps > 1:
            rules[f"MAML with {steps - 1} steps"] = (tasks, nx.MAML(alpha, steps - 1))
    found = {}
    for name, (law, rule) in rules.items():
        try:
            found[name] = nx.population_optimum(law, rule)
        except (nx.SingularExpectation, ValueError):
            continue
    return found
