r"""Sums of matrix words with trace factors: the algebra in which expectations of random matrices are derived.

A **word** is a product of square matrices, written as a string of letters.  A capital letter is a matrix; the letters of
:data:`GENERAL` need not be symmetric and their small letters are their transposes, every other capital letter is symmetric.
The empty word is the identity.  A term is a coefficient times traces of words times one word; a :class:`Words` is a sum of
terms, so that :math:`2\operatorname{tr}(QK)\,Q - I` is

>>> Words.word("QK").trace() * Words.word("Q") * 2 - Words.word("")
-1 + 2 tr(KQ) Q

Words do not commute, their traces do; a trace is invariant under rotation and transposition and is kept in the form that comes
first in the alphabet.  Coefficients come from any commutative ring (integers, elements of a sympy polynomial ring,
expressions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from sympy import Matrix
from sympy.polys.matrices import DomainMatrix

#: letters of matrices that need not be symmetric; the small letter is the transpose
GENERAL = frozenset("KL")

#: traces (sorted) and the open word of a term
Term = tuple[tuple[str, ...], str]


def transposed(word: str) -> str:
    """The transpose of a product.

    Examples
    --------
    >>> transposed("QKS")
    'SkQ'
    """
    return "".join(letter.swapcase() if letter.upper() in GENERAL else letter for letter in reversed(word))


@cache
def canonical_trace(word: str) -> str:
    """The representative of `word` among the words with the same trace: rotations of it and of its transpose.

    Examples
    --------
    >>> canonical_trace("SkQ") == canonical_trace("KSQ")
    True
    """
    doubled = (word + word, transposed(word) * 2)
    return min((twice[i : i + len(word)] for twice in doubled for i in range(len(word))), default="")


class Words:
    """A finite sum of coefficient times traces times word.

    Parameters
    ----------
    terms : mapping
        ``(traces, word)`` to coefficient, with the traces canonical and sorted; terms with coefficient zero are dropped.
    """

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Term, Any]) -> None:
        self.terms: dict[Term, Any] = {term: coefficient for term, coefficient in terms.items() if coefficient != 0}

    @classmethod
    def word(cls, word: str, coefficient: Any = 1) -> Words:
        """One word; the empty one is the identity."""
        return cls({((), word): coefficient})

    @classmethod
    def collect(cls, terms: Iterable[tuple[Term, Any]]) -> Words:
        """The sum of terms that may repeat."""
        total: dict[Term, Any] = {}
        for term, coefficient in terms:
            total[term] = total[term] + coefficient if term in total else coefficient
        return cls(total)

    def __add__(self, other: Words) -> Words:
        return Words.collect([*self.terms.items(), *other.terms.items()])

    def __sub__(self, other: Words) -> Words:
        return self + other * -1

    def __neg__(self) -> Words:
        return self * -1

    def __mul__(self, other: Any) -> Words:
        """The matrix product, or a multiple if `other` is a coefficient."""
        if not isinstance(other, Words):
            return Words({term: coefficient * other for term, coefficient in self.terms.items()})
        return Words.collect(
            ((_merged(left, right), first + second), one * two)
            for (left, first), one in self.terms.items()
            for (right, second), two in other.terms.items()
        )

    def __pow__(self, exponent: int) -> Words:
        result = Words.word("")
        for _ in range(exponent):
            result = result * self
        return result

    @property
    def T(self) -> Words:
        """The transpose."""
        return Words.collect(((traces, transposed(word)), value) for (traces, word), value in self.terms.items())

    def trace(self) -> Words:
        """The trace, as a multiple of the identity."""
        return Words.collect(
            ((_merged(traces, (canonical_trace(word),)), ""), value) for (traces, word), value in self.terms.items()
        )

    def commuted(self) -> Words:
        """The same sum for 1 x 1 matrices: letters commute, are their own transposes, and are their own traces.

        Examples
        --------
        >>> (Words.word("QS").trace() * Words.word("Q") - Words.word("SQQ")).commuted()
        0
        """
        return Words.collect(
            (((), "".join(sorted("".join((*traces, word)).upper()))), value) for (traces, word), value in self.terms.items()
        )

    def mapped(self, change: Callable[[Any], Any]) -> Words:
        """The same words with every coefficient changed."""
        return Words({term: change(coefficient) for term, coefficient in self.terms.items()})

    def evaluate(self, matrices: Mapping[str, DomainMatrix]) -> DomainMatrix:
        """The value at given matrices.

        Parameters
        ----------
        matrices : mapping
            Letter to :class:`~sympy.polys.matrices.DomainMatrix`, at least one, all of one size and over one domain, which
            also holds the coefficients.

        Returns
        -------
        DomainMatrix, shape (p, p)

        Raises
        ------
        ValueError
            If a letter has no matrix.
        """
        missing = {letter for traces, word in self.terms for letter in "".join((*traces, word)).upper()} - set(matrices)
        if missing:
            raise ValueError(f"matrices has no entry for {', '.join(sorted(missing))}; every letter of the words needs one")
        some = next(iter(matrices.values()))
        domain, size = some.domain, some.shape[0]
        letters = dict(matrices) | {letter.lower(): matrices[letter].transpose() for letter in GENERAL & set(matrices)}
        products: dict[str, DomainMatrix] = {"": DomainMatrix.eye(size, domain).to_dense()}
        closed: dict[str, Any] = {}

        def product(word: str) -> DomainMatrix:
            if word not in products:
                products[word] = product(word[:-1]) * letters[word[-1]]
            return products[word]

        def trace(word: str) -> Any:
            if word not in closed:
                closed[word] = sum((product(word)[i, i].element for i in range(size)), domain.zero)
            return closed[word]

        total: dict[str, Any] = {}
        for (traces, word), coefficient in self.terms.items():
            value = domain.convert(coefficient)
            for loop in traces:
                value = value * trace(loop)
            total[word] = total.get(word, domain.zero) + value
        result = DomainMatrix.zeros((size, size), domain).to_dense()
        for word, value in total.items():
            if value:
                result = result + product(word) * value
        return result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and self.terms == other.terms

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        parts = []
        for (traces, word), coefficient in sorted(self.terms.items(), key=lambda item: item[0]):
            factors = [f"tr({loop or 'I'})" for loop in traces] + ([word] if word else [])
            scale = str(coefficient)
            if not factors:
                factors = [scale]
            elif coefficient != 1:
                factors.insert(0, f"({scale})" if " " in scale else scale)
            parts.append(" ".join(factors))
        return " + ".join(parts) or "0"


def _merged(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(one + two))


def domain_matrices(**matrices: Matrix) -> dict[str, DomainMatrix]:
    """Matrices of sympy expressions over the smallest field that holds them all.

    Examples
    --------
    >>> from sympy import Matrix, Rational
    >>> found = domain_matrices(Q=Matrix([[Rational(1, 2)]]), D=Matrix([[3]]))
    >>> Words.word("QD", 2).evaluate(found).to_Matrix()
    Matrix([[3]])
    """
    one = {name: DomainMatrix.from_Matrix(matrix).to_field() for name, matrix in matrices.items()}
    unified = DomainMatrix.unify(*(value.to_dense() for value in one.values()), fmt="dense")
    return dict(zip(one, unified, strict=True))
