"""Pages of the documentation site: made of the claims and of names, with links that lead somewhere and no warning.

The whole site is built by its one command; here it is two claims, a document that names one, and the names of one package.
"""

import re
import shutil
import warnings
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="the extra docs is not installed")
pytest.importorskip("myst_nb", reason="the extra docs is not installed")
pytest.importorskip("ziamath", reason="the extra docs is not installed")

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = ["lower_curvature", "gao_sener_lower_curvature"]
INDEX = """# Some

`lower_curvature` and `no_such_thing`, [a notebook](tutorials/check_a_bound.ipynb), and {func}`numerics.population_optimum`.

```{toctree}
generated/claims/index
generated/interface/verify/index
tutorials/check_a_bound
```
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built pages and what was warned of."""
    from io import StringIO

    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    root = tmp_path_factory.mktemp("site")
    docs = root / "docs"
    shutil.copytree(ROOT / "docs" / "site", docs / "site", ignore=shutil.ignore_patterns("__pycache__"))
    (docs / "tutorials").mkdir()
    shutil.copy(ROOT / "docs" / "tutorials" / "check_a_bound.ipynb", docs / "tutorials")
    shutil.copy(ROOT / "docs" / "conf.py", docs)
    (docs / "index.md").write_text(INDEX)
    for name in ("architecture", "add-a-bound", "where-it-breaks"):
        (docs / f"{name}.md").write_text(f"---\norphan: true\n---\n# {name}\n")
    for path in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/results.md"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(f"---\norphan: true\n---\n# {path}\n")
    warned = StringIO()
    excluded = ["_build", "generated/interface/theory/*", "generated/interface/numerics/*", "generated/interface/names/[nt]*"]
    changed = {"claims_only": CLAIMS, "claims_level": "sampled", "exclude_patterns": [*excluded, "generated/interface/*.rst"]}
    with docutils_namespace(), warnings.catch_warnings():
        # extensions that call each other by names of the last version but one
        warnings.simplefilter("ignore")
        Sphinx(docs, docs, root / "html", root / "trees", "html", changed, status=None, warning=warned).build()
    return root / "html", warned.getvalue()


def page(site, name):
    return (site[0] / f"{name}.html").read_text(encoding="utf-8")


def test_nothing_is_warned_of(site):
    assert site[1] == ""


def test_a_page_has_statement_verdict_picture_and_code(site):
    text = page(site, "generated/claims/quadratic/lower_curvature")
    assert text.count("<math") > 10
    assert 'class="chip sampled"' in text
    assert '<svg class="figure"' in text
    words = re.sub("<[^>]*>", "", text)
    assert "metabounds bounds lower_curvature" in words
    assert "verify.exact_sides" in words
    printed = page(site, "generated/claims/gao_sener_2020/gao_sener_lower_curvature")
    assert 'class="chip refuted"' in printed
    assert "../quadratic/lower_curvature.html" in printed
    assert "assert verify.outcome" in re.sub("<[^>]*>", "", printed)


def test_names_of_claims_in_documents_are_links(site):
    index = page(site, "index")
    assert re.search(r'href="generated/claims/quadratic/lower_curvature.html"[^>]*><code', index)
    assert '<span class="pre">no_such_thing</span></code>' in index


def test_no_page_needs_a_network(site):
    for path in site[0].rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'(?:src|<link[^>]*href)="(?:https?:)?//', text), path
    assert (site[0] / "_static" / "STIXTwoMath-Regular.ttf").stat().st_size > 100_000
    assert (site[0] / "searchindex.js").stat().st_size > 1000


def test_formulas_of_notebooks_are_drawn(site):
    shown = page(site, "tutorials/check_a_bound")
    assert "<msup>" in shown
    assert r"$\mathcal" not in shown
