"""Mutation of claims: each constant, exponent, sign and end of a range is changed, and survivors have a reason."""

import pytest
from sympy import Rational
from topics import CORE

from theory import bounds
from theory.notation import x
from verify.mutation import main
from verify.reports.mutation_page import table
from verify.studies.fates import Fate, Settled, fate, settled
from verify.studies.mutants import Mutant, mutants

#: claims about numbers, quick enough to mutate whole; `python -m verify.mutation` does all
QUICK = ("transfer_bound/core", "transfer_bound/factors", "ratio_bound/chord", "lower_curvature/numerator")


def changes(name):
    return {mutant.change: mutant for mutant in mutants(bounds.claim(name))}


def test_constants_exponents_signs_and_ranges_are_changed():
    said = " | ".join(changes("transfer_drs_maml"))
    for change in ("times 1.01", "times 0.99", "times -1", "to the power 3", "to the power k + 1", "sign of ", "range: alpha"):
        assert change in said


def test_every_mutant_differs_from_its_original():
    for name in CORE:
        for mutant in mutants(bounds.claim(name)):
            fields = ("lhs", "rhs", "failure_probability", "parameters")
            assert any(getattr(mutant.claim, field) != getattr(mutant.original, field) for field in fields), mutant.change


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
    mutant = "distance/core", "rhs: times 0.99", True
    found = table([Settled(*mutant, Fate.KILLED), Settled(*mutant, Fate.SLACK), Settled(*mutant, Fate.WEAKER, "proved")])
    assert "| `distance/core` | 1 | 1 |  |  |  | 1 |  |" in found
    assert "- `distance/core`, rhs: times 0.99: slack" in found
    assert "Of 2 survivors about numbers alone 1 are proved or certified." in found
    assert "weaker, proved" not in found


def test_a_survivor_about_numbers_is_proved():
    weaker = settled(changes("transfer_bound/core")["rhs: times 1.01"])
    assert (weaker.fate, weaker.shown) == (Fate.WEAKER, "proved")
    longer = settled(changes("transfer_bound/core")["range: c up to 1.01 of root_u**2"])
    assert (longer.fate, longer.shown) == (Fate.STRONGER, "proved")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("rhs: times 0.99", Fate.SLACK),
        ("rhs: times 1.01", Fate.WEAKER),
        ("rhs: times -1", Fate.KILLED),
        ("lhs: times 0.99", Fate.WEAKER),
        ("lhs: times -1", Fate.WEAKER),
        ("failure_probability: times 1.01", Fate.WEAKER),
        ("failure_probability: times 0.99", Fate.SLACK),
        ("failure_probability: times -1", Fate.KILLED),
    ],
)
def test_mutants_of_a_bound_that_holds_with_a_probability(change, expected):
    found = settled(changes("line_bound")[change])
    assert found.fate is expected
    assert found.shown.startswith("borne out on 96;") == (expected is not Fate.KILLED)


def test_the_clock_has_no_part_in_what_replicates_show(monkeypatch):
    monkeypatch.setattr("time.monotonic", lambda: 1e9)
    assert settled(changes("line_bound")["rhs: times 0.99"]).shown.startswith("borne out on 96;")


FILE = """
from sympy import Interval
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import beta, diameter, rule
from theory.rules import DRS
from verify.quantities import QUANTITIES as KNOWN

class Mine(DRS):
    pass

QUANTITIES = {{"mine": KNOWN["diameter"]}}
CLAIM = Claim(
    name="of_mine", title="a test", parameters={{rule: (Mine(),), beta: Interval.open(0, 10)}}, tasks=Tasks("free"),
    measured={{diameter: measured("{quantity}")}}, lhs=diameter / 2, relation="<=", rhs=diameter,
    source=Source("derived here"), false_sibling=FalseSibling("smaller", {{"rhs": diameter / 4}}),
)
"""


def test_a_users_verbs_are_used_and_one_that_is_unknown_is_refused_in_a_sentence(tmp_path, capsys):
    (tmp_path / "good.py").write_text(FILE.format(quantity="mine"))
    main([str(tmp_path / "good.py"), "--jobs", "1"])
    assert "| `of_mine` | 1 |" in capsys.readouterr().out
    (tmp_path / "bad.py").write_text(FILE.format(quantity="nonsense"))
    assert main([str(tmp_path / "bad.py"), "--jobs", "1"]) == 2
    said = capsys.readouterr().err
    assert "claim of_mine measures 'nonsense', which is no quantity" in said
    assert said.count("\n") == 1


def test_a_defect_of_the_machinery_is_no_fate(monkeypatch):
    def broken(*_):
        raise ValueError("broken")

    monkeypatch.setattr("verify.studies.fates.search_locally", broken)
    with pytest.raises(ValueError, match="broken"):
        fate(changes("distance/core")["rhs: times 0.99"])


def test_claims_with_a_rule_of_the_users_own_go_to_workers(tmp_path, capsys):
    (tmp_path / "rule.py").write_text(FILE.format(quantity="mine"))
    main([str(tmp_path / "rule.py"), "lower_curvature/numerator", "--jobs", "2"])
    assert "| `of_mine` | 1 |" in capsys.readouterr().out


def test_the_command(capsys):
    assert main(["lower_curvature/numerator"]) == 0
    assert "| **all** |" in capsys.readouterr().out
    assert main(["nonsense"]) == 2
