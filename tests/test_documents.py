"""What the documents say is so: examples run, commands print what is shown, links, names and options exist."""

import dataclasses
import doctest
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from benchmarks.hostile import HOSTILE
from theory import bounds
from theory.claim import Claim
from verify.quantities import QUANTITIES

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")), *sorted((ROOT / "docs").glob("*.md"))]
CHECKER = doctest.OutputChecker()
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(path, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


def without_blocks(path):
    return re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)


def spans(path):
    """Inline code of a document."""
    return re.findall(r"`([^`\n]+)`", without_blocks(path))


def cases(find):
    """One case for each item that `find` finds in a document."""
    return [pytest.param(path, item, id=f"{path.name}:{item}"[:80]) for path in DOCUMENTS for item in dict.fromkeys(find(path))]


def spans_like(pattern):
    return cases(lambda path: [span for span in spans(path) if re.fullmatch(pattern, span)])


@cache
def run(*words, folder=ROOT):
    """Run this interpreter on the tree, as it runs where the project is installed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=200)


def sessions(path):
    """Commands of a document's console blocks with the output shown below each; none shown means that any will do."""
    for block in blocks(path, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


def headings(path):
    for title in re.findall(r"^#+ (.+)$", without_blocks(path), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_python_examples_run(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    namespace = {"__name__": "document"}
    for number, block in enumerate(blocks(path, "python")):
        name = f"{path.name}, example {number + 1}"
        if ">>>" not in block:
            exec(compile(block, name, "exec"), namespace)
            continue
        example = doctest.DocTestParser().get_doctest(block, namespace, name, str(path), None)
        runner = doctest.DocTestRunner(CHECKER, verbose=False, optionflags=LOOSE)
        lines = []
        runner.run(example, out=lines.append, clear_globs=False)
        namespace |= example.globs
        assert not runner.failures, "".join(lines)


@pytest.mark.parametrize(
    ("path", "command", "shown"),
    [pytest.param(path, *session, id=f"{path.name}:{session[0]}"[:80]) for path in DOCUMENTS for session in sessions(path)],
)
def test_commands_print_what_is_shown(path, command, shown):
    program, *words = shlex.split(command)
    assert program == "python"
    done = run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout
    if shown.startswith("claim "):  # a table of verdicts, whose figures depend on the machine
        shown, printed = (re.sub(r"\d[\d.,]*( [-+] \d\.\de-\d+)?", "0", text) for text in (shown, printed))
    assert not shown or CHECKER.check_output(shown, printed, LOOSE), done.stdout


def test_the_readme_has_two_set_up_commands_and_ci_runs_them():
    commands = [line for block in blocks(ROOT / "README.md", "sh") for line in block.splitlines()]
    assert len(commands) == 2
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/python -m pip install -e ") for command in commands)
    assert commands[0].endswith(" && .venv/bin/python -m verify.bounds")
    assert commands[1].endswith(" && .venv/bin/python -m pytest")
    script = (ROOT / ".ci" / "run").read_text()
    assert "grep '^python3 -m venv' README.md" in script
    assert "pip install" not in script.partition("\nset ")[2], "CI must not have a set-up of its own"


@pytest.mark.parametrize(("path", "target"), cases(lambda path: re.findall(r"\]\(([^)\s]+)\)", without_blocks(path))))
def test_links_resolve(path, target):
    if target.startswith("https://"):
        return
    name, _, anchor = target.partition("#")
    linked = (path.parent / name).resolve() if name else path
    assert linked.exists()
    assert not anchor or anchor in headings(linked)


def test_every_document_has_a_place_on_the_site():
    docs = ROOT / "docs"
    trees = "".join(block for path in docs.glob("*.md") for block in blocks(path, "{toctree}"))
    placed = set(re.findall(r"^(?:.*<)?([\w/-]+)>?$", trees, re.MULTILINE)) | {"index"}
    pages = [*docs.glob("*.md"), *docs.glob("tutorials/*.ipynb")]
    assert {path.relative_to(docs).with_suffix("").as_posix() for path in pages} <= placed


@pytest.mark.parametrize(("path", "name"), spans_like(r"(theory|numerics|verify|tests|docs|benchmarks|\.ci)/[\w./]*"))
def test_named_files_exist(path, name):
    assert name.endswith("NAME.py") or (ROOT / name).exists()


@pytest.mark.parametrize(("path", "name"), spans_like(r"(theory|numerics|verify)(\.\w+)+"))
def test_named_objects_exist(path, name):
    pkgutil.resolve_name(name)


@pytest.mark.parametrize(("path", "name"), spans_like(r"[a-z0-9]+(_[a-z0-9]+)+"))
def test_named_claims_verbs_and_fields_exist(path, name):
    fields = {field.name for field in dataclasses.fields(Claim)}
    assert name in {*bounds.names(), *QUANTITIES, *fields, *(hostile.name for hostile in HOSTILE)}


@pytest.mark.parametrize(("path", "option"), cases(lambda path: [s.split()[0] for s in spans(path) if s.startswith("--")]))
def test_named_options_exist(path, option):
    commands = ("bounds", "phase", "decide", "sweep", "conformance", "simulation.open_questions", "simulation.benchmarks")
    assert any(re.search(rf"{option}\b", run("-m", f"verify.{name}", "--help").stdout) for name in commands)


def figures(text):
    """Numbers of a text, thousands separated or with an exponent."""
    return {float(word.replace(",", "")) for word in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?", text)}


def test_the_readmes_figures_of_speed_are_measured_ones():
    section = re.search(r"^## Speed\n(.*?)^## ", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL).group(1)
    said = figures(section)
    assert len(said) >= 4
    assert said <= figures((ROOT / "benchmarks" / "results.md").read_text())


def judge_as_a_user_would(folder, claim_file):
    """Run the how-to's property-based test on a claim's file in a folder of the user's own."""
    (example,) = [block for block in blocks(ROOT / "docs" / "add-a-bound.md", "python") if "property_test" in block]
    (folder / "test_mine.py").write_text(example)
    (folder / "my_bound.py").write_text(claim_file)
    return run("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=folder)


def test_the_template_passes_in_a_test_file_of_the_users_own(tmp_path):
    done = judge_as_a_user_would(tmp_path, (ROOT / "docs" / "my_bound.py").read_text())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_a_template_made_false_fails_there_with_a_counterexample(tmp_path):
    template = (ROOT / "docs" / "my_bound.py").read_text()
    false = template.replace("rhs=CONSTANT * risk_A,", "rhs=CONSTANT * risk_A / 10,")
    assert false != template
    done = judge_as_a_user_would(tmp_path, false)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert "claim my_bound is violated" in done.stdout
    assert "instance = verify.instance(" in done.stdout


def test_the_picture_is_redrawn(tmp_path):
    done = run("docs/make_figure.py", str(tmp_path / "picture.png"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "picture.png").stat().st_size > 20_000
