"""How sure a model says it is: honest of what it has seen, careful of what it has not."""

from io import BytesIO

import numpy as np
import pytest

from tests.bench import questions
from tests.bench.questions import Question
from tickets.qualification import calibration, fitting, grams, weights
from tickets.qualification.calibration import Scale, Trial
from tickets.qualification.weights import Linear


def learned(examples: list[Question]) -> Linear:
    texts, labels = [one.text for one in examples], [one.intent for one in examples]
    return fitting.learn(fitting.Task(texts, labels, [str(number) for number in range(len(texts))]))[0]


@pytest.fixture(scope="module")
def model() -> Linear:
    return learned(questions.make("en", 30, 1, phrasings=range(5)))


def mean(model: Linear, asked: list[Question]) -> tuple[float, float]:
    """How sure it is, and how often it is right."""
    best = [model.rank(one.text)[0] for one in asked]
    right = [guess.label == one.intent for guess, one in zip(best, asked, strict=True)]
    return sum(guess.confidence for guess in best) / len(best), sum(right) / len(right)


def test_of_what_it_knows_it_is_as_sure_as_it_is_right(model: Linear) -> None:
    sure, right = mean(model, questions.make("en", 10, 2, phrasings=range(5)))
    assert right > 0.9
    assert abs(sure - right) < 0.1


def test_of_phrasings_it_has_not_seen_it_is_far_less_sure(model: Linear) -> None:
    known, _right = mean(model, questions.make("en", 10, 2, phrasings=range(5)))
    new, right = mean(model, questions.make("en", 10, 2, phrasings=range(5, 7)))
    assert new < known - 0.3
    assert new < right + 0.35


def test_words_that_it_never_saw_make_it_sure_of_nothing(model: Linear) -> None:
    best = [model.rank(one.text)[0].confidence for one in questions.make("fr", 10, 2)]
    assert sum(confidence >= 0.8 for confidence in best) <= len(best) * 0.02


def test_unknown_words_beside_known_ones_make_it_less_sure_and_choose_the_same(model: Linear) -> None:
    one = questions.make("en", 1, 2, phrasings=range(5))[0]
    plain, more = model.rank(one.text)[0], model.rank(f"{one.text} zyqqua brixtolope wemmerdung quorlavish")[0]
    assert more.label == plain.label
    assert more.confidence < plain.confidence


def test_a_text_without_a_known_word_says_nothing(model: Linear) -> None:
    shares = [guess.confidence for guess in model.rank("zyqqua brixtolope")]
    assert model.known(grams.blocks("zyqqua brixtolope")) == 0.0
    assert max(shares) < 0.1


def test_the_scale_that_surprises_least_is_found() -> None:
    """Right where all is known, wrong in half of what is new: only caution explains both."""
    scores = np.array([[1.0, 0.0]] * 40)
    known = Trial(scores, np.ones(40), np.zeros(40, dtype=np.intp))
    new = Trial(scores, np.full(40, 0.5), np.array([0, 1] * 20, dtype=np.intp))
    scale = calibration.fit([known, new])
    assert scale.sharpness > 5
    assert scale.caution == 8.0
    assert calibration.fit([known]).caution == 0.0
    assert calibration.fit([Trial(np.zeros((0, 2)), np.zeros(0), np.zeros(0, dtype=np.intp))]) == Scale(1.0, 0.0)


def test_a_model_that_was_stored_before_is_read_as_it_was(model: Linear) -> None:
    stored = dict(np.load(BytesIO(model.pack())))
    assert float(stored.pop("caution")) == model.caution > 0
    target = BytesIO()
    np.savez_compressed(target, **stored)
    assert weights.unpack(model.labels, target.getvalue()).caution == 0.0
    assert weights.unpack(model.labels, model.pack()).rank("where is my parcel") == model.rank("where is my parcel")
