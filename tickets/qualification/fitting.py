"""Learn from labelled texts: the only code that needs scikit-learn, run as a process of its own (`training` starts it).

Knows neither database nor settings: texts, labels and groups come in, weights and a report go out. What is reported is
measured on groups (customers) that were kept back; then the model is fitted on everything.
"""

import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any, cast
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tickets.qualification import calibration, grams
from tickets.qualification.calibration import Trial
from tickets.qualification.weights import Linear

Blocks = list[tuple[grams.Ids, grams.Values]]
Matrix = Any  # scipy's sparse matrices have no types
# A model larger than this would be slow to load: the rarest pieces go first.
_MOST_CELLS = 12_000_000
_HELD_SHARE = 5
_SPAM_LIMIT = 0.9
# Of the kept-back honest mails this share may pass the limit at most.
_FALSE_ALARMS = 0.003


@dataclass(frozen=True, slots=True)
class Task:
    """Labelled texts; `extra` are words beside each text, `groups` says which belong together (one customer's)."""

    texts: list[str]
    labels: list[str]
    groups: list[str]
    extra: list[list[str]] | None = None
    pieces: bool = True


def learn(task: Task) -> tuple[Linear, dict[str, Any]]:
    """A model for choosing among labels, and how well it did on what it had not seen."""
    names = sorted(set(task.labels))
    target = np.array([names.index(label) for label in task.labels])
    held = _held_back(task.groups)
    blocks = _counted(task)
    everything = np.arange(len(target))
    final = _Features(blocks, everything, len(names))
    rows = final.matrix(everything)
    others = _try(blocks, target, held, len(names))
    scale = calibration.fit([others, _try(blocks, target, calibration.alike(rows, target), len(names))])
    report = _report(scale.apply(others), target[held], names, Counter(task.labels))
    matrix, bias = _weights(_fit(rows, target), len(names))
    return final.linear(names, matrix, bias, scale.sharpness, task.pieces, caution=scale.caution), report


def _try(blocks: list[Blocks], target: NDArray[np.intp], held: NDArray[np.bool_], labels: int) -> Trial:
    """Learn from the rest and ask about what was kept back."""
    asked, learned = np.flatnonzero(held), np.flatnonzero(~held)
    if not len(asked) or len(set(target[learned].tolist())) < 2:
        return Trial(np.zeros((0, labels)), np.zeros(0), target[:0])
    features = _Features(blocks, learned, labels)
    scores = _scores(_fit(features.matrix(learned), target[learned]), features.matrix(asked), labels)
    return Trial(scores, features.known(asked), target[asked])


def learn_spam(task: Task) -> tuple[Linear, dict[str, Any]]:
    """A spam filter: as `learn`, in five turns, with its scale set so that 0.9 is where honest mail is safe."""
    target = np.array([int(label == "spam") for label in task.labels])
    fold = np.array([crc32(group.encode()) % _HELD_SHARE for group in task.groups])
    scores = np.zeros(len(target), dtype=np.float64)
    blocks = _counted(task)
    for turn in range(_HELD_SHARE):
        learned, asked = np.flatnonzero(fold != turn), np.flatnonzero(fold == turn)
        if len(asked) == 0:
            continue
        features = _Features(blocks, learned, 2)
        scores[asked] = _fit_spam(features.matrix(learned), target[learned]).decision_function(features.matrix(asked))
    sharpness, shift = _safe_scale(scores, target)
    shares = 1 / (1 + np.exp(-np.clip(scores * sharpness + shift, -50, 50)))
    everything = np.arange(len(target))
    final = _Features(blocks, everything, 2)
    fitted = _fit_spam(final.matrix(everything), target)
    column = fitted.coef_[0]
    matrix = np.column_stack([np.zeros_like(column), column])
    bias = np.array([0.0, fitted.intercept_[0] + shift / sharpness])
    linear = final.linear(["not_spam", "spam"], matrix, bias, sharpness, task.pieces)
    return linear, _spam_report(shares, target)


def _counted(task: Task) -> list[Blocks]:
    extra = task.extra or [[] for _ in task.texts]
    return [grams.blocks(text, more, pieces=task.pieces) for text, more in zip(task.texts, extra, strict=True)]


class _Features:
    """Texts as rows of TF-IDF values over those hashes that the learned texts hold."""

    def __init__(self, blocks: list[Blocks], learned: NDArray[np.intp], labels: int) -> None:
        self.blocks = blocks
        found = [ids for row in learned for ids, _counts in self.blocks[row]]
        ids, frequency = np.unique(np.concatenate(found), return_counts=True)
        least = 1 if len(learned) < 3_000 else 2
        kept = frequency >= least
        ids, frequency = ids[kept], frequency[kept]
        if len(ids) * labels > _MOST_CELLS:
            common = np.sort(np.argsort(-frequency, kind="stable")[: _MOST_CELLS // labels])
            ids, frequency = ids[common], frequency[common]
        self.ids = ids
        self.idf = (np.log((1 + len(learned)) / (1 + frequency)) + 1).astype(np.float32)

    def matrix(self, rows: NDArray[np.intp]) -> Matrix:
        from scipy.sparse import csr_matrix

        place = Linear([], self.ids, self.idf, np.zeros((0, 0), np.float16), np.zeros(0, np.float32), 1.0)
        columns, values, starts = [], [], [0]
        for row in rows:
            at, weighted = place.weigh(self.blocks[row])
            columns.append(at)
            values.append(weighted)
            starts.append(starts[-1] + len(at))
        shape = (len(rows), len(self.ids))
        if not columns:
            return csr_matrix(shape, dtype=np.float32)
        return csr_matrix((np.concatenate(values), np.concatenate(columns), starts), shape=shape)

    def known(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """How much of each text is known here."""
        place = Linear([], self.ids, self.idf, np.zeros((0, 0), np.float16), np.zeros(0, np.float32), 1.0)
        return np.array([place.known(self.blocks[row]) for row in rows])

    def linear(
        self,
        labels: list[str],
        matrix: NDArray[Any],
        bias: NDArray[Any],
        sharpness: float,
        pieces: bool,
        *,
        caution: float = 0.0,
    ) -> Linear:
        halves, shift = matrix.astype(np.float16), bias.astype(np.float32)
        return Linear(labels, self.ids, self.idf, halves, shift, float(sharpness), pieces, caution)


def _held_back(groups: list[str]) -> NDArray[np.bool_]:
    """Every fifth customer, the same ones each time: what one person writes again must not flatter the figure."""
    # By rank, not by remainder: a small desk too keeps somebody back
    shuffled = sorted(set(groups), key=lambda group: (crc32(group.encode()), group))
    kept = set(shuffled[::_HELD_SHARE]) if len(shuffled) > 1 else set()
    return np.array([group in kept for group in groups])


def _fit(rows: Matrix, target: NDArray[Any]) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=0.6, tol=1e-3, random_state=0).fit(rows, target)


def _fit_spam(rows: Matrix, target: NDArray[Any]) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=20.0, class_weight="balanced", max_iter=300).fit(rows, target)


def _weights(fitted: Any, labels: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """A column per label; scikit-learn gives two labels one column. A label never learned keeps none."""
    if labels == 2:
        column = fitted.coef_[0]
        return np.column_stack([-column, column]), np.array([-fitted.intercept_[0], fitted.intercept_[0]])
    matrix = np.zeros((fitted.coef_.shape[1], labels))
    bias = np.full(labels, -10.0)
    for place, label in enumerate(fitted.classes_):
        matrix[:, label], bias[label] = fitted.coef_[place], fitted.intercept_[place]
    return matrix, bias


def _scores(fitted: Any, rows: Matrix, labels: int) -> NDArray[np.float64]:
    matrix, bias = _weights(fitted, labels)
    return cast("NDArray[np.float64]", np.asarray(rows @ matrix + bias, dtype=np.float64))


def _shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return cast("NDArray[np.float64]", raised / raised.sum(axis=1, keepdims=True))


def _report(
    scores: NDArray[np.float64], target: NDArray[Any], names: list[str], counts: Counter[str]
) -> dict[str, Any]:
    shares = _shares(scores) if len(target) else scores
    right = shares.argmax(axis=1) == target if len(target) else np.zeros(0, bool)
    sure = shares.max(axis=1) >= 0.8 if len(target) else right
    common = counts.most_common(1)[0][0]
    return {
        "examples": sum(counts.values()),
        "held_back": len(target),
        "accuracy": _share(right),
        "baseline": _share(np.array([names[place] == common for place in target])),
        "confident": {"limit": 0.8, "share": _share(sure), "accuracy": _share(right[sure])},
        "per_label": [
            {"label": name, "examples": counts[name], "accuracy": _share(right[target == place])}
            for place, name in enumerate(names)
        ],
    }


def _share(flags: NDArray[Any]) -> float | None:
    return round(float(flags.mean()), 4) if len(flags) else None


def _safe_scale(scores: NDArray[np.float64], target: NDArray[Any]) -> tuple[float, float]:
    """Factor and shift: the limit lies a margin above where all but a few kept-back honest mails end."""
    honest, spam = np.sort(scores[target == 0]), scores[target == 1]
    allowed = int(_FALSE_ALARMS * len(honest))
    edge = float(honest[len(honest) - 1 - allowed])
    middle = float(np.median(spam))
    margin = max(0.15 * (middle - edge), 0.05)
    limit = np.log(_SPAM_LIMIT / (1 - _SPAM_LIMIT))
    # Half way down to the typical honest mail the score is next to nothing.
    factor = float(limit * 2 / max(edge + margin - float(np.median(honest)), 0.5))
    return factor, float(limit - factor * (edge + margin))


def _spam_report(shares: NDArray[np.float64], target: NDArray[Any]) -> dict[str, Any]:
    alarms = shares >= _SPAM_LIMIT
    return {
        "examples": len(target),
        "held_back": len(target),
        "spam": int(target.sum()),
        "not_spam": int((1 - target).sum()),
        "caught": _share(alarms[target == 1]),
        "false_alarms": _share(alarms[target == 0]),
        "accuracy": _share(alarms == (target == 1)),
        "baseline": None,
    }


def main() -> None:
    """One task as JSON on standard input; the report on one line and the packed weights behind it on standard output."""
    # Whoever serves people goes first
    os.nice(10)
    given = json.load(sys.stdin.buffer)
    kind = given.pop("kind")
    linear, report = (learn_spam if kind == "spam" else learn)(Task(**given))
    head = json.dumps({"labels": linear.labels, "report": report}).encode()
    sys.stdout.buffer.write(head + b"\n" + linear.pack())


if __name__ == "__main__":
    main()
