"""Deterministic annealing: when prototypes split, and how fast the online recursion settles (`mavridis-2022`)."""
