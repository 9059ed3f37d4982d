"""Makes man/examples/log: a small log with fixed keys, a file of each kind, every byte explained.

    python -m tests.audit.example_log

The keys are secrets of nobody: each seed is one byte, 32 times.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import open_checkpoint
from facecli.audit.links import Link
from facecli.audit.notes import encode_base64, parse
from facecli.audit.proofs import Proof
from facecli.audit.witnesses import Seen, WitnessKey, cosign
from facecli.erasure.certificates import _document
from facecli.keys.signing import SigningKey
from tests.audit.logs import ORIGIN, Log, entry
from tests.conftest import PROJECT

FOLDER = PROJECT / "man" / "examples" / "log"
SUBJECT = "5c1f0a7be2d94f6f8a3b1c2d3e4f5061"
NOTICE = "We compare your face with the photo of your annual card.\n"
COSIGNED_AT = 1795469400
RECORD_ID = "0b9f8c1e-3a52-4a0f-9d5e-0c6a54e6a6d1"


def key(number: int, name: str = ORIGIN) -> SigningKey:
    """A key whose seed is one byte, 32 times."""
    return SigningKey(name, bytes([number]) * 32)


def _act(log: Log, action: str, details: dict[str, Any], **changes: Any) -> dict[str, Any]:
    record = entry(log.size + 1, details, action=action, **changes)
    log.records.append(record)
    return record


def files() -> dict[str, bytes]:
    """Return the content of every file of the example, by name."""
    log = Log(key(1), key(2))
    _act(log, "init", {"engine": "sface", "slot": "first"}, purpose=None)
    consent = _act(
        log,
        "consent.record",
        {
            "record_sha256": hashlib.sha256(RECORD_ID.encode()).hexdigest(),
            "version": 1,
            "expires_at": "2027-11-23T21:00:00Z",
            "notice_sha256": hashlib.sha256(NOTICE.encode()).hexdigest(),
            "evidence": "hash",
        },
        subject_id=SUBJECT,
    )
    _act(log, "log.export", {"after": 0, "format": "jsonl", "until": 4}, purpose=None)
    first, early = log.export(), log.seal()
    log.succeed(key(3))
    erased = {"consent": 1, "subject": 1}
    erasure = _act(
        log,
        "revoke.erase",
        {"reasons": ["withdrawn"], "erased": erased, "whole": True, "purposes": {"gate": erased}},
        subject_id=SUBJECT,
        purpose=None,
    )
    _act(log, "log.export", {"after": 4, "format": "jsonl", "until": 7}, purpose=None)
    second, cut, seal = log.export(after=4), log.export(until=3), log.seal()
    witness = key(9, "witness.example")
    opened = open_checkpoint(seal, log.trust_key)
    line, _ = cosign(witness, opened, Seen(log.trust_key), None, COSIGNED_AT)
    tree, size = log.tree(), log.size
    certificate = _document(erasure, _proof(log, erasure, seal), ())
    receipt = _receipt(consent, _proof(log, consent, seal))
    made: dict[str, Any] = {
        "trust.key": f"{log.trust_key}\n",
        "log.vkey": f"{log.identity.verifier()}\n",
        "witness.vkey": f"{WitnessKey(witness.name, witness.verifier().public)}\n",
        "log-1.jsonl": b"".join(first),
        "log-2.jsonl": b"".join(second),
        "log-until.jsonl": b"".join(cut),
        "seal-1": early,
        "seal": seal,
        "seal-cosigned": seal + line,
        "link": Link(4, tuple(tree.consistency(4, size)), seal).text,
        "certificate.json": json.dumps(certificate, indent=2) + "\n",
        "receipt.json": json.dumps(receipt, indent=2) + "\n",
    }
    content = {
        name: text.encode() if isinstance(text, str) else text for name, text in made.items()
    }
    return {**content, "README": _explained(log, content).encode()}


def _proof(log: Log, record: dict[str, Any], seal: str) -> str:
    index = record["seq"] - 1
    return Proof(index, tuple(log.tree().inclusion(index, log.size)), seal).text


def _receipt(record: dict[str, Any], proof: str) -> dict[str, Any]:
    details = record["details"]
    return {
        "schema": "facecli.consent-receipt/1",
        "schema_version": "ISO/IEC TS 27560:2023",
        "record_id": RECORD_ID,
        "pii_principal_id": "A-1001",
        "pii_processing": {
            "privacy_notice": {"sha256": details["notice_sha256"], "text": NOTICE},
            "purposes": [{"purpose_code": record["purpose"], "purpose_version": 1}],
        },
        "events": [{"event_state": "given", "valid_until": details["expires_at"]}],
        "evidence": {"sha256": hashlib.sha256(b"the form").hexdigest(), "kept": False},
        "log": [{"entry": record, "proof": proof}],
    }


def _explained(log: Log, content: dict[str, bytes]) -> str:
    """Return the README: what each file is, and every byte of the formats."""
    lines = [
        "A log of 7 entries in two epochs, with a file of each kind that facecli-log(5) describes.",
        "Made by `python -m tests.audit.example_log`; a test compares them. Bytes are in hex.",
        "",
        "KEYS (each secret is one byte, 32 times)",
        f"  identity key  01  public {log.identity.verifier().public.hex()}",
        f"  epoch 0       02  public {log.epochs[0].key.hex()}",
        f"  epoch 1       03  public {log.epochs[1].key.hex()}",
        f"  witness       09  public {key(9).verifier().public.hex()}",
        f"  trust key     id {log.trust_key.key_id.hex()}, material "
        f'SHA-256("facecli.log/trust/1" || identity || epoch 0)',
        f"                = {log.trust_key.material.hex()}",
        "",
        "LEAVES AND ROOTS",
    ]
    tree = log.tree()
    for record, leaf in zip(log.records, log.leaves(), strict=True):
        lines += [
            f"  entry {record['seq']}, {record['action']}",
            f"    hashed: 00 || {len(canonical(record))} bytes of canonical JSON = {leaf.hex()}",
            f"    root of size {record['seq']}: {tree.root(record['seq']).hex()}",
        ]
    lines += ["", "TEXTS THAT ARE SIGNED (each line ends in a newline)"]
    lines += _indented(
        "by the key of epoch 0, in the entry 5 (`closing`):",
        [
            "facecli.log/close/2",
            str(log.trust_key),
            "1",
            "4",
            encode_base64(tree.root(4)),
            encode_base64(log.epochs[1].key),
        ],
    )
    text = parse(content["seal"].decode()).text.splitlines()
    lines += _indented("by the identity key, in the file seal:", text)
    lines += _indented(
        "by the key of epoch 1, in the file seal:",
        ["facecli.log/seal/2", str(log.trust_key), "1", "4", *text],
    )
    lines += _indented(
        "by the witness, in the file seal-cosigned:",
        ["cosignature/v1", f"time {COSIGNED_AT}", *text],
    )
    lines += ["", "LINES OF SIGNATURES"]
    for name in ("seal-1", "seal-cosigned"):
        for signature in parse(content[name].decode()).signatures:
            lines.append(f"  {name}: {signature.name}")
            lines += [f"    {part:<28}{data.hex()}" for part, data in _parts(signature)]
    lines += ["", "FILES"]
    lines += [f"  {name}: {MEANING[name]} ({len(data)} bytes)" for name, data in content.items()]
    lines += [
        "",
        "PROOFS, from the leaves above",
        "  frontier of size 4 in log-2.jsonl: the node over leaves 1 to 4",
        "  link, from size 4 to 7: the node over leaves 5 to 7, over (node of 5 and 6) and 7",
        "  log-until.jsonl, `consistency` from size 3 to 7: leaf 3, leaf 4, the node over 1 and 2,",
        "    and the node over 5 to 7; in `epochs` the frontier before entry 5 is that of size 4,",
        "    and its consistency proof leads from size 5 to 7: leaf 5, leaf 6, leaf 7, the node",
        "    over 1 to 4",
        "  certificate.json, entry 6: leaf 5, leaf 7, the node over 1 to 4",
        "  receipt.json, entry 3: leaf 4, the node over 1 and 2, the node over 5 to 7",
    ]
    return "\n".join(lines) + "\n"


MEANING = {
    "trust.key": "the trust key, the last line of `facecli init`",
    "log.vkey": "the identity key for stock tools, `facecli log checkpoint --vkey`",
    "witness.vkey": "a witness's key, `facecli log cosign --vkey`",
    "log-1.jsonl": "the export of entries 1 to 4, with the checkpoint seal-1",
    "log-2.jsonl": "the export of entries 5 to 7, with the checkpoint seal",
    "log-until.jsonl": "an export that ends at entry 3; its last line proves epoch 1",
    "seal-1": "the checkpoint of size 4, in epoch 0",
    "seal": "the checkpoint of size 7, in epoch 1",
    "seal-cosigned": "the same with the line of the witness",
    "link": "the link from size 4 to the checkpoint seal",
    "certificate.json": "the certificate of erasure of entry 6",
    "receipt.json": "the receipt of the consent of entry 3 (shortened: the covered members)",
}


def _indented(title: str, lines: list[str]) -> list[str]:
    return [f"  {title}", *(f"    {line}" for line in lines)]


def _parts(signature: Any) -> list[tuple[str, bytes]]:
    value, found, at = signature.value, [("key id (4)", signature.key_id)], 0
    sizes = {
        64: [("Ed25519 (64)", 64)],
        72: [("time (8)", 8), ("Ed25519 (64)", 64)],
        172: [
            ("epoch (4)", 4), ("began (8)", 8), ("epoch key (32)", 32), ("identity key (32)", 32),
            ("key of epoch 0 (32)", 32), ("Ed25519 by epoch key (64)", 64),
        ],
    }  # fmt: skip
    for name, size in sizes[len(value)]:
        found.append((name, value[at : at + size]))
        at += size
    return found


def write(folder: Path = FOLDER) -> None:
    """Write all files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    write()
