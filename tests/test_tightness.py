"""How tight bounds are: worst ratios with instances that execute, exponents, and what the steps of a proof lose."""

import math
from itertools import pairwise

import numpy as np
import pytest

from theory import bounds
from theory.chains import NAMES, chain
from verify.arithmetic.enclosure import ends
from verify.arithmetic.evaluate import EXACT, FLOATS, evaluate
from verify.evidence.question import Question
from verify.quantities import QUANTITIES, measure
from verify.studies.proof_losses import losses
from verify.studies.sharpness import cloud, exponents, worst
from verify.tightness import main


@pytest.mark.parametrize("name", ["distance/core", "transfer_bound", "gao_sener_theorem_3"])
def test_a_sharp_bound_reaches_one_on_an_instance_that_executes(name):
    found = worst(Question(bounds.claim(name)))
    assert 0.99 < found.ratio <= 1 + 1e-9
    exec(found.instance, {})


def test_an_equality_has_no_worst_ratio():
    with pytest.raises(ValueError, match="is an equality"):
        worst(Question(bounds.claim("distance/square")))


def test_a_sharp_bound_scales_as_it_should():
    for entry in exponents(Question(bounds.claim("transfer_drs_maml"))):
        if entry.parameter in ("k", "alpha beta"):
            assert abs(entry.exponent) < 0.05


def test_a_bound_with_the_wrong_power_is_told():
    claim = bounds.claim("adaptation_never_hurts")
    from theory.notation import alpha, beta

    # too large by 1/(alpha beta): the ratio falls with the rate's first power
    loose = Question(claim.changed(rhs=claim.rhs * 2 / (alpha * beta)))
    (entry,) = [entry for entry in exponents(loose) if entry.parameter == "alpha beta"]
    assert entry.exponent == pytest.approx(1, abs=0.1)


def test_the_steps_of_a_chain_lose_nothing_where_the_bound_is_sharp():
    found = losses(Question(bounds.claim("transfer_bound")))
    assert [loss.why for loss in found] == [step.why for step in chain("transfer_bound")]
    for loss in found:
        assert loss.at_worst == pytest.approx(1, abs=0.02)
        assert loss.median > 1


def test_a_claim_without_a_chain_has_no_losses():
    assert losses(Question(bounds.claim("crossover"))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_chain_ends_at_its_claims_right_side(name):
    assert (chain(name)[-1].bound - bounds.claim(name).rhs).simplify() == 0


@pytest.mark.parametrize("name", [name for name in NAMES if bounds.claim(name).failure_probability is None])
def test_every_step_of_a_chain_holds_on_every_instance(name):
    claim, steps = bounds.claim(name), chain(name)
    question = Question(claim.changed(measured={symbol: entry for step in steps for symbol, entry in step.measured.items()}))
    formulas = (claim.lhs, *(step.bound for step in steps))
    rng, compared = np.random.default_rng(7), 0
    for cell in question.space.cells(most=2)[:4]:
        codes = question.space.random_codes(cell, 500, rng)
        with np.errstate(all="ignore"):
            values = measure.float_values(question.claim, question.space.floats(cell, codes), QUANTITIES)
            sides = [np.ravel(evaluate(side, values, FLOATS) + np.zeros((500, 1))) for side in formulas]
        for (smaller, larger), pair in zip(pairwise(sides), pairwise(formulas), strict=True):
            seen = np.isfinite(smaller) & np.isfinite(larger) & (smaller > 1e-9)
            compared += int(seen.sum())
            # as in judging, doubles only nominate
            for index in np.flatnonzero(seen & (smaller > larger * (1 + 1e-9) + 1e-13)):
                exact = measure.exact_values(question.claim, question.space.exact(cell, codes[index]), QUANTITIES)
                low, high = (ends(np.ravel(evaluate(side, exact, EXACT))[0]) for side in pair)
                assert low[0] <= high[1], f"{cell} with codes {codes[index].tolist()}"
    assert compared > 100


@pytest.mark.parametrize("name", ["conditioning", "distance"])
def test_the_quantities_of_a_chain_are_measured_alike_by_both_sides(name):
    claim = bounds.claim(name)
    question = Question(claim.changed(measured={s: e for step in chain(name) for s, e in step.measured.items()}))
    rng = np.random.default_rng(3)
    for _ in range(6):
        cell = question.space.random_cell(rng)
        codes = question.space.random_codes(cell, 1, rng)[0]
        assert measure.disagreement(question.claim, question.space, cell, codes, QUANTITIES) == ""


def test_steps_of_a_bound_that_holds_with_a_probability_lose_factors():
    markov, laplace = losses(Question(bounds.claim("finite_sample_bound")))
    assert markov.median > 1
    assert laplace.median > 1
    (cantelli,) = losses(Question(bounds.claim("line_bound")))
    # one step from the quantile to the bound: never below it by more than the error of a quantile from replicates
    assert cantelli.at_worst > 0.8
    assert cantelli.median < markov.median * laplace.median


@pytest.mark.parametrize("name", ["transfer_drs_maml", "lower_curvature", "gao_sener_theorem_3"])
def test_a_cloud_lies_below_a_true_bound(name):
    _, x, ratio = cloud(Question(bounds.claim(name)))
    assert len(x) == len(ratio) > 0
    assert np.all((x >= 0) & (x <= 1))
    assert ratio.max() <= 1 + 1e-9
    assert not math.isnan(ratio.max())


def test_the_command(capsys):
    assert main(["lower_curvature"]) == 0
    assert "worst ratio" in capsys.readouterr().out
    assert main(["nonsense"]) == 2
