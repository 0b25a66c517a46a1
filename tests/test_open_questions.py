"""Open questions about smooth risks: what is searched is what it says, and the line's constant fails in the plane."""

import numpy as np
import pytest
from scipy.optimize import differential_evolution

import numerics as nx
from verify.simulation.nonconvex_bounds import steps_and_bounds
from verify.simulation.open_questions import main
from verify.simulation.smooth_plane import ideal, price_of_two_steps, reached, wrinkled
from verify.simulation.smooth_sums import Setting, search, sums


@pytest.mark.parametrize("a", [0.2, 0.7])
def test_paths_of_quadratics_are_reached_and_broken_ones_are_not(a):
    # curvature -L along the path: radius 1, angle 0, and on again
    ends = reached(np.array([[1.0], [0.0], [1.0], [0.0], [0.0]]), a, 0.0)
    assert ends[0] == pytest.approx((1 + a) ** 4)
    # turning by the largest angle twice is chained, but no risk has it
    sine = np.arctan2(a, 1)
    turn = np.array([[1.0], [np.pi / 2], [np.cos(np.pi / 2 + sine)], [np.sin(np.pi / 2 + sine)], [0.0]])
    assert reached(turn, a, 0.0)[0] < 0


def test_what_is_found_lies_between_quadratics_and_chains():
    found = price_of_two_steps(1.0, generations=60)
    assert found.quadratics + 1 < found.found < found.chained - 0.3
    again = differential_evolution(
        lambda path: -reached(path, 1.0, found.centre), [(0, 1), (0, np.pi), (-1, 1), (-1, 1), (-1, 1)], maxiter=60, popsize=24,
        seed=5, vectorized=True, updating="deferred", polish=False, tol=0,
    )  # fmt: skip
    assert -again.fun == pytest.approx(found.found, rel=2e-2)


@pytest.mark.parametrize("alpha", [0.3, 1.0, 2.0])
def test_the_constant_of_the_line_is_exceeded_in_the_plane_and_the_proved_one_is_not(alpha):
    found = wrinkled(alpha, 0.9)
    assert found.line * 1.005 < found.reached < found.plane
    assert found.reached / found.line == pytest.approx(ideal(alpha, 0.9)[0], rel=2e-3)
    flat = wrinkled(alpha, 0.5)
    assert flat.reached < flat.line


@pytest.mark.parametrize("batch", [1, 4])
def test_bounds_of_a_sine_are_those_of_the_study(batch):
    """A ripple of hardly any height; the study's bounds are held to formulas written out by hand."""
    setting = Setting(1e-12, 3, 0.0, 2.0, 1.5, 20, batch)
    losses = setting.losses()
    a, variance = 1 / 6, 1.5 / 4  # the steepest slope is 1/2
    run = sums(setting, a, runs=400, seed=3)
    rules = steps_and_bounds(losses, 2.0, 20, variance, a, batch)
    (rule, step, bound), (_, _, printed) = rules[4], rules[6]
    algorithm = nx.Sampling(rule, nx.Oracle(nx.Rademacher(variance)), batch=batch)
    totals = [
        nx.meta_train(losses, algorithm, [2.0], updates=20, rates=step * factor, runs=400, seed=3, watched=rule).sums.mean()
        for factor in (0.25, 0.5, 1.0, 2.0, 4.0)
    ]
    assert run.derived == pytest.approx(totals[2] / bound, rel=1e-4)
    assert run.printed == pytest.approx(min(totals) / printed, rel=1e-4)


@pytest.mark.parametrize("setting", [Setting(0.3, 5, 1.0, 0.0, 1.0, 1, 1), Setting(0.01, 40, 2.0, 0.0, 1.0, 1, 1)])
def test_constants_of_a_sine_with_a_ripple_are_searched_suprema(setting):
    found = nx.searched_constants(setting.losses())
    np.testing.assert_allclose(setting.constants(), (found.G, found.L, found.L_H), rtol=3e-3)


def test_a_search_by_simulation_goes_where_the_printed_theorem_is_open():
    setting, found = search(1 / 6, printed=True, generations=4)
    assert not found.implied
    assert 0 < found.printed < 1
    assert sums(setting, 1 / 6, 4096, 1) == found


def test_the_command_prints_both_and_refuses_what_is_out_of_range(capsys):
    assert main(["--rates", "0.3", "--shares", "0.9", "--generations", "20", "--sums", "1"]) == 0
    said = capsys.readouterr().out
    assert "aL = 0.3, L^2/(2 L_H G) = 0.9: 1.0064" in said
    assert "Theorem 2 without test steps" in said
    for words, sentence in (
        (["--rates", "3"], "--rates is 3.0"),
        (["--shares", "1"], "--shares is 1.0"),
        (["--generations", "0"], "--generations is 0"),
        (["--sums", "0"], "--sums is 0"),
    ):
        assert main(words) == 2
        assert sentence in capsys.readouterr().err
