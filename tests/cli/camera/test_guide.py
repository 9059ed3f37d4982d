"""Guidance: shown where the person looks, once it holds, and never among the data."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from facecli.cli.camera.guide import Guide, guide
from facecli.papers.languages import choose
from facecli.recognition.guided_capture.guidance import Guidance


def seen(instruction: Any) -> Guidance:
    """The guidance of one frame, with no face yet."""
    return Guidance(0.0, 0, instruction, None, None, 0, None)


class Terminal(io.StringIO):
    """A stderr that a person sees."""

    def isatty(self) -> bool:
        return True


class Pipe(io.StringIO):
    """A stderr that goes to a program."""


Put = Callable[[io.StringIO], io.StringIO]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts a stream in the place of stderr."""

    def to_stderr(stream: io.StringIO) -> io.StringIO:
        monkeypatch.setattr(sys, "stderr", stream)
        return stream

    return to_stderr


def shown(*instructions: str) -> list[str]:
    """The instructions that are shown for these frames."""
    found: list[str] = []
    guiding = Guide(lambda told: found.append(told.instruction))
    for instruction in instructions:
        guiding.show(seen(instruction))
    return found


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (["closer"], ["closer"]),  # the first at once
        (["closer", "closer"], ["closer"]),
        (["closer", "good"], ["closer"]),  # not yet
        (["closer", "good", "good"], ["closer", "good"]),
        (["closer", "good", "closer", "good", "closer"], ["closer"]),  # it flickers
    ],
)
def test_an_instruction_is_shown_once_it_holds(frames: list[str], expected: list[str]) -> None:
    assert shown(*frames) == expected


def test_on_a_terminal_one_line_is_rewritten(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = put(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    guiding = guide(None, quiet=False)
    guiding.show(seen("closer"))
    assert stderr.getvalue() == "\r\x1b[KCome closer."
    guiding.close()
    assert stderr.getvalue().endswith("\r\x1b[K")


def test_the_progress_is_shown_and_counts_on(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = put(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    guiding = guide(None, quiet=False)
    guiding.wait()
    for good in (0, 1, 2, 2, 4, 5):
        guiding.show(Guidance(0.0, 0, "hold-still", None, None, good, None, wanted=3))
    assert stderr.getvalue().split("\r\x1b[K")[1:] == [
        "One moment: the camera opens.",
        "Hold still.",
        "Hold still. (1 of 3)",
        "Hold still. (2 of 3)",
        "Hold still. (3 of 3)",
    ]


def test_where_one_frame_is_enough_nothing_is_counted() -> None:
    assert Guidance(0.0, 0, "good", None, None, 4, None).count == ""


def test_a_long_line_fits_the_terminal(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = put(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    guide(None, quiet=False).show(seen("sharpen"))
    assert stderr.getvalue() == "\r\x1b[KBlurred: hold still"


def test_on_a_dumb_terminal_each_change_is_a_line(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = put(Terminal())
    monkeypatch.delenv("TERM", raising=False)
    guiding = guide(None, quiet=False)
    guiding.show(seen("closer"))
    guiding.close()
    assert stderr.getvalue() == "Come closer.\n"


def test_elsewhere_events_are_json_lines(put: Put) -> None:
    stderr = put(Pipe())
    guide(None, quiet=False).show(seen("closer"))
    [line] = stderr.getvalue().splitlines()
    event = json.loads(line)
    assert event["schema"] == "facecli.guidance/1"
    assert (event["instruction"], event["words"]) == ("closer", "Come closer.")


@pytest.mark.parametrize("stream", [Pipe, Terminal])
def test_quiet_shows_nothing(put: Put, stream: type[io.StringIO]) -> None:
    stderr = put(stream())
    guiding = guide(None, quiet=True)
    guiding.show(seen("closer"))
    guiding.close()
    assert stderr.getvalue() == ""


def test_a_closed_stderr_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    guiding = guide(None, quiet=False)
    guiding.show(seen("closer"))
    guiding.close()


@pytest.mark.parametrize(
    ("columns", "words"), [(10, "请靠近一"), (11, "请靠近一些"), (40, "请靠近一些。")]
)
def test_a_line_of_wide_letters_stays_within_the_terminal(
    put: Put, monkeypatch: pytest.MonkeyPatch, columns: int, words: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = put(Terminal())
    guide(None, quiet=False).show(replace(seen("closer"), say=choose("zh").language.say))
    assert stream.getvalue() == f"\r\x1b[K{words}"


def test_the_wait_is_announced_in_the_language(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = put(Terminal())
    guide(None, quiet=False, say=choose("zh").language.say).wait()
    assert "摄像头正在打开" in stream.getvalue()
