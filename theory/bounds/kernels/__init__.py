"""Meta-learning with a constant kernel: energies in place of adaptation, the kernel flow, ridge regression (`zhou-2021`)."""
