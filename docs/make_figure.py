"""Draw the README's picture: the modeling error of MAML against its bound.

Every point is a random law of tasks on which numerics executed both rules; the dark curve is the bound of
`theory.bounds.transfer_drs_maml` at nu = 0, the orange one eq. (13) of `gao-sener-2020` in one dimension, exactly, by theory.

    python docs/make_figure.py [FILE]

writes FILE, by default docs/modeling_error.png, in a few seconds.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from sympy import Rational, lambdify

import theory
from numerics import MAML, population
from theory.notation import alpha, beta, k, nu, risk_A

Array = NDArray[Any]
INSTANCES, STEPS = 4000, (1, 3)


def random_tasks(rng: np.random.Generator, dim: int, number: int) -> tuple[Array, Array, Array]:
    """Probabilities (B, n), curvatures with spectrum in [0, 1] (B, n, p, p) and optima (B, n, p) of random laws of tasks."""
    shape = (INSTANCES, number)
    probabilities = np.exp(-8 * rng.random(shape))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    eigenvalues = rng.beta(0.3, 0.3, (*shape, dim))
    rotations = np.linalg.qr(rng.standard_normal((*shape, dim, dim)))[0]
    curvatures = (rotations * eigenvalues[..., None, :]) @ np.swapaxes(rotations, -1, -2)
    return probabilities, (curvatures + np.swapaxes(curvatures, -1, -2)) / 2, rng.random((*shape, dim))


def measured(rng: np.random.Generator, steps: int) -> tuple[Array, Array]:
    """Rates and modeling errors, the latter as fractions of joint training's reducible risk, of random instances."""
    rates, fractions = [], []
    for dim in (1, 2, 3):
        probabilities, curvatures, optima = random_tasks(rng, dim, number=2)
        rate = rng.random(INSTANCES)
        deployed = MAML(rate, steps).deployment_weight(curvatures)
        joint = population.optimum(probabilities, curvatures, optima)
        best = population.optimum(probabilities, deployed, optima)
        transferred, minimal = (population.risk(probabilities, deployed, optima, theta) for theta in (joint, best))
        rates.append(rate)
        fractions.append((transferred - minimal) / population.risk(probabilities, curvatures, optima, joint))
    return np.concatenate(rates), np.concatenate(fractions)


def spectrum_tied(rates: Array, steps: int) -> Array:
    """The same fraction for eq. (13) at p = 1, where beta = 2, in exact arithmetic."""
    tasks, joint = theory.tasks.SpectrumTied(1, 2), theory.rules.DRS()
    risk = theory.optima.reducible_risk(tasks, joint, theory.optima.drs(tasks))
    rules = [theory.rules.MAML(Rational(rate) / 2, steps) for rate in rates]
    return np.array([float(theory.optima.modeling_error(tasks, joint, rule) / risk) for rule in rules])


def bound(rates: Array, steps: int) -> Array:
    """The constant of the transfer bound for nu = 0 and beta = 1."""
    constant = theory.bounds.transfer_drs_maml.CLAIM.rhs / risk_A
    return np.asarray(lambdify(alpha, constant.subs({nu: 0, beta: 1, k: steps}))(rates))


def draw(path: Path) -> None:
    """Write the picture to `path`."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rng = np.random.default_rng(2020)
    figure, panels = plt.subplots(1, len(STEPS), figsize=(9.6, 3.9), sharey=True, layout="constrained")
    grid = np.linspace(0, 1, 41)
    for axes, steps in zip(panels, STEPS, strict=True):
        axes.plot(*measured(rng, steps), ".", color="#4878a8", markersize=2.2, markeredgewidth=0, alpha=0.5)
        axes.plot(grid, bound(grid, steps), color="#1a1a1a", linewidth=2)
        axes.plot(grid[::2], spectrum_tied(grid[::2], steps), color="#d1701e", linewidth=2)
        axes.set(xlabel=r"rate of the inner loop, $\alpha\beta$", xlim=(0, 1), ylim=(0, 1))
        axes.set_title(f"{steps} inner step{'s' if steps > 1 else ''}", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("modeling error of joint training\nas a fraction of its risk")
    panels[0].plot([], [], "o", color="#4878a8", markersize=3, label="random tasks, measured")
    panels[0].plot([], [], color="#1a1a1a", label=r"bound $(1-(1-\alpha\beta)^k)^2$")
    panels[0].plot([], [], color="#d1701e", label="tasks of eq. (13), exact")
    panels[0].legend(frameon=False, loc="upper left")
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python docs/make_figure.py", description="Draw the README's picture.")
    parser.add_argument("path", nargs="?", type=Path, default=Path(__file__).with_name("modeling_error.png"))
    draw(parser.parse_args().path)
