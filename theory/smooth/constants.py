r"""Constants of smooth risks that several theorems share.

A risk has gradients of slope at most L, Hessians that change by at most L_H a unit of length and slopes at most G
(`steepest`); MAML takes one inner step with rate alpha.
"""

from sympy import Min

from theory.notation import L_H, L, T_te, alpha, start_gap, steepest, xi

#: rho: how far one inner step can stretch distances
STRETCH = 1 + alpha * L
#: L_F: smoothness of MAML's objective, proved in `theory.bounds.smooth.smooth_meta_risk`
META_SMOOTHNESS = STRETCH**2 * L + alpha * (L_H * steepest - L**2 / 2)
#: P: how far training and then testing can descend
REACH = start_gap + alpha * steepest**2 * Min(1, T_te)
#: second moment of one noisy gradient
CALLS = steepest**2 + xi**2
#: of a step's mean against the gradient of MAML's objective, times the longest such gradient
BIAS = STRETCH**2 * steepest * Min(alpha * L * xi, alpha**2 * L_H * xi**2 / 2)
