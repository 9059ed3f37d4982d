"""The revisions of purposes as retention needs them: the lengths that each stated, and since when.

Apart from `purposes`, so that a nightly purge starts without the terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from facecli.store.database import Database

LENGTHS = ("max_consent", "retain_template", "retain_photo", "retain_match", "inactive_after")

ANSWER_WITHIN = "30d"  # where a file does not state it


class PurposeRevision(NamedTuple):
    """One revision of a purpose: when it came into force, and the lengths that it states."""

    code: str
    version: int
    valid_from: str
    retired_at: str | None
    lengths: Mapping[str, str]


def revisions(db: Database) -> Iterator[PurposeRevision]:
    """Return every revision of every purpose, by code and age."""
    names = (*LENGTHS, "ask_again_within")
    columns = ", ".join(f"v.{name}" for name in names)
    rows = db.tuples(
        f"SELECT p.code, v.version, v.valid_from, p.retired_at, {columns}"
        " FROM purpose p JOIN purpose_version v ON v.purpose_id = p.id"
        " ORDER BY p.code, v.version, v.revision"
    )
    for code, version, valid_from, retired_at, *lengths in rows:
        stated = dict(zip(names, lengths, strict=True))
        yield PurposeRevision(code, version, valid_from, retired_at, stated)


def codes(db: Database) -> dict[int, str]:
    """Return every purpose's code by its id, retired ones too."""
    return {row["id"]: row["code"] for row in db.rows("SELECT id, code FROM purpose")}
