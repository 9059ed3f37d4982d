"""Enrolling before a camera: real video files and a real stream, real workers, a real terminal."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest

from tests import clips
from tests.cli.test_main import read_until
from tests.clips import Change, Rgb
from tests.commands.stand_ins import Keeper
from tests.conftest import READY_ENTRIES, SAMPLE_DATA, Facecli, Run
from tests.display import closed_after_the_third, display, needs_xvfb
from tests.prepared import count, opened

pytestmark = pytest.mark.usefixtures("kept_workers")

FIELDS = [
    "schema", "ref", "purpose", "path", "outcome", "reason", "quality", "template_id",
    "bystanders", "message",
]  # fmt: skip
HELD = ("subject", "consent", "template", "sample", "template_shard")
SHOWN = ("--expires", "1y", "--notice-shown")


def enrol(facecli: Facecli, video: object, *options: object, ref: str = "A-1") -> Run:
    return facecli("enroll", "camera", ref, "--purpose", "gate", "--video", video,
                   "--format", "json", *options)  # fmt: skip


def reason(run: Run) -> tuple[int, str, str]:
    [record] = run.json()
    assert list(record) == FIELDS
    return run.code, record["outcome"], record["reason"]


def log(facecli: Facecli, since: int = READY_ENTRIES) -> list[dict]:
    """The log after the purposes were applied."""
    entries = facecli("log", "show", "-n", "50", "--format", "json").json()
    return [entry for entry in entries if entry["seq"] > since]


# -- what is stored -----------------------------------------------------------------------


def test_subject_consent_and_all_templates_are_made_together(ready: Facecli) -> None:
    run = enrol(ready, clips.TURN, "--name", "Ana", *SHOWN)
    assert run.code == 0
    records = run.json()
    assert [list(record) for record in records] == [FIELDS] * 3
    assert {record["outcome"] for record in records} == {"enrolled"}
    assert len({record["template_id"] for record in records}) == 3
    assert records[0]["quality"] == max(record["quality"] for record in records)
    assert count(ready, *HELD) == [1, 1, 3, 0, 1]
    assert [entry["action"] for entry in log(ready)] == [
        "subject.add", "consent.record", "enroll", "enroll", "enroll",
    ]  # fmt: skip
    assert len({entry["at"] for entry in log(ready)}) == 1


def test_the_log_says_how_and_names_nobody(ready: Facecli) -> None:
    enrol(ready, clips.TURN, "--name", "Ana", *SHOWN, ref="A-1002")
    entries = log(ready)
    assert [name for name in ("A-1002", "Ana", "turn.mp4") if name in json.dumps(entries)] == []
    assert entries[-1]["details"]["notice"] == "declared"
    assert entries[-1]["details"]["source"] == "video"
    assert entries[-1]["actor"]["user"]


def test_who_was_enrolled_so_is_found_in_another_photograph(ready: Facecli) -> None:
    enrol(ready, clips.TURN, *SHOWN, ref="A-1004")
    run = ready("verify", "A-1004", SAMPLE_DATA / "probes/stranger.jpg", "--purpose", "gate")
    assert run.code == 0
    other = ready("verify", "A-1004", SAMPLE_DATA / "probes/gate-2.jpg", "--purpose", "gate")
    assert other.code == 4


@pytest.mark.parametrize("wanted", [1, 5])
def test_as_many_templates_as_wanted_are_made(ready: Facecli, wanted: int) -> None:
    run = enrol(ready, clips.TURN, *SHOWN, "--templates", wanted)
    assert len(run.json()) == wanted
    assert count(ready, "template") == [wanted]


def test_fewer_good_frames_than_wanted_are_enrolled_and_told(
    ready: Facecli, tmp_path: Path
) -> None:
    some = clips.clip(tmp_path / "c.mp4", clips.turn()[:2], map(clips.dark, clips.turn()[:5]))
    run = enrol(ready, some, *SHOWN)
    assert (run.code, len(run.json())) == (0, 2)
    assert run.err.splitlines()[-1] == "A-1: 2 templates, not 3: no more frames were good."


def test_a_photo_is_kept_of_each_template_only_if_asked_and_allowed(
    ready: Facecli, purposes_file: Callable[..., Path], tmp_path: Path
) -> None:
    assert enrol(ready, clips.TURN, *SHOWN, "--keep-photo").json()[0]["reason"] == "no-photos"
    assert count(ready, *HELD) == [0] * 5
    ready("purpose", "apply", purposes_file(retain_photo='"30d"'))
    assert enrol(ready, clips.TURN, *SHOWN, "--keep-photo").code == 0
    with opened(ready) as found:
        photos = [row[0] for row in found.db.rows("SELECT photo FROM sample")]
    assert [photo[:3] for photo in photos] == [b"\xff\xd8\xff"] * 3


# -- consent first ------------------------------------------------------------------------


def test_without_consent_the_camera_is_not_opened(
    ready: Facecli, tmp_path: Path, kept_workers: Keeper
) -> None:
    ready("subject", "add", "A-1")
    for video in (tmp_path / "missing.mp4", clips.TURN):
        assert reason(enrol(ready, video, "--notice-shown")) == (20, "refused", "no-consent")
    assert kept_workers.tasks == []
    assert count(ready, "template") == [0]


def test_a_consent_to_another_purpose_does_not_count(ready: Facecli, tmp_path: Path) -> None:
    ready("subject", "add", "A-1")
    ready("consent", "record", "A-1", "--purpose", "attendance", "--expires", "1y")
    run = enrol(ready, tmp_path / "missing.mp4", "--notice-shown")
    assert reason(run) == (20, "refused", "no-consent")
    unknown = ready("enroll", "camera", "A-1", "--purpose", "spa", "--video", "missing.mp4",
                    "--format", "json", "--notice-shown")  # fmt: skip
    assert reason(unknown) == (21, "refused", "unknown")


def test_where_nobody_can_be_asked_the_notice_must_be_declared_shown(
    ready: Facecli, tmp_path: Path
) -> None:
    run = enrol(ready, tmp_path / "missing.mp4", "--expires", "1y")
    assert reason(run) == (20, "refused", "notice-not-shown")
    assert "--notice-shown" in run.err
    assert count(ready, *HELD) == [0] * 5
    assert log(ready)[-1]["details"]["reason"] == "notice-not-shown"


class Terminal:
    """A command on a real terminal of its own."""

    def __init__(self, facecli: Facecli, *arguments: object, **environment: str) -> None:
        self.primary, secondary = pty.openpty()
        options = [option for option in facecli.globals if option != "--no-input"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "facecli", *options, *map(str, arguments)],
            stdin=secondary, stdout=subprocess.PIPE, stderr=secondary, text=True,
            env={**os.environ, "TERM": "xterm", **environment},
        )  # fmt: skip
        os.close(secondary)

    def answer(self, question: bytes, answer: bytes) -> bytes:
        shown = read_until(self.primary, question)
        os.write(self.primary, answer + b"\n")
        return shown

    def end(self) -> tuple[int, bytes, str]:
        """Its exit code, what it showed, what it printed as its result."""
        shown = b""
        while True:
            try:
                piece = os.read(self.primary, 4096)
            except OSError:
                piece = b""
            if not piece:
                break
            shown += piece
        out, _ = self.process.communicate(timeout=60)
        os.close(self.primary)
        return self.process.returncode, shown, out


CAMERA = ("enroll", "camera", "A-1", "--purpose", "gate", "--expires", "1y")


def test_on_a_terminal_the_notice_is_shown_and_no_is_no(ready: Facecli, tmp_path: Path) -> None:
    running = Terminal(ready, *CAMERA, "--video", tmp_path / "missing.mp4")
    shown = running.answer(b"[y/N]: ", b"")
    assert b"Entry at the park gate, version 1" in shown
    assert b"A template cannot be changed as a password can." in shown
    assert b"Has A-1 read this notice and agreed to it?" in shown
    code, shown, _ = running.end()
    assert code == 20
    assert b"the camera was not opened" in shown
    assert count(ready, *HELD) == [0] * 5


@pytest.mark.rule("readable-papers")
@pytest.mark.parametrize("option", ["--notice-lang", "--lang"])
def test_on_a_terminal_all_that_the_person_reads_is_in_the_language(
    ready: Facecli, option: str
) -> None:
    running = Terminal(ready, *CAMERA, "--video", clips.TURN, option, "zh", LC_ALL="C")
    assert "人脸".encode() in running.answer(b"[y/N]: ", b"y")
    code, shown, _ = running.end()
    assert code == 0
    assert "摄像头正在打开。".encode() in shown
    assert "稍微动一动头。 (2/3)".encode() in shown
    [consent] = ready("consent", "list", "--format", "json").json()
    assert (consent["notice_lang"], consent["notice_shown"]) == ("zh", "asked")


@pytest.mark.rule("notice-shown")
def test_a_notice_that_is_not_there_opens_no_camera(ready: Facecli, tmp_path: Path) -> None:
    stated = ("--notice-lang", "fr", "--notice-shown")
    run = enrol(ready, tmp_path / "missing.mp4", "--expires", "1y", *stated)
    assert reason(run) == (1, "refused", "no-such-notice")
    assert enrol(ready, clips.TURN, "--expires", "1y", "--notice-shown").code == 0
    run = enrol(ready, tmp_path / "missing.mp4", *stated)  # the consent is on record
    assert reason(run) == (1, "refused", "no-such-notice")


def test_on_a_terminal_yes_enrols_with_guidance_in_one_line(ready: Facecli) -> None:
    running = Terminal(ready, *CAMERA, "--video", clips.TURN)
    running.answer(b"[y/N]: ", b"y")
    code, shown, out = running.end()
    assert (code, out.count("enrolled")) == (0, 3)
    assert b"\r\x1b[KGood. Look into the camera and move your head a little. (2 of 3)" in shown
    opening = shown.index(b"\r\x1b[KOne moment: the camera opens.")
    assert opening < shown.index(b"Good.")
    assert shown.endswith(b"\r\x1b[K")  # the line is cleared away at the end
    assert b"\x1b[3" not in shown  # no colour
    assert log(ready)[-1]["details"]["notice"] == "asked"


def test_a_dumb_terminal_gets_plain_lines(ready: Facecli) -> None:
    running = Terminal(ready, *CAMERA, "--video", clips.TURN, "--notice-shown", TERM="dumb")
    code, shown, _ = running.end()
    assert code == 0
    assert shown.split(b"\r\n") == [
        b"One moment: the camera opens.",
        b"Good. Look into the camera and move your head a little.",
        b"",
    ]


# -- guidance -----------------------------------------------------------------------------


def test_without_a_terminal_guidance_is_json_a_line_on_stderr(
    ready: Facecli, tmp_path: Path
) -> None:
    path = clips.clip(tmp_path / "c.mp4", map(clips.dark, clips.turn()[:4]), clips.turn())
    run = enrol(ready, path, *SHOWN)
    events = [json.loads(line) for line in run.err.splitlines()]
    assert [event["schema"] for event in events] == ["facecli.guidance/1"] * 2
    assert [event["instruction"] for event in events] == ["more-light", "good"]
    assert events[0]["reason"] == "too-dark"
    assert events[1]["good"] == 2  # shown once it held for two frames


def test_as_json_lines_guidance_is_among_the_results(ready: Facecli) -> None:
    run = ready(*CAMERA, "--video", clips.TURN, "--notice-shown", "--format", "jsonl")
    schemas = [json.loads(line)["schema"] for line in run.out.splitlines()]
    assert schemas == ["facecli.guidance/1", *["facecli.enroll/1"] * 3]
    assert run.err == ""


def test_quiet_means_no_guidance(ready: Facecli) -> None:
    run = ready("-q", *CAMERA, "--video", clips.TURN, "--notice-shown", "--format", "jsonl")
    assert [json.loads(line)["schema"] for line in run.out.splitlines()] == ["facecli.enroll/1"] * 3
    assert run.err == ""


# -- what goes wrong ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (clips.dark, "too-dark"),
        (clips.bright, "too-bright"),
        (clips.blurred, "blurred"),
        (clips.small, "face-too-small"),
        (clips.two, "several-faces"),
        (clips.nobody, "no-face"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_capture_without_a_good_frame_says_why_with_counts(
    ready: Facecli, tmp_path: Path, change: Change, code: str
) -> None:
    path = clips.clip(tmp_path / "c.mp4", [change(rgb) for rgb in clips.turn()[:6]])
    run = enrol(ready, path, *SHOWN)
    assert reason(run) == (1, "refused", code)
    words = f"no face good enough to enrol in 6 frames: {code} 6."
    assert words in run.json()[0]["message"]
    assert count(ready, *HELD) == [0] * 5
    assert log(ready)[-1]["details"]["reason"] == code


def test_a_film_that_is_upside_down_says_how_to_turn_it(ready: Facecli, tmp_path: Path) -> None:
    path = clips.clip(tmp_path / "c.mp4", [rgb[::-1, ::-1] for rgb in clips.turn()])
    run = enrol(ready, path, *SHOWN)
    assert reason(run) == (1, "refused", "rotated")
    hint = "turn the frames clockwise by 180 degrees with --rotate"
    assert hint in run.json()[0]["message"]
    assert enrol(ready, path, *SHOWN, "--rotate", 180).code == 0


def test_when_the_time_is_over_nobody_is_enrolled(ready: Facecli, tmp_path: Path) -> None:
    path = clips.clip(tmp_path / "c.mp4", map(clips.nobody, clips.turn()[:25]), clips.turn()[:9])
    assert reason(enrol(ready, path, *SHOWN, "--max-seconds", 2)) == (1, "refused", "no-face")
    assert enrol(ready, path, *SHOWN, "--max-seconds", 9).code == 0


def test_two_people_one_after_the_other_are_refused(ready: Facecli, tmp_path: Path) -> None:
    path = clips.clip(tmp_path / "c.mp4", clips.turn()[:3], clips.portrait("enrol/A-1002.jpg", 9))
    assert reason(enrol(ready, path, *SHOWN)) == (1, "refused", "identity-changed")
    assert count(ready, *HELD) == [0] * 5


def test_a_face_that_has_another_ref_is_refused_whole(ready: Facecli) -> None:
    assert enrol(ready, clips.TURN, *SHOWN).code == 0
    assert reason(enrol(ready, clips.TURN, *SHOWN, ref="A-2")) == (
        1, "refused", "duplicate-identity",
    )  # fmt: skip
    assert count(ready, "subject", "template") == [1, 3]
    assert enrol(ready, clips.TURN, *SHOWN, "--allow-duplicate", ref="A-2").code == 0


def test_the_same_capture_is_not_enrolled_twice(ready: Facecli) -> None:
    assert enrol(ready, clips.TURN, *SHOWN).code == 0
    assert reason(enrol(ready, clips.TURN, "--notice-shown")) == (1, "refused", "already-enrolled")
    assert count(ready, "template") == [3]


def test_a_missing_camera_is_told_and_logged(ready: Facecli) -> None:
    run = ready(*CAMERA, "--device", 173, "--notice-shown", "--format", "json")
    assert reason(run) == (1, "failed", "no-camera")
    assert count(ready, *HELD) == [0] * 5
    assert log(ready)[-1]["outcome"] == "failed"


def test_one_source_is_named_and_no_more(ready: Facecli) -> None:
    assert ready(*CAMERA, "--notice-shown").code == 2
    assert ready(*CAMERA, "--device", 0, "--video", clips.TURN, "--notice-shown").code == 2


def test_a_camera_that_dies_in_the_middle_leaves_nothing(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facecli.cli.camera.guided_capture.PATIENCE", 0.1)

    def some() -> Iterator[Rgb]:
        yield from clips.turn()[:8]  # good frames, but not enough of them

    with clips.camera(some) as url:
        run = ready(*CAMERA, "--url", url, "--notice-shown", "--format", "json", "--templates", 10)
    assert reason(run) == (1, "failed", "stream-lost")
    assert "sesame" not in run.out + run.err
    assert count(ready, *HELD) == [0] * 5


def test_without_a_display_the_camera_is_not_opened(
    ready: Facecli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    run = enrol(ready, tmp_path / "missing.mp4", *SHOWN, "--preview")
    assert run.code == 1
    assert "No window can be shown: DISPLAY is not set." in run.err
    assert count(ready, *HELD) == [0] * 5


@needs_xvfb
def test_with_a_preview_the_same_is_enrolled(
    ready: Facecli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with display(tmp_path) as screen:
        monkeypatch.setenv("DISPLAY", screen.name)
        assert enrol(ready, clips.TURN, *SHOWN, "--preview").code == 0
        monkeypatch.setattr("facecli.capture.preview._show_preview_worker", closed_after_the_third)
        assert enrol(ready, clips.TURN, *SHOWN, "--preview", ref="A-2").code == 130
    assert count(ready, "subject", "template") == [1, 3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_leaves_nothing(ready: Facecli, number: signal.Signals) -> None:
    def endless() -> Iterator[Rgb]:
        yield from clips.turn()[:4]
        yield from cycle([clips.dark(clips.turn()[0])])

    with clips.camera(endless) as url:
        process = subprocess.Popen(
            [sys.executable, "-m", "facecli", *ready.globals, *map(str, CAMERA), "--url", url,
             "--notice-shown", "--templates", "10"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        while json.loads(process.stderr.readline())["instruction"] != "more-light":
            pass
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted." in err
    assert count(ready, *HELD) == [0] * 5
    assert log(ready) == []
