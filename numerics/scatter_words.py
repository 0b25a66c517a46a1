r"""Expectations of products of sample covariances and constants, exactly, for every elliptical law of the features.

A *word* is a tuple of letters that stand for symmetric matrices (and a non-symmetric D with its transpose d): ``"S"`` and
``"T"`` are the scatter matrices of two independent samples, S = (1/n) sum x x^T, all others constants.  The expectation is
taken

1. sample by sample: S ... S is a sum over which of the n samples each S stands for, hence over set partitions of the S's, where
   a partition into b blocks occurs n (n-1) ... (n-b+1) times among n^m;
2. within a block of k, all of one sample, by Isserlis' theorem, one pair of indices at a time:
   x_a x_b pairs with itself, Q_ab, or with another x_c x_d of the block, Q_ac x_d x_b + Q_ad x_c x_b;
3. times the ratio of the radius' 2k-th moment to the Gaussian's, which is all that distinguishes elliptical laws.

What remains is a sum of constant words times traces of constant words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import prod

from numerics.features import FeatureLaw

Word = tuple[str, ...]
#: a constant word and the traces (as sorted tuples of cyclic words) that multiply it
Term = tuple[Word, tuple[Word, ...]]
_TRANSPOSED = {"D": "d", "d": "D"}


def radius_ratios(law: FeatureLaw, dim: int, order: int) -> tuple[float, ...]:
    """E[|z|^{2k}] of standardised features over the Gaussian's, for k = 0, ..., `order`.

    Examples
    --------
    >>> radius_ratios(FeatureLaw("sphere"), 2, 2)
    (1.0, 1.0, 0.5)
    """
    if law.name == "sphere":
        return tuple(prod((dim / (dim + 2 * j) for j in range(k)), start=1.0) for k in range(order + 1))
    if law.name == "student_t":
        return tuple(prod(((law.df - 2) / (law.df - 2 * j) for j in range(1, k + 1)), start=1.0) for k in range(order + 1))
    return (1.0,) * (order + 1)


def _reversed(word: Word) -> Word:
    """Transpose of a word: its transposed letters backwards."""
    return tuple(_TRANSPOSED.get(letter, letter) for letter in reversed(word))


def _cyclic(word: Word) -> Word:
    """One representative of a trace's word: least of all rotations and transposes."""
    return min(turned[i:] + turned[:i] for turned in (word, _reversed(word)) for i in range(len(word)))


def _partitions(items: tuple[int, ...]) -> Iterator[list[list[int]]]:
    """Partitions of a set into blocks."""
    if not items:
        yield []
        return
    for partition in _partitions(items[1:]):
        yield [[items[0]], *partition]
        for index, block in enumerate(partition):
            yield [*partition[:index], [items[0], *block], *partition[index + 1 :]]


def _paired(chain: Word, traces: tuple[Word, ...]) -> Iterator[Term]:
    """Terms of Isserlis' sum for a chain and traces whose labels, "0", "1", ..., each stand for x x^T of one sample."""
    label = next((letter for word in (chain, *traces) for letter in word if letter.isdigit()), None)
    if label is None:
        yield chain, tuple(sorted(_cyclic(trace) for trace in traces))
        return
    if label not in chain:
        # a trace is a chain whose ends meet
        index = next(i for i, trace in enumerate(traces) if label in trace)
        at = traces[index].index(label)
        turned = traces[index][at:] + traces[index][:at]
        others = traces[:index] + traces[index + 1 :]
        for inner, joined, remaining in _first_paired(turned, others, label):
            yield from _paired(chain, (inner, *joined, *remaining))
        return
    for inner, joined, remaining in _first_paired(chain, traces, label):
        yield from _paired(inner, (*joined, *remaining))


def _first_paired(
    chain: Word, traces: tuple[Word, ...], label: str
) -> Iterator[tuple[Word, tuple[Word, ...], tuple[Word, ...]]]:
    """Pair the first index of the chain's first `label` with every other index of that sample."""
    first = chain.index(label)
    left, right = chain[:first], chain[first + 1 :]
    yield (*left, "Q", *right), (), traces
    for at, letter in enumerate(right):
        if letter == label:
            middle, end = right[:at], right[at + 1 :]
            # Q_ac x_d x_b turns the middle round; Q_ad x_c x_b closes it to a trace
            yield (*left, "Q", *_reversed(middle), label, *end), (), traces
            yield (*left, "Q", *end), ((*middle, label),), traces
    for index, trace in enumerate(traces):
        others = traces[:index] + traces[index + 1 :]
        for at, letter in enumerate(trace):
            if letter == label:
                around = trace[at + 1 :] + trace[:at]
                yield (*left, "Q", *around, label, *right), (), others
                yield (*left, "Q", *_reversed(around), label, *right), (), others


@lru_cache(maxsize=4096)
def _expectation(
    chain: Word, trace: Word, counts: tuple[tuple[str, int], ...], ratios: tuple[float, ...]
) -> tuple[tuple[Term, float], ...]:
    total: dict[Term, float] = defaultdict(float)
    words = (chain, trace)
    places = {letter: [(w, i) for w in range(2) for i, c in enumerate(words[w]) if c == letter] for letter, _ in counts}
    options = []
    for letter, number in counts:
        spots = places[letter]
        choices = []
        for partition in _partitions(tuple(range(len(spots)))):
            falling = prod((number - b) / number for b in range(len(partition)))
            weight = falling * number ** (len(partition) - len(spots)) * prod(ratios[len(block)] for block in partition)
            if weight:
                choices.append((weight, partition))
        options.append((spots, choices))
    for weight, labels in _labelled(options, 0):
        named = tuple(tuple(labels.get((w, i), c) for i, c in enumerate(words[w])) for w in range(2))
        for term in _paired(named[0], (named[1],) if trace else ()):
            total[term] += weight
    return tuple(total.items())


def _labelled(
    options: list[tuple[list[tuple[int, int]], list[tuple[float, list[list[int]]]]]], used: int
) -> Iterator[tuple[float, dict[tuple[int, int], str]]]:
    """Every choice of a partition for each sample, as weights and labels of places."""
    if not options:
        yield 1.0, {}
        return
    spots, choices = options[0]
    for weight, partition in choices:
        labels = {spots[item]: str(used + b) for b, block in enumerate(partition) for item in block}
        for rest, others in _labelled(options[1:], used + len(partition)):
            yield weight * rest, labels | others


def word_expectation(chain: Word, trace: Word, counts: Mapping[str, int], ratios: tuple[float, ...]) -> dict[Term, float]:
    """E[chain tr(trace)] as a sum of constant words times traces.

    Parameters
    ----------
    chain, trace : tuple of str
        Words; an empty trace stands for the factor one.
    counts : mapping
        Number of samples n behind each random letter.
    ratios : tuple of float
        :func:`radius_ratios` up to the number of random letters of a kind.

    Returns
    -------
    dict
        Coefficient of every term (constant word, traces).

    Examples
    --------
    E[SKS] = (1 + 1/n) QKQ + tr(KQ) Q / n for Gaussian features, here with n = 2:

    >>> word_expectation(("S", "K", "S"), (), {"S": 2}, (1.0, 1.0, 1.0))
    {(('Q', 'K', 'Q'), ()): 1.5, (('Q',), (('K', 'Q'),)): 0.5}
    """
    return dict(_expectation(chain, trace, tuple(sorted(counts.items())), ratios))
