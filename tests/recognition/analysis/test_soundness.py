"""Analyses that a worker made up are refused."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from facecli.errors.recognition import UnknownEngine
from facecli.recognition.analysis import soundness
from facecli.recognition.analysis.image import AnalysisRequest, FaceAnalysis, ImageAnalysis
from facecli.recognition.engines import engine as engines
from facecli.recognition.guided_capture.frame_analysis import FrameAnalysis, FrameRequest
from facecli.recognition.pad.cues import Cues, PadChecks
from facecli.recognition.video.watch_worker import (
    EndedTrack,
    EndOfVideo,
    KeptFrame,
    WatchedFrame,
    WatchReply,
)
from facecli.workers import wire
from facecli.workers.wire import Forged

ENGINE = "sface"
TEMPLATE = bytes([22, 23] * 64) + b"\x00"  # 128 components of 8 bits, and a handicap
BAD_TEMPLATES = [
    b"",
    TEMPLATE[:-1],
    TEMPLATE + b"\0",
    bytes(len(TEMPLATE)),
    b"\x80" + TEMPLATE[1:],
    TEMPLATE[:-1] + b"\x80",
    bytes([18, 19] * 64) + b"\x00",
    bytes([30, 31] * 64) + b"\x00",
    struct.pack("<128f", *([0.5] * 128)),
]
FACE = FaceAnalysis((10, 10, 60, 70), 50, TEMPLATE)
IMAGE = ImageAnalysis("a.jpg", "0" * 64, 100, 80, (FACE,), 0)
REFUSED = replace(IMAGE, faces=(replace(FACE, template=None),), reason="blurred")
ENROL = AnalysisRequest("a.jpg", "enrol")
KEEP = AnalysisRequest("a.jpg", "enrol", keep_photo=True)
PROBE = AnalysisRequest("a.jpg", "probe", most_faces=2)


@pytest.mark.parametrize(
    ("request_", "image"),
    [
        (ENROL, IMAGE),
        (ENROL, REFUSED),
        (ENROL, replace(IMAGE, faces=(), reason="no-face")),
        (KEEP, replace(IMAGE, photo=b"jpeg")),
        (PROBE, IMAGE),
        (PROBE, replace(IMAGE, faces=(FACE, FACE), bystanders=7)),
        (PROBE, replace(IMAGE, faces=())),
    ],
)
def test_what_a_sound_worker_answers_is_taken(
    request_: AnalysisRequest, image: ImageAnalysis
) -> None:
    assert image.is_answer_to(request_, ENGINE)
    assert image.is_answer_to(request_, engines.spec(ENGINE))
    assert wire.unpack(wire.pack(image), ImageAnalysis) == image


@pytest.mark.parametrize(
    "image",
    [
        replace(IMAGE, path="b.jpg"),
        replace(IMAGE, sha256=""),
        replace(IMAGE, sha256="G" * 64),
        replace(IMAGE, width=0),
        replace(IMAGE, height=-1),
        replace(IMAGE, bystanders=-1),
        replace(IMAGE, photo=b"not asked for"),
        replace(IMAGE, reason="Not A Code\n"),
        replace(IMAGE, reason="blurred"),
        replace(REFUSED, reason=None),
        replace(REFUSED, photo=b"jpeg"),
        replace(IMAGE, faces=(FACE, FACE)),
        *(replace(IMAGE, faces=(replace(FACE, template=bad),)) for bad in BAD_TEMPLATES),
        *(
            replace(IMAGE, faces=(replace(FACE, box=box),))
            for box in ((-9, 0, 50, 50), (0, 0, 109, 50), (50, 0, 40, 9), (0, 0, 9, 89))
        ),
    ],
)
def test_what_no_sound_worker_answers_is_refused(image: ImageAnalysis) -> None:
    assert not image.is_answer_to(ENROL, ENGINE)


def test_a_probe_has_no_more_faces_than_asked_no_reason_and_no_photo() -> None:
    for image in (
        replace(IMAGE, faces=(FACE, FACE, FACE)),
        REFUSED,
        replace(IMAGE, photo=b"jpeg"),
    ):
        assert not image.is_answer_to(PROBE, ENGINE)


@pytest.mark.parametrize("value", [-1, 101, 2**40])
def test_a_quality_outside_its_range_is_forged(value: int) -> None:
    image = replace(IMAGE, faces=(replace(FACE, quality=value),))
    with pytest.raises(Forged):
        wire.unpack(wire.pack(image), ImageAnalysis)


def test_a_rotation_that_is_none_is_forged() -> None:
    image: Any = replace(IMAGE, faces=(replace(FACE, rotation=45),))  # type: ignore[arg-type]
    with pytest.raises(Forged):
        wire.unpack(wire.pack(image), ImageAnalysis)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_a_template_of_numbers_that_are_not_finite_is_none(value: float) -> None:
    spec = engines.spec("reference")
    sound = [0.5] * spec.dimension
    assert soundness.is_template(struct.pack(f"<{spec.dimension}f", *sound), spec)
    sound[-1] = value
    assert not soundness.is_template(struct.pack(f"<{spec.dimension}f", *sound), spec)


def test_an_engine_that_is_not_there_has_no_specification() -> None:
    with pytest.raises(UnknownEngine):
        soundness.spec_of("none")


# -- frames of cameras and videos ---------------------------------------------------------


FRAME = FrameRequest(np.zeros((80, 100, 3), np.uint8), 7, 1.5, "a.jpg", keep_photo=True)
ANALYSIS = FrameAnalysis(7, 1.5, IMAGE, ((1.0, 2.0),) * 5, None)


def test_the_analysis_of_a_frame_is_compared_with_the_frame() -> None:
    checks = PadChecks(challenge=True)
    cues = Cues(b"print", TEMPLATE)
    refused = replace(ANALYSIS, image=replace(REFUSED, sha256=""))
    for answer in (ANALYSIS, refused, replace(ANALYSIS, image=replace(IMAGE, photo=b"jpeg"))):
        assert answer.is_answer_to(FRAME, ENGINE)
        assert replace(answer, cues=cues).is_answer_to(FRAME, ENGINE, checks)
        assert wire.unpack(wire.pack(answer), FrameAnalysis) == answer
    for forged in (
        replace(ANALYSIS, number=8),
        replace(ANALYSIS, seconds=1.0),
        replace(ANALYSIS, image=replace(IMAGE, path="b.jpg")),
        replace(ANALYSIS, image=replace(IMAGE, width=101)),
        replace(ANALYSIS, image=replace(IMAGE, faces=(FACE, FACE))),
        replace(ANALYSIS, image=replace(IMAGE, sha256="")),
        replace(ANALYSIS, cues=cues),
    ):
        assert not forged.is_answer_to(FRAME, ENGINE)
    for bad in BAD_TEMPLATES:
        forged = replace(ANALYSIS, cues=Cues(b"print", bad))
        assert not forged.is_answer_to(FRAME, ENGINE, checks)


def test_the_tracks_of_a_video_are_compared_with_the_request() -> None:
    frame = WatchedFrame(np.zeros((80, 100, 3), np.uint8), 7, 1.5)
    track = EndedTrack(1, 0.5, 1.5, 3, 1, replace(IMAGE, sha256=""))
    kept = replace(track, kept=KeptFrame(b"jpeg", ((1, FACE.box),)))

    def fits(reply: WatchReply, request: Any = frame, keep: bool = True) -> bool:
        return reply.is_answer_to(request, ENGINE, "a.jpg", 0.9, True, keep)

    for reply in (WatchReply((track, kept), ((1, FACE.box),)), WatchReply(())):
        assert fits(reply)
        assert wire.unpack(wire.pack(reply), WatchReply) == reply
    assert fits(WatchReply((track,), finished=True), EndOfVideo())
    for forged in (
        WatchReply((), finished=True),
        WatchReply((), ((1, (0, 0, 200, 70)),)),
        WatchReply((), ((1, FACE.box),), sideways=90),
        WatchReply((), sideways=cast(Any, 45)),
        WatchReply((replace(track, image=replace(IMAGE, path="b.jpg")),)),
        WatchReply((replace(track, image=REFUSED),)),
        WatchReply((replace(track, image=replace(IMAGE, faces=())),)),
    ):
        assert not fits(forged)
    assert not fits(WatchReply(()), EndOfVideo())
    assert not fits(WatchReply((kept,)), keep=False)


def test_an_analysis_of_other_bytes_than_those_that_were_sent_is_refused() -> None:
    sent = replace(ENROL, content=b"the picture")
    own = replace(IMAGE, sha256=hashlib.sha256(b"the picture").hexdigest())
    assert own.is_answer_to(sent, "sface")
    assert not replace(own, sha256=hashlib.sha256(b"another").hexdigest()).is_answer_to(
        sent, "sface"
    )
