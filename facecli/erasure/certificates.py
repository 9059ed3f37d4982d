"""Certificates of erasure: documents for the person, which are checked without the database.

    {"schema": "facecli.erasure-certificate/2",
     "subject_id": "5c1f…",             the pseudonym; no name, no REF
     "action": "revoke", "erased_at": "2026-11-23T21:00:05Z",
     "reasons": ["withdrawn"],           the rules by which it was due
     "purpose": null,                    the one purpose concerned, if it was one
     "erased": {"consent": 1, "subject": 1, "template": 1},
     "whole": true,                      nothing is held of the person any more
     "copies": ["0a1b2c3d"],             the copies that may have held the data at that time
     "elsewhere": {"case": "4f1d…",      what others held then, not confirmed as deleted: numbers by
                   "open": {"photo": 1}},  kind, and the id of the case, if nothing is held here any
                                         more; null where there was nothing
     "by": {"uid": …, "user": …, "login": …, "slot": …, "host": …},
     "entry": {…},                       the log's entry, from which all of the above is taken
     "proof": "c2sp.org/tlog-proof@v1\n…",  the proof that the entry is in the log
     "reached": [{"entry": {…}, "proof": "…"}]}   later entries by which these copies, and copies
                                         that other software made of them, were reached, or are
                                         gone; absent where there are none

The trust key alone verifies it, at any later time. That shows that the holder of the log's
identity key stated this erasure. A link, or exports that reach its checkpoint, show that it is
part of the log that somebody holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facecli.audit import evidence
from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Checkpoint
from facecli.audit.entries import Act, recorded
from facecli.audit.proofs import prove
from facecli.audit.stored_entries import chosen
from facecli.audit.trust_key import TrustKey
from facecli.errors.audit import NoErasure, ProofFalse, WrongFile
from facecli.errors.command_line import BadInput
from facecli.printable import counted, printable
from facecli.store.database import Database

SCHEMA = "facecli.erasure-certificate/2"
SCHEMA_BEFORE = "facecli.erasure-certificate/1"
KIND = "certificate"
PLURALS = {"match": "matches"}
ACTIONS = ("revoke.erase", "purge.erase")
REACHING = ("backup.erase", "backup.gone", "backup.prune")
"""Acts by which a copy no longer holds erased data."""


@dataclass(frozen=True)
class Certified:
    """A certificate that holds: its document, the number of its entry, and its checkpoint."""

    document: Mapping[str, Any]
    seq: int
    checkpoint: Checkpoint


def erasures_since(db: Database, size: int) -> list[int]:
    """Return the entries of erasures that were logged after the log had `size` entries."""
    rows = db.rows("SELECT seq FROM erasure WHERE seq > ? ORDER BY seq", (size,))
    return [int(row["seq"]) for row in rows]


def list_erasures(db: Database) -> list[dict[str, Any]]:
    """Return every recorded erasure, oldest first. `seq` numbers its certificate."""
    rows = db.rows(
        "SELECT seq, at, pseudonym, purpose, action, reasons, counts, held_since FROM erasure"
        " ORDER BY seq"
    )
    return [
        {**dict(row), "reasons": json.loads(row["reasons"]), "counts": json.loads(row["counts"])}
        for row in rows
    ]


def issue(act: Act, seqs: list[int]) -> list[dict[str, Any]]:
    """Seal the log and certify erasures that it records. Nothing may leave before the commit.

    Args:
        act: an act that was prepared and has recorded its entry (`sealing.prepare`).
        seqs: entries of erasures, of this act or of any before.

    Raises:
        NoErasure: one of them records none.
    """
    entries = [_entry(act.db, seq) for seq in seqs]
    later = [_reached_since(act.db, entry) for entry in entries]
    proven = iter(evidence.issue(act, [*entries, *(one for some in later for one in some)]))
    own = [next(proven) for _ in entries]
    return [
        _document(one.entry, one.proof, [next(proven)._asdict() for _ in some])
        for one, some in zip(own, later, strict=True)
    ]


def verify(document: object, trust_key: TrustKey, name: str = "the certificate") -> Certified:
    """Verify one certificate with the trust key.

    Args:
        document: the parsed file, or one of the list that it holds.
        trust_key: the log's trust key.
        name: the file's name, for messages.

    Raises:
        BadInput: it is no certificate.
        WrongFile: an earlier facecli wrote it.
        ProofFalse: it is damaged, states something else than its entry, or its entry is not in
            the log that its checkpoint seals.
        LogAltered, LogTruncated: its checkpoint does not verify.
    """
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema == SCHEMA_BEFORE:
        raise WrongFile(
            what=name,
            why="an earlier facecli wrote it, whose logs this one does not read",
            wanted=KIND,
            maker="facecli revoke --certificate",
        )
    if not isinstance(document, dict) or schema != SCHEMA:
        raise BadInput(what=name, why=f"it is no {SCHEMA}")
    proven = prove(document.get("entry"), document.get("proof"), trust_key, KIND)
    try:
        reached = [
            {"entry": one["entry"], "proof": one["proof"]} for one in document.get("reached", [])
        ]
        later = [prove(one["entry"], one["proof"], trust_key, KIND).entry for one in reached]
        if len(list(_reaching(later, proven.entry))) < len(later):
            raise ProofFalse(kind=KIND, why="it states another copy than its entry")
        expected = canonical(_document(proven.entry, document["proof"], reached))
        stated = canonical(document)  # in which `true` is not 1
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ProofFalse(kind=KIND, why="it is damaged") from None
    if stated != expected:
        raise ProofFalse(kind=KIND, why="it states something else than its entry")
    return Certified(document, proven.entry["seq"], proven.checkpoint)


def sentence(certified: Certified) -> str:
    """Return the content of a verified certificate in words."""
    stated = certified.document
    erased = sorted(stated["erased"].items())
    counts = ", ".join(counted(count, what, PLURALS.get(what)) for what, count in erased)
    whole = "nothing is held any more" if stated["whole"] else "other things are still held"
    return printable(
        f"The certificate holds: by entry {certified.seq} of the log, {counts} of subject "
        f"{stated['subject_id']} erased on {stated['erased_at']} ({', '.join(stated['reasons'])}); "
        f"{whole}{_copies(stated)}{_elsewhere(stated)}."
    )


def _copies(stated: Mapping[str, Any]) -> str:
    """Return the clause on the copies that held the data, if there were any."""
    held = stated["copies"]
    if not held:
        return ""
    reached = {one["entry"]["details"]["copy"] for one in stated.get("reached", [])}
    count, later = counted(len(held), "copy", "copies"), reached.difference(held)
    found = f"; {counted(len(later), 'copy', 'copies')} of these, found later, no longer either"
    return (
        f"; {count} may have held it then, and {len(reached.intersection(held))} of them no longer"
        f"{found if later else ''}"
    )


def _elsewhere(stated: Mapping[str, Any]) -> str:
    """Return the clause on what others held at that time, if they held something."""
    held = stated["elsewhere"]
    if not held:
        return ""
    items = ", ".join(counted(count, what, what) for what, count in sorted(held["open"].items()))
    case = f" (case {held['case']})" if held["case"] else ""
    return f"; held elsewhere then and not confirmed as deleted{case}: {items}"


def _document(
    entry: Mapping[str, Any], proof: str, reached: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the certificate of an erasure's entry: everything in it but the proofs is the entry's.

    Args:
        reached: later entries with their proofs, by which copies were reached.

    Raises:
        ValueError: the entry records no erasure.
    """
    if entry["action"] not in ACTIONS or entry["outcome"] != "done":
        raise ValueError("this entry records no erasure")
    details = entry["details"]
    document = {
        "schema": SCHEMA,
        "subject_id": entry["subject_id"],
        "action": entry["action"].partition(".")[0],
        "erased_at": entry["at"],
        "reasons": details["reasons"],
        "purpose": entry["purpose"],
        "erased": details["erased"],
        "whole": details["whole"],
        "copies": details.get("copies"),
        "elsewhere": details.get("elsewhere"),
        "by": entry["actor"],
        "entry": dict(entry),
        "proof": proof,
    }
    return {**document, "reached": list(reached)} if reached else document


def _reached_since(db: Database, erasure: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return, for each copy that held the data, the first entry by which it no longer does."""
    found: dict[str, dict[str, Any]] = {}
    if erasure["details"].get("copies"):
        later = chosen(db, REACHING, erasure["seq"], recorded(db).size)
        for entry in _reaching(later, erasure):
            found.setdefault(entry["details"]["copy"], entry)
    return list(found.values())


def _reaching(
    entries: Iterable[dict[str, Any]], erasure: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the entries, given in their order, by which a copy no longer holds what was erased.

    Copies that other software made of those copies count, from the entry on that knows them.
    """
    copies = set(erasure["details"].get("copies") or ())
    for entry in entries:
        details = entry["details"]
        if entry["action"] not in REACHING or entry["outcome"] != "done":
            continue
        if details.get("copy_of") in copies:
            copies.add(details["copy"])
        is_erasure = entry["action"] == "backup.erase"
        if details["copy"] in copies and (not is_erasure or details["applied"] >= erasure["seq"]):
            yield entry


def _entry(db: Database, seq: int) -> dict[str, Any]:
    entry = evidence.entry(db, seq)
    if entry is None or entry["action"] not in ACTIONS or entry["outcome"] != "done":
        raise NoErasure(seq=seq)
    return entry
