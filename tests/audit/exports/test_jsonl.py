"""JSON Lines: canonical JSON, read back as it was."""

from __future__ import annotations

import json

import rfc8785

from facecli.audit.exports import checkpoint_entry, csv, jsonl
from tests.audit.exports.entries import entry, nasty


def test_a_line_is_canonical_json_with_its_schema() -> None:
    assert jsonl.header() is None
    for each in (entry(), *nasty()):
        line = jsonl.line(each)
        assert "\n" not in line
        assert json.loads(line) == {**each, "schema": "facecli.log-entry/1"}
        assert line.encode() == rfc8785.dumps(json.loads(line))


def test_other_formats_end_with_the_checkpoint_in_an_entry_s_shape() -> None:
    row = checkpoint_entry("origin\n12\nroot\n\n— a b\n", 12, entry()["at"], entry()["actor"])
    assert row.keys() == entry().keys()
    assert "origin\\n12\\nroot" in csv.line(row)
