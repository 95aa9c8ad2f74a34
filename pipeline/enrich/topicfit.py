"""Fits the logistic functions that turn a text's signals and the model's opinion into one score.

Promises the maximum of the weighted likelihood under sign constraints, with an L2 penalty on the distance from a
prior (zero, or weights that are known to serve), found by projected gradient ascent (Bertsekas, Nonlinear
Programming, 2.3): a further hit can never lower a score, nor an excluding phrase raise it, however few the examples
are. Deterministic.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.enrich.signals import FEATURES
from pipeline.enrich.topics import Weights

LOWERING = frozenset({"acronyms", "excluding", "listed", "passing"})
PENALTY = 0.5
STEPS = 4000
Matrix = NDArray[np.float64]


def fit(
    rows: Sequence[Sequence[float]],
    labels: Sequence[bool],
    weights: Sequence[float],
    *,
    model: bool,
    prior: Weights | None = None,
) -> Weights:
    """Weights for rows of FEATURES, followed by the logit of the model if `model`.

    Few examples leave them near the `prior`, but for the bias, which is free.
    """
    values: Matrix = np.column_stack([np.ones(len(rows)), np.array(rows, dtype=np.float64)])
    low, high = _bounds(model)
    start = _start(prior, model)
    found = start.copy()
    step = 1.0 / _curvature(values, np.array(weights))
    for _ in range(STEPS):
        gradient = values.T @ (np.array(weights) * (np.array(labels) - _logistic(values @ found)))
        gradient[1:] -= PENALTY * (found - start)[1:]
        found = np.clip(found + step * gradient, low, high)
    return _weights(found, model)


def _start(prior: Weights | None, model: bool) -> Matrix:
    if prior is None:
        return np.zeros(1 + len(FEATURES) + model)
    return np.array([prior.bias, *prior.features, *([prior.model] if model else [])])


def _bounds(model: bool) -> tuple[Matrix, Matrix]:
    signs = [-1.0 if name in LOWERING else 1.0 for name in FEATURES] + [1.0] * model
    low = [-np.inf, *(-np.inf if sign < 0 else 0.0 for sign in signs)]
    high = [np.inf, *(0.0 if sign < 0 else np.inf for sign in signs)]
    return np.array(low), np.array(high)


def _curvature(values: Matrix, weights: Matrix) -> float:
    """The largest that the second derivative can be: a step of its inverse never overshoots."""
    return float(np.linalg.eigvalsh((values * weights[:, None]).T @ values)[-1]) / 4 + PENALTY


def _logistic(values: Matrix) -> Matrix:
    return 1.0 / (1.0 + np.exp(-values))


def _weights(found: Matrix, model: bool) -> Weights:
    rounded = [round(float(value), 4) for value in found]
    end = len(FEATURES) + 1
    return Weights(rounded[0], rounded[end] if model else 0.0, tuple(rounded[1:end]))
