"""Mutation of claims: each constant, exponent, sign and end of a range is changed, and survivors have a reason."""

import pytest
from sympy import Rational

from theory import bounds
from theory.notation import x
from verify.mutation import Fate, Mutant, Settled, fate, main, mutants, settled, table

#: claims about numbers, quick enough to mutate whole; `python -m verify.mutation` does all
QUICK = ("distance/core", "transfer_bound/core", "transfer_bound/factors", "ratio_bound/chord", "lower_curvature/numerator")


def changes(name):
    return {mutant.change: mutant for mutant in mutants(bounds.claim(name))}


def test_constants_exponents_signs_and_ranges_are_changed():
    said = " | ".join(changes("transfer_drs_maml"))
    for change in ("times 1.01", "times 0.99", "times -1", "to the power 3", "to the power k + 1", "sign of ", "range: alpha"):
        assert change in said


def test_every_mutant_differs_from_its_original():
    for name in bounds.names():
        for mutant in mutants(bounds.claim(name)):
            assert (mutant.claim.lhs, mutant.claim.rhs, mutant.claim.parameters) != (
                mutant.original.lhs,
                mutant.original.rhs,
                mutant.original.parameters,
            ), mutant.change


@pytest.mark.parametrize("name", QUICK)
def test_every_survivor_has_a_reason(name):
    for mutant in mutants(bounds.claim(name)):
        assert fate(mutant) is not Fate.DEFECT, mutant.change


@pytest.mark.parametrize("name", ["transfer_bound/core", "distance/core", "ratio_bound/core"])
def test_a_sharp_constant_cannot_be_a_percent_smaller(name):
    assert fate(changes(name)["rhs: times 0.99"]) is Fate.KILLED
    assert fate(changes(name)["rhs: times 1.01"]) is Fate.WEAKER


def test_both_directions_of_an_identity_are_refuted():
    found = changes("transfer_bound/factors")
    assert {fate(found[f"rhs: times {factor}"]) for factor in ("1.01", "0.99", "-1")} == {Fate.KILLED}


def test_the_same_statement_in_other_words_is_the_same():
    claim = bounds.claim("distance/core")
    assert fate(Mutant(claim, claim.changed(rhs=claim.rhs + x - x * Rational(2, 2)), "nothing")) is Fate.SAME


def test_a_stronger_survivor_is_proved_but_a_defect_where_the_claim_is_declared_sharp():
    loose = bounds.claim("distance/core").changed(rhs=2 * bounds.claim("distance/core").rhs)
    mutant = next(mutant for mutant in mutants(loose) if mutant.change == "rhs: times 0.99")
    assert fate(mutant) is Fate.DEFECT
    assert fate(Mutant(loose.changed(sharp=None), mutant.claim, mutant.change)) is Fate.STRONGER


def test_the_table_counts_fates_and_lists_what_a_reader_must_see():
    mutant = changes("distance/core")["rhs: times 0.99"]
    found = table([Settled(mutant, Fate.KILLED), Settled(mutant, Fate.SLACK), Settled(mutant, Fate.WEAKER, "proved")])
    assert "| `distance/core` | 1 | 1 |  |  |  | 1 |  |" in found
    assert "- `distance/core`, rhs: times 0.99: slack" in found
    assert "Of 2 survivors about numbers alone 1 are proved or certified." in found
    assert "weaker, proved" not in found


def test_a_survivor_about_numbers_is_proved():
    weaker = settled(changes("transfer_bound/core")["rhs: times 1.01"])
    assert (weaker.fate, weaker.shown) == (Fate.WEAKER, "proved")
    longer = settled(changes("transfer_bound/core")["range: c up to 1.01 of root_u**2"])
    assert (longer.fate, longer.shown) == (Fate.STRONGER, "proved")


def test_of_a_survivor_that_holds_with_a_probability_it_is_said_how_often_it_failed():
    mutant = changes("line_bound")["rhs: times 0.99"]
    assert settled(mutant).shown.startswith("fails at most 0.")


def test_the_command(capsys):
    assert main(["lower_curvature/numerator"]) == 0
    assert "| **all** |" in capsys.readouterr().out
    assert main(["nonsense"]) == 2
