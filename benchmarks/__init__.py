"""How fast the project is, as ratios measured in one run on equal threads.

``python -m benchmarks`` measures everything and writes ``benchmarks/results.md``; ``python -m benchmarks.hypergradient`` and
``python -m benchmarks.judging`` print their own tables.  Not part of the distribution.
"""
