"""Excess losses of data sets as they come in: kept in memory, or in a zarr store from which an interrupted run resumes.

A store has one array per cell, ``cells/NAME/excess`` with dimensions (stage, estimator, M, alpha, dataset), whose attribute
``completed`` counts the data sets in it; it is raised after they are written, and every file is replaced whole, so that a run
killed at any moment leaves a store that is valid up to that count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: bytes of an array's chunk in a store, and thus roughly the size of its files
FILE_BYTES = 2**22


class Records(Protocol):
    """Where the excess losses (2, 2, m, a, data sets) of cells go."""

    def completed(self, cell: str) -> int:
        """Number of data sets of a cell that are recorded."""

    def room(self, cell: str, leading: tuple[int, ...], first: int, count: int) -> Array:
        """Array (*leading, count) in which to put the data sets from number `first` on before they are appended."""

    def append(self, cell: str, excess: Array) -> None:
        """Record the next data sets of a cell."""

    def read(self, cell: str, datasets: int) -> Array:
        """The first `datasets` data sets of a cell."""

    def release(self, cell: str) -> None:
        """Free what is held of a cell in memory."""

    def flush_after(self) -> float:
        """Seconds of results that may wait before they are appended."""


class MemoryRecords:
    """Records that live as long as the run: one array per cell, which workers fill in place and later cells use again.

    Parameters
    ----------
    capacity : mapping
        Shape of each cell's array.
    """

    def __init__(self, capacity: Mapping[str, tuple[int, ...]]) -> None:
        self._capacity = capacity
        self._completed = dict.fromkeys(capacity, 0)
        self._arrays: dict[str, Array] = {}
        self._free: list[Array] = []
        self._lock = Lock()

    def completed(self, cell: str) -> int:
        """Number of data sets of a cell that are recorded."""
        return self._completed[cell]

    def room(self, cell: str, leading: tuple[int, ...], first: int, count: int) -> Array:
        """The cell's own array from data set `first` on."""
        with self._lock:
            if cell not in self._arrays:
                shape = self._capacity[cell]
                fitting = next((index for index, array in enumerate(self._free) if array.shape == shape), None)
                self._arrays[cell] = np.empty(shape) if fitting is None else self._free.pop(fitting)
            return self._arrays[cell][..., first : first + count]

    def append(self, cell: str, excess: Array) -> None:
        """Count the next data sets, which are in their :meth:`room`."""
        self._completed[cell] += excess.shape[-1]

    def read(self, cell: str, datasets: int) -> Array:
        """The first `datasets` data sets of a cell."""
        return self._arrays[cell][..., :datasets]

    def release(self, cell: str) -> None:
        """Leave the cell's array to later cells: fresh memory costs more than the numbers in it."""
        with self._lock:
            self._free = [*self._free[-1:], self._arrays.pop(cell)]

    def flush_after(self) -> float:
        """None: nothing is gained by waiting."""
        return 0.0


class ZarrRecords:
    """Records on disk.

    Parameters
    ----------
    path : str or path
        Directory of the store; made if it does not exist.
    parameters : mapping
        What determines every bit of the results except the number of data sets, JSON-representable.

    Raises
    ------
    ValueError
        If the store was made with other parameters; the message names the first that differs.
    OSError
        If it cannot be opened for writing.
    """

    def __init__(self, path: str | Path, parameters: dict[str, Any]) -> None:
        import zarr

        self._root = zarr.open_group(str(path), mode="a")
        ours = json.loads(json.dumps(parameters))
        theirs: Any = self._root.attrs.asdict().get("parameters")
        if theirs is None:
            if len(self._root):
                raise ValueError(
                    f"store is {str(path)!r}, a zarr group of something else; it must be new or one of this function's"
                )
            self._root.attrs["parameters"] = ours
        elif theirs != ours:
            name = next(key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key))
            raise ValueError(
                f"store {str(path)!r} holds {name} = {theirs.get(name)!r}, not {ours.get(name)!r}; "
                "a run resumes or is appended to with the same parameters only"
            )

    def _array(self, cell: str) -> Any:
        return self._root.get(f"cells/{cell}/excess")

    def completed(self, cell: str) -> int:
        """Number of data sets of a cell that are recorded."""
        array = self._array(cell)
        return 0 if array is None else int(array.attrs["completed"])

    def room(self, cell: str, leading: tuple[int, ...], first: int, count: int) -> Array:
        """A new array."""
        return np.empty((*leading, count))

    def append(self, cell: str, excess: Array) -> None:
        """Write the next data sets of a cell."""
        array = self._array(cell)
        if array is None:
            leading = excess.shape[:-1]
            array = self._root.create_array(
                f"cells/{cell}/excess",
                shape=(*leading, 0),
                chunks=(*leading, max(1, FILE_BYTES // (8 * int(np.prod(leading))))),
                dtype="float64",
                fill_value=np.nan,
                dimension_names=("stage", "estimator", "M", "alpha", "dataset"),
                attributes={"completed": 0},
            )
        before = int(array.attrs["completed"])
        after = before + excess.shape[-1]
        array.resize((*array.shape[:-1], after))
        array[..., before:after] = excess
        array.attrs["completed"] = after

    def read(self, cell: str, datasets: int) -> Array:
        """The first `datasets` data sets of a cell."""
        return np.asarray(self._array(cell)[..., :datasets])

    def release(self, cell: str) -> None:
        """Nothing is held in memory."""

    def flush_after(self) -> float:
        """Some, so that files are not rewritten too often."""
        return 2.0
