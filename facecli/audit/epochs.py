"""Epochs: the entries `log.epoch`, by which each key of the log hands over to the next.

Entry 1 of every log announces epoch 0: `{"epoch":0,"identity":I,"key":K}`. Each later entry
`log.epoch` has `{"closing":S,"epoch":e,"key":K}`, where S is the signature of the key that ends
over what `closing_text` returns. The seed of that key is overwritten in the same transaction, so
that nobody who comes later can sign another past.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from facecli.audit.checkpoints import Epoch
from facecli.audit.export_text import HASH, LOGIN, NUMBER, STRING
from facecli.audit.notes import decode_base64, encode_base64
from facecli.audit.trust_key import TrustKey
from facecli.errors.audit import LogAltered
from facecli.keys.signing import SigningKey, VerifierKey

ACTION = "log.epoch"
CLOSING_TEXT = "facecli.log/close/2"
# The canonical JSON of an entry that announces an epoch, all of it.
ENTRY = (
    rb'\{"action":"log\.epoch","actor":\{"host":' + STRING + b"," + LOGIN + rb'"slot":' + STRING
    + rb',"uid":' + NUMBER + rb',"user":' + STRING + rb'\},"at":' + STRING
    + rb',"details":\{(?:"closing":"[A-Za-z0-9+/]{86}==",)?"epoch":' + NUMBER
    + rb'(?:,"identity":' + HASH + rb')?,"key":' + HASH
    + rb'\},"outcome":"done","purpose":null,"seq":' + NUMBER + rb',"subject_id":null\}'
)  # fmt: skip
WHOLE_ENTRY = re.compile(ENTRY)
DETAILS = re.compile(
    rb'"details":\{(?:"closing":"([^"]*)",)?"epoch":([0-9]+)(?:,"identity":"([^"]*)")?'
    rb',"key":"([^"]*)"\},"outcome":"done","purpose":null,"seq":([0-9]+),"subject_id":null\}\Z'
)
GREATEST = 2**32 - 1


@dataclass(frozen=True)
class Announcement:
    """The content of an entry `log.epoch`: an epoch, and its proof that it may begin."""

    epoch: Epoch
    identity: bytes | None
    closing: bytes | None

    @classmethod
    def parse(cls, record: bytes) -> Announcement:
        """Read the canonical JSON of an entry `log.epoch`.

        Raises:
            LogAltered: it is not of the one form that facecli writes.
        """
        found = DETAILS.search(record) if WHOLE_ENTRY.fullmatch(record) else None
        if found is None:
            raise LogAltered(why="an entry log.epoch is not of the form that facecli writes")
        closing, number, identity, key, seq = found.groups()
        try:
            epoch = Epoch(int(number), int(seq) - 1, decode_base64(key.decode()))
            if epoch.number > GREATEST:
                raise ValueError
            return cls(
                epoch,
                None if identity is None else decode_base64(identity.decode()),
                None if closing is None else decode_base64(closing.decode()),
            )
        except ValueError:
            raise LogAltered(
                why=f"entry {int(seq)}, a log.epoch, is not of the form that facecli writes"
            ) from None

    def check_first(self, trust_key: TrustKey) -> None:
        """Check that this is entry 1 of the log of `trust_key`.

        Raises:
            LogAltered: it is not.
        """
        if (
            self.closing is not None
            or self.identity is None
            or self.epoch[:2] != (0, 0)
            or not trust_key.commits_to(self.identity, self.epoch.key)
        ):
            raise LogAltered(why="entry 1 does not announce the keys of the trust key")

    def check_follows(self, before: Epoch, trust_key: TrustKey, root: bytes) -> None:
        """Check that the key of the epoch `before` handed over to this one.

        Args:
            root: the log's root before this entry.

        Raises:
            LogAltered: it did not.
        """
        seq = self.epoch.began + 1
        if self.identity is not None or self.closing is None or self.epoch.number <= before.number:
            raise LogAltered(why=f"entry {seq} announces no epoch after epoch {before.number}")
        text = closing_text(trust_key, self.epoch, root)
        if not VerifierKey(trust_key.name, before.key).verify(self.closing, text):
            raise LogAltered(
                why=f"the key of epoch {before.number} did not sign entry {seq}, by which epoch "
                f"{self.epoch.number} begins, over the entries before it"
            )


def closing_text(trust_key: TrustKey, epoch: Epoch, root: bytes) -> bytes:
    """Return the text that a key signs at its end.

    Args:
        epoch: the epoch that begins; `began` is the log's size before its entry.
        root: the log's root at that size.
    """
    lines = [CLOSING_TEXT, str(trust_key), str(epoch.number), str(epoch.began),
             encode_base64(root), encode_base64(epoch.key)]  # fmt: skip
    return "".join(f"{line}\n" for line in lines).encode()


def first_details(identity: bytes, key: bytes) -> dict[str, Any]:
    """Return the details of entry 1, from the public halves of identity key and epoch key."""
    return {"epoch": 0, "identity": encode_base64(identity), "key": encode_base64(key)}


def handover_details(
    key: SigningKey, trust_key: TrustKey, epoch: Epoch, root: bytes
) -> dict[str, Any]:
    """Return the details of the entry by which `key` hands over to `epoch`.

    Args:
        key: the key of the epoch that ends.
        epoch: the epoch that begins.
        root: the log's root before the entry.
    """
    closing = key.sign(closing_text(trust_key, epoch, root))
    return {
        "closing": encode_base64(closing),
        "epoch": epoch.number,
        "key": encode_base64(epoch.key),
    }
