"""Certificates of erasure: documents for the person, which are checked without the database.

    {"schema": "facecli.erasure-certificate/2",
     "subject_id": "5c1f…",             the pseudonym; no name, no REF
     "action": "revoke", "erased_at": "2026-11-23T21:00:05Z",
     "reasons": ["withdrawn"],           the rules by which it was due
     "purpose": null,                    the one purpose concerned, if it was one
     "erased": {"consent": 1, "subject": 1, "template": 1},
     "whole": true,                      nothing is held of the person any more
     "copies": null,                     the copies reached and not reached, as far as logged
     "elsewhere": null,                  what is held outside facecli, as far as logged
     "by": {"uid": …, "user": …, "slot": …, "host": …},
     "entry": {…},                       the log's entry, from which all of the above is taken
     "proof": "c2sp.org/tlog-proof@v1\n…"}   the proof that the entry is in the log

The trust key alone verifies it, at any later time. That shows that the holder of the log's
identity key stated this erasure. A link, or exports that reach its checkpoint, show that it is
part of the log that somebody holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facecli.audit import evidence
from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Checkpoint
from facecli.audit.entries import Act
from facecli.audit.proofs import prove
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


def issue(act: Act, seqs: list[int]) -> list[dict[str, Any]]:
    """Seal the log and certify erasures that it records. Nothing may leave before the commit.

    Args:
        act: an act that was prepared and has recorded its entry (`sealing.prepare`).
        seqs: entries of erasures, of this act or of any before.

    Raises:
        NoErasure: one of them records none.
    """
    entries = [_entry(act.db, seq) for seq in seqs]
    return [_document(one.entry, one.proof) for one in evidence.issue(act, entries)]


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
        expected = canonical(_document(proven.entry, document["proof"]))
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
        f"{whole}."
    )


def _document(entry: Mapping[str, Any], proof: str) -> dict[str, Any]:
    """Return the certificate of an erasure's entry: everything in it but the proof is the entry's.

    Raises:
        ValueError: the entry records no erasure.
    """
    if entry["action"] not in ACTIONS or entry["outcome"] != "done":
        raise ValueError("this entry records no erasure")
    details = entry["details"]
    return {
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


def _entry(db: Database, seq: int) -> dict[str, Any]:
    entry = evidence.entry(db, seq)
    if entry is None or entry["action"] not in ACTIONS or entry["outcome"] != "done":
        raise NoErasure(seq=seq)
    return entry
