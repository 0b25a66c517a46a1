"""The simulation of finite-sample estimators against what it cannot do without, and against loops over materialised data.

The floor is the larger of two times: that in which NumPy's Generator draws the variates used, a kind at a time into buffers and
for nothing, and (for p > 1) that of the arithmetic at the rate of NumPy's matrix product on matrices of that size.  Everything
runs on one thread, whose processor time is taken: the least of a few rounds in which the actions take turns.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import numerics as nx
from benchmarks.machine import confined, description
from benchmarks.table import Table
from numerics.estimators import Experiment
from numerics.sampling import Cell

#: the paper's grid
TASKS = (2, 5, 10, 25, 50, *range(100, 401, 50))
SAMPLES = (1, *TASKS[1:])
RATES = np.arange(21) * 0.05
#: where :func:`measure` plots the growth of the cost
PICTURE = Path(__file__).with_name("growth.png")


@dataclass(frozen=True)
class Sweep:
    """A phase diagram to be timed, and the ratio to its floor that it aims at."""

    name: str
    dimension: int
    sizes: tuple[int, ...]
    samples: tuple[int, ...]
    datasets: int
    nested: bool
    rounds: int
    aim: float

    def cells(self) -> list[Cell]:
        """The cells that are drawn."""
        groups = [self.sizes] if self.nested else [(size,) for size in self.sizes]
        tasks = nx.SpectrumTiedTasks(self.dimension)
        return [Cell(tasks, samples, group[-1], self.nested) for samples in self.samples for group in groups]

    def simulate(self, datasets: int | None = None) -> None:
        """The whole diagram, quantiles included."""
        tasks = nx.SpectrumTiedTasks(self.dimension)
        number = self.datasets if datasets is None else datasets
        nx.phase_diagram(tasks, self.sizes, self.samples, RATES, number, 0, nested=self.nested, workers=1)

    def draw(self) -> None:
        """Just the variates of every cell."""
        for cell in self.cells():
            draw_variates(cell, self.datasets)

    def flops(self) -> float:
        """Arithmetic of p > 1, on the tasks and on the systems solved."""
        solved = len(self.sizes) * (len(RATES) + 1) * self.dimension**3 / 3
        return self.datasets * sum(cell.num_tasks * task_flops(cell) + solved for cell in self.cells())


SWEEPS = (
    Sweep("p = 1, full grid, 1000 data sets, nested", 1, TASKS, SAMPLES, 1000, True, 7, 1.5),
    Sweep("p = 1, full grid, 1000 data sets, independent cells", 1, TASKS, SAMPLES, 1000, False, 3, 1.5),
    Sweep("p = 20, full grid, 100 data sets", 20, TASKS, SAMPLES, 100, True, 2, 2.0),
    Sweep("p = 200, M <= 100, N = 50, 200, 400, 20 data sets", 200, TASKS[:6], (50, 200, 400), 20, True, 1, 1.5),
)


def draw_variates(cell: Cell, datasets: int) -> None:
    """The variates of a cell's chunks from the same streams, one call a kind and block, the buffers used again."""
    count = cell.chunk * cell.block
    p, r = cell.dimension, cell.rank
    normals = np.empty(count * (cell.haar_variates + cell.factor_normals + 2 * r + (2 if p == cell.samples == 1 else 0)))
    uniforms, chi_squares = np.empty(count * (p + 1)), np.empty((count, 2, r))
    shape = (cell.samples - (r - 1.0 - np.arange(r))) / 2 if p > 1 else cell.samples / 2
    for chunk in range(-(-datasets // cell.chunk)):
        rng = cell.stream(0, chunk)
        for _ in range(-(-cell.num_tasks // cell.block)):
            rng.random(out=uniforms)
            rng.standard_normal(out=normals)
            if p == 1 and cell.samples == 2:
                rng.standard_exponential(out=chi_squares)
            elif p > 1 or cell.samples > 2:
                rng.standard_gamma(shape, out=chi_squares)


def task_flops(cell: Cell) -> float:
    """Arithmetic of a task: rotation of both factors, S_1, S_2, S_1 S_2, S_1 S_2 S_1 (symmetric results by half)."""
    p, r = cell.dimension, cell.rank
    rotation = sum(8.0 * (p - k) * (r - min(max(0, k - (p - r)), r)) for k in range(p - 1))
    if 2 * r < p:
        return rotation + 2 * p * p * r + 4 * p * r * r + 3 * p * p * r
    return rotation + 2 * p * p * r + 3 * p**3


def processor_time(action: Callable[[], object]) -> float:
    """Seconds of this process's processor time."""
    start = time.process_time()
    action()
    return time.process_time() - start


def product_rate(p: int) -> float:
    """Flops a second of NumPy's matrix product at size p, on matrices that stay in the cache."""
    number = max(1, 16_000 // (p * p))
    left, right = np.random.default_rng(0).standard_normal((2, number, p, p))
    out = np.empty_like(left)
    repetitions = max(1, int(2e8 / (2 * p**3 * number)))

    def multiply() -> None:
        for _ in range(repetitions):
            np.matmul(left, right, out=out)

    return repetitions * number * 2 * p**3 / min(processor_time(multiply) for _ in range(5))


def against_floor() -> Table:
    """Every sweep beside its floor."""
    rows = []
    for sweep in SWEEPS:
        sweep.simulate(datasets=1)
        rounds = [(processor_time(sweep.draw), processor_time(sweep.simulate)) for _ in range(sweep.rounds)]
        drawing, simulating = (min(times) for times in zip(*rounds, strict=True))
        arithmetic = sweep.flops() / product_rate(sweep.dimension) if sweep.dimension > 1 else 0.0
        floor = max(drawing, arithmetic)
        products = f"{arithmetic:.2f} s" if arithmetic else "-"
        ratios = f"{simulating / floor:.2f}", f"{simulating / (drawing + arithmetic):.2f}", f"{sweep.aim}"
        rows.append((sweep.name, f"{simulating:.2f} s", f"{drawing:.2f} s", products, *ratios))
    notes = (
        f"One thread of {description()}, 21 rates.  The floor is the larger of variates and products; no order of work can do "
        "without their sum.",
    )
    header = ("sweep", "simulation", "variates", "products", "ratio to floor", "to the sum", "aim")
    return Table("Phase diagrams against the floor", notes, header, tuple(rows))


def materialised_tasks(
    rng: np.random.Generator, num_tasks: int, samples: int, beta: float
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Features and responses of tasks at p = 1, 2N samples each."""
    optima, noises = rng.uniform(0, beta, num_tasks), rng.uniform(0, beta, num_tasks)
    data = []
    for theta, noise in zip(optima, noises, strict=True):
        x = rng.standard_normal(2 * samples) * np.sqrt(theta)
        data.append((x, x * theta + rng.standard_normal(2 * samples) * np.sqrt(noise)))
    return data


def looped_estimates(data: list[tuple[np.ndarray, np.ndarray]], samples: int) -> tuple[float, list[float]]:
    """Joint training's estimate and MAML's at every rate, as the paper describes them: loop over rates and tasks."""
    joint = float(np.sum([x @ y for x, y in data]) / np.sum([x @ x for x, y in data]))
    adapted = []
    for rate in RATES:
        curvature = moment = 0.0
        for x, y in data:
            inner, outer = x[:samples], x[samples:]
            step = 1 - rate * (inner @ inner) / samples
            shift = rate * (inner @ y[:samples]) / samples
            rows = outer * step
            curvature += rows @ rows
            moment += rows @ (y[samples:] - outer * shift)
        adapted.append(float(moment / curvature))
    return joint, adapted


def looped_losses(estimates: tuple[float, list[float]], data: list[tuple[np.ndarray, np.ndarray]], samples: int) -> list[float]:
    """Mean losses of both estimates at every rate before and after a step on the first half, on the second half."""
    joint, adapted = estimates
    found = []
    for rate, theta in zip(RATES, adapted, strict=True):
        for point in (joint, theta):
            before = after = 0.0
            for x, y in data:
                inner, outer = x[:samples], x[samples:]
                moved = point - rate * (inner @ (inner * point - y[:samples])) / samples
                residual, rest = outer * point - y[samples:], outer * moved - y[samples:]
                before += residual @ residual / (2 * samples)
                after += rest @ rest / (2 * samples)
            found += [before / len(data), after / len(data)]
    return found


def loop(with_losses: bool) -> float:
    """Processor time of a data set of every cell of the paper's grid at p = 1, made and looped over."""
    rng = np.random.default_rng(0)

    def run() -> None:
        for num_tasks in TASKS:
            for samples in SAMPLES:
                estimates = looped_estimates(materialised_tasks(rng, num_tasks, samples, 2.0), samples)
                if with_losses:
                    looped_losses(estimates, materialised_tasks(rng, num_tasks, samples, 2.0), samples)

    return processor_time(run)


def against_loops() -> Table:
    """The whole grid at p = 1 beside one data set of every cell, made and looped over."""
    looping = [1000 * loop(with_losses) for with_losses in (False, True)]
    rows = []
    for sweep in SWEEPS[:2]:
        sweep.simulate(datasets=1)
        ours = min(processor_time(sweep.simulate) for _ in range(3))
        for does, seconds in zip(("estimates", "estimates and losses"), looping, strict=True):
            rows.append((sweep.name, f"{ours:.2f} s", does, f"{seconds:.0f} s", f"{seconds / ours:.2g}"))
    notes = (
        "A plain NumPy program makes every data set (tasks, features, noise) and loops over rates and tasks; one data set of "
        "every cell is timed, and a thousand are extrapolated.  The simulation finds estimates and exact expected losses; the "
        "program finds the estimates only, or their losses too: it makes as many fresh tasks as the data set has, 2N samples "
        "each, and averages the loss on one half of both estimates before and after a step of the rate on the other half.",
    )
    header = ("sweep", "simulation", "the loops find", "loops", "ratio")
    return Table("Phase diagrams against loops over materialised data", notes, header, tuple(rows))


def cost(p: int, num_tasks: int, samples: int, rates: int) -> float:
    """Processor time of a data set."""
    cell = Cell(nx.SpectrumTiedTasks(p), samples, num_tasks)
    experiment = Experiment(cell, [num_tasks], np.linspace(0, 1, rates), 0)
    experiment.chunk(0)
    return min(processor_time(lambda: [experiment.chunk(chunk) for chunk in range(3)]) for _ in range(5)) / (3 * cell.chunk)


def growths() -> dict[str, tuple[tuple[int, ...], list[float]]]:
    """Costs of a data set along each axis, the others fixed."""
    axes: dict[str, tuple[tuple[int, ...], Callable[[int], float]]] = {
        "p (M = 20, N = 400, 21 rates)": ((2, 5, 10, 20, 50, 100, 200), lambda p: cost(p, 20, 400, 21)),
        "M (p = 20, N = 50, 21 rates)": ((10, 30, 100, 300, 1000), lambda m: cost(20, m, 50, 21)),
        "N (p = 20, M = 100, 21 rates)": ((1, 5, 10, 20, 50, 1000, 100_000), lambda n: cost(20, 100, n, 21)),
        "rates (p = 1, M = 100, N = 50)": ((1, 5, 21), lambda a: cost(1, 100, 50, a)),
        "rates (p = 20, M = 100, N = 50)": ((1, 5, 21), lambda a: cost(20, 100, 50, a)),
        "rates (p = 200, M = 100, N = 400)": ((1, 21), lambda a: cost(200, 100, 400, a)),
    }
    return {name: (values, [measured(value) for value in values]) for name, (values, measured) in axes.items()}


def growth(plot: Path | None = None) -> Table:
    """How the cost grows with the sizes; optionally plotted into a file, to which the table's page beside it refers."""
    measured = growths()
    rows = []
    for name, (values, times) in measured.items():
        exponents = np.diff(np.log(times)) / np.diff(np.log(values))
        costs = ", ".join(f"{value}: {1e3 * seconds:.3g}" for value, seconds in zip(values, times, strict=True))
        rows.append((name, costs, ", ".join(f"{exponent:.2f}" for exponent in exponents), f"{times[-1] / times[0]:.3g}"))
    notes = ["Spectrum-tied tasks, Gaussian features."]
    if plot is not None:
        draw_growths(measured, plot)
        notes.append(f"![Milliseconds of a data set against each axis, with the exponent at the end]({plot.name})")
    header = ("axis", "ms a data set", "exponents between", "last to first")
    return Table("Cost of a data set", tuple(notes), header, tuple(rows))


def draw_growths(measured: dict[str, tuple[tuple[int, ...], list[float]]], path: Path) -> None:
    """The growths as log-log plots with the exponent at the upper end."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    columns = -(-len(measured) // 2)
    figure, axes = pyplot.subplots(2, columns, figsize=(4 * columns, 7), layout="constrained")
    for axis, (name, (values, times)) in zip(axes.flat, measured.items(), strict=False):
        axis.loglog(values, 1e3 * np.array(times), "o-")
        exponent = np.log(times[-1] / times[-2]) / np.log(values[-1] / values[-2])
        # two decades at least, so that what hardly grows looks flat
        middle, reach = 1e3 * np.sqrt(min(times) * max(times)), max(10.0, 1.2 * np.sqrt(max(times) / min(times)))
        limits = middle / reach, middle * reach
        axis.set(xlabel=name, ylabel="ms per data set", title=f"exponent {exponent:.2f} at the end", ylim=limits)
    figure.savefig(path, dpi=70)


def memory() -> Table:
    """Peak memory of the whole grid at p = 1, in a process of its own, above that of the imports and a smallest run."""
    program = (
        "import resource, numpy, xarray, numerics as nx\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "nx.phase_diagram(nx.SpectrumTiedTasks(), 2, 2, 0.1, 1, 0); before = peak()\n"
        f"nx.phase_diagram(nx.SpectrumTiedTasks(), {TASKS}, {SAMPLES}, numpy.arange(21) * 0.05, 1000, 0)\n"
        "print(before, peak() - before)"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    before, grown = map(float, run.stdout.split())
    row = (SWEEPS[0].name, f"{before:.0f} MB", f"{grown:.0f} MB", "300 MB")
    return Table("Peak memory of a phase diagram", (), ("sweep", "imports", "above them", "aim"), (row,))


#: the tables that :func:`measure` makes, by their names on the command line
PARTS: dict[str, Callable[[], Table]] = {"floor": against_floor, "loops": against_loops, "growth": growth, "memory": memory}


def measure() -> list[Table]:
    """All tables, the growth of the cost plotted besides."""
    return [growth(PICTURE) if name == "growth" else part() for name, part in PARTS.items()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.phase", description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS, help="only this table; may be repeated")
    parser.add_argument("--plot", metavar="PNG", type=Path, help="plot the growth of the cost")
    options = parser.parse_args()
    with confined(1):
        for name in options.part or PARTS:
            table = growth(options.plot) if name == "growth" else PARTS[name]()
            print(table.markdown(), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
