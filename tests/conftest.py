"""Hypothesis profiles: `ci` repeats the same examples on every run, `deep` looks for new ones for as long as it takes.

`python -m pytest --hypothesis-profile=deep` or HYPOTHESIS_PROFILE=deep selects the second.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50, print_blob=True)
settings.register_profile("deep", derandomize=False, deadline=None, max_examples=5000, print_blob=True)
# verdicts kept by an earlier run would hide what a test breaks on purpose
os.environ["METABOUNDS_CACHE"] = ""
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

#: files of few and long tests: begun last, one process would work on them alone
LONG = ("test_command", "test_documents", "test_evidence", "test_agreement", "test_mutations", "test_tightness", "test_reports")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, everything else as it was."""
    items.sort(key=lambda item: item.path.stem not in LONG)
