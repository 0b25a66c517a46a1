"""Formulas of the site as MathML, which browsers draw without a script or a network; the same conversion as of ``--html``."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from verify.reports.mathml import mathml

_LOGGER = logging.getLogger(__name__)


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
    writer.body.append(f'<div class="math">{converted(node, block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Make it the site's way of drawing formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
