"""Draw three pictures of related papers' mechanisms, each by running them.

Left: prototypes of two equally likely points and of a skewed law as the temperature falls; the skewed law's split is
discontinuous, and annealing that waits for the local temperature is late.  Middle: the risk of linear attention trained on N
pairs and deployed on contexts of N' pairs.  Right: the meta-objective of three arms on the face of arms 2 and 3, with its
strict local maximum, below the level of the global one.

    python docs/make_related_figure.py [FILE]

writes FILE, by default docs/related.png, in a few seconds.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from numerics.related.annealing import Cloud
from numerics.related.bandits import Bandits
from numerics.related.linear_attention import best_matrix, risk


def draw_splits(axis: Any) -> None:
    """Prototypes against the temperature over the local one, from settled and from annealed starts."""
    skewed = Cloud([[0.0], [1.0]], [0.9, 0.1])
    even = Cloud([[0.0], [1.0]])
    for cloud, colour, name in ((even, "tab:blue", "0 or 1, equally likely"), (skewed, "tab:orange", "1 with probability 0.1")):
        local, first = cloud.local_temperature(), cloud.global_temperature()
        for share in np.linspace(0.4, 2.4, 80):
            heat = share * local
            two = cloud.settle([[0.02], [0.98]], cloud.chances, heat, steps=5000, tolerance=1e-9)
            one = cloud.settle(cloud.mean[None], [1.0], heat)
            best = two if two.free_energy < one.free_energy - 1e-9 else one
            axis.plot([share] * len(best.prototypes), best.prototypes.ravel(), ".", color=colour, ms=3)
        axis.axvline(first / local, color=colour, lw=1, ls="--", label=f"{name}: first split")
    axis.axvline(1, color="black", lw=1, label="loss of stability")
    axis.set(xlabel="temperature over the local one", ylabel="best prototypes", title="Annealing splits")
    axis.set_ylim(-0.05, 1.75)  # room for the legend
    axis.set_yticks(np.linspace(0, 1, 6))
    axis.legend(fontsize=8, loc="upper right")


def draw_contexts(axis: Any) -> None:
    """Risk against the length of the deployed context, for several trained ones."""
    covariance = np.diag(1.0 / np.arange(1, 9))
    law = covariance, np.eye(8), 0.1
    lengths = np.unique(np.geomspace(1, 2000, 60).astype(int))
    for trained in (2, 10, 50):
        matrix = best_matrix(*law, trained)
        (line,) = axis.loglog(lengths, [float(risk(matrix, *law, n)) for n in lengths], label=f"trained on N = {trained}")
        axis.axhline(float(risk(matrix, *law, np.inf)), color=line.get_color(), lw=0.8, ls=":")
    axis.plot([], [], ":", color="gray", lw=0.8, label="its floor, N' without end")
    retrained = [float(risk(best_matrix(*law, n), *law, n)) for n in lengths]
    axis.loglog(lengths, retrained, "k--", lw=1, label="trained on N' itself")
    axis.set(xlabel="pairs N' in the deployed context", ylabel="reducible risk", title="In context, down to a floor")
    axis.legend(fontsize=8)


def draw_arms(axis: Any) -> None:
    """The meta-objective along the face of arms 2 and 3, and the best policy's."""
    bandits = Bandits([[2, 3, 6], [5, 6, 0], [6, 4, 5], [0, 0, 1]], np.log(4.0))
    share = np.geomspace(1e-4, 1, 400)
    axis.semilogx(share, bandits.value(np.stack([0 * share, share, 1 - share], axis=-1)))
    local, best = bandits.ascend([1e-9, 0.05, 0.95 - 1e-9]), bandits.ascend([0.3, 0.3, 0.4])
    axis.plot(local.policy[1], local.value, "o", label=f"strict local maximum, {local.value:.4f}")
    axis.axhline(best.value, color="black", ls="--", lw=1, label=f"global maximum, {best.value:.4f}")
    axis.set(xlabel="probability of arm 2, arm 1 never", ylabel="mean adapted reward", title="Three arms", ylim=(4.1, 4.7))
    axis.legend(fontsize=8, loc="upper left")


def main() -> None:
    """Draw all three."""
    mpl.use("Agg")
    from matplotlib import pyplot

    parser = argparse.ArgumentParser(prog="python docs/make_related_figure.py", description="Draw the page's picture.")
    parser.add_argument("path", nargs="?", type=Path, default=Path(__file__).with_name("related.png"))
    target = parser.parse_args().path
    figure, axes = pyplot.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    for axis, draw in zip(axes, (draw_splits, draw_contexts, draw_arms), strict=True):
        draw(axis)
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main()
