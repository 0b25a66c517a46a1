"""The pytest plug-in: fixtures for a library's own tests.

>>> def test_my_maml(meta_learning_oracle):
...     meta_learning_oracle(my_meta_gradient, framework="torch", steps=5)

The fixture fails the test with what the function computes, if that is not what it is meant to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def meta_learning_oracle() -> Callable[..., Any]:
    """A function that runs a meta-gradient (or a loss) under the oracle and fails if it is another one.

    Takes the function; `method`, `steps`, `dim`, `scalar`, `single` and `seed` as
    :meth:`verify.conformance.problem.Problem.example`; `framework`, `kind` and `tolerance` as
    :func:`verify.conformance.diagnosis.diagnose`.  Returns the diagnosis.
    """
    import metabounds

    try:
        metabounds.verify  # noqa: B018  (a folder of the user's own may be meant by these names)
    except ImportError as error:
        pytest.fail(f"{error}; for pytest, with --import-mode=importlib", pytrace=False)
    from verify.conformance import Problem, diagnose

    def judged(
        function: Callable[[Any], Any],
        method: str = "MAML",
        *,
        framework: str = "numpy",
        kind: str = "gradient",
        tolerance: float | None = None,
        **example: Any,
    ) -> Any:
        found = diagnose(function, Problem.example(method, **example), framework=framework, kind=kind, tolerance=tolerance)
        if not found.conforms:
            pytest.fail(f"{getattr(function, '__name__', 'the function')} {found.sentence}", pytrace=False)
        return found

    return judged
