"""Hypothesis profiles: `ci` repeats the same examples on every run, `deep` looks for new ones for as long as it takes.

`python -m pytest --hypothesis-profile=deep` or HYPOTHESIS_PROFILE=deep selects the second.
"""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100, print_blob=True)
settings.register_profile("deep", derandomize=False, deadline=None, max_examples=5000, print_blob=True)
# verdicts kept by an earlier run would hide what a test breaks on purpose
os.environ["METABOUNDS_CACHE"] = ""
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
