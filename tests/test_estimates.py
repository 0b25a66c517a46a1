"""The estimators: equal to the textbook computation on the same factors, in any dimension, for any rate; undefined ones are
nan; no bit depends on the number of threads or on the length of the run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics as nx
from numerics.estimators import Experiment, estimates
from numerics.sampling import Buffers, Cell, draw_blocks, draw_scalar, matrix_roots

RATES = np.array([-0.3, 0.0, 0.1, 0.75, 1.0])


def haar_matrix(normals, p):
    """The rotation that the reflectors stand for, one explicit matrix at a time."""
    rotation, end = np.eye(p), len(normals)
    for k in range(p - 2, -1, -1):
        direction = np.zeros(p)
        direction[k:] = normals[end - (p - k) : end]
        end -= p - k
        direction[k] += np.copysign(np.linalg.norm(direction), direction[k])
        rotation -= 2 * np.outer(direction, direction @ rotation) / (direction @ direction)
    return rotation


def textbook_data(cell, seed):
    """(theta, S_1, S_2, e_1, e_2) of every task of the first chunk, [data set][task], from the variates that kernels use."""
    rng = cell.stream(seed, 0)
    p, r = cell.dimension, cell.rank
    if p == 1:
        draws = draw_scalar(cell, rng, Buffers())
        data = []
        for d in range(cell.chunk):
            tasks = []
            for t in range(cell.num_tasks):
                s = draws.curvatures[d, t] * draws.scatters[:, d, t]
                e = np.sqrt(draws.noise_variances[d, t] * s / cell.samples) * draws.normals[:, d, t]
                tasks.append((draws.optima[d, t, None], s[:1, None], s[1:, None], e[:1], e[1:]))
            data.append(tasks)
        return data
    roots = matrix_roots(cell.tasks.hessians) if isinstance(cell.tasks, nx.DiscreteTasks) else np.empty((0, p, p))
    data = [[] for _ in range(cell.chunk)]
    for block in draw_blocks(cell, rng, roots, Buffers()):
        for d in range(cell.chunk):
            for t in range(block.index.shape[1]):
                task = block.index[d, t]
                root = roots[task] if len(roots) else haar_matrix(block.reflectors[d, t], p) * block.scales[task]
                halves = block.factors[d, t][:, :r], block.factors[d, t][:, r:]
                factors = [root @ half[:p] for half in halves]
                noise = block.deviations[task] / np.sqrt(cell.samples)
                scatters = [factor @ factor.T for factor in factors]
                errors = [noise * factor @ half[p] for factor, half in zip(factors, halves, strict=True)]
                data[d].append((block.optima[task].copy(), *scatters, *errors))
    return data


def textbook_estimates(data, rate):
    p = len(data[0][0])
    joint, joint_h, adapted, adapted_h = np.zeros((p, p)), np.zeros(p), np.zeros((p, p)), np.zeros(p)
    for theta, s1, s2, e1, e2 in data:
        joint += s1 + s2
        joint_h += (s1 + s2) @ theta + e1 + e2
        b = np.eye(p) - rate * s1
        adapted += b @ s2 @ b
        adapted_h += b @ (s2 @ theta + e2 - rate * s2 @ (s1 @ theta + e1))
    solutions = []
    for matrix, vector in ((joint, joint_h), (adapted, adapted_h)):
        solutions += [np.linalg.solve(matrix, vector), np.linalg.cond(matrix)]
    return solutions


def discrete(p, features="gaussian", number=3):
    rng = np.random.default_rng(p)
    half = rng.standard_normal((number, p, p)) / np.sqrt(p)
    return nx.DiscreteTasks(
        np.arange(1, number + 1) / (number * (number + 1) / 2),
        half @ half.swapaxes(1, 2) + 0.1 * np.eye(p),
        rng.standard_normal((number, p)),
        rng.uniform(0, 1, number),
        features=features,
    )


@pytest.mark.parametrize("law", ["spectrum", "discrete", "sphere", "student_t"])
@pytest.mark.parametrize(
    ("p", "samples", "sizes"),
    [
        (1, 3, (2, 5)),
        (2, 1, (3, 6)),
        (3, 4, (2, 3)),
        (5, 5, (4,)),
        (9, 2, (10, 12)),
        (20, 30, (2, 4)),
        (48, 50, (2,)),
        (70, 80, (2, 3)),
        (101, 20, (8,)),
    ],
)
def test_estimates_equal_the_textbook_ones_on_the_same_variates(law, p, samples, sizes):
    tasks = nx.SpectrumTiedTasks(p) if law == "spectrum" else discrete(p, "gaussian" if law == "discrete" else law)
    cell = Cell(tasks, samples, sizes[-1], nested=True)
    drs, maml = Experiment(cell, sizes, RATES, seed=3).chunk(0)
    data = textbook_data(cell, seed=3)
    for d in (0, cell.chunk - 1):
        for m, size in enumerate(sizes):
            for a, rate in enumerate(RATES):
                joint, joint_condition, adapted, condition = textbook_estimates(data[d][:size], rate)
                np.testing.assert_allclose(drs[d, m], joint, atol=1e-13 * joint_condition * np.abs(joint).max())
                if condition < 1e9:
                    np.testing.assert_allclose(maml[d, m, a], adapted, atol=1e-12 * condition * np.abs(adapted).max())


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 5), st.integers(1, 60), st.integers(0, 2**40))
def test_a_longer_run_begins_with_the_shorter_one(p, num_tasks, samples, datasets, seed):
    tasks = nx.SpectrumTiedTasks(p)
    shorter = estimates(tasks, num_tasks, samples, [0.2, 0.5], datasets, seed, workers=1)
    longer = estimates(tasks, num_tasks, samples, [0.2, 0.5], datasets + 200, seed, workers=1)
    for few, many in zip(shorter, longer, strict=True):
        np.testing.assert_array_equal(few, many[:datasets])


@pytest.mark.parametrize("p", [1, 3, 40])
def test_bits_do_not_depend_on_the_number_of_workers(p):
    tasks = nx.SpectrumTiedTasks(p)
    runs = [estimates(tasks, 20, 10, RATES, 2000 if p == 1 else 40, seed=5, workers=workers) for workers in (1, 2, 3)]
    for run in runs[1:]:
        for ours, first in zip(run, runs[0], strict=True):
            np.testing.assert_array_equal(ours, first)


def test_seeds_samples_and_chunks_have_their_own_streams():
    tasks = nx.SpectrumTiedTasks(1)
    columns = [estimates(tasks, 400, samples, [0.1], 100, seed)[0][:, 0] for samples in (3, 4) for seed in (0, 1)]
    halves = [part for column in columns for part in (column[:50], column[50:])]
    correlation = np.corrcoef(halves)
    assert np.abs(correlation[~np.eye(len(halves), dtype=bool)]).max() < 0.55  # 5 standard deviations and more would be 0.7


@pytest.mark.parametrize(
    ("num_tasks", "samples", "joint", "adapted"),
    [
        (2, 1, False, False),
        (2, 2, True, False),
        (4, 1, True, False),
        (5, 1, True, True),
        (1, 3, True, False),
        (1, 5, True, True),
    ],
)
def test_too_few_samples_leave_an_estimate_undefined(num_tasks, samples, joint, adapted):
    for tasks in (nx.SpectrumTiedTasks(5), discrete(5)):
        drs, maml = estimates(tasks, num_tasks, samples, RATES, 7, seed=0)
        for estimate, defined in ((drs, joint), (maml, adapted)):
            assert (np.isfinite(estimate) == defined).all()
            assert (np.isnan(estimate) != defined).all()


def test_a_direction_without_curvature_leaves_both_undefined():
    flat = nx.DiscreteTasks([1.0], [[[1.0, 1.0], [1.0, 1.0]]], [[0.0, 1.0]], [1.0])
    drs, maml = estimates(flat, 10, 10, [0.0, 0.5], 20, seed=0)
    assert np.isnan(drs).all()
    assert np.isnan(maml).all()
    drs, maml = estimates(nx.DiscreteTasks([1.0], [[[0.0]]], [[1.0]], [1.0]), 10, 10, [0.5], 3, seed=0)
    assert np.isnan(drs).all()
    assert np.isnan(maml).all()


def test_noiseless_equal_tasks_are_estimated_exactly():
    tasks = nx.DiscreteTasks([1.0], [[[2.0, 0.5], [0.5, 1.0]]], [[3.0, -1.0]], 0.0)
    drs, maml = estimates(tasks, 4, 5, [0.0, 0.1], 50, seed=0)
    np.testing.assert_allclose(drs, np.broadcast_to([3.0, -1.0], drs.shape), atol=1e-10)
    np.testing.assert_allclose(maml, np.broadcast_to([3.0, -1.0], maml.shape), atol=1e-9)


def test_a_task_without_probability_is_never_drawn():
    tasks = nx.DiscreteTasks([0.5, 0.5, 0.0], np.ones((3, 1, 1)), [[1.0], [1.0], [np.pi]], 0.0)
    drs, _ = estimates(tasks, 50, 2, [0.1], 500, seed=0)
    np.testing.assert_allclose(drs, 1.0, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"tasks": 3}, TypeError, "tasks is a int; it must be DiscreteTasks or SpectrumTiedTasks"),
        ({"num_tasks": 0}, ValueError, "num_tasks is 0; it must be a whole number, at least 1"),
        ({"samples": 2.5}, ValueError, "samples is 2.5; it must be a whole number, at least 1"),
        ({"datasets": True}, ValueError, "datasets is True; it must be a whole number, at least 1"),
        ({"seed": -1}, ValueError, "seed is -1; it must be a whole number, at least 0"),
        ({"alphas": []}, ValueError, r"alphas is \[\]; it must be a finite number or a sequence of them"),
        ({"alphas": [np.nan]}, ValueError, "alphas is"),
        ({"alphas": "fast"}, ValueError, "alphas is 'fast'"),
        ({"workers": 0}, ValueError, "workers is 0; it must be at least 1"),
    ],
)
def test_bad_arguments_are_named(change, error, message):
    valid = {"tasks": nx.SpectrumTiedTasks(), "num_tasks": 2, "samples": 2, "alphas": 0.1, "datasets": 2, "seed": 0}
    with pytest.raises(error, match=message):
        estimates(**{**valid, **change})
