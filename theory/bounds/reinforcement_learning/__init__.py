"""Reinforcement learning: policies compared, gradient dominance, smoothness, and what meta-training with inner steps does."""
