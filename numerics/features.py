r"""Laws of the features x = Q^{1/2} z of a linear-regression task: mean zero, covariance Q, elliptical.

The standardised z has a law that no rotation changes, so that its fourth moments are one number m22 = E[z_1^2 z_2^2]
(E[z_1^4] = 3 m22), and for every symmetric K

.. math::  E[x x^T K x x^T] = m_{22} (2 Q K Q + \mathrm{tr}(K Q) Q),

the contraction of the fourth-moment tensor m22 (Q_ij Q_kl + Q_ik Q_jl + Q_il Q_jk) with K_jk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: names of the laws, each with its meaning
LAWS = {
    "gaussian": "normal",
    "sphere": "uniform on the sphere of radius sqrt(p), then multiplied by Q^{1/2}: bounded features",
    "student_t": "multivariate Student's t with df > 8 degrees of freedom, scaled to unit variance: heavy tails",
}


@dataclass(frozen=True)
class FeatureLaw:
    """The law of standardised features.

    Parameters
    ----------
    name : {"gaussian", "sphere", "student_t"}
        See :data:`LAWS`.
    df : float
        Degrees of freedom of ``student_t``, above 8 so that the sample fourth moments have a finite variance; unused otherwise.

    Raises
    ------
    ValueError
        If the name is unknown or df is not above 8.

    Examples
    --------
    >>> FeatureLaw("sphere").fourth_moment(2)
    0.5
    """

    name: str = "gaussian"
    df: float = 10.0

    def __post_init__(self) -> None:
        if self.name not in LAWS:
            raise ValueError(f"features is {self.name!r}; it must be one of {', '.join(LAWS)}")
        if not (np.isfinite(self.df) and self.df > 8):
            raise ValueError(f"df is {self.df}; it must be a finite number above 8, so that features have eighth moments")

    def fourth_moment(self, dim: int) -> float:
        """m22 = E[z_1^2 z_2^2] in dimension `dim` (a third of E[z_1^4]); 1 for Gaussian features."""
        if self.name == "sphere":
            return dim / (dim + 2)
        if self.name == "student_t":
            return (self.df - 2) / (self.df - 4)
        return 1.0

    def sample(self, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
        """Standardised features of shape ``(..., p)``: mean zero, identity covariance."""
        normal = rng.standard_normal(shape)
        if self.name == "sphere":
            return normal * (np.sqrt(shape[-1]) / np.linalg.norm(normal, axis=-1, keepdims=True))
        if self.name == "student_t":
            return normal * np.sqrt((self.df - 2) / rng.chisquare(self.df, (*shape[:-1], 1)))
        return normal


#: the default law
GAUSSIAN = FeatureLaw()
