"""Smooth risks that need not be convex: families with their constants, noisy oracles, stochastic training and testing."""
