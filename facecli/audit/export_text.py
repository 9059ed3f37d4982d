"""The text of an export in JSON Lines: what its writer and its verifiers share.

A line is an entry's canonical JSON with the members `leaf_hash` and `schema` put in at their
places, `"…","leaf_hash":"9f86…","outcome":…` and `…,"schema":"facecli.log-entry/1","seq":…`. So a
line is made, and taken apart, without parsing the entry.

The last line is a `Trailer`. facecli-log(5) explains its members.
"""

from __future__ import annotations

import json
import re
from binascii import hexlify
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Epoch, hash_of
from facecli.audit.notes import encode_base64

ENTRY_SCHEMA = "facecli.log-entry/1"
EXPORT_SCHEMA = "facecli.log-export/2"

STRING = rb'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"'
NUMBER = rb"(?:0|[1-9][0-9]{0,15})"
HASH = rb'"[A-Za-z0-9+/]{43}="'
# The login in an actor, with the comma after it. Entries from before logins have none.
LOGIN = (
    rb'(?:"login":\{"source":"(?:loginuid|caller|claimed|none)","uid":(?:null|' + NUMBER
    + rb'),"user":(?:null|' + STRING + rb')\},)?'
)  # fmt: skip
HASHES = rb"\[(?:" + HASH + rb",?){0,64}+\]"

# A place in a text: its begin and its end.
Range = tuple[int, int]

# Between quotes a JSON string holds no bare quote, so the last of each is the entry's own.
OUTCOME, SEQ = b',"outcome":"', b',"seq":'
# What a line adds to an entry's text, each before the member that follows it there.
STATED = b',"leaf_hash":"'
STATED_HASH = STATED + b'%s"'
SCHEMA = b',"schema":"%s"' % ENTRY_SCHEMA.encode()
PLACE = SEQ + b'%d,"subject_id":'
STATED_SIZE, SCHEMA_SIZE = len(STATED_HASH % bytes(64)), len(SCHEMA)

# The members after `details`, which ends where `outcome` begins.
_TO_PURPOSE = rb'(,"outcome":' + STRING + rb',"purpose":(?:null|' + STRING + rb"))"
_FROM_SEQ = rb',"subject_id":(?:null|' + STRING + rb")\})\n"
_ENTRY_TAIL = re.compile(_TO_PURPOSE + rb'(,"seq":[0-9]+' + _FROM_SEQ)
# Only a line of this form is parsed: other JSON can take much more memory than its text.
EPOCH_PROOF = (
    rb'\{"consistency":' + HASHES + rb',"entry":' + STRING + rb',"frontier":' + HASHES + rb"\}"
)
TRAILER = re.compile(
    rb'\{"after":' + NUMBER + rb',"consistency":' + HASHES
    + rb',"epochs":\[(?:' + EPOCH_PROOF + rb",?)*+\]"
    + rb',"frontier":' + HASHES
    + rb',"opening":(?:null|\{"began":' + NUMBER + rb',"epoch":' + NUMBER + rb',"key":' + HASH
    + rb'\}),"schema":"facecli\.log-export/2","seal":' + STRING + rb',"until":' + NUMBER + rb"\}\n"
)  # fmt: skip


def lines_of(records: Sequence[bytes], leaves: Sequence[bytes]) -> bytes:
    """Return the lines of some entries, each with its newline.

    All at once: a million entries take several times as long one by one.

    Args:
        records: canonical JSON of each, without `leaf_hash` and `schema`.
        leaves: the leaf hash of each, 32 bytes.

    Raises:
        ValueError: one of `records` is no entry's canonical JSON.
    """
    pieces = _ENTRY_TAIL.split(b"\n".join([*records, b""]))
    heads, middles, ends = pieces[:-1:3], pieces[1::3], pieces[2::3]
    if len(heads) != len(records) or pieces[-1]:
        raise ValueError("this is no entry's canonical JSON")
    made = [
        b'%s,"leaf_hash":"%s"%s%s%s\n' % (head, hexlify(leaf), middle, SCHEMA, end)
        for head, leaf, middle, end in zip(heads, leaves, middles, ends, strict=True)
    ]
    return b"".join(made)


def added(line: bytes) -> list[Range] | None:
    """Return where a line, without its newline, has the stated hash and the schema.

    Returns:
        None if the schema is not in its place. What stands in the place of the hash is not looked
        at.
    """
    outcome, seq = line.rfind(OUTCOME), line.rfind(SEQ)
    begin, middle = outcome - STATED_SIZE, seq - SCHEMA_SIZE
    if not (0 < begin < middle and line[middle:seq] == SCHEMA):
        return None
    return [(begin, outcome), (middle, seq)]


@dataclass(frozen=True)
class EpochProof:
    """An entry `log.epoch` between an export's end and its checkpoint, and its place in the log.

    Attributes:
        entry: the entry's canonical JSON.
        frontier: the log's frontier before the entry.
        consistency: proof from the log that ends with the entry to the checkpoint's size.
    """

    entry: str
    frontier: tuple[bytes, ...]
    consistency: tuple[bytes, ...]


@dataclass(frozen=True)
class Trailer:
    """The last line of an export of entries `after + 1` to `until`.

    Attributes:
        frontier: the log's frontier at size `after`.
        consistency: proof from size `until` to the checkpoint's size.
        opening: the epoch in force at size `after`; None if that is 0.
        epochs: the epochs that began between `until` and the checkpoint.
        seal: the checkpoint, a signed note.
    """

    after: int
    until: int
    frontier: tuple[bytes, ...]
    consistency: tuple[bytes, ...]
    opening: Epoch | None
    epochs: tuple[EpochProof, ...]
    seal: str

    @property
    def line(self) -> bytes:
        """The line, with its newline."""
        opening = self.opening
        return canonical({
            "schema": EXPORT_SCHEMA,
            "after": self.after,
            "until": self.until,
            "frontier": _texts(self.frontier),
            "consistency": _texts(self.consistency),
            "opening": None if opening is None else {
                "epoch": opening.number,
                "began": opening.began,
                "key": encode_base64(opening.key),
            },
            "epochs": [
                {
                    "entry": proof.entry,
                    "frontier": _texts(proof.frontier),
                    "consistency": _texts(proof.consistency),
                }
                for proof in self.epochs
            ],
            "seal": self.seal,
        }) + b"\n"  # fmt: skip

    @classmethod
    def parse(cls, line: bytes) -> Trailer:
        """Read a last line, with its newline.

        Raises:
            ValueError: it is anything else.
        """
        record: dict[str, Any] = json.loads(line) if TRAILER.fullmatch(line) else {}
        if not record or canonical(record) + b"\n" != line:
            raise ValueError("it is no last line of an export")
        opening = record["opening"]
        return cls(
            after=record["after"],
            until=record["until"],
            frontier=_hashes(record["frontier"]),
            consistency=_hashes(record["consistency"]),
            opening=None if opening is None else Epoch(
                opening["epoch"], opening["began"], hash_of(opening["key"])
            ),
            epochs=tuple(
                EpochProof(one["entry"], _hashes(one["frontier"]), _hashes(one["consistency"]))
                for one in record["epochs"]
            ),
            seal=record["seal"],
        )  # fmt: skip


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [encode_base64(value) for value in hashes]


def _hashes(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(map(hash_of, texts))
