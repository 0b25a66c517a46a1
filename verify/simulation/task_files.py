"""A user's own tasks from a file: probabilities, curvatures, optima and noise variances, as npz or netCDF.

The arrays are named as the arguments of :class:`numerics.DiscreteTasks`: ``hessians`` (n, p, p) and ``optima`` (n, p), and
optionally ``weights`` (n,), equal if left out, and ``noise_variances`` (n,) or one number, zero if left out.  At p = 1
``hessians`` and ``optima`` may have shape (n,).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import numerics as nx
from verify.shell.command_line import needed
from verify.shell.usage_error import UsageError

#: names of the arrays of a file of tasks
REQUIRED = ("hessians", "optima")
OPTIONAL = ("weights", "noise_variances")


def read_tasks(path: Any, features: str = "gaussian", df: float = 10.0) -> nx.DiscreteTasks:
    """The tasks of a file.

    Parameters
    ----------
    path : str, path or xarray.Dataset
        A file ending in ``.npz``, ``.nc`` or ``.netcdf``, or a data set with those arrays.
    features, df
        Law of the features, as for :class:`numerics.DiscreteTasks`; a file describes tasks, not features.

    Raises
    ------
    UsageError
        If the file cannot be read, lacks an array, has another one, or the arrays do not describe tasks; one sentence names the
        file and the array.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/mine.npz", hessians=[1.0, 3.0], optima=[0.0, 1.0])
    ...     tasks = read_tasks(f"{folder}/mine.npz")
    >>> tasks.number, tasks.dimension, tasks.weights.tolist()
    (2, 1, [0.5, 0.5])
    """
    if type(path).__module__.partition(".")[0] == "xarray":
        name, arrays = "the data set", dataset_arrays(path, REQUIRED, OPTIONAL)
    else:
        name, arrays = f"file {path}", read_arrays(path, REQUIRED, OPTIONAL)
    hessians, optima = (arrays[name] for name in REQUIRED)
    if hessians.ndim == 1:
        hessians = hessians[:, None, None]
    if optima.ndim == 1:
        optima = optima[:, None]
    # how many tasks there are is for DiscreteTasks to say of arrays of any shape
    number = max(hessians.shape[:1], default=1)
    weights = arrays.get("weights", np.full(number, 1 / max(number, 1)))
    try:
        return nx.DiscreteTasks(weights, hessians, optima, arrays.get("noise_variances", 0.0), features=features, df=df)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{name}: {error}") from None


def read_arrays(
    path: str | Path, required: Collection[str], optional: Collection[str] = (), others: Collection[str] = ()
) -> dict[str, NDArray[Any]]:
    """Named arrays of an npz or netCDF file; `others` are further endings that the caller takes, for the error.

    Raises
    ------
    UsageError
        If the file cannot be read, lacks a required array or has one that is neither required nor optional.
    """
    path = Path(path)
    readers: dict[str, Callable[[Path], dict[str, NDArray[Any]]]] = {".npz": _npz, ".nc": _netcdf, ".netcdf": _netcdf}
    kind = path.suffix.lower()
    if kind not in readers:
        what = f"a table, ending in {', '.join(others)}, or one of arrays" if others else "one of arrays"
        raise UsageError(f"file is {path}; it must be {what}, ending in {', '.join(readers)}")
    if not path.is_file():
        raise UsageError(f"file is {path}, which does not exist or is not a file")
    return _named(f"file {path}", readers[kind](path), required, optional)


def dataset_arrays(dataset: Any, required: Collection[str], optional: Collection[str] = ()) -> dict[str, NDArray[Any]]:
    """Named arrays of an xarray data set; coordinates with these names count, others say nothing.

    Raises
    ------
    UsageError
        As :func:`read_arrays`.
    """
    return _named("the data set", _of_dataset(dataset), required, optional)


def _named(
    name: str, found: dict[str, NDArray[Any]], required: Collection[str], optional: Collection[str]
) -> dict[str, NDArray[Any]]:
    """What has a meaning, complete."""
    missing = [name for name in required if name not in found]
    if missing:
        raise UsageError(f"{name} has the arrays {', '.join(found) or '(none)'}; it needs {', '.join(missing)} as well")
    known = (*required, *optional)
    strange = [name for name in found if name not in known]
    if strange:
        raise UsageError(f"{name} has an array {strange[0]}, which has no meaning here; known are {', '.join(known)}")
    return found


def _npz(path: Path) -> dict[str, NDArray[Any]]:
    try:
        # opened here, since NumPy leaves a file open that turns out to be broken
        with path.open("rb") as stream:
            found = np.load(stream, allow_pickle=False)
            if isinstance(found, np.ndarray):
                raise UsageError(f"file {path} holds one bare array; it must be an npz of named ones, from numpy.savez")
            return dict(found)
    except UsageError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(f"file {path} cannot be read as npz: {' '.join(str(error).split())}") from None


def _netcdf(path: Path) -> dict[str, NDArray[Any]]:
    needed("grid", "a netCDF file", "xarray", "h5netcdf")
    import xarray

    try:
        with xarray.open_dataset(path, engine="h5netcdf") as file:
            return _of_dataset(file)
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"file {path} cannot be read as netCDF: {' '.join(str(error).split())}") from None


def _of_dataset(dataset: Any) -> dict[str, NDArray[Any]]:
    """Variables by name, and of the coordinates ``task``, which says what a row is of."""
    names = [*dataset.data_vars, *(name for name in dataset.coords if name == "task")]
    return {str(name): np.asarray(dataset[name].values) for name in names}
