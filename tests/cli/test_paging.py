from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
from fcntl import ioctl
from termios import TIOCSWINSZ

import pytest

from facecli.cli.paging import pages


@pytest.mark.parametrize(
    ("text", "lines", "expected"),
    [
        ("a\nb", 2, ["a\nb"]),
        ("a\nb\nc", 2, ["a\nb", "c"]),
        ("a\n\nb\nc\nd", 4, ["a\n\nb\nc", "d"]),
        ("a\nb\n\nc\nd", 4, ["a\nb\n", "c\nd"]),
        ("", 5, [""]),
        ("a\nb\nc", 1, ["a", "b", "c"]),
    ],
)
def test_pages_end_at_blank_lines_where_possible(
    text: str, lines: int, expected: list[str]
) -> None:
    found = pages(text, lines)
    assert found == expected
    assert "\n".join(found).split() == text.split()


def on_terminal(lines: int) -> tuple[int, subprocess.Popen[bytes]]:
    """Shows 30 lines on a terminal of this height; returns its other end."""
    primary, secondary = pty.openpty()
    ioctl(secondary, TIOCSWINSZ, struct.pack("HHHH", lines, 80, 0, 0))
    code = (
        "from facecli.cli.paging import show_in_pages\n"
        "show_in_pages('\\n'.join(f'line {n}' for n in range(30)))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=secondary, stderr=secondary)
    os.close(secondary)
    return primary, process


def read_until(terminal: int, text: bytes) -> bytes:
    shown = b""
    while text not in shown:
        shown += os.read(terminal, 4096)
    return shown


def test_a_long_text_waits_after_each_page() -> None:
    terminal, process = on_terminal(12)
    first = read_until(terminal, b"-- page 1 of 3; press Enter for the next page --")
    assert b"line 10" in first
    assert b"line 11" not in first
    os.write(terminal, b"\n")
    assert b"line 21" in read_until(terminal, b"-- page 2 of 3")
    os.write(terminal, b"\n")
    read_until(terminal, b"line 29")
    assert process.wait() == 0
    os.close(terminal)


def test_a_terminal_of_unknown_height_gets_one_page() -> None:
    terminal, process = on_terminal(0)
    assert b"page" not in read_until(terminal, b"line 29")
    assert process.wait() == 0
    os.close(terminal)
