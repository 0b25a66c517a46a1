"""Every vector of codes is a valid instance, the same in doubles and in rationals, and zero codes are the simplest one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from sympy import QQ, Abs, Contains, FiniteSet, Interval, Matrix, Max, Range, Rational, Symbol, oo
from sympy.polys.matrices import DomainMatrix

from theory.claim import Claim, FalseSibling, Source, Tasks
from theory.notation import N, alpha, beta, k, n, nu, p, q, root_l, root_u, rule, s
from theory.rules import DRS, MAML
from theory.tasks import SpectrumTied
from verify.instances.batch import BITS, FINEST, Batch, Cell, as_rational
from verify.instances.codes import OFFSETS, Codes
from verify.instances.families.quadratic import FAMILIES, distribution
from verify.instances.space import Space

#: laws with arrays; eq. (13)'s has parameters alone
LAWS = [name for name, family in FAMILIES.items() if family.batched]
SPECTRUM = {beta: Interval.open(0, oo), nu: Interval(0, beta)}
#: the numbers that each law of tasks needs
NUMBERS: dict[str, dict[Any, Any]] = {
    "weight_pairs": {root_u: Interval.open(0, oo), root_l: Interval(0, root_u)},
    "easy_and_hard": {alpha: Interval.open(0, oo)},
    "spectrum_tied": {beta: Interval.open(0, oo)},
}
#: one domain of every kind, ends that depend on other numbers included
EVERY_DOMAIN = {
    beta: Interval.open(0, oo),
    nu: Interval.Lopen(0, beta),
    alpha: Interval.Ropen(0, 1 / beta),
    s: Interval(alpha, oo),
    q: FiniteSet(beta * nu),
    k: Range(1, 6),
    N: Range(2, oo),
    rule: (DRS(), MAML(alpha, k)),
}


def space_of(law: str | None, parameters: dict[Any, Any] | None = None) -> Space:
    """The instances of a claim that says nothing."""
    if parameters is None:
        parameters = NUMBERS.get(law or "", SPECTRUM)
    tasks = None if law is None else Tasks(law)
    return Space(Claim("codec", "nothing", 0, "<=", 0, Source("derived here"), FalseSibling("no", {}), parameters, tasks))


SPACE_OF_EVERY = space_of(None, EVERY_DOMAIN)


def codes_of(length: int, cell: Cell) -> st.SearchStrategy[list[int]]:
    most = 1 << cell.bits
    return st.lists(st.one_of(st.sampled_from([0, 1, most - 1, most]), st.integers(0, most)), min_size=length, max_size=length)


@st.composite
def instances(draw: st.DrawFn, law: str) -> tuple[Space, Cell, list[int]]:
    """Any vector of codes whatever, at any resolution, of any shape, on the scale of one or of any."""
    space = space_of(law)
    shape = ((p, draw(st.integers(1, 4))), (n, draw(st.integers(1, 5))))
    cell = Cell(shape, draw(st.sampled_from([1, 2, 4, BITS, FINEST])), draw(st.booleans()))
    return space, cell, draw(codes_of(space.length(cell), cell))


def positive_semidefinite(matrix: Matrix) -> bool:
    """Whether a symmetric rational matrix is positive semi-definite: its characteristic polynomial's coefficients alternate."""
    coefficients = DomainMatrix.from_Matrix(matrix).convert_to(QQ).charpoly()
    return all((-1) ** order * value >= 0 for order, value in enumerate(coefficients))


def matrix(entries: Any) -> Matrix:
    return Matrix(*entries.shape, [as_rational(entry) for entry in entries.ravel()])


def assert_valid(batch: Batch) -> None:
    """Building theory's tasks checks probabilities, orthonormal eigenvectors and non-negative spectra exactly."""
    assert batch.tasks is not None
    distribution(batch)
    values = {symbol: value.item() for symbol, value in batch.values.items() if isinstance(value, np.ndarray)}
    if beta in values:
        low, high = values.get(nu, 0), values[beta]
        assert 0 <= low <= high
        assert all(low <= eigenvalue <= high for eigenvalue in batch.tasks.eigenvalues.ravel())
    coordinates = batch.tasks.optima[0]
    if batch.cell.wide:
        # a cube of some size somewhere, the same for all tasks
        assert np.all(np.ptp(coordinates, axis=0) <= 2**OFFSETS)
        assert np.all(abs(coordinates) <= 2**OFFSETS + 2 ** (OFFSETS // 2))
    else:
        assert np.all((coordinates >= 0) & (coordinates <= 1))


def _magnitude(exact: Batch) -> float:
    """What eigenvalues are made of: the largest that is possible."""
    if beta in exact.values:
        return float(exact.values[beta].item())
    return float(1 / exact.values[alpha].item()) if alpha in exact.values else 1.0


def assert_close(floats: Batch, exact: Batch, index: int = 0) -> None:
    for name in ("probabilities", "optima", "eigenvalues", "eigenvectors"):
        doubles, rationals = getattr(floats.tasks, name)[index], getattr(exact.tasks, name)[0]
        assert doubles.shape == rationals.shape
        # eigenvalues near zero are what is left of the largest ones
        top = _magnitude(exact) if name == "eigenvalues" else 1.0 if name == "eigenvectors" else 0.0
        np.testing.assert_allclose(doubles, rationals.astype(float), rtol=1e-13, atol=1e-13 * top, err_msg=name)
    assert floats.tasks is not None
    assert exact.tasks is not None
    for name, weights in floats.tasks.weights.items():
        expected = exact.tasks.weights[name][0].astype(float)
        np.testing.assert_allclose(weights[index], expected, rtol=1e-13, atol=1e-13 * (1 + np.abs(expected).max()))
    for symbol, value in exact.values.items():
        if isinstance(value, np.ndarray):
            assert float(np.ravel(floats.values[symbol])[index]) == pytest.approx(float(value.item()), rel=1e-13)
        else:
            assert floats.values[symbol] == value


def test_every_law_has_a_decoder() -> None:
    assert all(family.words and family.name == name for name, family in FAMILIES.items())
    assert set(FAMILIES) - set(LAWS) == {"spectrum_tied"}


@pytest.mark.parametrize("law", LAWS)
@settings(max_examples=25)
@given(data=st.data())
def test_any_codes_are_a_valid_instance_alike_in_doubles_and_rationals(law: str, data: st.DataObject) -> None:
    space, cell, codes = data.draw(instances(law))
    exact = space.exact(cell, codes)
    assert_valid(exact)
    assert_close(space.floats(cell, np.array([codes, codes])), exact, index=1)


@pytest.mark.parametrize("dimension", range(1, 7))
@pytest.mark.parametrize("number", range(1, 9))
def test_every_shape_is_decoded_alike_by_both_backends(dimension: int, number: int) -> None:
    rng = np.random.default_rng([dimension, number])
    for law in ("free", "weight_pairs") if dimension * number <= 24 else ("free",):
        space = space_of(law)
        cell = Cell(((p, dimension), (n, number)))
        codes = space.random_codes(cell, 4, rng)
        floats = space.floats(cell, codes)
        assert floats.tasks is not None
        assert floats.tasks.eigenvectors.shape == (4, number, dimension, dimension)
        assert floats.tasks.probabilities.shape == (4, number)
        assert_close(floats, space.exact(cell, codes[2]), index=2)


@settings(max_examples=30)
@given(drawn=instances("weight_pairs"))
def test_weight_pairs_are_ordered_exactly(drawn: tuple[Space, Cell, list[int]]) -> None:
    space, cell, codes = drawn
    batch = space.exact(cell, codes)
    assert batch.tasks is not None
    upper, lower = (as_rational(batch.values[symbol].item()) ** 2 for symbol in (root_u, root_l))
    assert 0 <= lower <= upper
    for first, second in zip(batch.tasks.weights["A"][0], batch.tasks.weights["B"][0], strict=True):
        a, b = matrix(first), matrix(second)
        assert a == a.T
        assert b == b.T
        for difference in (a, b, upper * a - b, b - lower * a):
            assert positive_semidefinite(difference)
        assert a.det() > 0


STRUCTURE = {
    "common_curvature": lambda tasks: (
        np.all(tasks.eigenvalues == tasks.eigenvalues[:, :1]) and np.all(tasks.eigenvectors == tasks.eigenvectors[:, :1])
    ),
    "common_optimum": lambda tasks: np.all(tasks.optima == tasks.optima[:, :1]),
    "commuting": lambda tasks: np.all(tasks.eigenvectors == tasks.eigenvectors[:, :1]),
    "scalar_spectrum": lambda tasks: np.all(tasks.eigenvalues == tasks.eigenvalues[..., :1]),
}


@pytest.mark.parametrize("law", STRUCTURE)
@settings(max_examples=20)
@given(data=st.data())
def test_a_law_has_the_structure_it_is_named_for(law: str, data: st.DataObject) -> None:
    space, cell, codes = data.draw(instances(law))
    assert STRUCTURE[law](space.exact(cell, codes).tasks)


@settings(max_examples=20)
@given(drawn=instances("independent"))
def test_an_independent_law_is_a_product(drawn: tuple[Space, Cell, list[int]]) -> None:
    space, cell, codes = drawn
    tasks = space.exact(cell, codes).tasks
    assert tasks is not None
    table = tasks.probabilities[0].reshape(cell[n], 2)
    np.testing.assert_array_equal(table, table.sum(axis=1)[:, None] * table.sum(axis=0)[None])
    optima = tasks.optima[0].reshape(cell[n], 2, cell[p])
    np.testing.assert_array_equal(optima, np.broadcast_to(optima[:1], optima.shape))
    curvatures = tasks.eigenvalues[0].reshape(cell[n], 2, cell[p])
    np.testing.assert_array_equal(curvatures[:, 0], curvatures[:, 1])


@settings(max_examples=20)
@given(drawn=instances("easy_and_hard"))
def test_easy_tasks_are_solved_by_one_step_and_hard_ones_are_not(drawn: tuple[Space, Cell, list[int]]) -> None:
    space, cell, codes = drawn
    batch = space.exact(cell, codes)
    assert batch.tasks is not None
    products = batch.values[alpha].item() * batch.tasks.eigenvalues[0]
    assert np.all(products[: cell[n]] == 1)
    assert np.all((products[cell[n] :] > 0) & (products[cell[n] :] < 1))


@settings(max_examples=60)
@given(data=st.data())
def test_every_number_lies_in_its_domain(data: st.DataObject) -> None:
    space = SPACE_OF_EVERY
    shape = ((k, data.draw(st.integers(1, 5))), (N, data.draw(st.integers(2, 99))), (rule, DRS()))
    cell = Cell(shape, data.draw(st.sampled_from([1, 3, BITS, FINEST])), data.draw(st.booleans()))
    batch = space.exact(cell, data.draw(codes_of(space.length(cell), cell)))
    numbers = {x: as_rational(v.item()) for x, v in batch.values.items() if isinstance(v, np.ndarray)}
    for symbol, domain in EVERY_DOMAIN.items():
        if isinstance(domain, Interval | FiniteSet):
            assert Contains(numbers[symbol], domain.subs(numbers, simultaneous=True)) == True  # noqa: E712
        else:
            assert batch.values[symbol] in domain


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, BITS, FINEST])
def test_numbers_of_every_kind_are_the_same_in_doubles_and_rationals(bits: int, wide: bool) -> None:
    """Each block that decoders are made of, at the ends, in the middle and beside them."""
    top = 1 << bits
    kinds: list[Callable[[Codes], Any]] = [
        lambda codes: codes.unit(1, left_open=True),
        lambda codes: codes.positive(1),
        lambda codes: codes.nonnegative(1),
        lambda codes: codes.anywhere(1),
        lambda codes: codes.weights(1),
        lambda codes: codes.integers(1, most=6),
        lambda codes: codes.signs(1),
        lambda codes: codes.size(),
        lambda codes: codes.offset(1),
    ]
    beside = {place + step for place in (0, top // 2, 5 * top // 7, top) for step in (-2, -1, 0, 1, 2)}
    entries = sorted(entry for entry in beside if 0 <= entry <= top)
    for make in kinds:
        column = np.array(entries, dtype=np.int64)[:, None]
        doubles, rationals = (make(Codes(column, bits, exact, wide)) for exact in (False, True))
        assert doubles.shape == rationals.shape == (len(entries), 1)
        for double, rational in zip(doubles.ravel(), rationals.ravel(), strict=True):
            assert math.isfinite(double)
            assert abs(Fraction(float(double)) - rational) <= Fraction(1, 10**15) * abs(rational)


@pytest.mark.parametrize("bits", [3, BITS, FINEST])
def test_wide_cells_reach_all_scales_and_zero_codes_stay_simple(bits: int) -> None:
    top = 1 << bits
    codes = np.array([[0], [1], [top // 2 - 1], [top // 2], [top - 1], [top]])
    names = ("positive", "nonnegative", "anywhere")
    made = {name: getattr(Codes(codes, bits, True, wide=True), name)(1).ravel() for name in names}
    assert (made["positive"][0], made["nonnegative"][0], made["anywhere"][0]) == (1, 0, 0)
    assert all(value > 0 for value in made["positive"])
    assert min(made["positive"]) <= Fraction(1, 2**40)
    assert max(made["nonnegative"]) >= 2**40
    assert min(made["anywhere"]) <= -(2**40)
    assert max(made["anywhere"]) >= 2**40


@pytest.mark.parametrize("most", [2**24, 10**9, 2**39, 2**41, 2**62, 2**63 - 1])
def test_large_whole_numbers_stay_in_their_range_and_each_is_reached(most: int) -> None:
    rng = np.random.default_rng(0)
    for bits in (2, BITS, FINEST):
        probe = Codes(np.zeros((1, 0), np.int64), bits, exact=False)
        assert probe.integers(1, most=most).tolist() == [[0]]
        digits = probe.used
        for wanted in [0, 1, 3, most - 1, most, *map(int, rng.integers(most, size=5))]:
            # the least position that makes the number wanted, digit by digit
            position = -(-(wanted << digits * bits) // (most + 1))
            row = [position >> bits * (digits - 1 - place) & ((1 << bits) - 1) for place in range(digits)]
            assert Codes(np.array([row]), bits, exact=False).integers(1, most=most).tolist() == [[wanted]]
        corners = np.array(list(islice(product((1 << bits, 1, 0), repeat=digits), 500)), np.int64)
        made = Codes(corners, bits, exact=True).integers(1, most=most)
        assert made.dtype == np.int64
        assert made.min() >= 0
        assert made.max() <= most


@pytest.mark.parametrize(
    ("most", "said"), [(2**63, "most is 9223372036854775808; whole"), (-1, "most is -1"), (1.5, "most is 1.5")]
)
def test_whole_numbers_that_do_not_fit_are_refused_in_a_sentence(most: Any, said: str) -> None:
    with pytest.raises((ValueError, TypeError), match=said):
        Codes(np.zeros((1, 1), np.int64), BITS, exact=False).integers(1, most=most)


@pytest.mark.parametrize("dim", [2, 3])
def test_rotations_are_of_every_orientation(dim: int) -> None:
    """All sign patterns of a rotation's entries, and all directions of the axes of a symmetric matrix."""
    rng = np.random.default_rng(3)
    codes = rng.integers(0, (1 << BITS) + 1, size=(6000, dim * (dim - 1) // 2))
    made = Codes(codes, BITS, exact=False).rotations(1, dim)[:, 0]
    np.testing.assert_allclose(made @ np.swapaxes(made, 1, 2), np.broadcast_to(np.eye(dim), made.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(made), 1.0, atol=1e-12)
    uniform, triangle = np.linalg.qr(rng.normal(size=(6000, dim, dim)))
    uniform = uniform * np.sign(np.einsum("bii->bi", triangle))[:, None]  # Haar's law
    uniform[:, :, 0] *= np.sign(np.linalg.det(uniform))[:, None]
    for law in (made, uniform):
        law[np.abs(law) < 1e-12] = 0
    signs = {tuple(np.sign(each).astype(int).ravel()) for each in made}
    # a pattern that has its share of all rotations is met
    common = Counter(tuple(np.sign(each).astype(int).ravel()) for each in uniform)
    assert {pattern for pattern, count in common.items() if count > 20} <= signs
    # a rotation near any given one, to 0.3 in each entry
    near = [np.abs(made - given).max(axis=(1, 2)).min() for given in uniform[:300]]
    assert max(near) < 0.3
    exact = Codes(codes[:40], BITS, exact=True).rotations(1, dim)[:, 0]
    assert all(np.array_equal(each @ each.T, np.eye(dim, dtype=int)) for each in exact)
    np.testing.assert_allclose(exact.astype(float), made[:40], atol=1e-14)


@pytest.mark.parametrize("dim", [2, 3])
def test_curvatures_of_the_quadratic_family_have_axes_of_every_direction(dim: int) -> None:
    """The sign of each entry beside the diagonal, together, where the diagonal is in any order."""
    space, rng = space_of("free"), np.random.default_rng(5)
    cell = Cell(((p, dim), (n, 2)))
    tasks = space.floats(cell, space.random_codes(cell, 4000, rng)).tasks
    basis, values = tasks.eigenvectors[:, 1], tasks.eigenvalues[:, 1]
    matrices = (basis * values[:, None]) @ np.swapaxes(basis, 1, 2)
    beside = np.sign(np.round(matrices[:, *np.triu_indices(dim, 1)], 9)).astype(int)
    order = np.argsort(np.einsum("bii->bi", matrices), axis=1)
    seen = {(*signs, *places) for signs, places in zip(beside.tolist(), order.tolist(), strict=True) if all(signs)}
    assert len(seen) == 2 ** (dim * (dim - 1) // 2) * math.factorial(dim)


@st.composite
def telling(draw: st.DrawFn, space: Space) -> tuple[Cell, list[int]]:
    """Codes of real parameters beyond the largest, which name places in the claim's text, and some that name nothing."""
    cell = Cell((), draw(st.sampled_from([2, BITS, FINEST])), draw(st.booleans()))
    top = 1 << cell.bits
    beyond = st.integers(top + 1, top + 400)
    return cell, draw(st.lists(st.one_of(beyond, st.integers(0, top)), min_size=3, max_size=3))


#: a needle at a third, one on a line, and two pieces that cross
FREE = Symbol("free", real=True)
TOLD = {q: Interval(0, 1), s: Interval.open(0, q), FREE: Interval.Ropen(-3, oo)}
NEEDLES = (q - Rational(1, 3)) ** 2 + Abs(s - q / 7) + Max(FREE, 2 * q - 1)


@settings(max_examples=100)
@given(data=st.data())
def test_codes_that_name_places_stay_in_the_domain_and_are_the_same_in_doubles(data: st.DataObject) -> None:
    claim = Claim("told", "places", NEEDLES, "<=", 5, Source("derived here"), None, TOLD)
    space = Space(claim)
    cell, codes = data.draw(telling(space))
    exact, floats = space.exact(cell, codes), space.floats(cell, np.array([codes]))
    numbers = {symbol: as_rational(value.item()) for symbol, value in exact.values.items()}
    if exact.outside is not None:
        assert numbers[q] == 0  # an open interval of no length
        return
    for symbol, domain in TOLD.items():
        assert Contains(numbers[symbol], domain.subs(numbers)) == True  # noqa: E712
        measured = floats.values[symbol].item()
        assert measured == pytest.approx(float(numbers[symbol]), rel=1e-13, abs=1e-13)


def test_a_code_that_names_a_place_is_that_place_or_right_beside_it() -> None:
    space = Space(Claim("told", "places", NEEDLES, "<=", 5, Source("derived here"), None, TOLD))
    for bits in (2, BITS, FINEST):
        cell, top = Cell((), bits), 1 << bits
        first = [space.exact(cell, [code, 0, 0]).values[q].item() for code in range(top + 1, top + 1 + space._extras(cell)[0])]
        third = Fraction(1, 3)
        assert third in first
        gaps = sorted(abs(value - third) for value in first if value != third)
        assert gaps[0] == third / 2**40
        lines = {space.exact(cell, [top, code, 0]).values[s].item() for code in range(top + 1, top + 400)}
        assert Fraction(1, 7) in lines


def test_a_code_that_names_no_place_is_as_good_as_zero() -> None:
    space = Space(Claim("told", "places", NEEDLES, "<=", 5, Source("derived here"), None, TOLD))
    cell = Cell((), BITS)
    far = (1 << BITS) + 10**6
    assert space.exact(cell, [far, far, far]).values == space.exact(cell, [0, 0, 0]).values


def test_ends_that_cross_make_an_instance_that_lies_outside() -> None:
    crossing = {q: Interval(0, 1), s: Interval(q, 1 - q)}
    space = Space(Claim("crossing", "ends", q, "<=", 1, Source("derived here"), None, crossing))
    cell, top = Cell(()), 1 << BITS
    codes = np.array([[0, 0], [top // 2, 0], [top // 2 + 1, 5], [top, top]])
    floats = space.floats(cell, codes)
    assert floats.outside is not None
    assert floats.outside.tolist() == [False, False, True, True]
    for row, outside in zip(codes, floats.outside, strict=True):
        assert (space.exact(cell, row).outside is not None) == outside


def test_a_set_of_several_values_is_a_choice() -> None:
    chosen = {q: FiniteSet(Rational(1, 3), 0, 2), s: Interval(0, q)}
    space = Space(Claim("chosen", "values", q, "<=", 2, Source("derived here"), None, chosen))
    found = {cell[q] for cell in space.cells()}
    assert found == {Rational(1, 3), 0, 2}
    for cell in space.cells():
        exact = space.exact(cell, [1 << BITS])
        assert exact.values[q].item() == exact.values[s].item() == Fraction(int(cell[q].p), int(cell[q].q))
        assert isinstance(exact.values[q].item(), Fraction)
        floats = space.floats(cell, np.array([[1 << BITS]] * 3))
        np.testing.assert_array_equal(floats.values[q], np.full((3, 1), float(cell[q])))


@settings(max_examples=60)
@given(drawn=SPACE_OF_EVERY.strategy())
def test_drawn_instances_have_admitted_integers_and_choices(drawn: tuple[Cell, tuple[int, ...]]) -> None:
    cell, codes = drawn
    assert cell[k] in range(1, 6)
    assert cell[N] >= 2
    assert cell[rule] in EVERY_DOMAIN[rule]
    assert len(codes) == SPACE_OF_EVERY.length(cell)
    most = [(1 << cell.bits) + extra for extra in SPACE_OF_EVERY._extras(cell)]
    assert all(0 <= code <= (most[place] if place < len(most) else 1 << cell.bits) for place, code in enumerate(codes))


@pytest.mark.parametrize("law", ["free", "easy_and_hard"])
def test_shrinking_ends_at_the_smallest_cell_and_zero_codes(law: str) -> None:
    space = space_of(law)
    cell, codes = find(space.strategy(), lambda drawn: True, settings=settings(max_examples=20))
    assert cell.shape == ((p, 1), (n, 1))
    assert codes == (0,) * space.length(cell)


@pytest.mark.parametrize("bits", [1, 4, BITS])
def test_zero_codes_are_the_simplest_instance(bits: int) -> None:
    space = space_of("free")
    cell = Cell(((p, 3), (n, 4)), bits)
    batch = space.exact(cell, [0] * space.length(cell))
    assert batch.tasks is not None
    assert (batch.values[beta].item(), batch.values[nu].item()) == (1, 0)
    assert np.all(batch.tasks.probabilities == Fraction(1, 4))
    assert np.all(batch.tasks.optima == 0)
    assert np.all(batch.tasks.eigenvalues[0, 1:] == 1)
    # the first task's spectrum stays inside, so that expectations are invertible
    assert np.all((batch.tasks.eigenvalues[0, 0] > 0) & (batch.tasks.eigenvalues[0, 0] < 1))
    assert np.all(batch.tasks.eigenvectors == np.eye(3, dtype=int))


def test_codes_reach_the_corners_that_matter() -> None:
    """Repeated and extreme eigenvalues, equal tasks, tiny probabilities, ill-conditioned spectra."""
    space, rng = space_of("free"), np.random.default_rng(0)
    cell = Cell(((p, 2), (n, 3)))
    batch = space.floats(cell, space.random_codes(cell, 4000, rng))
    tasks, low, high = batch.tasks, batch.values[nu], batch.values[beta]
    assert tasks is not None
    assert tasks.probabilities.min() < 1e-8
    assert np.any(np.ptp(tasks.eigenvalues.reshape(4000, -1)[:, 2:], axis=1) == 0)
    assert np.any((tasks.eigenvalues[:, 1:].reshape(4000, -1) == low).all(axis=1) & (low < high)[:, 0])
    assert np.any((tasks.optima == tasks.optima[:, :1]).all(axis=(1, 2)))
    nearly = np.abs(tasks.optima[:, 0] - tasks.optima[:, 1]).max(axis=1)
    assert np.any((nearly > 0) & (nearly < 1e-4))
    assert np.any(high > 4)
    assert np.any(high < 1e-3)


def test_random_cells_and_cells_from_small_to_large_are_admitted() -> None:
    space, rng = space_of("free", {**SPECTRUM, k: Range(1, 6)}), np.random.default_rng(1)
    for _ in range(50):
        cell = space.random_cell(rng)
        assert cell[p] in range(1, 7)
        assert cell[n] in range(1, 9)
        assert cell[k] in range(1, 6)
    cells = space.cells()
    sizes = [cell.size() for cell in cells]
    assert sizes == sorted(sizes)
    assert len(cells) == len(set(cells)) == 6 * 8 * 5
    assert cells[0].shape == space.smallest_cell().shape


def test_a_claim_on_eq_13_gets_its_distribution() -> None:
    space = space_of("spectrum_tied")
    cell = Cell(((p, 2), (n, 1)))
    tasks = distribution(space.exact(cell, [0] * space.length(cell)))
    assert isinstance(tasks, SpectrumTied)
    assert (tasks.dimension, tasks.beta) == (2, 1)


def test_a_domain_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match=r"the domain of beta in claim codec is \[1, 2\]; it must be an Interval"):
        space_of(None, {beta: [1, 2]})
