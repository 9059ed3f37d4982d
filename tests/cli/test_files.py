"""Files that commands write: complete and on disk under their name, or absent."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from pathlib import Path

import click
import pytest

from facecli.cli import files
from facecli.cli.files import atomic_file, durable_output, make_folder
from facecli.errors.command_line import OutputFailed, ReaderGone
from facecli.keys.slots import slots_path
from tests.conftest import SAMPLE_DATA, Facecli

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


# -- outputs and inputs ---------------------------------------------------------------------


def refused(output: Path, *others: Path, replaces: tuple[str, ...] = ()) -> str | None:
    """Why an output is refused beside these inputs; None if it is not."""
    try:
        files.refuse_replacing(
            [files.Output("--output", output, replaces)],
            [files.NamedFile("FILE", other) for other in others],
        )
    except click.UsageError as error:
        return error.message
    return None


def test_an_output_is_no_input_whatever_its_name(tmp_path: Path) -> None:
    source, link, hard = (tmp_path / name for name in ("form.pdf", "link", "hard"))
    source.write_bytes(b"%PDF")
    link.symlink_to(source)
    hard.hardlink_to(source)
    (tmp_path / "sub").mkdir()
    for name in (source, link, hard, tmp_path / "sub" / ".." / "form.pdf"):
        assert "is the same file as FILE" in str(refused(name, source))
        assert "is the same file as FILE" in str(refused(source, name))
    assert refused(tmp_path / "other", source) is None
    assert refused(tmp_path / "new", tmp_path / "absent") is None
    assert "same file" in str(refused(tmp_path / "new", tmp_path / "new"))


def test_two_outputs_are_two_files(tmp_path: Path) -> None:
    outputs = [files.Output(name, tmp_path / "a") for name in ("--certificate", "--output")]
    with pytest.raises(click.UsageError, match="is the same file as --certificate"):
        files.refuse_replacing(outputs, [])


def test_an_image_in_a_folder_of_inputs_is_an_input_and_other_files_are_not(
    tmp_path: Path, sample_data: Path
) -> None:
    photo, table = tmp_path / "a" / "photo.jpg", tmp_path / "a" / "rows.csv"
    photo.parent.mkdir()
    photo.write_bytes((sample_data / "enrol" / "A-1001.jpg").read_bytes())
    table.write_text("ref\n")
    assert "is an image in FILE" in str(refused(photo, tmp_path))
    assert refused(table, tmp_path) is None
    assert refused(photo, tmp_path / "b") is None


def test_files_of_facecli_are_known_by_what_they_are(ready: Facecli) -> None:
    folder = ready.folder
    assert ready("backup", "create", folder / "bk.db").code == 0
    export = ["log", "export", "--cursor-file", folder / "at", "--checkpoint", folder / "seal"]
    assert ready(*export, "--output", folder / "log.jsonl").code == 0
    (folder / "bk.db-journal").touch()
    (folder / "old.key").write_bytes(ready.key.read_bytes())
    (folder / "notes.txt").write_text("anything")
    (folder / "link").symlink_to("bk.db")
    (folder / "aside").symlink_to(folder / "bk.db-wal")
    (folder / "chain").symlink_to("link")
    (folder / "our.toml").write_bytes((SAMPLE_DATA / "purposes.toml").read_bytes())
    (folder / "other.toml").write_text('[tool.purpose]\nname = "purpose.gate"\n')
    assert {path.name: files.own_kind(path) for path in folder.iterdir()} == {
        "facecli.db": "a database or a backup",
        "facecli.db.keys": "a file of key slots",
        "facecli.key": "a key",
        "old.key": "a key",
        "bk.db": "a database or a backup",
        "bk.db.keys": "a file of key slots",
        "bk.db-journal": "the journal of a database",
        "link": "a database or a backup",
        "chain": "a database or a backup",
        "aside": "the journal of a database",
        "our.toml": "a purpose file",
        "other.toml": None,
        "at": "a cursor",
        "seal": "a checkpoint",
        "log.jsonl": None,
        "notes.txt": None,
    }
    for absent in ("facecli.db-journal", "facecli.db-wal", "bk.db-wal", "bk.db-shm"):
        assert files.own_kind(folder / absent) == "the journal of a database"
    for absent in ("notes.txt-wal", "-wal", "-journal", "x" * 300 + "-wal"):
        assert files.own_kind(folder / absent) is None
    assert "is a checkpoint" in str(refused(folder / "seal"))
    assert refused(folder / "seal", replaces=("a checkpoint",)) is None


def test_no_command_destroys_its_inputs(enrolled: Facecli, sample_data: Path) -> None:
    """Each of these did."""
    folder = enrolled.folder
    bk = folder / "bk.db"
    assert enrolled("backup", "create", bk).code == 0
    names = {"photo.jpg": sample_data / "enrol" / "A-1001.jpg",
             "purposes.toml": sample_data / "purposes.toml"}  # fmt: skip
    for name, source in names.items():
        (folder / name).write_bytes(source.read_bytes())
    shutil.copytree(sample_data / "notices", folder / "notices")
    (folder / "notices" / "g.md").symlink_to("gate.zh.md")
    (folder / "film.mp4").write_bytes(b"no film")
    (folder / "card.toml").write_text("[model]\n")
    (folder / "config.toml").touch(mode=0o600)
    (folder / "form.pdf").write_bytes(b"%PDF a form")
    (folder / "link").symlink_to(bk)
    (folder / "chain").symlink_to("link")
    (folder / "dangling").symlink_to("bk.db-wal")  # SQLite would delete it
    (folder / "staff.csv").write_text(
        "ref,name,purpose,image,evidence,given,expires\nB-1,,gate,photo.jpg,form.pdf,,1y\n"
    )
    photo, form, certificate = folder / "photo.jpg", folder / "form.pdf", folder / "c.json"
    record = ["consent", "record", "A-1001", "--purpose", "gate", "--expires", "1y"]
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for command in (
        ["backup", "verify", bk, "--output", bk],
        ["backup", "verify", bk, "--output", slots_path(bk)],
        *(
            ["subject", "list", "--output", folder / name]
            for name in (
                bk,
                "link",
                "chain",
                "dangling",
                "bk.db-journal",
                "bk.db-wal",
                "facecli.db",
                "facecli.db-wal",
                "facecli.db.keys",
                "facecli.key",
                "purposes.toml",
            )
        ),
        ["subject", "export", "A-1001", "--output", bk],
        ["log", "export", "--output", bk],
        ["log", "export", "--cursor-file", bk, "--output", folder / "new"],
        ["log", "checkpoint", "--output", bk],
        ["match", photo, "--purpose", "gate", "--output", photo],
        ["match", folder, "--purpose", "gate", "--output", photo],
        ["match", "--video", form, "--purpose", "gate", "--annotate", form],
        ["verify", "A-1001", photo, "--purpose", "gate", "--output", photo],
        ["purpose", "apply", folder / "purposes.toml", "--output", folder / "purposes.toml"],
        ["purpose", "apply", folder / "purposes.toml", "--output", folder / "notices" / "g.md"],
        ["camera", "test", folder / "film.mp4", "--output", folder / "film.mp4"],
        ["reenroll", "--engine", folder / "card.toml", "--output", folder / "card.toml"],
        ["evaluate", "--engine", folder / "card.toml", "--plot", folder / "card.toml"],
        [*record, "--evidence", form, "--output", form],
        ["enroll", "file", "B-1", photo, "--purpose", "gate", "--output", photo],
        ["enroll", "batch", folder / "staff.csv", "--output", folder / "staff.csv"],
        ["enroll", "batch", folder / "staff.csv", "--output", form],
        ["enroll", "batch", folder / "staff.csv", "--output", photo],
        ["revoke", "A-1001", "--yes", "--certificate", certificate, "--output", certificate],
        ["revoke", "A-1001", "--yes", "--certificate", bk],
        ["purge", "--certificate", certificate, "--output", certificate],
    ):
        done = enrolled(*command)
        assert done.code == 2, (command, done.err)
    configured = ["--config", folder / "config.toml", *enrolled.globals]
    done = enrolled.bare(*configured, "subject", "list", "--output", folder / "config.toml")
    assert done.code == 2
    assert "the same file as the configuration" in done.err
    after = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before
