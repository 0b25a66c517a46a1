"""Mechanisms of the related papers refuse what they cannot take, each in one sentence, and never return nan in silence."""

from typing import Any

import numpy as np
import pytest

import numerics as nx
from numerics.inputs import above, stack, whole
from numerics.related import annealing, bandits, context_pruning, improvement_records, kernel_regression, tabular_priors
from numerics.related import linear_attention as attention
from numerics.related import mirror_descent as mirror
from numerics.related import set_functions as sets
from numerics.related.kernel_rules import EnergyFunctional

NAN, UNIT = float("nan"), np.eye(2)
CLOUD = np.array([[0.0], [1.0]]), np.array([0.5, 0.5])
TWO = np.array([[0.2], [0.8]]), np.array([0.5, 0.5])
ONE_TASK = [1.0], [[[1.0]]], [[1.0]]
TABLE = sets.coverage_tables([[[1, 0]]], [[1, 2]])

CASES: dict[str, tuple[Any, str]] = {
    "points not a number": (lambda: annealing.divergences([[NAN]], TWO[0]), "points has the entry nan"),
    "an unknown divergence": (lambda: annealing.divergences(CLOUD[0], TWO[0], "cosine"), "divergence is 'cosine'"),
    "no logarithm": (lambda: annealing.divergences(CLOUD[0], TWO[0], "relative entropy"), "points has the entry 0.0; for"),
    "chances that do not fit": (lambda: annealing.expectation_step(CLOUD[0], [1.0], *TWO, 1.0), "chances has shape"),
    "negative masses": (lambda: annealing.expectation_step(*CLOUD, TWO[0], -TWO[1], 1.0), "masses has the entry -0.5"),
    "no temperature": (lambda: annealing.expectation_step(*CLOUD, *TWO, 0.0), "temperature is 0.0; it must be positive"),
    "a negative temperature": (lambda: annealing.split_slope(*CLOUD, -1.0), "temperature is -1.0"),
    "a temperature that is none": (lambda: annealing.mean_gain(*CLOUD, *TWO, NAN), "temperature is nan"),
    "a direction that does not fit": (lambda: annealing.gain_of_a_second(*CLOUD, [1.0, 2.0], 1.0), "direction has shape"),
    "half a step": (lambda: annealing.online_responses(1.0, 2.5), "steps is 2.5; it must be a whole number"),
    "targets that do not fit": (lambda: context_pruning.example_gradients([[1.0]], [1.0, 2.0], [1.0]), "targets has shape"),
    "a gradient that is none": (lambda: context_pruning.top_examples([[NAN], [1.0]], 1), "gradients has the entry nan"),
    "gradients without an axis": (lambda: context_pruning.aligned_examples([1.0, 2.0], 1), "gradients has shape"),
    "an example too many": (lambda: context_pruning.discrepancy([[1.0], [0.0]], [5]), "positions from 0 to 1"),
    "half an example": (lambda: context_pruning.mean_of([[1.0], [0.0]], [0.5]), "chosen is"),
    "a rate that is none": (lambda: context_pruning.random_pruning_weight([[1.0], [3.0]], NAN, 1), "rate is nan"),
    "steps back": (lambda: context_pruning.Context([[1.0]], [1.0]).adapt([0.0], 0.1, -1), "steps is -1"),
    "a target not ahead": (lambda: context_pruning.Bootstrap(0.1, 1, 0), "ahead is 0"),
    "a singular kernel": (
        lambda: kernel_regression.adapted_outputs([[0.0]], [1.0], [1.0], nx.ImplicitMAML(1.0)),
        "grams has the eigenvalue 0",
    ),
    "a name for a rule": (lambda: kernel_regression.adapted_outputs([[1.0]], [1.0], [1.0], "ridge"), "rule is 'ridge'"),
    "text for a rate": (lambda: EnergyFunctional("a"), "alpha is not an array of real numbers"),
    "covariances that do not fit": (lambda: attention.second_moment(np.eye(3), UNIT, 0.0, 3), "prior has shape"),
    "no covariance": (lambda: attention.best_rate(-UNIT, UNIT, 0.0, 3), "covariance has the eigenvalue -1"),
    "negative noise": (lambda: attention.best_matrix(UNIT, UNIT, -1.0, 3), "noise is -1.0"),
    "an empty context": (lambda: attention.risk(UNIT, UNIT, UNIT, 0.0, 0), "context is 0"),
    "a singular map": (lambda: mirror.regret_bound(0 * UNIT, UNIT, UNIT), "matrix is singular"),
    "a map that does not fit": (lambda: mirror.step_risk(UNIT, *ONE_TASK), "matrix has shape"),
    "negative probabilities": (lambda: mirror.best_rate([-1.0], *ONE_TASK[1:]), "probabilities has the entry -1.0"),
    "gaps that do not fit": (lambda: mirror.best_preconditioner(*ONE_TASK[:2], [[1.0, 2.0]]), "gaps has shape"),
    "half an item": (lambda: sets.coverage_tables([[[0.5, 0]]], [[1, 2]]), "neither 0 nor 1"),
    "a table of no numbers": (lambda: sets.greedy_value([[NAN, NAN]], 1, 1), "tables has the entry nan"),
    "elements too many": (lambda: sets.best_value(TABLE, 2, 1), "shared is 2"),
    "records of text": (lambda: improvement_records.record_counts(["a"]), "sequences is not an array of real numbers"),
    "values in rows of any length": (lambda: tabular_priors.best_search([[1.0], [1.0, 2.0]], 1), "values is not an array"),
    "text for rewards": (lambda: bandits.Bandits([["a"]], 1.0), "rewards is not an array of real numbers"),
    "text for a policy": (lambda: bandits.Bandits([[1.0, 0.0]], 1.0).value("a"), "policy is not an array of real numbers"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_refused_in_a_sentence(case: str) -> None:
    act, message = CASES[case]
    with pytest.raises((ValueError, TypeError), match=message) as refused:
        act()
    said = str(refused.value)
    assert "\n" not in said
    assert "must be" in said


def test_leading_axes_are_instances_and_named_axes_must_agree() -> None:
    sizes: dict[str, int] = {}
    assert stack("hessians", np.ones((5, 2, 3, 3)), "n p p", sizes).shape == (5, 2, 3, 3)
    assert sizes == {"n": 2, "p": 3}
    with pytest.raises(ValueError, match=r"gaps has shape \(2, 4\); it must be \(\.\.\., n, p\) with p = 3"):
        stack("gaps", np.ones((2, 4)), "n p", sizes)
    assert above("heat", np.array(2.0)).tolist() == 2.0
    assert whole("steps", np.int64(3)) == 3
    with pytest.raises(ValueError, match="steps is True"):
        whole("steps", True)
