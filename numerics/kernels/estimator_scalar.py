"""Estimates of both methods at p = 1 from sufficient statistics, for nested numbers of tasks and all rates at once.

With S_i = q w_i and e_i = sqrt(sigma^2 S_i / N) z_i of each half i = 1, 2 of a task's data, u = S_2 theta + e_2 and
v = S_1 theta + e_1, MAML's H = S_2 (1 - a S_1)^2 and h = (1 - a S_1)(u - a S_2 v) are quadratic in the rate a.  Their three
coefficients are summed over tasks, so that a rate costs nothing until the sums are divided.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]

#: tasks whose statistics are computed together before they are summed
TILE = 64


@compiled
def _half(
    curvatures: Array,
    optima: Array,
    noises: Array,
    scatters: Array,
    normals: Array,
    scale: float,
    statistic: Array,
    moment: Array,
) -> None:
    """S in `statistic` and S theta + e in `moment`; two loops, since a compiler vectorises loops over few arrays only."""
    for i in range(curvatures.shape[0]):
        statistic[i] = curvatures[i] * scatters[i]
        moment[i] = statistic[i] * optima[i]
    for i in range(curvatures.shape[0]):
        moment[i] += math.sqrt(noises[i] * scale * statistic[i]) * normals[i]


@compiled
def scalar_estimates(
    curvatures: Array,
    optima: Array,
    noise_variances: Array,
    scatters: Array,
    normals: Array,
    samples: int,
    sizes: NDArray[np.int64],
    rates: Array,
    drs: Array,
    maml: Array,
) -> None:
    """Fill `drs` and `maml` with the estimates from the first sizes[m] tasks of each data set; nan where undefined.

    Parameters
    ----------
    curvatures, optima, noise_variances : array (data sets, tasks)
        q, theta_gamma, sigma^2 of every drawn task.
    scatters : array (2, data sets, tasks)
        w_i: mean square of the standardised features of each half.
    normals : array (2, data sets, tasks)
        z_i.
    samples : int
        N, samples in each half.
    sizes : array of int (m,)
        Increasing numbers of tasks, the last at most the number drawn.
    rates : array (a,)
        Inner rates.
    drs : array (data sets, m)
        Receives joint training's estimates.
    maml : array (data sets, m, a)
        Receives MAML's.
    """
    scale = 1.0 / samples
    first, second = np.empty(TILE), np.empty(TILE)
    inner, outer = np.empty(TILE), np.empty(TILE)
    for d in range(curvatures.shape[0]):
        h0 = h1 = h2 = g0 = g1 = g2 = joint = joint_h = 0.0
        start = 0
        for m in range(sizes.shape[0]):
            while start < sizes[m]:
                count = min(TILE, sizes[m] - start)
                part = slice(start, start + count)
                q, theta, noise = curvatures[d, part], optima[d, part], noise_variances[d, part]
                _half(q, theta, noise, scatters[0, d, part], normals[0, d, part], scale, first, inner)
                _half(q, theta, noise, scatters[1, d, part], normals[1, d, part], scale, second, outer)
                # sums in the order of the tasks, so that those for fewer tasks are met on the way
                for i in range(count):
                    s1, s2, v, u = first[i], second[i], inner[i], outer[i]
                    both = s1 * s2
                    h0 += s2
                    h1 += both
                    h2 += s1 * both
                    g0 += u
                    g1 += s1 * u + s2 * v
                    g2 += both * v
                    joint += s1 + s2
                    joint_h += u + v
                start += count
            drs[d, m] = joint_h / joint if joint > 0.0 else np.nan
            for a in range(rates.shape[0]):
                rate = rates[a]
                weight = h0 - rate * (2.0 * h1 - rate * h2)
                # the sum of squares S_2 (1 - a S_1)^2 is never negative: a value at rounding's level has no digit left
                defined = weight > 4e-16 * (h0 + rate * rate * h2)
                maml[d, m, a] = (g0 - rate * (g1 - rate * g2)) / weight if defined else np.nan


@compiled
def scalar_excess(drs: Array, maml: Array, weights: Array, centres: Array, out: Array) -> None:
    """Excess expected losses of estimates at p = 1: half a weight times a squared distance.

    Parameters
    ----------
    drs : array (data sets, m)
    maml : array (data sets, m, a)
        Estimates, see :func:`scalar_estimates`.
    weights, centres : array (1 + a,)
        Mean weight and optimum before adaptation, then after adaptation at each rate.
    out : array (2, 2, m, a, data sets)
        Receives the excess before and after adaptation (first axis) of both methods (second axis: DRS, MAML).
    """
    for m in range(drs.shape[1]):
        for a in range(maml.shape[2]):
            for d in range(drs.shape[0]):
                joint, adapted = drs[d, m], maml[d, m, a]
                out[0, 0, m, a, d] = 0.5 * weights[0] * (joint - centres[0]) ** 2
                out[0, 1, m, a, d] = 0.5 * weights[0] * (adapted - centres[0]) ** 2
                out[1, 0, m, a, d] = 0.5 * weights[a + 1] * (joint - centres[a + 1]) ** 2
                out[1, 1, m, a, d] = 0.5 * weights[a + 1] * (adapted - centres[a + 1]) ** 2
