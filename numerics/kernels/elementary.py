"""Sine, cosine, exponential and logarithm of whole arrays, written so that the compiler handles several entries at a time.

The library's functions are called entry by entry.  These are polynomials after a reduction of the argument, without branches;
coefficients are those of FDLIBM (Sun Microsystems, 1993), and errors stay within two units in the last place of a number of
size 1, on all arguments for which a reduction in three parts is exact; larger ones go to the library.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled, inlined

Array = NDArray[Any]

#: largest argument of the reduction: a multiple of pi/2 below 2^20 times 33 bits is exact
FAR = 1.6e6
#: adding and subtracting it rounds to a whole number
_ROUND = 6755399441055744.0
_TWO_OVER_PI = 0.6366197723675814
_PARTS = (1.57079632673412561417, 6.07710050630396597660e-11, 2.02226624879595063154e-21)
_SINE = (
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
)
_COSINE = (
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
)
_LN2_HIGH, _LN2_LOW, _OVER_LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10, 1.44269504088896338700
_EXPONENTIAL = (
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)
_LOGARITHM = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
#: least argument of the exponential; below it the result is that of the bound, less than 1e-307
_LEAST = -708.0
_BIAS, _MANTISSA, _PLACES = 1023, 0x000FFFFFFFFFFFFF, 52
#: 1 less the high word of sqrt(1/2), and that word
_SHIFT, _BASE = (0x3FF00000 - 0x3FE6A09E) << 32, 0x3FE6A09E << 32


@inlined
def wave(u: float, quarter: float) -> float:
    """sin(u + quarter pi/2) for |u| up to `FAR`; quarter is 0 or 1."""
    turns = (u * _TWO_OVER_PI + _ROUND) - _ROUND
    r = ((u - turns * _PARTS[0]) - turns * _PARTS[1]) - turns * _PARTS[2]
    z = r * r
    odd = r + r * z * (_SINE[0] + z * (_SINE[1] + z * (_SINE[2] + z * (_SINE[3] + z * (_SINE[4] + z * _SINE[5])))))
    even = 1.0 - (
        0.5 * z
        - z * z * (_COSINE[0] + z * (_COSINE[1] + z * (_COSINE[2] + z * (_COSINE[3] + z * (_COSINE[4] + z * _COSINE[5])))))
    )
    # the quadrant modulo 4, in doubles
    turns += quarter
    half = (0.5 * turns + _ROUND) - _ROUND
    is_odd = turns != 2.0 * half
    # where turns = 2 half +- 1, half is the nearest even number: count quadrants from below
    lower = half - (1.0 if turns < 2.0 * half else 0.0)
    flipped = lower != 2.0 * ((0.5 * lower + _ROUND) - _ROUND)
    size = even if is_odd else odd
    return -size if flipped else size


@compiled
def sines(points: Array, row: int, out: Array, place: int, quarter: float, count: int) -> None:
    """sin(points[row] + quarter pi/2) in out[place], for the first `count` entries."""
    far = 0
    for i in range(count):
        far += not abs(points[row, i]) <= FAR
        out[place, i] = wave(points[row, i], quarter)
    if far > 0:
        for i in range(count):
            if not abs(points[row, i]) <= FAR:
                out[place, i] = np.cos(points[row, i]) if quarter > 0 else np.sin(points[row, i])


@compiled
def exponentials(points: Array, row: int, count: int) -> None:
    """Replace the first `count` entries of points[row], at most zero, by their exponentials."""
    bits = points.view(np.int64)
    for i in range(count):
        x = points[row, i]
        x = _LEAST if x < _LEAST else x
        whole = (x * _OVER_LN2 + _ROUND) - _ROUND
        high = x - whole * _LN2_HIGH
        low = whole * _LN2_LOW
        r = high - low
        z = r * r
        c = r - z * (
            _EXPONENTIAL[0] + z * (_EXPONENTIAL[1] + z * (_EXPONENTIAL[2] + z * (_EXPONENTIAL[3] + z * _EXPONENTIAL[4])))
        )
        points[row, i] = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
        # the result lies in [1/2, 2]: a power of two is added to its exponent
        bits[row, i] += np.int64(whole) << _PLACES


@compiled
def logarithms(points: Array, row: int, work: Array, place: int, count: int) -> None:
    """Replace the first `count` entries of points[row], positive normal numbers, by their logarithms; work[place] is used."""
    bits = points.view(np.int64)
    for i in range(count):
        shifted = bits[row, i] + _SHIFT
        work[place, i] = float((shifted >> _PLACES) - _BIAS)
        bits[row, i] = (shifted & _MANTISSA) + _BASE
    for i in range(count):
        f, k = points[row, i] - 1.0, work[place, i]
        s = f / (2.0 + f)
        z = s * s
        w = z * z
        even = w * (_LOGARITHM[1] + w * (_LOGARITHM[3] + w * _LOGARITHM[5]))
        odd = z * (_LOGARITHM[0] + w * (_LOGARITHM[2] + w * (_LOGARITHM[4] + w * _LOGARITHM[6])))
        square = 0.5 * f * f
        points[row, i] = k * _LN2_HIGH - ((square - (s * (square + even + odd) + k * _LN2_LOW)) - f)
