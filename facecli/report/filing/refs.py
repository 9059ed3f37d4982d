"""REFs in a report for comparison with those of other databases, as they are or as tags.

A tag is an HMAC-SHA256 of the REF under a key of the operator's own, given to every database. Equal
REFs have equal tags. Without the key, nobody finds a REF by trying; with it, anybody can.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["none", "tags", "refs"]
TAG_BYTES = 16
LABEL = b"facecli.filing/1\0"


@dataclass(frozen=True)
class Refs:
    """The people of one database for comparison. key_id: names the key of the tags."""

    kind: Kind = "none"
    key_id: str | None = None
    values: frozenset[str] = field(default=frozenset())

    def is_comparable(self, other: Refs) -> bool:
        """Return True if equal people have equal values in both."""
        return self.kind != "none" and (self.kind, self.key_id) == (other.kind, other.key_id)


def plain(refs: Iterable[str]) -> Refs:
    """Return REFs as they are."""
    return Refs("refs", None, frozenset(refs))


def tagged(refs: Iterable[str], key: bytes) -> Refs:
    """Return REFs as tags under a key."""
    return Refs(
        "tags", _tag(key, b"key"), frozenset(_tag(key, b"ref\0" + ref.encode()) for ref in refs)
    )


def _tag(key: bytes, message: bytes) -> str:
    return hmac.digest(key, LABEL + message, hashlib.sha256)[:TAG_BYTES].hex()
