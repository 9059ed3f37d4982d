"""The cues of one frame: only those of the checks that are made, and none without a face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecli.errors.recognition import PadModelFailed
from facecli.recognition.analysis.image import ImageWithFaces
from facecli.recognition.engines import engine
from facecli.recognition.engines.engine import Engine
from facecli.recognition.pad.cues import CueFinder, Cues, PadChecks
from facecli.recognition.pad.replays import CELLS
from tests import clips
from tests.clips import Rgb
from tests.recognition.pad.test_network import network

CHALLENGE = PadChecks(challenge=True)


def view(loaded: Engine, rgb: Rgb) -> ImageWithFaces:
    return ImageWithFaces(loaded, "cam", rgb, 1.0, loaded.detect(rgb))


@pytest.fixture(scope="module")
def sface() -> Engine:
    return engine.load("sface")


@pytest.fixture(scope="module")
def face() -> Rgb:
    return clips.turn()[0]


def test_a_challenge_has_print_template_landmarks_and_pattern(sface: Engine, face: Rgb) -> None:
    cues = CueFinder(sface, CHALLENGE).cues(view(sface, face), None)
    assert np.frombuffer(cues.frame_print, "<f4").shape == (CELLS * CELLS,)
    assert cues.template is not None
    assert len(cues.points) == 5
    assert cues.pattern is not None
    assert cues.real is None


def test_a_template_that_was_made_is_not_made_again(sface: Engine, face: Rgb) -> None:
    cues = CueFinder(sface, CHALLENGE).cues(view(sface, face), b"made before")
    assert cues.template == b"made before"


def test_a_frame_without_a_face_has_only_its_print(sface: Engine) -> None:
    grey = np.full((480, 640, 3), 127, np.uint8)
    cues = CueFinder(sface, CHALLENGE).cues(view(sface, grey), None)
    assert cues == Cues(cues.frame_print)
    assert cues.frame_print


def test_a_network_alone_gives_its_score_and_nothing_else(
    sface: Engine, face: Rgb, tmp_path: Path
) -> None:
    path = network(tmp_path / "real.onnx", np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]]))
    cues = CueFinder(sface, PadChecks(network=path)).cues(view(sface, face), None)
    assert cues.real is not None
    assert 0 <= cues.real <= 1
    assert cues == Cues(b"", real=cues.real)


def test_a_network_that_cannot_be_used_is_refused_before_any_frame(
    sface: Engine, tmp_path: Path
) -> None:
    with pytest.raises(PadModelFailed):
        CueFinder(sface, PadChecks(network=tmp_path / "none.onnx"))


def test_landmarks_come_from_yunet_with_every_engine(face: Rgb, sface: Engine) -> None:
    hog = engine.load("dlib-hog")
    own = CueFinder(sface, CHALLENGE).cues(view(sface, face), b"t").points
    other = CueFinder(hog, CHALLENGE).cues(view(hog, face), b"t").points
    assert np.abs(np.array(own) - np.array(other)).max() < 1e-3
