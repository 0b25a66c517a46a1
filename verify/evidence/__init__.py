"""What speaks against a claim, or for it: sampling, search, replicates; exact comparison; counterexamples."""
