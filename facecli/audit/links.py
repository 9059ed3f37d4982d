"""Links: a proof that one checkpoint's log goes on from another's, in a file.

    old 790
    <hash in base64>
    …

    <checkpoint>

This is the body of a request add-checkpoint (c2sp.org/tlog-witness), so that the same file feeds
a witness. `old` is a size of which the reader knows the root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from facecli.audit import notes
from facecli.audit.checkpoints import Checkpoint, hash_of, number, open_checkpoint
from facecli.audit.merkle import verify_consistency
from facecli.audit.trust_key import TrustKey
from facecli.audit.words import counted_entries
from facecli.errors.audit import LogAltered
from facecli.errors.command_line import BadInput

OLD = "old "
LONGEST_PROOF = 63


@dataclass(frozen=True)
class Link:
    """A consistency proof from size `old` to the size of `checkpoint`, a signed note."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """The file's content."""
        lines = [f"{OLD}{self.old}", *map(notes.encode_base64, self.proof)]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: bytes, name: str) -> Link:
        """Read a link.

        Raises:
            BadInput: it is no link.
        """
        try:
            head, gap, checkpoint = text.decode().partition("\n\n")
            first, *lines = head.split("\n", LONGEST_PROOF + 2)
            if not gap or not first.startswith(OLD) or len(lines) > LONGEST_PROOF:
                raise ValueError
            return cls(number(first.removeprefix(OLD)), tuple(map(hash_of, lines)), checkpoint)
        except ValueError:
            raise BadInput(what=name, why="it is no link that facecli wrote, or damaged") from None

    def leads_from(self, size: int, root: bytes, to: Checkpoint) -> bool:
        """Return True if it begins at this size, and `to` goes on from this root.

        Raises:
            LogAltered: it begins there, and `to` goes on from another root.
        """
        if size != self.old:
            return False
        if not verify_consistency(size, root, to.size, to.root, self.proof):
            raise LogAltered(
                why=f"the checkpoint of {counted_entries(to.size)} does not go on "
                f"from that of {size}"
            )
        return True


def opened(links: Iterable[Link], trust_key: TrustKey) -> list[tuple[Link, Checkpoint]]:
    """Open the checkpoint of each link.

    Raises:
        LogAltered, LogTruncated: one does not verify.
    """
    return [(link, open_checkpoint(link.checkpoint, trust_key)) for link in links]


def reached(
    start: Checkpoint, links: Sequence[tuple[Link, Checkpoint]]
) -> dict[tuple[int, bytes], Checkpoint]:
    """Return the checkpoints that links show to go on from `start`, by size and root.

    Raises:
        LogAltered: a link shows that one does not go on from another.
    """
    found, new = {(start.size, start.root): start}, [start]
    while new:
        at = new.pop()
        for link, to in links:
            if (to.size, to.root) not in found and link.leads_from(at.size, at.root, to):
                found[to.size, to.root] = to
                new.append(to)
    return found
