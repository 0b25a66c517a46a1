"""A meta-gradient as one might write it by hand, for `python -m verify.conformance docs/my_maml.py:meta_gradient`."""

import numpy as np


def meta_gradient(data):
    """Mean over tasks of the gradient of the query loss after `data.steps` steps on the support set."""
    total = np.zeros_like(data.theta)
    for X, y, Xq, yq in data:
        inner, hessian = data.theta, X.T @ X / len(y)
        for _ in range(data.steps):
            inner = inner - data.alpha * (X.T @ (X @ inner - y) / len(y))
        slope = Xq.T @ (Xq @ inner - yq) / len(yq)
        for _ in range(data.steps):
            slope = slope - hessian @ (data.alpha * slope)  # back through the steps
        total += slope / len(data)
    return total
