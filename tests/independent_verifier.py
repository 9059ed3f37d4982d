"""A second verifier of the log's files, written from the page facecli-log(5) alone.

Usage: independent_verifier.py TRUST_KEY EXPORT.jsonl... [--checkpoint F]... [--document F]...

It keeps every leaf hash and computes roots by RFC 6962's definition. Exits 0 verified, 1 another
kind of file, 30 altered, 31 cut, 32 not sealed or not linked.
"""

import base64
import hashlib
import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY = {"seq", "at", "actor", "action", "outcome", "subject_id", "purpose", "details"}
AT = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z", re.ASCII)
TRAILER = {"schema", "after", "until", "frontier", "opening", "consistency", "epochs", "seal"}
CERTIFICATE = {"schema", "entry", "proof", "subject_id", "purpose", "erased_at", "by", "action",
               "reasons", "erased", "whole", "copies", "elsewhere"}  # fmt: skip
EMPTY = hashlib.sha256().digest()
TRUST_TYPE = b"\xfffacecli.log/2"


class Verdict(Exception):
    """An exit code that is not 0."""


class Stranger(Verdict):
    """A checkpoint of another log."""


def need(condition: Any, code: Any = 30) -> None:
    if not condition:
        raise Verdict(code)


def sha(*parts: Any) -> Any:
    return hashlib.sha256(b"".join(parts)).digest()


def in_order(value: Any) -> Any:
    """Members by the UTF-16 code units of their names."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: in_order(value[name]) for name in names}
    return [in_order(one) for one in value] if isinstance(value, list) else value


def dump(value: Any) -> Any:
    return json.dumps(in_order(value), ensure_ascii=False, separators=(",", ":")).encode()


def no_float(text: Any) -> Any:
    raise Verdict(30)


def integer(text: Any) -> Any:
    need(abs(int(text)) < 1 << 53)
    return int(text)


def no_doubles(members: Any) -> Any:
    need(len(dict(members)) == len(members))
    return dict(members)


def load(text: Any) -> Any:
    """Canonical JSON, parsed."""
    record = json.loads(text, object_pairs_hook=no_doubles, parse_float=no_float, parse_int=integer)
    need(dump(record) == (text if isinstance(text, bytes) else text.encode()))
    return record


def b64(text: Any, size: Any = None) -> Any:
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text and size in (None, len(data)))
    return data


def text64(data: Any) -> Any:
    return base64.b64encode(data).decode()


def signed(public: Any, signature: Any, message: Any) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise Verdict(30) from None


# -- the tree ---------------------------------------------------------------------------------


def split(low: Any, high: Any) -> Any:
    return low + (1 << (high - low - 1).bit_length() - 1)


def root_of(low: Any, high: Any, known: Any) -> Any:
    """MTH(D[low:high]) from the hashes of leaves and subtrees in `known`."""
    if high - low < 2 or (low, high) in known:
        return known[low, high] if high else EMPTY
    middle = split(low, high)
    return sha(b"\x01", root_of(low, middle, known), root_of(middle, high, known))


def placed(size: Any, frontier: Any) -> Any:
    """A frontier as subtrees with their places."""
    at, known = 0, {}
    widths = [1 << bit for bit in range(size.bit_length())[::-1] if size >> bit & 1]
    for width, text in zip(widths, frontier, strict=True):
        known[at, at + width], at = b64(text, 32), at + width
    return known


def consistent(old: Any, old_root: Any, new: Any, new_root: Any, proof: Any) -> Any:
    """SUBPROOF of RFC 6962 gives the places of the proof's hashes; both roots follow from them."""
    need(type(proof) is list)
    need(old <= new and (old or old_root == EMPTY))
    if old in (0, new):
        return need(not proof and (old < new or old_root == new_root))
    places: list[Any] = []
    low, high = 0, new
    while old != high:
        middle = split(low, high)
        places.insert(0, (low, middle) if old > middle else (middle, high))
        low, high = (middle, high) if old > middle else (low, middle)
    places = [(low, high)] * (low > 0) + places
    known = dict(zip(places, [b64(text, 32) for text in proof], strict=True))
    known |= {} if low else {(0, old): old_root}
    return need((root_of(0, old, known), root_of(0, new, known)) == (old_root, new_root))


def included(leaf: Any, index: Any, size: Any, root: Any, proof: Any) -> None:
    """PATH of RFC 6962: the hashes beside the way from the leaf up."""
    need(0 <= index < size)
    places: list[Any] = []
    low, high = 0, size
    while high - low > 1:
        middle = split(low, high)
        places.insert(0, (middle, high) if index < middle else (low, middle))
        low, high = (low, middle) if index < middle else (middle, high)
    known = dict(zip(places, [b64(text, 32) for text in proof], strict=True))
    need(root_of(0, size, {**known, (index, index + 1): leaf}) == root)


# -- checkpoints ------------------------------------------------------------------------------


def key_id(name: Any, data: Any) -> Any:
    return sha(name.encode(), b"\n", data)[:4]


class Log:
    """The trust key, taken apart."""

    def __init__(self, text: Any) -> None:
        self.text = text.strip()
        self.name, key_id, data = self.text.split("+", 2)
        decoded = b64(data, len(TRUST_TYPE) + 32)
        need(decoded.startswith(TRUST_TYPE), 1)
        need(self.key_id(decoded).hex() == key_id, 1)
        self.id, self.material = bytes.fromhex(key_id), decoded[len(TRUST_TYPE) :]

    def key_id(self, data: Any) -> Any:
        return key_id(self.name, data)

    def commits(self, identity: Any, first: Any) -> Any:
        return sha(b"facecli.log/trust/1", identity, first) == self.material


def number(text: Any) -> Any:
    need(re.fullmatch("0|[1-9][0-9]{0,17}", text, re.ASCII))
    return int(text)


def note_of(text: Any) -> Any:
    need(text.endswith("\n") and not re.search("[\x00-\x09\x0b-\x1f]", text) and "\n\n" in text)
    text.encode()
    body, _, tail = text.rpartition("\n\n")
    lines = [line.split(" ") for line in tail[:-1].split("\n")]
    need(len(lines) <= 100)
    for line in lines:
        need(
            len(line) == 3 and line[0] == "\u2014" and line[1] and not re.search(r"[\s+]", line[1])
        )
        need(len(b64(line[2])) > 4)
    return body + "\n", [(name, b64(data)[:4], b64(data)[4:]) for _, name, data in lines]


def stated_origin(text: Any) -> Any:
    """The origin of a checkpoint, which carries the line of its own trust key."""
    body, signatures = note_of(text)
    origin, size, root = body[:-1].split("\n")
    number(size), b64(root, 32)
    keys = [
        (name, found, TRUST_TYPE + sha(b"facecli.log/trust/1", value[44:76], value[76:108]))
        for name, found, value in signatures
        if len(value) == 172
    ]
    need(any(name == origin and found == key_id(name, data) for name, found, data in keys))
    return origin


def open_checkpoint(text: Any, log: Any) -> Any:
    """Size, root, and epoch as (number, began, key)."""
    body, signatures = note_of(text)
    origin, size, root = body[:-1].split("\n")
    size, root = number(size), b64(root, 32)
    if origin != log.name:
        raise Stranger(30)
    seals = [value for name, key, value in signatures if (name, key) == (log.name, log.id)]
    need(len(seals) == 1 and len(seals[0]) == 172)
    value = seals[0]
    epoch, began = int.from_bytes(value[:4], "big"), int.from_bytes(value[4:12], "big")
    key, identity, first, signature = value[12:44], value[44:76], value[76:108], value[108:]
    need(log.commits(identity, first))
    need(epoch or (began, key) == (0, first))
    head = f"facecli.log/seal/2\n{log.text}\n{epoch}\n{began}\n"
    signed(key, signature, (head + body).encode())
    own_id = log.key_id(b"\x01" + identity)
    own = [value for name, key_id, value in signatures if (name, key_id) == (log.name, own_id)]
    need(own)
    for each in own:
        need(len(each) == 64)
        signed(identity, each, body.encode())
    need(size > began, 31)
    return size, root, (epoch, began, key)


def compare(one: Any, other: Any) -> None:
    low, high = sorted((one, other), key=lambda each: (each[2][0], each[0]))
    if low[2][0] == high[2][0]:
        need(low[2] == high[2], 31)
    else:
        need(low[0] <= high[2][1], 31)
    need(low[0] != high[0] or low[1] == high[1])


# -- exports ----------------------------------------------------------------------------------


def unmarked(data: Any) -> Any:
    """The bytes after any byte-order marks."""
    return re.sub(b"\\A(\xef\xbb\xbf)+", b"", data)


FOREIGN = re.compile(
    rb"[\r\n]*\Z|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|PK\x03\x04|\xff\xfe|\xfe\xff"
    rb"|[ -~]\0(\0\0|[ -~]\0)|\0(\0\0)?[ -~]|\"?seq\"?[,;\t]\"?at\"?[,;\t]\"?actor_uid"
    rb"|CEF:0\|facecli\||<[0-9]{1,3}>1 \S+ \S+ facecli |\{\"category_uid\":3,|old [0-9]+[\r\n]"
)
CHECKPOINT_BEFORE = re.compile(
    rb"facecli\.log/[0-9a-f]+\n[0-9]+\n\S+\n\n\xe2\x80\x94 facecli\.log/[0-9a-f]+ \S{91}="
    rb"(\Z|\n\nconsistency |\n\nfacecli\.log/[0-9a-f]+/epoch\n)"
)
MARKS = (
    ("export", b'"schema":"facecli.log-entry/'), ("export", b'"schema":"facecli.log-export/'),
    ("document", b"facecli.erasure-certificate/"), ("document", b"facecli.consent-receipt/"),
    ("cursor", b"facecli.log-cursor/"), ("export", b'{"action":"'), ("export", b'"leaf_hash":"'),
    ("export", b'"schema":"facecli.log-'), ("export", b'"consistency":['),
    ("checkpoint", "\n— ".encode()), ("checkpoint", "\r— ".encode()),
)  # fmt: skip


def check_kind(data: Any, wanted: Any) -> Any:
    """The bytes after any byte-order marks, of a file that may be of the kind wanted."""
    head = unmarked(data[:65536])
    found = next((kind for kind, mark in MARKS if mark in head), None)
    need(not FOREIGN.match(head) and (found == wanted or (not found and wanted == "document")), 1)
    return unmarked(data)


def normal(data: Any) -> list[Any]:
    """Lines with plain ends: form is not evidence."""
    data = check_kind(data, "export")
    lines = [line for line in (part.rstrip(b"\r") for part in data.split(b"\n")) if line]
    need(not any(b"\r" in line for line in lines), 1)
    return lines


def actor_form(actor: Any) -> Any:
    """Entries from before logins were recorded have no login."""
    need(set(actor) - {"login"} == {"host", "slot", "uid", "user"})
    if "login" in actor:
        need(set(actor["login"]) == {"source", "uid", "user"})
        need(actor["login"]["source"] in ("loginuid", "caller", "claimed", "none"))


def next_epoch(record: Any, before: Any, log: Any, root: Any, size: Any) -> Any:
    """The epoch that an entry log.epoch announces at this size."""
    details = record["details"]
    need(set(record) == ENTRY)
    actor_form(record["actor"])
    need((record["outcome"], record["purpose"], record["subject_id"]) == ("done", None, None))
    need(record["seq"] == size + 1 and type(details["epoch"]) is int)
    key = b64(details["key"], 32)
    if before is None:
        need(set(details) == {"epoch", "identity", "key"} and details["epoch"] == 0 == size)
        need(log.commits(b64(details["identity"], 32), key))
        return 0, 0, key
    need(set(details) == {"closing", "epoch", "key"} and before[0] < details["epoch"] < 1 << 32)
    lines = ["facecli.log/close/2", log.text, details["epoch"], size, text64(root), details["key"]]
    text = "".join(f"{line}\n" for line in lines).encode()
    signed(before[2], b64(details["closing"], 64), text)
    return details["epoch"], size, key


class Export:
    """A file with its last line read."""

    def __init__(self, data: Any) -> None:
        lines = normal(data)
        need(lines, 1)
        *self.lines, last = lines
        need(not (lines[0].startswith(b'{"action":"init",') and b',"seq":1,' in lines[0]), 1)
        need(not last.startswith(b"{") or last.endswith(b"}"), 31)
        if not last.startswith(b'{"after":'):
            raise Verdict(30 if any(line.startswith(b'{"after":') for line in lines) else 31)
        need(b',"schema":"facecli.log-export/1","seal":"' not in last, 1)
        schema = re.search(rb',"schema":"facecli\.log-export/([1-9][0-9]{0,3})","', last)
        need(schema is None or schema[1] == b"2" or b'log-export/2","seal"' in last, 1)
        self.end = load(last)
        need(set(self.end) == TRAILER and self.end["schema"] == "facecli.log-export/2")
        for name in ("after", "until"):
            need(type(self.end[name]) is int and self.end[name] >= 0)
        self.after, self.until = self.end["after"], self.end["until"]
        self.origin = stated_origin(self.end["seal"])

    def open(self, log: Any) -> None:
        self.seal = open_checkpoint(self.end["seal"], log)


def opening_of(export: Any) -> Any:
    opening = export.end["opening"]
    need((opening is None) == (export.after == 0))
    if opening is None:
        return None
    need(set(opening) == {"began", "epoch", "key"})
    need(type(opening["epoch"]) is int and type(opening["began"]) is int)
    need(opening["epoch"] >= 0 and 0 <= opening["began"] < export.after)
    return opening["epoch"], opening["began"], b64(opening["key"], 32)


def agree(states: Any, size: Any, root: Any, epoch: Any) -> None:
    known = states.setdefault(size, (root, epoch))
    need(known[1] == epoch, 31)
    need(known[0] == root)


def read_export(export: Any, log: Any, states: Any, sizes: Any) -> None:
    epoch = opening_of(export)
    known, end = placed(export.after, export.end["frontier"]), export.after
    if end in sizes:
        agree(states, end, root_of(0, end, known), epoch)
    for at, line in enumerate(export.lines):
        several = 1 if any(each.startswith(b'{"after":') for each in export.lines[at:]) else 30
        try:
            record = load(line)
            stated, schema = record.pop("leaf_hash"), record.pop("schema")
            need(schema == "facecli.log-entry/1" and set(record) == ENTRY)
            need(record["outcome"] in ("done", "refused", "failed") and AT.fullmatch(record["at"]))
            datetime.fromisoformat(record["at"][:-1])
            actor_form(record["actor"])
            need(isinstance(record["details"], dict) and isinstance(record["action"], str))
        except (ValueError, LookupError, TypeError, Verdict):
            raise Verdict(several) from None
        text = dump(record)
        leaf = sha(b"\x00", text)
        need(leaf.hex() == stated)
        need(type(record["seq"]) is int and record["seq"] == end + 1, several)
        if record["action"] == "log.epoch":
            epoch = next_epoch(record, epoch, log, root_of(0, end, known), end)
        need(epoch is not None)
        known[end, end + 1], end = leaf, end + 1
        if end in sizes:
            agree(states, end, root_of(0, end, known), epoch)
    need(end >= export.until, 31)
    need(end <= export.until)
    root, (size, sealed, in_force) = root_of(0, end, known), export.seal
    need(end <= size, 32)
    consistent(end, root, size, sealed, export.end["consistency"])
    shown = end
    for proof in export.end["epochs"]:
        need(set(proof) == {"consistency", "entry", "frontier"})
        record = load(proof["entry"])
        began = record["seq"] - 1
        need(began >= shown and record["action"] == "log.epoch")
        before = placed(began, proof["frontier"])
        after = {**before, (began, began + 1): sha(b"\x00", proof["entry"].encode())}
        consistent(began + 1, root_of(0, began + 1, after), size, sealed, proof["consistency"])
        epoch = next_epoch(record, epoch, log, root_of(0, began, before), began)
        shown = began + 1
    if epoch != in_force:
        raise Verdict(32 if not export.end["epochs"] and end < size else 30)


def check_chain(exports: Any, log: Any, kept: Any, found: Any = ()) -> None:
    exports = sorted(exports, key=lambda each: (each.after, each.until))
    states: dict[Any, Any] = {}
    until = None
    first, last = exports[0].after, max(each.until for each in exports)
    inside = [one for one in found if first <= one[0] <= last]
    for size, root, epoch in [*kept, *inside]:
        agree(states, size, root, epoch)
    for each in exports:
        if each.seal[0] > each.until:
            agree(states, *each.seal)
    sizes = {size for each in exports for size in (each.after, each.until, each.seal[0])}
    sizes |= set(states)
    for export in exports:
        if until is None and kept and max(one[0] for one in kept) < export.after:
            raise Verdict(31)
        need(until is None or export.after <= until, 31)
        read_export(export, log, states, sizes)
        until = max(until or 0, export.until)
    seals = [each.seal for each in exports]
    for one in [*seals, *kept, *inside]:
        for other in [*seals, *kept, *inside]:
            compare(one, other)
    connected = [each.seal[:2] for each in exports if each.until == last]
    need(all(size <= last or (size, root) in connected for size, root, _ in kept), 32)
    need(all(one in inside or one[:2] in connected for one in found), 32)
    need(all(seal[0] <= max(connected)[0] for seal in seals), 32)


# -- certificates and receipts ----------------------------------------------------------------


def text_sha(text: Any) -> Any:
    return sha(text.encode()).hex()


def proven(entry: Any, proof: Any, log: Any) -> Any:
    head, _, checkpoint = proof.partition("\n\n")
    magic, index, *path = head.split("\n")
    need(magic == "c2sp.org/tlog-proof@v1" and index.startswith("index "))
    found = open_checkpoint(checkpoint, log)
    need(set(entry) >= {"seq", "action"} and type(entry["seq"]) is int)
    need(number(index.removeprefix("index ")) == entry["seq"] - 1)
    included(sha(b"\x00", dump(entry)), entry["seq"] - 1, found[0], found[1], path)
    return found


def check_certificate(document: Any, log: Any) -> Any:
    need(set(document) - {"reached"} == CERTIFICATE)
    entry, details = document["entry"], document["entry"]["details"]
    found = proven(entry, document["proof"], log)
    need(entry["action"] in ("revoke.erase", "purge.erase") and entry["outcome"] == "done")
    expected = {
        **{name: entry[name] for name in ("subject_id", "purpose")},
        **{name: details[name] for name in ("reasons", "erased", "whole")},
        **{name: details.get(name) for name in ("copies", "elsewhere")},
        "erased_at": entry["at"], "by": entry["actor"], "action": entry["action"].split(".")[0],
    }  # fmt: skip
    need(dump({name: document[name] for name in expected}) == dump(expected))
    for one in document.get("reached", []):
        proven(one["entry"], one["proof"], log)
        later = one["entry"]["details"]
        need(one["entry"]["outcome"] == "done" and later["copy"] in details["copies"])
        erased = one["entry"]["action"] == "backup.erase" and later["applied"] >= entry["seq"]
        need(erased or one["entry"]["action"] in ("backup.gone", "backup.prune"))
    return [found]


def check_receipt(document: Any, log: Any) -> Any:
    log_of = document.get("log")
    need(type(log_of) is list and log_of and all(type(one) is dict for one in log_of), 1)
    found = [proven(one["entry"], one["proof"], log) for one in log_of]
    given, *ends = [one["entry"] for one in log_of]
    try:
        (purpose,) = document["pii_processing"]["purposes"]
        notice, (event, *ended) = document["pii_processing"]["privacy_notice"], document["events"]
        details, form = given["details"], document["evidence"]
        texts = [document["record_id"], document["pii_principal_id"], purpose["purpose_code"],
                 event["event_state"], notice["sha256"], notice["text"],
                 *(one[name] for one in ended for name in ("event_state", "event_time")),
                ]  # fmt: skip
        texts += [
            text
            for text in (event["valid_until"], notice.get("language"), form["sha256"])
            if text is not None
        ]
        need(all(type(text) is str for text in texts) and type(form["kept"]) is bool, 1)
        need(type(purpose["purpose_version"]) is int, 1)
    except (LookupError, ValueError, TypeError, AttributeError):
        raise Verdict(1) from None
    evidence = "none" if form["sha256"] is None else "kept" if form["kept"] else "hash"
    need((given["action"], given["outcome"]) == ("consent.record", "done"))
    need(event["event_state"] == "given")
    need(text_sha(notice["text"]) == notice["sha256"])
    stated = [text_sha(document["record_id"]), purpose["purpose_code"], purpose["purpose_version"],
              event["valid_until"], notice["sha256"], notice.get("language"),
              evidence]  # fmt: skip
    need(dump(stated) == dump([details["record_sha256"], given["purpose"], details["version"],
                               details["expires_at"], details["notice_sha256"],
                               details.get("notice_lang"), details["evidence"]]))  # fmt: skip
    need(len(ends) == len(ended))
    for entry, one in zip(ends, ended, strict=True):
        need((entry["action"], entry["outcome"]) == ("consent.withdraw", "done"))
        need(entry["subject_id"] == given["subject_id"] and entry["seq"] > given["seq"])
        need(entry["purpose"] in (None, given["purpose"]))
        need(one["event_state"] == "withdrawn" and one["event_time"] <= entry["at"])
    return found


CHECKS = {
    "facecli.erasure-certificate/2": check_certificate,
    "facecli.consent-receipt/1": check_receipt,
}


def check_document(data: Any, log: Any) -> Any:
    try:
        text = check_kind(data, "document").decode()
        found = json.loads(text, object_pairs_hook=no_doubles)
    except (ValueError, RecursionError, Verdict):
        raise Verdict(1) from None
    checkpoints = []
    for document in found if type(found) is list else [found]:
        need(type(document) is dict and document.get("schema") in CHECKS, 1)
        checkpoints += CHECKS[document["schema"]](document, log)
    need(checkpoints, 1)
    return checkpoints


def verify(exports: Any, trust_key: Any, kept: Any = (), documents: Any = ()) -> Any:
    """The exit code for exports, kept checkpoints and documents, each as bytes."""
    try:
        log = Log(trust_key)
        held, found = open_kept(kept, documents, exports, log)
        if exports:
            check_chain(opened(exports, log), log, held, found)
        else:
            for one in found:
                for other in held:
                    compare(one, other)
                    need(one[:2] == other[:2], 32)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        return 30
    except Verdict as verdict:
        return verdict.args[0]
    return 0


def open_kept(kept: Any, documents: Any, exports: Any, log: Any) -> Any:
    """The checkpoints that are kept, and those of documents."""
    try:
        held = [open_checkpoint(b"".join(line + b"\n" for line in lines_of(text)).decode(), log)
                for text in kept]  # fmt: skip
        return held, [one for data in documents for one in check_document(data, log)]
    except Stranger:
        if not any(log.name.encode() in data for data in [*kept, *documents]):
            opened(exports, log) if exports else need(False, 1)
        raise


def opened(exports: Any, log: Any) -> Any:
    """The exports, of which one at least is of the trust key's log."""
    files = [Export(data) for data in exports]
    need(log.name in [each.origin for each in files], 1)
    for each in files:
        each.open(log)
    return files


def lines_of(data: Any) -> Any:
    """The lines of a checkpoint, in which an empty one has a meaning, with plain ends."""
    text = re.sub(b"\r+\n", b"\n", check_kind(data, "checkpoint")).rstrip(b"\r\n")
    need(b"\r" not in text, 1)
    need(not CHECKPOINT_BEFORE.match(text), 1)
    return text.split(b"\n")


if __name__ == "__main__":
    given: dict[str, list[Any]] = {"--checkpoint": [], "--document": [], "": []}
    option = ""
    for word in sys.argv[2:]:
        if word in given:
            option = word
        else:
            given[option].append(Path(word).read_bytes())
            option = ""
    sys.exit(verify(given[""], sys.argv[1], given["--checkpoint"], given["--document"]))
