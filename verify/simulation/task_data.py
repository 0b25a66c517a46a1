"""Raw regression data of many tasks: from files, and the panel that the example runs on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.shell.command_line import needed
from verify.shell.usage_error import UsageError
from verify.simulation.task_files import read_arrays

Array = NDArray[np.float64]


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
    """

    names: Sequence[str]
    features: Sequence[Array]
    responses: Sequence[Array]
    centred: bool = False


def read_data(path: str | Path, task: str, response: str, features: Sequence[str] | None, centre: bool = True) -> TaskData:
    """Regression data from a CSV file with a header, or from an npz or netCDF file.

    Parameters
    ----------
    path : str or path
        A ``.csv`` whose columns are named by the other arguments; or arrays ``task`` (s,), ``response`` (s,) and ``features``
        (s, p) over all samples s.
    task, response : str
        Columns that say which task a row belongs to, and its response.
    features : sequence of str, optional
        The columns of features; all other columns if not given.
    centre : bool
        Whether to take off each task's means: an intercept of its own for each task.

    Raises
    ------
    UsageError
        If the file cannot be read, or a column is missing or not numeric.
    """
    path = Path(path)
    if path.suffix == ".csv":
        labels, matrix, column = _from_csv(path, task, response, features)
    else:
        arrays = read_arrays(path, ("task", "response", "features"))
        try:
            matrix = np.atleast_2d(np.asarray(arrays["features"], dtype=np.float64).T).T
            column = np.asarray(arrays["response"], dtype=np.float64)
        except ValueError:
            raise UsageError(f"file {path}: features and response must be numbers") from None
        labels = arrays["task"]
        if labels.ndim != 1 or column.shape != labels.shape or matrix.shape[:-1] != labels.shape:
            raise UsageError(
                f"file {path}: task, response and features have shapes {labels.shape}, {column.shape} and {matrix.shape}; "
                "they must be (s,), (s,) and (s, p)"
            )
    if not (np.isfinite(matrix).all() and np.isfinite(column).all()):
        raise UsageError(f"file {path}: a feature or response is not finite")
    return grouped(labels, matrix, column, centre)


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
    if scale:
        sizes = np.sqrt(np.mean(features**2, axis=0))
        size = np.sqrt(np.mean(responses**2))
        features /= np.where(sizes > 0, sizes, 1.0)
        responses /= size if size > 0 else 1.0
    return TaskData([str(name) for name in names], [features[g] for g in groups], [responses[g] for g in groups], centre)


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


def _from_csv(path: Path, task: str, response: str, features: Sequence[str] | None) -> tuple[NDArray[Any], Array, Array]:
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            header, *rows = [row for row in csv.reader(stream) if row] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"file {path} cannot be read as CSV: {' '.join(str(error).split())}") from None
    chosen = list(features) if features is not None else [name for name in header if name not in (task, response)]
    for name in (task, response, *chosen):
        if name not in header:
            raise UsageError(f"file {path} has no column {name!r}; its columns are {', '.join(header) or '(none)'}")
    if not chosen:
        raise UsageError(f"file {path} has no column of features beside {task!r} and {response!r}")
    places = [header.index(name) for name in (response, *chosen)]
    values = np.empty((len(rows), len(places)))
    for number, row in enumerate(rows):
        for i, place in enumerate(places):
            try:
                values[number, i] = float(row[place])
            except (ValueError, IndexError):
                found = repr(row[place]) if place < len(row) else "nothing"
                raise UsageError(f"file {path}, row {number + 2}: column {header[place]!r} has {found}, not a number") from None
    labels = np.array([row[header.index(task)] if header.index(task) < len(row) else "" for row in rows])
    return labels, values[:, 1:], values[:, 0]
