"""Small problems of meta-learning of which everything is known, as arrays of the user's framework."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numerics as nx

Array = NDArray[np.float64]

#: what a user's function is meant to compute: name -> rule of a problem
METHODS = {
    "MAML": lambda problem: nx.MAML(problem.alpha, problem.steps),
    "first-order MAML": lambda problem: nx.FirstOrderMAML(problem.alpha, problem.steps),
    "Reptile": lambda problem: nx.Reptile(problem.alpha, problem.steps),
    "MetaSGD": lambda problem: nx.MetaSGD(problem.alpha, problem.steps),
    "implicit MAML": lambda problem: nx.ImplicitMAML(problem.regularization),
    "joint training": lambda problem: nx.DRS(),
}


@dataclass(frozen=True)
class Data:
    """A problem as a user's function sees it: iterating gives each task's support features and responses, then the query's.

    Parameters
    ----------
    support, query : (features (n, m, p), responses (n, m))
        Arrays of the framework; for a scalar parameter features are (n, m).
    theta : array
        The parameter, of shape (p,) or ().
    alpha : float or array (p,)
        Rate of the inner steps.
    steps : int
    regularization : float
        lambda of implicit MAML's inner problem, the support loss plus lambda/2 |x - theta|^2.
    """

    support: tuple[Any, Any]
    query: tuple[Any, Any]
    theta: Any
    alpha: Any
    steps: int
    regularization: float

    def __len__(self) -> int:
        return len(self.support[1])

    def __iter__(self) -> Iterator[tuple[Any, Any, Any, Any]]:
        return iter(zip(*self.support, *self.query, strict=True))

    @staticmethod
    def loss(theta: Any, features: Any, responses: Any) -> Any:
        """Half the mean squared error of the linear model."""
        predicted = features @ theta if theta.ndim else features * theta
        return ((predicted - responses) ** 2).mean() / 2

    def mean(self, vmap: Any, risk: Any, theta: Any) -> Any:
        """Mean over tasks of `risk` (theta and a task's four arrays), by a framework's vmap."""
        return vmap(risk, in_axes=(None, 0, 0, 0, 0))(theta, *self.support, *self.query).mean()

    def proximal(self, inner: Any, theta: Any, features: Any, responses: Any) -> Any:
        """Implicit MAML's inner objective."""
        return self.loss(inner, features, responses) + self.regularization / 2 * ((inner - theta) ** 2).sum()


@dataclass(frozen=True, eq=False)
class Problem:
    """Regression tasks with support and query sets, a parameter, and what the user's function is meant to compute there.

    Parameters
    ----------
    support, query : (features (n, m, p), responses (n, m))
        Doubles.  Losses are half the mean squared error, tasks count alike.
    theta : array (p,)
    alpha : float or array (p,)
        Rate of the inner steps, for "MetaSGD" one for each coordinate.
    steps : int
    regularization : float
    method : str
        One of :data:`METHODS`.
    scalar : bool
        Whether the framework is given a parameter without axes (p = 1).
    single : bool
        Whether the framework computes in single precision.

    Raises
    ------
    ValueError
        If the method is unknown, or a scalar parameter has more than one coordinate.

    Examples
    --------
    >>> problem = Problem.example()
    >>> problem.tasks.number, problem.tasks.dimension, problem.exact.shape
    (5, 3, (3,))
    """

    support: tuple[Array, Array]
    query: tuple[Array, Array]
    theta: Array
    alpha: Any = 0.1
    steps: int = 3
    regularization: float = 2.0
    method: str = "MAML"
    scalar: bool = False
    single: bool = False

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method is {self.method!r}; it must be one of {', '.join(METHODS)}")
        if self.scalar and len(self.theta) != 1:
            raise ValueError(f"theta has {len(self.theta)} coordinates; a scalar problem has one")

    @classmethod
    def example(
        cls, method: str = "MAML", *, steps: int = 3, dim: int = 3, scalar: bool = False, single: bool = False, seed: int = 0
    ) -> Problem:
        """A random problem of five tasks, on which no two of the known mistakes give the same.

        Examples
        --------
        >>> Problem.example("MetaSGD").alpha.shape
        (3,)
        """
        rng = np.random.default_rng(seed)
        tasks, samples = 5, 7
        features = rng.standard_normal((2, tasks, samples, dim)) * rng.uniform(0.5, 1.5, (tasks, 1, 1))
        responses = (features @ rng.standard_normal((tasks, dim, 1)))[..., 0] + 0.3 * rng.standard_normal((2, tasks, samples))
        if single:
            features, responses = (array.astype(np.float32).astype(np.float64) for array in (features, responses))
        alpha: Any = rng.uniform(0.05, 0.15, dim) if method == "MetaSGD" else 0.1
        theta = rng.standard_normal(dim)
        support, query = ((features[i], responses[i]) for i in range(2))
        return cls(support, query, theta, alpha, steps, method=method, scalar=scalar, single=single)

    @classmethod
    def of(cls, tasks: nx.DiscreteTasks, rule_steps: int, alpha: Any, theta: Any, **named: Any) -> Problem:
        """A problem whose empirical risks are exactly given tasks, the support set being the query set.

        Examples
        --------
        >>> tasks = nx.DiscreteTasks([0.5, 0.5], [[[1.0]], [[2.0]]], [[0.0], [1.0]])
        >>> Problem.of(tasks, 1, 0.5, [1.0]).exact.round(12).tolist()
        [0.125]
        """
        data = nx.regression_data(tasks, tasks.dimension + 2)
        return cls(data, data, np.asarray(theta, dtype=np.float64), alpha, rule_steps, **named)

    @cached_property
    def tasks(self) -> nx.SupportQueryTasks:
        """The tasks that the data are."""
        return nx.SupportQueryTasks(nx.regression_tasks(*self.support), nx.regression_tasks(*self.query))

    @property
    def rule(self) -> nx.Rule:
        """The rule that the user's function is meant to execute."""
        rule: nx.Rule = METHODS[self.method](self)
        return rule

    @property
    def exact(self) -> Array:
        """The meta-gradient that the function is meant to return."""
        return nx.hypergradient(self.tasks, self.rule, self.theta)

    @property
    def value(self) -> float:
        """The mean query loss after adaptation."""
        return nx.outer_objective(self.tasks, self.rule, self.theta)

    def at(self, theta: Any) -> Problem:
        """The same problem at another parameter."""
        return replace(self, theta=np.asarray(theta, dtype=np.float64))

    def task(self, number: int) -> Problem:
        """The problem of one of the tasks alone."""
        part = slice(number, number + 1)
        (x, y), (xq, yq) = self.support, self.query
        return replace(self, support=(x[part], y[part]), query=(xq[part], yq[part]))

    def data(self, framework: str = "numpy") -> Data:
        """The problem in a framework's arrays.

        Parameters
        ----------
        framework : {"numpy", "torch", "jax"}

        Examples
        --------
        >>> Problem.example().data().theta.shape
        (3,)
        """
        convert = _converter(framework, self.single)
        flat = (lambda features: features[..., 0]) if self.scalar else (lambda features: features)
        sets = [(convert(flat(features)), convert(responses)) for features, responses in (self.support, self.query)]
        theta = convert(self.theta[0] if self.scalar else self.theta)
        alpha = float(self.alpha) if np.ndim(self.alpha) == 0 else convert(self.alpha)
        return Data(sets[0], sets[1], theta, alpha, self.steps, self.regularization)

    @property
    def rounding(self) -> Array:
        """What rounding does (p,) to the exact meta-gradient that is computed step by step in the problem's precision.

        A running error analysis: the recursion is run on absolute values, which carries the problem's condition, and a sum of m
        products errs by the square root of m units in the last place of that, as independent errors do (Higham and Mary, 2019).
        """
        eps = float(np.finfo(np.float32 if self.single else np.float64).eps)
        (x, y), (xq, yq) = self.support, self.query
        total = np.zeros_like(self.theta)
        samples, dim = y.shape[1], len(self.theta)
        for task in range(len(y)):
            matrix = np.abs(x[task]).T @ np.abs(x[task]) / samples
            size = np.abs(self.theta)
            grow = np.eye(dim)
            if isinstance(self.rule, nx.ImplicitMAML):
                inverse = np.abs(np.linalg.inv(x[task].T @ x[task] / samples + self.regularization * np.eye(dim)))
                size = inverse @ (self.regularization * size + np.abs(x[task]).T @ np.abs(y[task]) / samples)
                grow = self.regularization * inverse @ (np.eye(dim) + matrix @ inverse)
            elif not isinstance(self.rule, nx.DRS):
                for _ in range(self.steps):
                    size = size + np.abs(self.alpha) * (matrix @ size + np.abs(x[task]).T @ np.abs(y[task]) / samples)
                    grow = grow + matrix @ (np.abs(self.alpha) * grow.T).T
            outer = np.abs(xq[task]).T @ (np.abs(xq[task]) @ size + np.abs(yq[task])) / samples
            total += grow @ outer / len(y)
        return np.asarray((2 * self.steps + 2) * np.sqrt(samples + dim + 2) * eps / 2 * total)


def _converter(framework: str, single: bool) -> Any:
    """What makes a framework's array of a double one."""
    if framework == "numpy":
        return lambda array: np.asarray(array, dtype=np.float32 if single else np.float64)
    if framework == "torch":
        import torch

        return lambda array: torch.tensor(np.asarray(array), dtype=torch.float32 if single else torch.float64)
    if framework == "jax":
        import jax

        if not single:
            jax.config.update("jax_enable_x64", True)
        return lambda array: jax.numpy.asarray(array, dtype=jax.numpy.float32 if single else jax.numpy.float64)
    raise ValueError(f"framework is {framework!r}; it must be numpy, torch or jax")
