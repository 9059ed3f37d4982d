"""The file of `--resume`: what is done stays done, and the file belongs to one batch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facecli.cli.resume_file import resuming
from facecli.errors.command_line import BadInput, OutputFailed

JOB = {"purpose": "gate", "top_k": 1}


def done(path: Path, *add: str, job: dict[str, object] | None = None) -> set[str]:
    """Add inputs; return those that were done before."""
    with resuming(path, job or JOB) as opened:
        before = set(opened.inputs)
        for name in add:
            opened.add(name)
    return before


def test_a_new_file_is_for_its_owner_alone_and_remembers(tmp_path: Path) -> None:
    path = tmp_path / "done"
    assert done(path, "a.jpg", "b\n.jpg") == set()
    assert path.stat().st_mode & 0o777 == 0o600
    assert done(path) == {"a.jpg", "b\n.jpg"}


def test_an_input_is_on_disk_before_the_next_one_is_begun(tmp_path: Path) -> None:
    path = tmp_path / "done"
    with resuming(path, JOB) as opened:
        opened.add("a.jpg")
        assert json.loads(path.read_text().splitlines()[-1]) == "a.jpg"


@pytest.mark.parametrize("cut", [1, 3])
def test_a_last_line_that_was_cut_is_removed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "done"
    done(path, "a.jpg", "b.jpg")
    path.write_bytes(path.read_bytes()[:-cut])
    assert done(path, "c.jpg") == {"a.jpg"}
    assert done(path) == {"a.jpg", "c.jpg"}


def test_another_batch_is_refused_and_the_file_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "done"
    done(path, "a.jpg")
    before = path.read_bytes()
    with pytest.raises(BadInput, match="another search"):
        done(path, job={**JOB, "top_k": 2})
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"notes\n", b"{}", b"[1]\n", b'{"schema": "x"}\n', b"\xff\n"])
def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="not written by --resume"):
        done(path)
    assert path.read_bytes() == content


def test_a_file_that_another_batch_is_using_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "done"
    with resuming(path, JOB), pytest.raises(BadInput, match="is using it now"):
        done(path)


def test_a_device_is_refused_and_a_missing_folder_reported(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a regular file"):
        done(Path("/dev/null"))
    with pytest.raises(OutputFailed):
        done(tmp_path / "none" / "done")
