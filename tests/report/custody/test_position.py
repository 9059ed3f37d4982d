"""The place of a report in the log."""

from __future__ import annotations

from facecli.papers.languages import choose
from facecli.report.custody import position
from facecli.report.custody.position import LogPosition


def test_the_commands_name_the_file_as_a_shell_reads_it() -> None:
    place = LogPosition(12, "2026-11-28T16:30:00Z", "key+1+2", "a checkpoint\n")
    made = position.section(choose("en").language, place, "a b'; rm.html")
    assert made.commands[0] == """sha256sum 'a b'"'"'; rm.html'"""
    assert "key+1+2" in made.commands[-1]
    assert "entry 11" in made.sentences[0]
