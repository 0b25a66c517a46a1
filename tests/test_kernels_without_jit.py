"""With the compiler off the same source gives the same numbers, so that its lines can be traced and read as plain Python."""

import os
import subprocess
import sys

PROGRAM = """
import numba
import numpy as np
from numerics.kernels import quadratic
assert numba.config.DISABLE_JIT
rng = np.random.default_rng(3)
rates, momenta = np.array([0.3, -0.2, 0.1]), np.array([0.0, 0.4, 0.1])
for dimension in (6, quadratic.PANELLED + 3):
    factors = rng.standard_normal((2, dimension, dimension)) / dimension
    hessians, optima = factors @ factors.transpose(0, 2, 1), rng.standard_normal((2, dimension))
    weights, theta = np.array([0.25, 0.75]), rng.standard_normal(dimension)
    for outer in (quadratic.EXACT, quadratic.FIRST_ORDER, quadratic.DISPLACEMENT):
        out = np.empty(dimension)
        quadratic.hypergradient(weights, hessians, optima, theta, rates, momenta, outer, out)
        print(*(float(entry).hex() for entry in out))
"""


def outcome(disabled: str) -> list[list[float]]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM if disabled == "1" else PROGRAM.replace("assert numba", "assert not numba")],
        env=os.environ | {"NUMBA_DISABLE_JIT": disabled},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [[float.fromhex(word) for word in line.split()] for line in run.stdout.splitlines()]


def test_interpreted_and_compiled_kernels_agree():
    interpreted, compiled = outcome("1"), outcome("0")
    assert len(interpreted) == len(compiled) == 6
    for left, right in zip(interpreted, compiled, strict=True):
        assert max(abs(a - b) for a, b in zip(left, right, strict=True)) <= 1e-13 * max(map(abs, right))
