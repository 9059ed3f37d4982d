"""Files that commands write: complete and on disk under their name, or absent."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from facecli.cli import files
from facecli.cli.files import atomic_file, durable_output, make_folder
from facecli.errors.command_line import OutputFailed, ReaderGone

# -- a file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "why", "remedy"),
    [
        (errno.ENOSPC, "no space left on device", "Free some space or name"),
        (errno.EDQUOT, "disk quota exceeded", "have the quota raised or name"),
        (errno.EFBIG, "file too large", "Raise the limit on the size of files"),
        (errno.EROFS, "read-only file system", "Mount it for writing or name"),
        (errno.EIO, "input/output error", "Check the disk and its quota"),
        (errno.ENOMEM, "cannot allocate memory", "Correct that or name"),
    ],
)
def test_what_cannot_be_written_leaves_the_output_file_alone_and_says_what_helps(
    tmp_path: Path, number: int, why: str, remedy: str
) -> None:
    target = tmp_path / "out"
    target.write_text("before")

    def fail() -> None:
        with atomic_file(target) as stream:
            stream.write(b"half")
            raise OSError(number, os.strerror(number))

    with pytest.raises(OutputFailed, match=why) as failed:
        fail()
    assert remedy in failed.value.hint
    assert ("space" in failed.value.hint) == (number in (errno.ENOSPC, errno.EDQUOT))
    assert failed.value.exit_code == 74
    assert target.read_text() == "before"
    assert os.listdir(tmp_path) == ["out"]


def test_a_kill_leaves_nothing_of_an_output_file(tmp_path: Path) -> None:
    """Not even a hidden file: a name in it would outlive the person's withdrawal."""
    with atomic_file(tmp_path / "out") as stream:
        stream.write(b"a name")
        stream.flush()
        assert os.listdir(tmp_path) == []
    assert (tmp_path / "out").read_bytes() == b"a name"
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


def test_a_file_system_without_nameless_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE")
    with atomic_file(tmp_path / "out") as stream:
        stream.write(b"whole")
    assert os.listdir(tmp_path) == ["out"]
    assert (tmp_path / "out").read_bytes() == b"whole"


@pytest.mark.parametrize(("keep", "found"), [(True, ["out"]), (False, [])])
def test_an_interrupted_file_appears_unless_it_must_be_whole(
    tmp_path: Path, keep: bool, found: list[str]
) -> None:
    with pytest.raises(KeyboardInterrupt), atomic_file(tmp_path / "out", interrupted=keep):
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == found


def test_a_file_replaces_an_earlier_one_and_keeps_its_readers(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("before")
    with (tmp_path / "out").open() as reader:
        with atomic_file(tmp_path / "out") as stream:
            stream.write(b"after")
        assert reader.read() == "before"
    assert (tmp_path / "out").read_text() == "after"
    assert os.listdir(tmp_path) == ["out"]


def test_what_is_not_a_regular_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, Path(os.devnull)):
        with pytest.raises(OutputFailed, match="not a regular file"), atomic_file(place):
            pass


# -- bytes that must be stored before the next step ---------------------------------------------


def test_a_durable_file_appears_whole(tmp_path: Path) -> None:
    with durable_output(tmp_path / "out") as stream:
        stream.write(b"whole")
        assert os.listdir(tmp_path) == []
    assert (tmp_path / "out").read_bytes() == b"whole"


def test_durable_bytes_reach_a_file_or_a_pipe_behind_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = os.pipe()
    with (tmp_path / "out").open("w") as file, os.fdopen(theirs, "w") as pipe:
        for stream in (file, pipe):
            monkeypatch.setattr(sys, "stdout", stream)
            with durable_output(None) as found:
                found.write(b"bytes")
    assert (tmp_path / "out").read_bytes() == os.read(ours, 10) == b"bytes"
    os.close(ours)


def test_a_closed_stdout_is_an_output_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputFailed, match="it is closed"), durable_output(None):
        pass


# -- folders and failures -----------------------------------------------------------------------


def test_a_new_folder_is_its_owners_alone_and_an_old_one_stays(tmp_path: Path) -> None:
    make_folder(tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    (tmp_path / "new").chmod(0o755)
    make_folder(tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o755


def test_a_folder_where_a_file_is_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputFailed):
        make_folder(tmp_path / "file" / "folder")


def test_a_broken_pipe_is_a_reader_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    discarded: list[bool] = []
    monkeypatch.setattr(files, "discard_stdout", lambda: discarded.append(True))
    with pytest.raises(ReaderGone), files.failing_as_output("stdout"):
        raise BrokenPipeError
    assert discarded == [True]


def test_errors_of_facecli_pass_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), files.failing_as_output("stdout"):
        raise ZeroDivisionError


def test_a_discarded_stream_fails_no_more() -> None:
    stream = open("/dev/full", "w")  # noqa: SIM115
    stream.write("lost")
    with pytest.raises(OSError, match="No space"):
        stream.flush()
    files.discard(stream)
    stream.close()
