"""Every file of theory.bounds is a literate unit with one claim that a machine can judge and that costs nothing to import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sympy import FiniteSet, Float, Interval, Range, Symbol, preorder_traversal

from theory import bounds
from theory.bibliography import ENTRIES
from theory.bounds import claim, names
from theory.claim import Argued, Claim
from theory.notation import TABLE, n, p
from theory.rules import Rule
from verify.arithmetic.evaluate import check
from verify.quantities import QUANTITIES

NAMES = names()
#: fields in which a false sibling may differ from its claim
SAID = ("lhs", "relation", "rhs", "parameters", "tasks", "measured")


def _parts(whole: Claim) -> Iterator[Claim]:
    yield whole
    for step in whole.reductions:
        if isinstance(step, Claim):
            yield from _parts(step)


EVERY = [part for name in NAMES for part in _parts(claim(name))]
BY_NAME = pytest.mark.parametrize("part", EVERY, ids=lambda part: part.name)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_named_after_its_one_claim(name: str) -> None:
    module = bounds.module(name)
    assert module.CLAIM.name == name
    for step in module.CLAIM.reductions:
        assert isinstance(step, Argued) or step.name.startswith(f"{name}/")


@pytest.mark.parametrize("name", NAMES)
def test_a_docstring_reads_as_a_section_of_a_paper(name: str) -> None:
    text = bounds.module(name).__doc__ or ""
    printed = claim(name).printed
    for heading in ("**Statement", "**Audit") if printed else ("**Setting", "**Theorem", "**Proof", "**Source"):
        assert heading in text
    if claim(name).sharp is not None:
        assert "**Sharp" in text
    if any(isinstance(step, Claim) for step in claim(name).reductions):
        assert "reduction" in text


@BY_NAME
def test_symbols_are_in_the_table_and_numbers_are_exact(part: Claim) -> None:
    for side in (part.lhs, part.rhs):
        check(side)
        assert not [node for node in preorder_traversal(side) if isinstance(node, Float)]
    for symbol in (*part.parameters, *part.measured, *part.lhs.free_symbols, *part.rhs.free_symbols):
        assert TABLE[symbol]


@BY_NAME
def test_domains_use_what_is_declared_before_them(part: Claim) -> None:
    declared: set[Symbol] = {p, n} if part.tasks is not None else set()
    for symbol, domain in part.parameters.items():
        if isinstance(domain, tuple):
            assert domain
            assert all(isinstance(choice, Rule | int) for choice in domain)
            used = {free for choice in domain if isinstance(choice, Rule) for free in choice.free_symbols}
        else:
            assert isinstance(domain, Interval | Range | FiniteSet)
            used = domain.free_symbols
        assert used <= declared, symbol
        declared.add(symbol)


@BY_NAME
def test_measured_symbols_use_known_verbs(part: Claim) -> None:
    assert {entry.quantity for entry in part.measured.values()} <= set(QUANTITIES)


@BY_NAME
def test_a_claim_that_should_hold_has_a_false_sibling(part: Claim) -> None:
    if part.expected == "refuted":
        assert part.false_sibling is None
        assert part.corrected
        return
    sibling = part.sibling()
    assert sibling.expected == "refuted"
    assert sibling.sharp is None
    unchanged = all(getattr(sibling, name) == getattr(part, name) for name in SAID)
    assert not unchanged


@BY_NAME
def test_dropping_an_assumption_changes_what_is_ranged_over(part: Claim) -> None:
    for assumption in part.assumptions:
        dropped = part.without(assumption)
        assert (dropped.parameters, dropped.tasks, dropped.measured) != (part.parameters, part.tasks, part.measured)


@BY_NAME
def test_sources_and_corrections_exist(part: Claim) -> None:
    assert part.source.key in ENTRIES or (part.source.key == "derived here" and not part.printed)
    assert not part.corrected or part.corrected in NAMES


def test_the_theorems_are_all_there() -> None:
    assert {
        "adapted_risk",
        "stationarity",
        "transfer_bound",
        "transfer_drs_maml",
        "transfer_between_rules",
        "ratio_bound",
        "conditioning",
        "distance",
        "distance_drs_maml",
        "small_rate_optimum",
        "small_rate_modeling_error",
        "no_gain_constant_ratio",
        "no_gain_common_curvature",
        "no_gain_common_optimum",
        "no_gain_independent",
        "easy_and_hard",
        "adaptation_never_hurts",
        "adaptation_never_hurts_sampled",
        "gao_sener_theorem5_risk",
        "gao_sener_theorem5_limit",
        "gao_sener_theorem5_minimum",
        "gao_sener_lower_curvature",
    } <= set(NAMES)


def test_importing_all_claims_derives_nothing() -> None:
    code = """
import sympy
def forbidden(*args, **kwargs): raise AssertionError("a derivation at import")
for name in ("rsolve", "dsolve", "solve", "integrate", "diff", "simplify", "factor", "expand", "series"):
    setattr(sympy, name, forbidden)
from theory.bounds import claim, names
for name in names(): claim(name)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


@pytest.mark.parametrize("name", NAMES)
def test_bounds_import_only_sympy_and_theory(name: str) -> None:
    source = Path(bounds.module(name).__file__ or "").read_text()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None
            assert node.module.split(".")[0] in ("sympy", "theory")
        assert not isinstance(node, ast.Import)
