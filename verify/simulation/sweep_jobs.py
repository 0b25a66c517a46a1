"""The jobs of a sweep: phase diagrams with their predictions."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray

    import numerics as nx

#: sympy is not meant for several threads at a time, and a derivation holds the interpreter's lock anyway
_DERIVING = Lock()


@dataclass(frozen=True)
class Job:
    """One phase diagram of a sweep.

    Parameters
    ----------
    p, beta, features, seed
        The tasks of eq. (13) and the root of the streams.
    num_tasks, samples, alphas : tuples
        The grid.
    datasets : int
        Per cell.
    """

    p: int
    beta: float
    features: str
    seed: int
    num_tasks: tuple[int, ...]
    samples: tuple[int, ...]
    alphas: tuple[float, ...]
    datasets: int

    @property
    def name(self) -> str:
        """What tells it from the others of its sweep.

        Examples
        --------
        >>> Job(2, 0.5, "sphere", 0, (2,), (1,), (0.1,), 10).name
        'p2-beta0.5-sphere-seed0'
        """
        return f"p{self.p}-beta{self.beta!r}-{self.features}-seed{self.seed}"

    def tasks(self) -> nx.SpectrumTiedTasks:
        """The distribution of tasks.

        Raises
        ------
        ValueError
            If there is none with these values.
        """
        import numerics as nx

        return nx.SpectrumTiedTasks(self.p, self.beta, self.features)

    def run(self) -> xarray.Dataset:
        """The diagram and its predictions, on one thread."""
        import numerics as nx
        from verify.simulation.phase_prediction import confronted, predicted

        tasks = self.tasks()
        grid = list(self.num_tasks), list(self.samples), list(self.alphas)
        with _DERIVING:
            prediction = predicted(tasks, *grid)
        return confronted(nx.phase_diagram(tasks, *grid, self.datasets, self.seed, workers=1), prediction)
