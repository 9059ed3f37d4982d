"""Verifying the log: exports, one or many as one chain, and the entries of a database.

Everything is read once, in order, in memory that does not grow with the log. facecli-log(5) gives
the rules step by step, and the reason for each exit code.
"""

from __future__ import annotations

import re
from binascii import hexlify
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from facecli.audit import links
from facecli.audit.chain_end import ChainEnd, Kept
from facecli.audit.checkpoints import Checkpoint, Epoch, compare, named, open_checkpoint
from facecli.audit.entry_form import is_entry
from facecli.audit.entry_shapes import MARKED, Leaves, Shapes
from facecli.audit.epochs import Announcement
from facecli.audit.export_files import ExportFile, check_single
from facecli.audit.export_text import PLACE, STATED_HASH, EpochProof, Trailer, added
from facecli.audit.links import Link
from facecli.audit.merkle import Frontier, leaf_hash, verify_consistency
from facecli.audit.stored_entries import Row, leaves_of
from facecli.audit.trust_key import TrustKey
from facecli.audit.verifier_files import EXPORT, bare_cr
from facecli.audit.walk import SEQ_NUMBER, Known, Restore, State, Walk, walk_entries
from facecli.audit.words import counted_entries
from facecli.errors.audit import LogAltered, LogTruncated, LogUnsealed
from facecli.steps import counting

AT = re.compile(rb',"at":"([^"]{1,40})","details":')


@dataclass
class Verified:
    """The result: entries `after + 1` to `until` of one log are genuine.

    Attributes:
        after: entries before the first that was read; their hashes are proven, not their text.
        until: `seq` of the last entry that was read.
        first_at, last_at: the times that the first and the last entry state; "" if there is none.
        checkpoint: the largest checkpoint that is shown to go on from entry `until`. More
            entries than `until` mean that the end is left out, as `--until` does.
        covering: the checkpoints that were found to be of this log.
        changed: by file, the changes of form that were put right.
    """

    after: int
    until: int
    first_at: str
    last_at: str
    checkpoint: Checkpoint
    covering: list[Checkpoint] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)


def verify_export(file: ExportFile, trust_key: TrustKey, kept: Sequence[Kept] = ()) -> Verified:
    """Verify one export. See `verify_chain`."""
    return verify_chain([file], trust_key, kept)


def verify_chain(
    files: Sequence[ExportFile],
    trust_key: TrustKey,
    kept: Sequence[Kept] = (),
    proven: Sequence[Kept] = (),
    linked: Sequence[tuple[Link, Checkpoint]] = (),
) -> Verified:
    """Verify exports of one log as one chain.

    Args:
        files: the exports, in any order; they may overlap.
        trust_key: the log's trust key, kept by the auditor since the log began.
        kept: checkpoints that the auditor kept, from these exports or from anywhere.
        proven: checkpoints of certificates and receipts, which must be of this log.
        linked: links, and the checkpoint of each.

    Raises:
        LogAltered: an entry was edited, removed from the middle, inserted or reordered, or a
            checkpoint does not verify, or they are not of one log.
        LogTruncated: entries are missing at the end, between two files, or between a kept
            checkpoint and the first file; or an earlier state replaced the log.
        LogUnsealed: an epoch began after the shown entries, and the export does not prove it.
        LogUnreached: a checkpoint lies beyond the shown entries, and nothing leads to it.
        ProofUnlinked: the same of a certificate or receipt.
        WrongFile: one file holds several exports.
    """
    ordered = sorted(files, key=lambda file: (file.after, file.until))
    first, last = ordered[0].after, max(file.until for file in ordered)
    seals = {file.name: _seal_of(file, trust_key) for file in ordered}
    inside = [
        Kept(each, one.name)
        for one in proven
        for each in links.reached(one.checkpoint, linked).values()
        if first <= each.size <= last
    ]
    known = Known()
    known.checkpoints = list(seals.items())
    for one in (*kept, *inside):
        known.checkpoints.append((one.name, one.checkpoint))
    for one in (*kept, *inside):
        known.add(State.sealed(one.checkpoint, one.name))
    known.expect(
        size for file in ordered for size in (file.after, file.until, seals[file.name].size)
    )
    for file in ordered:
        seal = seals[file.name]
        if seal.size > file.until:  # else its own entries are compared with it
            known.add(State.sealed(seal, f"the checkpoint of {file.name}"))
    shown = _Chain(trust_key, known, max((one.checkpoint.size for one in kept), default=None))
    for file in ordered:
        shown.read(file, seals[file.name])
    checkpoints = [each for _, each in known.checkpoints]
    _check_courses(checkpoints, known)
    ends = [seals[file.name] for file in ordered if file.until == last]
    end = ChainEnd.of(known.states[last], ends, linked)
    end.check_kept(kept, known)
    end.check_proven(proven, first)
    end.check_seals(seals)
    covering = [each for each in checkpoints if first <= each.size <= last]
    return Verified(
        first,
        last,
        shown.first_at,
        shown.last_at,
        max(end.connected.values(), key=lambda each: each.size),
        covering + list(end.connected.values()) + end.leading(checkpoints),
        {file.name: list(file.changed) for file in ordered if file.changed},
    )


def verify_stored(
    entries: Iterable[Sequence[Row]],
    recorded: Frontier,
    trust_key: TrustKey,
    latest: Checkpoint | None,
    kept: Sequence[Kept] = (),
) -> State:
    """Verify the entries of a database, from the first one on; return the state at their end.

    Args:
        entries: all of them in the order of `seq`, some at a time.
        recorded: the frontier that the database keeps.
        trust_key: the log's trust key.
        latest: the database's last checkpoint.
        kept: checkpoints that the auditor kept.

    Raises:
        LogAltered: an entry does not fit its hash, its place, or a checkpoint.
        LogTruncated: entries are missing at the end, or an earlier state replaced it.
        LogUnsealed: nothing was ever sealed.
    """
    known, name = Known(reading=latest), "the database"
    sealed = [] if latest is None else [Kept(latest, "its last checkpoint")]
    for one in (*sealed, *kept):
        known.checkpoints.append((one.name, one.checkpoint))
        known.add(State.sealed(one.checkpoint, one.name))
    walk, shapes = Walk(trust_key, known, name), Shapes(stated=False)
    with counting("entry", recorded.size) as step:
        for some in entries:
            _walk_stored(walk, shapes, some)
            step(len(some))
    _check_courses([one.checkpoint for one in (*sealed, *kept)], known)
    if walk.end < recorded.size:
        raise LogTruncated(why=f"entries {walk.end + 1} to {recorded.size} are missing")
    if walk.frontier() != recorded:
        raise LogAltered(why="its entries are not those that were appended")
    if latest is None:
        raise LogUnsealed(why=f"no checkpoint was ever made of its {counted_entries(walk.end)}")
    for one in (*sealed, *kept):
        if one.checkpoint.size > walk.end:
            why = f"it ends at entry {walk.end}, and {one.name} covers {one.checkpoint.size}"
            raise known.fork(one.checkpoint.size, why)
    return walk.state()


def _walk_stored(walk: Walk, shapes: Shapes, some: Sequence[Row]) -> None:
    seqs, records, stored = zip(*some, strict=True)
    found = shapes.read(records, walk.end)
    places = tuple(range(walk.end + 1, walk.end + 1 + len(some)))
    if found is not None and (seqs, found.hashes) == (places, list(stored)):
        walk_entries(walk, *found)
        return
    leaves = leaves_of(some, walk.end)
    wrong = next((seq for seq, record, _ in some if not is_entry(record)), None)
    if wrong is not None:
        raise LogAltered(why=f"entry {wrong} is no entry as facecli writes them")
    walk_entries(walk, leaves, _marked(records))


def _marked(records: Sequence[bytes]) -> list[tuple[int, bytes]]:
    return [(at, record) for at, record in enumerate(records) if record.startswith(MARKED)]


class _Chain:
    """The entries that the files so far have shown, up to `until`, and the times of both ends."""

    def __init__(self, trust_key: TrustKey, known: Known, kept: int | None) -> None:
        self.until = -1
        self._kept = kept  # the largest kept size
        self.first_at = self.last_at = ""
        self.known = known
        self._trust_key = trust_key
        self._shapes = Shapes(stated=True)

    def read(self, file: ExportFile, seal: Checkpoint) -> None:
        """Verify one file, and that it goes on from the files before it."""
        trailer = file.trailer
        entries = _Entries(file, self._shapes)
        self.known.reading = seal
        before = self.until if self.until >= 0 else self._kept_before(trailer.after)
        if before is not None and before < trailer.after:
            raise self._explained(self._gap(before, file, entries), entries)
        walk = self._start(file, trailer)
        try:
            entries.read(walk)
            _check_end(walk.end, file)
        except LogTruncated as error:
            raise self._explained(error, entries) from None
        _check_sealed(walk.state(), trailer, seal, self._trust_key, file.name)
        if not self.first_at:
            self.first_at = entries.first_at
        if walk.end > self.until:
            self.until = walk.end
            self.last_at = entries.last_at or self.last_at

    def _start(self, file: ExportFile, trailer: Trailer) -> Walk:
        try:
            frontier = Frontier(trailer.after, trailer.frontier)
            if (trailer.after == 0) != (trailer.opening is None):
                raise ValueError
            if trailer.opening is not None and trailer.opening.began >= trailer.after:
                raise ValueError
        except ValueError:
            raise LogAltered(
                why=f"what {file.name} states of the entries before it does not fit"
            ) from None
        return Walk(self._trust_key, self.known, file.name, frontier, trailer.opening)

    def _kept_before(self, after: int) -> int | None:
        """Return the largest kept size, if all of them lie before the first file."""
        return self._kept if self._kept is not None and self._kept < after else None

    def _gap(self, before: int, file: ExportFile, entries: _Entries) -> LogTruncated:
        after = file.after
        first = entries.peek_at()
        sides = [
            f"the last entry before the gap is of {self.last_at}" if self.last_at else "",
            f"the first after it of {first}" if first else "",
        ]
        times = ", ".join(side for side in sides if side)
        missing = f"entries {before + 1} to {after} are missing"
        if after == before + 1:
            missing = f"entry {after} is missing"
        why = f"{missing} before {file.name}" + (f" ({times})" if times else "")
        return LogTruncated(why=why, size=before)

    def _explained(self, error: LogTruncated, entries: _Entries) -> LogTruncated:
        """Return the error, or one that names the restore by which the log went back."""
        size = error.details.get("size")
        if not isinstance(size, int):
            return error
        restore = entries.find_restore()
        if restore is not None:
            self.known.saw(restore)
        return self.known.fork(size, str(error.details["why"]))


class _Entries:
    """The entry lines of an export: their leaf hashes go into a walk, one pass."""

    def __init__(self, file: ExportFile, shapes: Shapes) -> None:
        self.first_at = self.last_at = ""
        self._file = file
        self._shapes = shapes
        self._number = 0

    def peek_at(self) -> str:
        """Return the time that the first entry states; "" if there is none."""
        return next((_time(line) for line in self._file.lines()), "")

    def read(self, walk: Walk) -> None:
        """Let `walk` go over all lines.

        Raises:
            LogAltered: a line is no entry, does not have its hash, or stands elsewhere.
            LogAltered, LogTruncated: see `Walk`.
        """
        with counting("entry", self._file.until - self._file.after) as step:
            for block in self._file.blocks():
                before = self._number
                self._read_block(block, walk)
                step(self._number - before)

    def _read_block(self, block: Sequence[bytes], walk: Walk) -> None:
        if not self._at_once(block, walk):
            lines = list(self._file.put_right(block))
            if not self._at_once(lines, walk):
                for line in lines:
                    self._walk(walk, [line], self._careful(line, walk.end))

    def _at_once(self, lines: Sequence[bytes], walk: Walk) -> bool:
        """Let `walk` go over lines, if all of them are usual ones."""
        found = self._shapes.read(lines, walk.end)
        if found is not None and lines:
            self._walk(walk, lines, found)
        return found is not None

    def _walk(self, walk: Walk, lines: Sequence[bytes], leaves: Leaves) -> None:
        self._number += len(lines)
        walk_entries(walk, *leaves)
        self.first_at = self.first_at or _time(lines[0])
        self.last_at = _time(lines[-1])

    def find_restore(self) -> Restore | None:
        """Return the first restore without the live database, wherever it stands."""
        return next(filter(None, map(Restore.in_line, self._file.lines())), None)

    def _careful(self, line: bytes, end: int) -> Leaves:
        """Take a line apart whose form was changed, or which is wrong, or unusual.

        Returns:
            The entry's leaf hash, and its canonical JSON where a walk looks into it.

        Raises:
            LogAltered: it is wrong.
        """
        number = self._number + 1
        if b"\r" in line:
            raise bare_cr(self._file.name, EXPORT)
        places = added(line)
        if places is None:
            raise self._no_entry(number)
        (start, outcome), (middle, place) = places
        record = line[:start] + line[outcome:middle] + line[place:]
        leaf = leaf_hash(record)
        if line[start:outcome] != STATED_HASH % hexlify(leaf):
            raise LogAltered(
                why=f"line {number} of {self._file.name} does not have the hash that it states"
            )
        if not line.startswith(PLACE % (end + 1), place):
            raise self._misplaced(line, number, place, end + 1)
        if not is_entry(record):
            raise self._no_entry(number)
        return Leaves([leaf], _marked([record]))

    def _no_entry(self, number: int) -> LogAltered:
        check_single(self._file)
        return LogAltered(
            why=f"line {number} of {self._file.name} is no entry as facecli writes them"
        )

    def _misplaced(self, line: bytes, number: int, place: int, expected: int) -> LogAltered:
        found = SEQ_NUMBER.match(line, place)
        if found is None:
            return self._no_entry(number)
        check_single(self._file)
        return LogAltered(
            why=f"in {self._file.name}, entry {int(found[1])} stands where entry {expected} belongs"
        )


def _time(line: bytes) -> str:
    found = AT.search(line)
    return "" if found is None else found[1].decode("ascii", "replace")


def _seal_of(file: ExportFile, trust_key: TrustKey) -> Checkpoint:
    with named(file.name):
        return open_checkpoint(file.seal, trust_key)


def _check_end(end: int, file: ExportFile) -> None:
    until = file.until
    if end < until:
        raise LogTruncated(why=f"in {file.name}, entries {end + 1} to {until} are missing")
    if end > until:
        raise LogAltered(why=f"in {file.name}, entries {until + 1} to {end} were added")


def _check_sealed(
    end: State, trailer: Trailer, seal: Checkpoint, trust_key: TrustKey, name: str
) -> None:
    """Check that the export's checkpoint covers its entries, and is of an epoch that they show.

    Raises:
        LogUnsealed: entries are not covered, or an epoch began that is not shown.
        LogAltered: the checkpoint is of another log, or of an epoch that nobody handed over to.
    """
    if end.size > seal.size:
        raise LogUnsealed(
            why=f"entries {seal.size + 1} to {end.size} of {name} are not covered by its checkpoint"
        )
    if not verify_consistency(end.size, end.root, seal.size, seal.root, trailer.consistency):
        raise LogAltered(why=f"the entries of {name} are not those that its checkpoint seals")
    epoch, shown = end.epoch, end.size
    for proof in trailer.epochs:
        epoch = _next_epoch(epoch, proof, seal, trust_key, shown)
        shown = epoch.began + 1
    if epoch == seal.epoch:
        return
    if not trailer.epochs and end.size < seal.size:
        raise LogUnsealed(
            why=f"the checkpoint of {name} is of epoch {seal.epoch.number}, which began after "
            f"entry {end.size}, and the export does not prove that"
        )
    raise LogAltered(
        why=f"the checkpoint of {name} is of an epoch {seal.epoch.number} that no shown entry "
        "hands over to"
    )


def _next_epoch(
    epoch: Epoch | None, proof: EpochProof, seal: Checkpoint, trust_key: TrustKey, shown: int
) -> Epoch:
    """Return the epoch that an `EpochProof` shows after `shown` entries, if all of it holds."""
    record = proof.entry.encode("utf-8", "surrogatepass")
    announced = Announcement.parse(record)
    began = announced.epoch.began
    try:
        before = Frontier(began, proof.frontier)
    except ValueError:
        raise LogAltered(why=f"the proof of entry {began + 1} does not fit") from None
    root = before.append(leaf_hash(record)).root()
    if began < shown or not verify_consistency(
        began + 1, root, seal.size, seal.root, proof.consistency
    ):
        raise LogAltered(why=f"entry {began + 1} is not in the log that the checkpoint seals")
    if epoch is None:
        announced.check_first(trust_key)
    else:
        announced.check_follows(epoch, trust_key, before.root())
    return announced.epoch


def _check_courses(checkpoints: Sequence[Checkpoint], known: Known) -> None:
    """Check that all these checkpoints come from one course of the log."""
    ordered = sorted(checkpoints, key=lambda each: (each.epoch.number, each.size))
    for one, other in pairwise(ordered):
        try:
            compare(one, other)
        except LogTruncated as error:
            raise known.fork(max(one.size, other.size), str(error.details["why"])) from None
