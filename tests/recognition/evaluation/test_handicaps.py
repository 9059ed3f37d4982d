"""Constants of a model card are estimated on some people, and have to gain on others."""

from __future__ import annotations

import numpy as np
import pytest

from facecli.errors.command_line import BadInput
from facecli.recognition.engines.engine import ModelCard
from facecli.recognition.engines.scoring import NetworkOutput
from facecli.recognition.evaluation import handicaps
from tests.recognition.synthetic import acquired

CARD = ModelCard(
    "tiny", "/tiny.onnx", "0" * 64, 16, "NCHW", "RGB", (127.5,) * 3, 1.0, 32, "cosine", "MIT"
)


def faces(people: int, seed: int = 4, common: float = 0.6, worth: float = 1.0) -> np.ndarray:
    """(3 * people, 32) outputs: three images of each person, some of them poor and short.

    common: how much all faces have of one direction, some more than others. worth: how much
    shorter a poor image's output is.
    """
    random = np.random.default_rng(seed)
    share = common * random.uniform(0.2, 1.8, people)
    own = random.standard_normal((people, 32)) / np.sqrt(32)
    own[:, 0] += share
    poor = random.uniform(0, 1, (people, 3))
    noise = random.standard_normal((people, 3, 32)) / np.sqrt(32) * (0.3 + poor)[..., None]
    vectors = own[:, None] + noise
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    return np.asarray((vectors * (14 - 4 * worth * poor)[..., None]).reshape(-1, 32))


def labels(people: int) -> list[str]:
    return [f"person {number:03}" for number in range(people) for _ in range(3)]


def test_constants_are_found_where_crowd_and_norm_tell_something() -> None:
    output = NetworkOutput.of_unit_length(faces(240).astype(np.float32))
    found = handicaps.estimate(output, labels(240))
    assert found.crowd_weight > 0
    assert found.norm_weight > 0
    assert np.linalg.norm(found.crowd) == pytest.approx(1, abs=1e-3)
    assert found.crowd[0] > 0.9
    assert 9 < found.norm_low < found.norm_middle < found.norm_high < 15
    assert handicaps.estimate(output, labels(240)) == found  # the same splits


def test_constants_that_gain_nothing_are_refused() -> None:
    plain = np.random.default_rng(1).standard_normal((240, 1, 32))
    noise = np.random.default_rng(2).standard_normal((240, 3, 32)) * 0.9
    rows = (plain + noise).reshape(-1, 32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    output = NetworkOutput.of_unit_length(rows.astype(np.float32))
    with pytest.raises(BadInput, match="no constants gain on people who were not used"):
        handicaps.estimate(output, labels(240))


def test_a_mean_of_few_people_is_refused() -> None:
    output = NetworkOutput.of_unit_length(faces(99).astype(np.float32))
    with pytest.raises(BadInput, match="they are of 99 people, and constants need 100"):
        handicaps.estimate(output, labels(99))


def test_templates_are_made_anew_with_the_constants() -> None:
    raw = acquired(labels(150), faces(150))
    card, made = handicaps.with_constants(raw, CARD)
    assert card.handicap is not None
    assert card.spec(None).engine_id != CARD.spec(None).engine_id
    assert np.linalg.norm(made.templates.forms.rows, axis=1) == pytest.approx(np.ones(450), 1e-5)
    assert made.templates.forms.codes.any()
    assert made.images == raw.images


def test_the_norm_is_in_the_templates_of_an_unscaled_card() -> None:
    assert handicaps.unscaled(CARD).metric == "euclidean"
    assert handicaps.unscaled(CARD).spec(None).network == CARD.spec(None).network
