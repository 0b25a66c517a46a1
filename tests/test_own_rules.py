"""Rules that the table lacks: under ten lines on each side, derived by theory, executed by numerics, judged like ours."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sympy import Rational, expand

from theory.notation import alpha, beta, q, t
from verify import bounds
from verify.judging.claim_file import read

#: a rate for every step, and heavy-ball momentum; first for theory, then for numerics
PER_STEP_RATES = (
    """
@dataclass(frozen=True)
class PerStepRates(theory.rules.GradientSteps):
    rates: tuple
    steps: int

    def rate(self, j):
        return self.rates[j]
""",
    """
@dataclass(frozen=True, eq=False)
class PerStepRates(numerics.GradientSteps):
    alpha: Any = 0.0
    rates: tuple = ()

    def rate(self, j):
        return self.rates[j]
""",
)
PUSHED = (
    """
@dataclass(frozen=True)
class Pushed(theory.rules.GradientSteps):
    alpha: Any
    friction: Any
    steps: Any

    def rate(self, j):
        return self.alpha

    def momentum(self, j):
        return self.friction
""",
    """
@dataclass(frozen=True, eq=False)
class Pushed(numerics.GradientSteps):
    friction: Any = 0.0

    def momentum(self, j):
        return self.friction
""",
)
IMPORTS = """
from dataclasses import dataclass
from typing import Any
from sympy import Interval, Rational, oo, sqrt
import numerics
import theory
from theory.claim import Claim, FalseSibling, Source, Tasks, measured
from theory.notation import *
from theory.rules import DRS
HERE, SPACE = Source("derived here"), {beta: Interval.open(0, oo), alpha: Interval.open(0, 1 / beta), t: Interval(0, 1)}
"""
#: the rules as the claims use them
USED = {"PerStepRates": "PerStepRates((alpha, alpha / 2, alpha / 3), 3)", "Pushed": "Pushed(alpha, t / 2, 3)"}
SOURCES = {"PerStepRates": PER_STEP_RATES, "Pushed": PUSHED}

CLAIMS = {
    "transfer": """
BOUND = (sqrt(ratio_high) - sqrt(ratio_low)) ** 2 * risk_A
CLAIM = Claim(
    name="transfer", title="what joint training costs a user of the rule", lhs=excess, relation="<=", rhs=BOUND,
    parameters={**SPACE, nu: Interval.Lopen(0, beta)}, tasks=Tasks("free"), source=HERE,
    measured={
        excess: measured("modeling_error", trained=DRS(), deployed=RULE),
        risk_A: measured("training_risk", rule=DRS()),
        ratio_low: measured("weight_ratio", trained=DRS(), deployed=RULE, end="lower"),
        ratio_high: measured("weight_ratio", trained=DRS(), deployed=RULE, end="upper"),
    },
    false_sibling=FalseSibling("1 % below the sharp constant", {"rhs": Rational(99, 100) * BOUND}),
)
""",
    "adapted_risk": """
CLAIM = Claim(
    name="adapted_risk_of_mine", title="the risk after adaptation is the risk in the derived weight",
    lhs=adapted, relation="==", rhs=weighted, parameters=SPACE, tasks=Tasks("free"), source=HERE,
    measured={adapted: measured("adapted_risk", rule=RULE), weighted: measured("weighted_risk", rule=RULE)},
    false_sibling=FalseSibling("of joint training", {"measured": {weighted: measured("weighted_risk", rule=DRS())}}),
)
""",
    "stationarity": """
CLAIM = Claim(
    name="stationarity_of_mine", title="the outer step vanishes at the optimum", lhs=step, relation="==", rhs=0 * q,
    parameters=SPACE, tasks=Tasks("free"), source=HERE, measured={step: measured("stationarity", rule=RULE)},
    false_sibling=FalseSibling("at joint training's", {"measured": {step: measured("stationarity", rule=RULE, at=DRS())}}),
)
""",
}


@cache
def module(folder: Path, rule: str, claim: str = "transfer") -> tuple[Path, ModuleType]:
    """A user's file with both classes and a claim, loaded."""
    path = folder / f"{rule}_{claim}.py"
    of_theory, of_numerics = SOURCES[rule]
    # the second class takes the name in numerics, where verify finds it by that name; the claim needs the first
    path.write_text(f"{IMPORTS}{of_numerics}Executed = {rule}\n{of_theory}RULE = {USED[rule]}\n{CLAIMS[claim]}")
    return path, read(path)[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


def lines_of_code(source: str) -> int:
    """Lines that say something, the decorator and the signature included."""
    return sum(bool(line.strip()) for line in ast.unparse(ast.parse(source)).splitlines())


def test_a_rule_costs_under_ten_lines_a_side() -> None:
    for source in (*PER_STEP_RATES, *PUSHED):
        assert lines_of_code(source) < 10, source


def test_neither_rule_is_in_the_table() -> None:
    import numerics
    import theory.rules

    for name in SOURCES:
        assert not hasattr(theory.rules, name)
        assert not hasattr(numerics, name)


def test_theory_derives_the_residuals(folder: Path) -> None:
    rates = module(folder, "PerStepRates")[1].RULE
    assert expand(rates.residual(q) - (1 - alpha * q) * (1 - alpha * q / 2) * (1 - alpha * q / 3)) == 0
    pushed = module(folder, "Pushed")[1].RULE
    first, push = 1 - alpha * q, t / 2
    second = first * (first + push) - push
    assert expand(pushed.residual(q) - (second * (first + push) - push * first)) == 0
    # without momentum it is MAML
    assert expand(pushed.residual(q).subs(t, 0) - first**3) == 0


@pytest.mark.parametrize("rule", SOURCES)
def test_numerics_runs_what_theory_derives(folder: Path, rule: str) -> None:
    loaded = module(folder, rule)[1]
    fields = {"rates": (0.4, 0.2, 0.4 / 3)} if rule == "PerStepRates" else {"alpha": 0.4, "friction": 0.25}
    executed = loaded.Executed(**fields, steps=3)
    numbers = {alpha: Rational(2, 5), beta: 2, t: Rational(1, 2)}
    for place in (0.0, 0.3, 1.0, 1.9):
        hessian = np.array([[[place]]])
        expected = float(loaded.RULE.training_weight(q).subs(numbers).subs(q, Rational(str(place))))
        assert executed.training_weight(hessian).item() == pytest.approx(expected, rel=1e-13, abs=1e-15)
        assert executed.deployment_weight(hessian).item() == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("rule", SOURCES)
def test_a_rule_of_ones_own_is_judged_like_ours(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rule: str, claim: str
) -> None:
    path, _ = module(folder, rule, claim)
    status = bounds.main([str(path), "--jobs", "1", "--json", str(tmp_path / "out.json")])
    out, err = capsys.readouterr()
    assert (status, err) == (0, ""), out
    record, sibling = json.loads((tmp_path / "out.json").read_text())
    assert (record["verdict"], sibling["verdict"]) == ("searched", "refuted")
    if claim == "transfer":
        assert record["worst_ratio"] > 0.99


def test_a_rule_that_numerics_runs_otherwise_is_an_error(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "otherwise.py"
    of_theory, of_numerics = (source.replace("class Pushed", "class Otherwise") for source in PUSHED)
    of_numerics = of_numerics.replace("return self.friction", "return 0.9 * self.friction")
    # the second class takes the first one's only name, and yet numerics knows the first
    both = f"{of_numerics}{of_theory}import gc\ngc.collect()\n"
    path.write_text(f"{IMPORTS}{both}RULE = Otherwise(alpha, t / 2, 3)\n{CLAIMS['adapted_risk']}")
    assert bounds.main([str(path), "--jobs", "1"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "theory and numerics disagree on adapted = adapted_risk" in out
