"""From evidence to verdicts: where claims come from, the judge, its records, cache and workers."""
