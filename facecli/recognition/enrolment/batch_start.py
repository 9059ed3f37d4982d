"""Starts of batches: the purposes as they stood then, whose notices people were shown.

An unfinished batch keeps its first start, so that `--resume` cannot turn its rows into consents to
a notice that came later.

A start is known by a digest of its manifest's path, which a dictionary could find. So the erasure
of a subject replaces each digest by random text. From then on, the versions of that start bound
every resumed batch whose own start is not known. A keyed digest would hide nothing: whoever reads
the file reads the key too. A manifest that is run again is a new statement of its operator.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from facecli.audit.entries import Act
from facecli.consent import dates, purposes
from facecli.consent.agreements import Shown
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.enrolment import duplicates
from facecli.store.database import Database

NAMELESS = "nameless:"


@dataclass(frozen=True)
class BatchStart:
    """The first start of a batch: its time and day, and the version of each purpose at that time.

    notice: how the notices were shown, for rows without a form, and in which language. galleries:
    the sizes by which duplicates are decided (see `duplicates.sizes`).
    """

    at: str
    day: str
    versions: Mapping[str, int]
    notice: Shown
    galleries: Mapping[str, int]

    def notice_of(self, purpose: str, language: str | None = None) -> Shown:
        """Return the notice that a row for a purpose agrees to; version 0 if there was none.

        Args:
            language: of the notice that the row states, if it does.
        """
        version, language = self.versions.get(purpose, 0), language or self.notice.language
        return Shown(self.notice.how, version, self.at, self.day, language)


def begin(
    act: Act, manifest: Path, spec: EngineSpec, *, resume: bool, rows: int, notice: Shown
) -> BatchStart:
    """Begin a batch, and log it. With `resume`, keep the first start of an unfinished one."""
    name = _name(manifest)
    start = _find(act.db, name, notice) if resume else None
    if start is None:
        versions = _versions(act.db, resume=resume)
        galleries = duplicates.sizes(act.db, spec, act.now, rows)
        start = BatchStart(act.now, dates.today(act.db, act.now), versions, notice, galleries)
        _keep(act.db, name, start)
    act.record(
        "enroll.batch", details={"rows": rows, "started": start.at, "notice": notice.how or "form"}
    )
    return start


def finish(db: Database, manifest: Path, start: BatchStart) -> None:
    """Forget the start of a batch whose rows are all enrolled."""
    with db.transaction():
        db.execute(
            "DELETE FROM unfinished_batch WHERE manifest = ?"
            " OR (started_at = ? AND substr(manifest, 1, ?) = ?)",  # lost its name meanwhile
            (_name(manifest), start.at, len(NAMELESS), NAMELESS),
        )


def forget_names(db: Database) -> None:
    """Make every start nameless, because a manifest may be named after a subject."""
    db.execute(
        "UPDATE unfinished_batch SET manifest = ? || lower(hex(randomblob(16)))"
        " WHERE substr(manifest, 1, ?) <> ?",
        (NAMELESS, len(NAMELESS), NAMELESS),
    )


def _versions(db: Database, *, resume: bool) -> dict[str, int]:
    """Return the present version of each purpose; with `resume`, the least of nameless starts."""
    found = {one.code: one.version for one in purposes.list_all(db)}
    if not resume:
        return found
    rows = db.tuples(
        "SELECT versions FROM unfinished_batch WHERE substr(manifest, 1, ?) = ?",
        (len(NAMELESS), NAMELESS),
    )
    for (versions,) in rows:
        then = json.loads(versions)
        found = {code: min(version, then.get(code, 0)) for code, version in found.items()}
    return found


def _keep(db: Database, name: str, start: BatchStart) -> None:
    db.execute(
        "INSERT OR REPLACE INTO unfinished_batch (manifest, started_at, day, versions, galleries)"
        " VALUES (?, ?, ?, ?, ?)",
        (name, start.at, start.day, _json(start.versions), _json(start.galleries)),
    )


def _find(db: Database, name: str, notice: Shown) -> BatchStart | None:
    row = db.row("SELECT * FROM unfinished_batch WHERE manifest = ?", (name,))
    if row is None:
        return None
    versions, galleries = json.loads(row["versions"]), json.loads(row["galleries"])
    return BatchStart(row["started_at"], row["day"], versions, notice, galleries)


def _json(numbers: Mapping[str, int]) -> str:
    return json.dumps(numbers, sort_keys=True)


def _name(manifest: Path) -> str:
    return hashlib.sha256(str(manifest.resolve()).encode(errors="surrogateescape")).hexdigest()
