"""Data from tables of every kind are the same data; an index is no feature; whatever is wrong is said in one sentence."""

import gzip
import re

import numpy as np
import pytest

from verify import decide
from verify.shell.usage_error import UsageError
from verify.simulation.moment_estimates import task_moments
from verify.simulation.task_data import grouped, read_data
from verify.simulation.task_files import read_tasks

pandas = pytest.importorskip("pandas")
xarray = pytest.importorskip("xarray")

RNG = np.random.default_rng(0)
LABELS = np.repeat(["north", "south", "east"], 6)
X, Y = RNG.standard_normal((18, 2)), RNG.standard_normal(18)
FRAME = pandas.DataFrame({"task": LABELS, "response": Y, "one": X[:, 0], "two": X[:, 1]})
EXPECTED = task_moments(grouped(LABELS, X, Y))


def written(path, ending):
    if ending == "byte-order mark":
        path = path / "data.csv"
        FRAME.to_csv(path, index=False, encoding="utf-8-sig")
    elif ending == "with an index":
        path = path / "data.csv"
        FRAME.to_csv(path)
    elif ending == "with an index from one":
        path = path / "data.csv"
        FRAME.set_axis(range(1, 19)).to_csv(path)
    elif ending.lower().endswith("parquet"):
        pytest.importorskip("pyarrow")
        path = path / ending
        FRAME.to_parquet(path)
    elif ending == "spaces.csv":
        path = path / ending
        path.write_text(FRAME.to_csv(index=False).replace(",", ", "))
    else:
        path = path / ending
        text = FRAME.to_csv(index=False, sep="\t" if ".tsv" in ending.lower() else ",").encode()
        path.write_bytes(gzip.compress(text) if ending.lower().endswith(".gz") else text)
    return path


KINDS = [
    "data.csv",
    "DATA.CSV",
    "data.tsv",
    "data.csv.gz",
    "Data.TSV.GZ",
    "spaces.csv",
    "data.parquet",
    "DATA.PARQUET",
    "byte-order mark",
    "with an index",
    "with an index from one",
]


@pytest.mark.parametrize("ending", KINDS)
def test_every_kind_of_table_holds_the_same_data(tmp_path, ending):
    data = read_data(written(tmp_path, ending), "task", "response", None)
    assert list(data.names) == ["north", "south", "east"]
    np.testing.assert_array_equal(task_moments(data), EXPECTED)
    assert bool(data.notes) == ("index" in ending)


def test_frames_and_data_sets_at_hand_are_the_same_data():
    long = xarray.Dataset({"response": ("row", Y), "features": (("row", "column"), X)}, coords={"task": ("row", LABELS)})
    by_task = xarray.Dataset(
        {"response": (("task", "sample"), Y.reshape(3, 6)), "features": (("task", "sample", "column"), X.reshape(3, 6, 2))},
        coords={"task": ["north", "south", "east"]},
    )
    tidy = FRAME.to_xarray().drop_vars("index")
    for source in (FRAME, FRAME.set_index("task"), FRAME.set_index(["task", "one"]), long, by_task, tidy):
        data = read_data(source, "task", "response", ["one", "two"])
        assert sorted(data.names) == ["east", "north", "south"]
        np.testing.assert_array_equal(task_moments(data), EXPECTED)


@pytest.mark.parametrize("name", ["raw.nc", "RAW.NC", "raw.netcdf"])
def test_netcdf_with_tasks_as_a_coordinate(tmp_path, name):
    pytest.importorskip("h5netcdf")
    xarray.Dataset(
        {"response": (("task", "sample"), Y.reshape(3, 6)), "features": (("task", "sample", "column"), X.reshape(3, 6, 2))},
        coords={"task": ["north", "south", "east"], "sample": np.arange(6)},
    ).to_netcdf(tmp_path / name, engine="h5netcdf")
    np.testing.assert_array_equal(task_moments(read_data(tmp_path / name, "task", "response", None)), EXPECTED)


def test_known_tasks_from_a_data_set_and_from_upper_case_files(tmp_path):
    arrays = {"hessians": ("task", [1.0, 3.0]), "optima": ("task", [0.0, 1.0])}
    dataset = xarray.Dataset(arrays, coords={"task": ["a", "b"]})
    with pytest.raises(UsageError, match="the data set has an array task, which has no meaning here"):
        read_tasks(dataset)
    tasks = read_tasks(xarray.Dataset(arrays))
    with (tmp_path / "MINE.NPZ").open("wb") as stream:
        np.savez(stream, hessians=[1.0, 3.0], optima=[0.0, 1.0])
    again = read_tasks(tmp_path / "MINE.NPZ")
    np.testing.assert_array_equal(tasks.hessians, again.hessians)


def test_an_index_is_said_on_screen(tmp_path, capsys):
    words = [
        "--num-tasks",
        "20",
        "--samples",
        "3",
        "--alpha",
        "0.1",
        "--datasets",
        "20",
        "--resamples",
        "2",
        "--columns",
        "one",
    ]
    path = written(tmp_path, "with an index")
    assert decide.main(["--data", str(path), *words]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("note: the first column has no name and counts 0, 1, ...: taken for an index, not for a feature\n")
    assert "p = 1" in shown
    assert decide.main(["--data", str(written(tmp_path, "data.csv")), *words]) == 0
    assert shown.endswith(capsys.readouterr().out)


GOOD = [f"{task},{i * i},{i}" for task in "abc" for i in range(8)]


def table(*rows, header="task,response,x"):
    return "\n".join([header, *(rows or GOOD)]) + "\n"


REFUSED = {
    "doubled names": (table("a,1,2,3", header="task,response,x,x"), "has 2 columns 'x'; names of columns must differ"),
    "doubled tasks": (table("a,b,1,2", header="task,task,response,x"), "has 2 columns 'task'; names of columns must differ"),
    "no name": (table("7,a,1,2", header=",task,response,x"), "has a column without a name that does not count its rows"),
    "a name too few": (table("0,a,1,2"), "cannot be read as CSV"),
    "a field too many": (table("a,1,2", "a,1,2,3"), "cannot be read as CSV: Error tokenizing"),
    "a field too few": (table("a,1"), "row 2: column 'x' has nothing, not a number"),
    "no task": (table("a,1,2", ",1,2"), "column 'task' has nothing in a row"),
    "text": (table("a,1,2", "a,1,two"), "row 3: column 'x' has 'two', not a number"),
    "missing": (table("a,1,2", "a,,2"), "row 3: column 'response' has nothing, not a number"),
    "not a number": (table("a,1,nan"), "a feature is not finite"),
    "infinite": (table("a,inf,1"), "a response is not finite"),
    "huge": (table("a,1,1e200"), r"a feature is 1e\+200 in size; numbers above 1e\+100 are refused"),
    "without digits": (
        table(*(f"{t},{i * i},{1e17 + 16 * i:.0f}" for t in "abc" for i in range(8))),
        r"a feature of size 1e\+17 varies within tasks by .* only, of which doubles hold no digits",
    ),
    "empty": ("", "cannot be read as CSV: No columns"),
    "only a header": ("task,response,x\n", "the data have no row; a bootstrap over tasks needs at least 3 tasks"),
    "another column": (table(header="task,y,x"), "has no column 'response'; its columns are task, y, x"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_wrong_with_a_table_is_one_sentence(tmp_path, monkeypatch, capsys, kind):
    text, message = REFUSED[kind]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text(text)
    words = ["--num-tasks", "20", "--samples", "3", "--alpha", "0.1", "--datasets", "20", "--resamples", "2"]
    assert decide.main(["--data", "mine.csv", *words]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert re.search(message, shown.err), shown.err


def test_other_sources_are_refused(tmp_path):
    (tmp_path / "bad.csv.gz").write_bytes(b"not compressed")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00task")
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    for name, message in (
        ("bad.csv.gz", "cannot be read as CSV"),
        ("bad.csv", "cannot be read as CSV"),
        ("bad.parquet", "cannot be read as parquet"),
        ("bad.xlsx", r"must be a table, ending in .csv, .tsv, .parquet, or one of arrays, ending in .npz"),
    ):
        with pytest.raises(UsageError, match=message):
            read_data(tmp_path / name, "task", "response", None)
    with pytest.raises(UsageError, match="data is a list; it must be a file's path, a pandas DataFrame or an xarray Dataset"):
        read_data([1, 2], "task", "response", None)
