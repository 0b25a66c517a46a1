"""Mechanisms of related papers, run for real: a module each.

They share the package's conventions: a rule is its executed steps, compiled loops live in :mod:`numerics.kernels`, random
numbers come from seeds and give the same bits for any number of workers.

=============================  ==================================================================================
module                         what it runs
=============================  ==================================================================================
``set_functions``              greedy and exact maximisation of monotone submodular functions, shared and own parts
``kernel_regression``          adaptation of a kernel machine by any rule: flows, ridge, gradient steps
``mirror_descent``             mirror steps with quadratic, entropic and learned maps
``annealing``                  deterministic annealing: expectation--maximisation and the online recursion
``linear_attention``           linear attention on prompts, simulated, and the risk of its best matrix
``context_pruning``            gradient steps on pruned contexts, re-scaled steps
``improvement_records``        records of a sequence of evaluations, search without a model
``tabular_priors``             sequential maximisation under a prior over finitely many functions, by dynamic programming
``bandits``                    softmax adaptation of a policy for one state, the meta-problem over tasks
=============================  ==================================================================================
"""
