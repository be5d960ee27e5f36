"""A trained linear model: read, ask, explain. Needs numpy alone, never scikit-learn, and never unpickles anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpdesk.lib import text
from tickets.qualification import grams


class Guess(NamedTuple):
    """A label and how sure the model is of it, from 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Linear:
    """`matrix` holds a row per known hash and a column per label.

    `sharpness` turns scores into honest confidences, `caution` makes them smaller for texts with unknown words.
    """

    labels: list[str]
    ids: grams.Ids
    idf: NDArray[np.float32]
    matrix: NDArray[np.float16]
    bias: NDArray[np.float32]
    sharpness: float
    pieces: bool = True
    caution: float = 0.0

    def vector(self, source: str, extra: Sequence[str] = ()) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Rows and values of a text: TF-IDF, each block of unit length, as in training."""
        return self.weigh(grams.blocks(source, extra, pieces=self.pieces))

    def weigh(self, blocks: Sequence[tuple[grams.Ids, grams.Values]]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The same for a text that is already counted."""
        rows, values = [], []
        for ids, counts in blocks:
            at, known = _locate(self.ids, ids)
            weighted = counts[known] * self.idf[at]
            rows.append(at)
            values.append(weighted / (float(np.linalg.norm(weighted)) or 1.0))
        return np.concatenate(rows), np.concatenate(values).astype(np.float32)

    def known(self, blocks: Sequence[tuple[grams.Ids, grams.Values]]) -> float:
        """How much of a text's words and pairs was seen in training, from 0 to 1; what was not weighs as the rarest."""
        ids, counts = blocks[0]
        if not len(ids) or not len(self.idf):
            return 0.0
        at, is_known = _locate(self.ids, ids)
        weights = counts * self.idf.max()
        weights[is_known] = counts[is_known] * self.idf[at]
        return float(np.linalg.norm(weights[is_known]) / (float(np.linalg.norm(weights)) or 1.0))

    def rank(self, source: str, extra: Sequence[str] = ()) -> list[Guess]:
        """All labels, the most probable first. A text without a known word is a guess by frequency alone."""
        counted = grams.blocks(source, extra, pieces=self.pieces)
        rows, values = self.weigh(counted)
        scores = values @ self.matrix[rows].astype(np.float32) + self.bias
        shares = _softmax(scores * self.sharpness * self.known(counted) ** self.caution)
        order = np.argsort(-shares, kind="stable")
        return [Guess(self.labels[place], float(shares[place])) for place in order]

    def telling(self, source: str, label: str, *, limit: int = 5, extra: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The words of a text that speak most for a label, with their offsets: [{"text", "start", "end", "weight"}]."""
        column = self.labels.index(label)
        rows, values = self.vector(source, extra)
        lean = self.matrix[rows].astype(np.float32)
        pull = values * (lean[:, column] - lean.mean(axis=1))
        by_id = dict(zip(self.ids[rows].tolist(), pull.tolist(), strict=True))
        found: dict[str, dict[str, Any]] = {}
        for word, start, end in _places(source):
            ids = grams.of_words([word])
            if self.pieces:
                ids += grams.of_pieces(word)
            weight = sum(by_id.get(one, 0.0) for one in set(ids))
            if weight > 0 and word not in found and len(word) > 1:
                found[word] = {"text": source[start:end], "start": start, "end": end, "weight": round(weight, 3)}
        return sorted(found.values(), key=lambda one: -float(one["weight"]))[:limit]

    def pack(self) -> bytes:
        """As bytes for the database: arrays of numbers, nothing else."""
        target = BytesIO()
        np.savez_compressed(
            target,
            ids=self.ids,
            idf=self.idf,
            matrix=self.matrix,
            bias=self.bias,
            sharpness=np.float64(self.sharpness),
            pieces=np.bool_(self.pieces),
            caution=np.float64(self.caution),
        )
        return target.getvalue()


def unpack(labels: list[str], packed: bytes) -> Linear:
    """A stored model. Raises ValueError for bytes that are not arrays of the right shapes."""
    with np.load(BytesIO(packed), allow_pickle=False) as stored:
        model = Linear(
            labels=list(labels),
            ids=stored["ids"],
            idf=stored["idf"],
            matrix=stored["matrix"],
            bias=stored["bias"],
            sharpness=float(stored["sharpness"]),
            pieces=bool(stored["pieces"]),
            # Models of before have none
            caution=float(stored["caution"]) if "caution" in stored else 0.0,
        )
    if model.matrix.shape != (len(model.ids), len(labels)) or len(model.bias) != len(labels):
        raise ValueError("a learned model does not fit its labels")
    return model


def _locate(known: grams.Ids, ids: grams.Ids) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Rows of those ids that are known, and which these are."""
    if not len(known):
        return np.zeros(0, dtype=np.intp), np.zeros(len(ids), dtype=np.bool_)
    at = np.searchsorted(known, ids)
    at[at == len(known)] = 0
    hits = known[at] == ids
    return at[hits], hits


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = np.exp((scores - scores.max()).astype(np.float64))
    shares: NDArray[np.float64] = raised / raised.sum()
    return shares


def _places(source: str) -> Iterator[tuple[str, int, int]]:
    folded = text.fold_with_offsets(source[: grams.MAX_CHARS])
    for match in grams.WORD.finditer(folded.text):
        word = f"0{len(match[0])}" if match[0].isdigit() else match[0]
        yield (word, *folded.span(match.start(), match.end()))
