"""Tasks from files: what was written is what is read, in both formats; whatever is wrong is said in one sentence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from verify.shell.usage_error import UsageError
from verify.simulation.task_files import read_tasks

xarray = pytest.importorskip("xarray")
pytest.importorskip("h5netcdf")

SIZES = st.floats(-5, 5, allow_subnormal=False)


def written(folder, kind, content):
    path = folder / f"tasks.{kind}"
    if kind == "npz":
        np.savez(path, **content)
    else:
        dims = {"hessians": ("task", "row", "column"), "optima": ("task", "row")}
        names = {name: dims.get(name, ("task",))[: np.ndim(value)] for name, value in content.items()}
        xarray.Dataset({name: (names[name], value) for name, value in content.items()}).to_netcdf(path, engine="h5netcdf")
    return path


@pytest.mark.parametrize("kind", ["npz", "nc"])
@settings(max_examples=15)
@given(st.integers(1, 4), st.integers(1, 3), st.data())
def test_what_was_written_is_read(tmp_path_factory, kind, n, p, data):
    half = data.draw(arrays.arrays(float, (n, p, p), elements=SIZES))
    chances = data.draw(arrays.arrays(float, n, elements=st.floats(0.1, 1)))
    content = {
        "weights": chances / chances.sum(),
        "hessians": half @ half.swapaxes(1, 2),
        "optima": data.draw(arrays.arrays(float, (n, p), elements=SIZES)),
        "noise_variances": data.draw(arrays.arrays(float, n, elements=st.floats(0, 2, allow_subnormal=False))),
    }
    tasks = read_tasks(written(tmp_path_factory.mktemp("tasks"), kind, content), features="sphere")
    for name, value in content.items():
        np.testing.assert_array_equal(getattr(tasks, name), value)
    assert tasks.features.name == "sphere"


@pytest.mark.parametrize("kind", ["npz", "nc"])
def test_what_is_left_out_has_its_default(tmp_path, kind):
    tasks = read_tasks(written(tmp_path, kind, {"hessians": [1.0, 2.0, 3.0], "optima": [0.0, 1.0, 2.0]}))
    assert tasks.dimension == 1
    np.testing.assert_allclose(tasks.weights, 1 / 3)
    np.testing.assert_array_equal(tasks.noise_variances, 0)


GOOD = {"hessians": [1.0, 2.0], "optima": [0.0, 1.0]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"optima": [0.0]}, "has the arrays optima; it needs hessians as well"),
        ({**GOOD, "hessian": [1.0]}, "has an array hessian, which has no meaning here; known are hessians, optima, weights"),
        ({**GOOD, "weights": [0.5, 0.6]}, "weights sums to 1.1; probabilities must sum to one"),
        ({**GOOD, "optima": [0.0, 1.0, 2.0]}, r"optima has shape \(3, 1\); with hessians of shape \(2, 1, 1\) it must"),
        ({**GOOD, "hessians": [1.0, -2.0]}, r"hessians\[1\] has the eigenvalue -2; it must be positive semi-definite"),
        ({**GOOD, "hessians": ["a", "b"]}, "hessians is not an array of real numbers"),
        ({**GOOD, "hessians": np.empty(0)}, r"hessians has shape \(0, 1, 1\)"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, content, message):
    with pytest.raises(UsageError, match=message) as caught:
        read_tasks(written(tmp_path, "npz", content))
    assert str(tmp_path / "tasks.npz") in str(caught.value)


@pytest.mark.parametrize("suffix", ["npz", "nc"])
@pytest.mark.parametrize("content", [b"", b"no arrays at all", b"PK\x03\x04 truncated"])
def test_a_file_of_something_else_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"tasks.{suffix}"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="cannot be read as"):
        read_tasks(path)


def test_a_file_that_is_not_there_or_of_no_known_kind_is_refused(tmp_path):
    with pytest.raises(UsageError, match="which does not exist or is not a file"):
        read_tasks(tmp_path / "none.npz")
    with pytest.raises(UsageError, match=r"must be one of arrays, ending in \.npz, \.nc, \.netcdf"):
        read_tasks(tmp_path / "tasks.csv")
    np.save(tmp_path / "bare.npy", np.ones(3))
    (tmp_path / "bare.npy").rename(tmp_path / "bare.npz")
    with pytest.raises(UsageError, match="holds one bare array"):
        read_tasks(tmp_path / "bare.npz")


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "tasks.npz", hessians=np.array([{}], dtype=object), optima=[0.0])
    with pytest.raises(UsageError, match="cannot be read as npz"):
        read_tasks(tmp_path / "tasks.npz")
