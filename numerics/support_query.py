r"""Tasks that adapt on one set of samples and are judged on another, as meta-learning is practised.

The inner loop of every rule runs on the support set's risk, its outer step and the deployed risk on the query set's:
:class:`SplitQuadratics` hands the loops to the support set and everything else to the query set, so that each rule is executed
as it is.  The outer step is then affine in theta, w theta - v, with w = P^T Q_query P for the exact rules (P the matrix of the
inner loop on the support set) and no common point at which a task's step vanishes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.chunks import mapped, partition
from numerics.features import FeatureLaw
from numerics.losses import Pullback, Schedule
from numerics.quadratics import Curvatures, Quadratics
from numerics.rules import Rule
from numerics.tasks import DiscreteTasks, Step, chunk_size, weighted_step

Array = NDArray[Any]


class _OnSupport(Quadratics):
    """The loops of adaptation run on `support`, all else on the risks themselves."""

    support: Quadratics
    _own = (0, 0)

    @property
    def adapting(self) -> Quadratics:
        """The support sets' risks."""
        return self.support

    @property
    def gradients(self) -> int:
        """Per-task gradients evaluated so far, on either set."""
        return self._own[0] + self.support.gradients

    @gradients.setter
    def gradients(self, count: int) -> None:
        self._own = (count - self.support.gradients, self._own[1])

    @property
    def hessian_vectors(self) -> int:
        """Per-task Hessian--vector products evaluated so far, on either set."""
        return self._own[1] + self.support.hessian_vectors

    @hessian_vectors.setter
    def hessian_vectors(self, count: int) -> None:
        self._own = (self._own[0], count - self.support.hessian_vectors)

    def gradient_steps(
        self, theta: Array, schedule: Schedule, product: Callable[[Array, Array], Array] | None = None
    ) -> tuple[Array, Pullback]:
        """Gradient steps on the support set.

        Raises
        ------
        TypeError
            If something stands for the Hessian: it would be made of the query set's gradients.
        """
        if product is not None:
            raise TypeError(
                "a Hessian-free rule takes differences of the risk that it is judged by; adapt on the same set with it"
            )
        return self.support.gradient_steps(theta, schedule)

    def displacement(self, theta: Array, schedule: Schedule) -> Array:
        """Start minus end of the gradient steps on the support set."""
        return self.support.displacement(theta, schedule)

    def proximal(self, theta: Array, regularization: Any) -> tuple[Array, Pullback]:
        """The proximal problem of the support set."""
        return self.support.proximal(theta, regularization)

    def flow(self, theta: Array, time: Any) -> tuple[Array, Pullback]:
        """The gradient flow of the support set."""
        return self.support.flow(theta, time)

    def sampled_spread(self, theta: Array) -> Array:
        """Refused: the support set says on which samples a task adapts."""
        raise TypeError(
            "inner_samples draws fresh samples, and tasks with support sets adapt on these; leave inner_samples out"
        )


class SplitQuadratics(_OnSupport):
    """Risks of query sets, whose tasks adapt on support sets.

    Parameters
    ----------
    support, query : Quadratics
        Of the same tasks, with the same probabilities.

    Examples
    --------
    >>> support, query = (Quadratics(np.array([[[1.0]]]), np.array([[place]])) for place in (0.0, 2.0))
    >>> adapted, _ = SplitQuadratics(support, query).gradient_steps(np.array([[4.0]]), [(0.5, 0.0)])
    >>> SplitQuadratics(support, query).value(adapted).tolist()
    [0.0]
    """

    def __init__(self, support: Quadratics, query: Quadratics) -> None:
        self.support = support
        self.query = query
        super().__init__(query.hessians, query.optima, query.noise_variances, query.weights, query.features)

    def chunk(self, tasks: slice) -> SplitQuadratics:
        """The same risks for some of the tasks, as views."""
        return SplitQuadratics(self.support.chunk(tasks), self.query.chunk(tasks))

    def homogeneous(self) -> SplitQuadratics:
        """The same curvatures with the optima of both sets at zero and no noise."""
        return SplitQuadratics(self.support.homogeneous(), self.query.homogeneous())


class _SplitCurvatures(_OnSupport, Curvatures):
    """Columns that adapt by the support sets' curvatures and are judged by the query sets'."""

    def __init__(self, support: Curvatures, query: Curvatures) -> None:
        self.support = support
        Curvatures.__init__(self, query.hessians, query.features)
        support.identity = self.identity


class SupportQueryTasks:
    """Finitely many tasks with their probabilities, each with a support set to adapt on and a query set to be judged on.

    Parameters
    ----------
    support, query : DiscreteTasks
        What either set of samples says of the tasks: curvature, optimum and noise of its empirical risk, see
        :func:`numerics.regression_tasks`.  Of the same number and dimension, with the same probabilities.

    Raises
    ------
    TypeError, ValueError
        If an argument is no DiscreteTasks, or they differ in number, dimension or probabilities.

    Examples
    --------
    >>> import numerics as nx
    >>> support = nx.DiscreteTasks([1.0], [[[1.0]]], [[0.0]])
    >>> query = nx.DiscreteTasks([1.0], [[[1.0]]], [[2.0]])
    >>> nx.population_optimum(SupportQueryTasks(support, query), nx.MAML(0.5)).tolist()
    [4.0]
    """

    def __init__(self, support: DiscreteTasks, query: DiscreteTasks) -> None:
        for name, tasks in (("support", support), ("query", query)):
            if not isinstance(tasks, DiscreteTasks):
                raise TypeError(f"{name} is a {type(tasks).__name__}; it must be DiscreteTasks")
        if support.hessians.shape != query.hessians.shape:
            raise ValueError(
                f"support has curvatures of shape {support.hessians.shape}; those of query have {query.hessians.shape}, "
                "and the two must be sets of the same tasks"
            )
        if not np.allclose(support.weights, query.weights, rtol=0, atol=1e-12):
            raise ValueError("support has other probabilities than query; the two must be sets of the same tasks")
        self.support = support
        self.query = query

    @property
    def number(self) -> int:
        """Number of tasks n."""
        return self.query.number

    @property
    def dimension(self) -> int:
        """Dimension p of the parameter."""
        return self.query.dimension

    @property
    def weights(self) -> Array:
        """Probabilities of the tasks."""
        return self.query.weights

    @property
    def features(self) -> FeatureLaw:
        """Law of the features."""
        return self.query.features

    def losses(self) -> SplitQuadratics:
        """The tasks' risks with their probabilities, as views."""
        return SplitQuadratics(self.support.losses(), self.query.losses())

    def curvatures(self, tasks: slice, stretch: float = 1.0) -> Curvatures:
        """What shows the matrix of a step on some of the tasks, with curvatures multiplied by `stretch`."""
        return _SplitCurvatures(self.support.curvatures(tasks, stretch), self.query.curvatures(tasks, stretch))

    def largest_curvature(self) -> float:
        """The largest mean eigenvalue of a task's set: the scale of the curvatures."""
        return max(self.support.largest_curvature(), self.query.largest_curvature())

    def extent(self) -> tuple[Array, float]:
        """Optima of both sets, and the largest noise variance, of the tasks that have a probability."""
        (inner, loud), (outer, noise) = self.support.extent(), self.query.extent()
        return np.concatenate([inner, outer]), max(loud, noise)

    def in_units(self, centre: Array, length: float, curvature: float) -> SupportQueryTasks:
        """The same tasks in other units, see :mod:`numerics.units`."""
        return SupportQueryTasks(
            self.support.in_units(centre, length, curvature), self.query.in_units(centre, length, curvature)
        )

    def moments(self, rule: Rule, step: Step, workers: int | None = None, stretch: float = 1.0) -> tuple[Array, Array]:
        """E[w] (p, p) and E[v] (p,) of the affine step w theta - v; `stretch` multiplies curvatures."""
        whole = self.losses()
        origin = np.zeros((1, self.dimension))

        def part(tasks: slice) -> tuple[Array, Array]:
            weights = weighted_step(rule, step, tasks, self.curvatures(tasks, stretch))
            chances = self.weights[tasks]
            at_zero = step(rule.chunk(tasks), whole.chunk(tasks), origin)
            return np.tensordot(chances, weights, axes=1), -(chances @ at_zero)

        matrix, vector = np.zeros((self.dimension, self.dimension)), np.zeros(self.dimension)
        for mean, moved in mapped(part, partition(self.number, chunk_size(self.dimension)), workers, streamed=True):
            matrix += mean
            vector += moved
        return matrix, vector

    def mean_form(self, rule: Rule, step: Step, theta: Array, workers: int | None = None) -> float:
        """Twice the mean risk on the query sets after adaptation from `theta`, without the noise."""
        whole = self.losses()

        def part(tasks: slice) -> float:
            query = whole.query.chunk(tasks)
            chunk = SplitQuadratics(whole.support.chunk(tasks), Quadratics(query.hessians, query.optima, 0.0, query.weights))
            return 2.0 * float(self.weights[tasks] @ rule.chunk(tasks).adapted_value(chunk, theta[None, :]))

        return sum(mapped(part, partition(self.number, chunk_size(self.dimension)), workers), start=0.0)
