r"""Averages of the spectrum-tied law over its rotation, then over its eigenvalues: any dimension, exact.

With :math:`A=V\Lambda^aV^\top`, :math:`B=V\Lambda^bV^\top`, V Haar and :math:`T_c=\operatorname{tr}\Lambda^c`,

.. math:: E_V[A_{ij}B_{kl}] = x\,\delta_{ij}\delta_{kl}+y(\delta_{ik}\delta_{jl}+\delta_{il}\delta_{jk}),\quad
   T_aT_b = p^2x+2py,\quad T_{a+b} = px+p(p+1)y,

which turns a word with one product :math:`uv^\top` of vectors, or traces with two, into power sums :math:`T_c` and entries of
:math:`\theta_\gamma=\operatorname{diag}\Lambda`: a trace that holds vectors is a product of forms such as
:math:`v^\top Q^au`, and with two of them the average over V is

.. math:: E_V[(v^\top Q^au)(w^\top Q^bz)] = x\,(v^\top u)(w^\top z)+y\{(v^\top w)(u^\top z)+(v^\top z)(u^\top w)\}.

So the fourth moment of a score, whose words have twelve curvatures, needs no Haar average beyond the second order.  By
exchangeability entries become power sums too, and for independent uniform eigenvalues
:math:`E\prod_iT_{c_i}=\sum_P(p)_{|P|}\prod_{b\in P}\beta^{c_b}/(c_b+1)` over partitions P of the factors, :math:`c_b` the
sum of the exponents in block b; the sum is taken block by block, the one of the largest exponent first.

A vector is the pair of numbers (c, s) that stands for :math:`c\,(1,\dots,1)^\top+s\,\theta_\gamma`.

>>> from sympy import QQ
>>> PowerSums(2, QQ, QQ(2)).mean(1, 1)  # E(t_1 + t_2)^2, uniform on [0, 2]
14/3
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product
from math import comb, prod
from typing import Any

from sympy.polys.domains.domain import Domain

#: a polynomial in power sums: exponents of the factors to the coefficient
_Sums = dict[tuple[int, ...], Any]
#: v, a, u of a form v'Q^a u; a vector is the pair (constant entry, slope)
_Form = tuple[Any, int, Any]


class PowerSums:
    """Expectations over p independent eigenvalues, uniform on [0, beta], and over the rotation."""

    def __init__(self, dimension: int, field: Domain, beta: Any) -> None:
        self.dimension, self.field, self.beta = dimension, field, beta
        self._known: dict[tuple[int, tuple[int, ...]], Any] = {}

    def noise_moment(self, order: int) -> Any:
        """E[sigma2^order]."""
        return self.beta**order / self.field(order + 1)

    def mean(self, *exponents: int) -> Any:
        """E of the product of the power sums T_c over the given exponents c."""
        return self._partitioned(self.dimension, tuple(sorted(exponents, reverse=True))) * self.beta ** sum(exponents)

    def _partitioned(self, free: int, exponents: tuple[int, ...]) -> Any:
        """The mean for beta = 1 with `free` eigenvalues: the first factor's block is chosen, the rest is a smaller case."""
        if not exponents:
            return self.field.one
        key = free, exponents
        if key not in self._known:
            total, counts = self.field.zero, Counter(exponents[1:])
            for chosen in product(*(range(count + 1) for count in counts.values())) if free else ():
                shared = sum(value * taken for value, taken in zip(counts, chosen, strict=True))
                ways = prod(comb(count, taken) for count, taken in zip(counts.values(), chosen, strict=True))
                rest = Counter({value: counts[value] - taken for value, taken in zip(counts, chosen, strict=True)})
                weight = self.field(free * ways) / self.field(exponents[0] + shared + 1)
                total = total + weight * self._partitioned(free - 1, tuple(rest.elements()))
            self._known[key] = total
        return self._known[key]

    def expected(self, sums: _Sums, *exponents: int) -> Any:
        """E of a polynomial in the power sums times T_c...."""
        return sum((factor * self.mean(*exponents, *powers) for powers, factor in sums.items()), self.field.zero)

    def inner(self, u: Any, v: Any) -> _Sums:
        """u'v, a polynomial in the power sums."""
        return {(): self.field(self.dimension) * u[0] * v[0], (1,): u[0] * v[1] + u[1] * v[0], (2,): u[1] * v[1]}

    def outer(self, u: Any, v: Any, *exponents: int) -> tuple[Any, Any]:
        """E of T_c... u_i v_l: the diagonal entry and the others."""
        p, whole = self.field(self.dimension), self.mean(*exponents)
        first, second = self.mean(*exponents, 1), self.mean(*exponents, 2)
        shared = u[0] * v[0] * whole + (u[0] * v[1] + u[1] * v[0]) * first / p
        apart = (self.mean(*exponents, 1, 1) - second) / (p * (p - self.field.one))
        return shared + u[1] * v[1] * second / p, shared + u[1] * v[1] * apart

    def pair(self, apart: Any, joined: Any) -> tuple[Any, Any]:
        """x and y from T_a T_b and T_{a+b}."""
        p = self.field(self.dimension)
        scale = p * (p + self.field(2)) * (p - self.field.one)
        return ((p + self.field.one) * apart - self.field(2) * joined) / scale, (p * joined - apart) / scale

    def rotated(self, traces: list[str], word: str, vectors: Mapping[str, Any]) -> tuple[Any, Any]:
        """E of a term, rotation first: its diagonal entry and the others."""
        p, field = self.field(self.dimension), self.field
        plain = [len(trace) for trace in traces if set(trace) <= {"Q"}]
        forms = [form for trace in traces if not set(trace) <= {"Q"} for form in _forms(trace, vectors)]
        if set(word) <= {"Q"}:
            if not forms:
                return self.mean(*plain, len(word)) / p, field.zero
            if len(forms) == 2 and not word:
                return self.two_forms(forms[0], forms[1], plain), field.zero
            if len(forms) == 1:  # x u'v delta_il + y (u_i v_l + v_i u_l)
                ((v, a, u),) = forms
                x, y = self._entries(u, v, a, len(word), plain)
                return p * x[0] + field(2) * y[0], field(2) * y[1]
        elif not forms and sum(letter != "Q" for letter in word) == 1:  # x u_i v_l + y (v_i u_l + u'v delta_il)
            where = next(i for i, letter in enumerate(word) if letter != "Q")
            u, v = _vectors(word[where], vectors)
            x, y = self._entries(u, v, where, len(word) - where - 1, plain)
            return x[0] + y[0] + p * y[0], x[1] + y[1]
        raise ValueError(
            f"words has the term {' '.join(f'tr({trace})' for trace in traces)} {word}; rotations are averaged over for two "
            "powers of the curvature at most"
        )

    def two_forms(self, first: _Form, second: _Form, plain: list[int]) -> Any:
        """E of T_c... (v'Q^a u)(w'Q^b z)."""
        (v, a, u), (w, b, z) = first, second
        straight = _multiplied(self.inner(v, u), self.inner(w, z))
        crossed = _added(_multiplied(self.inner(v, w), self.inner(u, z)), _multiplied(self.inner(v, z), self.inner(u, w)))
        values = [(self.expected(sums, *plain, a, b), self.expected(sums, *plain, a + b)) for sums in (straight, crossed)]
        return self.pair(*values[0])[0] + self.pair(*values[1])[1]

    def _entries(self, u: Any, v: Any, a: int, b: int, plain: list[int]) -> tuple[list[Any], list[Any]]:
        """E of T_c... x u_i v_l and of T_c... y u_i v_l, each on the diagonal and off it.

        u v' and v u' have one expectation, and u'v is p times a diagonal entry.
        """
        entries = zip(self.outer(u, v, *plain, a, b), self.outer(u, v, *plain, a + b), strict=True)
        x, y = zip(*(self.pair(apart, joined) for apart, joined in entries), strict=True)
        return list(x), list(y)


def _added(one: _Sums, two: _Sums) -> _Sums:
    return {powers: one.get(powers, 0) + two.get(powers, 0) for powers in {**one, **two}}


def _multiplied(one: _Sums, two: _Sums) -> _Sums:
    total: _Sums = {}
    for left, first in one.items():
        for right, second in two.items():
            powers = tuple(sorted(left + right))
            total[powers] = total.get(powers, 0) + first * second
    return total


def _vectors(letter: str, vectors: Mapping[str, Any]) -> tuple[Any, Any]:
    """u and v of a letter that is u v', or of its transpose."""
    u, v = vectors[letter.upper()]
    return (v, u) if letter.islower() else (u, v)


def _forms(trace: str, vectors: Mapping[str, Any]) -> list[_Form]:
    """The forms that a trace with products u v' falls into, between one product and the next around the loop."""
    places = [i for i, letter in enumerate(trace) if letter != "Q"]
    found = []
    for here, there in zip(places, [*places[1:], places[0] + len(trace)], strict=True):
        (_, v), (u, _) = _vectors(trace[here], vectors), _vectors(trace[there % len(trace)], vectors)
        found.append((v, there - here - 1, u))
    return found
