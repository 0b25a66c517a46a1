"""The jobs of the study on risks that need not be convex: one family at one number of tasks and of calls an update."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import numerics as nx
from verify.simulation.nonconvex_families import FAMILIES, Setting, landmarks, objective

if TYPE_CHECKING:
    import xarray

Array = NDArray[Any]

PARTS = ("optimization", "basin", "modeling")
ALGORITHMS = ("joint", "meta")
HALVES = ("choosing", "reported")
#: largest and smallest step size in units of 1/L: on bounded slopes large ones do not diverge, and few updates want them
SMALLEST, LARGEST = 5e-3, 20.0


@dataclass(frozen=True)
class Job:
    """A family at one M and N, all rates and numbers of updates.

    Parameters
    ----------
    family : str
        Of :data:`~verify.simulation.nonconvex_families.FAMILIES`.
    batch, calls : int
        M and N.
    rates : tuple of float
        a = alpha L, of training and of deployment.
    updates : tuple of int
        Increasing numbers of updates.
    test_steps : tuple of int
        T_te: increasing numbers of sampled steps on a fresh task, at the deployed rate.
    runs : int
        Independent runs; the first half of them choose step sizes.
    variance : float
        V_d.
    steps : int
        Step sizes, logarithmically spaced.
    seed : int
        Of everything random.
    """

    family: str
    batch: int
    calls: int
    rates: tuple[float, ...] = (0.0, 0.1, 0.3, 1.0)
    updates: tuple[int, ...] = (10, 22, 46, 100, 220, 460, 1000)
    test_steps: tuple[int, ...] = (0, 1, 5, 20)
    runs: int = 200
    variance: float = 1.0
    steps: int = 12
    seed: int = 0

    @property
    def name(self) -> str:
        """What tells it from the others of its study.

        Examples
        --------
        >>> Job("sines", 5, 2).name
        'sines-M5-N2'
        """
        return f"{self.family}-M{self.batch}-N{self.calls}"

    @property
    def common(self) -> dict[str, Any]:
        """What it shares with the others of its study."""
        fields = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {name: value for name, value in fields.items() if name not in ("family", "batch", "calls")}

    def run(self) -> xarray.Dataset:
        """Its result, on one thread.

        Returns
        -------
        xarray.Dataset
            Of the runs that did not choose: ``excess`` (a, update, algorithm, run) at the step size chosen for each number of
            updates, ``theorem`` the same at the step of the theorem, ``tested`` (..., test_step, run) the risk of a fresh
            task after so many sampled steps, ``parts`` (..., part) the mean excess split; ``step`` the chosen step sizes in
            units of 1/L; ``fixed`` (a, update, half, run) what training at a pays when deployed at the largest rate, in
            the choosing half of the runs and the other; ``least`` the least deployed risk and ``uncertain`` how far it may be
            below; ``slope`` and ``slopes`` (a): |grad D| and E|grad R| where joint training's flow ends; ``calls`` and
            ``hessians`` (update, algorithm) the gradient calls and the Hessian samples of all updates.
        """
        import xarray

        setting, half = FAMILIES[self.family](), self.runs // 2
        L = setting.losses.constants().L
        sizes = np.geomspace(SMALLEST, LARGEST, self.steps)
        shape = (len(self.rates), len(self.updates), 2)
        excess, theorem, parts = np.empty((*shape, self.runs - half)), np.empty((*shape, half)), np.empty((*shape, 3))
        tested = np.empty((*shape, len(self.test_steps), self.runs - half))
        fixed, chosen = np.empty((*shape[:2], 2, self.runs - half)), np.empty(shape)
        calls, charged = (
            np.array([self._algorithm(name, 0.0).cost(np.array(self.updates), hessian_charge=charge) for name in ALGORITHMS]).T
            for charge in (0, 1)
        )
        joint = self._trained(setting, "joint", 0.0, sizes / L)
        for k, a in enumerate(self.rates):
            least = landmarks(self.family, a, a).lowest
            for m, name in enumerate(ALGORITHMS):
                theta = joint if name == "joint" else self._trained(setting, name, a, sizes / L)
                values = _finite(objective(setting.losses, nx.MAML(a / L), theta))
                best = values[:half].mean(axis=0).argmin(axis=0)
                picked = _taken(values[half:], best)
                excess[k, :, m], chosen[k, :, m] = picked.T - least, sizes[best]
                found = landmarks(self.family, a if name == "meta" else 0.0, a)
                parts[k, :, m, 0] = picked.mean(axis=0) - found.settled
                parts[k, :, m, 1], parts[k, :, m, 2] = found.settled - found.lowest, found.lowest - least
                points = np.stack([theta[half:, best[t], t] for t in range(len(self.updates))], axis=1)
                risks = nx.meta_test(
                    setting.losses, self._algorithm(name, a / L), points, steps=self.test_steps, rates=a / L,
                    seed=self.seed, workers=1,
                ).risks  # fmt: skip
                tested[k, :, m] = risks.transpose(1, 2, 0)
                theorem[k, :, m] = self._by_theorem(setting, name, a, half) - least
                if name == "meta" or a == 0:
                    # training at rate 0 is joint training, which has all calls of an update for one request
                    its = joint if a == 0 else theta
                    paid = _finite(objective(setting.losses, nx.MAML(max(self.rates) / L), its))
                    takes = paid[:half].mean(axis=0).argmin(axis=0)
                    fixed[k, :, 0], fixed[k, :, 1] = _taken(paid[:half], takes).T, _taken(paid[half:], takes).T
        ends = [landmarks(self.family, 0.0, a) for a in self.rates]
        lowest = [landmarks(self.family, a, a) for a in self.rates]
        names = ("a", "update", "algorithm")
        return xarray.Dataset(
            {
                "excess": ((*names, "run"), excess),
                "theorem": ((*names, "run"), theorem),
                "tested": ((*names, "test_step", "run"), tested),
                "parts": ((*names, "part"), parts),
                "step": (names, chosen),
                "fixed": (("a", "update", "half", "run"), fixed),
                "least": ("a", [end.lowest for end in lowest]),
                "uncertain": ("a", [end.uncertain for end in lowest]),
                "slope": ("a", [end.slope for end in ends]),
                "slopes": ("a", [end.slopes for end in ends]),
                "calls": (("update", "algorithm"), calls),
                "hessians": (("update", "algorithm"), charged - calls),
            },
            coords={"a": list(self.rates), "update": list(self.updates), "test_step": list(self.test_steps)},
        )

    def _algorithm(self, name: str, alpha: float) -> nx.Sampling:
        rule = nx.MAML(alpha) if name == "meta" else nx.DRS()
        return nx.Sampling(rule, nx.Oracle(nx.Rademacher(self.variance)), batch=self.batch, calls=self.calls)

    def _starts(self, setting: Setting, runs: int) -> Array:
        """One start per run; pairs of runs alternate sides, so that both halves of all runs have both."""
        return np.where(np.arange(runs) % 4 < 2, 1.0, -1.0)[:, None] * setting.start

    def _trained(self, setting: Setting, name: str, a: float, rates: Array) -> Array:
        """Where training leads, (runs, step sizes, updates, p)."""
        algorithm = self._algorithm(name, a / setting.losses.constants().L)
        starts = self._starts(setting, self.runs)
        options: dict[str, Any] = {"updates": self.updates, "runs": self.runs, "seed": self.seed, "workers": 1}
        return nx.meta_train(setting.losses, algorithm, starts, rates=rates, **options).theta

    def _by_theorem(self, setting: Setting, name: str, a: float, runs: int) -> Array:
        """Deployed risks (updates, runs), for each number of updates at its own step sqrt(2 Delta_0/c).

        That is the step of ``descent_sum`` for joint training, and of ``meta_descent_sum_tasks`` for MAML.
        """
        found, N, M = setting.losses.constants(), self.calls, self.batch
        L, G = found.L, found.G
        alpha, starts = a / L, self._starts(setting, runs)
        algorithm = self._algorithm(name, alpha)
        # risks are at least 0, so that this bounds how far they can fall
        gap = float(objective(setting.losses, algorithm.rule, starts).mean())
        if name == "joint":
            c = L * (G**2 + self.variance / (2 * N * M))
        else:
            rho = 1 + a
            c = (rho**2 * L + alpha * found.L_H * G) * (rho**2 * G**2 + rho**2 * self.variance / (N * M))
        ends = [
            nx.meta_train(
                setting.losses, algorithm, starts, updates=count, rates=float(np.sqrt(2 * gap / (c * count))), runs=runs,
                seed=self.seed, workers=1,
            ).theta[:, 0, 0]
            for count in self.updates
        ]  # fmt: skip
        return _finite(objective(setting.losses, nx.MAML(alpha), np.array(ends)))


def _finite(values: Array) -> Array:
    """A run that diverged is never the best one."""
    return np.where(np.isfinite(values), values, np.inf)


def _taken(values: Array, best: Array) -> Array:
    """Values (runs, updates) at the chosen step sizes (updates,) of (runs, step sizes, updates)."""
    return np.take_along_axis(values, best[None, None, :], axis=1)[:, 0]
