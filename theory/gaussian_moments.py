r"""Expectations of words in sampled covariances, by Isserlis' theorem.

Let :math:`S = \frac1N\sum_n x_n x_n^\top` with :math:`E[xx^\top] = Q`.  The expectation of a word such as :math:`S K S L S`,
with m copies of S, is a sum over the (2m-1)!! ways to pair its 2m factors x.  A pairing joins factors of the same sample
only, so it fixes which copies of S share a sample; it contributes one word and some traces in Q and the matrices in between,
once for each choice of the samples.

The pairings are not listed.  One factor x of one copy is paired at a time:

- with the other factor of the same copy: that S becomes Q, and the samples it stood for are used up;
- with a factor of another copy: the two factors become Q between what stood beside them, and the two factors left over are
  again an :math:`xx^\top`, a copy of S that stands for both.  Between copies in one word one of the two choices closes a
  loop, a trace; the other transposes what lies between.

Terms that have become equal are collected after each step, over all words at once.  A word with m copies has 2m-1 successors
and at most (2m-1)!! terms in the end: 105 for m = 4, 10,395 for m = 6, some two million for m = 8, which collecting reduces to
thousands when the matrices in between are few.

For Gaussian x a term with c classes of copies that share samples has the factor :math:`N^{c-m}`.  For elliptical x
(:mod:`theory.features`) classes may still fall on one sample: with sizes :math:`m_1,\dots,m_c` the factor is
:math:`N^{-m}\sum_P (N)_{|P|} \prod_{b\in P}\kappa_{|b|}` over partitions P of the classes into blocks b, :math:`|b|` the sum
of the sizes in b and :math:`(N)_j` the falling factorial.

>>> from sympy import Symbol, ring, QQ
>>> polynomials, r = ring("1/N", QQ)
>>> expectation(Words.word("SKS"), "S", "Q", inverse_samples=r)  # QKQ + (QK'Q + tr(KQ) Q)/N
QKQ + 1/N QkQ + 1/N tr(KQ) Q
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import comb
from typing import Any

from sympy import QQ, Expr
from sympy.utilities.iterables import multiset_partitions

from theory.features import GAUSSIAN, Features, Gaussian
from theory.words import Words, canonical_trace, transposed

#: a copy of S that stands for d samples that have been joined is the d-th of these marks
_MARKS = "123456789abcdefghijklmnopqrstuvwxyz".translate(str.maketrans("", "", "kl"))


def expectation(
    words: Words,
    sampled: str,
    covariance: str,
    inverse_samples: Any,
    features: Features = GAUSSIAN,
    dimension: Any = None,
) -> Words:
    """Expectation over one sampled covariance; other letters stand for matrices independent of it.

    Parameters
    ----------
    words : Words
        Sum of words in the letter `sampled` and others.
    sampled, covariance : str
        Letter of the sampled covariance S, and the letter of its expectation Q.
    inverse_samples : ring element or number
        One over the number N of samples, in the ring of the coefficients.
    features : theory.features law
        Law of the features.
    dimension : int or expression, optional
        Dimension p of the features, needed by the sphere.

    Returns
    -------
    Words
        In `covariance` instead of `sampled`; polynomial in `inverse_samples`.

    Examples
    --------
    At p = 1 with Q = 1 and N = 1 these are the moments of a chi-square variable of one degree of freedom:

    >>> from theory.words import domain_matrices
    >>> from sympy import Matrix
    >>> [int(expectation(Words.word("S" * m), "S", "Q", 1).evaluate(domain_matrices(Q=Matrix([[1]])))[0, 0].element)
    ...  for m in range(1, 6)]
    [1, 3, 15, 105, 945]
    """
    gaussian = isinstance(features, Gaussian)
    levels: dict[int, dict[_State, Any]] = {}
    for (traces, word), coefficient in words.terms.items():
        marked = tuple(sorted(canonical_trace(loop.replace(sampled, "1")) for loop in traces)), word.replace(sampled, "1"), ()
        _add(levels, marked, coefficient, covariance)
    for level in range(max(levels, default=0), 0, -1):
        for state, coefficient in levels.pop(level, {}).items():
            for successor, joined in _paired(state, covariance, gaussian):
                _add(levels, successor, coefficient * inverse_samples if gaussian and joined else coefficient, covariance)
    return Words.collect(
        ((traces, word), coefficient if gaussian else coefficient * coincidences(sizes, inverse_samples, features, dimension))
        for (traces, word, sizes), coefficient in levels.get(0, {}).items()
    )


def scalar_expectation(
    words: Words, sampled: str, covariance: str, inverse_samples: Any, features: Features = GAUSSIAN
) -> Words:
    """The same at p = 1, where letters commute and S^m has one moment: for any number of copies at no cost.

    Parameters
    ----------
    words : Words
        Commuted (:meth:`theory.words.Words.commuted`).
    sampled, covariance, inverse_samples, features
        As in :func:`expectation`.
    """
    orders = {word: word.count(sampled) for _, word in words.terms}
    moments = scalar_moments(max(orders.values(), default=0), inverse_samples, features)
    return Words.collect(
        (((), "".join(sorted(word.replace(sampled, covariance)))), coefficient * moments[orders[word]])
        for (_, word), coefficient in words.terms.items()
    )


def coincidences(sizes: tuple[int, ...], inverse_samples: Any, features: Features, dimension: Any) -> Any:
    """The factor of a pairing whose classes of copies have the given sizes (see the module's docstring).

    Examples
    --------
    >>> from sympy import Rational
    >>> coincidences((2, 1, 1), Rational(1, 10), Gaussian(), 1)
    1/10
    """
    return sum(
        (value * inverse_samples**power for power, value in _coincidence_terms(sizes, features, dimension)),
        inverse_samples * 0,
    )


@cache
def _coincidence_terms(sizes: tuple[int, ...], features: Features, dimension: Any) -> list[tuple[int, Any]]:
    """Powers of 1/N with their coefficients, as rationals where they are numbers."""
    total: dict[int, Any] = {}
    copies = sum(sizes)
    for blocks in multiset_partitions(list(range(len(sizes)))) if sizes else [[]]:
        weight = 1
        for block in blocks:
            weight *= features.radial_moment(sum(sizes[index] for index in block), dimension)
        for power, value in enumerate(_falling(len(blocks))):
            total[copies - len(blocks) + power] = total.get(copies - len(blocks) + power, 0) + weight * value
    return [(power, _ground(value)) for power, value in total.items() if value != 0]


def _falling(blocks: int) -> list[int]:
    """Coefficients in r = 1/N of N^-j (N)_j = (1-r)(1-2r)...(1-(j-1)r)."""
    result = [1]
    for index in range(1, blocks):
        result = [(result[i] if i < len(result) else 0) - index * (result[i - 1] if i else 0) for i in range(len(result) + 1)]
    return result


def _ground(value: Any) -> Any:
    return QQ.from_sympy(value) if isinstance(value, Expr) and value.is_Rational else value


#: traces, word, and the sizes of the classes of copies that are complete
_State = tuple[tuple[str, ...], str, tuple[int, ...]]


def _add(levels: dict[int, dict[_State, Any]], state: _State, coefficient: Any, covariance: str) -> None:
    level = sum(letter in _MARKS for part in (*state[0], state[1]) for letter in part)
    states = levels.setdefault(level, {})
    states[state] = states[state] + coefficient if state in states else coefficient


def _paired(state: _State, covariance: str, gaussian: bool) -> Iterator[tuple[_State, bool]]:
    """All partners of the left factor of the first copy: the states after, and whether two copies were joined."""
    traces, word, sizes = state
    where = next((i for i, letter in enumerate(word) if letter in _MARKS), None)
    if where is not None:
        before, mark, after, closed = word[:where], word[where], word[where + 1 :], False
        rest = traces
    else:
        index = next(i for i, loop in enumerate(traces) if any(letter in _MARKS for letter in loop))
        loop, rest = traces[index], traces[:index] + traces[index + 1 :]
        where = next(i for i, letter in enumerate(loop) if letter in _MARKS)
        before, mark, after, closed = "", loop[where], loop[where + 1 :] + loop[:where], True

    def state_of(opened: str, loops: tuple[str, ...], done: tuple[int, ...] = ()) -> _State:
        if closed:
            loops, opened = (*loops, opened), word
        return tuple(sorted(canonical_trace(loop) for loop in loops)), opened, tuple(sorted(sizes + done))

    size = _MARKS.index(mark) + 1
    yield state_of(before + covariance + after, rest, () if gaussian else (size,)), False
    for i, letter in enumerate(after):
        if letter in _MARKS:
            joined = "1" if gaussian else _MARKS[size + _MARKS.index(letter)]
            between, beyond = after[:i], after[i + 1 :]
            yield state_of(before + covariance + transposed(between) + joined + beyond, rest), True
            yield state_of(before + covariance + beyond, (*rest, joined + between)), True
    for index, loop in enumerate(rest):
        for i, letter in enumerate(loop):
            if letter in _MARKS:
                joined = "1" if gaussian else _MARKS[size + _MARKS.index(letter)]
                around, others = loop[i + 1 :] + loop[:i], rest[:index] + rest[index + 1 :]
                yield state_of(before + covariance + transposed(around) + joined + after, others), True
                yield state_of(before + covariance + around + joined + after, others), True


def scalar_moments(order: int, inverse_samples: Any, features: Features = GAUSSIAN) -> list[Any]:
    r"""Moments E[S^m] for m = 0, ..., `order` at p = 1 and Q = 1.

    N S is a sum of N independent squares with moments :math:`\kappa_d (2d-1)!!`; the moments of a sum follow from its
    cumulants, which are N times those of one term.  For Gaussian features E[S^m] = (1+2/N)(1+4/N)...(1+(2m-2)/N), the
    chi-square moments.

    Parameters
    ----------
    order : int
        Highest moment.
    inverse_samples : ring element or expression
        One over the number of samples.
    features : theory.features law

    Examples
    --------
    >>> from sympy import Symbol, factor
    >>> [factor(moment) for moment in scalar_moments(3, Symbol("r"))]
    [1, 1, 2*r + 1, (2*r + 1)*(4*r + 1)]
    """
    one = inverse_samples * 0 + 1
    single, double_factorial = [_ground(features.radial_moment(0, 1))], 1
    for degree in range(1, order + 1):
        double_factorial *= 2 * degree - 1
        single.append(_ground(features.radial_moment(degree, 1)) * double_factorial)
    cumulants: list[Any] = [0]
    for m in range(1, order + 1):
        cumulants.append(single[m] - sum(comb(m - 1, i - 1) * cumulants[i] * single[m - i] for i in range(1, m)))
    scaled = [one * cumulants[m] * inverse_samples ** (m - 1) if m else one * 0 for m in range(order + 1)]
    moments = [one]
    for m in range(1, order + 1):
        moments.append(sum((comb(m - 1, i - 1) * scaled[i] * moments[m - i] for i in range(1, m + 1)), one * 0))
    return moments
