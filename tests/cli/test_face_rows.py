"""The record of a template, as `faces list` and `subject show` report it."""

from __future__ import annotations

from facecli.cli.face_rows import FACE, face_records
from facecli.consent import subjects
from tests.conftest import Facecli
from tests.prepared import opened


def test_both_commands_report_the_same_templates(enrolled: Facecli) -> None:
    with opened(enrolled) as session:
        records = face_records(session.db, subjects.find(session.db, "A-1001"))
    assert [set(one) for one in records] == [set(FACE.fields)] * len(records)
    assert enrolled("subject", "show", "A-1001", "--format", "json").json()["faces"] == records
    listed = enrolled("faces", "list", "A-1001", "--format", "json").json()
    assert [{name: one[name] for name in FACE.fields} for one in listed] == records
