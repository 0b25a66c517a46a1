"""Measures what happens: task distributions, rules executed, population optima and risks.

Names listed in ``__all__`` are the public face; what they need lives in the modules.
"""

from numerics.asymptotics import asymptotic_covariance, crossover_tasks
from numerics.bilevel import hypergradient, outer_hessian_vector, outer_objective
from numerics.estimators import estimates
from numerics.losses import Losses
from numerics.outer_problem import Solution, Status, outer_spectrum
from numerics.phase import Progress, phase_diagram
from numerics.population import SingularExpectation, modeling_error, population_optimum, reducible_risk
from numerics.quadratics import Quadratics
from numerics.regression import regression_data, regression_tasks
from numerics.rules import (
    DRS,
    MAML,
    FirstOrderMAML,
    GradientFlow,
    GradientSteps,
    HessianFreeMAML,
    ImplicitMAML,
    MetaSGD,
    Prescribed,
    Reptile,
    Rule,
)
from numerics.smooth.algorithms import Sampling
from numerics.smooth.constants import Constants, check_constants, searched_constants
from numerics.smooth.families import (
    Cauchy,
    GemanMcClure,
    Logistic,
    Penalty,
    PiecewiseCubic,
    PiecewiseQuadratic,
    Ridge,
    Sines,
    Tanh,
    Welsch,
)
from numerics.smooth.oracles import FiniteLaw, Gaussian, Minibatch, Noiseless, Oracle, Rademacher
from numerics.smooth.profiles import Profile
from numerics.smooth.training import Tested, Trajectories, meta_test, meta_train
from numerics.solvers import AcceleratedGradient, ClosedForm, ConjugateGradient, GradientDescent, solve
from numerics.support_query import SupportQueryTasks
from numerics.tasks import DiscreteTasks, SpectrumTiedTasks

__all__ = [
    "DRS",
    "MAML",
    "AcceleratedGradient",
    "Cauchy",
    "ClosedForm",
    "ConjugateGradient",
    "Constants",
    "DiscreteTasks",
    "FiniteLaw",
    "FirstOrderMAML",
    "Gaussian",
    "GemanMcClure",
    "GradientDescent",
    "GradientFlow",
    "GradientSteps",
    "HessianFreeMAML",
    "ImplicitMAML",
    "Logistic",
    "Losses",
    "MetaSGD",
    "Minibatch",
    "Noiseless",
    "Oracle",
    "Penalty",
    "PiecewiseCubic",
    "PiecewiseQuadratic",
    "Prescribed",
    "Profile",
    "Progress",
    "Quadratics",
    "Rademacher",
    "Reptile",
    "Ridge",
    "Rule",
    "Sampling",
    "Sines",
    "SingularExpectation",
    "Solution",
    "SpectrumTiedTasks",
    "Status",
    "SupportQueryTasks",
    "Tanh",
    "Tested",
    "Trajectories",
    "Welsch",
    "asymptotic_covariance",
    "check_constants",
    "crossover_tasks",
    "estimates",
    "hypergradient",
    "meta_test",
    "meta_train",
    "modeling_error",
    "outer_hessian_vector",
    "outer_objective",
    "outer_spectrum",
    "phase_diagram",
    "population_optimum",
    "reducible_risk",
    "regression_data",
    "regression_tasks",
    "searched_constants",
    "solve",
]
