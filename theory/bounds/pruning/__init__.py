"""Adaptation on a pruned context: top pruning, random pruning, re-scaled steps, bootstrapping (`tack-2023`)."""
