"""Tables of data by pandas: files of many kinds, and frames of a caller, as named columns of numbers.

Text is read as text and converted here, so that a fault is named by its row and column; what pandas guesses elsewhere (indices,
missing values, doubled names) is said or refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.shell.command_line import needed
from verify.shell.usage_error import UsageError

Array = NDArray[np.float64]

#: endings of files that hold a table of text, with the separator
TEXT = {".csv": ",", ".tsv": "\t"}
#: what text may be compressed by
COMPRESSED = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz"}
#: endings of files that hold a table
TABLES = (*TEXT, ".parquet")
#: numbers beyond this have no square that a sum of squares could hold
LARGEST = 1e100


def kind_of(path: Path) -> str:
    """The ending that says what a file holds, in lower case and without that of its compression.

    Examples
    --------
    >>> kind_of(Path("Firms.CSV.gz")), kind_of(Path("tasks.nc"))
    ('.csv', '.nc')
    """
    endings = [suffix.lower() for suffix in path.suffixes]
    if len(endings) > 1 and endings[-1] in COMPRESSED and endings[-2] in TEXT:
        return endings[-2]
    return endings[-1] if endings else ""


def read_table(path: Path) -> Any:
    """The table of a file, as a frame; text stays text.

    Raises
    ------
    UsageError
        If it cannot be read, or two columns have one name.
    """
    needed("data", f"file {path}", "pandas")
    import pandas

    kind = kind_of(path)
    name = {".csv": "CSV", ".tsv": "tab-separated text", ".parquet": "parquet"}[kind]
    if kind == ".parquet":
        needed("data", f"file {path}", "pyarrow")
    try:
        if kind == ".parquet":
            with path.open("rb") as stream:
                return pandas.read_parquet(stream)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows = pandas.read_csv(
                path,
                sep=TEXT[kind],
                header=None,
                index_col=False,
                dtype=str,
                keep_default_na=False,
                na_values=[],
                skipinitialspace=True,
                encoding="utf-8-sig",
                compression=COMPRESSED.get(path.suffix.lower()),
            )
    except (OSError, ValueError, EOFError, UnicodeError, pandas.errors.ParserError, pandas.errors.ParserWarning) as error:
        raise UsageError(f"file {path} cannot be read as {name}: {' '.join(str(error).split())}") from None
    header = ["" if entry is None or entry != entry else str(entry).strip() for entry in rows.iloc[0]]
    frame = rows.iloc[1:].reset_index(drop=True)
    frame.columns = header
    return frame


def columns(
    frame: Any, source: str, task: str, response: str, features: Sequence[str] | None
) -> tuple[NDArray[Any], Array, Array, tuple[str, ...]]:
    """Labels of tasks (s,), features (s, p) and responses (s,) of a frame, and notes of what was left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        A task may be a level of its index.
    source : str
        What the frame is, for errors.
    task, response : str
        Columns that say which task a row belongs to, and its response.
    features : sequence of str, optional
        The columns of features; all other columns if not given.

    Raises
    ------
    UsageError
        If a column is missing, doubled, unnamed or not numeric.
    """
    levels = [name for name in frame.index.names if name is not None]
    if set(levels) & {task, response, *(features or ())}:
        frame = frame.reset_index()
    frame, notes = _without_index(frame)
    header = [str(name) for name in frame.columns]
    frame = frame.set_axis(header, axis=1)
    doubled = next((name for name in header if header.count(name) > 1), None)
    if doubled is not None:
        raise UsageError(f"{source} has {header.count(doubled)} columns {doubled!r}; names of columns must differ")
    chosen = list(features) if features is not None else [name for name in header if name not in (task, response)]
    for name in (task, response, *chosen):
        if name not in header:
            raise UsageError(f"{source} has no column {name!r}; its columns are {', '.join(header) or '(none)'}")
    if not chosen:
        raise UsageError(f"{source} has no column of features beside {task!r} and {response!r}")
    if "" in chosen:
        raise UsageError(f"{source} has a column without a name that does not count its rows; name it, or choose columns")
    labels = frame[task].to_numpy()
    if any(map(_absent, labels)):
        raise UsageError(f"{source}: column {task!r} has nothing in a row, where it must say which task the row is of")
    values = np.stack([_numeric(frame[name], source) for name in (response, *chosen)], axis=1)
    return labels, values[:, 1:], values[:, 0], notes


def _absent(entry: Any) -> bool:
    return entry is None or bool(entry != entry) or entry == ""


def _without_index(frame: Any) -> tuple[Any, tuple[str, ...]]:
    """Without a first column that has no name and counts the rows: the index of whoever wrote the file."""
    if not len(frame.columns) or str(frame.columns[0]) not in ("", "Unnamed: 0"):
        return frame, ()
    entries = [str(entry).strip() for entry in frame.iloc[:, 0]]
    for first in (0, 1):
        if entries == [str(number) for number in range(first, first + len(entries))]:
            note = f"the first column has no name and counts {first}, {first + 1}, ...: taken for an index, not for a feature"
            return frame.iloc[:, 1:], (note,)
    return frame, ()


def _numeric(column: Any, source: str) -> Array:
    """A column in doubles."""
    values = column.to_numpy()
    if values.dtype.kind in "fiu":
        return np.asarray(values, dtype=np.float64)
    found = np.empty(len(values))
    for number, entry in enumerate(values):
        try:
            found[number] = float(entry)
        except (TypeError, ValueError):
            what = "nothing" if _absent(entry) else repr(entry)
            raise UsageError(f"{source}, row {number + 2}: column {column.name!r} has {what}, not a number") from None
    return found
