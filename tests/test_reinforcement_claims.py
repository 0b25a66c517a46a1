"""Claims about reinforcement learning: instances are valid, both sides measure the same, extremal instances attain."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.reinforcement import DecisionProcesses, Regulators
from theory.bounds import claim, names
from theory.decision_processes import DecisionProcess
from theory.notation import actions, inputs, n, p, states
from verify.instances.codes import Codes
from verify.instances.families import FAMILIES
from verify.instances.space import Space
from verify.quantities import QUANTITIES
from verify.quantities.measure import disagreement

NAMES = names("reinforcement_learning")


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 3), st.integers(2, 3))
def test_all_codes_are_decision_processes(seed: int, tasks: int, count: int, choices: int) -> None:
    codes = np.random.default_rng(seed).integers(0, 2**8 + 1, (4, 200))
    shape = {n: tasks, states: count, actions: choices}
    made = FAMILIES["decision_processes"].decode(Codes(codes, 8, exact=False), shape)
    exact = FAMILIES["decision_processes"].decode(Codes(codes[:1], 8, exact=True), shape)
    for instance in range(4):
        fields = made.transitions[instance], made.rewards[instance], made.start[instance], 0.9, made.probabilities[instance]
        DecisionProcesses(*fields)
    for task in range(tasks):
        parts = exact.transitions[0, task].tolist(), exact.rewards[0, task].tolist(), exact.start[0, task].tolist()
        DecisionProcess(*parts, Fraction(9, 10)).value(exact.weights[0, task].tolist())
    assert made.compared.max() < choices


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 2), st.integers(1, 2))
def test_all_codes_are_regulators_with_stabilising_gains(seed: int, order: int, count: int) -> None:
    codes = np.random.default_rng(seed).integers(0, 2**8 + 1, (4, 60))
    made = FAMILIES["regulators"].decode(Codes(codes, 8, exact=False), {p: order, inputs: count})
    costs = made.root @ made.root.swapaxes(1, 2), made.price[..., None] * np.eye(count)
    family = Regulators(made.dynamics, made.controls, *costs)
    for gains in (made.gain, made.other):
        assert family.stabilises(gains.reshape(4, -1)).all()


@pytest.mark.parametrize("name", NAMES)
def test_theory_and_numerics_agree_on_random_instances(name: str) -> None:
    its_claim = claim(name)
    space, rng = Space(its_claim), np.random.default_rng(7)
    for _ in range(6):
        cell = space.random_cell(rng)
        codes = space.random_codes(cell, 1, rng)[0]
        assert disagreement(its_claim, space, cell, codes, QUANTITIES) == ""


def test_the_topic_covers_what_it_should() -> None:
    assert len(NAMES) == 20
    assert {claim(name).source.key for name in NAMES} == {"derived here", "mei-2020", "agarwal-2021", "fazel-2018"}
    assert not any(claim(name).printed for name in NAMES)
    assert [name for name in NAMES if claim(name).expected == "refuted"] == ["maml_stationary_is_optimal"]


def gap_over_bound(tasks: DecisionProcesses, logits: Any) -> float:
    """J* - J over the sharp bound, for the policy that takes the first action everywhere."""
    at = tasks.evaluation(logits)
    system = np.eye(tasks.states) - tasks.discount * tasks.transitions[0, :, 0]
    best = np.linalg.solve(system, tasks.rewards[0, :, 0])
    visits = np.linalg.solve(system.T, tasks.start[0])
    mismatch = visits / (at.visits[0] * at.policies[0, :, 0])
    size = np.linalg.norm(at.visits[0][:, None] * at.policies[0] * at.advantages[0])
    bound = np.sqrt((tasks.actions - 1) / tasks.actions) * np.linalg.norm(mismatch) * size
    return float((tasks.start[0] @ best - tasks.returns(logits)[0]) / bound)


@pytest.mark.parametrize("choices", [2, 3, 5])
def test_bandits_and_equal_states_attain_gradient_dominance(choices: int) -> None:
    rewards = np.zeros((1, 3, choices))
    rewards[..., 0] = 1
    logits = np.full((3, choices), -0.7)
    logits[:, 0] = 0.3
    tasks = DecisionProcesses(np.zeros((1, 3, choices, 3)), rewards, np.full(3, 1 / 3), 0.5)
    assert np.isclose(gap_over_bound(tasks, logits), 1, rtol=1e-12)


def test_two_arms_attain_the_smoothness_of_bandits_and_of_a_block() -> None:
    first = (3 - np.sqrt(3)) / 6
    logits, along = np.log([[first, 1 - first]]), np.array([[1.0, -1.0]])
    for discount in (0.0, 0.9):
        tasks = DecisionProcesses(np.ones((1, 1, 2, 1)), [[[1.0, 0.0]]], [1.0], discount)
        form = (along * tasks.curvature_vectors(logits, along)[0]).sum() / 2
        assert np.isclose(abs(form), 1 / (3 * np.sqrt(3) * (1 - discount)), rtol=1e-12)


def test_the_step_of_policy_iteration_attains_gradient_dominance_of_regulators() -> None:
    rng = np.random.default_rng(3)
    dynamics, controls = 0.3 * rng.normal(size=(1, 3, 3)), rng.normal(size=(1, 3, 2))
    family = Regulators(dynamics, controls, np.eye(3), 0.5 * np.eye(2))
    gain = 0.1 * rng.normal(size=(1, 6))
    _, to_go, _, error = family.costs_to_go(gain)
    curvature = family.control_cost + controls.swapaxes(1, 2) @ to_go @ controls
    other = gain - np.linalg.solve(curvature, error).reshape(1, 6)
    moments = family.costs_to_go(other)[2]
    decrease = np.trace(moments[0] @ error[0].T @ np.linalg.solve(curvature[0], error[0]))
    assert np.isclose(family.value(gain)[0] - family.value(other)[0], decrease, rtol=1e-10)


def test_the_pair_has_a_local_maximum_that_is_not_optimal() -> None:
    from numerics.reinforcement import two_arms

    pair = two_arms(0.8)

    def adapted(x: float) -> float:
        return float(pair.weights @ pair.meta_gradients([[x / 2, -x / 2]], [2.0])[0])

    top = max(np.linspace(0.85, 0.95, 501), key=adapted)
    assert abs(top - 0.8996) < 1e-3
    assert abs(adapted(top) - 0.77481) < 1e-5
    assert adapted(40.0) > 0.7999


def test_walks_between_walls_have_curvature_of_the_order_three_halves() -> None:
    """The lower bound that goes with softmax_smoothness_order: the norm times (1 - discount)^(3/2) stays where it is."""
    found = []
    for count, discount, tilt, paying in ((6, 0.9, 2 / 3, 0.5), (16, 0.99, 0.25, 0.5), (40, 0.999, 0.025, 0.75)):
        transitions, rewards = np.zeros((1, count, 2, count)), np.zeros((1, count, 2))
        for place in range(count):
            transitions[0, place, 0, max(place - 1, 0)] = transitions[0, place, 1, min(place + 1, count - 1)] = 1
        rewards[0, int(count * paying) :] = 1
        tasks = DecisionProcesses(np.repeat(transitions, 2 * count, axis=0), np.repeat(rewards, 2 * count, axis=0),
                                  np.full(count, 1 / count), discount)  # fmt: skip
        logits = np.tile([0.0, -tilt], (count, 1))
        hessian = tasks.curvature_vectors(logits, np.eye(2 * count).reshape(-1, count, 2)).reshape(2 * count, -1)
        found.append(np.linalg.norm(hessian, 2) * (1 - discount) ** 1.5)
    assert all(0.047 < size < 3.5 for size in found)
