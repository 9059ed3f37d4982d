"""The register's part in an erasure and in a restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from facecli.consent import subjects
from facecli.consent.register import alternatives, disclosures, elsewhere, requests
from facecli.consent.register.elsewhere import Case
from facecli.store.database import Database

TABLES = ("held_elsewhere", "disclosure", "subject_request", "alternative_offer")


def leave(db: Database, gone: Sequence[int], cases: Mapping[int, Case]) -> None:
    """Erase the register's entries of subjects, before their consents and their own records.

    Args:
        gone: the subjects.
        cases: see `elsewhere.leave`.
    """
    if not db.is_empty("held_elsewhere"):
        elsewhere.leave(db, gone, cases)
    if not db.is_empty("disclosure"):
        disclosures.leave(db, gone)
    if not db.is_empty("subject_request"):
        requests.leave(db, gone)
    if not db.is_empty("alternative_offer"):
        alternatives.leave(db, gone)


def take_over(copy: Database, present: Database) -> None:
    """Replace the register of `copy` by the present one, for the subjects in both."""
    for table in TABLES:
        copy.execute(f"DELETE FROM {table}")
        for row in present.rows(
            f"SELECT t.*, s.pseudonym FROM {table} t LEFT JOIN subject s ON s.id = t.subject_id"
            " ORDER BY t.id"
        ):
            _copy(copy, present, table, dict(row))
    copy.execute("DELETE FROM register_count")
    copy.many(
        "INSERT INTO register_count (what, purpose, number) VALUES (?, ?, ?)",
        present.tuples("SELECT what, purpose, number FROM register_count"),
    )


def _copy(copy: Database, present: Database, table: str, row: dict[str, object]) -> None:
    """Copy one entry. Skip that of a subject who is not in the copy."""
    pseudonym = row.pop("pseudonym")
    del row["id"]
    if pseudonym is not None:
        subject = subjects.find_pseudonym(copy, str(pseudonym))
        if subject is None:
            return
        row["subject_id"] = subject.subject_id
    if row.get("purpose_id") is not None:
        code = present.value("SELECT code FROM purpose WHERE id = ?", (row["purpose_id"],))
        row["purpose_id"] = copy.value("SELECT id FROM purpose WHERE code = ?", (code,))
    copy.insert(table, **row)
