"""Is the log whole? Pure functions over what an auditor, or the database, holds.

`verify_export` needs an export, the trust key and perhaps a seal kept from before; `verify_stored`
does the same for the entries in the database. Both read once, from first to last, in memory that
does not grow with the log. The layouts, and what a seal proves, are in `audit.checkpoints`.

An export line is taken apart as text, not parsed: the members `leaf_hash` and `schema` are cut
out at their places, what is left is hashed, and its place in the tree is what makes it genuine.
Where both fit the sealed root, the line is the very text that was logged, with these two added:
their places are the last `outcome` and the last `seq`, which are the entry's own, since between
quotes a JSON string holds no bare quote.
"""

from __future__ import annotations

import json
import re
from binascii import hexlify
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice, repeat
from typing import Any

from facecli.audit.canonical import canonical
from facecli.audit.checkpoints import Seal, compare, open_seal
from facecli.audit.exports.jsonl import ENTRY_SCHEMA
from facecli.audit.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    Frontier,
    Span,
    leaf_hash,
    verify_consistency,
)
from facecli.audit.notes import decode_base64
from facecli.errors.audit import LogAltered, LogTruncated, LogUnsealed
from facecli.keys.signing import VerifierKey

# An entry in the database: `seq`, canonical JSON, leaf hash.
Row = tuple[int, bytes, bytes]

OUTCOME, SEQ = b',"outcome":"', b',"seq":'
PLACE = SEQ + b'%d,"subject_id":'
# What `jsonl.line_of` adds to an entry's text, each before the member that follows it there.
STATED_HASH = b',"leaf_hash":"%s"'
SCHEMA = b',"schema":"%s"' % ENTRY_SCHEMA.encode()
STATED_SIZE, SCHEMA_SIZE = len(STATED_HASH % bytes(64)), len(SCHEMA)
SEQ_NUMBER = re.compile(SEQ + rb"([1-9][0-9]{0,15}),")
STRING = rb'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"'
NUMBER = rb"(?:0|[1-9][0-9]{0,15})"
HASHES = rb'\[(?:"[A-Za-z0-9+/]{43}=",?){0,64}\]'
# Only what has this form is parsed: any other JSON might take much more memory than its text.
TRAILER = re.compile(
    rb'\{"after":' + NUMBER + rb',"consistency":' + HASHES + rb',"frontier":' + HASHES
    + rb',"schema":"facecli\.log-export/1","seal":' + STRING + rb',"until":' + NUMBER + rb"\}\n"
)  # fmt: skip


@dataclass(frozen=True)
class Verified:
    """What was proven: entries `after + 1` to `until` of a log that `seal` seals are genuine.

    Attributes:
        after: entries before the first that was read; their hashes are proven, not their text.
        until: `seq` of the last entry that was read.
        seal: the seal that fixes them. In `verify_export` it covers `until` entries or more, and
            more means that the export leaves out the end of the sealed log, as `--until` does.
            In `verify_stored` it may cover fewer: those after it are not sealed yet.
    """

    after: int
    until: int
    seal: Seal


@dataclass(frozen=True)
class Trailer:
    """The last line of an export; see `audit.checkpoints`."""

    after: int
    until: int
    frontier: tuple[bytes, ...]
    consistency: tuple[bytes, ...]
    seal: str


def verify_export(
    lines: Iterable[bytes], trust_key: VerifierKey, held: str | bytes | None = None
) -> Verified:
    """Verify an export in JSON Lines.

    Args:
        lines: its lines with their newlines, as a file opened in binary mode gives them.
        trust_key: the log's first public key, kept by the auditor since the log began.
        held: the text of a seal that the auditor kept, from this export or any other.

    Raises:
        LogAltered: an entry was edited, removed from the middle, inserted or reordered, or the
            seal does not verify, or the log is not the one that `held` seals.
        LogTruncated: entries are missing at the end, or between `held` and the first one; or the
            log was put back to an earlier state.
        LogUnsealed: there are entries that the export's seal does not cover.
    """
    kept = None if held is None else open_seal(held, trust_key)
    reader = _Reader(lines)
    span, watched = reader.read(None if kept is None else kept.checkpoint.size)
    trailer = reader.trailer
    if trailer is None:
        raise LogTruncated(why="the export ends without the checkpoint that every export ends with")
    seal = open_seal(trailer.seal, trust_key)
    frontier = _starting_frontier(trailer, span)
    _check_end(span.end, trailer.until, seal.checkpoint.size)
    root = frontier.join(span).root()
    checkpoint = seal.checkpoint
    if not verify_consistency(
        span.end, root, checkpoint.size, checkpoint.root, trailer.consistency
    ):
        raise LogAltered(why="its entries are not those that the checkpoint seals")
    if kept is not None:
        at_kept = None if watched is None else frontier.join(watched).root()
        _check_against(kept, seal, until=span.end, after=span.begin, root=at_kept)
    return Verified(span.begin, span.end, seal)


def verify_stored(
    entries: Iterable[Sequence[Row]],
    recorded: Frontier,
    seal: Seal | None,
    held: Seal | None = None,
) -> Verified:
    """Verify the entries of a database, from the first one on.

    Args:
        entries: all of them in the order of `seq`, some at a time.
        recorded: the frontier that the database keeps.
        seal: the database's last seal, opened with the trust key.
        held: a seal that the auditor kept, opened with the trust key.

    Raises:
        LogAltered: an entry does not fit its hash, its place, or a seal.
        LogTruncated: entries are missing at the end, or the log was put back.
        LogUnsealed: nothing was ever sealed.
    """
    seals = [each for each in (seal, held) if each is not None]
    watch = {size for each in seals for size, _ in _sealed_roots(each)}
    span, roots = Span(), {0: EMPTY_ROOT}
    leaves = _leaves_in(entries)
    for size in sorted(watch):
        span.extend(islice(leaves, size - span.end))
        if span.end == size:
            roots[size] = Frontier().join(span).root()
    span.extend(leaves)
    if seal is not None and held is not None:
        compare(seal, held)
    for size, root in chain.from_iterable(map(_sealed_roots, seals)):
        if roots.get(size, root) != root:
            raise LogAltered(why=f"its first {size} entries are not those that were sealed")
    if span.end < recorded.size:
        raise LogTruncated(why=f"entries {span.end + 1} to {recorded.size} are missing")
    if Frontier().join(span) != recorded:
        raise LogAltered(why="its entries are not those that were appended")
    if seal is None:
        raise LogUnsealed(why=f"no checkpoint was ever made of its {span.end} entries")
    for each in seals:
        if each.checkpoint.size > span.end:
            raise LogTruncated(
                why=f"it ends at entry {span.end}, and {each.checkpoint.size} were sealed before"
            )
    return Verified(0, span.end, seal)


def _sealed_roots(seal: Seal) -> list[tuple[int, bytes]]:
    """Every size whose root a seal states: the checkpoint's and those where epochs began."""
    began = [(epoch.size, epoch.root) for epoch in seal.epochs]
    return [*began, (seal.checkpoint.size, seal.checkpoint.root)]


class _Reader:
    """The lines of an export, one pass: their leaf hashes, and in the end the trailer."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.trailer: Trailer | None = None
        self._lines = lines
        self._seq = 0

    def read(self, watch: int | None) -> tuple[Span, Span | None]:
        """The span of all entries, and what it was at size `watch`, if it reached over that."""
        leaves = self._leaves()
        first = list(islice(leaves, 1))
        begin = self._seq - len(first) if self.trailer is None else self.trailer.after
        span, watched = Span(begin), None
        leaves = chain(first, leaves)
        if watch is not None and watch >= begin:
            span.extend(islice(leaves, watch - begin))
            if span.end == watch:
                watched = span.copy()
        span.extend(leaves)
        return span, watched

    def _leaves(self) -> Iterator[bytes]:
        expected, rfind = 0, bytes.rfind
        for number, line in enumerate(self._lines, start=1):
            if self.trailer is not None:
                raise LogAltered(why=f"line {number} comes after the checkpoint at its end")
            outcome, seq = rfind(line, OUTCOME), rfind(line, SEQ)
            start, middle = outcome - STATED_SIZE, seq - SCHEMA_SIZE
            if not (0 < start < middle and line[middle:seq] == SCHEMA and line[-1:] == b"\n"):
                self.trailer = _read_trailer(line, number)
                continue
            text = line[:start] + line[outcome:middle] + line[seq:-1]
            leaf = sha256(b"\x00" + text).digest()
            if line[start:outcome] != STATED_HASH % hexlify(leaf):
                raise LogAltered(why=f"line {number} does not have the hash that it states")
            expected = expected + 1 if expected else _seq_of(line, seq, number)
            if not line.startswith(PLACE % expected, seq):
                found = _seq_of(line, seq, number)
                raise LogAltered(why=f"entry {found} stands where entry {expected} belongs")
            self._seq = expected
            yield leaf


def _seq_of(line: bytes, at: int, number: int) -> int:
    found = SEQ_NUMBER.match(line, at)
    if found is None:
        raise LogAltered(why=f"line {number} is no entry as facecli writes them")
    return int(found[1])


def _read_trailer(line: bytes, number: int) -> Trailer:
    if not line.endswith(b"\n"):
        raise LogTruncated(why=f"line {number} was cut short")
    try:
        record: dict[str, Any] = json.loads(line) if TRAILER.fullmatch(line) else {}
        if canonical(record) + b"\n" != line:
            raise ValueError
        return Trailer(
            after=record["after"],
            until=record["until"],
            frontier=tuple(map(_hash, record["frontier"])),
            consistency=tuple(map(_hash, record["consistency"])),
            seal=record["seal"],
        )
    except ValueError as error:
        why = "is no entry as facecli writes them"
        if line.endswith(b"\r\n"):
            why = "ends in CR LF: something on the way has changed the ends of lines"
        raise LogAltered(why=f"line {number} {why}") from error


def _hash(text: str) -> bytes:
    value = decode_base64(text)
    if len(value) != HASH_SIZE:
        raise ValueError("a hash is 32 bytes in base64")
    return value


def _starting_frontier(trailer: Trailer, span: Span) -> Frontier:
    if span.begin != trailer.after:
        raise LogAltered(
            why=f"it begins with entry {span.begin + 1}, and entry {trailer.after + 1} is missing"
            if span.begin > trailer.after
            else f"it begins with entry {span.begin + 1}, before where it says it begins"
        )
    try:
        return Frontier(trailer.after, trailer.frontier)
    except ValueError as error:
        raise LogAltered(why="what it says of the entries before it does not fit") from error


def _check_end(end: int, until: int, sealed: int) -> None:
    if end < until:
        raise LogTruncated(why=f"entries {end + 1} to {until} are missing")
    if end > until:
        raise LogAltered(why=f"entries {until + 1} to {end} were added to it")
    if end > sealed:
        raise LogUnsealed(why=f"entries {sealed + 1} to {end} are not covered by its checkpoint")


def _check_against(held: Seal, seal: Seal, *, until: int, after: int, root: bytes | None) -> None:
    """Check a log that `seal` seals against another seal of it; `root` is the log's at its size."""
    compare(seal, held)
    size, kept_root = held.checkpoint.size, held.checkpoint.root
    if size > until and (size, kept_root) != (seal.checkpoint.size, seal.checkpoint.root):
        raise LogTruncated(why=f"it ends at entry {until}, and {size} were sealed before")
    if 0 < size < after:
        raise LogTruncated(why=f"it begins after entry {after}, and the checkpoint ends at {size}")
    if root is not None and root != kept_root:
        raise LogAltered(why=f"its first {size} entries are not those that were sealed before")


def _leaves_in(entries: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    after = 0
    for rows in entries:
        yield from leaves_of(rows, after)
        after += len(rows)


def leaves_of(rows: Sequence[Row], after: int) -> list[bytes]:
    """The leaf hashes of some entries of a database, each held against its text and its place.

    Args:
        rows: entries in the order of `seq`.
        after: how many there are before them.

    Raises:
        LogAltered: an entry does not have its hash, or does not state its place.
    """
    seqs, records, stored = zip(*rows, strict=True)
    leaves = [sha256(b"\x00" + record).digest() for record in records]  # `leaf_hash`, in place
    # All at once, since a million comparisons of bytes in Python take longer than hashing them.
    starts = map(bytes.rfind, records, repeat(SEQ))
    if (
        seqs != tuple(range(after + 1, after + 1 + len(rows)))
        or leaves != list(stored)
        or not all(map(bytes.startswith, records, map(PLACE.__mod__, seqs), starts))
    ):
        raise _what_is_wrong(rows, after)
    return leaves


def _what_is_wrong(rows: Sequence[Row], after: int) -> LogAltered:
    for expected, (seq, _, _) in enumerate(rows, start=after + 1):
        if seq != expected:
            return LogAltered(why=f"entry {seq} stands where entry {expected} belongs")
    wrong = next(
        seq
        for seq, record, stored in rows
        if leaf_hash(record) != stored or not record.startswith(PLACE % seq, record.rfind(SEQ))
    )
    return LogAltered(why=f"entry {wrong} does not have the hash that was recorded")
