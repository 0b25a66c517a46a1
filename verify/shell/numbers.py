"""How numbers are printed where digits alone would mislead."""

from __future__ import annotations

import math


def ratio_text(value: float, digits: int = 6) -> str:
    """The ratio of a bound's sides: what differs from 1 is never printed as 1; empty if there is none.

    Examples
    --------
    >>> [ratio_text(value) for value in (0.5, 1.0, 0.99999999936, 1 + 3e-9, 2.5e7, math.nan)]
    ['0.500000', '1', '1 - 6.4e-10', '1 + 3.0e-09', '2.5e+07', '']
    """
    if math.isnan(value):
        return ""
    if value == 1:
        return "1"
    if abs(value - 1) < 0.5 * 10.0**-digits:
        return f"1 {'+' if value > 1 else '-'} {abs(value - 1):.1e}"
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.3g}"
