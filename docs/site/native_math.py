"""Formulas of the site as MathML, which browsers draw without a script or a network; the same conversion as of ``--html``."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from shutil import copyfile
from typing import Any

import ziamath
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from verify.reports.mathml import mathml

_LOGGER = logging.getLogger(__name__)
#: STIX Two Math, under the SIL Open Font License
_FONT = "STIXTwoMath-Regular.ttf"


def converted(node: nodes.Element, *, block: bool) -> str:
    """A formula's element; one that cannot be read is a warning, and so ends a build with ``-W``."""
    latex = " ".join(node.astext().split())
    found = mathml(latex, block=block)
    if found.startswith("<math><mtext>"):
        _LOGGER.warning("no formula that can be read: %s", latex, location=node)
    return found


def _inline(writer: Any, node: nodes.Element) -> None:
    writer.body.append(f'<span class="math">{converted(node, block=False)}</span>')
    raise nodes.SkipNode


def _display(writer: Any, node: nodes.Element) -> None:
    writer.body.append(f'<div class="formula">{converted(node, block=True)}</div>')
    raise nodes.SkipNode


class NotebookFormulas(SphinxPostTransform):
    """Formulas between dollars in what a notebook's cells show as HTML, which Jupyter would typeset by a script."""

    default_priority = 20

    def run(self, **_: Any) -> None:
        """Convert them."""
        for shown in list(self.document.findall(nodes.raw)):
            text = shown.astext()
            if "html" in shown.get("format", "") and self.env.docname.startswith("tutorials/") and "$" in text:
                made = re.sub(r"\$([^$]+)\$", lambda found: mathml(unescape(found[1])), text)
                shown.replace_self(nodes.raw(made, made, format="html"))


def _font(app: Sphinx, failure: Exception | None) -> None:
    """Bring a font for readers who have none for mathematics, as telephones do not."""
    if failure is None and app.builder.format == "html":
        copyfile(Path(ziamath.__file__).parent / "fonts" / _FONT, Path(app.outdir) / "_static" / _FONT)


def setup(app: Sphinx) -> dict[str, Any]:
    """Make it the site's way of drawing formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    app.config.html_math_renderer = "mathml"
    app.connect("build-finished", _font)
    app.add_post_transform(NotebookFormulas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
