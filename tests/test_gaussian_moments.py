"""Expectations of words in sampled covariances equal integrals that are computed without Isserlis' theorem.

Gauss-Hermite quadrature in every coordinate of every sample integrates a polynomial of the features exactly, and so does a
regular polygon for the sphere at p = 2; the references are therefore exact up to round-off, not simulations.
"""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import gamma
from sympy import QQ, Matrix, Rational, ring

from theory.features import GAUSSIAN, Sphere, StudentT
from theory.gaussian_moments import expectation, scalar_moments
from theory.words import Words, domain_matrices

W = Words.word
INTEGERS = st.integers(-2, 2)
CORRELATED = [[2, 1], [1, 3]]


def matrices(size):
    return st.lists(st.lists(INTEGERS, min_size=size, max_size=size), min_size=size, max_size=size)


def word_terms(copies):
    """Lists of words (the last one open, the others traces) with at most `copies` letters S in all."""
    letters = st.lists(st.sampled_from("SSKkL"), min_size=1, max_size=4).map("".join)
    return st.lists(letters, min_size=1, max_size=2).map(lambda parts: _limited(parts, copies))


def _limited(parts, copies):
    kept, left = [], copies
    for part in parts:
        word = ""
        for letter in part:
            if letter == "S":
                if not left:
                    continue
                left -= 1
            word += letter
        kept.append(word)
    return kept


def as_words(parts):
    total = W("")
    for loop in parts[:-1]:
        total = total * W(loop).trace()
    return total * W(parts[-1])


def value(parts, arrays):
    """The term at given matrices, one for each letter."""
    dimension = arrays["Q"].shape[-1]

    def chain(word):
        result = np.eye(dimension)
        for letter in word:
            result = result @ (arrays[letter] if letter in arrays else np.swapaxes(arrays[letter.upper()], -1, -2))
        return result

    scale = 1.0
    for loop in parts[:-1]:
        scale = scale * np.trace(chain(loop), axis1=-2, axis2=-1)[..., None, None]
    return scale * chain(parts[-1])


def theory_value(parts, exact, inverse, features=GAUSSIAN):
    found = expectation(as_words(parts), "S", "Q", inverse, features, exact["Q"].rows)
    return np.array(found.evaluate(domain_matrices(**exact)).to_Matrix().tolist(), dtype=float)


def gaussian_nodes(dimension, samples, nodes=5):
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / weights.sum()
    grid = np.array(list(product(range(nodes), repeat=dimension * samples)))
    return points[grid].reshape(-1, samples, dimension), weights[grid].prod(axis=1)


@pytest.mark.parametrize(("dimension", "samples"), [(1, 1), (1, 3), (2, 1), (2, 2)])
@given(data=st.data())
def test_words_have_the_expectation_that_quadrature_gives(dimension, samples, data):
    parts = data.draw(word_terms(4 if samples == 1 else 3))  # 5 nodes are exact up to degree 9 in a coordinate
    exact = {letter: Matrix(data.draw(matrices(dimension))) for letter in "KL"}
    exact["Q"] = Matrix(CORRELATED)[:dimension, :dimension]
    arrays = {letter: np.array(matrix.tolist(), dtype=float) for letter, matrix in exact.items()}
    nodes, weights = gaussian_nodes(dimension, samples)
    vectors = nodes @ np.linalg.cholesky(arrays["Q"]).T
    arrays["S"] = np.einsum("mni,mnj->mij", vectors, vectors) / samples
    values = np.broadcast_to(value(parts, arrays), (len(weights), dimension, dimension))
    reference, scale = np.einsum("m,mij->ij", weights, values), np.einsum("m,mij->ij", weights, np.abs(values)).max()
    np.testing.assert_allclose(theory_value(parts, exact, Rational(1, samples)), reference, atol=1e-10 * (1 + scale))


@pytest.mark.parametrize("samples", [1, 2, 3])
@given(data=st.data())
def test_words_on_the_sphere_have_the_expectation_over_a_regular_polygon(samples, data):
    parts = data.draw(word_terms(3))
    exact = {letter: Matrix(data.draw(matrices(2))) for letter in "KL"} | {"Q": Matrix(CORRELATED)}
    arrays = {letter: np.array(matrix.tolist(), dtype=float) for letter, matrix in exact.items()}
    angles = 2 * np.pi * np.array(list(product(range(7), repeat=samples))) / 7  # exact up to degree 6
    units = np.sqrt(2) * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    vectors = units @ np.linalg.cholesky(arrays["Q"]).T
    arrays["S"] = np.einsum("mni,mnj->mij", vectors, vectors) / samples
    values = np.broadcast_to(value(parts, arrays), (len(angles), 2, 2))
    tolerance = 1e-10 * (1 + np.abs(values).max())
    np.testing.assert_allclose(theory_value(parts, exact, Rational(1, samples), Sphere()), values.mean(axis=0), atol=tolerance)


def test_two_copies_give_the_textbook_formula():
    _, r = ring("r", QQ)
    found = expectation(W("SKS"), "S", "Q", r)
    assert found == W("QKQ") + (W("QkQ") + W("KQ").trace() * W("Q")) * r


@pytest.mark.parametrize("copies", range(1, 7))
def test_every_pairing_is_counted(copies):
    found = expectation(W("S" * copies), "S", "Q", 1)
    assert sum(found.terms.values()) == np.prod(range(1, 2 * copies, 2))


@pytest.mark.parametrize("features", [GAUSSIAN, Sphere(), StudentT(20), StudentT(Rational(33, 2))])
def test_scalar_moments_agree_with_words(features):
    _, r = ring("r", QQ)
    moments = scalar_moments(5, r, features)
    for order in range(1, 6):
        words = expectation(W("S" * order), "S", "Q", r, features, 1).commuted()
        assert words == W("Q" * order, moments[order])


def test_scalar_gaussian_moments_are_those_of_chi_square():
    moments = scalar_moments(12, Rational(1, 7))
    expected = [2.0**order * gamma(3.5 + order) / gamma(3.5) / 7.0**order for order in range(13)]
    np.testing.assert_allclose([float(moment) for moment in moments], expected, rtol=1e-10)


def test_a_random_sign_has_no_moments_but_one():
    assert scalar_moments(9, Rational(1, 4), Sphere()) == [1] * 10


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_student_features_have_inverse_chi_square_radial_moments(degree):
    df = 13
    expected = stats.invgamma(df / 2, scale=(df - 2) / 2).moment(degree)
    np.testing.assert_allclose(float(StudentT(df).radial_moment(degree, 3)), expected, rtol=1e-9)


def test_infinite_moments_are_refused():
    with pytest.raises(ValueError, match="df is 8"):
        StudentT(8).radial_moment(4, 1)
    with pytest.raises(ValueError, match="above 2"):
        StudentT(2)
