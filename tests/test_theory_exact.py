"""Input as exact numbers, and irrational numbers rounded to rationals."""

import pytest
from sympy import Integer, Rational, exp

from theory.exact import rounded


def test_a_number_whose_rational_would_fill_the_memory_is_refused():
    # found by the weight of a gradient flow on a stiff task: exp(-1e9) as a rational took gigabytes
    with pytest.raises(OverflowError, match="cannot be computed with as a rational"):
        rounded(exp(-(Integer(10) ** 9)), 60)
    assert 0 < rounded(exp(-(Integer(10) ** 3)), 60) < Rational(1, 10**400)
