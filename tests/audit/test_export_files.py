"""Exports as files: the last line is found first, and memory does not grow with the file."""

from __future__ import annotations

import io
import os
import tracemalloc
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest

from facecli.audit import export_files
from facecli.audit.export_files import ExportFile
from facecli.audit.log_verification import verify_chain, verify_export
from facecli.errors.audit import LogAltered, LogTruncated, WrongFile
from facecli.errors.command_line import BadInput
from tests import independent_verifier
from tests.audit.logs import Log, file_of


def _file(data: bytes) -> ExportFile:
    return file_of([data], "x")


@pytest.mark.parametrize("block", [1, 7, 100, 1 << 19])
@pytest.mark.parametrize("ending", [b"", b"\n", b"\n\n\n", b"\r\n\r\n"])
def test_blocks_of_any_size_give_the_same_lines(
    monkeypatch: pytest.MonkeyPatch, block: int, ending: bytes
) -> None:
    monkeypatch.setattr(export_files, "BLOCK", block)
    log = Log().append(5)
    data = b"".join(log.export())
    file = _file(data[:-1] + ending)
    assert list(file.lines()) == log.lines()
    raw = b"".join(line + b"\n" for some in file.blocks() for line in some)
    assert raw == b"".join(log.lines())
    assert (file.trailer.after, file.trailer.until) == (0, 6)


def test_an_export_of_nothing_has_no_lines() -> None:
    log = Log().append(3)
    assert list(file_of(log.export(after=4)).lines()) == []


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", WrongFile),
        (b"\r\n\n", WrongFile),
        (b"\xef\xbb\xbf", WrongFile),
        (b"nonsense\n", WrongFile),
        (b'{"action":"x"}\n', LogTruncated),
    ],
)
def test_what_is_no_export_is_refused(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        _file(data)


def test_a_line_without_an_end_is_refused() -> None:
    with pytest.raises(BadInput):
        _file(b'{"action":"' + b"x" * (1 << 27))


def test_an_entry_line_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "BLOCK", 1 << 10)
    monkeypatch.setattr(export_files, "LONGEST_LINE", 1 << 16)
    lines = Log().append(3).export()
    data = b"".join([lines[0], b'{"action":"' + b"x" * (1 << 24) + b"\n", *lines[1:]])
    file = _file(data)
    tracemalloc.start()
    with pytest.raises(BadInput, match="x is not usable: it has a line longer than 64 MiB"):
        list(file.lines())
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_memory_does_not_grow_with_blank_lines_or_lines() -> None:
    log = Log().append(3)
    lines = log.export()
    peaks = []
    for count in (1_000_000, 8_000_000):
        data = b"".join(lines) + b"\n" * count + lines[1] * (count // 1000)
        source = partial(nullcontext, io.BytesIO(data))
        tracemalloc.start()
        with pytest.raises(LogAltered):
            ExportFile(source, "x")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_a_single_line_end_of_a_cr_alone_is_named_wherever_it_stands() -> None:
    log = Log().append(400)
    lines = log.export()
    for at in (0, 7, 399, log.size - 1, log.size):
        data = b"".join([*lines[:at], lines[at][:-1] + b"\r", *lines[at + 1 :]])
        if at == log.size:  # the last line's own
            assert check_code(log, data) == 0
            continue
        with pytest.raises(WrongFile, match="a line end in it was changed to a CR alone"):
            verify_export(_file(data), log.trust_key)
        assert check_code(log, data) == 1


def test_several_marks_are_put_right_and_reported_once() -> None:
    log = Log().append(3)
    file = _file(b"\xef\xbb\xbf" * 2 + b"".join(log.export()))
    assert verify_export(file, log.trust_key).until == log.size
    assert list(file.changed) == ["a byte-order mark was added"]
    assert check_code(log, b"\xef\xbb\xbf" * 2 + b"".join(log.export())) == 0


def test_more_exports_than_a_process_can_open_are_one_chain(tmp_path: Path) -> None:
    log, paths = Log().append(3), [tmp_path / f"log-{night}.jsonl" for night in range(30)]
    for path in paths:
        begin = 0 if path is paths[0] else log.size
        path.write_bytes(b"".join(log.append().export(begin)))
    before = len(os.listdir("/proc/self/fd"))
    with export_files.opened(*paths) as files:
        assert len(os.listdir("/proc/self/fd")) == before
        assert verify_chain(files, log.trust_key).until == log.size
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_that_grows_while_it_is_read_ends_where_it_ended(tmp_path: Path) -> None:
    log = Log().append(3)
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(log.export()))
    with export_files.opened(path) as (file,):
        with path.open("ab") as stream:
            stream.write(b'{"action":"init",')
        assert verify_chain([file], log.trust_key).until == log.size


def test_a_last_line_that_changes_while_it_is_read_is_not_read_on(tmp_path: Path) -> None:
    log, path = Log().append(3), tmp_path / "log.jsonl"
    path.write_bytes(b"".join(log.export()))
    with export_files.opened(path) as (file,):
        data = path.read_bytes()
        with path.open("r+b") as stream:
            stream.write(data.replace(b'"after":0', b'"after":1'))
        with pytest.raises(BadInput, match=r"log.jsonl is not usable: it was changed while"):
            verify_chain([file], log.trust_key)


@pytest.mark.parametrize("change", ["replaced", "cut", "removed"])
def test_a_file_that_becomes_another_one_is_not_read_on(tmp_path: Path, change: str) -> None:
    log = Log().append(3)
    path, other = tmp_path / "log.jsonl", tmp_path / "other.jsonl"
    for each in (path, other):
        each.write_bytes(b"".join(log.export()))
    with export_files.opened(path) as (file,):
        if change == "replaced":
            other.replace(path)
        elif change == "cut":
            os.truncate(path, 100)
        else:
            path.unlink()
        with pytest.raises(BadInput, match=r"log.jsonl is not usable: (it was replaced|no such)"):
            verify_chain([file], log.trust_key)


def check_code(log: Log, data: bytes) -> int:
    """The exit code of the independent verifier."""
    return int(independent_verifier.verify([data], str(log.trust_key)))


def test_little_is_kept_of_each_export_of_a_chain(tmp_path: Path) -> None:
    """Its place and its checkpoint are, so that years of exports fit into memory."""
    paths = [tmp_path / str(number) for number in range(300)]
    paths[0].write_bytes(b"".join(Log().append(200).export()))
    for path in paths[1:]:
        path.hardlink_to(paths[0])
    with export_files.opened(paths[0]):
        tracemalloc.start()
    with export_files.opened(*paths) as files:
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    assert kept < 2_000 * len(files) < len(files) * paths[0].stat().st_size


def _verify(path: Path, log: Log, meanwhile: bytes | None) -> None:
    with export_files.opened(path) as files:
        if meanwhile is not None:
            path.write_bytes(meanwhile)
        verify_chain(files, log.trust_key)


def test_a_file_that_is_changed_while_it_is_read_accuses_nobody(tmp_path: Path) -> None:
    log, path = Log().append(5), tmp_path / "log.jsonl"
    whole = b"".join(log.export())
    altered = whole.replace(b'"done"', b'"gone"')
    for content, meanwhile, refusal in (
        (whole, altered, BadInput),
        (altered, altered, BadInput),
        (altered, None, LogAltered),
    ):
        path.write_bytes(content)
        os.utime(path, ns=(0, 0))
        with pytest.raises(refusal):
            _verify(path, log, meanwhile)
