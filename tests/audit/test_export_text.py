"""The lines of an export: made and taken apart alike, and nothing else is taken apart."""

from __future__ import annotations

import json
import random

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.export_text import Trailer, lines_of, taken_apart
from facecli.audit.merkle import leaf_hash
from tests.audit.logs import Log, entry, line_of


def _records(count: int = 40) -> list[bytes]:
    return [canonical(record) for record in Log().append(count).records]


@pytest.mark.parametrize("seed", range(5))
def test_lines_are_json_with_two_members_more_and_are_taken_apart_again(seed: int) -> None:
    log = Log().append(40, random.Random(seed))
    records = [canonical(record) for record in log.records]
    block = lines_of(records, log.leaves())
    assert block == b"".join(map(line_of, log.records))
    for line, record, leaf in zip(block.splitlines(True), records, log.leaves(), strict=True):
        found = taken_apart(line, json.loads(record)["seq"] - 1)
        assert found is None or (found[0].record(0), found[1]) == (record, [leaf])


def test_lines_of_any_other_place_are_not_taken_apart() -> None:
    records = _records()
    block = lines_of(records, list(map(leaf_hash, records)))
    found = taken_apart(block, 0)
    assert found is not None
    assert list(map(found[0].record, range(len(records)))) == records
    assert found[1] == list(map(leaf_hash, records))
    assert taken_apart(block, 1) is None
    lines = block.splitlines(keepends=True)
    assert taken_apart(b"".join(lines[7:]), 7) is not None
    assert taken_apart(b"".join([*lines[:7], *lines[8:]]), 0) is None
    assert taken_apart(b"".join([lines[1], lines[0], *lines[2:]]), 0) is None


def test_no_changed_byte_is_taken_for_the_line() -> None:
    line = line_of(entry(1, {"schema": "facecli.log-entry/1"}))
    assert taken_apart(line, 0) is not None
    for at in range(len(line)):
        assert taken_apart(line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :], 0) is None
        assert taken_apart(line[:at] + line[at + 1 :], 0) is None


@pytest.mark.parametrize("form", [b"%s\r\n", b"\n%s\n", b"%s", b"", b"\n"])
def test_another_form_is_left_to_the_careful_reader(form: bytes) -> None:
    line = line_of(entry(1)).rstrip(b"\n")
    assert taken_apart(form % line if b"%" in form else form, 0) is None


def test_what_is_no_entry_has_no_line() -> None:
    good = canonical(entry(1))
    for record in (b"", b"{}", good + b"\n", good.replace(b',"seq":1', b"")):
        with pytest.raises(ValueError, match="no entry"):
            lines_of([record], [bytes(32)])


@pytest.mark.parametrize(("after", "until"), [(0, None), (0, 3), (5, 6), (9, 9)])
def test_a_last_line_is_read_as_it_is_written(after: int, until: int | None) -> None:
    trailer = Log().append(3).succeed().append(3).succeed().append(2).trailer(after, until)
    assert trailer.line.endswith(b"\n")
    assert Trailer.parse(trailer.line) == trailer


def test_a_last_line_of_another_spelling_is_none() -> None:
    line = Log().append(3).succeed().trailer(2).line
    spellings = [
        line[:-1],
        line + b"\n",
        line.replace(b'"after":2', b'"after": 2'),
        line.replace(b'"after":2', b'"after":02'),
        line.replace(b'"after":2', b'"after":2.0'),
        line.replace(b'"after":2,', b'"after":2,"after":2,'),
        line.replace(b'log-export/2"', b'log-export/3"'),
        line.replace(b"\\u2014", "—".encode()) if b"\\u2014" in line else b"{}\n",
    ]
    for other in spellings:
        assert other != line
        with pytest.raises(ValueError, match="no last line"):
            Trailer.parse(other)
