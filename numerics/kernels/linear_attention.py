"""Prompts of linear attention: the sum that attention takes over tokens, and that sum by its law given the labels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import compiled

Array = NDArray[np.float64]


@compiled
def attend(features: Array, labels: Array, out: Array) -> None:
    """h = (1/N) sum y x per prompt: features (B, N, p), labels (B, N), out (B, p)."""
    batch, tokens, dim = features.shape
    for b in range(batch):
        out[b, :] = 0.0
        for i in range(tokens):
            for j in range(dim):
                out[b, j] += labels[b, i] * features[b, i, j]
        for j in range(dim):
            out[b, j] /= tokens


@compiled
def summaries(half: Array, normal: Array, square: Array, noise: float, context: int, out: Array) -> None:
    """Q^{-1/2} h from Q^{1/2} theta and standard normals (B, p) and mean squares of standardised labels (B,); out (B, p).

    With u = Q^{1/2} theta / s, |u| <= 1, a normal vector of covariance I - u u' is z - (1 - root(1 - |u|^2)) (u'z) u / |u|^2.
    """
    batch, dim = half.shape
    for b in range(batch):
        signal = along = 0.0
        for j in range(dim):
            signal += half[b, j] * half[b, j]
            along += half[b, j] * normal[b, j]
        variance = signal + noise
        shrink = 0.0
        if signal > 0.0:
            shrink = (1.0 - math.sqrt(noise / variance)) * along / signal
        spread = math.sqrt(square[b] * variance / context)
        for j in range(dim):
            out[b, j] = half[b, j] * square[b] + spread * (normal[b, j] - shrink * half[b, j])
