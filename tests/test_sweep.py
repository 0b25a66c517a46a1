"""Sweeps: threads, a real cluster of worker processes, one of them killed in the middle, and an interrupted run that goes on
all give the same bits."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numerics as nx
from verify import sweep as command
from verify.shell.usage_error import UsageError
from verify.simulation.phase_prediction import confronted, predicted
from verify.simulation.sweep_grid import jobs_of, sweep
from verify.simulation.sweep_jobs import Job

xarray = pytest.importorskip("xarray")
pytest.importorskip("zarr")
distributed = pytest.importorskip("distributed")

GRID = {"num_tasks": (2, 30), "samples": (1, 6), "alphas": (0.1, 0.5), "datasets": 120}
JOBS = jobs_of([1, 2], [1.0, 2.0], ["gaussian"], [0, 1, 2], **GRID)


@pytest.fixture(scope="module")
def expected():
    return sweep(JOBS, workers=1)


def test_each_place_of_a_sweep_is_the_diagram_of_its_parameters(expected):
    assert dict(expected.sizes) == {"p": 2, "beta": 2, "features": 1, "seed": 3, "M": 2, "N": 2, "alpha": 2} | {
        name: expected.sizes[name] for name in ("stage", "estimator", "quantile")
    }
    tasks = nx.SpectrumTiedTasks(2, 1.0)
    grid = [2, 30], [1, 6], [0.1, 0.5]
    alone = confronted(nx.phase_diagram(tasks, *grid, 120, 1), predicted(tasks, *grid))
    found = expected.sel(p=2, beta=1.0, features="gaussian", seed=1)
    for name in alone.data_vars:
        np.testing.assert_array_equal(found[name].values, alone[name].values)
        assert found[name].attrs["long_name"]
    assert not np.array_equal(found.post.values, expected.sel(p=2, beta=2.0, features="gaussian", seed=1).post.values)
    assert expected.attrs["datasets"] == 120


def test_threads_change_no_bit(expected):
    xarray.testing.assert_identical(sweep(JOBS, workers=4), expected)


class Cluster:
    """A scheduler and worker processes of one thread each, started as a user starts them."""

    def __init__(self, workers):
        root = str(Path(nx.__file__).parents[1])
        self.environment = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
        self.processes = []
        words = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        self.scheduler = self._start(words, stderr=subprocess.PIPE)
        for line in self.scheduler.stderr:
            if "Scheduler at:" in line:
                self.address = line.split("Scheduler at:")[1].strip()
                break
        self.workers = [self._worker() for _ in range(workers)]

    def _start(self, words, **streams):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | streams
        process = subprocess.Popen([sys.executable, *words], env=self.environment, text=True, **quiet)
        self.processes.append(process)
        return process

    def _worker(self):
        words = ["-m", "distributed.cli.dask_worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard"]
        return self._start(words)

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.scheduler.stderr.close()


@pytest.fixture(scope="module")
def cluster():
    made = Cluster(workers=2)
    yield made
    made.close()


def test_a_cluster_with_a_worker_killed_in_the_middle_changes_no_bit(cluster, expected):
    seen = []

    def kill_one(done, total):
        seen.append(done)
        if done == 3:
            cluster.workers[0].send_signal(signal.SIGKILL)
            cluster.workers[0].wait()

    found = sweep(JOBS, scheduler=cluster.address, done=kill_one)
    assert cluster.workers[0].returncode == -signal.SIGKILL
    assert cluster.workers[1].poll() is None
    assert seen == list(range(len(JOBS) + 1))
    xarray.testing.assert_identical(found, expected)


def test_the_command_gives_the_same_file_on_the_cluster_and_on_threads(cluster, tmp_path, capsys):
    words = ["--dims", "1", "--seeds", "0,1", "--num-tasks", "2,30", "--samples", "1,6", "--datasets", "50"]
    assert command.main([*words, "--scheduler", cluster.address, "--out", str(tmp_path / "a")]) == 0
    assert command.main([*words, "--jobs", "1", "--out", str(tmp_path / "b")]) == 0
    one, two = (xarray.open_dataset(tmp_path / name / "sweep.nc", engine="h5netcdf").load() for name in "ab")
    xarray.testing.assert_identical(one, two)
    for file in (one, two):
        file.close()
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["p", "beta", "features", "alpha", "MAML", "wins", "misled"]
    assert len([line for line in table if "gaussian" in line]) == 2 * 3


def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path, expected, monkeypatch):
    def interrupt(done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(JOBS, workers=1, store=tmp_path / "jobs.zarr", done=interrupt)
    ran, original = [], Job.run
    monkeypatch.setattr(Job, "run", lambda job: (ran.append(job.name), original(job))[1])
    found = sweep(JOBS, workers=1, store=tmp_path / "jobs.zarr")
    assert len(ran) == len(JOBS) - 5
    xarray.testing.assert_identical(found, expected)
    sweep(JOBS, workers=1, store=tmp_path / "jobs.zarr")
    assert len(ran) == len(JOBS) - 5
    with pytest.raises(UsageError, match=r"holds datasets = 120, not 7; a sweep goes on with the same grid only"):
        sweep(jobs_of([1], [1.0], ["gaussian"], [0], **{**GRID, "datasets": 7}), store=tmp_path / "jobs.zarr")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds", "1,1"], "--seeds is 1,1; it must be different values"),
        (["--dims", "0"], "dim is 0; it must be a whole number, at least 1"),
        (["--features", "cauchy"], "features is 'cauchy'; it must be one of gaussian, sphere, student_t"),
        (["--jobs", "-1"], "--jobs is -1; it must be at least 1"),
        (["--alphas", "0.1,0.1"], "--alphas is 0.1,0.1; it must be different values"),
        (["--alphas", "1e200"], "alpha is 1e+200; it must be so small that the moments of these tasks fit into doubles"),
        (["--scheduler", "foo"], "--scheduler is 'foo', where no Dask scheduler answers"),
        (["--scheduler", "nonsense://x"], "--scheduler is 'nonsense://x', where no Dask scheduler answers"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(arguments, message, tmp_path, capsys):
    assert command.main([*arguments, "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"verify.sweep: {message}")
    assert printed.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
