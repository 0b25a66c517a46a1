"""What a meta-gradient may be by mistake: each computed by executing the rules of numerics in another way.

A variant is a mistake inside the loop (which loss is adapted on, how far, with what derivative) together with a factor outside
(a sign, a mean that became a sum, a half that is missing).  No gradient is written down here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numerics as nx
from numerics.losses import Losses
from verify.conformance.problem import Problem

Array = NDArray[np.float64]


def _executed(problem: Problem, rule: nx.Rule, tasks: Any = None) -> Array:
    return nx.hypergradient(problem.tasks if tasks is None else tasks, rule, problem.theta)


def _gradient_rule(problem: Problem, alpha: Any, steps: int) -> nx.Rule:
    if steps == 0:
        return nx.DRS()
    return nx.MetaSGD(alpha, steps) if np.ndim(alpha) else nx.MAML(alpha, steps)


class _Detached(nx.GradientSteps):
    """Gradient steps of which only the last `through` are differentiated."""

    through = 1
    first = False

    def inner(self, losses: Losses, theta: Array) -> Any:
        losses = losses.adapting
        rate = losses.along(self.alpha) if np.ndim(self.alpha) else self.alpha
        path = [theta]
        for _ in range(int(self.steps)):
            path.append(path[-1] - rate * losses.gradient(path[-1]))

        def pullback(cotangent: Array) -> Array:
            for point in reversed(path[len(path) - 1 - self.through : -1]):
                cotangent = cotangent - losses.hessian_vector(point, rate * cotangent)
            return cotangent

        return path[-1], pullback


def _through(problem: Problem, count: int, steps: int | None = None, alpha: Any = None) -> Array:
    """The derivative through the last `count` steps only; none of them is the first-order meta-gradient."""
    rule = object.__new__(_Detached)
    fields = {"alpha": problem.alpha if alpha is None else alpha, "steps": problem.steps if steps is None else steps}
    for name, value in (fields | {"through": count}).items():
        object.__setattr__(rule, name, value)
    return _executed(problem, rule)


def _carried(problem: Problem, rule: nx.Rule, reach: int) -> Array:
    """Tasks one after the other, each adapting from where the one before it ended; `reach` adaptations are differentiated."""
    losses = problem.tasks.losses()
    total, point, pullbacks = np.zeros_like(problem.theta), problem.theta[None, :], []
    for task in range(problem.tasks.number):
        one = losses.chunk(slice(task, task + 1))
        point, pullback = rule.inner(one, point)
        pullbacks.append(pullback)
        cotangent = one.gradient(point)
        for back in reversed(pullbacks[max(len(pullbacks) - reach, 0) :]):
            cotangent = back(cotangent)
        total += cotangent[0] / problem.tasks.number
    return total


def _of_sets(problem: Problem, inner: nx.DiscreteTasks, outer: nx.DiscreteTasks, rule: nx.Rule) -> Array:
    return _executed(problem, rule, nx.SupportQueryTasks(inner, outer))


def _one_task(problem: Problem, number: int) -> Array:
    return problem.task(number).exact


def _steps_inside(problem: Problem) -> Iterator[tuple[str, Callable[[], Array]]]:
    """Mistakes of methods that adapt by gradient steps."""
    alpha, steps = problem.alpha, problem.steps
    samples = problem.support[1].shape[1]
    exact = _gradient_rule(problem, alpha, steps)
    support, query = problem.tasks.support, problem.tasks.query
    yield "the exact MAML meta-gradient", partial(_executed, problem, exact)
    yield "the first-order meta-gradient", partial(_through, problem, 0)
    for count in range(1, steps):
        yield f"the derivative through the last {count} of the {steps} steps only", partial(_through, problem, count)
    for other in (steps - 1, steps + 1):
        if other:
            rule = _gradient_rule(problem, alpha, other)
            yield f"MAML with {other} steps instead of {steps}", partial(_executed, problem, rule)
            yield f"first-order MAML with {other} steps instead of {steps}", partial(_through, problem, 0, other)
    for name, factor in (
        ("the wrong sign inside (ascent)", -1.0),
        ("an inner loss without the half (the rate is doubled)", 2.0),
        ("an inner loss halved twice (the rate is halved)", 0.5),
        ("an inner loss summed over samples", float(samples)),
        ("an inner loss summed over samples without the half", 2.0 * samples),
    ):
        yield f"MAML with {name}", partial(_executed, problem, _gradient_rule(problem, factor * alpha, steps))
        yield f"first-order MAML with {name}", partial(_through, problem, 0, alpha=factor * alpha)
    yield "MAML that adapts on the query set", partial(_of_sets, problem, query, query, exact)
    yield "MAML that is judged on the support set", partial(_of_sets, problem, support, support, exact)
    yield "MAML with support and query sets exchanged", partial(_of_sets, problem, query, support, exact)
    carried, number = "MAML whose state is carried from task to task", problem.tasks.number
    yield carried, partial(_carried, problem, exact, number)
    if number > 1:
        yield f"{carried}, differentiated within each task only", partial(_carried, problem, exact, 1)
        yield f"first-order {carried}", partial(_carried, problem, exact, 0)


def _implicit_inside(problem: Problem) -> Iterator[tuple[str, Callable[[], Array]]]:
    """Mistakes of methods that solve a proximal problem inside."""
    strength = problem.regularization
    rule = nx.ImplicitMAML(strength)
    support, query = problem.tasks.support, problem.tasks.query
    yield "the exact implicit meta-gradient", partial(_executed, problem, rule)
    yield (
        "the query gradient at the inner solution (no implicit derivative)",
        partial(_executed, problem, _FirstOrder(strength)),
    )
    for count in range(1, len(problem.theta)):
        yield (
            f"implicit MAML with conjugate gradients stopped after {count} step{'s' * (count > 1)}",
            partial(_stopped, problem, count),
        )
    yield "implicit MAML without the factor lambda", lambda: _executed(problem, rule) / strength
    for name, factor in (("doubled", 2.0), ("halved", 0.5)):
        yield f"implicit MAML with lambda {name}", partial(_executed, problem, nx.ImplicitMAML(factor * strength))
    yield "implicit MAML that adapts on the query set", partial(_of_sets, problem, query, query, rule)
    yield "implicit MAML that is judged on the support set", partial(_of_sets, problem, support, support, rule)


class _FirstOrder(nx.ImplicitMAML):
    def outer_step(self, losses: Losses, theta: Array) -> Array:
        return losses.gradient(self.adapt(losses, theta))


def _stopped(problem: Problem, count: int) -> Array:
    """Implicit MAML whose linear systems are left after `count` steps of conjugate gradients from zero."""
    total = np.zeros_like(problem.theta)
    for task in range(problem.tasks.number):
        matrix, right = linear_system(problem.task(task))
        point, residual = np.zeros_like(right), right.copy()
        direction = residual.copy()
        for _ in range(count):
            length = (residual @ residual) / (direction @ matrix @ direction)
            point = point + length * direction
            before, residual = residual, residual - length * (matrix @ direction)
            direction = residual + (residual @ residual) / (before @ before) * direction
        total += point / problem.tasks.number
    return total


def linear_system(problem: Problem) -> tuple[Array, Array]:
    """Matrix and right-hand side whose solution is the implicit meta-gradient of a problem of one task.

    Examples
    --------
    >>> single = Problem.example("implicit MAML").task(0)
    >>> bool(np.allclose(np.linalg.solve(*linear_system(single)), single.exact))
    True
    """
    strength = problem.regularization
    losses = problem.tasks.losses()
    adapted = nx.ImplicitMAML(strength).adapt(losses, problem.theta[None, :])
    matrix = problem.tasks.support.hessians[0] + strength * np.eye(len(problem.theta))
    return matrix, strength * losses.gradient(adapted)[0]


def _outside(problem: Problem) -> list[tuple[str, float]]:
    """Factors outside, each with what it means."""
    tasks, samples = problem.tasks.number, problem.query[1].shape[1]
    return [
        ("", 1.0),
        ("with the wrong sign outside", -1.0),
        ("summed over tasks instead of averaged", float(tasks)),
        ("without the half in the outer loss", 2.0),
        ("with the outer loss halved twice", 0.5),
        ("with the outer loss summed over samples", float(samples)),
        ("averaged over tasks twice", 1.0 / tasks),
        ("summed over tasks, without the half in the outer loss", 2.0 * tasks),
        ("summed over tasks and samples", float(tasks * samples)),
        ("summed over tasks and samples, without the half in the outer loss", 2.0 * tasks * samples),
    ]


def variants(problem: Problem) -> Iterator[tuple[str, Array]]:
    """Names and values of everything that is known, the simplest first.

    Parameters
    ----------
    problem : Problem

    Yields
    ------
    name : str
        As it follows "computes".
    gradient : array (p,)

    Examples
    --------
    >>> names = dict(variants(Problem.example()))
    >>> len(names) > 200, "the first-order meta-gradient" in names
    (True, True)
    """
    support, query = problem.tasks.support, problem.tasks.query
    implicit = problem.method == "implicit MAML"
    common: list[tuple[str, Callable[[], Array]]] = [
        ("the gradient of the joint loss, without adaptation", lambda: _executed(problem, nx.DRS(), query)),
        ("the gradient of the support loss, without adaptation", lambda: _executed(problem, nx.DRS(), support)),
    ]
    if np.ndim(problem.alpha) == 0:
        common += [("Reptile's displacement", lambda: _executed(problem, nx.Reptile(problem.alpha, problem.steps)))]
    made = [(name, build()) for name, build in (*(_implicit_inside if implicit else _steps_inside)(problem), *common)]
    made += [(f"the meta-gradient of task {i + 1} alone", _one_task(problem, i)) for i in range(problem.tasks.number)]
    yield from made
    yield "zero: the outer loss does not reach the parameter (the inner loop is detached)", np.zeros_like(problem.theta)
    for what, factor in _outside(problem)[1:]:
        for name, gradient in made:
            yield f"{name}, {what}", factor * gradient
