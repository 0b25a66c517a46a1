"""Every kind of bad input to numerics gets one sentence that names the argument, its value and what is valid."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numerics as nx
from numerics.bilevel import hypergradient, outer_hessian_vector
from numerics.chunks import mapped
from numerics.quadratics import Quadratics

I = np.eye(2)
GOOD: dict[str, Any] = {
    "weights": [0.25, 0.75],
    "hessians": np.array([I, 2 * I]),
    "optima": [[0.0, 1.0], [1.0, 0.0]],
    "noise_variances": [0.0, 1.0],
}


def changed(**fields: Any) -> Callable[[], Any]:
    return lambda: nx.DiscreteTasks(**{**GOOD, **fields})


def with_entry(value: float) -> np.ndarray:
    hessians = np.array([I, 2 * I])
    hessians[1, 0, 1] = value
    return hessians


TASKS = nx.DiscreteTasks(**GOOD)
NAN = float("nan")
BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "hessians of another rank": (changed(hessians=I), r"hessians has shape \(2, 2\); it must have shape \(n, p, p\)"),
    "hessians not square": (
        changed(hessians=np.zeros((2, 2, 3))),
        r"hessians has shape \(2, 2, 3\); it must have shape \(n, p, p\)",
    ),
    "no tasks": (changed(hessians=np.zeros((0, 2, 2))), r"hessians has shape \(0, 2, 2\); .* at least 1"),
    "hessians NaN": (changed(hessians=with_entry(NAN)), r"hessians\[1\] has an entry that is not finite"),
    "hessians infinite": (changed(hessians=with_entry(np.inf)), r"hessians\[1\] has an entry that is not finite"),
    "hessians not symmetric": (
        changed(hessians=with_entry(0.5)),
        r"hessians\[1\] differs from its transpose by 0.5; it must be sym",
    ),
    "hessians not semi-definite": (
        changed(hessians=np.array([I, -I])),
        r"hessians\[1\] has the eigenvalue -1; it must be positive semi",
    ),
    "hessians not numbers": (
        changed(hessians="many"),
        r"hessians is not an array of real numbers; it must be one of shape \(n, p, p\)",
    ),
    "weights of another length": (
        changed(weights=[1.0]),
        r"weights has shape \(1,\); with hessians of shape \(2, 2, 2\) it must be \(2,\)",
    ),
    "weights of another rank": (changed(weights=[[0.5, 0.5]]), r"weights has shape \(1, 2\); it must have shape \(n,\)"),
    "negative weight": (changed(weights=[-0.5, 1.5]), r"weights has the entry -0.5; probabilities must not be negative"),
    "weights that do not sum to one": (changed(weights=[0.5, 0.6]), r"weights sums to 1.1; probabilities must sum to one"),
    "weights NaN": (changed(weights=[NAN, 1.0]), r"weights has the entry nan; every entry must be finite"),
    "optima of another shape": (changed(optima=[[0.0], [1.0]]), r"optima has shape \(2, 1\); .* it must be \(2, 2\)"),
    "optima NaN": (changed(optima=[[0.0, NAN], [1.0, 0.0]]), r"optima has the entry nan; every entry must be finite"),
    "negative noise": (
        changed(noise_variances=[0.0, -1.0]),
        r"noise_variances has the entry -1; a variance must not be negative",
    ),
    "noise of another length": (changed(noise_variances=[1.0] * 3), r"noise_variances has shape \(3,\); .* it must be \(2,\)"),
    "unknown features": (changed(features="uniform"), r"features is 'uniform'; it must be one of gaussian, sphere, student_t"),
    "too few degrees of freedom": (changed(features="student_t", df=8.0), r"df is 8.0; it must be a finite number above 8"),
    "dim": (lambda: nx.SpectrumTiedTasks(0), r"dim is 0; it must be a whole number, at least 1"),
    "dim not whole": (lambda: nx.SpectrumTiedTasks(1.5), r"dim is 1.5; it must be a whole number, at least 1"),  # type: ignore[arg-type]
    "beta": (lambda: nx.SpectrumTiedTasks(1, -2.0), r"beta is -2.0; it must be a positive finite number"),
    "beta NaN": (lambda: nx.SpectrumTiedTasks(1, NAN), r"beta is nan; it must be a positive finite number"),
    "draws": (lambda: TASKS.sample(0, 1), r"num is 0; it must be a whole number, at least 1"),
    "rate not finite": (lambda: nx.MAML(NAN), r"alpha is nan; it must be finite, a number or an array of numbers"),
    "rate not a number": (lambda: nx.Reptile("fast"), r"alpha is 'fast'; it must be finite, a number or an array of numbers"),
    "no steps": (lambda: nx.MAML(0.1, steps=0), r"steps is 0; it must be a whole number, at least 1"),
    "steps not whole": (lambda: nx.FirstOrderMAML(0.1, steps=1.5), r"steps is 1.5; it must be a whole number, at least 1"),
    "inner samples": (lambda: nx.MAML(0.1, inner_samples=0), r"inner_samples is 0; it must be a whole number, at least 1"),
    "inner samples and steps": (
        lambda: nx.MAML(0.1, 2, inner_samples=5),
        r"steps is 2 with inner_samples given; it must then be 1",
    ),
    "regularization": (lambda: nx.ImplicitMAML(0.0), r"regularization is 0.0; it must be positive"),
    "time": (lambda: nx.GradientFlow(-1.0), r"time is -1.0; it must be at least zero"),
    "prescribed shape": (lambda: nx.Prescribed(I), r"weights has shape \(2, 2\); it must be \(..., n, p, p\)"),
    "prescribed NaN": (lambda: nx.Prescribed(with_entry(NAN)), r"weights has an entry that is not finite"),
    "prescribed not symmetric": (lambda: nx.Prescribed(with_entry(1.0)), r"weights has a matrix that is not symmetric"),
    "prescribed for others": (
        lambda: nx.population_optimum(TASKS, nx.Prescribed(np.eye(3)[None])),
        r"weights has shape \(1, 3, 3\)",
    ),
    "theta of another shape": (
        lambda: nx.reducible_risk(TASKS, nx.DRS(), [1.0]),
        r"theta has shape \(1,\); .* must have shape \(2,\)",
    ),
    "theta NaN": (
        lambda: nx.reducible_risk(TASKS, nx.DRS(), [NAN, 1.0]),
        r"theta has the entry nan; every entry must be finite",
    ),
    "theta in words": (
        lambda: nx.reducible_risk(TASKS, nx.DRS(), "a"),
        r"theta is not an array of real numbers; it must be one of shape \(2,\)",
    ),
    "theta complex": (lambda: nx.reducible_risk(TASKS, nx.DRS(), [1j, 0.0]), r"theta is not an array of real numbers"),
    "theta a number": (lambda: nx.reducible_risk(TASKS, nx.DRS(), 1.0), r"theta has shape \(\); it must have shape \(2,\)"),
    "rate in words": (
        lambda: nx.crossover_tasks(TASKS, "a", 10),  # type: ignore[arg-type]
        r"alpha is 'a'; it must be a finite number",
    ),
    "outer variable": (lambda: hypergradient(TASKS, nx.DRS(), [1.0] * 3), r"theta has shape \(3,\); .* an array of 2 numbers"),
    "outer variable NaN": (
        lambda: hypergradient(TASKS, nx.DRS(), [NAN, 0.0]),
        r"theta has the entry nan; every entry must be finite",
    ),
    "direction": (
        lambda: outer_hessian_vector(TASKS, nx.DRS(), [0.0, 0.0], [1.0]),
        r"vector has shape \(1,\); .* an array of 2 numbers",
    ),
    "not tasks": (lambda: hypergradient(GOOD, nx.DRS(), [0.0, 0.0]), r"tasks is a dict; it must be DiscreteTasks or Losses"),  # type: ignore[arg-type]
    "hessians complex": (changed(hessians=np.array([I, 2j * I])), r"hessians is not an array of real numbers"),
    "optimum of no tasks": (
        lambda: nx.population_optimum(GOOD, nx.DRS()),  # type: ignore[arg-type]
        r"tasks is a dict; it must be DiscreteTasks, SpectrumTiedTasks or Sup",
    ),
    "a class for a rule": (
        lambda: nx.modeling_error(TASKS, nx.DRS(), nx.MAML),  # type: ignore[arg-type]
        r"deployed is <class .*>; it must be a rule of numerics such as numerics\.MAML\(0\.1\)",
    ),
    "fields that are arrays": (
        lambda: nx.population_optimum(TASKS, nx.MAML(np.array([0.1, 0.2]))),
        r"here they must be scalars",
    ),
    "workers": (lambda: list(mapped(str, [slice(0, 1)], workers=0)), r"workers is 0; it must be at least 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_in_one_sentence(name: str) -> None:
    make, message = BAD[name]
    with pytest.raises((ValueError, TypeError), match=message) as error:
        make()
    assert len(str(error.value)) < 200
    assert "\n" not in str(error.value)
    assert not re.search(r"\. [A-Z]", str(error.value))


def test_only_quadratics_have_expected_sampled_steps_and_prescribed_weights() -> None:
    class Other(nx.Losses):
        def chunk(self, tasks: slice) -> nx.Losses:
            return self

        def _value(self, theta: np.ndarray) -> np.ndarray:
            return 0.5 * (theta**2).sum(axis=-1)

        def _gradient(self, theta: np.ndarray) -> np.ndarray:
            return theta

        def _hessian_vector(self, theta: np.ndarray, vector: np.ndarray) -> np.ndarray:
            return vector

    for rule in (nx.MAML(0.1, inner_samples=2), nx.Prescribed(np.ones((1, 1, 1)))):
        with pytest.raises(TypeError, match=r"losses is a Other; .* on Quadratics only"):
            rule.outer_step(Other(np.ones(1), 1), np.ones((1, 1)))


def test_good_tasks_are_kept_as_they_are() -> None:
    hessians = np.array([I, 2 * I, 0 * I])
    tasks = nx.DiscreteTasks([0.25, 0.5, 0.25], hessians, np.zeros((3, 2)))
    assert np.shares_memory(tasks.hessians, hessians)
    assert hessians.flags.writeable
    assert not tasks.hessians.flags.writeable
    weight = nx.DRS().training_weight(tasks.hessians)
    assert not np.shares_memory(weight, hessians)
    assert isinstance(tasks.losses(), Quadratics)


def test_semi_definite_up_to_rounding_is_accepted() -> None:
    rng = np.random.default_rng(0)
    factors = rng.standard_normal((200, 6, 2))
    hessians = factors @ factors.swapaxes(1, 2)
    assert np.linalg.eigvalsh(hessians).min() < 0  # of the size of rounding
    nx.DiscreteTasks(np.full(200, 1 / 200), (hessians + hessians.swapaxes(1, 2)) / 2, np.zeros((200, 6)))
