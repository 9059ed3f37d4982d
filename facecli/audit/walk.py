"""Reading a log in order: its tree so far, the epoch in force, and the states known elsewhere.

Exports and databases are both verified by a `Walk`. Wherever it passes a size of which another
state is known (a kept checkpoint, another export), both must agree.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from facecli.audit.checkpoints import Checkpoint, Epoch, compare
from facecli.audit.entry_shapes import EPOCH, RESTORE
from facecli.audit.epochs import Announcement
from facecli.audit.export_text import SEQ
from facecli.audit.merkle import AT_ONCE, Frontier, Span
from facecli.audit.trust_key import TrustKey
from facecli.audit.words import counted_entries
from facecli.errors.audit import LogAltered, LogRestored, LogTruncated

SEQ_NUMBER = re.compile(SEQ + rb"([1-9][0-9]{0,15}),")
RESTORED = re.compile(
    rb'"at":"([^"]{20})","details":\{"backup_entries":([0-9]{1,16}),[^{}]*"log":"continued"'
)


class State(NamedTuple):
    """The log at one size: its root, the epoch in force, and the source of this knowledge."""

    size: int
    root: bytes
    epoch: Epoch | None
    source: str

    @classmethod
    def sealed(cls, checkpoint: Checkpoint, source: str) -> State:
        """Return the state that a checkpoint states."""
        return cls(checkpoint.size, checkpoint.root, checkpoint.epoch, source)


class Restore(NamedTuple):
    """A restore without the live database: its entry and time, and the last common entry."""

    seq: int
    at: str
    entries: int

    @classmethod
    def in_line(cls, line: bytes) -> Restore | None:
        """Return the restore that an entry records, from its text or export line, or None."""
        found = RESTORED.search(line) if line.startswith(RESTORE) else None
        seq = None if found is None else SEQ_NUMBER.match(line, line.rfind(SEQ))
        if found is None or seq is None:
            return None
        return cls(int(seq[1]), found[1].decode("ascii", "replace"), int(found[2]))


@dataclass
class Known:
    """The states that are known by size, the sizes worth knowing, and the restores seen.

    Attributes:
        sizes: in ascending order, each once.
        checkpoints: all that were given, each with its source; those of an abandoned branch show
            its length.
        differing: the sources that were found to differ.
        reading: the checkpoint of what is read now.
        restores: each restore that was seen, with the checkpoint of its branch.
    """

    states: dict[int, State] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    checkpoints: list[tuple[str, Checkpoint]] = field(default_factory=list)
    differing: tuple[str, ...] = ()
    reading: Checkpoint | None = None
    restores: dict[Restore, Checkpoint | None] = field(default_factory=dict)

    def saw(self, restore: Restore) -> None:
        """Remember a restore of what is read now."""
        self.restores.setdefault(restore, self.reading)

    def expect(self, sizes: Iterable[int]) -> None:
        """Add sizes that are worth knowing."""
        self.sizes = sorted({*self.sizes, *sizes})

    def add(self, state: State) -> None:
        """Add a state, or check it against the one that is known of its size.

        Raises:
            LogTruncated: another epoch was in force there.
            LogAltered: the root is another one.
        """
        if state.size not in self.states:
            self._insert(state.size)
        known = self.states.setdefault(state.size, state)
        if known.epoch != state.epoch:
            self.differing = (known.source, state.source)
            raise self.fork(
                state.size,
                f"at {counted_entries(state.size)}, {_epoch(known)} of {known.source} and "
                f"{_epoch(state)} of {state.source} have different keys, so that an earlier state "
                "replaced the database in between",
            )
        if known.root != state.root:
            raise LogAltered(
                why=f"its entries up to {state.size} in {state.source} are not those of "
                f"{known.source}"
            )

    def _insert(self, size: int) -> None:
        at = bisect_left(self.sizes, size)
        if self.sizes[at : at + 1] != [size]:
            self.sizes.insert(at, size)

    def fork(self, size: int, why: str) -> LogTruncated:
        """Return the error for two courses of the log, which names the restore if it was seen.

        Args:
            size: the size at which they differ.
            why: the reason, where no restore explains it.
        """
        restore = self.restored_below(size)
        if restore is None:
            return LogTruncated(why=why, size=size)
        seal = self.restores[restore]
        other = [
            each.size
            for source, each in self.checkpoints
            if _differ(each, seal) or (source in self.differing and each != seal)
        ]
        last = max([size, *other])
        return LogRestored(**restore._asdict(), first=restore.entries + 1, last=last)

    def restored_below(self, size: int) -> Restore | None:
        """Return the last restore that went back to before `size`, or None."""
        return next((each for each in reversed(self.restores) if each.entries < size), None)


class Walk:
    """The log from its beginning to `end`, as one pass over entries has shown it.

    Args:
        trust_key: the log's trust key.
        known: what the walk is checked against, and adds to.
        source: the name of what is read, for messages.
        frontier: the log's frontier before the first entry.
        epoch: the epoch in force there; None before entry 1.
    """

    def __init__(
        self,
        trust_key: TrustKey,
        known: Known,
        source: str,
        frontier: Frontier | None = None,
        epoch: Epoch | None = None,
    ) -> None:
        self.epoch = epoch
        self.known = known
        self._trust_key = trust_key
        self._source = source
        self._span = Span()
        self._span.extend_by_nodes((frontier or Frontier()).nodes())
        self._waiting: list[bytes] = []  # leaves, to be hashed many at a time
        self._stop = bisect_left(known.sizes, self.end)  # the place of the next size
        self._pass()

    @property
    def end(self) -> int:
        """The number of entries so far."""
        return self._span.end + len(self._waiting)

    def root(self) -> bytes:
        """Return the log's root at `end`."""
        return self._grown().root()

    def state(self) -> State:
        """Return the state at `end`."""
        return State(self.end, self.root(), self.epoch, self._source)

    def frontier(self) -> Frontier:
        """Return the log's frontier at `end`."""
        return Frontier(self.end, [node.hash for node in self._grown().nodes()])

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Go on over entries of one epoch, given as their leaf hashes.

        Raises:
            LogAltered, LogTruncated: a known state does not agree.
        """
        begin, until = 0, self.end + len(leaves)
        sizes = self.known.sizes
        while self._stop < len(sizes) and sizes[self._stop] <= until:
            some = sizes[self._stop] - self.end
            self._waiting += leaves[begin : begin + some]
            begin += some
            self._pass()
        self._waiting += leaves[begin:] if begin else leaves
        if len(self._waiting) >= AT_ONCE:
            self._grown()
        if self.epoch is None and self.end:
            raise LogAltered(why="entry 1 does not announce the keys of the trust key")

    def look_into(self, record: bytes) -> None:
        """Look into the next entry, an epoch's or a restore's.

        Raises:
            LogAltered: it announces an epoch to which the key in force did not hand over.
        """
        if record.startswith(EPOCH):
            announced = Announcement.parse(record)
            if announced.epoch.began != self.end:
                raise LogAltered(why=f"entry {self.end + 1} does not state its place")
            if self.epoch is None:
                announced.check_first(self._trust_key)
            else:
                announced.check_follows(self.epoch, self._trust_key, self.root())
            self.epoch = announced.epoch
        else:
            restore = Restore.in_line(record)
            if restore is not None:
                self.known.saw(restore)

    def _grown(self) -> Span:
        """Return the tree with all leaves."""
        self._span.extend(self._waiting)
        self._waiting.clear()
        return self._span

    def _pass(self) -> None:
        """Compare with, or add to, what is known of this size."""
        if self.known.sizes[self._stop : self._stop + 1] == [self.end]:
            self._stop += 1
            self.known.add(self.state())


def walk_entries(walk: Walk, leaves: Sequence[bytes], marked: Iterable[tuple[int, bytes]]) -> None:
    """Let `walk` go over entries.

    Args:
        walk: the walk; it stands before the first of them.
        leaves: their leaf hashes.
        marked: places, from 0 on, and canonical JSON of those that begin with `MARKED`, in order.

    Raises:
        LogAltered, LogTruncated: see `Walk`.
    """
    begin = 0
    for at, record in marked:
        walk.extend(leaves[begin:at])
        begin = at
        walk.look_into(record)
    walk.extend(leaves[begin:] if begin else leaves)


def _differ(one: Checkpoint, other: Checkpoint | None) -> bool:
    """Return True if two checkpoints are shown to be of two courses of the log."""
    try:
        if other is not None:
            compare(one, other)
    except (LogAltered, LogTruncated):
        return True
    return False


def _epoch(state: State) -> str:
    return "no epoch" if state.epoch is None else f"epoch {state.epoch.number}"
