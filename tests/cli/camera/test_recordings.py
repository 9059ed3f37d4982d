"""Video files through the workers and the checks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecli.cli.camera.recordings import NETWORK, judge, named
from facecli.recognition.engines import engine
from facecli.recognition.engines.model_card import choose
from facecli.recognition.evaluation.presentations import Judged, Recording
from facecli.recognition.guided_capture.liveness import NAME
from facecli.recognition.pad.cues import PadChecks
from tests import clips
from tests.commands.conftest import _keeper, kept_workers
from tests.recognition.pad.test_network import network

__all__ = ["_keeper", "kept_workers"]

SPEC = choose(engine.DEFAULT, None, None)
REAL, FAKE = ([[0, 9, 0]] * 3, [[9, 0, 0]] * 3)  # the second of three classes is a real face


def test_each_check_is_measured_alone_and_both_together(tmp_path: Path) -> None:
    both = PadChecks(True, tmp_path / "pad.onnx")
    assert named(PadChecks(True)) == {NAME: PadChecks(True)}
    assert list(named(PadChecks(network=tmp_path))) == [NETWORK]
    assert list(named(both)) == [NAME, NETWORK, f"{NAME} and {NETWORK}"]
    assert list(named(both).values())[-1] == both


@pytest.mark.usefixtures("kept_workers")
def test_recordings_are_judged_one_by_one_and_what_is_no_video_fails(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"text")
    paths = [tmp_path / "a.mp4", clips.TURN, tmp_path / "none.mp4"]
    checks = PadChecks(True, network(tmp_path / "pad.onnx", np.array(REAL)))
    found = list(judge(map(Recording, paths), SPEC, checks, 1))
    assert [one.failure for one, _ in found] == ["unreadable-video", None, "unreadable-video"]
    assert [message is None for _, message in found] == [False, True, False]
    [text, turn, _] = [one for one, _ in found]
    assert text == Judged(Recording(paths[0]), {}, "unreadable-video")
    # The head of the sample clip turns to both sides, but not four times.
    assert turn.refusals[NETWORK] is None
    assert turn.refusals[NAME] is not None
    assert turn.refusals[f"{NAME} and {NETWORK}"] == turn.refusals[NAME]


@pytest.mark.usefixtures("kept_workers")
def test_a_network_that_sees_pictures_refuses(tmp_path: Path) -> None:
    checks = PadChecks(network=network(tmp_path / "pad.onnx", np.array(FAKE)))
    [(found, _)] = judge([Recording(clips.TURN)], SPEC, checks, 1)
    assert found.refusals == {NETWORK: "presentation-attack"}
