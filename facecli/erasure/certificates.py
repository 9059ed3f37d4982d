"""Certificates of erasure: what a person gets in hand, and can have checked without the database.

    {"schema": "facecli.erasure-certificate/1",
     "subject_id": "5c1f…",             the pseudonym; no name, no REF
     "action": "revoke", "erased_at": "2026-11-23T21:00:05Z",
     "reasons": ["withdrawn"],           the rules by which it was due
     "purpose": null,                    the one purpose that it was about, if it was about one
     "erased": {"consent": 1, "subject": 1, "template": 1},
     "whole": true,                      nothing is held of the person any more
     "by": {"uid": …, "user": …, "slot": …, "host": …},
     "entry": {…},                       the log's entry, of which all of the above is taken
     "proof": "c2sp.org/tlog-proof@v1\n…"}   that the entry is in the log (`audit.proofs`)

The proof is to the size of the log at which the certificate was made. A new epoch of the log
begins at that size, so that every later checkpoint, with its chain of successions, states the
log's root there, and by its own proofs continues it: each of them shows that the certificate's
entry is in the very log that it seals. A checkpoint that is older than the certificate cannot.

The epoch also costs every later checkpoint a note of about a kilobyte for each act that was
certified, be it of one person or of a thousand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facecli.audit import notes, sealing
from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Checkpoint, Seal, checkpoint_note
from facecli.audit.entries import Act, recorded
from facecli.audit.merkle import leaf_hash, verify_inclusion
from facecli.audit.proofs import Proof
from facecli.errors.audit import CertificateFalse, CertificateTooYoung, NoErasure
from facecli.errors.command_line import BadInput
from facecli.printable import printable
from facecli.store.database import Database

SCHEMA = "facecli.erasure-certificate/1"
ACTIONS = ("revoke.erase", "purge.erase")


@dataclass(frozen=True)
class Certified:
    """A certificate that holds: its document, and the number of its entry."""

    document: Mapping[str, Any]
    seq: int


def erasures_since(db: Database, size: int) -> list[int]:
    """The entries of erasures that were logged after the log had `size` entries."""
    rows = db.rows("SELECT seq FROM erasure WHERE seq > ? ORDER BY seq", (size,))
    return [int(row["seq"]) for row in rows]


def issue(act: Act, seqs: list[int]) -> list[dict[str, Any]]:
    """Seal the log and certify erasures that it records; nothing may leave before the commit.

    Args:
        act: an act that has recorded its entry.
        seqs: entries of erasures, of this act or of any before.

    Raises:
        NoErasure: one of them records none.
    """
    entries = [_entry(act.db, seq) for seq in seqs]
    note = checkpoint_note(sealing.seal(act, new_epoch=True))
    size, tree = recorded(act.db).size, sealing.tree(act.db)
    return [
        _document(entry, Proof(seq - 1, tuple(tree.inclusion(seq - 1, size)), note).text)
        for seq, entry in zip(seqs, entries, strict=True)
    ]


def verify_all(document: object, seal: Seal) -> list[Certified]:
    """Verify a certificate, or a list of them.

    Args:
        document: the parsed file.
        seal: a checkpoint that was kept, opened with the trust key.

    Raises:
        BadInput: it is no certificate.
        CertificateFalse: it, or what it says of itself, is not in the log that `seal` seals.
        CertificateTooYoung: it was made after `seal`.
    """
    found = document if isinstance(document, list) else [document]
    if not found:
        raise BadInput(what="the certificate", why="the list is empty")
    return [verify(one, seal) for one in found]


def verify(document: object, seal: Seal) -> Certified:
    """Verify one certificate; see `verify_all`."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise BadInput(what="the certificate", why=f"it is no {SCHEMA}")
    try:
        entry, proof = document["entry"], Proof.parse(document["proof"])
        record = canonical(entry)
        expected = canonical(_document(entry, document["proof"]))
        stated = canonical(document)  # in which `true` is not 1
        note = notes.parse(proof.checkpoint)
        checkpoint = Checkpoint.parse(note.text)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CertificateFalse(why="it is damaged") from error
    if stated != expected or entry["seq"] != proof.index + 1:
        raise CertificateFalse(why="what it says is not what its entry says")
    _check_stated(checkpoint, seal)
    if not any(note.is_signed_by(epoch.key) for epoch in seal.epochs):
        raise CertificateFalse(why="its checkpoint is not signed by a key of this log")
    path, root = proof.path, checkpoint.root
    if not verify_inclusion(leaf_hash(record), proof.index, checkpoint.size, path, root):
        raise CertificateFalse(why=f"entry {entry['seq']} is not in the log as it stands here")
    return Certified(document, entry["seq"])


def sentence(certified: Certified) -> str:
    """What a verified certificate says, in words."""
    said = certified.document
    counts = ", ".join(f"{count} {what}" for what, count in sorted(said["erased"].items()))
    whole = "nothing is held any more" if said["whole"] else "other things are still held"
    return printable(
        f"The certificate holds: by entry {certified.seq} of the log, {counts} of subject "
        f"{said['subject_id']} erased on {said['erased_at']} ({', '.join(said['reasons'])}); "
        f"{whole}."
    )


def _check_stated(checkpoint: Checkpoint, seal: Seal) -> None:
    """Does the seal state this size and root, as its own or as where an epoch began?"""
    if checkpoint.origin != seal.checkpoint.origin:
        raise CertificateFalse(why="it is of another log")
    stated = {epoch.size: epoch.root for epoch in seal.epochs}
    stated[seal.checkpoint.size] = seal.checkpoint.root
    if checkpoint.size > seal.checkpoint.size:
        raise CertificateTooYoung(
            why=f"it was made at {checkpoint.size} entries, the checkpoint at "
            f"{seal.checkpoint.size}"
        )
    if stated.get(checkpoint.size) != checkpoint.root:
        raise CertificateFalse(why=f"the log never was as it says at {checkpoint.size} entries")


def _document(entry: Mapping[str, Any], proof: str) -> dict[str, Any]:
    """The certificate of an erasure's entry: everything in it but the proof is the entry's."""
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
        "by": entry["actor"],
        "entry": dict(entry),
        "proof": proof,
    }


def _entry(db: Database, seq: int) -> dict[str, Any]:
    record = db.value("SELECT record FROM audit_entry WHERE seq = ?", (seq,))
    entry = {} if record is None else json.loads(record)
    if entry.get("action") not in ACTIONS or entry.get("outcome") != "done":
        raise NoErasure(seq=seq)
    return dict(entry)
