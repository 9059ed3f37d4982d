"""The lines of an export: made and taken apart alike, and nothing else is taken apart."""

from __future__ import annotations

import json
import random

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.export_text import Trailer, added, lines_of
from tests.audit.logs import Log, entry, line_of


@pytest.mark.parametrize("seed", range(5))
def test_lines_are_json_with_two_members_more_in_known_places(seed: int) -> None:
    log = Log().append(40, random.Random(seed))
    records = [canonical(record) for record in log.records]
    block = lines_of(records, log.leaves())
    assert block == b"".join(map(line_of, log.records))
    for line, record, leaf in zip(block.splitlines(), records, log.leaves(), strict=True):
        places = added(line)
        assert places is not None
        (begin, outcome), (middle, seq) = places
        assert line[:begin] + line[outcome:middle] + line[seq:] == record
        assert line[begin:outcome] == b',"leaf_hash":"%b"' % leaf.hex().encode()
        assert line[middle:seq] == b',"schema":"facecli.log-entry/1"'
        members = {"leaf_hash": leaf.hex(), "schema": "facecli.log-entry/1"}
        assert json.loads(line) == {**json.loads(record), **members}


@pytest.mark.parametrize("old", [b"schema", b"entry/1", b'"outcome":"', b',"seq":'])
def test_a_line_without_what_it_adds_has_no_such_places(old: bytes) -> None:
    line = line_of(entry(1)).rstrip()
    assert added(line) is not None
    assert added(line.replace(old, b"")) is None
    assert added(b"") is added(b"{}") is added(line[:40]) is None


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
