"""Environment steps a second: bare physics, episodes under a policy, and whole training, against Gymnasium one at a time.

Bare physics is `mujoco.rollout` told all controls beforehand; episodes ask a policy at every step, for all of them together;
training adds losses and their derivatives.  All on one thread.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.machine import confined, description
from benchmarks.table import Table

#: ours, and Gymnasium's name and options of the same robot
ROBOTS: dict[str, tuple[str, dict[str, Any]]] = {
    "HalfCheetahRandVel": ("HalfCheetah-v5", {}),
    "Walker2DRandVel": ("Walker2d-v5", {"xml_file": "walker2d.xml", "frame_skip": 8, "terminate_when_unhealthy": False}),
    "HopperRandParams": ("Hopper-v5", {"terminate_when_unhealthy": False}),
}
#: tasks, episodes of each, steps of each
SIZES = 10, 5, 100


def actions(name: str) -> dict[str, tuple[Callable[[], object], Callable[[], int]]]:
    """What is timed, each with the number of steps that it has taken."""
    import gymnasium
    import mujoco
    import torch
    from mujoco import rollout

    from numerics.reinforcement.benchmarks import environment
    from numerics.reinforcement.benchmarks.policies import GaussianPolicy
    from numerics.reinforcement.benchmarks.training import Run, drawn, train

    torch.set_num_threads(1)
    tasks, episodes, horizon = SIZES
    here: Any = environment(name, horizon)
    rng = np.random.default_rng(0)
    made = here.tasks(rng.random((tasks, here.coordinates)))
    rows = here.chosen(made, np.repeat(np.arange(tasks), episodes))
    states, models = here.start(rows, rng), here._models(rows)
    controls = rng.uniform(-1, 1, (tasks * episodes, horizon, here.actions)).repeat(here.skip, axis=1)
    policy = GaussianPolicy(here.observations, here.actions)
    parameters = policy.initial(rng).expand(tasks, -1)
    counts: dict[str, int] = {}

    def bare() -> None:
        rollout.rollout(models, here._data, states, controls)
        counts["bare physics"] = tasks * episodes * horizon

    def closed() -> None:
        counts["episodes"] = drawn(policy, parameters, here, made, tasks, episodes, np.random.default_rng(0)).steps

    def trained(method: str) -> Callable[[], None]:
        run = Run(name, method, 0.003, 0.1, 0, (2 * tasks * episodes,), tasks, episodes, horizon, 1, 0)

        def learn() -> None:
            counts[method] = train(run).steps

        return learn

    # a model's file uses what MuJoCo deprecates, and says so at every turn
    mujoco.set_mju_user_warning(lambda text: None)
    there = gymnasium.make(ROBOTS[name][0], **ROBOTS[name][1])

    def single() -> None:
        there.reset(seed=0)
        for control in controls[0, :: here.skip]:
            there.step(control)
        counts["Gymnasium"] = horizon

    timed = {
        "bare physics": bare,
        "episodes": closed,
        "DRS+PPO": trained("DRS+PPO"),
        "ProMP": trained("ProMP"),
        "Gymnasium": single,
    }
    return {key: (action, partial(counts.__getitem__, key)) for key, action in timed.items()}


def measure(rounds: int, names: tuple[str, ...] = tuple(ROBOTS)) -> Table:
    """Time all robots."""
    rows = []
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            timed = actions(name)
            best = dict.fromkeys(timed, float("inf"))
            for number in range(rounds + 1):
                for key, (action, _) in timed.items():
                    # all of it happens in this thread, so that what others do to the processor need not be timed
                    began = time.process_time()
                    action()
                    if number:
                        best[key] = min(best[key], time.process_time() - began)
        speed = {key: count() / best[key] for key, (_, count) in timed.items()}
        rows.append((name, *(f"{speed[key]:,.0f}" for key in timed), f"{speed['episodes'] / speed['bare physics']:.2f}"))
    tasks, episodes, horizon = SIZES
    return Table(
        "Environment steps a second",
        (
            f"Steps a second of processor time: {tasks} tasks of {episodes} episodes of at most {horizon} steps, best of "
            f"{rounds} rounds in which all take turns, on one thread of {description()}. DRS+PPO and ProMP: one or two "
            "iterations of training and a small deployment, whose steps are not counted. Gymnasium: one environment, no "
            "policy.",
        ),
        ("environment", "bare physics", "episodes", "DRS+PPO", "ProMP", "Gymnasium", "episodes / physics"),
        tuple(rows),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.environment_steps", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of which the best is taken")
    options = parser.parse_args()
    try:
        import mujoco  # noqa: F401
        import torch  # noqa: F401
    except ImportError:
        sys.exit("The benchmark needs mujoco and torch, which are not installed; install the extra: pip install -e '.[rl]'.")
    with confined(1):
        print(measure(options.rounds).markdown())


if __name__ == "__main__":
    main()
