"""The fused kernel does what the inner loop, the gradient and the adjoint do one after the other in plain numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels import quadratic


def batch(seed: int, number: int, dimension: int):
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((number, dimension, dimension)) / np.sqrt(dimension)
    weights = rng.random(number)
    return weights / weights.sum(), factors @ factors.transpose(0, 2, 1), rng.standard_normal((number, dimension))


def executed(hessian, error, rates, momenta):
    """Every iterate of the inner loop, the definition of the steps word by word."""
    path, previous = [error], error
    for rate, momentum in zip(rates, momenta, strict=True):
        here = path[-1]
        path.append(here - rate * (hessian @ here) + momentum * (here - previous))
        previous = here
    return path


def outer_step(hessian, error, rates, momenta, outer):
    """The exact step through the Jacobian of the loop: its transpose is found by running the loop on the identity."""
    adapted = executed(hessian, error, rates, momenta)[-1]
    if outer == quadratic.DISPLACEMENT:
        return error - adapted
    if outer == quadratic.FIRST_ORDER:
        return hessian @ adapted
    jacobian = executed(hessian, np.eye(len(error)), rates, momenta)[-1]
    return jacobian.T @ (hessian @ adapted)


@st.composite
def loops(draw):
    steps = draw(st.integers(0, 6))
    unit = st.floats(-0.8, 0.8)
    rates, momenta = (np.array(draw(st.lists(unit, min_size=steps, max_size=steps)), dtype=float) for _ in range(2))
    return rates, momenta


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(1, 5),
    dimension=st.one_of(st.integers(1, 24), st.integers(110, 131)),
    loop=loops(),
    outer=st.sampled_from([quadratic.EXACT, quadratic.FIRST_ORDER, quadratic.DISPLACEMENT]),
    imaginary=st.booleans(),
)
def test_fused_kernel_sums_the_executed_outer_steps(seed, number, dimension, loop, outer, imaginary):
    weights, hessians, optima = batch(seed, number, dimension)
    rates, momenta = loop
    theta = np.random.default_rng(seed + 1).standard_normal(dimension)
    if imaginary:
        theta = theta + 1j * theta[::-1]
    out = np.full_like(theta, np.nan)
    quadratic.hypergradient(weights, hessians, optima, theta, rates, momenta, outer, out)
    steps = [w * outer_step(q, theta - c, rates, momenta, outer) for w, q, c in zip(weights, hessians, optima, strict=True)]
    expected = sum(steps)
    # intermediate iterates may exceed the outcome: the scale is that of the largest norm along the loop
    growth = np.prod(1 + np.abs(rates) * 4 + 2 * np.abs(momenta)) ** 2
    scale = growth * sum(np.abs(w) * 4 * np.abs(theta - c).max() for w, c in zip(weights, optima, strict=True))
    assert np.abs(out - expected).max() <= 1e-13 * dimension * scale


@pytest.mark.parametrize("dimension", [5, quadratic.PANELLED + 5])
def test_divergence_is_visible(dimension):
    weights, hessians, optima = batch(0, 3, dimension)
    rates = np.full(2_000, 1e3)
    out = np.empty(dimension)
    quadratic.hypergradient(weights, hessians, optima, np.ones(dimension), rates, np.zeros(2_000), quadratic.EXACT, out)
    assert not np.isfinite(out).any()


@given(st.integers(1, 10**6), st.integers(1, 3_000))
def test_chunks_hold_at_least_one_task_and_at_most_all(number, dimension):
    size = quadratic.chunk_size(number, dimension)
    assert 1 <= size <= number
    assert -(-number // size) <= 64
