"""The end of a chain of exports: the checkpoints beyond it that are shown to go on from it.

A checkpoint beyond the shown entries says nothing about them by itself: an export with `--until`
may bring one that covers other entries in between. So a proof must lead from the chain's last
entry to it: that of the file which ends there, or a link.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facecli.audit import links
from facecli.audit.checkpoints import Checkpoint
from facecli.audit.links import Link
from facecli.audit.walk import Known, State
from facecli.audit.words import counted_entries
from facecli.errors.audit import LogUnreached, ProofUnlinked


@dataclass(frozen=True)
class Kept:
    """A checkpoint that the auditor holds, opened with the trust key, its name and its kind."""

    checkpoint: Checkpoint
    name: str
    kind: str = "checkpoint"


@dataclass(frozen=True)
class ChainEnd:
    """The last shown entry, and what is connected to it.

    Attributes:
        until: its `seq`.
        seals: the checkpoints of the files that end there.
        connected: by size and root, the checkpoints that are proven to go on from it.
        linked: the links, and the checkpoint of each.
    """

    until: int
    seals: Sequence[Checkpoint]
    connected: Mapping[tuple[int, bytes], Checkpoint]
    linked: Sequence[tuple[Link, Checkpoint]]

    @classmethod
    def of(
        cls, end: State, seals: Sequence[Checkpoint], linked: Sequence[tuple[Link, Checkpoint]]
    ) -> ChainEnd:
        """Find what is connected to a state.

        Args:
            end: the state at the last shown entry.
            seals: the checkpoints of the files that end there, which verified.
            linked: the links, and the checkpoint of each.

        Raises:
            LogAltered: a link shows that a checkpoint does not go on from it.
        """
        begins = [to for link, to in linked if link.leads_from(end.size, end.root, to)]
        connected: dict[tuple[int, bytes], Checkpoint] = {}
        for seal in (*seals, *begins):
            connected |= links.reached(seal, linked)
        return cls(end.size, seals, connected, linked)

    def leading(self, checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
        """Return those that are connected, or from which a link leads to one that is."""
        return [
            each
            for each in checkpoints
            if not self.connected.keys().isdisjoint(links.reached(each, self.linked))
        ]

    def check_kept(self, kept: Sequence[Kept], known: Known) -> None:
        """Check that every kept checkpoint beyond the end is connected to it.

        Files that end before a kept checkpoint may simply be older than it. That the log was
        cut, or went back, shows only where two checkpoints contradict each other.

        Raises:
            LogUnreached: nothing leads to one.
        """
        beyond = [
            one
            for one in kept
            if one.checkpoint.size > self.until and not self.leading([one.checkpoint])
        ]
        if not beyond:
            return
        one = max(beyond, key=lambda each: each.checkpoint.size)
        size = one.checkpoint.size
        restore = known.restored_below(size)
        raise LogUnreached(
            why=f"the files show no entries beyond {self.until}, and {one.name} covers "
            f"{counted_entries(size)}"
            + (
                f". Entry {restore.seq} of {restore.at} is a restore that went back to entry "
                f"{restore.entries}: if {one.name} is from before it, it is of the abandoned branch"
                if restore
                else ""
            )
        )

    def check_proven(self, proven: Sequence[Kept], after: int) -> None:
        """Check that every certificate and receipt is of this log.

        Raises:
            ProofUnlinked: neither the shown entries nor a link leads to its checkpoint.
        """
        for one in proven:
            reached = links.reached(one.checkpoint, self.linked).values()
            inside = any(after <= each.size <= self.until for each in reached)
            if not inside and not self.leading([one.checkpoint]):
                raise ProofUnlinked(
                    kind=one.kind,
                    why=f"{one.name} was made at {counted_entries(one.checkpoint.size)}, and the "
                    f"exports hold entries {after + 1} to {self.until}",
                )

    def check_seals(self, seals: Mapping[str, Checkpoint]) -> None:
        """Check that no file has a checkpoint beyond all that is connected.

        One that lies between is passed over: exports with `--until` that are made one after the
        other have such checkpoints, and the last shown entry is covered by a connected one.

        Args:
            seals: the checkpoint of each file, by the file's name.

        Raises:
            LogUnreached: one has.
        """
        largest = max(size for size, _ in self.connected)
        for name, seal in seals.items():
            if seal.size > largest and not self.leading([seal]):
                raise LogUnreached(
                    why=f"the files show no entries beyond {self.until}, and the checkpoint of "
                    f"{name} covers {counted_entries(seal.size)}"
                )
