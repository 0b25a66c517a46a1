"""BLAS and LAPACK on parts of row-major matrices, added to what is there.

NumPy's product inside compiled code wants contiguous operands and overwrites its result, so that parts have to be copied and
results added in passes of their own.  The routines below take slices and accumulate.  They belong to the library that NumPy's
product in compiled code calls too (SciPy's) and are called by address; with the compiler off, NumPy does the same.

Fortran's matrices are column-major: a row-major matrix is handed over as its transpose, a lower triangle as an upper one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic, overload, register_jitable
from numpy.typing import NDArray

Array = NDArray[np.float64]

NO, YES, UPPER = (np.int8(ord(letter)) for letter in "NTU")

for _library, _names in {"blas": ("dgemm", "dsyrk"), "lapack": ("dpotrf",)}.items():
    for _name in _names:
        binding.add_symbol(f"metabounds_{_name}", get_cython_function_address(f"scipy.linalg.cython_{_library}", _name))


def _reference(context: Any, name: Any, arguments: Any) -> Any:
    """Call a routine by name, everything by reference: numbers as they are, arrays by their first entry."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        references = []
        for position, kind in enumerate(signature.args[1]):
            value = builder.extract_value(values[1], position)
            if isinstance(kind, types.Array):
                references.append(context.make_array(kind)(context, builder, value).data)
                continue
            if value.type == ir.IntType(64):
                value = builder.trunc(value, ir.IntType(32))
            references.append(cgutils.alloca_once_value(builder, value))
        kind = ir.FunctionType(ir.VoidType(), [reference.type for reference in references])
        routine = cgutils.get_or_insert_function(builder.module, kind, f"metabounds_{name.literal_value}")
        builder.call(routine, references)
        return context.get_dummy_value()

    return types.void(name, arguments), generate


_fortran: Any = intrinsic(prefer_literal=True)(_reference)


def add_product(scale: float, left: Array, right: Array, keep: float, out: Array) -> None:
    """out = keep out + scale left right; `out` is row-major, `left` and `right` are so or transposed.

    Where `keep` is zero, what was in `out` does not matter.
    """
    out[...] = scale * (left @ right) + (keep * out if keep else 0.0)


def factorise(matrix: Array) -> bool:
    """Turn a lower triangle into that of L in L L'; False if it is not positive definite."""
    below = np.tril_indices(len(matrix))
    try:
        matrix[below] = np.linalg.cholesky(matrix)[below]
    except np.linalg.LinAlgError:
        return False
    return True


@register_jitable
def _layout(matrix: Array) -> Any:
    """Whether a matrix is the transpose of a row-major one, as BLAS says it, and the distance of that one's rows."""
    rows, columns = matrix.shape
    if matrix.strides[1] == matrix.itemsize:
        return NO, max(matrix.strides[0] // matrix.itemsize, columns, 1)
    return YES, max(matrix.strides[1] // matrix.itemsize, rows, 1)


@overload(add_product)
def _compiled_product(scale: float, left: Array, right: Array, keep: float, out: Array) -> Any:
    def add(scale: float, left: Array, right: Array, keep: float, out: Array) -> None:
        rows, columns = out.shape
        left_turned, left_lead = _layout(left)
        right_turned, right_lead = _layout(right)
        lead = max(out.strides[0] // out.itemsize, columns, 1)
        _fortran(
            "dgemm",
            (
                right_turned, left_turned, columns, rows, left.shape[1], scale, right, right_lead, left, left_lead, keep,
                out, lead,
            ),
        )  # fmt: skip

    return add


@overload(factorise)
def _compiled_factorise(matrix: Array) -> Any:
    def factor(matrix: Array) -> bool:
        failure = np.zeros(1, np.int32)
        _fortran("dpotrf", (UPPER, len(matrix), matrix, _layout(matrix)[1], failure))
        return bool(failure[0] == 0)

    return factor
