"""Claims that hold with a probability are sampled, and their false siblings refuted from a seed that replays."""

import numpy as np
import pytest
from sympy import Rational

from theory.bounds import claim
from verify.compare import Subject
from verify.evidence import Verdict
from verify.judge import judge
from verify.replicated import exceedances, gather, replay

PROBABILISTIC = ["finite_sample_bound", "fourth_moment_bound", "line_bound"]


@pytest.mark.parametrize("name", PROBABILISTIC)
def test_bounds_are_sampled_and_their_siblings_refuted(name):
    held, refuted = judge(claim(name), level="sampled")
    assert held.verdict is Verdict.SAMPLED
    assert held.worst_ratio < 1
    assert refuted.verdict is Verdict.REFUTED
    assert "replicates exceed" in refuted.detail


def test_a_violation_replays_from_its_seed():
    subject = Subject(claim("line_bound").sibling())
    found = gather(subject, np.random.SeedSequence(5), float("inf")).violation
    assert found is not None
    assert found.limit > found.allowed
    assert replay(subject, found.cell, found.codes, found.entropy) == found


def test_a_claim_that_is_never_true_is_refuted_and_one_that_says_nothing_is_vacuous():
    line = claim("line_bound")
    never = Subject(line.changed(rhs=-line.rhs, failure_probability=Rational(1, 10)))
    assert gather(never, np.random.SeedSequence(0), float("inf")).violation is not None
    nothing = gather(Subject(line.changed(failure_probability=Rational(1))), np.random.SeedSequence(0), float("inf"))
    assert nothing.violation is None
    assert nothing.vacuous == nothing.instances


def test_exceedances_are_the_share_of_replicates_above_the_right_side():
    """A right side below zero is exceeded always; the bound itself less often than claimed."""
    bound = claim("finite_sample_bound")
    subject = Subject(bound)
    cell = subject.space.smallest_cell()
    batch = subject.space.floats(cell, np.full((1, subject.space.length(cell)), 2**15))
    rates, allowed = exceedances(subject, batch, np.random.default_rng(0), 2000)
    assert rates.shape == allowed.shape == (1,)
    always, _ = exceedances(Subject(bound.changed(rhs=-bound.rhs)), batch, np.random.default_rng(0), 2000)
    assert always[0] == 1
    assert rates[0] < allowed[0]


def test_a_probabilistic_claim_needs_one_random_symbol():
    line = claim("line_bound")
    loss = next(symbol for symbol, entry in line.measured.items() if entry.verb == "estimation_loss")
    steady = next(entry for entry in line.measured.values() if entry.verb == "mean_curvature")
    with pytest.raises(ValueError, match="0 random symbols"):
        gather(Subject(line.changed(measured={loss: steady})), np.random.SeedSequence(0), float("inf"))
