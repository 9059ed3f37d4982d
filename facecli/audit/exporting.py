"""An export of the log: its range of entries, the order of its steps, and its lines.

The steps, with their reasons:

1. In one transaction: the checkpoint and the cursor that were kept are compared with the log, a
   new epoch begins if one is due, the export is recorded as an entry, and the log is sealed. No
   line leaves before its export is logged, and the checkpoint covers that entry too.
2. The transaction is committed, and only then is anything written: a checkpoint that was shown
   and then rolled back could never be explained.
3. The lines are written. Each entry is compared with its hash, and all of them with the sealed
   root, so that an export of an altered log fails instead of passing it on.
4. The caller makes the output durable, then replaces the cursor, then the checkpoint. If a step
   fails, the next export begins at or before the end of this one: entries may come twice, none
   is left out.

`since` and `until` are times, but the log is in the order of `seq`, whatever the clock did. They
therefore choose a range without gaps: from the first entry whose time is not before `since`, to
the last one whose time is before `until`. Where the clock went back, that takes in too much
rather than too little. A cursor goes by `seq`, and misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facecli.audit import cursors, notes, sealing
from facecli.audit.checkpoints import Checkpoint, Statement
from facecli.audit.cursors import Cursor
from facecli.audit.entries import Act, recorded
from facecli.audit.export_text import Trailer
from facecli.audit.exports import cef, csv, jsonl, ocsf, syslog
from facecli.audit.exports.fields import Fields, checkpoint_fields, fields_of
from facecli.audit.merkle import Span, verify_consistency
from facecli.audit.stored_entries import Row, leaves_of, rows, tree
from facecli.audit.words import counted_entries
from facecli.errors.audit import LogAltered, LogTruncated
from facecli.errors.command_line import BadInput
from facecli.store.database import Database

LINES = {"csv": csv.line, "cef": cef.line, "syslog": syslog.line, "ocsf": ocsf.line}
FORMATS = ("jsonl", *LINES)


@dataclass(frozen=True)
class ExportRange:
    """The range asked for; at most one of `since` and `after`. Times are texts as in entries."""

    form: str = "jsonl"
    after: int | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Export:
    """An export that was logged and sealed, and can be written: entries `after + 1` to `until`."""

    form: str
    after: int
    until: int
    size: int
    seal: str
    cursor: Cursor
    closing: Fields


def begin(act: Act, wanted: ExportRange, held: Checkpoint | None = None) -> Export:
    """Log an export and seal the log. Nothing may be written before the act is committed.

    Args:
        act: an act that has recorded nothing yet.
        wanted: the range of entries.
        held: the checkpoint of the export before, which the log must extend.

    Raises:
        LogAltered, LogTruncated: it does not, or its hashes do not fit each other.
    """
    db = act.db
    sealing.prepare(act, held)
    after, until = _range(act, wanted)
    act.record("log.export", details={"format": wanted.form, "after": after, "until": until})
    seal = sealing.seal(act)
    size = recorded(db).size
    return Export(
        form=wanted.form,
        after=after,
        until=until,
        size=size,
        seal=seal,
        cursor=cursors.at(db, sealing.trust_key(db).name, until),
        closing=checkpoint_fields(seal, size, act.now, act.actor),
    )


def lines(db: Database, export: Export) -> Iterator[bytes]:
    """Yield the export, some hundreds of lines at a time, in memory that does not grow with it.

    Raises:
        LogAltered, LogTruncated: the stored entries are not those that were sealed.
    """
    if export.form == "csv":
        yield csv.HEADER.encode() + b"\n"
    hashes = tree(db)
    before = hashes.frontier(export.after)
    span = Span(export.after)
    for some in rows(db, export.after, export.until):
        span.extend(leaves_of(some, span.end))
        yield _text(export.form, some)
    if span.end != export.until:
        raise LogTruncated(why=f"entries {span.end + 1} to {export.until} are missing")
    consistency = tuple(hashes.consistency(export.until, export.size))
    sealed = Statement.parse(notes.parse(export.seal).text)
    root = before.join(span).root()
    if not verify_consistency(export.until, root, sealed.size, sealed.root, consistency):
        raise LogAltered(why="its entries are not those that were sealed")
    if export.form != "jsonl":
        yield LINES[export.form](export.closing).encode() + b"\n"
        return
    trailer = Trailer(
        after=export.after,
        until=export.until,
        frontier=before.hashes,
        consistency=consistency,
        opening=sealing.epoch_at(db, export.after),
        epochs=tuple(sealing.epoch_proofs(db, export.until, export.size)),
        seal=export.seal,
    )
    yield trailer.line


def _range(act: Act, wanted: ExportRange) -> tuple[int, int]:
    """Return `after` and `until`; the export's own entry, the next one, counts as any other."""
    size = recorded(act.db).size
    own = size + 1
    after, until = wanted.after or 0, own
    if after > size:
        raise BadInput(what=f"--after {after}", why=f"the log has {counted_entries(size)}")
    if wanted.since is not None:
        found = _first_since(act.db, wanted.since)
        after = size if found is None else found - 1
        if found is None and act.now < wanted.since:
            after = own
    if wanted.until is not None and act.now >= wanted.until:
        until = _last_before(act.db, wanted.until)
    return after, max(after, until)


def _first_since(db: Database, moment: str) -> int | None:
    sql = "SELECT seq FROM audit_entry WHERE json_extract(record, '$.at') >= ? ORDER BY seq LIMIT 1"
    found = db.value(sql, (moment,))
    return None if found is None else int(found)


def _last_before(db: Database, moment: str) -> int:
    sql = (
        "SELECT seq FROM audit_entry WHERE json_extract(record, '$.at') < ?"
        " ORDER BY seq DESC LIMIT 1"
    )
    return int(db.value(sql, (moment,)) or 0)


def _text(form: str, entries: Sequence[Row]) -> bytes:
    try:
        if form == "jsonl":
            return jsonl.lines(entries)
        line = LINES[form]
        made = [line(fields_of(record.decode(), leaf.hex())) for _, record, leaf in entries]
    except (ValueError, KeyError, TypeError) as error:
        first, last = entries[0][0], entries[-1][0]
        raise LogAltered(why=f"one of entries {first} to {last} is none") from error
    return "\n".join([*made, ""]).encode()
