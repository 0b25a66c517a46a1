"""The documentation site: ``python -m sphinx -W docs docs/_build/html`` builds it, without a network (extra ``docs``).

Pages of claims and of the programming interface are made from the sources by the extensions in ``docs/site``; the rest are the
documents of this folder.  What is built can be opened as files, search included.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "site")]

project = "metabounds"
author = "the metabounds authors"
copyright = "the metabounds authors"
html_title = "metabounds"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "native_math",
    "references",
    "interface_pages",
    "claim_pages",
    "shared_documents",
]
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
root_doc = "index"
language = "en"
default_role = "code"

# documents are also read where this repository is hosted, so they link to each other as files
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
# notebooks are shown with the outputs that they hold, which the tests compare with new ones
nb_execution_mode = "off"

# a name in a text has to be one: see references.py for those that have no page
nitpicky = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_theme_options = {
    "logo": {"text": "metabounds"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "show_prev_next": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_context = {"default_mode": "auto"}
html_sidebars: dict[str, list[str]] = {name: [] for name in ("index", "gallery", "generated/documents/readme")}
html_show_sourcelink = False
html_copy_source = False
