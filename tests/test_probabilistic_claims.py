"""Claims that hold with a probability are sampled, and their false siblings refuted from a seed that replays."""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sympy import Rational

import numerics as nx
from theory.bounds import claim
from theory.notation import M, N, alpha, loss, n, p, rule, sigma2
from theory.rules import DRS
from verify.arithmetic.enclosure import ends
from verify.evidence.question import Question
from verify.evidence.replicated import BATCH, CELLS, exceedances, gather, implies, replay
from verify.evidence.result import Effort, Verdict
from verify.instances.batch import Cell
from verify.instances.families.quadratic import hessians
from verify.judging.judge import judge

PROBABILISTIC = ["finite_sample_bound", "fourth_moment_bound", "line_bound"]


@pytest.mark.parametrize("name", PROBABILISTIC)
def test_bounds_are_sampled_and_their_siblings_refuted(name):
    # the sibling is at most ten times as strong: a bound cut to less than a tenth does not go unseen
    assert claim(name).rhs / claim(name).sibling().rhs <= 10
    held, refuted = judge(Question(claim(name)), level="sampled")
    assert held.verdict is Verdict.SAMPLED
    assert held.worst_ratio < 1
    assert held.instances == CELLS * BATCH
    assert refuted.verdict is Verdict.REFUTED
    assert "replicates exceed" in refuted.detail


def instance_of(question, dimension, which, samples=3, num_tasks=50):
    """A cell of a given dimension and rule, and generic codes in it."""
    rules = question.claim.parameters[rule]
    shape = {p: dimension, n: 2, N: samples, M: num_tasks, rule: next(one for one in rules if isinstance(one, DRS) == which)}
    cell = Cell(tuple((symbol, shape[symbol]) for symbol in question.space.shapes))
    return cell, np.random.default_rng(dimension).integers(2**13, 2**15, question.space.length(cell))


@pytest.mark.parametrize(
    ("name", "dimension"), [(name, 1) for name in PROBABILISTIC] + [(name, 2) for name in PROBABILISTIC[:2]]
)
@pytest.mark.parametrize("joint", [True, False], ids=["joint", "meta"])
def test_theory_and_executed_nodes_measure_the_same(name, dimension, joint):
    question = Question(claim(name))
    cell, codes = instance_of(question, dimension, joint)
    for symbol, entry in question.claim.measured.items():
        if symbol != loss:
            chosen = question.quantity(entry)
            exact = chosen.exact(question.space.exact(cell, codes), **entry.arguments)
            floats = chosen.floats(question.space.floats(cell, codes[None]), **entry.arguments)
            middles = [float(sum(ends(value)) / 2) for value in exact]
            np.testing.assert_allclose(floats[0], middles, rtol=1e-9, err_msg=entry.quantity)


@pytest.mark.parametrize(("dimension", "samples"), [(1, 3), (2, 1), (2, 4)])
def test_replicates_have_the_law_of_numerics_estimates(dimension, samples):
    question, number = Question(claim("finite_sample_bound")), 2000
    for joint in (True, False):
        cell, codes = instance_of(question, dimension, joint, samples, 5)
        batch = question.space.floats(cell, codes[None])
        entry = question.claim.measured[loss]
        chosen = question.quantity(entry)
        drawn = chosen.replicates(batch, np.random.default_rng(1), number, **entry.arguments)[0]
        law = nx.DiscreteTasks(
            batch.tasks.probabilities[0], hessians(batch)[0], batch.tasks.optima[0], np.full(2, batch.values[sigma2][0, 0])
        )
        rate = batch.values[alpha][0, 0]
        trained = nx.DRS() if joint else nx.MAML(rate, inner_samples=samples)
        found = nx.estimates(law, 5, samples, [rate], number, 0)
        gap = (found[0] if joint else found[1][:, 0]) - nx.population_optimum(law, trained)
        weight = law.moments(trained, type(trained).outer_step)[0]
        assert ks_2samp(drawn, np.einsum("ri,ij,rj->r", gap, weight, gap) / 2).pvalue > 1e-3 / 6


def test_a_violation_replays_from_its_seed():
    question = Question(claim("line_bound").sibling())
    found = gather(question, Effort.of(5)).violation
    assert found is not None
    assert found.limit > found.allowed
    assert replay(question, found.cell, found.codes, found.entropy) == found


def test_a_claim_that_is_never_true_is_refuted_and_one_that_says_nothing_is_vacuous():
    line = claim("line_bound")
    never = Question(line.changed(rhs=-line.rhs, failure_probability=Rational(1, 10)))
    assert gather(never, Effort()).violation is not None
    nothing = gather(Question(line.changed(failure_probability=Rational(19, 20))), Effort())
    assert nothing.violation is None
    assert nothing.instances == 0
    assert nothing.open == "it says next to nothing on every instance that was drawn"
    assert not nothing.conclusive


@pytest.mark.parametrize("name", PROBABILISTIC)
def test_a_bound_is_borne_out_wherever_it_is_tested_and_one_hardly_true_is_not(name):
    bound = claim(name)
    found = gather(Question(bound), Effort.of(1))
    assert found.instances == CELLS * BATCH
    assert found.conclusive
    assert found.detail.startswith(f"borne out on {CELLS * BATCH};")
    never = gather(Question(bound.changed(rhs=-bound.rhs)), Effort.of(1))
    assert not never.conclusive
    assert never.violation is not None


@pytest.mark.parametrize("name", ["line_bound"])  # the others take longer, and mutants of one of them are compared elsewhere
def test_a_bound_implies_what_is_weaker_by_a_percent_and_nothing_that_is_stronger(name):
    bound, question, seed = claim(name), Question(claim(name)), Effort.of(2)
    more, less = Rational(101, 100), Rational(99, 100)
    allowed = bound.failure_probability
    weaker = (
        {"lhs": less * bound.lhs},
        {"lhs": -bound.lhs},
        {"rhs": more * bound.rhs},
        {"failure_probability": more * allowed},
    )
    stronger = ({"lhs": more * bound.lhs}, {"rhs": less * bound.rhs}, {"failure_probability": less * allowed})
    assert all(implies(question, bound.changed(**changes), seed) for changes in weaker)
    assert not any(implies(question, bound.changed(**changes), seed) for changes in stronger)
    # neither of two changes in opposite directions outweighs the other
    assert not implies(question, bound.changed(rhs=2 * bound.rhs, failure_probability=less * allowed), seed)


def test_exceedances_are_the_share_of_replicates_above_the_right_side():
    """A right side below zero is exceeded always; the bound itself less often than claimed."""
    bound = claim("finite_sample_bound")
    question = Question(bound)
    cell = question.space.smallest_cell()
    batch = question.space.floats(cell, np.full((1, question.space.length(cell)), 2**15))
    rates, allowed = exceedances(question, batch, np.random.default_rng(0), 2000)
    assert rates.shape == allowed.shape == (1,)
    always, _ = exceedances(Question(bound.changed(rhs=-bound.rhs)), batch, np.random.default_rng(0), 2000)
    assert always[0] == 1
    assert rates[0] < allowed[0]


def test_a_probabilistic_claim_needs_one_random_symbol():
    line = claim("line_bound")
    loss = next(symbol for symbol, entry in line.measured.items() if entry.quantity == "estimation_loss")
    steady = next(entry for entry in line.measured.values() if entry.quantity == "mean_curvature")
    with pytest.raises(ValueError, match="0 random symbols"):
        gather(Question(line.changed(measured={loss: steady})), Effort())
