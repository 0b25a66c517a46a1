r"""Formulas are printed as people write them: no LaTeX on a terminal, what is added first, nothing is lost."""

from __future__ import annotations

import random
import re
from xml.etree import ElementTree

import pytest
from sympy import Add, Le, Rational, Symbol, symbols

from theory import bounds
from theory.notation import TABLE, alpha, beta, k, nu, typeset, written
from verify.judging.sources import Reference
from verify.reports.markup import blocks, plain, wrapped
from verify.reports.mathml import in_a_line, mathml
from verify.reports.statements import shown


@pytest.mark.parametrize("name", bounds.names())
def test_a_claim_is_shown_without_latex_in_the_columns_of_a_terminal(name: str) -> None:
    question = Reference(name).load()
    text = shown(question.claim, question.document, 80).partition("\n\n@")[0]
    assert not re.search(r"\\[A-Za-z]+|:math:|\*\*", text)
    # a word that is longer than a line keeps it
    assert all(len(line) <= 80 or " " not in line.strip() for line in text.splitlines())


@pytest.mark.parametrize("symbol", TABLE, ids=str)
def test_every_symbol_has_a_line_of_text(symbol: Symbol) -> None:
    assert in_a_line(typeset(symbol)).strip()


def test_what_is_added_comes_first() -> None:
    bound = ((1 - alpha * nu) ** k - (1 - alpha * beta) ** k) ** 2
    assert written(bound) == "((1 - alpha nu)^k - (1 - alpha beta)^k)^2"
    assert in_a_line(typeset(bound)) == "((1 − αν)^k − (1 − αβ)^k)^2"
    assert written(Le(alpha * beta, Rational(5, 3))) == "alpha beta <= 5/3"
    assert written("in words * as they are") == "in words * as they are"


def test_a_written_sum_is_the_sum() -> None:
    names = symbols("a b c d")
    choose = random.Random(0)
    for _ in range(200):
        total = Add(*(choose.choice([-3, -1, 1, 2]) * name ** choose.choice([1, 2]) for name in choose.sample(names, 3)))
        text = written(total).replace("^", "**")
        again = eval(re.sub(r"(?<=[\w)]) (?=[\w(])", "*", text), dict(zip("abcd", names, strict=True)))
        assert again - total == 0
        assert not text.startswith("-") or all(term.could_extract_minus_sign() for term in Add.make_args(total))


@pytest.mark.parametrize(
    "latex", [r"\frac{a", r"\left( x", r"x & y", "<b>", r"\begin{aligned}a&=b\\\\c&<d\end{aligned}", r"\mystery{x}"]
)
def test_what_cannot_be_read_is_shown_and_well_formed(latex: str) -> None:
    shown_text = "".join(ElementTree.fromstring(mathml(latex)).itertext())
    for letter in set(re.sub(r"\\[a-z]+|[^a-z]", "", latex)):
        assert letter in shown_text or letter in "aligned"
    assert in_a_line(latex)


def test_a_text_keeps_its_blocks_and_its_words() -> None:
    document = "One :math:`x^2`.\n\n.. math::\n\n   a \\le b\n\n- first\n- second\n\n**Proof.** Done."
    assert [block.kind for block in blocks(document)] == ["paragraph", "formula", "item", "item", "paragraph"]
    assert wrapped(document, 40) == "One x^2.\n\n    a ≤ b\n\n- first\n- second\n\nProof. Done."
    assert plain("see :func:`theory.bounds.claim` and ``--at``") == "see theory.bounds.claim and `--at`"
