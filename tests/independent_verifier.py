"""A second verifier of exported logs, written from the description of the files alone.

Usage: independent_verifier.py EXPORT.jsonl TRUST_KEY [SEAL_KEPT]; it keeps every leaf hash and
computes roots by RFC 6962's definition. Exits 0 verified, 30 altered, 31 cut, 32 not sealed.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY = {"seq", "at", "actor", "action", "outcome", "subject_id", "purpose", "details"}
TRAILER = {"after", "until", "frontier", "consistency", "seal"}
EMPTY = hashlib.sha256().digest()


def need(condition: object, code: int = 30) -> None:
    if not condition:
        raise SystemExit(code)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def b64(text: str, size: int | None = None) -> bytes:
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text and size in (None, len(data)))
    return data


def root_of(low: int, high: int, known: dict) -> bytes:
    """MTH(D[low:high]) from the hashes of leaves and subtrees in `known`."""
    if high - low < 2 or (low, high) in known:
        return known[low, high] if high else EMPTY
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    return sha(b"\x01", root_of(low, middle, known), root_of(middle, high, known))


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: list) -> bool:
    """SUBPROOF of RFC 6962 says whose hashes the proof holds; with them both roots follow."""
    need(old <= new and (old or old_root == EMPTY))
    if old in (0, new):
        return not proof and (old < new or old_root == new_root)
    places, low, high = list[tuple](), 0, new
    while old != high:
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        places.insert(0, (low, middle) if old > middle else (middle, high))
        low, high = (middle, high) if old > middle else (low, middle)
    places = [(low, high)] * (low > 0) + places
    known = dict(zip(places, [b64(text, 32) for text in proof], strict=True))
    known |= {} if low else {(0, old): old_root}
    return (root_of(0, old, known), root_of(0, new, known)) == (old_root, new_root)


def parse_key(text: str) -> tuple:
    name, key_id, data = text.split("+", 2)
    need(name and not re.search(r"[\s\x00-\x1f]", name) and b64(data, 33)[0] == 1)
    need(sha(name.encode(), b"\n", b64(data))[:4].hex() == key_id)
    return name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(b64(data)[1:]), text


def signed_lines(body: str, signatures: str, key: tuple) -> list[str]:
    need(not re.search("[\x00-\x09\x0b-\x1f]", body + signatures) and all(body.split("\n")))
    signed = [line.split(" ") for line in signatures.split("\n")]
    for dash, name, data in signed:
        need(dash == "\u2014" and name and not re.search(r"[\s+]", name) and len(b64(data)) > 4)
    own = [b64(data)[4:] for _, name, data in signed if (name, b64(data)[:4]) == key[:2]]
    need(own and not any(key[2].verify(each, (body + "\n").encode()) for each in own))
    return body.split("\n")


def open_seal(text: str, key: tuple) -> tuple:
    origin, epochs, start, proof = key[0], [(0, EMPTY, key[3])], None, []
    parts = text[:-1].split("\n\n")
    need(text.endswith("\n"))
    if len(parts) % 2:
        start, *proof = parts.pop().split("\n")
    for epoch in range(1, len(parts) // 2):
        lines = signed_lines(parts[2 * epoch], parts[2 * epoch + 1], key)
        size, root, key = int(lines[2]), b64(lines[3], 32), parse_key(lines[4])
        need((*lines[:3], key[0]) == (origin + "/epoch", str(epoch), str(size), origin))
        need(consistent(*epochs[-1][:2], size, root, lines[5:]))
        epochs.append((size, root, lines[4]))
    lines = signed_lines(parts[0], parts[1], key)
    size, root, began = int(lines[1]), b64(lines[2], 32), epochs[-1][0]
    need(lines[:2] == [origin, str(size)])
    need(size >= began, 31)
    expected = f"consistency {began}" if 0 < began < size else None
    need(start == expected and consistent(*epochs[-1][:2], size, root, proof))
    return size, root, epochs


def check(lines: list[bytes], key: tuple, kept: bytes | None) -> None:
    held = (0, EMPTY, [(0, EMPTY, key[3])]) if kept is None else open_seal(kept.decode(), key)
    known, after, end, trailer = {}, None, 0, None
    for line in lines:
        need(trailer is None)
        need(line.endswith(b"\n"), 31)
        record = json.loads(line)
        need(list(record) == sorted(record) and dump(record) + b"\n" == line)
        kind = record.pop("schema").removeprefix("facecli.log-")
        if kind == "export/1":
            trailer = record
            continue
        stated, leaf = record.pop("leaf_hash"), sha(b"\x00", dump(record))
        after, end = (record["seq"] - 1,) * 2 if after is None else (after, end)
        need((kind, set(record), leaf.hex(), record["seq"]) == ("entry/1", ENTRY, stated, end + 1))
        known[end, end + 1], end = leaf, end + 1
    need(trailer is not None, 31)
    first, until = trailer["after"], trailer["until"]
    size, root, epochs = open_seal(trailer["seal"], key)
    after, end = (first, first) if after is None else (after, end)
    need(set(trailer) == TRAILER and type(first) is type(until) is int and after == first >= 0)
    at, widths = 0, [1 << bit for bit in range(after.bit_length())[::-1] if after >> bit & 1]
    for width, text in zip(widths, trailer["frontier"], strict=True):
        known[at, at + width], at = b64(text, 32), at + width
    need(end == until, 31 if end < until else 30)
    need(end <= size, 32)
    need(consistent(end, root_of(0, end, known), size, root, trailer["consistency"]))
    short, long = sorted(((size, root, epochs), held), key=lambda seal: len(seal[2]))
    common = len(short[2])
    need(long[2][:common] == short[2] and all(short[0] <= e[0] for e in long[2][common:]), 31)
    need((held[0] <= end or held[:2] == (size, root)) and not 0 < held[0] < after, 31)
    need(not after <= held[0] <= end or root_of(0, held[0], known) == held[1])


def verify(lines: list[bytes], trust_key: str, kept: bytes | None = None) -> int:
    try:
        check(lines, parse_key(trust_key), kept)
    except (ValueError, LookupError, TypeError, AttributeError, InvalidSignature):
        return 30
    except SystemExit as verdict:
        return int(verdict.code)
    return 0


if __name__ == "__main__":
    export, *seal = (Path(name).read_bytes() for name in (sys.argv[1], *sys.argv[3:4]))
    sys.exit(verify(re.findall(b"[^\n]*\n|[^\n]+", export), sys.argv[2], *seal))
