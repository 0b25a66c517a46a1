"""Records as JUnit XML, which continuous integration shows test by test.

A verdict that is not as expected is a failure; theory and numerics measuring different values is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from verify.evidence.result import Verdict

if TYPE_CHECKING:
    from verify.judging.record import Record

#: characters that XML 1.0 does not admit
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(records: Sequence[Record]) -> str:
    """One test case for each record, in a suite named ``verify.bounds``.

    Parameters
    ----------
    records : sequence of Record

    Returns
    -------
    str
        An XML document.
    """
    failures = sum(not record.as_expected and record.verdict is not Verdict.DISAGREEMENT for record in records)
    errors = sum(record.verdict is Verdict.DISAGREEMENT for record in records)
    suite = ElementTree.Element(
        "testsuite",
        name="verify.bounds",
        tests=str(len(records)),
        failures=str(failures),
        errors=str(errors),
        time=f"{sum(record.seconds for record in records):.3f}",
    )
    for record in records:
        # the parts of a claim are grouped under it
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"verify.bounds.{record.name.partition('/')[0]}",
            name=record.name,
            time=f"{record.seconds:.3f}",
        )
        if not record.as_expected:
            kind = "error" if record.verdict is Verdict.DISAGREEMENT else "failure"
            message = f"expected: {record.expected}; verdict: {record.verdict.value}"
            if record.detail:
                message += f" ({record.detail})"
            found = ElementTree.SubElement(case, kind, message=_clean(message), type=record.verdict.value)
            found.text = _clean(record.counterexample.get("simplest", ""))
        said = f"{record.title}\nverdict: {record.verdict.value}; instances: {record.instances}; seed: {record.seed}"
        ElementTree.SubElement(case, "system-out").text = _clean(said)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
