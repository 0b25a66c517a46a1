"""A claim that says too much is refuted, numerics that do something else are noticed: status 1, and the output says where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from topics import CORE

import numerics
from numerics import population
from theory.bounds import claim
from theory.claim import Claim
from verify import bounds


def _sharp() -> Iterator[str]:
    for name in CORE:
        whole = claim(name)
        for part in (whole, *(step for step in whole.reductions if isinstance(step, Claim))):
            if part.sharp is not None:
                yield part.name


SHARP = sorted(_sharp())
ASSUMPTIONS = [(name, index) for name in CORE for index in range(len(claim(name).assumptions))]

#: status and output of the command on names or files
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> tuple[int, str]:
        status = bounds.main([*arguments, "--jobs", "1"])
        out, err = capsys.readouterr()
        assert err == ""
        return status, out

    return command


@pytest.fixture
def judge_edited(run: Run, tmp_path: Path) -> Callable[[str, str], tuple[int, str]]:
    """Judge a claim of the project after an edit of it."""

    def judge(name: str, edit: str) -> tuple[int, str]:
        path = tmp_path / "edited.py"
        path.write_text(
            "from sympy import Rational\n"
            "from theory.bounds import claim\n"
            f"ORIGINAL = claim({name!r})\n"
            f"CLAIM = ORIGINAL.{edit}.changed(reductions=())\n"
        )
        return run(str(path))

    return judge


def row(out: str, name: str) -> str:
    """The line of the table that is about a claim, with the next one after a long name."""
    lines = out.splitlines()
    (place,) = (place for place, line in enumerate(lines) if line.split()[:1] == [name])
    return lines[place] if lines[place].split() != [name] else lines[place] + lines[place + 1]


def counterexamples(out: str, name: str) -> str:
    """Which counterexamples to a claim are printed: one may be the simplest and the worst."""
    return " ".join(line.rpartition(": the ")[2] for line in out.splitlines() if line.startswith(f"# {name}: the "))


@pytest.mark.parametrize("name", SHARP)
def test_a_sharp_constant_cannot_be_one_per_cent_stronger(
    judge_edited: Callable[[str, str], tuple[int, str]], name: str
) -> None:
    status, out = judge_edited(name, "changed(rhs=Rational(99, 100) * ORIGINAL.rhs)")
    assert status == 1
    assert "refuted" in row(out, name)
    assert "expected: to hold" in out
    assert "simplest" in counterexamples(out, name)
    assert "worst" in counterexamples(out, name)
    assert f"not as expected: {name}" in out


@pytest.mark.parametrize(("name", "index"), ASSUMPTIONS, ids=[f"{name}-{index}" for name, index in ASSUMPTIONS])
def test_no_assumption_can_be_dropped(judge_edited: Callable[[str, str], tuple[int, str]], name: str, index: int) -> None:
    edited = f"{name}/without"
    status, out = judge_edited(name, f"without(ORIGINAL.assumptions[{index}])")
    assert status == 1
    assert "refuted" in row(out, edited)
    assert "simplest" in counterexamples(out, edited)
    assert f"not as expected: {edited}" in out


class WrongSign(numerics.rules.GradientSteps):
    """Inner steps up the gradient."""

    def schedule(self) -> list[tuple[Any, Any]]:
        return [(-rate, momentum) for rate, momentum in _schedule(self)]


_schedule = numerics.rules.GradientSteps.schedule
_optimum = population.optimum
_proximal = numerics.ImplicitMAML.inner


def first_order(rule: numerics.Rule, losses: Any, theta: Any) -> Any:
    """The gradient at the adapted parameter, without the derivative of the inner loop."""
    return losses.gradient(rule.adapt(losses, theta))


def slightly_off(probabilities: Any, weights: Any, optima: Any) -> Any:
    return _optimum(probabilities, weights, optima) * (1 + 1e-6)


def without_half(probabilities: Any, weights: Any, optima: Any, theta: Any) -> Any:
    residuals = np.asarray(theta)[..., None, :] - np.asarray(optima)
    return np.einsum("...n,...ni,...nij,...nj->...", probabilities, residuals, weights, residuals)


def looser(rule: Any, losses: Any, theta: Any) -> Any:
    return _proximal(numerics.ImplicitMAML(rule.regularization * 1.01), losses, theta)


#: where numerics is broken, by what, and the claims that notice with the symbol that they notice it on
BROKEN: dict[str, tuple[Any, str, Any, dict[str, str]]] = {
    "wrong sign in the inner step": (
        numerics.rules.GradientSteps,
        "schedule",
        WrongSign.schedule,
        {
            "transfer_drs_maml": "excess = modeling_error",
            "distance_drs_maml": "distance = distance",
            "conditioning_drs_maml": "kappa_B = condition_number",
            "adaptation_never_hurts": "risk_B = minimal_risk",
            "small_rate_optimum": "coefficient = optimum_coefficient",
            "adapted_risk": "adapted = adapted_risk",
            "stationarity/maml": "weight = weight_at",
            "easy_and_hard": "risk_BA = transferred_risk",
            "lower_curvature": "optimum_maml = optimum",
        },
    ),
    "a first-order hypergradient": (
        numerics.rules.GradientSteps,
        "adapted_gradient",
        first_order,
        {
            "transfer_drs_maml": "excess = modeling_error",
            "distance_drs_maml": "distance = distance",
            "small_rate_modeling_error": "coefficient = modeling_error_coefficient",
            "stationarity/maml": "weight = weight_at",
        },
    ),
    "an optimum that is slightly off": (population, "optimum", slightly_off, {"stationarity": "step = stationarity"}),
    "risks without the half": (population, "risk", without_half, {"ratio_bound": "risk_BA = transferred_risk"}),
    "a proximal step with another constant": (
        numerics.ImplicitMAML,
        "inner",
        looser,
        {"adapted_risk/implicit_maml": "weight = weight_at"},
    ),
}
NOTICED = [(how, name) for how, (*_, claims) in BROKEN.items() for name in claims]


@pytest.mark.parametrize(("how", "name"), NOTICED, ids=[f"{how}, {name}" for how, name in NOTICED])
def test_broken_numerics_are_noticed(run: Run, monkeypatch: pytest.MonkeyPatch, how: str, name: str) -> None:
    where, attribute, broken, noticed = BROKEN[how]
    monkeypatch.setattr(where, attribute, broken)
    status, out = run(name)
    assert status == 1
    assert "disagreement" in row(out, name)
    text = " ".join(out.split())
    for part in (f"theory and numerics disagree on {noticed[name]}", "theory finds", "on the instance", "with codes ["):
        assert part in text, text
