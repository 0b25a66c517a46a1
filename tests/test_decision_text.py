"""What a decision says agrees with itself: no difference is no difference, and an interval that holds 0 is not clear."""

from __future__ import annotations

import math

import numpy as np

import numerics as nx
from verify.simulation.budget import Budget
from verify.simulation.decision import Decision, Quantity, of_tasks
from verify.simulation.decision_text import told

BUDGET = Budget(5, 5, 0.1)


def decided(lower: str, gain: Quantity, sure: float) -> str:
    risk, flip = Quantity(0.2), Quantity(math.inf)
    decision = Decision(lower, sure, 0.9, {"joint training": risk, "MAML": risk}, gain, flip, flip, {}, 100, True)
    return told(decision, "data", BUDGET, 0.9)


def test_agreement_of_the_bootstrap_is_not_called_clear_beside_an_interval_that_holds_zero() -> None:
    said = decided("MAML", Quantity(0.01, -0.001, 0.02), 1.0)
    assert "MAML has the lower expected deployed risk, by 0.01 [-0.001, 0.02] (100.0% of the bootstrap agrees; " in said
    assert "its interval holds 0: not clear)" in said
    assert "not clear" not in decided("MAML", Quantity(0.01, 0.001, 0.02), 1.0)
    assert "agrees; not clear)" in decided("MAML", Quantity(0.01, 0.001, 0.02), 0.6)
    assert "holds 0" in decided("joint training", Quantity(-0.01, -0.02, 0.001), 1.0)


def test_what_rounding_makes_is_no_difference() -> None:
    # without noise and with one optimum both estimates are exact, as where the response is one of the features
    exact = nx.DiscreteTasks([0.5, 0.5], [np.diag([1.0, 0.3]), np.diag([2.0, 0.7])], [[0.1, 0.7], [0.1, 0.7]], 0.0)
    decision = of_tasks(exact, BUDGET, 50, 0)
    assert decision.lower == "neither"
    assert 0 <= max(risk.value for risk in decision.risks.values()) < 1e-25
    said = told(decision, "tasks", BUDGET, 0.9)
    assert "neither method has the lower expected deployed risk: the two differ by rounding alone" in said
    assert "data sets" not in said
    noisy = nx.DiscreteTasks([0.5, 0.5], exact.hessians, exact.optima, 1e-9)
    assert of_tasks(noisy, BUDGET, 50, 0).lower != "neither"
