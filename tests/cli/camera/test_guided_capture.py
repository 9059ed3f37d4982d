"""The options of a guided capture, its checks, and the frames that it returns."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from facecli.capture import virtual_devices
from facecli.capture.sources import Source
from facecli.cli.camera.guide import guide
from facecli.cli.camera.guided_capture import Manner, checked_by, look, looked_at
from facecli.errors.capture import NotAVideo
from facecli.errors.recognition import EnrolmentRefused, PadModelFailed, PresentationRefused
from facecli.recognition.engines import engine
from facecli.recognition.engines.model_card import choose
from facecli.recognition.guided_capture.liveness import NAME
from facecli.recognition.pad.cues import PadChecks
from tests import clips
from tests.commands.conftest import _keeper, kept_workers

__all__ = ["_keeper", "kept_workers"]

PLAIN = Manner(60, preview=False, checks=None)
FILE, CAMERA = Source("video", "clip.mp4"), Source("device", "/dev/video0")


def parsed(*arguments: str) -> tuple[Manner | None, str]:
    """The manner that these options give, and what was printed."""
    found: list[Manner] = []

    @click.command()
    @looked_at
    def command(manner: Manner) -> None:
        found.append(manner)

    result = CliRunner().invoke(command, arguments)
    return (found[0] if found else None), result.output


# -- options ------------------------------------------------------------------------------


def test_without_options_nothing_is_checked_and_nobody_is_needed() -> None:
    manner, _ = parsed()
    assert manner == PLAIN
    assert PLAIN.for_a_camera == []


def test_each_option_is_in_the_manner(tmp_path: Path) -> None:
    network = tmp_path / "pad.onnx"
    network.touch()
    manner, _ = parsed("--max-seconds", "5", "--preview", "--liveness", "--pad-model", str(network))
    assert manner == Manner(5, preview=True, checks=PadChecks(True, network))
    assert manner is not None
    assert manner.for_a_camera == ["--preview", "--liveness", "--pad-model"]


@pytest.mark.parametrize("option", ["--preview", "--liveness"])
def test_an_option_that_needs_somebody_is_named(option: str) -> None:
    manner, _ = parsed(option)
    assert manner is not None
    assert manner.for_a_camera == [option]


@pytest.mark.parametrize("seconds", ["0", "3601", "soon"])
def test_a_time_out_of_range_is_refused(seconds: str) -> None:
    manner, printed = parsed("--max-seconds", seconds)
    assert manner is None
    assert "--max-seconds" in printed


# -- checks -------------------------------------------------------------------------------


def test_the_log_names_no_check_where_none_was_made() -> None:
    assert checked_by(FILE, PLAIN) == {}


def test_liveness_needs_a_live_source() -> None:
    asked = Manner(60, preview=False, checks=PadChecks(challenge=True))
    assert checked_by(CAMERA, asked) == {"liveness": NAME}
    with pytest.raises(PresentationRefused) as refused:
        checked_by(FILE, asked)
    assert refused.value.details["reason"] == "recording"


def test_liveness_needs_a_camera_that_is_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Source("device", "/dev/video7")
    monkeypatch.setattr(virtual_devices, "is_virtual", lambda path: path == device.address)
    with pytest.raises(PresentationRefused) as refused:
        checked_by(device, Manner(60, preview=False, checks=PadChecks(challenge=True)))
    assert refused.value.details["reason"] == "virtual-camera"
    assert checked_by(device, PLAIN) == {}


def test_a_network_is_named_by_its_hash(tmp_path: Path) -> None:
    network = tmp_path / "pad.onnx"
    network.write_bytes(b"network")
    asked = Manner(60, preview=False, checks=PadChecks(network=network))
    expected = hashlib.sha256(b"network").hexdigest()
    assert checked_by(FILE, asked) == {"pad_model_sha256": expected}
    network.unlink()
    with pytest.raises(PadModelFailed):
        checked_by(FILE, asked)


# -- the capture --------------------------------------------------------------------------

SPEC = choose(engine.DEFAULT, None, None)


@pytest.mark.usefixtures("kept_workers")
@pytest.mark.parametrize("wanted", [1, 3])
def test_as_many_different_good_frames_are_returned_as_are_wanted(wanted: int) -> None:
    found = look(Source("video", str(clips.TURN)), SPEC, PLAIN, guide(None, True), wanted=wanted)
    assert len(found) == wanted
    templates = {frame.image.faces[0].template for frame in found}
    assert None not in templates
    assert len(templates) == wanted


@pytest.mark.usefixtures("kept_workers")
def test_the_guidance_of_the_frames_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    look(Source("video", str(clips.TURN)), SPEC, PLAIN, guide(None, False))
    events = [json.loads(line) for line in shown.getvalue().splitlines()]
    assert "good" in [event["instruction"] for event in events]


@pytest.mark.usefixtures("kept_workers")
def test_a_capture_without_a_good_frame_is_refused(tmp_path: Path) -> None:
    dark = clips.clip(tmp_path / "dark.mp4", map(clips.dark, clips.turn()[:5]))
    with pytest.raises(EnrolmentRefused):
        look(Source("video", str(dark)), SPEC, PLAIN, guide(None, True))


@pytest.mark.usefixtures("kept_workers")
def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"text")
    with pytest.raises(NotAVideo):
        look(Source("video", str(tmp_path / "clip.mp4")), SPEC, PLAIN, guide(None, True))
