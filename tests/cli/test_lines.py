"""Lines fit the terminal, and what a person copies from them stays whole."""

from __future__ import annotations

import os
import pty
import shutil
import struct
import subprocess
from fcntl import ioctl
from io import StringIO
from termios import TIOCSWINSZ

import pytest

from facecli.cli.lines import continued, cut, fitted, shown_width, terminal_width


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 13, ["one two three"]),
        ("one two three", 8, ["one two", "three"]),
        ("  one two three", 8, ["  one", "  two", "  three"]),
        ("one\ntwo three", 5, ["one", "two", "three"]),
        ("", 5, [""]),
        ("see /a/long/path here", 8, ["see", "/a/long/path", "here"]),
        ("run `facecli purge --dry-run` now", 12, ["run", "`facecli purge --dry-run`", "now"]),
        ("(`a b`), c", 6, ["(`a b`),", "c"]),
        ("a ` b c", 4, ["a `", "b c"]),
        ("王 小明", 4, ["王", "小明"]),
        ("one two", None, ["one two"]),
    ],
)
def test_a_line_breaks_at_blanks_but_not_inside_a_command(
    text: str, width: int | None, lines: list[str]
) -> None:
    assert fitted(text, width).split("\n") == lines


COMMAND = "  printf '<%s>' one \"two  three\" 'four five' six"


@pytest.mark.parametrize("shell", ["bash", "dash", "zsh", "fish"])
def test_a_shell_joins_the_lines_of_an_example(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    shown = continued(COMMAND, 24)
    assert len(shown.splitlines()) > 2
    assert max(map(len, shown.splitlines())) <= 24
    done = subprocess.run([shell, "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout == "<one><two  three><four five><six>"


def test_an_example_that_fits_stays_as_it_is() -> None:
    assert continued(f"Example:\n{COMMAND}\n", 80) == f"Example:\n{COMMAND}\n"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abc", 2, "ab"), ("人脸识别", 5, "人脸"), ("e\u0301e\u0301", 1, "e\u0301"), ("人", 1, ""),
     ("a", 9, "a")],
)  # fmt: skip
def test_a_cut_text_fits_the_columns(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


def test_wide_letters_count_twice() -> None:
    assert (shown_width("abc"), shown_width("人脸"), shown_width("e\u0301")) == (3, 4, 1)


@pytest.mark.parametrize(("columns", "width"), [(40, 40), (0, None)])
def test_the_width_is_that_of_the_terminal_where_it_is_known(
    columns: int, width: int | None
) -> None:
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with open(theirs, "w") as stream:
        assert terminal_width(stream) == width
    os.close(ours)
    assert terminal_width(StringIO()) is None
    assert terminal_width(None) is None
