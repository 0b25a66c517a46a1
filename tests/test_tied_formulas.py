"""The formulas of eq. (13) on the line are rational, agree with exact numbers at points and with other integrals."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.special import roots_genlaguerre, roots_legendre
from sympy import Rational, limit, oo

from theory import crossover, estimators
from theory.estimators import Estimator
from theory.notation import N, alpha, beta
from theory.optima import modeling_error
from theory.rules import DRS, MAML
from theory.tasks import SpectrumTied
from theory.tied_formulas import FORMULAS, formula

POINTS = [(Rational(1, 10), 2, 1), (Rational(3, 4), 2, 25), (Rational(-1, 3), Rational(1, 2), 4)]


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_is_a_rational_function(name):
    found = formula(name)
    assert found.is_rational_function(alpha, beta, N)
    assert found.free_symbols <= {alpha, beta, N}


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_formulas_agree_with_exact_numbers(point):
    rate, top, samples = point
    tasks, rule = SpectrumTied(1, top), MAML(rate)
    joint, meta = Estimator.of(DRS(), samples), Estimator.of(rule, samples)
    both = estimators.joint_covariance(tasks, rule, samples)
    paid = crossover.deployment(rule, samples)
    risks = [crossover.leading_risk(tasks, one, paid) for one in (joint, meta)]
    expected = {
        "maml_limit": meta.limit(tasks).to_Matrix()[0],
        "drs_covariance": both[0, 0],
        "maml_covariance": both[1, 1],
        "cross_covariance": both[0, 1],
        "drs_bias": joint.bias(tasks).to_Matrix()[0],
        "floor": estimators.floor(tasks, rate)[0],
        "modeling_error": risks[0].modeling_error,
        "drs_statistical": risks[0].statistical,
        "maml_statistical": risks[1].statistical,
        "population_modeling_error": modeling_error(tasks, DRS(), rule),
    }
    for name, value in expected.items():
        assert formula(name).subs({alpha: rate, beta: top, N: samples}) == value, name


def test_an_infinite_inner_sample_gives_the_exact_step():
    assert (limit(formula("modeling_error"), N, oo) - formula("population_modeling_error")).simplify() == 0
    assert formula("maml_limit").subs({alpha: Rational(1, 10), beta: 2}).limit(N, oo) == Rational(724, 565)


@pytest.mark.parametrize("point", [(0.1, 2.0, 1), (0.75, 2.0, 25)], ids=str)
def test_variances_agree_with_quadrature_over_tasks_and_samples(point):
    """Legendre nodes for the task, Laguerre nodes for both sampled curvatures, normal moments of the noise."""
    rate, top, samples = point
    nodes, weights = roots_legendre(12)
    q, chances = (nodes + 1) * top / 2, weights / 2
    chi, mass = roots_genlaguerre(8, samples / 2 - 1)
    mass = mass / mass.sum()
    first = q[:, None, None] * (2 * chi / samples)[None, :, None]
    second = q[:, None, None] * (2 * chi / samples)[None, None, :]

    def mean(values):
        return np.einsum("q,i,j,qij->", chances, mass, mass, np.broadcast_to(values, (12, 8, 8)))

    back, noise, place = 1 - rate * first, top / 2, q[:, None, None]
    curvature = back * second * back
    centre = mean(curvature * place) / mean(curvature)
    distance = centre - place
    spread = noise / samples * ((back * second * rate) ** 2 * first + back**2 * second)
    variance = mean((curvature * distance) ** 2 + spread)
    at = {alpha: Rational(str(rate)), beta: Rational(str(top)), N: samples}
    for name, value in {
        "weight": mean(curvature),
        "maml_limit": centre,
        "maml_score_variance": variance,
        "maml_covariance": variance / mean(curvature) ** 2,
        "maml_design": mean(curvature**2) / mean(curvature) ** 2,
    }.items():
        np.testing.assert_allclose(float(formula(name).subs(at)), value, rtol=1e-10, err_msg=name)


def test_the_formulas_print():
    command = [sys.executable, "-m", "theory.tied_formulas", "drs_bias"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "-beta*(N + 1)/(9*N)" in done.stdout


def test_an_unknown_name_says_which_there_are():
    with pytest.raises(KeyError, match="drs_limit"):
        formula("nothing")
