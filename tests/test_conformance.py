"""The oracle names what a function computes: every known mistake is made on purpose, by plain loops, and found."""

import json
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest

import numerics as nx
from verify.conformance import Problem, diagnose, judge_training
from verify.conformance.__main__ import main
from verify.conformance.adapters import MODULES, Adapter, loaded
from verify.conformance.table import lines, markdown, run
from verify.conformance.variants import variants

pytest_plugins = ["pytester"]


def plain(
    data,
    *,
    order=2,
    inner_sign=1.0,
    outer_sign=1.0,
    steps=None,
    inner_half=0.5,
    outer_half=0.5,
    reduce="mean",
    samples="mean",
    adapt="support",
    judge="query",
    joint=False,
    carry=False,
):
    """MAML by hand, each mistake an option: forward steps and a plain adjoint, in the data's precision."""
    total = np.zeros_like(data.theta)
    place, backs = data.theta, []
    for X, y, Xq, yq in data:
        inner_x, inner_y = (X, y) if adapt == "support" else (Xq, yq)
        outer_x, outer_y = (Xq, yq) if judge == "query" else (X, y)
        count = len(inner_y) if samples == "mean" else 1
        hessian = 2 * inner_half * inner_x.T @ inner_x / count
        inner = place if carry else data.theta
        backs = backs if carry is True else []
        for _ in range(data.steps if steps is None else steps):
            slope = 2 * inner_half * inner_x.T @ (inner_x @ inner - inner_y) / count
            inner = inner - inner_sign * data.alpha * slope
            backs.append(hessian)
        place = inner
        at = data.theta if joint else inner
        cotangent = 2 * outer_half * outer_x.T @ (outer_x @ at - outer_y) / len(outer_y)
        for matrix in reversed(backs if order == 2 and not joint else backs[len(backs) :]):
            cotangent = cotangent - inner_sign * (matrix @ (data.alpha * cotangent))
        total = total + cotangent
    return outer_sign * total / (len(data) if reduce == "mean" else 1)


MISTAKES = {
    "first-order": ({"order": 1}, "the first-order meta-gradient"),
    "joint": ({"joint": True}, "the gradient of the joint loss, without adaptation"),
    "ascent": ({"inner_sign": -1.0}, "MAML with the wrong sign inside (ascent)"),
    "outer sign": ({"outer_sign": -1.0}, "the exact MAML meta-gradient, with the wrong sign outside"),
    "a step too few": ({"steps": 2}, "MAML with 2 steps instead of 3"),
    "a step too many": ({"steps": 4}, "MAML with 4 steps instead of 3"),
    "half inside": ({"inner_half": 1.0}, "MAML with an inner loss without the half (the rate is doubled)"),
    "half outside": ({"outer_half": 1.0}, "the exact MAML meta-gradient, without the half in the outer loss"),
    "sum": ({"reduce": "sum"}, "the exact MAML meta-gradient, summed over tasks instead of averaged"),
    "sum over samples": ({"samples": "sum"}, "MAML with an inner loss summed over samples"),
    "query set": ({"adapt": "query"}, "MAML that adapts on the query set"),
    "support set": ({"judge": "support"}, "MAML that is judged on the support set"),
    "exchanged": ({"adapt": "query", "judge": "support"}, "MAML with support and query sets exchanged"),
    "carried": ({"carry": True}, "MAML whose state is carried from task to task"),
    "carried in place": (
        {"carry": "in place"},
        "MAML whose state is carried from task to task, differentiated within each task only",
    ),
    "carried, first-order": ({"carry": True, "order": 1}, "first-order MAML whose state is carried from task to task"),
    "two at once": ({"order": 1, "reduce": "sum"}, "the first-order meta-gradient, summed over tasks instead of averaged"),
    "first-order, half": (
        {"order": 1, "inner_half": 1.0},
        "first-order MAML with an inner loss without the half (the rate is doubled)",
    ),
}


@pytest.mark.parametrize("kind", MISTAKES)
@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
def test_every_mistake_is_named(kind, single):
    options, name = MISTAKES[kind]
    found = diagnose(lambda data: plain(data, **options), Problem.example(single=single))
    assert found.computes[0] == name
    assert not found.conforms
    assert f"computes {name}, not the exact one" in found.sentence


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["MAML", "MetaSGD", "first-order MAML"])
@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
@pytest.mark.parametrize("steps", [1, 4])
def test_what_is_right_conforms_and_rounding_explains_its_error(seed, method, single, steps):
    problem = Problem.example(method, seed=seed, single=single, steps=steps)
    found = diagnose(lambda data: plain(data, order=1 if "first" in method else 2), problem)
    assert found.conforms
    # the tolerance follows from the condition: neither met by luck nor so wide that mistakes fit in
    assert found.error < found.tolerance < (1e-3 if single else 1e-11)


def test_no_two_known_things_are_the_same():
    for method in ("MAML", "implicit MAML"):
        problem = Problem.example(method)
        values = {name: value for name, value in variants(problem) if "outside" not in name}
        inside = {
            name: value
            for name, value in values.items()
            if ", summed" not in name and ", with" not in name and ", av" not in name
        }
        names = list(inside)
        for i, first in enumerate(names):
            for second in names[:i]:
                gap = np.abs(inside[first] - inside[second]).max()
                assert gap > 1e-4 * np.abs(problem.exact).max(), (first, second)


def test_losses_are_judged_by_their_differences():
    def loss(data, half=0.5):
        total = 0.0
        for X, y, Xq, yq in data:
            inner = data.theta
            for _ in range(data.steps):
                inner = inner - data.alpha * (X.T @ (X @ inner - y) / len(y))
            total += half * ((Xq @ inner - yq) ** 2).mean()
        return total / len(data)

    assert diagnose(loss, Problem.example(), kind="loss").conforms
    found = diagnose(lambda data: loss(data, 1.0), Problem.example(), kind="loss")
    assert found.computes[0] == "the exact MAML meta-gradient, without the half in the outer loss"
    problem = Problem.example()
    assert loss(problem.data()) == pytest.approx(problem.value, rel=1e-13)


def proximal(data, iterations=None, wrong=False):
    """Implicit MAML by hand, its linear systems by conjugate gradients."""
    total = np.zeros_like(data.theta)
    for X, y, Xq, yq in data:
        strength, eye = data.regularization, np.eye(len(data.theta))
        matrix = X.T @ X / len(y) + strength * eye
        inner = np.linalg.solve(matrix, X.T @ y / len(y) + strength * data.theta)
        right = strength * (Xq.T @ (Xq @ inner - yq) / len(yq))
        if iterations is None:
            total = total + np.linalg.solve(matrix, right)
            continue
        point, residual = np.zeros_like(right), right.copy()
        direction = residual.copy()
        for _ in range(iterations):
            length = residual @ residual / (direction @ matrix @ direction)
            point, before, residual = point + length * direction, residual, residual - length * (matrix @ direction)
            share = residual @ residual / (before @ before)
            direction = (before if wrong else residual) + share * direction
        total = total + point
    return total / len(data)


def test_implicit_methods_are_judged_with_the_residuals_of_their_systems():
    problem = Problem.example("implicit MAML")
    assert diagnose(proximal, problem).conforms
    assert diagnose(lambda data: proximal(data, 3), problem, tolerance=1e-6).conforms
    stopped = diagnose(lambda data: proximal(data, 1), problem)
    assert stopped.computes[0] == "implicit MAML with conjugate gradients stopped after 1 step"
    assert stopped.residual > 0.01
    wrong = diagnose(lambda data: proximal(data, 3, wrong=True), problem)
    assert wrong.computes == ()
    assert "computes nothing that is known" in wrong.sentence
    assert "its linear solver is unconverged or wrong" in wrong.sentence
    lost = diagnose(lambda data: proximal(data) / data.regularization, problem)
    assert lost.computes[0] == "implicit MAML without the factor lambda"


def test_what_is_unknown_is_said_with_its_difference():
    problem = Problem.example()
    found = diagnose(lambda data: plain(data) + np.array([0.1, 0.0, 0.0]), problem)
    assert found.computes == ()
    assert f"{found.error:.2g} from the exact MAML meta-gradient" in found.sentence
    zero = diagnose(lambda data: 0.0 * data.theta, problem)
    assert zero.computes[0].startswith("zero: the outer loss does not reach the parameter")
    last = diagnose(lambda data: problem.at(data.theta).task(4).exact, problem)
    assert last.computes[0] == "the meta-gradient of task 5 alone"
    nothing = diagnose(lambda data: np.nan * data.theta, problem)
    assert not nothing.conforms
    assert "it is not finite" in nothing.sentence
    calls = []

    def forgetful(data):
        calls.append(1)
        return plain(data) * (1 + 0.1 * len(calls))

    assert "a second call at the same parameter gives another result" in diagnose(forgetful, problem).sentence


def test_tasks_become_data_that_are_exactly_they():
    tasks = nx.DiscreteTasks([0.5, 0.5], [[[1.0, 0.5], [0.5, 2.0]], np.eye(2)], [[0.0, 1.0], [2.0, 0.0]], [0.3, 0.0])
    problem = Problem.of(tasks, 2, 0.1, [1.0, -1.0])
    np.testing.assert_allclose(problem.exact, nx.hypergradient(tasks, nx.MAML(0.1, 2), [1.0, -1.0]), rtol=1e-12)
    assert diagnose(plain, problem).conforms


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Problem.example("ANIL"), "method is 'ANIL'; it must be one of MAML, first-order MAML"),
        (lambda: Problem.example(scalar=True), "theta has 3 coordinates; a scalar problem has one"),
        (lambda: Problem.example().data("tensorflow"), "framework is 'tensorflow'; it must be numpy, torch or jax"),
        (lambda: diagnose(plain, Problem.example(), kind="value"), "kind is 'value'; it must be gradient or loss"),
        (
            lambda: diagnose(lambda data: data.theta[:1], Problem.example()),
            r"returned an array of shape \(1,\); it must return",
        ),
        (
            lambda: diagnose(plain, Problem.example(), kind="loss"),
            r"returned an array of shape \(3,\); a loss must be one number",
        ),
        (lambda: judge_training(Problem.example(), [1.0]), "it must be 3 finite numbers"),
        (lambda: judge_training(Problem.example(), [1.0, 2.0, 3.0], rate=0.1), "give both or neither"),
    ],
)
def test_what_cannot_be_judged_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- whole training runs


def trained(problem, gradient, rate, steps):
    theta = problem.theta
    for _ in range(steps):
        theta = theta - rate * gradient(problem.at(theta).data())
    return theta


def test_training_runs_are_told_apart():
    problem = Problem.example()
    rate = 1.0 / nx.outer_spectrum(problem.tasks, problem.rule)[1]
    long = judge_training(problem, trained(problem, plain, rate, 400), rate=rate, steps=400)
    assert long.cause == "converged"
    short = judge_training(problem, trained(problem, plain, rate, 3), rate=rate, steps=3)
    assert short.cause == "optimization error"
    assert short.excess == pytest.approx(short.predicted, rel=1e-9)
    assert judge_training(problem, trained(problem, plain, rate, 3)).cause == "optimization error"
    joint = judge_training(problem, trained(problem, lambda data: plain(data, joint=True), 0.2, 400), rate=0.2, steps=400)
    assert joint.cause == "modeling error"
    assert "the optimum of joint training on the query sets" in joint.sentence
    first = judge_training(problem, trained(problem, lambda data: plain(data, order=1), 0.2, 400))
    assert first.cause == "modeling error"
    assert "first-order MAML" in first.sentence
    ascent = trained(problem, lambda data: plain(data, outer_sign=-1.0), rate, 5)
    assert judge_training(problem, ascent, rate=rate, steps=5).cause == "bug"
    assert judge_training(problem, ascent).cause == "bug"
    elsewhere = trained(problem, lambda data: plain(data, inner_half=7.0), 0.02, 30)
    assert judge_training(problem, elsewhere, rate=0.02, steps=30).cause == "bug"


# --- libraries


#: what the released libraries are known to get wrong; the table finds these by itself
FINDINGS = {
    ("jaxopt", "GradientDescent, default implicit_diff"): "zero: the outer loss does not reach the parameter",
    ("jaxopt", "GradientDescent, proximal problem, one CG step"): "conjugate gradients stopped after 1 step",
    ("torchopt", "custom_root, a scalar parameter"): "zero: the outer loss does not reach the parameter",
    ("betty", "cg, 20 iterations"): "its linear solver is unconverged or wrong",
    ("betty", "cg, 1 iteration"): "conjugate gradients stopped after 1 step",
}


@pytest.mark.parametrize("name", MODULES)
def test_libraries_conform_but_for_what_is_known(name):
    pytest.importorskip({"plain_torch": "torch", "plain_jax": "jax"}.get(name, name), exc_type=ImportError)
    for line in lines([name]):
        known = FINDINGS.get((name, line.name))
        assert line.verdict == ("conforms" if known is None else "finding"), line.says
        assert known is None or known in line.says


@pytest.mark.parametrize("name", MODULES)
def test_adapters_are_short(name):
    """Every function and class of an adapter, without its documentation, is fifteen lines at most."""
    import ast

    path = Path(__file__).parent.parent / "verify" / "conformance" / "adapters" / f"{name}.py"
    for part in ast.parse(path.read_text()).body:
        if isinstance(part, ast.FunctionDef | ast.ClassDef):
            first = part.body[1] if isinstance(part.body[0], ast.Expr) else part.body[0]
            assert part.end_lineno - first.lineno + 1 <= 15, part.name


def test_a_library_that_is_missing_is_said():
    seen = []
    assert list(lines(["nothing_like_it"], missing=lambda *words: seen.append(words))) == []
    assert seen[0][0] == "nothing_like_it"
    with pytest.raises(ImportError):
        loaded("nothing_like_it")
    with pytest.raises(SystemExit, match="2"):
        main(["--method", "ANIL"])


def test_what_a_library_raises_is_a_line():
    def broken(data):
        raise RuntimeError("no\ngraph")

    line = run(Adapter("broken", "MAML", broken), "mine 1.0", "numpy")
    assert (line.verdict, line.says) == ("error", "raises RuntimeError: no graph")
    assert "| mine 1.0 | broken | MAML | error | raises RuntimeError: no graph |" in markdown([line], [("x", "y")])


MINE = """
import numpy as np

def right(data):
    total = np.zeros_like(data.theta)
    for X, y, Xq, yq in data:
        inner, matrix = data.theta, X.T @ X / len(y)
        for _ in range(data.steps):
            inner = inner - data.alpha * (X.T @ (X @ inner - y) / len(y))
        slope = Xq.T @ (Xq @ inner - yq) / len(yq)
        for _ in range(data.steps):
            slope = slope - data.alpha * (matrix @ slope)
        total += slope / len(data)
    return total

def wrong(data):
    return -right(data)
"""


def test_the_command_judges_a_function_of_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)
    assert main(["mine.py:right", "--framework", "numpy", "--steps", "5"]) == 0
    assert capsys.readouterr().out.startswith("mine.py, right: computes the exact MAML meta-gradient (error ")
    words = ["mine.py:right", "mine.py:wrong", "--framework", "numpy", "--json", "all.json", "--markdown", "all.md"]
    assert main(words) == 1
    shown = capsys.readouterr().out
    assert "mine.py, wrong: computes the exact MAML meta-gradient, with the wrong sign outside, not the exact one" in shown
    assert shown.endswith("2 run, 1 conform, 1 do not\n")
    assert [line["verdict"] for line in json.loads(Path("all.json").read_text())["lines"]] == ["conforms", "finding"]
    assert Path("all.md").read_text().startswith("| library | used as | meant | verdict | it |\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tensorflow"], "library is 'tensorflow'; it must be one of plain_torch, plain_jax"),
        (["none.py:f"], "file is none.py, which does not exist or is not a file"),
        (["mine.py"], "function is mine.py; it must be FILE.py:FUNCTION"),
        (["mine.py:other"], "file mine.py has no function 'other'"),
        (["bad.py:f"], "file bad.py cannot be run: SyntaxError"),
        (["mine.py:right", "--steps", "0"], "--steps is 0; it must be at least 1"),
        (["mine.py:right", "--tolerance", "2"], "--tolerance is 2; it must be at least 0 and below 1"),
    ],
)
def test_bad_usage_is_one_sentence_and_status_2(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)
    Path("bad.py").write_text("def f(:\n")
    assert main(words) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.err.count("\n") == 1


JUDGED = """
def test_right(meta_learning_oracle):
    assert meta_learning_oracle(right, steps=2).conforms

def test_wrong(meta_learning_oracle):
    meta_learning_oracle(wrong)
"""


def plug_in():
    """How pytest is told of the plug-in, where it is not installed."""
    installed = any(entry.value == "metabounds.pytest_plugin" for entry in entry_points(group="pytest11"))
    return [] if installed else ["-p", "metabounds.pytest_plugin"]


def test_the_plug_in_judges_in_a_library_s_own_tests(pytester):
    pytester.makepyfile(MINE + JUDGED)
    result = pytester.runpytest_inprocess(*plug_in(), "-p", "no:cacheprovider", "-p", "no:xdist")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*wrong computes the exact MAML meta-gradient, with the wrong sign outside, not the exact one*"]
    )


def test_the_plug_in_says_what_is_found_in_its_place(pytester, monkeypatch):
    """A file of the user's own by the name of a package is not executed."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    pytester.makepyfile(verify="raise RuntimeError('EXECUTED')", test_it="def test_it(meta_learning_oracle):\n    pass")
    result = pytester.runpytest_subprocess(*plug_in(), "-p", "no:cacheprovider", "test_it.py")
    said = result.stdout.str()
    assert "where this project's package verify is meant" in said
    assert "EXECUTED" not in said
    result.assert_outcomes(errors=1)


def test_a_framework_that_is_missing_is_bad_usage(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_text("def gradient(data):\n    return data.theta\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main([f"{tmp_path / 'mine.py'}:gradient", "--framework", "jax"]) == 2
    assert "--framework is jax, which is not installed" in capsys.readouterr().err
