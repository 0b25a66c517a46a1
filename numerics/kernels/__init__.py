"""Compiled loops: arrays in, arrays out; no validation, randomness, input or output.

This is the place for compile options.  Every kernel is decorated with :func:`compiled` or :func:`compiled_sums`, but those of
:mod:`numerics.kernels.quadratic`, which inline some kernels into others besides:

* machine code is stored on disk (:mod:`numerics.kernels.machine_code`), so that only the first run on a machine compiles;
* ``nogil=True``: kernels release the interpreter lock, and parallelism is a pool of threads over fixed chunks outside;
* ``error_model="numpy"``: a division by zero gives inf or nan as in numpy, not an exception inside the loop;
* not ``parallel=True``: it compiles fifty times longer, and its reductions depend on the number of threads;
* not ``fastmath`` as a whole, which assumes away nan and inf: :func:`compiled_sums` allows only what lets a long sum be
  vectorised, for kernels that are bound by memory and for :mod:`numerics.kernels.quadratic`, which says what it gains there.
  The bits then depend on the vector width of the processor.

Small systems are factorised by hand-written loops: ``np.linalg`` inside a kernel takes seconds to compile and calls BLAS,
whose overhead exceeds the work at the sizes concerned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from numerics.kernels.machine_code import kept

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile `function` with the project's options on its first call."""
    return kept(function, nogil=True, error_model="numpy")


def compiled_sums(function: F) -> F:
    """As :func:`compiled`, and sums may be reassociated and contracted to multiply-adds."""
    return kept(function, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})


def inlined(function: F) -> F:
    """As :func:`compiled`, for small kernels that are called in the inner loops of others: the compiler puts them there."""
    return kept(function, nogil=True, error_model="numpy", forceinline=True)
