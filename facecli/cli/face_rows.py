"""The record of a template, which `faces` and `subject` both report."""

from __future__ import annotations

from typing import Any

from facecli.cli.records import RecordKind
from facecli.consent import purpose_revisions
from facecli.consent.subjects import Subject
from facecli.store import templates
from facecli.store.database import Database
from facecli.store.packed import id_text

FACE = RecordKind(
    "face",
    ("template_id", "purpose", "engine", "quality", "source", "created_at", "other_face"),
    ("template_id", "purpose", "engine", "source", "created_at"),
    dispensable=("engine", "source"),
)


def face_records(db: Database, subject: Subject) -> list[dict[str, Any]]:
    """Return the records of a subject's templates, oldest first."""
    codes = purpose_revisions.codes(db)
    return [
        {
            "template_id": id_text(row["template_id"]),
            "purpose": codes[row["purpose_id"]],
            "engine": row["engine_id"],
            "quality": row["quality"],
            "source": row["source"],
            "created_at": row["created_at"],
            "other_face": row["other_face"],
        }
        for row in templates.rows_of_subject(db, subject.subject_id)
    ]
