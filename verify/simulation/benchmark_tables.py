"""The tables of the study on benchmarks, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.simulation.benchmark_study import LEVEL, PAIRS, POWER, Cell, Duel, sensitivity
from verify.simulation.learning_tables import table
from verify.simulation.predicted_winners import Row, benchmark_row, tally


def report(duels: Sequence[Duel], exact: Sequence[Row]) -> str:
    """All tables."""
    parts = ["# Joint training and meta-training on benchmarks", winners([*exact, *map(benchmark_row, duels)])]
    for one in duels:
        parts += [comparison(one), outcome(one), as_suits(one), tuning(one)]
    return "\n\n".join(parts) + "\n"


def winners(rows: Sequence[Row]) -> str:
    """Predictions and what was found, exact problems and benchmarks together."""
    lines = []
    for row in rows:
        cells = [row.problem]
        for found, late in ((row.early, False), (row.late, True)):
            wanted = ("joint" if not late else "MAML") if row.differ else "joint or tie"
            cells += ["", "", ""] if found is None else [wanted, found, row.verdict(found, late)]
        lines.append(cells)
    counts = tally(rows)
    notes = [
        "Predicted: joint training with a small budget, MAML with a large one; no lead of MAML where all tasks are the same. "
        "Found: exact problems by a lead above 0.0001 after one update (grids: early-stopped at 4 and at 1024 gradients, one "
        "random start; pair: before the crossing and at T = 300; regulators: at the optima), benchmarks by corrected tests at "
        f"the first and the last look. Of {sum(counts.values())} predictions {counts['right']} are right, {counts['wrong']} "
        f"wrong, {counts['open']} open.",
    ]
    header = ["problem", "small budget: predicted", "found", "is", "large budget: predicted", "found", "is"]
    return table("Where theory predicts the winner, is it right?", notes, header, lines)


def comparison(one: Duel) -> str:
    """Every look after every number of updates."""
    joint, meta = PAIRS[one.pair]
    made = one.benchmark
    rows = []
    for look, mark in enumerate(made.marks):
        rates = " / ".join(f"{one.chosen[method][look]:g}{'*' if one.edges[method][look] else ''}" for method in (joint, meta))
        for update, cell in enumerate(one.cells[look]):
            rows.append([f"{mark:,}", rates, str(update), *_cell(cell)])
    grid = ", ".join(f"{rate:g}" for rate in made.rates[one.pair])
    notes = [
        f"Mean return of {made.deployed} tasks after 0 to 5 updates, {made.seeds} seeds; rates (joint training / {meta}) are "
        f"the best of {grid} at each look after one update on {made.tuning} other seed{'s' * (made.tuning > 1)}, equally many "
        f"runs for both (* at the grid's edge). Inner rate {made.inner_rate:g}, {made.tasks} tasks of {made.episodes} episodes "
        f"of {made.horizon} steps a batch; both methods have used up equally many steps. The interval of 95 % is a bootstrap's "
        "over seeds; p-values are one-sided Welch tests (variances with ddof 1), Holm's correction is for all cells and both "
        "directions.",
    ]
    header = ["steps", "rates", "updates", joint, meta, "difference", "95 %", f"p, {meta} greater", "p, joint greater"]
    header += [f"Holm, {meta}", "Holm, joint"]
    return table(f"{made.environment}: {joint} against {meta}", notes, header, rows)


def _cell(cell: Cell) -> list[str]:
    finite = np.isfinite(cell.difference)
    return [
        f"{cell.joint:.2f}",
        f"{cell.meta:.2f}",
        f"{cell.difference:+.2f}" if finite else "",
        f"[{cell.low:+.2f}, {cell.high:+.2f}]" if np.isfinite(cell.low) else "",
        *(f"{value:.2g}" for value in (cell.p_meta, cell.p_joint, cell.adjusted_meta, cell.adjusted_joint)),
    ]


def outcome(one: Duel) -> str:
    """What the comparison says, with the power that it had."""
    joint, meta = PAIRS[one.pair]
    made = one.benchmark
    tests = 2 * sum(map(len, one.cells))
    won = [cell.winner for row in one.cells for cell in row]
    lines = [f"Corrected tests separate {len(won) - won.count(None)} of {len(won)} cells: {won.count('joint')} for {joint}, "]
    lines[0] += f"{won.count('meta')} for {meta}."
    for look, word in ((0, "first"), (len(one.cells) - 1, "last")):
        found = sensitivity(one.values[joint][:, look, 1], one.values[meta][:, look, 1], tests)
        cell = one.cells[look][1]
        text = f"At the {word} look ({made.marks[look]:,} steps) after one update the difference is {cell.difference:+.2f}"
        if np.isfinite(found.smallest):
            text += (
                f"; {made.seeds} seeds find {found.smallest:.2f} with chance {POWER:g} at the level {LEVEL:g}/{tests}, and one "
                f"as large as observed with chance {found.power:.2g}"
            )
            if cell.winner is None:
                seeds = "more than 10,000 seeds" if found.needed is None else f"{found.needed:,} seeds"
                text += f", for which chance {POWER:g} takes {seeds} a method"
                if found.needed is not None:
                    text += f", {2 * found.needed * made.marks[look]:,} steps"
        lines.append(text + ".")
    return " ".join(lines)


def as_suits(one: Duel) -> str:
    """Every look with the rate and the updates that suit each method, which may be none."""
    joint, meta = PAIRS[one.pair]
    made = one.benchmark
    rows = [
        [
            f"{mark:,}",
            *(f"{how.rate:g}, {how.updates}" for how in (one.suited[joint][look], one.suited[meta][look])),
            *_cell(cell),
        ]
        for look, (mark, cell) in enumerate(zip(made.marks, one.best, strict=True))
    ]
    note = (
        "Each method with the rate and the number of updates at deployment, from 0 to 5, that were best together at each look "
        f"on the tuning seed{'s' * (made.tuning > 1)}; Holm's correction is for the looks and both directions."
    )
    header = ["steps", f"{joint}: rate, updates", f"{meta}: rate, updates", joint, meta, "difference", "95 %"]
    header += [f"p, {meta} greater", "p, joint greater", f"Holm, {meta}", "Holm, joint"]
    return table(f"{made.environment}, {one.pair.upper()}: deployed as suits each", [note], header, rows)


def tuning(one: Duel) -> str:
    """What rates were chosen by."""
    made = one.benchmark
    rows = [
        [method, f"{rate:g}", *(f"{value:.1f}" for value in scores)]
        for method in PAIRS[one.pair]
        for rate, scores in zip(made.rates[one.pair], one.tuned[method], strict=True)
    ]
    note = f"Return after one update at each look, mean of {made.tuning} tuning seed{'s' * (made.tuning > 1)}."
    header = ["method", "rate", *(f"{mark:,}" for mark in made.marks)]
    return table(f"{made.environment}, {one.pair.upper()}: tuning", [note], header, rows)
