"""How sure a model may be: as sure as it turned out to be right, and less so of words that it has not seen.

Two trials say it. One keeps back some customers, as they come; the other keeps back what is most alike among itself, so
that its words are new, as those of a customer who asks for a known thing in a new way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHARPNESS = np.exp(np.linspace(np.log(0.3), np.log(40), 50))
_CAUTION = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
# How many clusters a label's texts fall into, and how many of them are looked at
_CLUSTERS, _LOOKED_AT = 5, 120


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model said of texts it had not seen: scores, how much of each text it knew, and what was right."""

    scores: NDArray[np.float64]
    known: NDArray[np.float64]
    target: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Scale:
    """Scores times `sharpness`, times the known share to the power of `caution`, make the confidences."""

    sharpness: float = 1.0
    caution: float = 0.0

    def apply(self, trial: Trial) -> NDArray[np.float64]:
        return trial.scores * (self.sharpness * trial.known**self.caution)[:, None]


def fit(trials: Sequence[Trial]) -> Scale:
    """The scale under which the truth surprises least, each trial counting the same."""
    told = [trial for trial in trials if len(trial.target)]
    if not told:
        return Scale()
    scales = [Scale(float(sharpness), caution) for sharpness in _SHARPNESS for caution in _CAUTION]
    return min(scales, key=lambda scale: sum(_surprise(scale.apply(trial), trial.target) for trial in told))


def _surprise(scores: NDArray[np.float64], target: NDArray[np.intp]) -> float:
    top = scores.max(axis=1, keepdims=True)
    whole = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
    return float(np.minimum(whole - scores[np.arange(len(target)), target], 20.0).mean())


def alike(rows: object, target: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Of each label one cluster of texts that resemble each other: about a fifth, never all of a label."""
    from sklearn.cluster import AgglomerativeClustering

    held = np.zeros(len(target), dtype=np.bool_)
    for label in np.unique(target):
        mine = np.flatnonzero(target == label)[:_LOOKED_AT]
        clusters = min(_CLUSTERS, len(mine) // 2)
        if clusters < 2:
            continue
        dense = rows[mine].toarray()  # type: ignore[index]
        made = AgglomerativeClustering(clusters, metric="euclidean", linkage="ward").fit_predict(dense)
        sizes = np.bincount(made, minlength=clusters)
        chosen = int(np.argmin(np.abs(sizes - len(mine) / _CLUSTERS)))
        held[mine[made == chosen]] = True
    return held
