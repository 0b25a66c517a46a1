"""Zero inner steps: DRS+PPO and DRS+TRPO against the PPO of stable-baselines3 and the TRPO of sb3-contrib, at equal budgets.

All learn Gymnasium's HalfCheetah-v5 from as many steps with as many steps an iteration, the same rates, networks, discount, and
clipping or trust region, without bootstrapping between (lambda 1).  The others' critic is a network, ours a linear baseline.  A
seed's score is the mean return of ten episodes of the policy at the end, with its noise.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np

from benchmarks.machine import description
from benchmarks.table import Table
from verify.simulation.benchmark_study import interval
from verify.simulation.races import compared

#: our method: the other's name, rate
METHODS = {"DRS+PPO": ("PPO of stable-baselines3", 0.003), "DRS+TRPO": ("TRPO of sb3-contrib", 0.03)}
#: episodes of an iteration, steps of each
EPISODES, HORIZON = 2, 1000


def ours(method: str, rate: float, seed: int, steps: int) -> tuple[float, float]:
    """Mean return at the end, and seconds."""
    import torch

    from numerics.reinforcement.benchmarks import environment
    from numerics.reinforcement.benchmarks.policies import GaussianPolicy
    from numerics.reinforcement.benchmarks.training import Run, drawn, train

    torch.set_num_threads(1)
    run = Run("HalfCheetah", method, rate, 0.1, seed, (steps,), 1, EPISODES, HORIZON, 1, 0)
    began = time.process_time()
    theta = torch.tensor(train(run).theta)
    taken = time.process_time() - began
    here = environment("HalfCheetah")
    policy = GaussianPolicy(here.observations, here.actions)
    batch = drawn(policy, theta[None], here, np.zeros((1, 0)), 1, 10, np.random.default_rng(seed))
    return float(batch.returns()[0]), taken


def others(method: str, rate: float, seed: int, steps: int) -> tuple[float, float]:
    """The same of the library's."""
    import mujoco
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy

    torch.set_num_threads(1)
    # the model's file uses what MuJoCo deprecates, and says so at every turn
    mujoco.set_mju_user_warning(lambda text: None)
    there = make_vec_env("HalfCheetah-v5", EPISODES, seed=seed)
    common: dict[str, Any] = {
        "n_steps": HORIZON, "gamma": 0.99, "gae_lambda": 1.0, "seed": seed, "device": "cpu",
        "policy_kwargs": {"net_arch": [64, 64], "optimizer_kwargs": {"eps": 1e-8}},
    }  # fmt: skip
    whole = EPISODES * HORIZON
    if method == "DRS+PPO":
        learner: Any = PPO(
            "MlpPolicy", there, learning_rate=rate, clip_range=0.3, n_epochs=5, batch_size=whole, max_grad_norm=1e9, **common
        )
    else:
        from sb3_contrib import TRPO

        learner = TRPO("MlpPolicy", there, target_kl=rate, cg_max_steps=10, cg_damping=1e-5, batch_size=whole, **common)
    began = time.process_time()
    learner.learn(steps)
    taken = time.process_time() - began
    test = make_vec_env("HalfCheetah-v5", 1, seed=1000 + seed)
    score, _ = evaluate_policy(learner, test, n_eval_episodes=10, deterministic=False)
    return float(np.mean(score)), taken


def scored(job: tuple[Callable[..., tuple[float, float]], str, float, int, int]) -> tuple[float, float]:
    """A job in a process."""
    return job[0](*job[1:])


def measure(seeds: int, steps: int, workers: int, methods: tuple[str, ...] = tuple(METHODS)) -> Table:
    """Run all of them."""
    jobs = [
        (side, method, METHODS[method][1], seed, steps)
        for method in methods
        for side in (ours, others)
        for seed in range(seeds)
    ]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        found = dict(zip(jobs, pool.map(scored, jobs), strict=True))
    rows = []
    for method in methods:
        name, rate = METHODS[method]
        scores = []
        for side in (ours, others):
            values = np.array([found[side, method, rate, seed, steps] for seed in range(seeds)])
            scores.append(values[:, 0])
            drawn = np.random.default_rng(0).choice(values[:, 0], (2000, seeds)).mean(axis=1)
            low, high = interval(values[:, 0], drawn, 0.95)
            cells = [method if side is ours else name, f"{rate:g}", f"{values[:, 0].mean():.0f}", f"[{low:.0f}, {high:.0f}]"]
            cells += [" ".join(f"{value:.0f}" for value in values[:, 0]), f"{seeds * steps / values[:, 1].sum():,.0f}"]
            rows.append(cells)
        p_value = compared(*scores).p_value
        rows[-1].append(f"{2 * min(p_value, 1 - p_value):.2g}")
        rows[-2].append("")
    return Table(
        "HalfCheetah-v5 without inner steps",
        (
            f"Return of ten episodes after {steps:,} steps, {seeds} seeds: mean, bootstrap interval of 95 % and every seed; "
            f"steps learned from a second of processor time, on {description()}; two-sided p-value of Welch's test between "
            "the two. "
            f"{EPISODES} episodes of {HORIZON} steps an iteration.",
        ),
        ("learner", "rate", "return", "95 %", "seeds", "steps a second", "p, differ"),
        tuple(map(tuple, rows)),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learners", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    options = parser.parse_args()
    try:
        import sb3_contrib  # noqa: F401
    except ImportError:
        sys.exit("The comparison needs stable-baselines3 and sb3-contrib, the extra `learners`: pip install -e '.[learners]'.")
    print(measure(options.seeds, options.steps, options.jobs, tuple(options.methods)).markdown())


if __name__ == "__main__":
    main()
