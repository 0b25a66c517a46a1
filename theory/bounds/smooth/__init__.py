"""Smooth risks that need not be convex: what adaptation changes, how far its objective bends, what stochastic training
reaches.
"""
