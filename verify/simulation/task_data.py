"""Raw regression data of many tasks: from files, and the panel that the example runs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.shell.command_line import needed
from verify.shell.usage_error import UsageError
from verify.simulation.tables import LARGEST, TABLES, columns, kind_of, read_table
from verify.simulation.task_files import dataset_arrays, read_arrays

Array = NDArray[np.float64]

#: share of a number's size below which what is left of it beside a mean has too few digits
RESOLVED = 1e-11


@dataclass(frozen=True)
class TaskData:
    """Regression data of many tasks.

    Parameters
    ----------
    names : sequence of str
        The tasks'.
    features : sequence of arrays (n_i, p)
    responses : sequence of arrays (n_i,)
    centred : bool
        Whether each task's means were taken off, which costs it a degree of freedom; the rest is scaled up to make up for it.
    notes : sequence of str
        What its reader did with it that a user should know.
    """

    names: Sequence[str]
    features: Sequence[Array]
    responses: Sequence[Array]
    centred: bool = False
    notes: Sequence[str] = ()


def read_data(source: Any, task: str, response: str, features: Sequence[str] | None, centre: bool = True) -> TaskData:
    """Regression data from a table with a header, from arrays, or from a frame or data set at hand.

    Parameters
    ----------
    source : str, path, pandas.DataFrame or xarray.Dataset
        A table (``.csv``, ``.tsv``, either of them compressed, ``.parquet``, a frame, or a data set without `features`), whose
        columns are named by the other arguments; or arrays (``.npz``, ``.nc``, ``.netcdf``, or a data set) ``task`` (s,),
        ``response`` (s,) and ``features`` (s, p) over all samples s, or ``task`` (n,), ``response`` (n, m) and ``features``
        (n, m, p) by task.
    task, response : str
        Columns that say which task a row belongs to, and its response.
    features : sequence of str, optional
        The columns of features; all other columns if not given.
    centre : bool
        Whether to take off each task's means: an intercept of its own for each task.

    Raises
    ------
    UsageError
        If the file cannot be read, a column is missing or not numeric, or numbers are so large or so close to each other that
        an answer would mean nothing.

    Examples
    --------
    >>> import pandas
    >>> frame = pandas.DataFrame({"firm": ["a", "a", "b", "b"], "out": [0.0, 2.0, 1.0, 1.0], "in": [1.0, 3.0, 5.0, 9.0]})
    >>> read_data(frame, "firm", "out", None).names
    ['a', 'b']
    """
    name, found = _opened(source)
    if isinstance(found, dict):
        labels, matrix, column = _arrays(found, name)
        notes: tuple[str, ...] = ()
    else:
        labels, matrix, column, notes = columns(found, name, task, response, features)
    for what, values in (("feature", matrix), ("response", column)):
        if not np.isfinite(values).all():
            raise UsageError(f"{name}: a {what} is not finite")
        if values.size and np.abs(values).max() > LARGEST:
            raise UsageError(f"{name}: a {what} is {np.abs(values).max():.3g} in size; numbers above {LARGEST:g} are refused")
    return replace(_distinct(grouped(labels, matrix, column, centre, scale=False), matrix, column, name), notes=notes)


def _opened(source: Any) -> tuple[str, Any]:
    """What a source is called, and its frame or its arrays by name."""
    kind = type(source).__module__.partition(".")[0]
    if kind == "pandas":
        return "the frame", source
    if kind == "xarray":
        if "features" in source.variables:
            return "the data set", dataset_arrays(source, ("task", "response", "features"))
        return "the data set", source.to_dataframe().reset_index()
    if not isinstance(source, (str, Path)):
        raise UsageError(
            f"data is a {type(source).__name__}; it must be a file's path, a pandas DataFrame or an xarray Dataset"
        )
    path = Path(source)
    if kind_of(path) in TABLES:
        return f"file {path}", read_table(path)
    return f"file {path}", read_arrays(path, ("task", "response", "features"), others=TABLES)


def _arrays(arrays: dict[str, NDArray[Any]], name: str) -> tuple[NDArray[Any], Array, Array]:
    try:
        matrix = np.asarray(arrays["features"], dtype=np.float64)
        column = np.asarray(arrays["response"], dtype=np.float64)
    except ValueError:
        raise UsageError(f"{name}: features and response must be numbers") from None
    labels = arrays["task"]
    shapes = labels.shape, column.shape, matrix.shape
    if (
        labels.ndim == 1
        and column.ndim == 2
        and matrix.ndim == 3
        and matrix.shape[:2] == column.shape == (*labels.shape, column.shape[1])
    ):
        # by task: every task with as many samples
        labels = np.repeat(labels, column.shape[1])
        matrix, column = matrix.reshape(len(labels), -1), column.reshape(-1)
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if labels.ndim != 1 or column.shape != labels.shape or matrix.ndim != 2 or matrix.shape[:1] != labels.shape:
        raise UsageError(
            f"{name}: task, response and features have shapes {shapes[0]}, {shapes[1]} and {_at_least_two(shapes[2])}; "
            "they must be (s,), (s,) and (s, p)"
        )
    return labels, matrix, column


def _at_least_two(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape, 1) if len(shape) == 1 else shape


def _distinct(data: TaskData, features: Array, responses: Array, name: str) -> TaskData:
    """The data in units of their root mean squares, if what is left beside the means is more than rounding."""
    if data.centred and data.names:
        left = np.concatenate([*data.features]), np.concatenate([*data.responses])
        for what, raw, rest in (("feature", features, left[0]), ("response", responses[:, None], left[1][:, None])):
            size, kept = np.abs(raw).max(axis=0), np.abs(rest).max(axis=0)
            if np.any((kept > 0) & (kept < RESOLVED * size)):
                raise UsageError(
                    f"{name}: a {what} of size {size.max():.3g} varies within tasks by {kept[kept > 0].min():.3g} only, "
                    "of which doubles hold no digits; take off a constant before writing it"
                )
    return _scaled(data)


def grouped(labels: NDArray[Any], features: Array, responses: Array, centre: bool = True, scale: bool = True) -> TaskData:
    """Data by task, in the order in which tasks appear.

    Parameters
    ----------
    labels : array (s,)
    features : array (s, p)
    responses : array (s,)
    centre : bool
        Whether to take off each task's means.
    scale : bool
        Whether to divide each feature, and the response, by its root mean square over all samples, so that rates have a scale.

    Examples
    --------
    >>> data = grouped(np.array(["a", "a", "b", "b"]), np.array([[1.0], [3.0], [5.0], [9.0]]), np.array([0.0, 2.0, 1.0, 1.0]))
    >>> data.names, data.features[1].round(3).ravel().tolist()
    (['a', 'b'], [-1.265, 1.265])
    """
    if not len(labels):
        raise UsageError("the data have no row; a bootstrap over tasks needs at least 3 tasks")
    names = list(dict.fromkeys(labels.tolist()))
    features, responses = features.astype(np.float64), responses.astype(np.float64)
    groups = [labels == name for name in names]
    if centre:
        for group in groups:
            # a centred sample has (n - 1)/n of the variance
            grow = np.sqrt(group.sum() / max(group.sum() - 1, 1))
            features[group] = grow * (features[group] - features[group].mean(axis=0))
            responses[group] = grow * (responses[group] - responses[group].mean())
    data = TaskData([str(name) for name in names], [features[g] for g in groups], [responses[g] for g in groups], centre)
    return _scaled(data) if scale else data


def _scaled(data: TaskData) -> TaskData:
    """Each feature, and the response, divided by its root mean square over all samples."""
    if not data.names:
        return data
    features, responses = np.concatenate([*data.features]), np.concatenate([*data.responses])
    sizes = np.sqrt(np.mean(features**2, axis=0))
    size = np.sqrt(np.mean(responses**2))
    sizes, size = np.where(sizes > 0, sizes, 1.0), size if size > 0 else 1.0
    return replace(data, features=[rows / sizes for rows in data.features], responses=[rows / size for rows in data.responses])


def grunfeld() -> TaskData:
    """Grunfeld's panel: investment of 11 firms in the 20 years 1935 to 1954, by market value and capital; a firm is a task.

    The classic example of regressions whose coefficients differ between groups; public domain, shipped by statsmodels.

    Raises
    ------
    UsageError
        If statsmodels is not installed (extra ``data``).
    """
    needed("data", "the example", "statsmodels")
    from statsmodels.datasets import grunfeld as panel

    table = panel.load_pandas().data
    features = table[["value", "capital"]].to_numpy(np.float64)
    return grouped(np.asarray(table["firm"].tolist()), features, table["invest"].to_numpy(np.float64))
