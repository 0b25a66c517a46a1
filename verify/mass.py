"""Sampling in masses: a claim about numbers alone becomes one compiled loop that draws, decodes, evaluates and compares.

The loop is written by the project's only decoder and only walker of expressions, which are handed
:class:`~verify.scalar_code.Term` in place of numbers.  Its text is a module in the cache folder, named by its content, so that
numba keeps the machine code beside it; without such a folder it lives as long as the process.  Compiling takes as long as NumPy
arrays take for millions of instances: :data:`WORTHWHILE` says from how many on the loop is used, so that what is run depends on
what is asked for and never on what an earlier run left behind.

Examples
--------
>>> from theory.bounds import claim
>>> from verify.compare import Subject
>>> loop = Loop(Subject(claim("distance/core/false-sibling")))
>>> cell = loop.subject.space.smallest_cell()
>>> worst = loop.worst(cell, seed=0, count=1000)
>>> worst.gap > 0
True
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from textwrap import indent
from types import ModuleType

import numpy as np
from sympy import Range

from verify import primitives
from verify.cache_folder import folder
from verify.compare import NOMINATION, Subject
from verify.compile import WRITTEN, evaluate
from verify.evidence import Evidence, cell_by_cell
from verify.instances import Cell
from verify.laws import Array, Values
from verify.scalar_code import Code, WrittenCodes
from verify.whole_files import write

#: instances of one cell that are drawn in one go
BLOCK = 1 << 16
#: planned instances from which the compiled loop is used
WORTHWHILE = 1 << 22

_MODULE = '''"""Written by verify.mass from the claim {name}."""

import numpy as np

from verify.primitives import compiled, draw, gap, positive, power, quotient


@compiled
def sides({arguments}):
{sides}


@compiled
def worst(seed, first, count, bits, {numbers}):
    codes = np.empty({length}, np.int64)
    largest, where, undefined = -1.0, first, 0
    for index in range(first, first + count):
        draw(seed, index, bits, codes)
        lhs, rhs, scale = sides({arguments})
        if not (np.isfinite(lhs) and np.isfinite(rhs)):
            undefined += 1
            continue
        found = gap(lhs, rhs, scale, {inequality})
        if found > largest:
            largest, where = found, index
    return largest, where, undefined
'''


@dataclass(frozen=True)
class Worst:
    """The worst of many instances.

    Attributes
    ----------
    gap : float
        In doubles, as :attr:`verify.compare.Sides.gap`.
    number : int
        Its number among the instances of the seed.
    undefined : int
        How many of the instances had no value.
    """

    gap: float
    number: int
    undefined: int


def applies(subject: Subject) -> bool:
    """Whether a claim is about numbers alone: nothing is measured, and nothing is chosen but integers."""
    claim = subject.claim
    return claim.tasks is None and not claim.measured and all(isinstance(each, Range) for each in subject.space.shapes.values())


class Loop:
    """The compiled loop of a claim about numbers alone.

    Parameters
    ----------
    subject : Subject
        One that :func:`applies` admits.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    @cached_property
    def text(self) -> str:
        """The module that is compiled."""
        code, space, claim = Code(), self.subject.space, self.subject.claim
        whole = [f"n{position}" for position in range(len(space.shapes))]
        values: Values = {symbol: code.named(name, whole=True) for symbol, name in zip(space.shapes, whole, strict=True)}
        codes = WrittenCodes(code)
        space.decode_parameters(values, codes, WRITTEN)
        terms = self.subject.terms if claim.relation == "==" else None
        results = [evaluate(side, values, WRITTEN) for side in (claim.lhs, claim.rhs)]
        results.append(0 if terms is None else evaluate(terms, values, WRITTEN))
        numbers = ", ".join(["top", *whole])
        return _MODULE.format(
            name=claim.name,
            arguments=f"codes, {numbers}",
            numbers=numbers,
            sides=indent(code.text(*results), "    "),
            length=codes.used,
            inequality=claim.relation == "<=",
        )

    @cached_property
    def module(self) -> ModuleType:
        """The compiled module."""
        return load(self.text)

    def codes(self, cell: Cell, seed: int, first: int, count: int) -> Array:
        """Codes of instances first to first + count - 1 of the seed."""
        codes = np.empty((count, self.subject.space.length(cell)), np.int64)
        primitives.fill(seed, first, cell.bits, codes)
        return codes

    def worst(self, cell: Cell, seed: int, count: int, first: int = 0) -> Worst:
        """The worst of instances first to first + count - 1 of the seed."""
        return Worst(*self.module.worst(seed, first, count, cell.bits, *_numbers(cell)))

    def sides(self, cell: Cell, codes: Array) -> tuple[float, float, float]:
        """Both sides on one instance, and the scale that rounding is relative to."""
        lhs, rhs, scale = self.module.sides(np.asarray(codes, np.int64), *_numbers(cell))
        return lhs, rhs, scale

    def add(self, cell: Cell, seed: int, evidence: Evidence) -> None:
        """Add :data:`BLOCK` instances to the evidence, one by one if the worst of them is nominated."""
        worst = self.worst(cell, seed, BLOCK)
        if worst.gap > NOMINATION:
            codes = self.codes(cell, seed, 0, BLOCK)
        else:
            codes = self.codes(cell, seed, worst.number, 1)
            evidence.count(BLOCK - 1, worst.undefined - (worst.undefined == BLOCK))
        evidence.add(self.subject, cell, codes, self.subject.sides(cell, codes))


def add(subject: Subject, rng: np.random.Generator, count: int, deadline: float, evidence: Evidence) -> None:
    """Add about `count` random instances of random cells to the evidence, up to a violation or until time runs out.

    Parameters
    ----------
    subject : Subject
        One that :func:`applies` admits.
    rng : numpy.random.Generator
    count : int
        Rounded down to a multiple of :data:`BLOCK`.
    deadline : float
        Value of ``time.monotonic()`` after which no further block is begun.
    evidence : Evidence
        What to add to.
    """
    loop = Loop(subject)
    cells = (subject.space.random_cell(rng) for _ in range(count // BLOCK))
    cell_by_cell(cells, lambda cell, found: loop.add(cell, int(rng.integers(2**62)), found), deadline, evidence)


def _numbers(cell: Cell) -> tuple[float, ...]:
    return (float(1 << cell.bits), *(float(value) for _, value in cell.shape))


def load(text: str) -> ModuleType:
    """A generated module as a module, its machine code from an earlier run if there is any.

    Parameters
    ----------
    text : str
        Source; the same text is the same file.
    """
    # numba knows a file by its text, not by what it imports
    digest = hashlib.sha256((text + _pieces()).encode()).hexdigest()[:32]
    name = f"metabounds_{digest}"
    if name not in sys.modules:
        path = _folder() / f"{name}.py"
        if not path.exists():
            write(path, text)
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


@lru_cache(maxsize=1)
def _pieces() -> str:
    return Path(primitives.__file__).read_text(encoding="utf-8")


_temporary: list[tempfile.TemporaryDirectory[str]] = []


def _folder() -> Path:
    """The cache folder's for generated code, or one that goes with the process."""
    place = folder()
    if place is not None:
        try:
            (place / "code").mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place / "code"):
                return place / "code"
        except OSError:
            pass
    if not _temporary:
        _temporary.append(tempfile.TemporaryDirectory())
    return Path(_temporary[0].name)
