"""Guidance: shown where the person looks, once it holds, and never among the data."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from facecli.cli.camera.guide import Guide, guide


@dataclass
class Seen:
    """The guidance of one frame."""

    instruction: str

    @property
    def words(self) -> str:
        return f"Please {self.instruction}."

    def record(self) -> dict[str, Any]:
        return {"instruction": self.instruction, "words": self.words}


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
    guiding = Guide(lambda seen: found.append(seen.instruction))
    for instruction in instructions:
        guiding.show(Seen(instruction))
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
    guiding.show(Seen("come closer"))
    assert stderr.getvalue() == "\r\x1b[KPlease come closer."
    guiding.close()
    assert stderr.getvalue().endswith("\r\x1b[K")


def test_a_long_line_fits_the_terminal(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = put(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    guide(None, quiet=False).show(Seen("come much, much closer"))
    assert stderr.getvalue() == "\r\x1b[KPlease come much, m"


def test_on_a_dumb_terminal_each_change_is_a_line(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = put(Terminal())
    monkeypatch.delenv("TERM", raising=False)
    guiding = guide(None, quiet=False)
    guiding.show(Seen("come closer"))
    guiding.close()
    assert stderr.getvalue() == "Please come closer.\n"


def test_elsewhere_events_are_json_lines(put: Put) -> None:
    stderr = put(Pipe())
    guide(None, quiet=False).show(Seen("come closer"))
    [line] = stderr.getvalue().splitlines()
    assert json.loads(line) == {
        "schema": "facecli.guidance/1",
        "instruction": "come closer",
        "words": "Please come closer.",
    }


@pytest.mark.parametrize("stream", [Pipe, Terminal])
def test_quiet_shows_nothing(put: Put, stream: type[io.StringIO]) -> None:
    stderr = put(stream())
    guiding = guide(None, quiet=True)
    guiding.show(Seen("come closer"))
    guiding.close()
    assert stderr.getvalue() == ""


def test_a_closed_stderr_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    guiding = guide(None, quiet=False)
    guiding.show(Seen("come closer"))
    guiding.close()
