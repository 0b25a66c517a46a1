"""What is computed for many lanes at once is what the library and the kernels for one place compute."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels import elementary, streams, variates
from numerics.smooth.oracles import FiniteLaw, Gaussian, Rademacher
from numerics.smooth.training import stream_key

SKEW = FiniteLaw((-1.0, 2.0), (2 / 3, 1 / 3))


@settings(max_examples=60)
@given(st.lists(st.floats(-3e6, 3e6), min_size=1, max_size=40), st.sampled_from([0.0, 1.0]))
def test_sines_are_those_of_the_library(numbers, quarter):
    points = np.array([numbers])
    out = np.empty_like(points)
    elementary.sines(points, 0, out, 0, quarter, points.shape[1])
    assert np.abs(out - (np.cos(points) if quarter else np.sin(points))).max() <= 2**-52


@settings(max_examples=60)
@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=40))
def test_logarithms_and_exponentials_are_those_of_the_library(numbers):
    points = np.array([numbers])
    found, work = points.copy(), np.empty_like(points)
    elementary.logarithms(found, 0, work, 0, points.shape[1])
    assert np.all(np.abs(found - np.log(points)) <= 2**-52 * (1 + np.abs(np.log(points))))
    falling = -np.abs(np.log(points))
    found = falling.copy()
    elementary.exponentials(found, 0, points.shape[1])
    assert np.all(np.abs(found - np.exp(falling)) <= 2**-51 * np.exp(falling))


def test_what_is_no_number_stays_none_and_what_is_far_is_right():
    points = np.array([[np.nan, np.inf, 1e12, -np.inf]])
    out = np.empty_like(points)
    elementary.sines(points, 0, out, 0, 0.0, 4)
    assert np.isnan(out[0, [0, 1, 3]]).all()
    assert out[0, 2] == np.sin(1e12)
    elementary.exponentials(points, 0, 1)
    assert np.isnan(points[0, 0])


@pytest.mark.parametrize("law", [Rademacher(0.7), Gaussian(0.7), SKEW], ids=lambda law: type(law).__name__)
@pytest.mark.parametrize(("calls", "p"), [(1, 1), (3, 2), (40, 3), (140, 2)])
def test_noise_of_many_places_is_that_of_each(law, calls, p):
    key, runs, slots, step = stream_key(3), np.arange(5, dtype=np.uint64), 4, 17
    expected = np.empty((len(runs) * slots, p))
    streams.fill_noise(law.noise(p), calls, key, runs, step, 2, expected)
    count = len(expected)
    where = np.array([np.repeat(runs, slots), np.full(count, step), np.tile(np.arange(slots), len(runs))], np.uint64)
    words, work, out = np.empty((4, count), np.uint64), np.empty((2, count)), np.empty((p, count))
    variates.fill_variates(law.noise(p), calls, p, key, where, 2, words, work, out, 0, count)
    assert np.abs(out.T - expected).max() <= 1e-14
    tasks, cumulative = np.empty((len(runs), slots), np.int64), np.array([[0.2, 0.5, 1.0]])
    streams.fill_tasks(cumulative, key, runs, step, streams.TASK, tasks)
    chosen = np.empty(count, np.int64)
    variates.fill_choices(cumulative, key, where, streams.TASK, words, chosen, count)
    assert np.array_equal(chosen, tasks.ravel())
