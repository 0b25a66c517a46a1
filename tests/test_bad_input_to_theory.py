"""Every kind of bad input to theory gets one sentence that names the argument, its value and what is valid."""

from collections.abc import Callable

import pytest
from sympy import Rational, eye, sqrt

from theory import bounds, optima
from theory.crossover import crossover
from theory.estimators import asymptotic_covariance
from theory.notation import alpha, q
from theory.rules import DRS, MAML, GradientFlow, Prescribed
from theory.tasks import Discrete, ScalarDensity, SpectrumTied, Task

HALF = Rational(1, 2)
TILTED = [[2, 1], [1, 2]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Task(1, [0, 0], [[1]]), r"^hessian has shape \(1, 1\); it must be \(2, 2\)"),
        (lambda: Task(1, [[0, 0]], [[1]]), r"^optimum has shape \(1, 2\); it must be a vector"),
        (lambda: Task(1, [0, 0], [[1, 2], [0, 1]]), r"^hessian is not symmetric"),
        (lambda: Task(1, [0, 0], [[1, 2], [2, 1]]), r"^hessian is not positive semi-definite"),
        (lambda: Task(1, 0, -1), r"^hessian has the eigenvalue -1; it must be positive semi-definite"),
        (lambda: Task(1, 0, float("nan")), r"^hessian is nan; it must be a finite real number"),
        (lambda: Task(1, [0, float("inf")], eye(2)), r"^optimum is inf; it must be a finite real number"),
        (lambda: Task(1, [[0], [1, 2]], eye(2)), r"^optimum is .*; it must be a number, a vector or a matrix"),
        (lambda: Task(1, 0, sqrt(2)), r"^hessian is sqrt\(2\); it must be a rational number"),
        (lambda: Task(alpha, 0, 1), r"^probability is alpha; it must be a rational number"),
        (lambda: Task(0, 0, 1), r"^probability is 0; it must be positive"),
        (lambda: Task(1, 0, 1, noise_variance=-1), r"^noise_variance is -1; it must not be negative"),
        (lambda: Task(1, 0), r"^hessian and eigenvalues are both given or both missing"),
        (lambda: Task(1, 0, 1, eigenvalues=[1]), r"^hessian and eigenvalues are both given or both missing"),
        (lambda: Task(1, 0, 1, eigenvectors=[[1]]), r"^eigenvectors are given without eigenvalues"),
        (lambda: Task(1, 0, eigenvalues=[1, 2]), r"^eigenvalues have shape \(2, 1\); there must be 1"),
        (lambda: Task(1, 0, eigenvalues=[1], eigenvectors=[[2]]), r"^eigenvectors are not orthonormal"),
        (lambda: Task(1, 0, eigenvalues=[1], eigenvectors=eye(2)), r"^eigenvectors have shape \(2, 2\)"),
        (lambda: Discrete([]), r"^tasks is empty"),
        (lambda: Discrete([Task(HALF, 0, 1)]), r"^probabilities sum to 1/2; they must sum to 1"),
        (lambda: Discrete([Task(HALF, 0, 1), Task(HALF, [0, 0], eye(2))]), r"^tasks have dimensions \[1, 2\]"),
        (lambda: optima.optimum(Discrete([Task(1, [0, 0], TILTED)]), GradientFlow(1)), r"^hessian of task 0 is not diagonal"),
        (lambda: optima.optimum(Discrete([Task(1, 0, 1)]), Prescribed(([[1]],) * 2)), r"^weights holds 2 matrices"),
        (lambda: optima.optimum(Discrete([Task(1, 0, 1)]), Prescribed((eye(2),))), r"^weights\[0\] has shape \(2, 2\)"),
        (lambda: optima.optimum(Discrete([Task(1, 0, 1)]), Prescribed("A")), r"^weights is 'A', the name of a family"),
        (lambda: optima.optimum(SpectrumTied(1, 2), Prescribed(([[1]],))), r"^weights are prescribed task by task"),
        (lambda: optima.reducible_risk(SpectrumTied(2, 1), DRS(), 1), r"^theta has shape \(1, 1\); it must have 2 entries"),
        (lambda: asymptotic_covariance(SpectrumTied(1, 2), DRS(), "a"), r"^samples is 'a'; it must be a finite real number"),
        (lambda: asymptotic_covariance(SpectrumTied(1, 2), DRS(), 0), r"^samples is 0; it must be a positive integer"),
        (lambda: SpectrumTied(0, 2), r"^dim is 0; it must be a positive integer"),
        (lambda: SpectrumTied(1, 0), r"^beta is 0; it must be positive"),
        (lambda: ScalarDensity(q, 0, 1, [(q, 0, 2)]), r"^density integrates to 2; it must integrate to 1"),
        (lambda: ScalarDensity(-1, 0, 1, [(q, 0, 1)]), r"^curvature is -1; it must not be negative"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_what_is_not_a_task_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^tasks holds 1; it must hold theory\.tasks\.Task only"):
        Discrete([1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optima.optimum(3, DRS()), r"^tasks is 3; it must be a distribution such as"),
        (lambda: optima.deployed_optimum([1], DRS()), r"^tasks is \[1\]; it must be a distribution"),
        (lambda: optima.mean_weight("tasks", DRS()), r"^tasks is 'tasks'; it must be a distribution"),
        (lambda: optima.drs(3), r"^tasks is 3; it must be a distribution"),
        (lambda: optima.maml(3, 0), r"^tasks is 3; it must be a distribution"),
        (lambda: optima.modeling_error(3, DRS(), DRS()), r"^tasks is 3; it must be a distribution"),
        (lambda: optima.optimum(SpectrumTied(1, 2), 3), r"^rule is 3; it must be a rule of theory\.rules such as"),
        (lambda: optima.reducible_risk(SpectrumTied(1, 2), MAML, 0), r"^rule is <class .*>; it must be a rule"),
        (lambda: optima.modeling_error(SpectrumTied(1, 2), DRS(), "maml"), r"^deployed is 'maml'; it must be a rule"),
        (lambda: Discrete(3), r"^tasks is 3; it must be a sequence of theory\.tasks\.Task"),
        (lambda: asymptotic_covariance(3, DRS(), 10), r"^tasks is 3; it must be a Discrete, ScalarDensity or SpectrumTied"),
        (lambda: crossover(3, MAML(HALF), 10), r"^tasks is 3; it must be a Discrete, ScalarDensity or SpectrumTied"),
        (lambda: crossover(SpectrumTied(1, 2), 3, 10), r"^rule is 3; finite-sample laws are known here for DRS and MAML"),
        (lambda: bounds.claim(3), r"^name is 3; it must be a string, the name of a claim such as 'distance'$"),
    ],
)
def test_what_is_no_distribution_or_no_rule_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()
