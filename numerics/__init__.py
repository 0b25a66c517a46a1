"""Measures what happens: task distributions, rules executed, population optima and risks.

Names listed in ``__all__`` are the public face; what they need lives in the modules.
"""

from numerics.asymptotics import asymptotic_covariance, crossover_tasks
from numerics.estimators import estimates
from numerics.losses import Losses
from numerics.outer_problem import Solution, Status, outer_spectrum
from numerics.phase import Progress, phase_diagram
from numerics.population import SingularExpectation, modeling_error, population_optimum, reducible_risk
from numerics.quadratics import Quadratics
from numerics.rules import (
    DRS,
    MAML,
    FirstOrderMAML,
    GradientFlow,
    GradientSteps,
    ImplicitMAML,
    Prescribed,
    Reptile,
    Rule,
)
from numerics.solvers import AcceleratedGradient, ClosedForm, ConjugateGradient, GradientDescent, solve
from numerics.tasks import DiscreteTasks, SpectrumTiedTasks

__all__ = [
    "DRS",
    "MAML",
    "AcceleratedGradient",
    "ClosedForm",
    "ConjugateGradient",
    "DiscreteTasks",
    "FirstOrderMAML",
    "GradientDescent",
    "GradientFlow",
    "GradientSteps",
    "ImplicitMAML",
    "Losses",
    "Prescribed",
    "Progress",
    "Quadratics",
    "Reptile",
    "Rule",
    "SingularExpectation",
    "Solution",
    "SpectrumTiedTasks",
    "Status",
    "asymptotic_covariance",
    "crossover_tasks",
    "estimates",
    "modeling_error",
    "outer_spectrum",
    "phase_diagram",
    "population_optimum",
    "reducible_risk",
    "solve",
]
