"""What names in texts lead to: a claim's page, a page of the programming interface, or nothing if they have none.

A name that does not exist at all stays a warning, so that texts cannot name what is not there.
"""

from __future__ import annotations

import pkgutil
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

from theory import bounds

_OURS = ("theory", "numerics", "verify", "metabounds")


def page(claim: str) -> str:
    """The document of a claim's page, from the name of the claim or of a part of it."""
    name = claim.partition("/")[0]
    return f"generated/claims/{bounds.module(name).__name__.split('.')[-2]}/{name}"


def resolved(app: Sphinx, environment: BuildEnvironment, node: pending_xref, content: nodes.Element) -> nodes.Node | None:
    """Where a name of this project leads that the programming interface has no page for."""
    target = node.get("reftarget", "")
    whole = f"{node['py:module']}.{target}" if node.get("py:module") and target.partition(".")[0] not in _OURS else target
    last = target.rpartition(".")[2]
    if target.startswith("theory.bounds.") and last in bounds.names():
        if page(last) in environment.all_docs:
            return make_refnode(app.builder, node["refdoc"], page(last), None, content)
        return content
    for name in (whole, target, f"{whole.rpartition('.')[0].rpartition('.')[0]}.{last}"):
        if name.partition(".")[0] in _OURS and _exists(name):
            return content
    return None


def _exists(name: str) -> bool:
    try:
        found = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        # an attribute of instances that is only annotated is one of its class
        owner, _, attribute = name.rpartition(".")
        try:
            return attribute in getattr(pkgutil.resolve_name(owner), "__annotations__", {})
        except (ImportError, AttributeError, ValueError):
            return False
    return found is not None


class ClaimLinks(SphinxPostTransform):
    """Names of claims in documents as links to their pages: there they are code, and stay code where the text is hosted."""

    default_priority = 15

    def run(self, **_: Any) -> None:
        """Link them."""
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext()
            known = name.partition("/")[0] in bounds.names() and "_" in name
            linked = isinstance(literal.parent, nodes.reference | pending_xref)
            if known and not linked and page(name) != self.env.docname and page(name) in self.env.all_docs:
                literal.replace_self(make_refnode(self.app.builder, self.env.docname, page(name), None, literal.deepcopy()))


def setup(app: Sphinx) -> dict[str, Any]:
    """Follow names."""
    app.connect("missing-reference", resolved)
    app.add_post_transform(ClaimLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
