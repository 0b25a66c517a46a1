"""The extremal instance that a sharp claim names, decided exactly, and as the Python that its page on the site shows."""

import pytest

from theory.bounds import claim, names
from theory.claim import Claim
from verify.evidence.counterexample import script
from verify.evidence.question import Outcome, Question
from verify.studies.extremal import named

SHARP = {
    part.name: part
    for whole in map(claim, names())
    for part in (whole, *(step for step in whole.reductions if isinstance(step, Claim)))
    if part.sharp is not None
}
#: sides that involve roots or exponentials are enclosed, which does not decide an equality
ENCLOSED = {"flow_against_ridge/factor", "price_of_joint_training_plane"}


@pytest.mark.parametrize("name", SHARP)
def test_the_bound_is_met_on_the_instance_that_it_names(name):
    question = Question(SHARP[name])
    found = named(question)
    assert found is not None
    assert found.outcome in (Outcome.HOLDS, *([Outcome.UNDECIDED] if name in ENCLOSED else []))
    if SHARP[name].sharp.attained and name not in ENCLOSED:
        # roots of squares are enclosed, and meet
        assert found.lhs == found.rhs or found.ratio() == pytest.approx(1, abs=1e-15)
    else:
        assert 0.999 <= found.ratio() <= 1


@pytest.mark.parametrize("name", [name for name in SHARP if name not in ENCLOSED and "/" not in name])
def test_the_python_that_is_shown_runs(name):
    question = Question(SHARP[name])
    found = named(question)
    assert found is not None
    space = {}
    exec(script(question, found), space)
    assert space["lhs"] == found.lhs


def test_claims_without_a_rational_instance_have_none():
    assert named(Question(claim("transfer_bound/core"))) is not None
    assert named(Question(claim("adapted_risk"))) is None
