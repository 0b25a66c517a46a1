"""Finitely many tasks with rational entries, and their moments in exact rational arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Expr
from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix

from theory import notation
from theory.exact import dense
from theory.moments import Moments
from theory.rules import Prescribed, Rule
from theory.task import Task
from theory.task_weights import of_curvatures, of_spectra, prescribed


class Discrete:
    """Finitely many tasks with rational entries.

    Parameters
    ----------
    tasks : sequence of Task
        At least one; of one dimension; their probabilities sum to one.

    Raises
    ------
    ValueError
        If there is no task, dimensions differ, or the probabilities do not sum to one.

    Examples
    --------
    >>> from sympy import Rational
    >>> pair = Discrete([Task(Rational(1, 2), 0, 1), Task(Rational(1, 2), 1, 3)])
    >>> pair.dimension
    1
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        if not isinstance(tasks, Iterable):
            raise TypeError(f"tasks is {tasks!r}; it must be a sequence of theory.tasks.Task")
        self.tasks = tuple(tasks)
        if not self.tasks:
            raise ValueError("tasks is empty; it must hold at least one task")
        wrong = [task for task in self.tasks if not isinstance(task, Task)]
        if wrong:
            raise TypeError(f"tasks holds {wrong[0]!r}; it must hold theory.tasks.Task only")
        dimensions = sorted({task.optimum.rows for task in self.tasks})
        if len(dimensions) > 1:
            raise ValueError(f"tasks have dimensions {dimensions}; they must share one")
        total = sum(task.probability for task in self.tasks)
        if total != 1:
            raise ValueError(f"probabilities sum to {total}; they must sum to 1")
        self._curvatures = [dense(task.hessian, QQ) for task in self.tasks]
        self._optima = [dense(task.optimum, QQ) for task in self.tasks]
        self._moments: dict[tuple[Expr, int | None], Moments] = {}

    def __repr__(self) -> str:
        return f"Discrete({list(self.tasks)!r})"

    @property
    def dimension(self) -> int:
        """Dimension p of the parameter."""
        return int(self.tasks[0].optimum.rows)

    def weights(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> list[DomainMatrix]:
        """The rule's weight of every task, as matrices over one field.

        Parameters
        ----------
        rule : Rule
            Its fields may be symbols.
        deployed : bool
            Whether to take the deployment weight rather than the training weight.
        digits : int or None
            Where a weight is irrational (the gradient flow's): round it to so many digits and go on exactly in rationals.  None
            keeps exact expressions, which is slower.

        Raises
        ------
        ValueError
            If the weight is not a rational function of the curvature and a task is given by a non-diagonal hessian alone, or a
            prescribed weight's number or shape does not fit.

        Examples
        --------
        >>> from sympy import Rational
        >>> from theory.rules import MAML
        >>> pair = Discrete([Task(Rational(1, 2), 0, 1), Task(Rational(1, 2), 1, 3)])
        >>> [weight.to_Matrix() for weight in pair.weights(MAML(Rational(1, 2)))]
        [Matrix([[1/4]]), Matrix([[3/4]])]
        """
        if isinstance(rule, Prescribed):
            return prescribed(rule.weights, self.dimension, len(self.tasks), digits)
        return self._evaluated(rule.weight(deployed), digits)

    def moments(self, rule: Rule, deployed: bool = False, digits: int | None = None) -> Moments:
        """Moments of the rule's training weight, or of its deployment weight; see :meth:`weights`."""
        if isinstance(rule, Prescribed):
            return self._averaged(self.weights(rule, deployed, digits))
        return self.weight_moments(rule.weight(deployed), digits)

    def weight_moments(self, weight: Expr, digits: int | None = None) -> Moments:
        """Moments of a weight given as an expression in q (and tau_2); computed once, as optimum and risk both need them."""
        if (weight, digits) not in self._moments:
            self._moments[weight, digits] = self._averaged(self._evaluated(weight, digits))
        return self._moments[weight, digits]

    def _evaluated(self, weight: Expr, digits: int | None) -> list[DomainMatrix]:
        if weight.is_rational_function(notation.q):
            return of_curvatures(weight, self._curvatures, digits)
        return of_spectra(weight, self.tasks, digits)

    def _averaged(self, weights: list[DomainMatrix]) -> Moments:
        field = weights[0].domain
        p = self.dimension
        mean, linear, square = (DomainMatrix.zeros(shape, field).to_dense() for shape in ((p, p), (p, 1), (1, 1)))
        for task, weight, place in zip(self.tasks, weights, self._optima, strict=True):
            optimum = place.convert_to(field)
            weighted = weight * field.from_sympy(task.probability)
            pulled = weighted * optimum
            mean, linear, square = mean + weighted, linear + pulled, square + optimum.transpose() * pulled
        return Moments(mean, linear, square)
