r"""Joint moments of the score and the curvature of one task at p = 1, of any order and any number of inner steps.

At p = 1 the score :math:`\psi = Hd+L_1e_1+L_2e_2` of :mod:`theory.scores` is a polynomial in the sampled curvatures S and T,
the error d and the noise terms, and given the features the latter are normal with variances :math:`\sigma^2S/n_{in}` and
:math:`\sigma^2T/n_{out}`. So every moment :math:`E[\psi^aH^b]` is a polynomial, by even normal moments and then the moments
of S and T (:func:`theory.gaussian_moments.scalar_moments`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import ring

from theory.features import GAUSSIAN, Features
from theory.gaussian_moments import scalar_moments
from theory.scores import INVERSE_INNER, INVERSE_OUTER, RING, SIGMA2, Algorithm, score
from theory.words import Words

#: a score is a polynomial in these, over the ring of coefficients: the sampled curvatures, the error, the two noise terms
_SCORES, _S, _T, _D, _E1, _E2 = ring("S,T,d,e1,e2", RING.to_domain())


@cache
def joint_moment(algorithm: Algorithm, of_score: int, of_curvature: int, features: Features = GAUSSIAN) -> Words:
    """E[psi^a H^b] given the task, in the commuting letters Q (curvature) and K (the error d).

    Parameters
    ----------
    algorithm : theory.scores.Joint or Meta
    of_score, of_curvature : int
        The exponents a and b.
    features : theory.features law

    Returns
    -------
    Words
        Words in Q and K with coefficients in :data:`theory.scores.RING`.

    Examples
    --------
    >>> from theory.scores import Joint
    >>> joint_moment(Joint(), 2, 0)
    (2*r_in + 1) KKQQ + sigma2*r_in Q
    """
    psi, curvature = _polynomials(algorithm)
    total = psi**of_score * curvature**of_curvature
    orders = [max((exponents[i] + exponents[i + 3] // 2 for exponents in total), default=0) for i in range(2)]
    inner, outer = (
        scalar_moments(order, inverse, features) for order, inverse in zip(orders, (INVERSE_INNER, INVERSE_OUTER), strict=True)
    )

    def term(exponents: tuple[int, ...], coefficient: Any) -> tuple[Any, Any]:
        s, t, d, first, second = exponents
        s, t = s + first // 2, t + second // 2
        noise = _double_factorial(first) * _double_factorial(second) * SIGMA2 ** ((first + second) // 2)
        noise = noise * INVERSE_INNER ** (first // 2) * INVERSE_OUTER ** (second // 2)
        return ((), "K" * d + "Q" * (s + t)), coefficient * noise * inner[s] * outer[t]

    even = ((exponents, value) for exponents, value in total.terms() if exponents[3] % 2 == 0 == exponents[4] % 2)
    return Words.collect(term(exponents, RING(value)) for exponents, value in even)


@cache
def _polynomials(algorithm: Algorithm) -> tuple[Any, Any]:
    found = score(algorithm)
    curvature, first, second = (_polynomial(words) for words in (found.curvature, *found.noise))
    return curvature * _D + first * _E1 + second * _E2, curvature


def _polynomial(words: Words) -> Any:
    total = _SCORES.zero
    for (_, word), coefficient in words.commuted().terms.items():
        total = total + coefficient * _S ** word.count("S") * _T ** word.count("T")
    return total


def _double_factorial(order: int) -> int:
    """(order - 1)!! for an even order: the normal moment."""
    result = 1
    for factor in range(1, order, 2):
        result *= factor
    return result
