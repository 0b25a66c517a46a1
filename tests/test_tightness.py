"""How tight bounds are: worst ratios with instances that execute, exponents, and what the steps of a proof lose."""

import math

import numpy as np
import pytest

from theory import bounds
from theory.chains import CHAINS
from theory.notation import root_u
from verify.tightness import cloud, exponents, losses, main, worst


@pytest.mark.parametrize("name", ["distance/core", "transfer_bound", "gao_sener_theorem_3"])
def test_a_sharp_bound_reaches_one_on_an_instance_that_executes(name):
    found = worst(bounds.claim(name))
    assert 0.99 < found.ratio <= 1 + 1e-9
    exec(found.instance, {})


def test_an_equality_has_no_worst_ratio():
    with pytest.raises(ValueError, match="is an equality"):
        worst(bounds.claim("distance/square"))


def test_a_sharp_bound_scales_as_it_should():
    for entry in exponents(bounds.claim("transfer_drs_maml")):
        if entry.parameter in ("k", "alpha*beta"):
            assert abs(entry.exponent) < 0.05


def test_a_bound_with_the_wrong_power_is_told():
    claim = bounds.claim("adaptation_never_hurts")
    from theory.notation import alpha, beta

    # too large by 1/(alpha beta): the ratio falls with the rate's first power
    (entry,) = [e for e in exponents(claim.changed(rhs=claim.rhs * 2 / (alpha * beta))) if e.parameter == "alpha*beta"]
    assert entry.exponent == pytest.approx(1, abs=0.1)


def test_the_steps_of_a_chain_lose_nothing_where_the_bound_is_sharp():
    found = losses(bounds.claim("transfer_bound"))
    assert [loss.why for loss in found] == [step.why for step in CHAINS["transfer_bound"]]
    for loss in found:
        assert loss.at_worst == pytest.approx(1, abs=0.02)
        assert loss.median > 1


def test_a_claim_without_a_chain_has_no_losses():
    assert losses(bounds.claim("distance")) == []


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_ends_at_its_claims_right_side(name):
    assert (CHAINS[name][-1].bound - bounds.claim(name).rhs).subs(root_u, 2).expand() == 0


@pytest.mark.parametrize("name", ["transfer_drs_maml", "lower_curvature", "gao_sener_theorem_3"])
def test_a_cloud_lies_below_a_true_bound(name):
    _, x, ratio = cloud(bounds.claim(name))
    assert len(x) == len(ratio) > 0
    assert np.all((x >= 0) & (x <= 1))
    assert ratio.max() <= 1 + 1e-9
    assert not math.isnan(ratio.max())


def test_the_command(capsys):
    assert main(["lower_curvature"]) == 0
    assert "worst ratio" in capsys.readouterr().out
    assert main(["nonsense"]) == 2
