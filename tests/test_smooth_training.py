"""Stochastic training: the compiled loop, the same updates by numpy, and finite sums over all outcomes agree."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics as nx
from numerics.bilevel import hypergradient
from numerics.kernels import streams
from numerics.smooth.algorithms import Sampling
from numerics.smooth.enumeration import PointLaw, final_law, gradient_sum, gradient_sums, one_update
from numerics.smooth.oracles import FiniteLaw, Gaussian, Minibatch, Noiseless, Oracle, Rademacher

SKEW = FiniteLaw((-1.0, 2.0), (2 / 3, 1 / 3))
ORACLES = {
    "exact": Oracle(),
    "signs": Oracle(Rademacher(0.5), Rademacher(0.2)),
    "normal": Oracle(Gaussian(0.5), Gaussian(0.3)),
    "finite": Oracle(SKEW, Rademacher(0.1)),
}
RULES = {
    "DRS": nx.DRS(),
    "MAML": nx.MAML(0.3),
    "three steps": nx.MAML(0.2, 3),
    "first order": nx.FirstOrderMAML(0.3, 2),
    "Hessian free": nx.HessianFreeMAML(0.3, 2),
    "Reptile": nx.Reptile(0.3, 2),
    "implicit": nx.ImplicitMAML(4.0),
}


class Opaque(nx.Losses):
    """The same risks without their arrays, so that no compiled loop takes them."""

    def __init__(self, losses: nx.Losses) -> None:
        super().__init__(losses.weights, losses.dimension)
        self._losses = losses

    def chunk(self, tasks: slice) -> nx.Losses:
        return Opaque(self._losses.chunk(tasks))

    def _value(self, theta: Any) -> Any:
        return self._losses.value(theta)

    def _gradient(self, theta: Any) -> Any:
        return self._losses.gradient(theta)

    def _hessian_vector(self, theta: Any, vector: Any) -> Any:
        return self._losses.hessian_vector(theta, vector)


def waves(p: int = 2, seed: int = 0) -> nx.Sines:
    rng = np.random.default_rng(seed)
    return nx.Sines([0.3, 0.7], [1.0, 2.0], rng.standard_normal((2, p)), rng.uniform(0, 6, 2))


def test_the_generator_gives_the_published_words():
    word = np.uint64
    zero = [int(w) for w in streams.philox(*[word(0)] * 6)]
    assert zero == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    digits = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0)
    assert [int(w) for w in streams.philox(*map(word, digits))] == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


@pytest.mark.parametrize("law", [Rademacher(0.7), Gaussian(0.7), SKEW, Noiseless()], ids=lambda law: type(law).__name__)
@pytest.mark.parametrize(("calls", "p"), [(1, 1), (3, 2), (40, 3)])
def test_drawn_noise_has_mean_zero_and_the_variance_of_its_law(law, calls, p):
    out = np.empty((20000, p))
    streams.fill_noise(law.noise(p), calls, np.array([3, 5], dtype=np.uint64), np.arange(20000, dtype=np.uint64), 0, 0, out)
    squares = (out**2).sum(axis=1)
    # five standard errors: 10^-6 per look
    assert np.all(np.abs(out.mean(axis=0)) <= 5 * out.std(axis=0) / np.sqrt(20000))
    assert abs(squares.mean() - law.variance / calls) <= 5 * squares.std() / np.sqrt(20000) + 1e-15
    if p > 1 and law.variance:
        products = out[:, 0] * out[:, 1]
        assert abs(products.mean()) <= 5 * products.std() / np.sqrt(20000)


@pytest.mark.parametrize("law", [Rademacher(0.7), SKEW, Noiseless()], ids=lambda law: type(law).__name__)
@pytest.mark.parametrize(("calls", "p"), [(1, 1), (3, 2), (4, 1)])
def test_outcomes_have_mean_zero_and_the_variance_of_their_law(law, calls, p):
    vectors, chances = law.outcomes(calls, p)
    assert chances.sum() == pytest.approx(1)
    assert chances @ vectors == pytest.approx(np.zeros(p), abs=1e-12)
    assert chances @ (vectors**2).sum(axis=1) == pytest.approx(law.variance / calls)
    unit = np.full(p, 1 / np.sqrt(p))
    diagonal, shares = law.outcomes(calls, p, divided=False)
    assert shares @ ((diagonal * unit) ** 2).sum(axis=1) == pytest.approx(law.variance / calls)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("oracle", ORACLES)
def test_compiled_and_interpreted_updates_meet_the_same_noise(rule, oracle):
    losses = waves()
    algorithm = Sampling(RULES[rule], ORACLES[oracle], batch=3, calls=5, samples=2)
    options: dict[str, Any] = {"updates": [0, 2, 4], "rates": [0.1, 0.3], "runs": 3, "seed": 1, "watched": nx.MAML(0.3)}
    ours = nx.meta_train(losses, algorithm, [0.1, 0.2], **options)
    theirs = nx.meta_train(Opaque(losses), algorithm, [0.1, 0.2], **options)
    assert np.abs(ours.theta - theirs.theta).max() <= 1e-12
    assert np.abs(ours.sums - theirs.sums).max() <= 1e-12


@pytest.mark.parametrize("rule", RULES)
def test_simulated_expectations_are_the_enumerated_ones(rule):
    losses = nx.Sines([0.3, 0.7], [1.0, 2.0], [[1.0], [0.7]], [0.0, 1.0])
    algorithm = Sampling(RULES[rule], ORACLES["signs"], batch=1, calls=1)
    runs = 1000 if rule == "implicit" else 8000
    updates = 1 if rule == "three steps" else 2
    law = final_law(losses, algorithm, [0.3], updates=updates, rate=0.4)
    theta = nx.meta_train(losses, algorithm, [0.3], updates=updates, rates=0.4, runs=runs, seed=3).theta[:, 0, 0]
    for function in (lambda z: z[:, 0], lambda z: z[:, 0] ** 2, lambda z: np.sin(3 * z[:, 0])):
        values = function(theta)
        # seven rules, three functions: two-sided false alarms below 2e-5 together at 5.2 standard errors
        assert abs(values.mean() - law.mean(function)) <= 5.2 * values.std() / np.sqrt(runs)


def test_minibatches_are_the_enumerated_ones_and_within_their_variance():
    rng = np.random.default_rng(4)
    losses = nx.Sines([0.3, 0.7], [[1.0, 2.0, 0.5]] * 2, rng.standard_normal((2, 3, 1)), rng.uniform(0, 6, (2, 3)))
    oracle = Oracle(Minibatch(), Minibatch())
    algorithm = Sampling(nx.MAML(0.3), oracle, calls=1, samples=2)
    law = final_law(losses, algorithm, [0.3], updates=1, rate=0.4)
    theta = nx.meta_train(losses, algorithm, [0.3], updates=1, rates=0.4, runs=8000, seed=3).theta[:, 0, 0]
    for function in (lambda z: z[:, 0], lambda z: z[:, 0] ** 2):
        assert abs(function(theta).mean() - law.mean(function)) <= 5 * function(theta).std() / np.sqrt(8000)
    bound = losses.constants(oracle)
    z = np.linspace(-6, 6, 301)[:, None, None]
    single = np.stack([losses.reweighted(3 * e).gradient(z)[..., 0] for e in np.eye(3)], axis=-1)
    assert single.var(axis=-1).max() <= bound.V_d
    curved = np.stack([losses.reweighted(3 * e).hessian_vector(z, np.ones((1, 1)))[..., 0] for e in np.eye(3)], axis=-1)
    assert curved.var(axis=-1).max() <= bound.V_h


def test_mean_of_one_update_is_a_step_along_the_mean_outer_step_where_it_is_unbiased():
    losses = waves(1)
    start = PointLaw(np.array([[0.4]]), np.ones(1))
    algorithm = Sampling(nx.MAML(0.3), Oracle(hessian=Rademacher(0.5)), batch=2)
    law = one_update(losses, algorithm, start, 0.25)
    step = hypergradient(losses, nx.MAML(0.3), np.array([0.4]))
    assert law.mean(lambda z: z) == pytest.approx(0.4 - 0.25 * step, abs=1e-13)


@pytest.mark.parametrize("rule", ["MAML", "implicit"])
def test_bits_do_not_depend_on_workers_and_runs_are_appended_and_resumed(rule, tmp_path):
    losses = waves()
    algorithm = Sampling(RULES[rule], ORACLES["normal"], batch=2, calls=2)
    start, options = [0.1, 0.2], {"rates": [0.2], "seed": 9, "watched": nx.DRS()}
    whole = nx.meta_train(losses, algorithm, start, updates=[1, 3, 6], runs=35, **options)
    alone = nx.meta_train(losses, algorithm, start, updates=[1, 3, 6], runs=35, workers=1, **options)
    assert np.array_equal(whole.theta, alone.theta)
    assert np.array_equal(whole.sums, alone.sums)
    nx.meta_train(losses, algorithm, start, updates=[1, 3], runs=20, store=tmp_path, **options)
    resumed = nx.meta_train(losses, algorithm, start, updates=[1, 3, 6], runs=35, store=tmp_path, **options)
    assert np.array_equal(whole.theta, resumed.theta)
    assert np.array_equal(whole.sums, resumed.sums)
    with pytest.raises(ValueError, match="holds seed = 9, not 8"):
        nx.meta_train(losses, algorithm, start, updates=[1], runs=1, store=tmp_path, **(options | {"seed": 8}))


def test_a_store_continues_from_what_it_holds(tmp_path):
    losses, algorithm = waves(), Sampling(nx.DRS(), ORACLES["signs"])
    nx.meta_train(losses, algorithm, [0.0, 0.0], updates=[2], rates=0.1, store=tmp_path)
    piece = tmp_path / "runs-000000.npz"
    with np.load(piece) as kept:
        arrays = dict(kept)
    arrays["theta"] = arrays["theta"] + 1.0
    np.savez(piece, **arrays)
    moved = nx.meta_train(losses, algorithm, [0.0, 0.0], updates=[2, 3], rates=0.1, store=tmp_path)
    fresh = nx.meta_train(losses, algorithm, [0.0, 0.0], updates=[2, 3], rates=0.1)
    assert np.allclose(moved.theta[:, :, 0], fresh.theta[:, :, 0] + 1.0)
    assert not np.allclose(moved.theta[:, :, 1], fresh.theta[:, :, 1])


def test_no_adaptation_is_joint_training_with_half_the_calls():
    losses = waves()
    maml = Sampling(nx.MAML(0.0), ORACLES["signs"], batch=2, calls=4)
    half = Sampling(nx.MAML(0.0), Oracle(Rademacher(0.5)), batch=2, calls=4)
    theta = [nx.meta_train(losses, a, [0.3, 0.1], updates=5, rates=0.2, runs=4).theta for a in (maml, half)]
    # rate zero multiplies the Hessian's noise as well
    assert np.array_equal(*theta)
    assert maml.gradient_calls == Sampling(nx.DRS(), calls=4).gradient_calls == 8
    one = [
        nx.meta_train(losses, a, [0.3, 0.1], updates=1, rates=0.2, runs=4000).theta[:, 0, 0]
        for a in (maml, Sampling(nx.DRS(), ORACLES["signs"], batch=2, calls=4, doubled=False))
    ]
    assert abs(one[0].var() / one[1].var() - 1) < 0.1


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2), st.integers(0, 2))
def test_sums_of_gradients_by_simulation_and_by_enumeration(seed, updates, test_steps):
    if updates + test_steps == 0:
        updates = 1
    losses = waves(1, seed)
    algorithm = Sampling(nx.DRS(), ORACLES["signs"], calls=1)
    exact = gradient_sum(losses, algorithm, [0.5], updates=updates, test_steps=test_steps, rate=0.3, watched=nx.DRS())
    runs = 3000
    found = nx.meta_train(losses, algorithm, [0.5], updates=updates, rates=0.3, runs=runs, seed=seed, watched=nx.DRS())
    tested = nx.meta_test(losses, algorithm, found.theta[:, 0, 0], steps=test_steps, rates=0.3, seed=seed)
    sums = found.sums[:, 0, 0] + tested.sums[:, 0]
    assert abs(sums.mean() - exact) <= 5.5 * sums.std() / np.sqrt(runs) + 1e-12


@pytest.mark.parametrize("rule", [nx.DRS(), nx.MAML(0.3)], ids=["DRS", "MAML"])
@pytest.mark.parametrize(("updates", "test_steps", "batch"), [(0, 2, 1), (2, 1, 1), (1, 1, 2)])
def test_sums_of_many_distributions_are_those_of_each(rule, updates, test_steps, batch):
    losses = waves(1)
    sizes, deviation, bend = np.array([0.3, 0.2]), np.array([0.5, 1.0]), np.array([0.25, 0.0])
    weights, start = np.array([[0.3, 0.7], [0.5, 0.5]]), np.array([0.4, -0.2])
    both = gradient_sums(
        losses.selected(np.array([[0, 1], [1, 0]])),
        weights,
        rule,
        start,
        updates=updates,
        test_steps=test_steps,
        rates=sizes,
        deviation=deviation,
        bend_deviation=bend,
        batch=batch,
    )
    for index in range(2):
        one = losses.selected(np.array([[0, 1], [1, 0]][index]))
        one.weights = weights[index]
        oracle = Oracle(Rademacher(deviation[index] ** 2), Rademacher(bend[index] ** 2))
        algorithm = Sampling(rule, oracle, batch=batch)
        steps = {"updates": updates, "test_steps": test_steps}
        single = gradient_sum(one, algorithm, start[index : index + 1], rate=sizes[index], watched=rule, **steps)
        assert both[index] == pytest.approx(single, rel=1e-12)


def test_watched_sums_are_those_of_the_bilevel_driver():
    losses = waves()
    algorithm = Sampling(nx.DRS())
    found = nx.meta_train(losses, algorithm, [0.4, 0.3], updates=[1, 2], rates=0.2, watched=nx.MAML(0.3, 2))
    path = [np.array([0.4, 0.3]), found.theta[0, 0, 0]]
    squares = [np.sum(hypergradient(losses, nx.MAML(0.3, 2), point) ** 2) for point in path]
    assert found.sums[0, 0] == pytest.approx(np.cumsum(squares), rel=1e-12)


def test_calls_are_counted_as_in_the_paper():
    assert Sampling(nx.MAML(0.1), batch=3, calls=5).cost(10) == 10 * 3 * 10
    assert Sampling(nx.MAML(0.1), batch=3, calls=5, samples=4).cost(10, hessian_charge=2) == 10 * 3 * (10 + 8)
    assert Sampling(nx.MAML(0.1, 3), calls=5).gradient_calls == 20
    assert Sampling(nx.FirstOrderMAML(0.1), calls=5).hessian_samples == 0
    assert Sampling(nx.Reptile(0.1, 2), calls=5).gradient_calls == 10
    assert Sampling(nx.HessianFreeMAML(0.1), calls=5, samples=2).gradient_calls == 14
    data = nx.meta_train(waves(), Sampling(nx.MAML(0.1), batch=3, calls=5), [0.0, 0.0], updates=[1, 2], rates=0.1).dataset()
    assert data["calls"].values.tolist() == [30, 60]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Rademacher(-1.0), "variance is -1.0; it must be finite and at least zero"),
        (lambda: Gaussian(float("nan")), "variance is nan"),
        (lambda: FiniteLaw((1.0, 2.0), (0.5, 0.5)), "points have the mean 1.5"),
        (lambda: FiniteLaw((1.0, -1.0), (0.5, 0.6)), "they must be positive and sum to one"),
        (lambda: Oracle(Minibatch(), Noiseless()), "only one of gradient and hessian is a Minibatch"),
        (lambda: Sampling(nx.DRS(), batch=0), "batch is 0; it must be a whole number, at least 1"),
        (lambda: Sampling(nx.DRS(), calls=1.5), "calls is 1.5"),
        (lambda: nx.MAML(0.1) and nx.HessianFreeMAML(0.1, 1, 0.0), "spacing is 0.0"),
        (lambda: nx.meta_train(waves(), Sampling(nx.DRS()), [0.0, 0.0], updates=-1, rates=0.1), "updates is -1"),
        (lambda: nx.meta_train(waves(), Sampling(nx.DRS()), [0.0, 0.0], updates=1, rates=-0.1), "rates is -0.1"),
        (lambda: nx.meta_train(waves(), Sampling(nx.DRS()), [0.0], updates=1, rates=0.1), "start has shape (1,)"),
        (lambda: nx.meta_train(waves(), Sampling(nx.DRS()), [0.0, 0.0], updates=[2, 1], rates=0.1), "updates is [2, 1]"),
        (
            lambda: gradient_sum(waves(), Sampling(nx.DRS()), [0, 0], updates=0, test_steps=0, rate=0.1, watched=nx.DRS()),
            "updates and test_steps are both 0",
        ),
    ],
)
def test_bad_input_gets_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        make()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"start": "here"}, "start is not an array of real numbers; it must be one of shape (p,)"),
        ({"start": [1j, 0.0]}, "start is not an array of real numbers"),
        ({"rates": "fast"}, "rates is not an array of real numbers"),
        ({"losses": 3}, "losses is a int; it must be a distribution of risks"),
        ({"algorithm": nx.MAML(0.1)}, "algorithm is a MAML; it must be a Sampling"),
    ],
)
def test_arguments_of_another_kind_are_named(arguments, sentence):
    given = {"losses": waves(), "algorithm": Sampling(nx.DRS()), "start": [0.0, 0.0], "updates": 1, "rates": 0.1, **arguments}
    with pytest.raises(TypeError, match=re.escape(sentence)):
        nx.meta_train(**given)


def test_what_cannot_be_done_is_said():
    with pytest.raises(TypeError, match="Gaussian has infinitely many outcomes"):
        final_law(waves(), Sampling(nx.DRS(), ORACLES["normal"]), [0.0, 0.0], updates=1, rate=0.1)
    with pytest.raises(TypeError, match="a Minibatch needs risks that are sums of terms"):
        nx.meta_train(Opaque(waves()), Sampling(nx.DRS(), Oracle(Minibatch(), Minibatch())), [0.0, 0.0], updates=1, rates=0.1)
