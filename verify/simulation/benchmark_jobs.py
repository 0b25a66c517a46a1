"""A run on a benchmark as a job that goes on where it was killed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from verify.shell.atomic_write import made_aside

if TYPE_CHECKING:
    from numerics.reinforcement.benchmarks.training import Run, State

#: what a run's bits depend on beside its fields
LIBRARIES = ("numpy", "torch", "mujoco")


@dataclass(frozen=True)
class BenchmarkRun:
    """One run of training, looked at after every part of its budget.

    Parameters
    ----------
    environment, method, rate, inner_rate, seed, tasks, episodes, horizon, deployed, updates
        As of :class:`numerics.reinforcement.benchmarks.training.Run`.
    budget : int
        Environment steps.
    looks : int
        Equal parts of the budget, after each of which the run is looked at.
    """

    environment: str
    method: str
    rate: float
    inner_rate: float
    seed: int
    budget: int
    looks: int
    tasks: int
    episodes: int
    horizon: int
    deployed: int
    updates: int = 5

    @property
    def marks(self) -> tuple[int, ...]:
        """Environment steps at which the run is looked at.

        Examples
        --------
        >>> BenchmarkRun("navigation", "ProMP", 0.01, 0.1, 0, 1000, 4, 2, 2, 10, 2).marks
        (250, 500, 750, 1000)
        """
        return tuple(self.budget * look // self.looks for look in range(1, self.looks + 1))

    def training(self) -> Run:
        """What is run."""
        from numerics.reinforcement.benchmarks.training import Run

        sizes = self.tasks, self.episodes, self.horizon, self.deployed, self.updates
        return Run(self.environment, self.method, self.rate, self.inner_rate, self.seed, self.marks, *sizes)

    def run(self) -> dict[str, Any]:
        """Mean return after each number of updates, by look; None for minus infinity."""
        return self._trained(None)

    def go_on(self, file: Path) -> dict[str, Any]:
        """As :meth:`run`, from what the file holds, and kept there at every look."""
        return self._trained(file)

    def _trained(self, file: Path | None) -> dict[str, Any]:
        import torch
        from threadpoolctl import threadpool_limits

        from numerics.reinforcement.benchmarks.training import train

        torch.set_num_threads(1)
        kept = read(file) if file is not None and file.exists() else None
        with threadpool_limits(1, user_api="blas"):
            state = train(self.training(), kept, (lambda state: None) if file is None else (lambda state: keep(file, state)))
        found = [[value if np.isfinite(value) else None for value in row] for row in state.found]
        return {"returns": found, "steps": state.steps, "versions": versions()}


def versions() -> list[str]:
    """The libraries that are installed of those on which bits depend."""
    import importlib.util

    return [f"{library} {version(library)}" for library in LIBRARIES if importlib.util.find_spec(library)]


def keep(file: Path, state: State) -> None:
    """Write a state whole or not at all."""
    arrays: dict[str, Any] = {f"optimiser_{name}": value for name, value in state.optimiser.items()}
    counts = np.array([state.iterations, state.steps])
    with made_aside(file.parent) as aside:
        np.savez(aside / file.name, theta=state.theta, counts=counts, found=np.array(state.found), **arrays)


def read(file: Path) -> State:
    """A state that was kept."""
    from numerics.reinforcement.benchmarks.training import State

    with np.load(file) as kept:
        optimiser = {name.removeprefix("optimiser_"): kept[name] for name in kept.files if name.startswith("optimiser_")}
        iterations, steps = map(int, kept["counts"])
        return State(kept["theta"], optimiser, iterations, steps, kept["found"].tolist())
