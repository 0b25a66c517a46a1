"""Measures what happens: task distributions, rules executed, population optima and risks.

Names listed in ``__all__`` are the public face; what they need lives in the modules.
"""

from numerics.losses import Losses, Quadratics
from numerics.population import SingularExpectation, modeling_error, population_optimum, reducible_risk
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
from numerics.tasks import DiscreteTasks, SpectrumTiedTasks

__all__ = [
    "DRS",
    "MAML",
    "DiscreteTasks",
    "FirstOrderMAML",
    "GradientFlow",
    "GradientSteps",
    "ImplicitMAML",
    "Losses",
    "Prescribed",
    "Quadratics",
    "Reptile",
    "Rule",
    "SingularExpectation",
    "SpectrumTiedTasks",
    "modeling_error",
    "population_optimum",
    "reducible_risk",
]
