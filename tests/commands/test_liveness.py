"""`enroll camera --liveness` and `--pad-model`: a camera on the network whose subject reacts."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecli.capture.frames import Frame, Frames
from facecli.recognition.guided_capture import liveness
from facecli.recognition.pad.challenge import JUMPS, STEPS
from sample_data.make_turn import Head, head_of
from tests import clips
from tests.clips import Rgb
from tests.commands.test_enroll_camera import HELD, SHOWN, enrol, log, reason
from tests.conftest import SAMPLE_DATA, Facecli
from tests.prepared import count
from tests.presentations import Living, Print, Recording, Subject, performance
from tests.recognition.pad.test_network import network

ENROL = ("enroll", "camera", "A-1", "--purpose", "gate", "--expires", "1y", "--notice-shown",
         "--format", "jsonl")  # fmt: skip
RATE = 10  # frames per second of the camera's time
ASKED = {"look-left": "left", "look-right": "right"}


@pytest.fixture(scope="module")
def head() -> Head:
    return head_of(SAMPLE_DATA / "probes/stranger.jpg")


class CameraTime:
    """The time at the camera, a tenth of a second later with every frame that the command takes.

    So the subject moves by the frames that are analysed, however slow the machine is.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        take = Frames._frame

        def timed(frames: Frames, *answer: Any) -> Frame:
            self.seconds += 1 / RATE
            return replace(take(frames, *answer), seconds=self.seconds)

        monkeypatch.setattr(Frames, "_frame", timed)


class Heard(io.StringIO):
    """Stdout that passes each record on as soon as it is printed."""

    def __init__(self, hear: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._hear = hear

    def write(self, text: str) -> int:
        for line in text.splitlines():
            self._hear(json.loads(line))
        return len(text)


class Sitting:
    """The command before a camera on the network, and a subject that hears what is asked."""

    def __init__(
        self,
        facecli: Facecli,
        monkeypatch: pytest.MonkeyPatch,
        subject: Subject,
        *options: object,
    ) -> None:
        self.events: list[dict[str, Any]] = []
        self.records: list[dict[str, Any]] = []
        self._asked = "ahead"
        self._subject = subject
        self._time = CameraTime(monkeypatch)
        with clips.camera(self._pictures) as url, monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", Heard(self._hear))
            run = facecli(*ENROL, "--url", url, *options)
        self.code, self.err = run.code, run.err

    def _hear(self, record: dict[str, Any]) -> None:
        guidance = record["schema"] == "facecli.guidance/1"
        (self.events if guidance else self.records).append(record)
        if guidance:
            self._asked = ASKED.get(record["instruction"], "ahead")

    def _pictures(self) -> Iterator[Rgb]:
        while True:
            yield self._subject.frame(self._time.seconds, self._asked)


def test_a_person_who_turns_as_asked_is_enrolled_and_the_log_says_how(
    ready: Facecli, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting = Sitting(ready, monkeypatch, Living(head), "--liveness")
    assert (sitting.code, sitting.err) == (0, "")
    assert [record["outcome"] for record in sitting.records] == ["enrolled"] * 3
    asked = [event["instruction"] for event in sitting.events if event["instruction"] in ASKED]
    # A turn of which a slow camera misses the way is asked for again.
    assert STEPS <= len(asked) <= STEPS + JUMPS
    assert set(asked) == set(ASKED)
    details = [entry["details"] for entry in log(ready) if entry["action"] == "enroll"]
    assert [found["liveness"] for found in details] == [liveness.NAME] * 3
    assert count(ready, "template") == [3]


def recorded(head: Head) -> Subject:
    """A recording that turns to one side: every challenge asks for both.

    One of both sides meets the challenge once in 14 times (`challenge.STEPS`).
    """
    return Recording(performance(head, ("left", "left"), 15), 15)


@pytest.mark.parametrize(
    ("made", "reasons"),
    [
        (Print, {"turn-too-late", "flat-face"}),
        (recorded, {"wrong-turn", "turn-too-late", "looped-frames"}),
        (lambda head: Recording([head.picture], 15), {"frozen-frames"}),
    ],
    ids=["print", "recording", "still"],
)
def test_what_is_no_person_is_refused_with_its_reason_and_leaves_nothing(
    ready: Facecli,
    head: Head,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[[Head], Subject],
    reasons: set[str],
) -> None:
    sitting = Sitting(ready, monkeypatch, made(head), "--liveness")
    assert sitting.code == 1
    [record] = sitting.records
    assert record["outcome"] == "refused"
    assert record["reason"] in reasons
    assert "Start again, with the person in front of the camera." in sitting.err
    assert count(ready, *HELD) == [0] * 5
    assert log(ready)[-1]["details"]["reason"] == record["reason"]


def test_a_recording_cannot_answer_a_challenge(ready: Facecli) -> None:
    run = enrol(ready, clips.TURN, *SHOWN, "--liveness")
    assert reason(run) == (1, "refused", "recording")
    assert "--liveness needs a person who reacts; a recording cannot" in run.err
    assert count(ready, *HELD) == [0] * 5
    assert log(ready)[-1]["details"]["reason"] == "recording"


def test_the_users_network_decides_and_the_log_names_it(ready: Facecli, tmp_path: Path) -> None:
    """One that finds the picture real by its green, and one that never does."""
    weights = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]])
    real = network(tmp_path / "real.onnx", weights)
    run = enrol(ready, clips.TURN, *SHOWN, "--pad-model", real)
    assert run.code == 0
    [digest] = {entry["details"]["pad_model_sha256"] for entry in log(ready)[2:]}
    assert len(digest) == 64
    assert "liveness" not in log(ready)[-1]["details"]
    never = network(tmp_path / "never.onnx", -weights)
    run = enrol(ready, clips.TURN, *SHOWN, "--pad-model", never, ref="A-2")
    assert reason(run) == (1, "refused", "presentation-attack")
    assert count(ready, "subject") == [1]


@pytest.mark.parametrize("content", [b"", b"no model"])
def test_a_network_that_is_none_is_refused_and_nothing_stored(
    ready: Facecli, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    run = enrol(ready, clips.TURN, *SHOWN, "--pad-model", tmp_path / "m.onnx")
    assert run.code == 1
    assert "m.onnx cannot be used as --pad-model: it is not a working ONNX model." in run.err
    assert reason(run) == (1, "failed", "no-pad-model")
    assert count(ready, *HELD) == [0] * 5
    missing = enrol(ready, clips.TURN, *SHOWN, "--pad-model", tmp_path / "none.onnx")
    assert missing.code in (1, 2)
    assert "none.onnx" in missing.err
