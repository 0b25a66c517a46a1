"""The claims whose steps the tests take through every method, and the others, which the README's first command judges.

Proving, certifying and mutating every claim of every topic would take the tests half an hour; the topics below have each kind
of claim there is.
"""

from theory import bounds

CORE = sorted(name for topic in ("quadratic", "finite_samples", "gao_sener_2020") for name in bounds.names(topic))
