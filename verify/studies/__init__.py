"""Questions beyond a verdict: which assumptions are needed, where a claim ends, how sharp it is, what its mutants do."""
