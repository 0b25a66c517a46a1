"""BLAS on parts of matrices: every routine is NumPy's expression, touches nothing else, and is the same without compiler."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numba import njit

from numerics.kernels import blas

FRAME = 7.0


@njit
def added(scale, left, right, keep, out):
    blas.add_product(scale, left, right, keep, out)


@njit
def factorised(matrix):
    return blas.factorise(matrix)


def framed(matrix):
    """A view of that shape inside a larger array."""
    frame = np.full((matrix.shape[0] + 5, matrix.shape[1] + 4), FRAME)
    view = frame[3:-2, 1:-3]
    view[:] = matrix
    return frame, view


@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize(("rows", "inner", "columns"), [(1, 1, 1), (1, 6, 4), (5, 1, 3), (4, 3, 1), (7, 30, 12)])
def test_a_product_of_parts_is_added(rows, inner, columns, turned):
    rng = np.random.default_rng(rows)
    operands = []
    for shape, transposed in zip(((rows, inner), (inner, columns)), turned, strict=True):
        whole = framed(rng.standard_normal(shape[::-1] if transposed else shape))[1]
        operands.append(whole.T if transposed else whole)
    start = rng.standard_normal((rows, columns))
    for function in (added, blas.add_product):
        for keep in (0.0, 1.0, -0.5):
            frame, out = framed(start if keep else np.full_like(start, np.nan))
            function(2.0, *operands, keep, out)
            expected = 2.0 * operands[0] @ operands[1] + (keep * start if keep else 0.0)
            np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-13)
            out[:] = FRAME
            assert (frame == FRAME).all(), "what is around it was written to"


@pytest.mark.parametrize("size", [1, 2, 9, 70])
def test_a_factor_multiplies_back(size):
    rng = np.random.default_rng(size)
    half = rng.standard_normal((size, size))
    matrix = half @ half.T + np.eye(size)
    for function in (factorised, blas.factorise):
        frame, part = framed(np.tril(matrix) + np.triu(np.full_like(matrix, np.nan), 1))
        assert function(part)
        lower = np.tril(part)
        np.testing.assert_allclose(lower @ lower.T, matrix, rtol=1e-12, atol=1e-12)
        part[:] = FRAME
        assert (frame == FRAME).all()
        assert not function(framed(-matrix)[1])


PROGRAM = """
import numba
import numpy as np
import numerics as nx
assert numba.config.DISABLE_JIT
for p, samples in ((5, 6), (5, 2), (52, 60)):
    for estimate in nx.estimates(nx.SpectrumTiedTasks(p), 3 if p == 5 else 2, samples, [0.1, 0.5], 1, 0, workers=1):
        print(*(float(entry).hex() for entry in estimate.ravel()))
"""


def test_interpreted_and_compiled_estimates_agree():
    found = []
    for disabled in ("1", "0"):
        program = PROGRAM if disabled == "1" else PROGRAM.replace("assert numba", "assert not numba")
        environment = os.environ | {"NUMBA_DISABLE_JIT": disabled}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        found.append([[float.fromhex(word) for word in line.split()] for line in run.stdout.splitlines()])
    assert len(found[0]) == len(found[1]) == 6
    for left, right in zip(*found, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-8)
