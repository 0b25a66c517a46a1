"""Proofs: normal forms of claims about numbers, how polynomials are proved to keep their sign, and certificates of it."""
