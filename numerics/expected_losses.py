r"""Exact expected losses of an estimate, before and after adaptation, as functions of the rate.

Before adaptation an estimate theta costs ½E (theta-theta_gamma)^T Q (theta-theta_gamma); after one inner step of rate alpha
on N fresh samples the same with A_N in place of Q (both up to a constant without theta).  A_N is a polynomial,

.. math:: A_N = W_0 + \alpha W_1 + \alpha^2 (W_2 + W_3/N),

so that four executed steps give every rate and every N; there is no formula for the W_i here, and no Monte Carlo.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels.estimator_scalar import scalar_excess
from numerics.rules import DRS, MAML, Rule
from numerics.sampling import Tasks
from numerics.tasks import Step

Array = NDArray[np.float64]


def _solved(matrices: Array, vectors: Array) -> Array:
    """Minimisers of quadratics; of least norm where a mean weight is singular, on which no expected loss depends."""
    try:
        np.linalg.cholesky(matrices)
        return np.asarray(np.linalg.solve(matrices, vectors[..., None])[..., 0])
    except np.linalg.LinAlgError:
        return np.asarray((np.linalg.pinv(matrices, rcond=1e-13, hermitian=True) @ vectors[..., None])[..., 0])


def _moments(tasks: Tasks, rule: Rule) -> tuple[Array, Array, Array]:
    """E[w], E[w theta_gamma] and E[theta_gamma^T w theta_gamma] of the weight that the rule's user pays."""
    step: Step = type(rule).adapted_gradient
    constant = tasks.mean_form(rule, step, np.zeros(tasks.dimension))
    return *tasks.moments(rule, step), np.asarray(constant)


class ExpectedLosses:
    """Expected losses of estimates for every rate and number of samples.

    Parameters
    ----------
    tasks : DiscreteTasks or SpectrumTiedTasks
        Over which the expectation is.
    rates : array (a,)
        Rates of the inner step.

    Examples
    --------
    >>> from numerics.tasks import SpectrumTiedTasks
    >>> losses = ExpectedLosses(SpectrumTiedTasks(), np.array([0.1]))
    >>> weights, centres, minima = losses.quadratics(samples=5)
    >>> centres.round(4).ravel().tolist()
    [1.3333, 1.2848]
    """

    def __init__(self, tasks: Tasks, rates: Array) -> None:
        self.rates = rates
        parts = [_moments(tasks, DRS())]
        size = np.trace(parts[0][0]) / tasks.dimension
        # a rate at which the four parts are of one size, so that their differences lose no digits
        unit = float(1 / size) if size > 0 else 1.0
        parts += [_moments(tasks, rule) for rule in (MAML(unit), MAML(-unit), MAML(unit, inner_samples=1))]
        self._coefficients = []
        for still, ahead, back, sampled in zip(*parts, strict=True):
            slope, bend = (ahead - back) / (2 * unit), (ahead + back - 2 * still) / (2 * unit**2)
            self._coefficients.append((still, slope, bend, (sampled - ahead) / unit**2))

    def quadratics(self, samples: int) -> tuple[Array, Array, Array]:
        """The quadratics before adaptation (first) and after it at each rate.

        Parameters
        ----------
        samples : int
            N of the inner step.

        Returns
        -------
        weights : array (1 + a, p, p)
            E[Q], then E[A_N] at each rate.
        centres : array (1 + a, p)
            Their minimisers.
        minima : array (1 + a,)
            Least expected losses: half the mean of (theta* - theta_gamma)^T w (theta* - theta_gamma).
        """
        rates = np.concatenate([[0.0], self.rates])
        mean, moved, constant = (
            still + np.multiply.outer(rates, slope) + np.multiply.outer(rates**2, bend + spread / samples)
            for still, slope, bend, spread in self._coefficients
        )
        centres = _solved(mean, moved)
        minima = 0.5 * (constant - (moved * centres).sum(axis=1))
        return mean, centres, np.maximum(minima, 0.0)

    @staticmethod
    def excess(drs: Array, maml: Array, weights: Array, centres: Array, out: Array) -> None:
        """Expected losses of estimates above the least ones.

        Parameters
        ----------
        drs : array (data sets, m, p)
        maml : array (data sets, m, a, p)
            Estimates; nan gives nan.
        weights, centres
            From :meth:`quadratics`.
        out : array (2, 2, m, a, data sets)
            Receives them before and after adaptation (first axis) for joint training and MAML (second axis).
        """
        if maml.shape[-1] == 1:
            scalar_excess(drs[..., 0], maml[..., 0], weights[:, 0, 0], centres[:, 0], out)
            return
        datasets, sizes, rates, p = maml.shape
        joint, adapted = drs.reshape(-1, p), np.moveaxis(maml, 2, 0).reshape(rates, -1, p)
        first, later = slice(0, 1), slice(1, None)
        for stage, which in enumerate((first, later)):
            for method, points in enumerate((joint, adapted)):
                gap = points - centres[which, None]
                forms = 0.5 * ((gap @ weights[which]) * gap).sum(axis=-1)
                out[stage, method] = np.maximum(forms, 0.0).reshape(-1, datasets, sizes).transpose(2, 0, 1)
