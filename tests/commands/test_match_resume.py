"""`match --resume`: a search goes on where it was, whatever ended it, and does no image twice."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Facecli


@pytest.fixture
def pictures(tmp_path: Path, sample_data: Path) -> Any:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(60):
        shutil.copy(sample_data / "probes" / "gate-2.jpg", folder / f"{number:02}.jpg")
    return folder


def _paths(text: Any) -> list[Any]:
    return [json.loads(line)["path"] for line in text.splitlines() if line.endswith("}")]


def _command(facecli: Facecli, pictures: Any, resume: Any) -> Any:
    return ["match", pictures, "--purpose", "gate", "--format", "jsonl", "--resume", resume]


def test_a_search_that_was_killed_goes_on_and_leaves_nothing_out(
    enrolled: Facecli, pictures: Any, tmp_path: Path
) -> None:
    command = _command(enrolled, pictures, tmp_path / "done")
    process = subprocess.Popen(
        [sys.executable, "-m", "facecli", *enrolled.globals, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    first = [process.stdout.readline() for _ in range(5)]
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.stdout.close()
    process.wait()
    before = _paths("".join(first) + rest)
    after = enrolled(*command)
    assert after.code == 0
    done = before + _paths(after.out)
    assert set(done) == {str(path) for path in pictures.iterdir()}
    assert len(done) <= 61  # the one at which it was killed may have been printed and not noted
    assert 5 <= len(before) < 60


def test_a_finished_search_has_nothing_left_to_do(
    enrolled: Facecli, pictures: Any, tmp_path: Path, sample_data: Path
) -> None:
    for path in list(pictures.iterdir())[3:]:
        path.unlink()
    command = _command(enrolled, pictures, tmp_path / "done")
    assert len(_paths(enrolled(*command).out)) == 3
    other = enrolled(*command, "--case", "2026-117")
    assert (other.code, "another search: purpose, case" in other.err) == (1, True)
    again = enrolled(*command)
    assert (again.code, again.out) == (0, "")
    assert "3 images skipped: done by an earlier run" in again.err
    shutil.copy(sample_data / "probes" / "gate-1.jpg", pictures / "new.jpg")
    assert _paths(enrolled(*command).out) == [str(pictures / "new.jpg")]
    assert (tmp_path / "done").stat().st_mode & 0o777 == 0o600
    assert "A-1002" not in (tmp_path / "done").read_text()


def test_a_line_that_a_kill_cut_short_is_done_again(
    enrolled: Facecli, pictures: Any, tmp_path: Path
) -> None:
    for path in list(pictures.iterdir())[2:]:
        path.unlink()
    done = tmp_path / "done"
    command = _command(enrolled, pictures, done)
    enrolled(*command)
    done.write_bytes(done.read_bytes()[:-3])
    assert len(_paths(enrolled(*command).out)) == 1


def test_what_is_no_file_is_refused(enrolled: Facecli, pictures: Any) -> None:
    refused = enrolled(*_command(enrolled, pictures, "/dev/zero"))
    assert (refused.code, refused.out, "regular file" in refused.err) == (1, "", True)


@pytest.mark.parametrize(
    ("content", "extra", "code", "said"),
    [
        ("something else\n", [], 1, "was not written by --resume"),
        ("not even a line", [], 1, "was not written by --resume"),
        ('{"schema": "facecli.resume/1", "purpose": "x"}\n', [], 1, "another search"),
        (None, ["--format", "table"], 2, "--format jsonl"),
        (None, ["--output", "rows.jsonl"], 2, "stdout"),
    ],
)
def test_bad_input_is_refused_and_left_alone(
    enrolled: Facecli,
    pictures: Any,
    tmp_path: Path,
    content: str | None,
    extra: Any,
    code: int,
    said: str,
) -> None:
    done = tmp_path / "done"
    if content is not None:
        done.write_text(content)
    refused = enrolled(*_command(enrolled, pictures, done), *extra)
    assert refused.code == code
    assert said in refused.err
    assert refused.out == ""
    assert (done.read_text() if content is not None else Path(done).exists()) == (content or False)
