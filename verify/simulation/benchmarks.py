"""The command: ``python -m verify.simulation.benchmarks`` compares joint with meta-training on benchmarks with physics.

DRS+PPO against ProMP and DRS+TRPO against TRPO-MAML, at equal numbers of environment steps, seen after zero to five updates at
deployment.  Rates are tuned on seeds of their own.  Tables are printed and written to ``tables.md``, figures beside it.

Exit status 0: the files are written.  2: what was asked for cannot be done, and one sentence says why.  130: interrupted; the
same command goes on from there, within each run too, to the same bits.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.shell.atomic_write import write
from verify.shell.command_line import Parser, at_least, command, different, needed, numbers, output_folder
from verify.shell.terminal import bar
from verify.shell.usage_error import UsageError, brought

if TYPE_CHECKING:
    from verify.simulation.benchmark_study import Benchmark

#: options that replace a field of every benchmark
_REPLACED = ("budget", "looks", "tuning", "seeds", "tasks", "episodes", "horizon", "deployed", "inner_rate")


def _presets() -> dict[str, list[Benchmark]]:
    """The benchmarks of the two sizes."""
    from verify.simulation.benchmark_study import Benchmark

    clipped, region = (0.001, 0.003, 0.01), (0.003, 0.01, 0.03)
    navigation = Benchmark("navigation", ("ppo",), {"ppo": clipped, "trpo": region}, 0.1, 300_000, 6, 5, 5, 10, 5, 50, 16)
    cheetah = Benchmark(
        "HalfCheetahRandVel", ("ppo",), {"ppo": (0.003, 0.01), "trpo": (0.01, 0.03)}, 0.1, 600_000, 3, 1, 5, 10, 5, 100, 16
    )
    both = ("ppo", "trpo")
    return {
        "small": [navigation, cheetah],
        "medium": [
            replace(navigation, pairs=both, looks=12, seeds=10),
            replace(cheetah, pairs=both, budget=2_000_000, looks=10, seeds=10),
        ],
    }


def parser() -> Parser:
    """The command's options."""
    made = Parser(
        prog="python -m verify.simulation.benchmarks",
        description="Compare joint training with meta-training on benchmarks with physics.",
        example="python -m verify.simulation.benchmarks --budget small --out benchmarks-small",
    )
    made.add_argument(
        "--budget", default="small", metavar="SIZE",
        help="small: about nine minutes on two cores; medium: about two hours (default: %(default)s)",
    )  # fmt: skip
    made.add_argument(
        "--environments", type=lambda text: text.split(","), metavar="NAME,...",
        help="navigation, HalfCheetahRandVel, Walker2DRandVel, Walker2DRandParams, HopperRandParams, HalfCheetah, ML1-reach, "
        "ML1-push (default: the first two)",
    )  # fmt: skip
    made.add_argument(
        "--pairs", type=lambda text: text.split(","), metavar="NAME,...",
        help="ppo: DRS+PPO and ProMP; trpo: DRS+TRPO and TRPO-MAML (default: ppo; medium: both)",
    )  # fmt: skip
    made.add_argument("--rates", type=numbers(float), metavar="R,...", help="rates to tune over, of every method")
    made.add_argument("--inner-rate", type=float, metavar="A", help="rate of inner steps and updates at deployment")
    made.add_argument("--steps", type=int, metavar="N", help="environment steps of a run")
    made.add_argument("--looks", type=int, metavar="N", help="times at which a run is looked at")
    made.add_argument("--tuning", type=int, metavar="N", help="seeds to tune on")
    made.add_argument("--seeds", type=int, metavar="N", help="seeds to compare on")
    made.add_argument("--tasks", type=int, metavar="N", help="tasks of an iteration")
    made.add_argument("--episodes", type=int, metavar="N", help="episodes of a task in a batch")
    made.add_argument("--horizon", type=int, metavar="N", help="steps of an episode")
    made.add_argument("--deployed", type=int, metavar="N", help="tasks at deployment")
    threads = len(os.sched_getaffinity(0))
    made.add_argument("--jobs", type=int, default=threads, help="processes, which change no bit (default: one per core)")
    made.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask scheduler, whose workers run instead (extra grid)")
    made.add_argument(
        "--out", type=Path, default=Path("reinforcement-benchmarks"), metavar="FOLDER",
        help="where files go; what is finished there is not computed again (default: %(default)s)",
    )  # fmt: skip
    return made


def _benchmarks(options: argparse.Namespace) -> list[Benchmark]:
    """What the options ask for.

    Raises
    ------
    UsageError
        Naming the option, its value and what is valid; or the library that is missing.
    """
    from numerics.reinforcement.benchmarks import ENVIRONMENTS, environment, missing
    from verify.simulation.benchmark_study import PAIRS

    presets = _presets()
    if options.budget not in presets:
        raise UsageError(f"--budget is {options.budget!r}; it must be one of {', '.join(presets)}")
    found = presets[options.budget]
    for name, least in (
        ("steps", 1), ("looks", 1), ("tuning", 1), ("seeds", 2), ("tasks", 1), ("episodes", 1), ("horizon", 1), ("deployed", 1),
        ("jobs", 1),
    ):  # fmt: skip
        if getattr(options, name) is not None:
            at_least(f"--{name}", getattr(options, name), least)
    inner_rates = [] if options.inner_rate is None else [options.inner_rate]
    for name, values in (("rates", options.rates or []), ("inner-rate", inner_rates)):
        for value in values:
            if not 0 < value < float("inf"):
                raise UsageError(f"--{name} has {value}; it must be positive finite numbers")
    for option, known in (("environments", ENVIRONMENTS), ("pairs", PAIRS)):
        values = getattr(options, option)
        if values is not None:
            different(f"--{option}", values)
            for value in values:
                if value not in known:
                    raise UsageError(f"--{option} has {value!r}; it must be among {', '.join(known)}")
    if options.rates is not None:
        different("--rates", options.rates)
    for name in options.environments or [one.environment for one in found]:
        lacking = missing(name)
        if lacking:
            extra = "metaworld" if "metaworld" in lacking else "rl"
            verb = "is" if len(lacking) == 1 else "are"
            raise UsageError(f"{name} needs {', '.join(lacking)}, which {verb} not installed; {brought(extra)}")
    if options.environments is not None:
        known_ones = {one.environment: one for one in found}
        found = [
            known_ones.get(name) or replace(found[-1], environment=name, inner_rate=environment(name).inner_rate)
            for name in options.environments
        ]
    changed: dict[str, Any] = {}
    for field in _REPLACED:
        value = options.steps if field == "budget" else getattr(options, field)
        if value is not None:
            changed[field] = value
    if options.pairs is not None:
        changed["pairs"] = tuple(options.pairs)
    if options.rates is not None:
        changed["rates"] = dict.fromkeys(PAIRS, tuple(options.rates))
    found = [replace(one, **changed) for one in found]
    for one in found:
        if one.looks > one.budget:
            raise UsageError(f"--looks is {one.looks}; it must be at most the steps of a run, {one.budget}")
    return found


def _run(options: argparse.Namespace) -> int:
    benchmarks = _benchmarks(options)
    needed("grid", "the study's figures", "matplotlib")
    if options.scheduler is not None:
        needed("grid", "--scheduler", "distributed")
    from verify.simulation.benchmark_figures import draw
    from verify.simulation.benchmark_study import study
    from verify.simulation.benchmark_tables import report
    from verify.simulation.jobs import progress
    from verify.simulation.predicted_winners import exact_rows

    with output_folder(options.out) as folder, bar("runs") as seen:
        kept = folder / "jobs"
        kept.mkdir(exist_ok=True)
        exact = exact_rows(kept, options.jobs, scheduler=options.scheduler)
        duels = study(benchmarks, kept, options.jobs, progress(seen), options.scheduler)
        text = report(duels, exact)
        write(folder / "tables.md", text)
        pictures = draw(duels, folder)
    print(text)
    print("written: " + ", ".join(str(path) for path in (folder / "tables.md", *pictures)))
    return 0


main = command(parser, _run)

if __name__ == "__main__":
    sys.exit(main())
