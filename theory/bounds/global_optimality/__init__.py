"""When stationary points of meta-objectives are global: linear models, and bandits in the policy (`wang-2020`)."""
