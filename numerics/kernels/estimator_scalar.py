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
    scatters : array (data sets, tasks, 2)
        w_i: mean square of the standardised features of each half.
    normals : array (data sets, tasks, 2)
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
    for d in range(curvatures.shape[0]):
        h0 = h1 = h2 = g0 = g1 = g2 = joint = joint_h = 0.0
        t = 0
        for m in range(sizes.shape[0]):
            while t < sizes[m]:
                q = curvatures[d, t]
                theta = optima[d, t]
                noise = noise_variances[d, t] * scale
                s1 = q * scatters[d, t, 0]
                s2 = q * scatters[d, t, 1]
                v = s1 * theta + math.sqrt(noise * s1) * normals[d, t, 0]
                u = s2 * theta + math.sqrt(noise * s2) * normals[d, t, 1]
                both = s1 * s2
                h0 += s2
                h1 += both
                h2 += s1 * both
                g0 += u
                g1 += s1 * u + s2 * v
                g2 += both * v
                joint += s1 + s2
                joint_h += u + v
                t += 1
            drs[d, m] = joint_h / joint if joint > 0.0 else np.nan
            for a in range(rates.shape[0]):
                rate = rates[a]
                weight = h0 - rate * (2.0 * h1 - rate * h2)
                # the sum of squares S_2 (1 - a S_1)^2 is never negative: a value at rounding's level has no digit left
                defined = weight > 4e-16 * (h0 + rate * rate * h2)
                maml[d, m, a] = (g0 - rate * (g1 - rate * g2)) / weight if defined else np.nan
