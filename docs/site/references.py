"""What names in texts lead to: a claim's page, a page of the programming interface, or nothing if they have none.

A name that does not exist at all stays a warning, so that texts cannot name what is not there.
"""

from __future__ import annotations

import pkgutil
import sys
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

from theory import bounds

#: packages under whose names public objects are documented
_PUBLIC = ("numerics", "verify", "verify.conformance", "theory.claim")


def page(claim: str) -> str:
    """The document of a claim's page, from the name of the claim or of a part of it."""
    name = claim.partition("/")[0]
    return f"generated/claims/{bounds.module(name).__name__.split('.')[-2]}/{name}"


def resolved(app: Sphinx, environment: BuildEnvironment, node: pending_xref, content: nodes.Element) -> nodes.Node | None:
    """Where a name leads that the programming interface has no page for under this spelling; nowhere, if it only exists."""
    target = node.get("reftarget", "")
    last = target.rpartition(".")[2]
    if target.startswith("theory.bounds.") and last in bounds.names():
        known = page(last) in environment.all_docs
        return make_refnode(app.builder, node["refdoc"], page(last), None, content) if known else content
    # a class or function is documented under its package, and named by its module
    documented = environment.get_domain("py").objects
    for public in (f"{package}.{last}" for package in _PUBLIC):
        if public in documented and ("." not in target or _same(target, public)):
            found = documented[public]
            return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, content)
    if "." not in target:
        loaded = [module for name, module in list(sys.modules.items()) if _ours(name)]
        return content if target in _PUBLIC or any(hasattr(module, target) for module in loaded) else None
    return content if _found(target) is not None else None


def _ours(name: str) -> bool:
    return name.partition(".")[0] in ("theory", "numerics", "verify", "metabounds")


def _same(name: str, other: str) -> bool:
    found = _found(name)
    return found is not None and found is _found(other)


def _found(name: str) -> Any:
    """What a dotted name means; of an attribute that only instances have, its annotation."""
    try:
        return pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        owner, _, attribute = name.rpartition(".")
    try:
        return getattr(pkgutil.resolve_name(owner), "__annotations__", {}).get(attribute)
    except (ImportError, AttributeError, ValueError):
        return None


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
