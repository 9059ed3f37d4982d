"""Show guidance to a person before a camera: one line on a terminal, else events as JSON lines.

Nothing is coloured. An instruction is shown when two frames in a row give it, so that it does not
flicker; the first one is shown at once.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from facecli.cli.lines import cut, terminal_width
from facecli.cli.output import Reporter, note
from facecli.printable import json_text, printable
from facecli.recognition.guided_capture.guidance import Say, in_english, spoken

if TYPE_CHECKING:
    from facecli.recognition.guided_capture.guidance import Guidance

SCHEMA = "guidance"
Show = Callable[["Guidance"], None]


class Guide:
    """Shows each guidance that differs from the one shown before.

    Args:
        how: prints or reports one guidance.
        end: called when no more guidance comes.
        say: prints a text before any guidance comes.
        opening: that text.
        counting: show a guidance again when more frames are good.
    """

    def __init__(
        self,
        how: Show,
        end: Callable[[], None] = lambda: None,
        *,
        say: Callable[[str], None] = lambda text: None,
        opening: str = "",
        counting: bool = False,
    ) -> None:
        self._how = how
        self._end = end
        self._say = say
        self._opening = opening
        self._counting = counting
        self._shown: str | None = None
        self._shown_count = ""
        self._last: str | None = None

    def wait(self) -> None:
        """Show that the camera is being opened, which takes seconds."""
        self._say(self._opening)

    def show(self, guidance: Guidance) -> None:
        """Show the guidance of one frame, if it is new and holds."""
        holds = self._shown is None or guidance.instruction == self._last
        self._last = guidance.instruction
        counted = self._counting and guidance.count != self._shown_count
        if holds and (guidance.instruction != self._shown or counted):
            self._shown, self._shown_count = guidance.instruction, guidance.count
            self._how(guidance)

    def close(self) -> None:
        """Clear the line on the terminal."""
        self._end()


def guide(report: Reporter | None, quiet: bool, say: Say = in_english) -> Guide:
    """Return the guide for these options and this terminal.

    With `quiet` nothing is shown. With `--format jsonl`, events go among the results of `report`.
    Otherwise they go to stderr: as one line that is rewritten on a terminal, as a line for each
    change on a dumb terminal, as JSON lines elsewhere. `say` speaks the person's language.
    """
    opening = say(spoken("One moment: the camera opens."))
    if quiet or sys.stderr is None:
        return Guide(lambda guidance: None)
    if report is not None and report.form == "jsonl":
        return Guide(partial(_among, report))
    if not sys.stderr.isatty():
        return Guide(lambda guidance: note(_event(guidance)))
    if os.environ.get("TERM", "dumb") == "dumb":
        return Guide(lambda guidance: note(guidance.words), say=note, opening=opening)
    return Guide(_in_place, lambda: _write("\r\x1b[K"), say=_line, opening=opening, counting=True)


def _among(report: Reporter, guidance: Guidance) -> None:
    report.summary(SCHEMA, guidance.record())


def _event(guidance: Guidance) -> str:
    return json_text({"schema": f"facecli.{SCHEMA}/1", **guidance.record()})


def _in_place(guidance: Guidance) -> None:
    _line(guidance.counted_words)


def _line(text: str) -> None:
    width = terminal_width(sys.stderr) or shutil.get_terminal_size().columns
    _write(f"\r\x1b[K{cut(printable(text), width - 1)}")


def _write(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()
