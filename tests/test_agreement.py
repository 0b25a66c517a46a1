r"""Theory, exactly, and numerics, in doubles, find the same optima and risks on 1,000 random instances per rule.

Both solve :math:`E[w]\theta=E[w\theta_\gamma]`, numerics with executed weights that are right to a few units in the last
place of :math:`W=\max\{\beta,\max_\gamma\|w(Q_\gamma)\|\}`, the magnitude of what they are made of (for Reptile, whose weight
is the identity less a power, with 1 in place of :math:`\beta`).  To first order in the machine's precision
:math:`\varepsilon` the solution is then off by a multiple of
:math:`\varepsilon W\max_\gamma\|\theta_\gamma\|/\lambda_{\min}(E w)`; the constant is :data:`UNITS`.  What a user pays for
that is the risk's rounding and the second order of the optimum's error, as the risk is flat there, or its first order for
the rules that train with another weight than they deploy.

Instances whose bound promises no digit, or whose optima are all zero, are not among the 1,000.  Where
:math:`\lambda_{\min}(E w)\ge10^{-2}\beta` the optima agree to :math:`10^{-10}\max_\gamma\|\theta_\gamma\|`.  The bound implies
that for weights up to :math:`70\beta`; at a negative rate (up to :math:`2^{10}\beta`) and for Reptile, whose weight has no
unit, it is more than the bound says.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from sympy import Interval, oo

from numerics import population
from theory import optima
from theory.claim import Claim, FalseSibling, Source, Tasks
from theory.notation import N, alpha, beta, k, lam, n, nu, p, t
from theory.rules import DRS, MAML, FirstOrderMAML, GradientFlow, ImplicitMAML, Reptile, Rule
from verify.instances.batch import Batch, Cell
from verify.instances.families.quadratic import distribution, exact_rule, hessians
from verify.instances.space import Space
from verify.quantities.paths import executed

DIMENSIONS, STEPS, MOST_TASKS = range(1, 7), range(1, 6), 8
#: instances of a cell in one or two dimensions, and in more, which take longer to solve exactly
MANY, FEW = 104, 8
#: units in the last place, of the largest weight over the least eigenvalue, by which an optimum may be off
UNITS = 64
#: relative error from which a bound promises no digit
NO_DIGIT = 0.1
DIGITS = 40

RULES: dict[str, Rule] = {
    "drs": DRS(),
    "maml": MAML(alpha, k),
    "negative_rate": MAML(-alpha / 2, k),
    "sampled": MAML(alpha, 1, N),
    "first_order_maml": FirstOrderMAML(alpha, k),
    "reptile": Reptile(alpha, k),
    "implicit_maml": ImplicitMAML(lam),
    "gradient_flow": GradientFlow(t),
}
SPACE = Space(
    Claim(
        "agreement",
        "any tasks, any rates up to 2/beta",
        0,
        "<=",
        0,
        Source("derived here"),
        FalseSibling("none", {}),
        {
            beta: Interval.open(0, oo),
            nu: Interval(0, beta),
            alpha: Interval.Lopen(0, 2 / beta),
            lam: Interval.open(0, oo),
            t: Interval(0, oo),
        },
        Tasks("free"),
    )
)


@cache
def instances() -> list[tuple[Cell, Any, list[Batch]]]:
    """Cells of every p with every k, numbers of tasks in turn, with codes and the exact instances that they stand for."""
    rng, drawn = np.random.default_rng(2010), []
    for index, (dimension, steps) in enumerate(product(DIMENSIONS, STEPS)):
        cell = Cell(((p, dimension), (n, 1 + index % MOST_TASKS), (k, steps), (N, steps)), bits=10)
        codes = SPACE.random_codes(cell, MANY if dimension <= 2 else FEW, rng)
        drawn.append((cell, codes, [SPACE.exact(cell, code) for code in codes]))
    return drawn


def in_doubles(rule: Rule, batch: Batch) -> tuple[Any, ...]:
    """Optima, deployed risks there, least eigenvalues of E[w], magnitudes of weights and longest optima of a batch."""
    tasks, chosen = batch.tasks, executed(rule, batch)
    assert tasks is not None
    trained, deployed = chosen.training_weight(hessians(batch)), chosen.deployment_weight(hessians(batch))
    theta = population.optimum(tasks.probabilities, trained, tasks.optima)
    risks = population.risk(tasks.probabilities, deployed, tasks.optima, theta)
    least = np.abs(np.linalg.eigvalsh(population.mean_weight(tasks.probabilities, trained))).min(axis=-1)
    size = np.linalg.norm(np.concatenate([trained, deployed], axis=1), ord=2, axis=(2, 3)).max(axis=1)
    # what weights are made of may cancel in them: curvatures, and in Reptile's, which has no unit, the identity
    size = np.maximum(size, 1.0 if isinstance(rule, Reptile) else batch.values[beta][:, 0])
    return theta, risks, least, size, np.linalg.norm(tasks.optima, axis=2).max(axis=1)


@pytest.mark.parametrize("name", RULES)
def test_theory_and_numerics_find_the_same_optima_and_risks(name: str) -> None:
    rule, compared, well_conditioned = RULES[name], 0, 0
    for cell, codes, exact in instances():
        with np.errstate(all="ignore"):
            batch = SPACE.floats(cell, codes)
            found = in_doubles(rule, batch)
        for instance, code, top, theta, risk, least, size, length in zip(
            exact, codes, batch.values[beta][:, 0], *found, strict=True
        ):
            where = f"{cell} with codes {code.tolist()}"
            tasks, exactly = distribution(instance), exact_rule(instance, rule)
            try:
                place = optima.optimum(tasks, exactly, digits=DIGITS)
            except optima.SingularExpectation:
                # nothing to find; if doubles do not see that, they see that it is nearly so
                assert not np.all(np.isfinite(theta)) or least <= 1e-12 * size, where
                continue
            bound = UNITS * np.finfo(float).eps * size / least if least else np.inf
            if bound >= NO_DIGIT or not length:
                continue
            compared += 1
            error = np.linalg.norm(theta - np.array([float(entry) for entry in place]))
            assert error <= bound * length, where
            if least >= 1e-2 * top:
                well_conditioned += 1
                assert error <= 1e-10 * length, where
            paid = float(optima.reducible_risk(tasks, exactly, place, digits=DIGITS))
            assert abs(risk - paid) <= size * length**2 * (1e-13 + bound * (1 + bound)), where
    assert compared >= 1000
    assert well_conditioned >= 500
