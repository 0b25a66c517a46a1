"""python -m verify.decide: its decisions are those of the exact and the simulated risks, its estimates from raw data are hardly
biased and their intervals hold the truth, its example runs on real data."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numerics as nx
from verify import decide
from verify.shell.usage_error import UsageError
from verify.simulation.budget import Budget, flip, leading_order, simulated_excess
from verify.simulation.decision import METHODS, of_data, of_moments, of_tasks
from verify.simulation.intervals import difference_interval, hull_interval, student
from verify.simulation.moment_estimates import Splits, estimated, task_moments
from verify.simulation.normal_law import normal_law
from verify.simulation.task_data import TaskData, grouped, grunfeld, read_data

TWO = nx.DiscreteTasks([0.5, 0.5], [[[1.0]], [[3.0]]], [[0.0], [1.0]], [0.5, 0.5])


def data_of(rng, tasks, samples=16):
    """Raw data of tasks drawn from p = 1 laws with curvatures in [0.5, 2.5] and optima that fall with them."""
    curvatures = rng.uniform(0.5, 2.5, tasks)
    optima = 1.5 - 0.5 * curvatures + 0.3 * rng.standard_normal(tasks)
    x = rng.standard_normal((tasks, samples, 1)) * np.sqrt(curvatures)[:, None, None]
    y = x[..., 0] * optima[:, None] + 0.7 * rng.standard_normal((tasks, samples))
    return TaskData([str(i) for i in range(tasks)], list(x), list(y))


def truth(rate, samples):
    rng = np.random.default_rng(99)
    curvatures = rng.uniform(0.5, 2.5, 20_000)
    optima = 1.5 - 0.5 * curvatures + 0.3 * rng.standard_normal(20_000)
    tasks = nx.DiscreteTasks(np.full(20_000, 1 / 20_000), curvatures[:, None, None], optima[:, None], 0.49)
    return leading_order(tasks, Budget(10, samples, rate))


@pytest.mark.parametrize(("num_tasks", "expected"), [(4, "joint training"), (400, "MAML")])
def test_the_decision_for_known_tasks_is_that_of_long_simulations(num_tasks, expected):
    budget = Budget(num_tasks, 10, 0.2)
    decision = of_tasks(TWO, budget, 4000, seed=0)
    assert decision.lower == expected
    assert decision.sure > 0.95
    excess = simulated_excess(TWO, budget, [num_tasks], 20_000, seed=1)[:, 0]
    means, errors = excess.mean(axis=1), excess.std(axis=1) / np.sqrt(4000)
    for i, name in enumerate(METHODS):
        assert abs(decision.risks[name].value - means[i]) < 6 * errors[i]
    assert decision.gain.value == pytest.approx(decision.risks["joint training"].value - decision.risks["MAML"].value)
    share = np.mean(excess[1] < excess[0])
    assert abs(decision.wins - (share if expected == "MAML" else 1 - share)) < 0.05
    law = normal_law(TWO, 0.2, 10)
    assert decision.leading_flip.value == law.crossover(1)
    assert math.isfinite(law.crossover(1))
    assert law.crossover(1) / 2 < decision.flip.value < 2 * law.crossover(1)


def test_simulated_risks_are_those_of_the_phase_diagram():
    pytest.importorskip("xarray")
    excess = simulated_excess(TWO, Budget(20, 5, 0.3), [3, 20], 700, seed=4)
    diagram = nx.phase_diagram(TWO, [3, 20], 5, 0.3, 700, 4)
    expected = diagram.excess_mean.sel(stage="post", N=5, alpha=0.3).values
    np.testing.assert_allclose(excess.mean(axis=-1), expected, rtol=1e-12)
    wins = np.mean(excess[1] < excess[0], axis=-1)
    np.testing.assert_array_equal(wins, diagram.post.sel(N=5, alpha=0.3).values)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=8), st.data())
def test_the_flip_is_where_the_last_sign_changes(gains, data):
    sizes = np.cumsum(data.draw(st.lists(st.integers(1, 9), min_size=len(gains), max_size=len(gains))))
    found = flip(sizes, np.array(gains))
    if found == 0:
        assert min(gains) > 0
    elif found == math.inf:
        assert not gains[-1] > 0
    else:
        later = sizes > found * (1 + 1e-12)
        assert all(gain > 0 for gain in np.array(gains)[later])
        assert not np.array(gains)[~later][-1] > 1e-9


def test_numbers_of_tasks_hold_the_budget_and_begin_where_means_are_finite():
    for num_tasks in (1, 7, 60, 5000):
        for dimension in (1, 2, 6):
            sizes = Budget(num_tasks, 4, 0.1).sizes(dimension)
            assert num_tasks in sizes
            assert sizes[-1] >= 2 * num_tasks
            assert (np.diff(sizes) > 0).all()
    assert Budget(20, 4, 0.1).sizes(1)[0] == 3


def test_moments_from_raw_data_are_those_of_the_law_the_tasks_come_from():
    """Many tasks: all three parts of the leading order, with no model of a task."""
    data = data_of(np.random.default_rng(3), 6000, samples=20)
    found = Splits.of(data, 10, 0.3, seed=0, count=4).leading_order(np.full(6000, 1 / 6000))
    np.testing.assert_allclose(found, truth(0.3, 10)[:3], rtol=0.12)


@pytest.mark.parametrize("p", [1, 2])
def test_splits_estimate_what_theory_derives(p):
    """One known law of tasks, all draws genuine: curvatures, limits, variances and biases."""
    rng = np.random.default_rng(p)
    half = rng.standard_normal((2, p, p))
    law = nx.DiscreteTasks([0.5, 0.5], half @ half.swapaxes(1, 2) + np.eye(p) / 2, rng.standard_normal((2, p)), 0.3)
    roots, n = np.linalg.cholesky(law.hessians), 4000
    x = [rng.standard_normal((12, p)) @ roots[i % 2].T for i in range(n)]
    y = [rows @ law.optima[i % 2] + np.sqrt(0.3) * rng.standard_normal(12) for i, rows in enumerate(x)]
    splits, weights = Splits.of(TaskData([str(i) for i in range(n)], x, y), 6, 0.1, seed=0, count=3), np.full(n, 1 / n)
    exact = normal_law(law, 0.1, 6)
    mean, limits = splits.limits(weights)
    np.testing.assert_allclose(mean, exact.weights, rtol=0.06, atol=0.06)
    np.testing.assert_allclose(limits, exact.limits, rtol=0.1, atol=0.05)
    expected = leading_order(law, Budget(10, 6, 0.1))[:3]
    np.testing.assert_allclose(splits.leading_order(weights), expected, rtol=0.2, atol=0.02 * expected.max())


def test_data_sets_drawn_from_splits_have_the_risks_of_data_sets_drawn_from_the_law():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4000, 20, 1)) * np.sqrt([1.0, 3.0])[np.arange(4000) % 2, None, None]
    y = x[..., 0] * (np.arange(4000) % 2)[:, None] + np.sqrt(0.5) * rng.standard_normal((4000, 20))
    splits = Splits.of(TaskData([str(i) for i in range(4000)], list(x), list(y)), 10, 0.2, seed=0, count=5)
    found = splits.simulated_excess(np.full(4000, 1 / 4000), [6, 40], 4000, seed=0)
    expected = simulated_excess(TWO, Budget(40, 10, 0.2), [6, 40], 4000, seed=0)
    for level in (0.25, 0.5, 0.75):
        np.testing.assert_allclose(*(np.quantile(e, level, axis=-1) for e in (found, expected)), rtol=0.2, atol=3e-4)
    np.testing.assert_allclose(*(np.mean(e[1] < e[0], axis=-1) for e in (found, expected)), atol=0.06)


def test_intervals_contain_the_truth_most_of_the_time():
    expected, rng, count = truth(0.3, 10)[:3], np.random.default_rng(5), 0
    values, covered = [], []
    for seed in range(count := 30):
        splits = Splits.of(data_of(rng, 40, samples=20), 10, 0.3, seed, count=20)
        found = estimated(splits.leading_order, 40, resamples=80, seed=seed)
        low, high = found.interval(0.9)
        assert ((low <= found.value) & (found.value <= high)).all()
        values.append(found.value)
        covered.append((low <= expected) & (expected <= high))
    # nominally 90 %; docs/intervals.md has what is measured
    assert np.sum(covered, axis=0).min() >= 0.7 * count
    np.testing.assert_allclose(np.median(values, axis=0), expected, rtol=0.35)


def test_intervals_scale_with_what_they_are_of():
    """In other units ends are in those units; a quantity of either sign is not taken logarithms of."""
    drawn = np.random.default_rng(0).lognormal(size=(400, 2))
    plain = np.ones(2)
    low, high = hull_interval(plain, drawn, 9, 0.9)
    for factor in (1e-6, 1e6):
        np.testing.assert_allclose(hull_interval(factor * plain, factor * drawn, 9, 0.9), (factor * low, factor * high))
    assert (low > 0).all()
    _, above = hull_interval(-plain, -drawn, 9, 0.9)
    np.testing.assert_allclose(above, -plain + student(9, 0.9) * drawn.std(axis=0, ddof=1))
    narrow, wide = (np.diff(hull_interval(plain, drawn, 9, level), axis=0) for level in (0.5, 0.9))
    assert (narrow < wide).all()


def test_a_difference_of_what_moves_together_is_surer_than_of_what_does_not():
    rng = np.random.default_rng(0)
    first, noise = rng.normal(5, 1, 1000), rng.normal(0, 0.1, 1000)
    plain = np.array([5.0, 4.0])
    together = difference_interval(plain, np.stack([first, first - 1 + noise], axis=1), 12, 0.9)
    apart = difference_interval(plain, np.stack([first, rng.normal(4, 1, 1000)], axis=1), 12, 0.9)
    assert apart[0] < together[0] < 1 < together[1] < apart[1]


def test_a_decision_from_data_finds_the_method_that_is_better_in_truth():
    data = data_of(np.random.default_rng(1), 300, samples=20)
    few, many = (of_data(data, Budget(num_tasks, 10, 0.3), 150, 40, seed=0) for num_tasks in (5, 200))
    assert (few.lower, many.lower) == ("joint training", "MAML")
    assert min(few.sure, many.sure) > 0.9
    assert few.gain.low <= few.gain.value <= few.gain.high < 0 < many.gain.low
    modeling, _, _, crossing = truth(0.3, 10)
    assert 5 < crossing < 200
    assert 0.5 * many.leading_flip.low <= crossing <= 2 * many.leading_flip.high
    assert 0.5 * modeling < many.moments["modeling error of joint training"].value < 2 * modeling


def test_splits_and_resamples_repeat_with_the_seed():
    data = data_of(np.random.default_rng(0), 5, samples=12)
    one, two, other = (Splits.of(data, 4, 0.2, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.pulls, two.pulls)
    assert not np.array_equal(one.pulls, other.pulls)
    a, b, c = (estimated(one.leading_order, 5, 10, seed).resampled for seed in (3, 3, 4))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_moments_of_tasks_are_unbiased():
    rng, n = np.random.default_rng(0), 4000
    optima = rng.standard_normal(n)
    x = rng.standard_normal((n, 8, 1)) * 1.5
    y = x[..., 0] * optima[:, None] + 0.6 * rng.standard_normal((n, 8)) + 5 * rng.standard_normal((n, 1))
    data = grouped(np.repeat(np.arange(n), 8), x.reshape(-1, 1), y.reshape(-1), scale=False)
    curvature, noise, _, variance = task_moments(data).mean(axis=0)
    np.testing.assert_allclose([curvature, noise], [2.25, 0.36], rtol=0.05)
    np.testing.assert_allclose(variance, 0.36 / 2.25 / (8 - 3), rtol=0.1)  # the mean of an inverse chi-square of 7
    scatter = of_moments(task_moments(data), np.full(n, 1 / n))[1]
    np.testing.assert_allclose(scatter, optima.var(), rtol=0.05)


def test_all_forms_of_a_file_of_data_are_read_alike(tmp_path):
    rng = np.random.default_rng(0)
    labels, x, y = np.repeat(["a", "b", "c"], 6), rng.standard_normal((18, 2)), rng.standard_normal(18)
    np.savez(tmp_path / "raw.npz", task=labels, response=y, features=x)
    rows = [f"{x[i, 0]!r},{labels[i]},{y[i]!r},{x[i, 1]!r}" for i in range(18)]
    plain = [row.replace("np.float64(", "").replace(")", "") for row in rows]
    (tmp_path / "raw.csv").write_text("\n".join(["one,group,out,two", *plain]) + "\n")
    expected = task_moments(grouped(labels, x, y))
    for data in (
        read_data(tmp_path / "raw.npz", "", "", None),
        read_data(tmp_path / "raw.csv", "group", "out", None),
        read_data(tmp_path / "raw.csv", "group", "out", ["one", "two"]),
    ):
        assert list(data.names) == ["a", "b", "c"]
        np.testing.assert_array_equal(task_moments(data), expected)
    centred = grouped(labels, x, y)
    for rows_of_task, responses in zip(centred.features, centred.responses, strict=True):
        np.testing.assert_allclose(rows_of_task.mean(axis=0), 0, atol=1e-14)
        np.testing.assert_allclose(responses.mean(), 0, atol=1e-14)
    np.testing.assert_allclose(np.mean(np.concatenate(centred.features) ** 2, axis=0), 1)


def test_grunfeld_firms_have_their_published_coefficients():
    """General Motors and US Steel, ordinary least squares in units of dollars (Greene, Econometric Analysis, table of OLS)."""
    pytest.importorskip("statsmodels")
    from statsmodels.datasets import grunfeld as panel

    table = panel.load_pandas().data
    features = table[["value", "capital"]].to_numpy(float)
    data = grouped(np.asarray(table["firm"].tolist()), features, table["invest"].to_numpy(float), scale=False)
    optima = dict(zip(data.names, task_moments(data)[:, 2:4], strict=True))
    np.testing.assert_allclose(optima["General Motors"], [0.1193, 0.3714], atol=5e-4)
    np.testing.assert_allclose(optima["US Steel"], [0.175, 0.390], atol=5e-3)
    assert len(grunfeld().names) == 11


def test_the_example_runs_on_real_data(tmp_path, capsys):
    pytest.importorskip("statsmodels")
    words = ["--num-tasks", "20", "--samples", "10", "--alpha", "0.1", "--datasets", "50", "--resamples", "20"]
    assert decide.main(["--example", *words, "--json", str(tmp_path / "decision.json")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("data of 11 tasks with 20 samples each, p = 2; intervals at 90%, by a bootstrap over tasks\n")
    found = json.loads((tmp_path / "decision.json").read_text())
    assert f"{found['lower']} has the lower expected deployed risk, by " in printed
    assert found["risks"]["MAML"]["low"] <= found["risks"]["MAML"]["high"]
    assert decide.main(["--example", *words]) == 0
    assert capsys.readouterr().out == printed, "the same seed gives the same answer"


def test_own_tasks_are_decided_from_a_file(tmp_path, capsys):
    np.savez(tmp_path / "mine.npz", hessians=[1.0, 3.0], optima=[0.0, 1.0], noise_variances=[0.5, 0.5])
    words = ["--tasks", str(tmp_path / "mine.npz"), "--samples", "10", "--alpha", "0.2", "--datasets", "2000"]
    assert decide.main([*words, "--num-tasks", "400"]) == 0
    printed = capsys.readouterr().out
    assert "MAML has the lower expected deployed risk" in printed
    assert "2 known tasks, p = 1" in printed
    assert decide.main([*words, "--num-tasks", "2"]) == 0
    assert "the mean risk of MAML's estimate may be infinite" in capsys.readouterr().out


BUDGET = ["--num-tasks", "5", "--samples", "3", "--alpha", "0.1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tasks", "none.npz", *BUDGET], "file is none.npz, which does not exist or is not a file"),
        (["--data", "none.csv", *BUDGET], "file none.csv cannot be read as CSV"),
        (["--data", "raw.csv", *BUDGET], "file raw.csv has no column 'task'; its columns are a, b"),
        (["--data", "raw.csv", "--task", "a", "--response", "b", *BUDGET], "file raw.csv has no column of features beside"),
        (["--data", "words.csv", *BUDGET], "file words.csv, row 2: column 'x' has 'one', not a number"),
        (["--data", "short.csv", *BUDGET], "file short.csv, row 2: column 'x' has nothing, not a number"),
        (["--data", "two.csv", *BUDGET], "the data have 2 tasks; a bootstrap over tasks needs at least 3"),
        (["--data", "few.csv", *BUDGET], "task a has 2 samples; with 1 features it needs at least 3"),
        (
            ["--data", "three.csv", *BUDGET[:2], "--samples", "4", *BUDGET[4:]],
            "--samples is 4, but task a has 6 samples; each must",
        ),
        (["--data", "shapes.npz", *BUDGET], "file shapes.npz: task, response and features have shapes (3,), (2,) and (3, 1)"),
        (["--example", *BUDGET[:-1], "nan"], "--alpha is nan; it must be a finite number"),
        (["--example", *BUDGET, "--level", "2"], "--level is 2; it must lie between 0 and 1"),
        (["--example", *BUDGET, "--resamples", "1"], "--resamples is 1; it must be at least 2"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw.csv").write_text("a,b\n1,2\n")
    (tmp_path / "words.csv").write_text("task,response,x\na,1,one\n")
    (tmp_path / "short.csv").write_text("task,response,x\na,1\n")
    rows = [f"{task},{i * i},{i}" for task in "ab" for i in range(6)]
    (tmp_path / "two.csv").write_text("\n".join(["task,response,x", *rows]))
    three = [f"{task},{i * i},{i}" for task in "abc" for i in range(6)]
    (tmp_path / "three.csv").write_text("\n".join(["task,response,x", *three]))
    few = [f"{task},{i * i},{i}" for task in "abc" for i in range(2)]
    (tmp_path / "few.csv").write_text("\n".join(["task,response,x", *few]))
    np.savez(tmp_path / "shapes.npz", task=[1, 2, 3], response=[1.0, 2.0], features=[1.0, 2.0, 3.0])
    assert decide.main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"verify.decide: {message}")
    assert printed.err.count("\n") == 1


def test_dependent_features_are_named():
    x = [np.array([[i, 2.0 * i] for i in range(6)]) for _ in range(3)]
    with pytest.raises(UsageError, match="task b has linearly dependent features; its optimum is not determined"):
        task_moments(TaskData(["b", "c", "d"], x, [np.arange(6.0)] * 3))


def test_a_source_of_tasks_has_to_be_named(capsys):
    with pytest.raises(SystemExit) as left:
        decide.main(BUDGET)
    assert left.value.code == 2
    assert capsys.readouterr().err == "verify.decide: one of the arguments --tasks --data --example is required\n"
