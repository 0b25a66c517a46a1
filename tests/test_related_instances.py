"""Stored instances of the claims about related papers, exactly: where bounds are attained, and where statements fail."""

from fractions import Fraction as F
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from sympy import Poly, Rational, Symbol, fraction, together

import verify
from numerics.related import context_pruning
from numerics.related.bandits import Bandits
from numerics.related.mirror_descent import EntropicMap, MirrorSteps, learned_map, mirror_descent, regret_bound
from theory.bounds import claim
from theory.notation import elements, kept, later, n, own, t
from theory.related import bandits, kernel_machines
from verify.instances.families.bayesian_optimisation import TabularPriors
from verify.instances.families.kernels import Examples
from verify.instances.families.pruning import Gradients
from verify.instances.families.submodular import Coverages

# --- set functions


def two_tasks(adds: int) -> Coverages:
    """x covers one unit of each of 2 a private parts; o is worth a; task i alone has use for o_i1, ..., o_ia."""
    covers = np.zeros((2, 2 + 2 * adds, 1 + 2 * adds), int)
    for j in range(adds):
        covers[:, 0, 1 + 2 * j] = 1
        for task in range(2):
            covers[task, 2 + task * adds + j, 1 + 2 * j : 3 + 2 * j] = 1
    covers[:, 1, 0] = 1
    return Coverages(covers, np.array([[adds] + [1, adds] * adds] * 2))


@pytest.mark.parametrize("adds", [1, 2, 3])
def test_joint_training_of_sets_attains_its_bound(adds: int) -> None:
    stated = claim("joint_training_of_sets")
    (lhs,), (rhs,) = verify.exact_sides(stated, verify.instance({own: adds}, two_tasks(adds)))
    assert lhs == rhs > 0


def copies(tasks: int) -> Coverages:
    """o and a copy cover one item, o_i a second one of task i alone."""
    covers = np.zeros((tasks, tasks + 2, 2), int)
    covers[:, :2, 0] = 1
    covers[np.arange(tasks), 2 + np.arange(tasks), 1] = 1
    return Coverages(covers, np.ones((tasks, 2), int))


@pytest.mark.parametrize("tasks", [1, 2, 3, 4])
def test_adapting_sets_first_loses_more_with_every_task(tasks: int) -> None:
    (lhs,), (rhs,) = verify.exact_sides(claim("adapting_sets_first"), verify.instance({}, copies(tasks)))
    assert rhs / (2 * lhs) == F(tasks + 1, 2 * tasks)  # below two thirds from four tasks on


def test_the_meta_objective_of_four_elements_is_not_submodular() -> None:
    covers = np.array([[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]])
    sibling = claim("meta_objective_submodular/false-sibling")
    (lhs,), _ = verify.exact_sides(sibling, verify.instance({elements: 4}, Coverages(covers, np.ones((1, 3), int))))
    assert lhs == 1


# --- kernels

RARE = ([F(1, 64), F(63, 64)], [[F(8), F(24)], [F(1), F(-2)]], [F(4), F(-1)])


def test_the_error_on_one_example_first_rises_below_zero() -> None:
    """Second order in the time: E[x'x (x'd)(x'Qd)] + E[(x'Qx)(x'd)^2], the negative of twice the difference's coefficient."""
    chances, features, gap = RARE
    size = range(2)
    risk = [[sum(c * x[i] * x[j] for c, x in zip(chances, features, strict=True)) for j in size] for i in size]
    turned = [sum(row[j] * gap[j] for j in size) for row in risk]
    total = F(0)
    for chance, x in zip(chances, features, strict=True):
        along, square = kernel_machines.dot(x, gap), kernel_machines.dot(x, x)
        form = sum(x[i] * risk[i][j] * x[j] for i in size for j in size)
        total += chance * (square * along * kernel_machines.dot(x, turned) + form * along**2)
    assert total == F(-1045775, 512)


def test_the_error_on_one_example_falls_between_two_times() -> None:
    stated = claim("zhou_theorem5_monotone")
    chances, features, gap = RARE
    law = Examples(np.array(chances), np.array(features, int), np.array(gap, int))
    # it is zero at about 0.01425
    errors = []
    for at in (700, 1425, 3000):
        ((error,), _) = verify.exact_sides(stated, verify.instance({t: F(at, 10**5), later: F(1, 32)}, law))
        errors.append(error)
    # enclosures: the comparison of their ends is exact
    assert errors[1].upper < errors[0].lower / 20
    assert errors[0].upper < errors[2].lower


# --- mirror descent


def test_the_diagonal_map_is_a_tenth_worse_than_the_learned_one() -> None:
    spread, slopes = np.array([[1.0, 0.9], [0.9, 1.0]]), np.diag([1.0, 4.0])
    diagonal = np.diag(np.sqrt(np.diag(slopes) / np.diag(spread)))
    best = regret_bound(learned_map(spread, slopes).matrix, spread, slopes)
    assert regret_bound(diagonal, spread, slopes) > 1.1 * best


def test_an_eighth_of_the_rate_is_sharp_for_alternating_losses() -> None:
    rate, steps = 0.05, 40_000
    losses = np.tile([[1.0, 0.0], [0.0, 1.0]], (steps // 2, 1))
    path = mirror_descent(EntropicMap(), losses, [0.5, 0.5], rate)
    regret = path.loss - path.gradient_sum.min()
    assert np.log(2) / rate + rate * steps / 16 < regret <= np.log(2) / rate + rate * steps / 8
    assert regret == pytest.approx(rate * steps / 8, rel=1e-3)
    assert rate / 2 * path.squared_norms == pytest.approx(4 * regret, rel=1e-3)


def test_eigenvalues_of_the_curvatures_themselves_bound_no_mirror_steps() -> None:
    """p = 1, Pi = 10, alpha = 1/10, curvatures 1/10 and 1 with equal weight at zero."""
    curvatures, chances, optima = np.array([0.1, 1.0]), np.array([9.0, 0.1]), np.array([0.0, 1.0])
    weights = MirrorSteps(0.1, 1, [[10.0]]).deployment_weight(curvatures[:, None, None])[:, 0, 0]

    def risk(weight: np.ndarray, theta: float) -> float:
        return float((chances * weight * (theta - optima) ** 2).sum() / 2)

    def optimum(weight: np.ndarray) -> float:
        return float((chances * weight * optima).sum() / (chances * weight).sum())

    joint = optimum(curvatures)
    excess = risk(weights, joint) - risk(weights, optimum(weights))
    assert excess > (0.1 * 0.9) ** 2 * risk(curvatures, joint)
    assert excess <= (10 * 0.1 * 0.9) ** 2 * risk(curvatures, joint)


# --- bandits

REWARDS = [[2, 3, 6], [5, 6, 0], [6, 4, 5], [0, 0, 1]]


def exact_slope(policy: list[Any]) -> list[Any]:
    return bandits.slope(policy, REWARDS, [Rational(1, 4)] * 4, Rational(4))


def test_three_arms_have_a_strict_local_maximum_that_is_not_global() -> None:
    """On the face of arms 2 and 3 the slope changes sign once; towards arm 1 it is negative all over the bracket."""
    place = Symbol("t")
    low, high = Rational(49, 1000), Rational(51, 1000)
    slope = exact_slope([Rational(0), place, 1 - place])
    # policies are normalised, so that a slope is felt relative to the mean one, which is zero
    towards_first, along = (Poly(fraction(together(entry))[0], place) for entry in (slope[0], slope[1] - slope[2]))
    denominator = Poly(fraction(together(slope[0]))[1], place)
    assert towards_first.count_roots(low, high) == denominator.count_roots(low, high) == 0
    assert along.count_roots(low, high) == 1
    ends = [exact_slope([Rational(0), at, 1 - at]) for at in (low, high)]
    assert ends[0][0] < 0
    assert ends[0][1] - ends[0][2] > 0 > ends[1][1] - ends[1][2]
    chances = [Rational(1, 4)] * 4
    local = bandits.value([Rational(0), high, 1 - high], REWARDS, chances, Rational(4))
    better = bandits.value([Rational(257, 1000), Rational(248, 1000), Rational(495, 1000)], REWARDS, chances, Rational(4))
    assert float(local) == pytest.approx(4.4860, abs=1e-4)
    assert float(better) == pytest.approx(4.5417, abs=1e-4)
    assert better > local + Rational(1, 25)


def test_the_gap_over_the_gradient_of_the_logits_is_unbounded() -> None:
    """Two opposite tasks: the best policy is the even one, and at logits 5, 10, 15 the gradient has all but vanished."""
    pair = Bandits([[1.0, 0.0], [0.0, 1.0]], 2.0)
    ratios = []
    for logit in (5.0, 10.0, 15.0):
        policy = np.array([1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(logit))])
        gradient = np.abs(pair.logit_gradient(policy)[0])
        ratios.append((pair.value([0.5, 0.5]) - pair.value(policy)) / gradient)
    assert all(a < b for a, b in pairwise(ratios))
    assert ratios[-1] > 1e4


# --- context pruning


def test_top_pruning_raises_the_loss_where_the_rest_points_the_other_way() -> None:
    """Gradients -2, 3/2, 3/2, here doubled: the kept one points against the mean."""
    stated = claim("tack_immediate_improvement")
    (whole,), (top,) = verify.exact_sides(stated, verify.instance({kept: 1, n: 3}, Gradients(np.array([[-4], [3], [3]]))))
    assert top < 0 < whole


def test_top_pruning_often_leaves_out_more_than_another_choice() -> None:
    """It minimises a bound of what is left out, not what is left out itself."""
    rng = np.random.default_rng(0)
    worse = 0
    for _ in range(300):
        gradients = rng.integers(-5, 6, (5, 1)).astype(float)
        left = context_pruning.discrepancy(gradients, context_pruning.top_examples(gradients, 2))
        others = [context_pruning.discrepancy(gradients, np.array(pair)) for pair in combinations(range(5), 2)]
        worse += left > min(others) + 1e-12
    assert 100 < worse < 220


# --- sequential search


def test_greedy_improvement_finds_five_sevenths_on_three_functions() -> None:
    sibling = claim("expected_improvement_once/control")
    prior = TabularPriors(np.array([F(1, 3)] * 3), np.array([[3, 1, 0], [0, 0, 2], [0, 2, 0]]))
    (greedy,), (best,) = verify.exact_sides(sibling, verify.instance({}, prior))
    assert greedy / best == F(5, 7)
