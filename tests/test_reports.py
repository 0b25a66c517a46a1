"""Reports: JUnit, LaTeX, one HTML page without a network, and counterexamples as a test file."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from theory import bounds
from theory.notation import TABLE, typeset, written
from verify.bounds import main
from verify.evidence.question import Question
from verify.evidence.result import Verdict
from verify.judging.judge import judge
from verify.reports.html import as_html, grouped
from verify.reports.html_claim import limits
from verify.reports.html_parts import inline, prose
from verify.reports.junit import as_junit
from verify.reports.latex import as_latex, escaped
from verify.reports.mathml import mathml
from verify.reports.regressions import as_tests
from verify.reports.studies import Analysis
from verify.reports.text import as_json, table
from verify.shell.terminal import console
from verify.studies import sharpness
from verify.studies.assumptions import Break, Status, breaks
from verify.studies.audit import audit
from verify.studies.regions import named_axes, validity_map

NAMES = ("lower_curvature", "gao_sener_lower_curvature", "ratio_bound")
#: elements of HTML that have no end
VOID = {"meta", "br", "img", "link", "hr", "input"}


@pytest.fixture(scope="module")
def records():
    return [record for name in NAMES for record in judge(Question(bounds.claim(name)), level="sampled")]


@pytest.fixture(scope="module")
def page(records):
    claims = {name: bounds.claim(name) for name in NAMES}
    first = claims[NAMES[0]]
    found = {name: Analysis(cloud=sharpness.cloud(Question(claim))) for name, claim in claims.items()}
    maps = [validity_map(Question(first), *named_axes(first, ["alpha", "p"]))]
    found[first.name] = replace(found[first.name], breaks=list(breaks(Question(first))), maps=maps)
    studies = grouped(records, claims, {name: f"python -m verify.bounds {name}" for name in NAMES}, found)
    return as_html(studies, audit(records, ["gao-sener-2020"]), summary="3 < 4 & all")


def test_pictures_are_labelled_as_people_write_and_name_no_rounded_one(page):
    labels = set(re.findall(r'<text class="label"[^>]*>([^<]*)<', page))
    assert {"left side / right side", "α β", "3 α β/5"} <= labels
    assert not re.search(r"\*|alpha|beta|sqrt", " ".join(labels) + " ".join(re.findall(r"<title>([^<]*)</title>", page)))
    assert ratio_shown("1 - 6.4e-10") == r"$1 - 6.4 \cdot 10^{-10}$"


def ratio_shown(text):
    """How the LaTeX table shows the ratio that a terminal shows so."""
    record = judge(Question(bounds.claim("distance/core")), level="sampled")[0]
    record.worst_ratio = 1 - float(text.partition("- ")[2])
    return as_latex([record]).splitlines()[7].split(" & ")[3]


class Balance(HTMLParser):
    """Complains about an element that is closed where it is not open."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.references = [], set(), []

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        self.references += [value for name, value in attributes if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def test_the_page_is_well_formed(page):
    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    assert {"math", "svg", "table", "details", "figure"} <= parser.seen


def test_the_page_needs_no_network(page):
    parser = Balance()
    parser.feed(page)
    assert all(reference.startswith("#") for reference in parser.references)
    assert not re.search(r"url\(|@import|<script src|<link", page)


def test_links_within_the_page_lead_somewhere(page):
    targets = set(re.findall(r"id='([^']+)'", page))
    assert set(re.findall(r"href='#([^']+)'", page)) <= targets


def test_the_page_follows_light_and_dark_and_a_telephones_width(page):
    for needed in ("prefers-color-scheme:dark", 'name="viewport"', "@media (max-width", "overflow-x:auto"):
        assert needed in page


def test_the_page_shows_verdicts_counterexamples_maps_and_how_to_repeat_them(page):
    for needed in (
        "3 &lt; 4 &amp; all",
        "refuted as printed",
        "Where it breaks",
        "python -m verify.bounds ratio_bound",
        'class="fails"',
        'class="stated"',
        "argued in the text",
    ):
        assert needed in page


def test_the_audit_is_typeset():
    listed = audit([], ["gao-sener-2020"])
    assert any("sqrt" in entry.statement for entry in listed)
    text = as_html([], listed)
    assert ":math:" not in text
    assert not re.search(r"sqrt|alpha|beta|\\tau|\bc_2", re.sub(r"<math.*?</math>", "", text).partition("Audit of what")[2])
    assert text.count("<msqrt>") >= 4


def test_assumptions_are_formulas_where_they_are():
    claim = bounds.claim("lower_curvature")
    (stated,) = [written(entry.statement) for entry in claim.assumptions]
    found = [Break("", stated, Status.NEEDED, "shown", 1), Break("", "in words", Status.UNDECIDED, "nothing", 1)]
    assert f"<li>{mathml(typeset(claim.assumptions[0].statement))} " in limits(found, claim)
    assert "<li><code>in words</code> " in limits(found, claim)
    assert f"<li><code>{escape(stated)}</code> " in limits(found)


def test_every_report_says_of_each_step_who_checked_it():
    claim = bounds.claim("distance")
    found = judge(Question(claim), level="certified")
    (argued,) = [step for step in found[0].steps if not step["name"]]
    assert argued["by"] == "argued in the docstring"
    machine = {step["name"]: step["by"] for step in found[0].steps if step["name"]}
    assert machine == {"distance/core": "certified", "distance/square": "certified"}
    assert json.loads(as_json(found))[0]["steps"] == found[0].steps
    lines = StringIO()
    console(lines).print(table(found, steps=True), soft_wrap=True)
    assert "argued in the text: for a given set of A-measure x" in " ".join(lines.getvalue().split())


def test_a_verdict_that_is_not_as_expected_is_marked_in_every_format(records):
    wrong = judge(Question(bounds.claim("distance/core")), level="sampled")[0]
    wrong.verdict, wrong.detail = Verdict.UNDECIDED, "control missed"
    assert "not as expected" in as_latex([wrong])
    suite = ElementTree.fromstring(as_junit([*records, wrong]).encode()).find("testsuite")
    assert suite.get("failures") == "1"
    assert "control missed" in suite.find(".//failure").get("message")
    wrong.verdict = Verdict.DISAGREEMENT
    assert ElementTree.fromstring(as_junit([wrong]).encode()).find("testsuite").get("errors") == "1"


def test_junit_has_a_case_for_each_record(records):
    cases = ElementTree.fromstring(as_junit(records).encode()).findall(".//testcase")
    assert [case.get("name") for case in cases] == [record.name for record in records]
    assert all(case.get("classname").startswith("verify.bounds.") for case in cases)


def test_junit_survives_characters_that_xml_forbids(records):
    records[0].title, kept = "bell \x07 & <tag>", records[0].title
    text = ElementTree.fromstring(as_junit(records[:1]).encode()).find(".//system-out").text
    records[0].title = kept
    assert "<tag>" in text
    assert "\x07" not in text


def test_the_table_has_a_row_for_each_record_but_the_controls(records):
    made = as_latex(records)
    assert made.count(r" \\") - 1 == sum(not record.name.endswith("/false-sibling") for record in records)
    assert made.count("{") == made.count("}")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_the_table_compiles(records, tmp_path):
    head = r"\documentclass{article}\usepackage{amsmath,booktabs,longtable}\begin{document}"
    (tmp_path / "t.tex").write_text(head + as_latex(records) + r"\end{document}")
    subprocess.run(["pdflatex", "-interaction=batchmode", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True)


def test_special_characters_are_escaped():
    assert escaped("a_b & 50 %") == r"a\_b \& 50 \%"


def test_counterexamples_become_tests_that_pass(records, tmp_path):
    path = tmp_path / "test_found.py"
    path.write_text(as_tests(records))
    compile(path.read_text(), str(path), "exec")
    wanted = sum(len(set(record.counterexample.values())) for record in records)
    names = {}
    exec(path.read_text(), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == wanted > 0
    for test in tests:
        test()


def test_a_run_without_counterexamples_leaves_a_valid_file(records):
    exec(as_tests([record for record in records if not record.counterexample]), {})


@pytest.mark.parametrize("symbol", TABLE, ids=str)
def test_every_symbol_is_typeset(symbol):
    element = ElementTree.fromstring(mathml(typeset(symbol)))
    assert "".join(element.itertext()).strip()


@pytest.mark.parametrize("name", bounds.names())
def test_every_claims_formula_and_text_are_well_formed(name):
    claim = bounds.claim(name)
    for side in (claim.lhs, claim.rhs):
        element = ElementTree.fromstring(mathml(typeset(side)))
        # a command that was not understood would be shown as text
        assert [text.text for text in element.iter("mtext")] == []
    module = bounds.module(name)
    ElementTree.fromstring(f"<div>{prose(module.__doc__)}</div>")


def test_what_is_not_known_of_latex_is_shown_and_not_lost():
    assert "mystery" in mathml(r"\mystery{x}")


def test_inline_markup():
    assert inline("**bold** and *slanted* and `key`, 2*3*4") == "<b>bold</b> and <i>slanted</i> and <code>key</code>, 2*3*4"


def test_a_few_specks_are_no_picture():
    _, x, ratio = sharpness.cloud(Question(bounds.claim("lower_curvature")))
    assert len(x) == len(ratio)
    assert sharpness.tells(ratio)
    assert not sharpness.tells(ratio[:8])


def test_a_cloud_without_points_is_still_a_picture():
    from verify.reports.figures import cloud

    ElementTree.fromstring(cloud("", np.array([]), np.array([]), float("nan")))


def test_the_command_writes_every_report(tmp_path, capsys):
    files = {name: tmp_path / f"out.{name}" for name in ("junit", "tex", "html", "regressions", "json")}
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    assert main(["gao_sener_lower_curvature", "--level", "sampled", "--jobs", "1", "--source", "gao-sener-2020", *options]) == 0
    assert all(path.stat().st_size for path in files.values())
    (plain := tmp_path / "plain").write_text("")
    assert {path.stat().st_mode for path in files.values()} == {plain.stat().st_mode}
    assert "REFUTED AS PRINTED" in capsys.readouterr().out


def test_a_page_that_is_interrupted_writes_nothing_and_says_so(tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("verify.reports.studies.analysed", interrupted)
    (kept := tmp_path / "out.json").write_text("of an earlier run")
    words = ["distance/core", "--level", "sampled", "--jobs", "1", "--json", str(kept), "--html", str(tmp_path / "out.html")]
    assert main(words) == 130
    assert "so that no file was written" in capsys.readouterr().out
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.json", "of an earlier run")]


@pytest.mark.parametrize("source", ["wang-2020", "zhou-2021"])
def test_an_audit_needs_no_claim_that_is_looked_into_further(source, capsys):
    """All that is printed is refuted or recalled, and nothing is left for the workers."""
    assert main(["--source", source, "--level", "sampled", "--jobs", "2"]) in (0, 1)
    assert source in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--junit", "--tex", "--html", "--regressions"])
def test_a_report_that_cannot_be_written_is_refused_before_the_work(option, capsys):
    assert main(["distance", option, str(Path("/nonexistent/folder/file"))]) == 2
    assert option in capsys.readouterr().err
