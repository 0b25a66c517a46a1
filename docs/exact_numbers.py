"""Print the exact numbers behind the statements on related papers, each computed anew.

    python docs/exact_numbers.py [TOPIC ...]

takes names of folders of theory/bounds, all of them by default.  Fractions are exact; what has a point is rounded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction as F
from itertools import combinations, product
from math import comb, log

import numpy as np
from scipy.optimize import brentq
from sympy import Rational, exp

from numerics.related import context_pruning, improvement_records, linear_attention, mirror_descent
from numerics.related.annealing import Cloud, expectation_step
from numerics.related.bandits import Bandits
from numerics.related.kernel_rules import PadeFlow
from theory.bounds import claim
from theory.bounds.submodular.adapting_sets_first import copies
from theory.bounds.submodular.joint_training_of_sets import two_tasks
from theory.claim import Stored
from theory.kernel_rules import EnergyFunctional
from theory.kernel_rules import PadeFlow as SymbolicPade
from theory.related import bandits, kernel_machines, pruning, sequential_search, set_functions
from verify.evidence.question import Question
from verify.evidence.stored import made

#: name of a claim and what there is to say of it
Lines = Iterator[tuple[str, str]]


def listed(numbers: Iterable[object]) -> str:
    """Numbers on a line."""
    return ", ".join(map(str, numbers))


def submodular() -> Lines:
    """Sets that attain each guarantee."""
    task = ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], [1, 1, 1])
    value = lambda chosen: set_functions.meta_value([task], chosen, 1)  # noqa: E731
    sums = value({0}) + value({1}), value({0, 1}) + value(set())
    yield "meta_objective_submodular", f"F(1) + F(2) = {sums[0]} < {sums[1]} = F(1, 2) + F(empty)"

    def tasks(stored: Stored) -> list[set_functions.Task]:
        return list(zip(stored.tasks["covers"], stored.tasks["weights"], strict=True))

    shares = []
    for adds in (1, 2, 3):
        pair = tasks(two_tasks(adds))
        shares.append(F(set_functions.shared_first(pair, 1, adds), set_functions.best_value(pair, 1, adds)))
    yield "joint_training_of_sets", f"a = 1, 2, 3 attain {listed(shares)}"
    shares = []
    for number in (1, 2, 3, 4):
        many = tasks(copies(number))
        shares.append(F(set_functions.both_greedy(many, 1, 1, True), set_functions.best_value(many, 1, 1)))
    yield "adapting_sets_first", f"1, 2, 3, 4 tasks find {listed(shares)} of the best"


def kernels() -> Lines:
    """Energies, flows and ridge regression."""
    law = [F(1, 64), F(63, 64)], [[F(8), F(24)], [F(1), F(-2)]], [F(4), F(-1)]
    yield "finite_training_error", f"second derivative {kernel_machines.one_example_curvature(*law)} at T = 0"

    def difference(time: float) -> float:
        decays = [np.exp(-time * float(kernel_machines.dot(x, x))) for x in law[1]]
        before, slope, after = kernel_machines.one_example_energies(*law, decays)
        return float(after - before + time * slope)

    yield "finite_training_error", f"the error is zero at T = {brentq(difference, 1e-3, 0.1):.5f}"
    reflected = SymbolicPade(Rational(100)).residual(Rational(1))
    weight = PadeFlow(100.0).deployment_weight(np.array([[[1.0]]]))[0, 0, 0]
    yield "pade_error", f"at t = 100, q = 1 the residual is {reflected}, executed {-np.sqrt(weight):.6f}"
    tau = Rational(98, 100)
    yield "flow_against_ridge", f"at the time 0.98/lambda the best factor is {float(exp(2 * (tau - 1)) / tau**2):.6f}"
    just_above = EnergyFunctional(Rational(51, 100)).training_weight(Rational(1))
    yield "energy_transfer", f"at alpha = 0.51/beta the energy's weight at beta = 1 is {just_above}"


def mirror() -> Lines:
    """Maps and rates."""
    spread, slopes = np.array([[1.0, 0.9], [0.9, 1.0]]), np.diag([1.0, 4.0])
    bound = lambda matrix: float(mirror_descent.regret_bound(matrix, spread, slopes))  # noqa: E731
    best, diagonal = bound(mirror_descent.learned_map(spread, slopes).matrix), bound(np.diag([1.0, 2.0]))
    euclid = bound(np.sqrt(2.5) * np.eye(2))
    yield "learned_map", f"learned {best:.4f}, diagonal {diagonal:.4f}, Euclid {euclid:.4f}"
    curvatures, chances = (F(1, 5), F(1)), (F(25), F(1))
    moments = [sum(c * q**j for c, q in zip(chances, curvatures, strict=True)) for j in (1, 2, 3)]
    share = 1 - moments[1] ** 2 / (moments[0] * moments[2])
    yield "best_rate_share", f"curvatures 1/5 and 1 leave {share} = ((1 - 1/5)/(1 + 1/5))^2"
    rate, steps = 0.05, 40_000
    losses = np.tile([[1.0, 0.0], [0.0, 1.0]], (steps // 2, 1))
    path = mirror_descent.mirror_descent(mirror_descent.EntropicMap(), losses, [0.5, 0.5], rate)
    regret = float(path.loss - path.gradient_sum.min())
    norms = rate / 2 * float(path.squared_norms)
    said = f"alternating losses: {regret / (rate * steps / 8):.4f} of eta T/8, {norms / regret:.3f} times below the norms"
    yield "entropic_regret", said
    declared, sibling = claim("entropic_regret").false_sibling, Question(claim("entropic_regret").sibling())
    if declared is not None and declared.stored is not None:
        ratio = sibling.decided(made(sibling, declared.stored)).ratio()
        yield "entropic_regret", f"six losses at eta = 2 exceed a sixteenth by the factor {ratio:.4f}, in exponentials"
    yield "preconditioned_transfer", _preconditioned([F(9), F(1, 10)], [F(0), F(1)])


def _preconditioned(weights: list[F], optima: list[F]) -> str:
    """p = 1, Pi = 10, alpha = 1/10, curvatures 1/10 and 1: the excess over the bound with either eigenvalues."""
    curvatures = [F(1, 10), F(1)]
    deployed = [q * (1 - q) ** 2 for q in curvatures]

    def risk(weight: list[F], theta: F) -> F:
        return sum((c * w * (theta - o) ** 2 for c, w, o in zip(weights, weight, optima, strict=True)), F(0)) / 2

    def best(weight: list[F]) -> F:
        total = sum(c * w for c, w in zip(weights, weight, strict=True))
        return sum((c * w * o for c, w, o in zip(weights, weight, optima, strict=True)), F(0)) / total

    joint = best(curvatures)
    excess = (risk(deployed, joint) - risk(deployed, best(deployed))) / risk(curvatures, joint)
    own, other = F(9, 10) ** 2, F(9, 100) ** 2
    allowed = f"{float(own):.4f} allowed, {float(other):.4f} by the eigenvalues of Q"
    return f"Pi = 10: excess {float(excess):.4f} of the joint risk, {allowed}"


def annealing() -> Lines:
    """Temperatures and rates."""
    skewed = Cloud([[0.0], [1.0]], [0.9, 0.1])
    first = 0.8 / log(9)
    found, local = skewed.global_temperature(), skewed.local_temperature()
    yield "first_split", f"p = 0.1: T* = {first:.4f}, by search {found:.4f}; T_c = {local:.2f}"
    heat = 1.999
    place = brentq(lambda at: at - np.tanh(2 * at / heat), 1e-3, 1)
    half = np.array([0.5, 0.5])
    moved, _, _ = expectation_step(np.array([[-1.0], [1.0]]), half, np.array([[-place], [place]]), half, heat)
    root = np.sqrt(3 * (1 - heat / 2))
    yield "symmetric_split", f"at T = 1.999 prototypes rest at {moved[1, 0]:.5f}, sqrt(3 (1 - T/2)) = {root:.5f}"
    t, squares = 200_000, {}
    for b in (0.9, 0.3):
        squares[b] = [1.0]
        for step in range(2, t + 1):
            squares[b].append((1 - b / step) ** 2 * squares[b][-1] + 1 / step**2)
    fast, slow = t * squares[0.9][-1], np.log10(squares[0.3][t // 10 - 1] / squares[0.3][-1])
    yield (
        "online_rate",
        f"b = 0.9: t E e^2 = {fast:.3f} against 1/(2b - 1) = 1.250; b = 0.3: exponent {slow:.3f} against 2b = 0.6",
    )


def in_context() -> Lines:
    """Linear attention for Q = diag(0.3, 1, 2), noise 1/2, N = 6."""
    spectrum, noise, context = [F(3, 10), F(1), F(2)], F(1, 2), 6
    rest = sum(spectrum) + noise
    law = np.diag(np.array(spectrum, float)), np.eye(3), 0.5
    matrix = linear_attention.best_matrix(*law, context)
    least = sum(q * (q + rest) / ((context + 1) * q + rest) for q in spectrum) / 2
    found = float(linear_attention.risk(matrix, *law, context))
    yield "isotropic_prior_risk", f"{least} = {float(least):.6f}, attention's risk {found:.6f}"
    floor = sum(q * ((q + rest) / ((context + 1) * q + rest)) ** 2 for q in spectrum) / 2
    found = float(linear_attention.risk(matrix, *law, 1e9))
    yield "long_context_floor", f"{floor} = {float(floor):.6f}, at a context of 10^9 {found:.6f}"
    worse = [2 / (q * context / ((context + 1) * q + rest)) for q in spectrum]
    factors = listed(f"{float(c):.3f}" for c in worse)
    yield "long_context_floor", f"covariances of {factors} times make a coordinate no better than none"
    left = [max(5 - tasks, 0) for tasks in range(1, 7)]
    yield "memorise_generalise", f"p = 5, K = 1, ..., 6 tasks: {listed(F(each, 2) for each in left)} on fresh tasks"


def context_pruning_numbers() -> Lines:
    """Small contexts, exactly."""
    gradients = [[F(-2)], [F(3, 2)], [F(3, 2)]]
    kept = pruning.largest(pruning.squared_norms(gradients), 1)
    aligned, mean = pruning.alignment(gradients, kept), pruning.mean(gradients)
    yield "tack_immediate_improvement", f"gradients -2, 3/2, 3/2: <g, g_S> = {aligned}, random {pruning.dot(mean, mean)}"
    second = context_pruning.discrepancy([[1.0], [0.0]], np.array([1]))
    yield "top_pruning", f"gradients 1, 0: the second leaves out {second} of 0.25 allowed"
    contexts = np.array(list(product(range(-5, 6), repeat=5)), dtype=float)[..., None]
    pairs = (np.broadcast_to(pair, (len(contexts), 2)) for pair in combinations(range(5), 2))
    left = np.stack([context_pruning.discrepancy(contexts, pair) for pair in pairs])
    top = context_pruning.discrepancy(contexts, context_pruning.top_examples(contexts, 2))
    worse = int((top > left.min(axis=0) + 1e-9).sum())
    said = f"of {len(contexts)} contexts of five gradients from -5 to 5, {worse} have two that leave out less than the top two"
    yield "top_pruning", said
    yield "random_pruning", f"k = 2 of n = 4: the factor of a finite population is {F(4 - 2, 4 - 1)}"
    cycle = context_pruning.Context([[1.0], [1.0]], [1.0, -1.0]).adapt([0.7], 1 / 3, 200, kept=1, rescaled=True)
    rate = F(1, 3)
    yield "rescaled_step", f"alpha = 1/3: cycle +-{rate / (2 - rate)}, reached from 0.7: {abs(float(cycle.theta[0, 0])):.9f}"


def bayesian_optimisation() -> Lines:
    """Records and searches."""
    law = improvement_records.record_law(4)
    mean = sequential_search.harmonic(4)
    orders, variance = listed(int(count) for count in law[1:]), mean - sequential_search.harmonic(4, 2)
    yield "record_sparsity", f"T = 4: {orders} orders, mean {mean}, variance {variance}"
    draws = sequential_search.records_of_draws(4, 3, False)
    bounds = [sequential_search.harmonic(length) for length in (3, 5)]
    said = f"3 draws of 4 values: {draws} < H_3 = {bounds[0]}; 5 draws of one value, ties counted: 5 > H_5 = {bounds[1]}"
    yield "records_of_draws", said
    yield (
        "random_search",
        f"2 of the values 0, 0, 7, 0: {sequential_search.expected_best([0, 0, 7, 0], 2)}, in {comb(4, 2)} samples",
    )
    prior, even = [(3, 1, 0), (0, 0, 2), (0, 2, 0)], [F(1, 3)] * 3
    greedy, best = (sequential_search.search_value(prior, even, 2, each) for each in (True, False))
    yield "expected_improvement_once", f"three functions, two queries: greedy {greedy} of {best}, {greedy / best}"
    ratios = []
    for paid in (4, 6, 10):
        pointer = [(101, arm, *(100 * paid * int(arm == other) for other in range(paid))) for arm in range(paid)]
        same = [F(1, paid)] * paid
        greedy, best = (sequential_search.search_value(pointer, same, 2, each) for each in (True, False))
        ratios.append(greedy / best)
    yield "expected_improvement_once", f"a pointer to 4, 6, 10 arms: {listed(f'{float(ratio):.4f}' for ratio in ratios)}"


def global_optimality() -> Lines:
    """Three arms and two opposite tasks."""
    tasks = [[2, 3, 6], [5, 6, 0], [6, 4, 5], [0, 0, 1]]
    low, high, even = Rational(49, 1000), Rational(51, 1000), [Rational(1, 4)] * 4
    count = bandits.stationary_policies(tasks, 4, low, high)
    executed = Bandits(tasks, np.log(4.0))
    place = brentq(lambda t: float(executed.slope([0.0, t, 1 - t]) @ [0, 1, -1]), float(low), float(high))
    ends = [executed.ascend(start) for start in ([0.0, 0.1, 0.9], [0.8, 0.1, 0.1])]
    yield "three_armed_maximum", f"{count} stationary policy from {low} to {high}, at {place:.6f}, worth {ends[0].value:.4f}"
    better = bandits.value([Rational(257, 1000), Rational(248, 1000), Rational(495, 1000)], tasks, even, Rational(4))
    there = listed(f"{share:.3f}" for share in ends[1].policy)
    yield "three_armed_maximum", f"ascent elsewhere: {ends[1].value:.4f} at {there}; in fractions there {float(better):.4f}"
    pair = Bandits([[1.0, 0.0], [0.0, 1.0]], 2.0)
    ratios = []
    for logit in (5.0, 10.0, 15.0):
        policy = np.array([1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(logit))])
        ratios.append((pair.value([0.5, 0.5]) - pair.value(policy)) / abs(pair.logit_gradient(policy)[0]))
    yield (
        "logit_slope",
        f"eta = 2, logits 5, 10, 15: the gap is {listed(f'{float(ratio):.3g}' for ratio in ratios)} times the gradient",
    )


TOPICS: dict[str, Callable[[], Lines]] = {
    "submodular": submodular,
    "kernels": kernels,
    "mirror_descent": mirror,
    "annealing": annealing,
    "in_context": in_context,
    "pruning": context_pruning_numbers,
    "bayesian_optimisation": bayesian_optimisation,
    "global_optimality": global_optimality,
}


def main(words: list[str]) -> int:
    """Print the numbers of the topics that are named, or of all."""
    if unknown := [word for word in words if word not in TOPICS]:
        print(f"topic is {unknown[0]!r}; it must be one of {', '.join(TOPICS)}", file=sys.stderr)
        return 2
    for topic in words or TOPICS:
        for name, said in TOPICS[topic]():
            print(f"{name}: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
