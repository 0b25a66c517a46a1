"""`test_mine = verify.property_test(CLAIM)` is a test of the user's own: it passes, fails and shrinks under their profile."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from sympy import Interval, Range, Rational, Symbol

import verify
from theory.bounds import claim
from theory.claim import Claim, FalseSibling, Source, measured
from theory.notation import k, q, x
from verify.evidence.question import Question
from verify.evidence.sampled import Violated
from verify.quantities import Quantity

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["pytester"]

# what the user's guide says to write
test_the_core_of_the_distance_bound = verify.property_test(claim("distance/core"))
test_the_distance_bound = verify.property_test(claim("distance"))
test_the_transfer_bound = verify.property_test(claim("transfer_drs_maml"))
test_the_template = verify.property_test(verify.load(ROOT / "docs" / "my_bound.py"))


def below(bound: Rational, name: str = "below") -> Claim:
    return Claim(
        name,
        "x k is below a bound",
        x * k,
        "<=",
        bound,
        Source("derived here"),
        FalseSibling("half", {"rhs": bound / 2}),
        {x: Interval(0, 1), k: Range(1, 6)},
    )


def test_it_is_documented_by_its_claim() -> None:
    assert test_the_distance_bound.__doc__ == f"distance: {claim('distance').title}"


@pytest.mark.parametrize("name", ["distance/core", "no_gain_constant_ratio", "easy_and_hard"])
def test_it_refutes_false_siblings(name: str) -> None:
    with pytest.raises(Violated, match=f"claim {name}/false-sibling is violated:\nfrom fractions"):
        verify.property_test(claim(f"{name}/false-sibling"))()


def test_it_shrinks_to_the_simplest_instance() -> None:
    with pytest.raises(Violated) as failure:
        verify.property_test(below(Rational(7, 2)))()
    message = str(failure.value)
    # the least number of steps that exceeds, at the coarsest numbers
    assert re.search(r"S\.k: 4,", message)
    assert re.search(r"S\.x: F\(1\),", message)


def test_its_failure_can_be_pasted() -> None:
    question = below(Rational(1, 2))
    with pytest.raises(Violated) as failure:
        verify.property_test(question)()
    script = str(failure.value).partition("is violated:\n")[2]
    exec(script, {"CLAIM": question})


def test_it_takes_verbs_of_ones_own() -> None:
    quantities = {"square": Quantity(lambda batch: batch.values[x] ** 2, lambda instance: [instance.values[x].item() ** 2])}
    question = below(Rational(5)).changed(measured={q: measured("square")}, lhs=q, rhs=x)
    verify.property_test(question, quantities)()
    with pytest.raises(Violated, match="exact_sides\\(CLAIM, instance, QUANTITIES\\)"):
        verify.property_test(question.changed(rhs=x / 2), quantities)()


def test_a_claim_that_cannot_be_measured_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="measures 'guess', which is no quantity"):
        verify.property_test(below(Rational(5)).changed(measured={q: measured("guess")}))


def test_it_runs_as_many_examples_as_the_profile_says() -> None:
    seen: list[None] = []

    def counted(batch):  # type: ignore[no-untyped-def]
        seen.append(None)
        return batch.values[x]

    quantities = {"counted": Quantity(counted, lambda instance: [instance.values[x].item()])}
    free = Symbol("free", real=True)
    question = below(Rational(5)).changed(measured={free: measured("counted")}, lhs=free)
    before = settings.get_current_profile_name()
    settings.register_profile("few", parent=settings.get_profile(before), max_examples=7)
    settings.load_profile("few")
    try:
        verify.property_test(question, quantities)()
    finally:
        settings.load_profile(before)
    assert 1 <= len(seen) <= 7


def test_in_a_users_own_suite_it_passes_fails_and_shrinks(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        conftest="from hypothesis import settings\nsettings.register_profile('mine', max_examples=60, derandomize=True)\n"
        "settings.load_profile('mine')\n",
        test_mine="""
            import verify
            from theory.bounds import claim

            test_true = verify.property_test(claim("ratio_bound/core"))
            test_false = verify.property_test(claim("ratio_bound/core/false-sibling"))
        """,
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*claim ratio_bound/core/false-sibling is violated:*", "*S.root_u: F(1),*"])


@pytest.mark.parametrize("judged", [verify.property_test, Question])
@pytest.mark.parametrize("value", [3, "distance", None])
def test_what_is_no_claim_is_refused(judged: Callable[[object], object], value: object) -> None:
    with pytest.raises(TypeError, match=rf"^claim is {value!r}; it must be a theory\.claim\.Claim, such as"):
        judged(value)
