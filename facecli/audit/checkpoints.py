"""Checkpoints (c2sp.org/tlog-checkpoint), the chain of keys that sign them, and the seal file.

A *checkpoint* is a signed note that states the log's origin, its size and its root:

    facecli.log/9f86d081884c7d65
    812
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — facecli.log/9f86d081884c7d65 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5…

It fixes the first 812 entries: no other entries have that root. What it does not say is who may
sign. The first public key, the *trust key*, leaves the machine when the database is created.
Each *epoch* of the log has its own signing key. An epoch ends with a *succession*: a note signed
by its key that names the key of the next one, and then that signing key is erased.

    facecli.log/9f86d081884c7d65/epoch                    the origin, and what this note is
    3                                                     the number of the epoch that begins
    812                                                   the log's size at that moment
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=          the log's root at that moment
    facecli.log/9f86d081884c7d65+2b1d3a77+AX…=            the key that signs from then on
    7Rx…=                                                 consistency proof from the size of the
    …                                                     succession before, a hash a line

The first epoch is number 0; it begins with an empty log. The proof has the hashes of RFC 6962's
PROOF(previous size, D[size]), none where the previous size is 0 or the same. The first line can
be no checkpoint's origin, and the third line no root, so that neither note passes for the other.

A *seal* is a checkpoint with all that is needed to believe it, given the trust key: the file that
`log checkpoint` prints and `log export --checkpoint` keeps. It is the checkpoint note, then every
succession in order, then, if the log has grown since the last of them, a consistency proof from
there; each is separated from the one before by an empty line:

    <checkpoint note>

    <succession note, epoch 1>
    …
    <succession note, epoch N>

    consistency 790
    <hash in base64>
    …

In epoch 0 that is the checkpoint note alone, which any C2SP tool reads.

An *export* in JSON Lines is log entries (`facecli.log-entry/1`), each as canonical JSON on a line
of its own that ends in a newline, in the order of `seq` without a gap, and then one last line,
canonical JSON too, with exactly these members:

    schema       "facecli.log-export/1"
    after        the `seq` of the last entry before this export; 0 if it begins with the first
    until        the `seq` of its last entry; the same as `after` if it holds none
    frontier     the log's frontier at size `after`: its complete subtrees, largest first, a list
    consistency  consistency proof from size `until` to the seal's size; [] where they are equal
    seal         the text of a seal whose size is `until` or more

Its hashes are in base64. The entry with `seq` n is leaf n - 1 of the tree. Its leaf hash is over
the canonical JSON of the entry without the members `leaf_hash` and `schema`.

What each step of `open_seal` proves, and so what each kind of attacker cannot do:

1. The chain from the trust key: each key was named by the holder of the one before. A checkpoint
   or a succession signed by any other key is worth nothing: nobody can bring a log of his own.
2. The proofs from one succession to the next, and from the last one to the checkpoint: the log
   that is sealed now begins with the log of every earlier succession. Whoever steals the key of
   epoch e holds none of the erased keys before it; the root of the succession that began epoch e
   is out of his reach, so that he can't re-sign an entry older than that.
3. The checkpoint is not smaller than the log was when its key was made: a thief of today's key
   can't vouch with it for an older, shorter log.

And of comparing two seals (`compare`), of which the auditor holds one:

4. Both follow the same chain. If an epoch was succeeded twice, an erased key came back: the
   database was put back to an earlier copy, whatever was written to it since.
5. A key signed nothing larger than the log was when the key was erased. The same conclusion.

What they do not prove: that an entry which is younger than the last seal outside of the
attacker's reach is genuine. Who holds today's key and the database can write anything from the
last succession on, and can put back the whole database, keys included, to where it was at any
earlier time; only a reader who holds a later seal notices (4, 5, and the sizes).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from facecli.audit import notes
from facecli.audit.merkle import EMPTY_ROOT, HASH_SIZE, Tree, verify_consistency
from facecli.errors.audit import LogAltered, LogTruncated, NoTrustKey
from facecli.keys.signing import SigningKey, VerifierKey

NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
EPOCH_SUFFIX = "/epoch"


@dataclass(frozen=True)
class Checkpoint:
    """The text of a checkpoint: `size` entries of the log `origin` have this root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note's text, which is what is signed."""
        lines = [self.origin, str(self.size), notes.encode_base64(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text.

        Raises:
            ValueError: it is no checkpoint.
        """
        lines = _lines(text)
        if len(lines) < 3:
            raise ValueError("a checkpoint has three lines at least")
        return cls(lines[0], _number(lines[1]), _hash(lines[2]), tuple(lines[3:]))


@dataclass(frozen=True)
class Succession:
    """The text of a succession: at this size and root, `successor` became the log's key."""

    origin: str
    epoch: int
    size: int
    root: bytes
    successor: VerifierKey
    consistency: tuple[bytes, ...] = ()

    @property
    def text(self) -> str:
        """The note's text, which is what is signed."""
        lines = [
            self.origin + EPOCH_SUFFIX,
            str(self.epoch),
            str(self.size),
            notes.encode_base64(self.root),
            str(self.successor),
            *map(notes.encode_base64, self.consistency),
        ]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Succession:
        """Read a note's text.

        Raises:
            ValueError: it is no succession.
        """
        lines = _lines(text)
        if len(lines) < 5 or not lines[0].endswith(EPOCH_SUFFIX):
            raise ValueError("a succession has five lines at least and says so in the first")
        return cls(
            origin=lines[0].removesuffix(EPOCH_SUFFIX),
            epoch=_number(lines[1]),
            size=_number(lines[2]),
            root=_hash(lines[3]),
            successor=VerifierKey.parse(lines[4]),
            consistency=tuple(_hash(line) for line in lines[5:]),
        )


@dataclass(frozen=True)
class Epoch:
    """An epoch that was proven to follow from the trust key: its key, and where it begins."""

    number: int
    key: VerifierKey
    size: int
    root: bytes


@dataclass(frozen=True)
class Seal:
    """A checkpoint that was proven to follow from the trust key, with the epochs up to its own."""

    checkpoint: Checkpoint
    epochs: tuple[Epoch, ...]


def parse_trust_key(text: str) -> VerifierKey:
    """The trust key as the auditor kept it.

    Raises:
        NoTrustKey: it is no verifier key.
    """
    try:
        return VerifierKey.parse(text.strip())
    except ValueError as error:
        raise NoTrustKey(why=str(error)) from error


def sign_succession(
    key: SigningKey, successor: VerifierKey, *, epoch: int, began: int, size: int, tree: Tree
) -> str:
    """The note by which `key` hands the log over; after it, `key` must be erased.

    It proves that the holder of `key` saw the log in this state, and that this state continues
    the one in which `key` itself took over.

    Args:
        key: the key of the epoch that ends.
        successor: the public key of the epoch that begins; it has the same name.
        epoch: number of the epoch that begins, 1 or more.
        began: the log's size when the epoch that ends began; 0 for epoch 0.
        size: the log's size now.
        tree: the log's tree.
    """
    statement = Succession(
        origin=key.name,
        epoch=epoch,
        size=size,
        root=tree.root(size),
        successor=successor,
        consistency=tuple(tree.consistency(began, size)),
    )
    return notes.sign(statement.text, [key])


def make_seal(
    key: SigningKey, successions: Sequence[str], *, began: int, size: int, tree: Tree
) -> str:
    """The text of a seal of the log's first `size` entries.

    Args:
        key: the key of the present epoch.
        successions: every succession note so far, epoch 1 first.
        began: the log's size when the present epoch began; 0 for epoch 0.
        size: how many entries to seal, `began` or more.
        tree: the log's tree.
    """
    checkpoint = Checkpoint(key.name, size, tree.root(size))
    parts = [notes.sign(checkpoint.text, [key]), *successions]
    if 0 < began < size:
        proof = map(notes.encode_base64, tree.consistency(began, size))
        parts.append("".join(f"{line}\n" for line in (f"consistency {began}", *proof)))
    return "\n".join(parts)


def checkpoint_note(seal: str) -> str:
    """The bare checkpoint note at the head of a seal, for other C2SP tools."""
    return "\n\n".join(seal.split("\n\n")[:2]).rstrip("\n") + "\n"


def open_seal(text: str | bytes, trust_key: VerifierKey) -> Seal:
    """Verify a seal from the trust key on (what that proves: see the module).

    Args:
        text: the seal; a file's must be read as bytes, lest its newlines be translated.
        trust_key: the log's first public key.

    Raises:
        LogAltered: it is damaged, was signed by keys that do not follow from the trust key, is
            another log's, or does not continue the log of an earlier epoch.
        LogTruncated: it seals less than there was when its key was made.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode()
        note, successions, claimed, proof = _parts(text)
        epochs = _follow(successions, trust_key)
        checkpoint = _signed_checkpoint(note, epochs[-1].key)
    except ValueError as error:
        raise LogAltered(why=f"the checkpoint does not verify ({error})") from error
    began = epochs[-1]
    if checkpoint.size < began.size:
        raise LogTruncated(
            why=f"the checkpoint covers {checkpoint.size} entries, and its key was made when "
            f"there were {began.size}"
        )
    growing = 0 < began.size < checkpoint.size
    if claimed != (began.size if growing else None) or not _continues(began, checkpoint, proof):
        raise LogAltered(why=f"the checkpoint does not continue the log of epoch {began.number}")
    return Seal(checkpoint, epochs)


def compare(seal: Seal, held: Seal) -> None:
    """Check that two seals of one trust key come from one history of keys.

    Args:
        seal: the log's present seal.
        held: one that the auditor holds; either may be the older one.

    Raises:
        LogTruncated: they do not, so the database was put back and its old key used again.
    """
    for one, other in zip(seal.epochs, held.epochs, strict=False):
        if one != other:
            raise LogTruncated(
                why=f"epoch {one.number} began twice, so an erased signing key was used again"
            )
    older, newer = sorted((seal, held), key=lambda each: len(each.epochs))
    if len(older.epochs) < len(newer.epochs):
        ended = newer.epochs[len(older.epochs)].size
        if older.checkpoint.size > ended:
            raise LogTruncated(
                why=f"the key of epoch {older.epochs[-1].number} was erased at {ended} entries "
                f"and signed a checkpoint of {older.checkpoint.size}"
            )


def _parts(text: str) -> tuple[str, list[str], int | None, list[bytes]]:
    """Cut a seal into checkpoint note, succession notes, and its proof's start and hashes."""
    if not text.endswith("\n"):
        raise ValueError("it does not end in a newline")
    parts = text[:-1].split("\n\n")
    claimed, proof = None, []
    if len(parts) % 2:
        head, *hashes = parts.pop().split("\n")
        if not head.startswith("consistency "):
            raise ValueError("it has a part that is no signed note")
        claimed, proof = _number(head.removeprefix("consistency ")), [_hash(h) for h in hashes]
    found = [f"{body}\n\n{signed}\n" for body, signed in zip(parts[::2], parts[1::2], strict=True)]
    if not found:
        raise ValueError("it holds no checkpoint")
    return found[0], found[1:], claimed, proof


def _follow(successions: Sequence[str], trust_key: VerifierKey) -> tuple[Epoch, ...]:
    epochs = [Epoch(0, trust_key, 0, EMPTY_ROOT)]
    for number, text in enumerate(successions, start=1):
        before, note = epochs[-1], notes.parse(text)
        if not note.is_signed_by(before.key):
            raise ValueError(f"the key of epoch {before.number} did not sign its succession")
        statement = Succession.parse(note.text)
        if (statement.origin, statement.successor.name) != (trust_key.name, trust_key.name):
            raise ValueError(f"the succession to epoch {number} is another log's")
        if statement.epoch != number or not verify_consistency(
            before.size, before.root, statement.size, statement.root, statement.consistency
        ):
            raise ValueError(f"epoch {number} does not continue epoch {before.number}")
        epochs.append(Epoch(number, statement.successor, statement.size, statement.root))
    return tuple(epochs)


def _signed_checkpoint(text: str, key: VerifierKey) -> Checkpoint:
    note = notes.parse(text)
    if not note.is_signed_by(key):
        raise ValueError("it is not signed by a key that follows from the trust key")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise ValueError("it is another log's")
    return checkpoint


def _continues(began: Epoch, checkpoint: Checkpoint, proof: Sequence[bytes]) -> bool:
    return verify_consistency(began.size, began.root, checkpoint.size, checkpoint.root, proof)


def _lines(text: str) -> list[str]:
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or not all(lines):
        raise ValueError("every line is non-empty and ends in a newline")
    return lines


def _number(text: str) -> int:
    if NUMBER.fullmatch(text) is None:
        raise ValueError("a number is decimal, without a leading zero")
    return int(text)


def _hash(text: str) -> bytes:
    value = notes.decode_base64(text)
    if len(value) != HASH_SIZE:
        raise ValueError("a hash has 32 bytes")
    return value
