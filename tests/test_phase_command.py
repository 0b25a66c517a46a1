"""python -m verify.phase: simulation and prediction meet in its files, its figure shows them, a second run computes nothing
twice, and the normal law is marked where it misleads and nowhere else."""

import builtins
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import numerics as nx
from verify import phase
from verify.simulation.normal_law import normal_law
from verify.simulation.phase_prediction import LEVEL, confronted, departures, predicted
from verify.simulation.phase_tables import tables

xarray = pytest.importorskip("xarray")
pytest.importorskip("zarr")
pytest.importorskip("h5netcdf")
pytest.importorskip("matplotlib")

SMALL = ["--num-tasks", "2,10,60", "--samples", "1,5,40", "--alphas", "0.1,0.75", "--datasets", "300", "--jobs", "1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("phase")
    assert phase.main([*SMALL, "--out", str(made)]) == 0
    return made


def test_the_files_hold_simulation_and_prediction(folder):
    with xarray.open_dataset(folder / "phase.nc", engine="h5netcdf") as file:
        result = file.load()
    diagram = nx.phase_diagram(nx.SpectrumTiedTasks(), [2, 10, 60], [1, 5, 40], [0.1, 0.75], 300, 0)
    np.testing.assert_array_equal(result.post, diagram.post)
    np.testing.assert_array_equal(result.pre, diagram.pre)
    for j, samples in enumerate([1, 5, 40]):
        law = normal_law(nx.SpectrumTiedTasks(), 0.75, samples)
        np.testing.assert_array_equal(result.predicted_post[:, j, 1], law.win_probability([2, 10, 60], 1))
        assert float(result.crossover.sel(stage="post")[j, 1]) == law.crossover(1)
    stored = xarray.open_zarr(folder / "phase.zarr", group="confronted", consolidated=False).load()
    xarray.testing.assert_equal(stored, result)
    assert result.attrs["seed"] == 0
    assert any(word.startswith("numpy ") for word in result.attrs["versions"])


def test_the_normal_law_is_marked_where_it_misleads(folder):
    with xarray.open_dataset(folder / "phase.nc", engine="h5netcdf") as file:
        result = file.load()
    listed = {(cell.stage, cell.alpha, cell.num_tasks, cell.samples) for cell in departures(result)}
    expected = set()
    for stage in ("pre", "post"):
        for m, num_tasks in enumerate(result.M.values):
            for j, samples in enumerate(result.N.values):
                for a, alpha in enumerate(result.alpha.values):
                    chance = float(result[f"predicted_{stage}"][m, j, a])
                    value = stats.binom.cdf(wins := round(300 * float(result[stage][m, j, a])), 300, chance)
                    if 2 * min(value, stats.binom.sf(wins - 1, 300, chance)) < LEVEL / 36:
                        expected.add((stage, float(alpha), int(num_tasks), int(samples)))
    assert listed == expected
    assert ("post", 0.75, 60, 1) in listed, "one sample in the inner step at a large rate is far from normal"
    lines = (folder / "misleading.csv").read_text().splitlines()
    assert lines[0] == "stage,alpha,num_tasks,samples,simulated,predicted,p_value"
    assert len(lines) == 1 + len(listed)
    assert (folder / "gaps.txt").read_text() == tables(result)
    assert (folder / "gaps.txt").read_text().count("*") == len(listed) + 1


def test_simulated_fractions_of_the_normal_law_itself_are_hardly_ever_marked():
    """The control of the marks: data sets drawn from the prediction."""
    tasks, grid = nx.SpectrumTiedTasks(), ([2, 20, 200], [1, 10], [0.1, 0.75])
    diagram = nx.phase_diagram(tasks, *grid, 1000, 0)
    prediction = predicted(tasks, *grid)
    rng, marked = np.random.default_rng(0), 0
    for _ in range(40):
        for stage, chance in zip(("pre", "post"), prediction.chances, strict=True):
            diagram[stage].values[:] = rng.binomial(1000, chance) / 1000
        marked += bool(departures(confronted(diagram, prediction)))
    assert marked <= 3  # each run has a chance of 1 % at most; four or more of 40 have one of 1e-3


def test_the_figure_is_a_picture_with_every_panel(folder):
    import matplotlib.image

    picture = matplotlib.image.imread(folder / "phase.png")
    assert min(picture.shape[:2]) > 500
    assert len(np.unique(picture.reshape(-1, picture.shape[-1]), axis=0)) > 50
    drawing = (folder / "phase.svg").read_text()
    assert drawing.startswith("<?xml")
    assert drawing.count('id="axes_') == 5  # four panels and the bar


def test_a_second_run_computes_nothing_twice_and_writes_the_same(folder, monkeypatch, capsys):
    before = {name: (folder / name).read_bytes() for name in ("phase.svg", "gaps.txt", "misleading.csv")}
    from numerics.estimators import Experiment

    def again(self, number):
        raise AssertionError("a chunk is computed again")

    with monkeypatch.context() as patch:
        patch.setattr(Experiment, "chunk", again)
        assert phase.main([*SMALL, "--out", str(folder)]) == 0
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert "MAML wins" in capsys.readouterr().out


def test_own_tasks_in_another_dimension(tmp_path, capsys):
    rng = np.random.default_rng(0)
    half = rng.standard_normal((3, 2, 2))
    hessians, optima = half @ half.swapaxes(1, 2), rng.standard_normal((3, 2))
    np.savez(tmp_path / "mine.npz", hessians=hessians, optima=optima, noise_variances=0.1)
    arguments = ["--tasks", str(tmp_path / "mine.npz"), "--num-tasks", "1,30", "--samples", "1,9", "--alphas", "0.2"]
    arguments += ["--datasets", "40", "--independent", "--features", "sphere", "--out", str(tmp_path / "out")]
    assert phase.main(arguments) == 0
    with xarray.open_dataset(tmp_path / "out" / "phase.nc", engine="h5netcdf") as result:
        assert result.attrs["features"] == "sphere"
        assert result.attrs["nested"] == 0
        assert np.isnan(result.pre[0, 0, 0])  # one task with one sample inside has no estimate in two dimensions
        assert result.predicted_post.shape == (2, 2, 1)
    assert "-" in (tmp_path / "out" / "gaps.txt").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--num-tasks", "5"], "--num-tasks and --samples must have at least two numbers each, for a figure with two axes"),
        (["--num-tasks", "5,2"], "num_tasks is [5, 2]; it must be a whole number or an increasing sequence of them"),
        (["--dim", "0"], "dim is 0; it must be a whole number, at least 1"),
        (["--beta", "-1"], "beta is -1.0; it must be a positive finite number"),
        (["--features", "student_t", "--df", "4"], "df is 4.0; it must be a finite number above 8, so that features"),
        (["--datasets", "0"], "--datasets is 0; it must be at least 1"),
        (["--jobs", "-2"], "--jobs is -2; it must be at least 1"),
        (["--tasks", "none.npz"], "file is none.npz, which does not exist or is not a file"),
        (["--out", "/dev/null"], "--out is /dev/null, which cannot be made a folder: File exists"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert phase.main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"verify.phase: {message}")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"), [(["--alphas", "a"], "'a' is not a list of numbers"), (["--fast"], "unrecognized")]
)
def test_unknown_words_are_one_sentence_and_status_2(arguments, message, capsys):
    with pytest.raises(SystemExit) as left:
        phase.main(arguments)
    assert left.value.code == 2
    assert message in (printed := capsys.readouterr().err)
    assert printed.startswith("verify.phase: ")
    assert printed.count("\n") == 1


def test_another_seed_in_the_same_folder_is_refused(folder, capsys):
    assert phase.main([*SMALL, "--seed", "1", "--out", str(folder)]) == 2
    assert "holds seed = 0, not 1; a run resumes or is appended to with the same parameters only" in capsys.readouterr().err


def test_a_missing_extra_is_one_sentence(tmp_path, monkeypatch, capsys):
    original = builtins.__import__

    def without_zarr(name, *rest):
        if name.partition(".")[0] == "zarr":
            raise ModuleNotFoundError("No module named 'zarr'", name="zarr")
        return original(name, *rest)

    monkeypatch.setitem(sys.modules, "zarr", None)
    monkeypatch.setattr(builtins, "__import__", without_zarr)
    assert phase.main(["--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == (
        "verify.phase: a phase diagram needs zarr, which is not installed; "
        "python -m pip install -e '.[grid]' in the project's folder installs it\n"
    )
    assert not (tmp_path / "out").exists()


def test_help_imports_no_numerical_library():
    program = (
        "import sys\ntry:\n    from verify import phase; phase.main(['--help'])\nexcept SystemExit: pass\n"
        "assert 'numba' not in sys.modules"
    )
    root = Path(phase.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--num-tasks" in done.stdout
