"""In-context learning by linear attention: one sampled step of MAML from zero with a matrix for a rate (`zhang-2024`)."""
