r"""Kernel regression adapted by any rule of this package: the flow of `zhou-2021`, ridge regression, gradient steps.

A function f and n targets Y at training points with kernel matrix K = U diag(kappa) U' make *one quadratic task in feature
space*: features z_i with z_i'z_j = K_ij, parameter zero, risk (1/2n) sum (f(x_i) + z_i'theta - Y_i)^2.  Its curvature has the
eigenvalues kappa/n, and in the eigenvectors' coordinates it falls apart into tasks of dimension one, on which the rules are run
as everywhere else.  The adapted function at a point with kernel values k_x is f(x) + k_x c, where c are the *dual coefficients*
that the rule's parameter stands for:

===================================  ==========================================================================
rule                                 adapted function
===================================  ==========================================================================
``GradientFlow(t)``                  f + k_x K^-1 (e^{-tK/n} - I)(f - Y), the flow of the mean loss, hence tK/n
``ImplicitMAML(lam)``                f + k_x (K + n lam I)^-1 (Y - f), kernel ridge regression
``MAML(alpha, k)``                   k gradient steps
``PadeFlow(t)``                      the flow with its exponential replaced by Padé's approximant
===================================  ==========================================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from numerics.chunks import serial_blas
from numerics.inputs import real_array, stack
from numerics.kernels import kernel_flow as kernels
from numerics.quadratics import Quadratics
from numerics.rules import Rule

Array = NDArray[np.float64]


def gaussian_kernel(left: Any, right: Any, scale: float) -> Array:
    """exp(-|x - y|^2 / (2 scale^2)) between rows: (n, d), (m, d) -> (n, m).

    Raises
    ------
    ValueError, TypeError
        If the points are no matrices with the same number of columns, or the scale is not positive.

    Examples
    --------
    >>> gaussian_kernel([[0.0]], [[0.0], [2.0]], 1.0).round(6).tolist()
    [[1.0, 0.135335]]
    """
    x, y = real_array("left", left, 2, "(n, d)"), real_array("right", right, 2, "(m, d)")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"right has shape {y.shape}; with left of shape {x.shape} it must have {x.shape[1]} columns")
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"scale is {scale!r}; it must be positive and finite")
    with serial_blas():
        squares = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1) - 2 * (x @ y.T)
    return np.exp(-np.maximum(squares, 0.0) / (2 * scale**2))


def adapted_outputs(grams: Any, miss: Any, cross: Any, rule: Rule) -> Array:
    """How far a rule moves functions at one other point each, for many small instances with positive definite kernels: (...).

    Parameters
    ----------
    grams : array (..., n, n)
        Kernel matrices.
    miss : array (..., n)
        f - Y at the training points.
    cross : array (..., n)
        Kernel values between the training points and the other point.
    rule : Rule
        Its fields are scalars or arrays of the leading axes (...).

    Raises
    ------
    ValueError, TypeError
        If a shape does not fit, an entry is not finite, a kernel matrix is not positive definite, or the rule is none.

    Examples
    --------
    >>> from numerics.rules import ImplicitMAML
    >>> float(adapted_outputs([[2.0]], [-3.0], [1.0], ImplicitMAML(1.0)).round(12))
    1.0
    """
    sizes: dict[str, int] = {}
    matrices = stack("grams", grams, "n n", sizes, rows=True)
    gap, values = stack("miss", miss, "n", sizes), stack("cross", cross, "n", sizes)
    if not isinstance(rule, Rule):
        raise TypeError(f"rule is {rule!r}; it must be a rule such as ImplicitMAML(1.0)")
    with serial_blas():
        eigenvalues, vectors = np.linalg.eigh(matrices)
        if not np.all(eigenvalues > 0):
            raise ValueError(f"grams has the eigenvalue {eigenvalues.min():.6g}; every kernel matrix must be positive definite")
        roots = np.sqrt(eigenvalues)
        turned = np.swapaxes(vectors, -1, -2)
        optima = -(turned @ gap[..., None])[..., 0] / roots
        losses = Quadratics(eigenvalues[..., None, None] / gap.shape[-1], optima[..., None])
        parameter = rule.adapt(losses, np.zeros_like(losses.optima))[..., 0]
        features = (turned @ values[..., None])[..., 0] / roots
    return np.asarray((features * parameter).sum(axis=-1))


class KernelTask:
    """The training points of one task in the eyes of a kernel.

    Parameters
    ----------
    gram : array (n, n)
        Kernel matrix of the training points: symmetric, positive semi-definite.
    targets : array (n,)
        Y.
    outputs : array (n,), optional
        f at the training points before adaptation; zero if not given.

    Attributes
    ----------
    curvatures : array (r,)
        The eigenvalues of K/n above rounding, in ascending order.

    Raises
    ------
    ValueError, TypeError
        If an argument has a wrong shape or an entry that is not finite, or the matrix is not symmetric or has an eigenvalue
        below zero by more than rounding.

    Examples
    --------
    >>> from numerics.rules import ImplicitMAML
    >>> task = KernelTask([[2.0, 0.0], [0.0, 1.0]], [4.0, 3.0])
    >>> task.outputs_after(ImplicitMAML(0.5)).round(9).tolist()
    [2.666666667, 1.5]
    """

    def __init__(self, gram: Any, targets: Any, outputs: Any = None) -> None:
        matrix = real_array("gram", gram, 2, "(n, n)")
        number = len(matrix)
        y = real_array("targets", targets, 1, "(n,)")
        f = np.zeros(number) if outputs is None else real_array("outputs", outputs, 1, "(n,)")
        if number == 0 or matrix.shape != (number, number):
            raise ValueError(f"gram has shape {matrix.shape}; it must be (n, n) with n at least 1")
        for name, array in (("gram", matrix), ("targets", y), ("outputs", f)):
            if array.shape[0] != number:
                raise ValueError(f"{name} has shape {array.shape}; with gram of shape {matrix.shape} it must be ({number},)")
            if not np.all(np.isfinite(array)):
                raise ValueError(f"{name} has the entry {array[~np.isfinite(array)][0]}; every entry must be finite")
        size = np.abs(matrix).max()
        skew = np.abs(matrix - matrix.T).max()
        if skew > 1e-10 * size:
            raise ValueError(f"gram differs from its transpose by {skew:.3g}; it must be symmetric")
        with serial_blas():
            eigenvalues, vectors = scipy.linalg.eigh(matrix)
        # what rounding can make of a zero: the solver's error is a few units in the last place of the largest eigenvalue
        noise = 20 * np.finfo(float).eps * max(eigenvalues[-1], np.finfo(float).tiny)
        if eigenvalues[0] < -number * noise:
            raise ValueError(f"gram has the eigenvalue {eigenvalues[0]:.3g}; it must be positive semi-definite")
        kept = eigenvalues > noise
        self._number = number
        self._roots = np.sqrt(eigenvalues[kept])
        self._vectors = np.ascontiguousarray(vectors[:, kept])
        self._outputs = f
        self._gram = matrix
        self._targets = y
        self.curvatures = eigenvalues[kept] / number
        with serial_blas():
            self._optimum = self._vectors.T @ (y - f) / self._roots

    def losses(self) -> Quadratics:
        """The task in the eigenvectors' coordinates: one quadratic of dimension one for each eigenvalue."""
        return Quadratics(self.curvatures[:, None, None], self._optimum[:, None])

    def dual_coefficients(self, rule: Rule) -> Array:
        """The coefficients c of the adapted function f(x) + k_x c, by running the rule from the parameter zero, (n,)."""
        if not self.curvatures.size:  # a kernel of zero: no direction in which anything could move
            return np.zeros(self._number)
        losses = self.losses()
        parameter = rule.adapt(losses, np.zeros_like(losses.optima))[:, 0]
        with serial_blas():
            found: Array = self._vectors @ (parameter / self._roots)
        return found

    def outputs_after(self, rule: Rule) -> Array:
        """The adapted function at the training points, (n,)."""
        return self.predict(rule, self._gram, self._outputs)

    def predict(self, rule: Rule, cross: Any, outputs: Any = 0.0) -> Array:
        """The adapted function at other points.

        Parameters
        ----------
        rule : Rule
            Adapts the task.
        cross : array (m, n)
            Kernel values between the points and the training points.
        outputs : array (m,) or float
            f at the points before adaptation.

        Raises
        ------
        ValueError, TypeError
            If `cross` has another number of columns than there are training points.
        """
        values = real_array("cross", cross, 2, "(m, n)")
        if values.shape[1] != self._number:
            raise ValueError(f"cross has shape {values.shape}; it must be (m, {self._number}), a column per training point")
        with serial_blas():
            found: Array = np.asarray(outputs, dtype=np.float64) + values @ self.dual_coefficients(rule)
        return found

    def integrated(self, time: float, *, tolerance: float = 1e-8) -> tuple[Array, int]:
        """f at the training points at a time of the flow df/dt = -K (f - Y)/n, integrated as a differential equation.

        By the explicit pair of Bogacki and Shampine of orders 3 and 2 with an adaptive step: products with the kernel matrix
        alone, no eigenvalues.  Once what remains of f - Y lies in slow directions the step stays near its limit of stability,
        about 2.5 over the largest curvature.

        Parameters
        ----------
        time : float
            Not negative.
        tolerance : float
            Admitted error of a step, relative to the largest |f - Y| at the start.

        Returns
        -------
        array (n,), number of products with the kernel matrix

        Raises
        ------
        ValueError
            If the time is negative or not finite, or the tolerance is not positive.
        """
        if not (np.isfinite(time) and time >= 0):
            raise ValueError(f"time is {time!r}; it must be finite and at least zero")
        if not tolerance > 0:
            raise ValueError(f"tolerance is {tolerance!r}; it must be positive")
        residual = self._outputs - self._targets
        products = kernels.integrate(self._gram / self._number, residual, float(time), tolerance * np.abs(residual).max())
        return self._targets + residual, int(products)
