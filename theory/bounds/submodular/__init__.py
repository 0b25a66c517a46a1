"""Submodular meta-learning: elements shared by all tasks and elements of each task's own (`adibi-2020`)."""
