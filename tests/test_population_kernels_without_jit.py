"""With the compiler off the population kernels give the numbers of the compiled ones."""

import os
import subprocess
import sys

import numpy as np

PROGRAM = """
import numpy as np
from numerics import population
rng = np.random.default_rng(3)
roots = rng.standard_normal((5, 3, 4, 4))
weights, optima = roots @ roots.swapaxes(-1, -2), rng.standard_normal((5, 3, 4))
weights[4] *= rng.choice([-1.0, 1.0], (3, 1, 1))  # perhaps indefinite: elimination instead of Cholesky
weights[3] = roots[3] + roots[3].swapaxes(-1, -2)
chances = rng.dirichlet(np.ones(3), 5)
best = population.optimum(chances, weights, optima)
numbers = [*population.mean_weight(chances, weights).ravel(), *best.ravel(), *population.risk(chances, weights, optima, best)]
print(*(float(number).hex() for number in numbers))
"""


def outcome(disabled: str) -> np.ndarray:
    command, environment = [sys.executable, "-c", PROGRAM], os.environ | {"NUMBA_DISABLE_JIT": disabled}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return np.array([float.fromhex(word) for word in run.stdout.split()])


def test_interpreted_and_compiled_population_kernels_agree() -> None:
    np.testing.assert_allclose(outcome("1"), outcome("0"), rtol=1e-11)
