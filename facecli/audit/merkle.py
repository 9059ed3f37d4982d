"""The Merkle tree of RFC 6962 (the same in RFC 9162, section 2.1) over SHA-256.

Two shapes of the same tree: a `Frontier` is its right edge, which suffices for appending and for
the current root; a `Tree` reads stored hashes, for proofs about any part of the past. Leaves are
numbered from 0, hashes are 32 bytes, ranges are half open. A leaf may hold anything.

A proof needs the roots of whole subtrees. Hashing up from a million leaves would take a second
for each proof, so every `STRIDE`-th level is worth storing: `Frontier.completed` names the nodes
to store when they come into being (1 for every 256 leaves), and a `Tree` that is given them
reads a few thousand hashes at most, however long the log is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

HASH_SIZE = 32
STRIDE = 8
AT_ONCE = 1 << 12  # leaves that are held in memory
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf holding `data`: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Node(NamedTuple):
    """A complete subtree: the leaves from `place << level`, `1 << level` of them."""

    level: int
    place: int
    hash: bytes


class Frontier:
    """The right edge of a tree: the roots of its complete subtrees, largest first.

    It is a value: `append` returns the grown frontier. Appending and the root take O(log n).
    """

    __slots__ = ("completed", "hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """
        Args:
            size: number of leaves, 0 or more.
            hashes: one for each 1 in `size` written in binary, the most significant first.

        Raises:
            ValueError: the hashes do not fit the size.
        """
        if size < 0 or len(hashes) != size.bit_count():
            raise ValueError(f"{len(hashes)} hashes cannot be the frontier of {size} leaves")
        if any(len(value) != HASH_SIZE for value in hashes):
            raise ValueError("a hash has 32 bytes")
        self.size = size
        self.hashes = tuple(hashes)
        self.completed: tuple[Node, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frontier) and (self.size, self.hashes) == (
            other.size,
            other.hashes,
        )

    def __hash__(self) -> int:
        return hash((self.size, self.hashes))

    def append(self, *leaves: bytes) -> Frontier:
        """Return the frontier with more leaves, given as their leaf hashes.

        The result's `completed` holds the subtrees of level 8, 16, … that these leaves completed,
        for a store that wants quick proofs (see `Tree`).
        """
        kept = list(self.hashes)
        completed = []
        for place, leaf in enumerate(leaves, self.size):
            level, index, value = 0, place, leaf
            while index & 1:
                value = node_hash(kept.pop(), value)
                level, index = level + 1, index >> 1
                if level % STRIDE == 0:
                    completed.append(Node(level, index, value))
            kept.append(value)
        grown = Frontier(self.size + len(leaves), kept)
        grown.completed = tuple(completed)
        return grown

    def root(self) -> bytes:
        """Return the root of the tree. The root of an empty tree is SHA-256 of nothing."""
        return _fold_right(self.hashes)

    def join(self, span: Span) -> Frontier:
        """Return the frontier with the leaves of `span` appended, which begins at this one's end.

        Raises:
            ValueError: it begins elsewhere.
        """
        whole = Span(0)
        whole.extend_by_nodes(self.nodes())
        whole.extend_by_nodes(span.nodes(), begin=span.begin)
        return Frontier(whole.end, [node.hash for node in whole.nodes()])

    def nodes(self) -> list[Node]:
        """Return the same as nodes with their places."""
        found, start = [], 0
        levels = [level for level in range(self.size.bit_length()) if self.size >> level & 1]
        for level, value in zip(reversed(levels), self.hashes, strict=True):
            found.append(Node(level, start >> level, value))
            start += 1 << level
        return found

    def to_bytes(self) -> bytes:
        """Return the size in 8 bytes, the most significant first, and the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Read bytes that `to_bytes` wrote.

        Raises:
            ValueError: the bytes are no frontier.
        """
        size, rest = int.from_bytes(data[:8], "big"), data[8:]
        if len(data) < 8 or len(rest) % HASH_SIZE:
            raise ValueError("these bytes are no frontier")
        return cls(size, [rest[at : at + HASH_SIZE] for at in range(0, len(rest), HASH_SIZE)])


class Span:
    """The leaves from `begin` on, in memory that grows with their number's logarithm.

    Unlike a frontier it changes in place and may begin anywhere: it is what a reader of part of
    a log computes, to be joined to the frontier of the part before it.
    """

    __slots__ = ("_nodes", "begin", "end")

    def __init__(self, begin: int = 0) -> None:
        self.begin = begin
        self.end = begin
        self._nodes: list[tuple[int, bytes]] = []

    def push(self, level: int, value: bytes) -> None:
        """Append a complete subtree of `1 << level` leaves.

        Raises:
            ValueError: such a subtree does not begin at this end.
        """
        index = self.end >> level
        if index << level != self.end:
            raise ValueError("a subtree begins at a multiple of its size")
        self.end += 1 << level
        nodes = self._nodes
        while index & 1 and nodes and nodes[-1][0] == level:
            value = node_hash(nodes.pop()[1], value)
            level, index = level + 1, index >> 1
        nodes.append((level, value))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaves, given as leaf hashes; the quick way for many."""
        source = iter(leaves)
        while some := list(islice(source, AT_ONCE)):
            at, count = 0, len(some)
            while at < count:  # the largest complete subtree that begins here
                level = (count - at).bit_length() - 1
                if self.end:
                    level = min(level, (self.end & -self.end).bit_length() - 1)
                self.push(level, _fold(some[at : at + (1 << level)]))
                at += 1 << level

    def extend_by_nodes(self, nodes: Iterable[Node], begin: int | None = None) -> None:
        """Append complete subtrees that begin at this end.

        Raises:
            ValueError: they begin elsewhere.
        """
        if begin is not None and begin != self.end:
            raise ValueError(f"a range from leaf {begin} does not continue {self.end} leaves")
        for node in nodes:
            if node.place << node.level != self.end:
                raise ValueError("the subtrees do not follow each other")
            self.push(node.level, node.hash)

    def nodes(self) -> list[Node]:
        """Return the complete subtrees that make up the range, from left to right."""
        found, at = [], self.begin
        for level, value in self._nodes:
            found.append(Node(level, at >> level, value))
            at += 1 << level
        return found

    def root(self) -> bytes:
        """Return the root of a tree that holds this range alone, for a range that begins at 0."""
        return _fold_right([value for _, value in self._nodes])


LeafReader = Callable[[int, int], Iterable[bytes]]
NodeReader = Callable[[int, int, int], Iterable[bytes]]


class Tree:
    """A tree whose hashes are stored somewhere: proofs about every size it ever had.

    Args:
        leaves: `leaves(begin, end)` gives the leaf hashes of that range in order.
        nodes: `nodes(level, begin, end)` gives stored nodes of `level` (8, 16, …) by index, in
            order: those that `Frontier.completed` named. Asked only for nodes that are complete.
            Without it every proof hashes up from the leaves: O(n), about a second a million.

    A `KeyError` stands for a hash that is not stored: it is for the readers to raise.
    """

    def __init__(self, leaves: LeafReader, nodes: NodeReader | None = None) -> None:
        self._leaves = leaves
        self._nodes = nodes

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` leaves."""
        return self._range(0, size) if size else EMPTY_ROOT

    def frontier(self, size: int) -> Frontier:
        """Return the frontier that the tree had when it held `size` leaves."""
        hashes, start = [], 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                hashes.append(self._complete(start, level))
                start += 1 << level
        return Frontier(size, hashes)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the audit path PATH(index, D[size]) of RFC 6962, section 2.1.1, leaf to root.

        Raises:
            ValueError: there is no such leaf in a tree of that size.
        """
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} among {size}")
        low, high, path = 0, size, []
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self._range(middle, high))
                high = middle
            else:
                path.append(self._range(low, middle))
                low = middle
        return path[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return PROOF(old, D[new]) of RFC 6962, section 2.1.2: `old` leaves are unchanged.

        From an empty tree, or to a tree of the same size, there is nothing to prove: no hashes.

        Raises:
            ValueError: `old` is more than `new`.
        """
        if not 0 <= old <= new:
            raise ValueError(f"{old} leaves cannot become {new}")
        if old in (0, new):
            return []
        low, high, whole, path = 0, new, True, []
        while old != high:
            middle = low + _split(high - low)
            if old <= middle:
                path.append(self._range(middle, high))
                high = middle
            else:
                path.append(self._range(low, middle))
                low, whole = middle, False
        if not whole:
            path.append(self._range(low, high))
        return path[::-1]

    def _range(self, low: int, high: int) -> bytes:
        """Return MTH(D[low:high]) where `low` is where such a subtree of a larger tree begins."""
        peaks, start = [], low
        for level in range((high - low).bit_length() - 1, -1, -1):
            if (high - low) >> level & 1:
                peaks.append(self._complete(start, level))
                start += 1 << level
        return _fold_right(peaks)

    def _complete(self, start: int, level: int) -> bytes:
        stored = level - level % STRIDE
        if self._nodes is not None and stored:
            first, count = start >> stored, 1 << (level - stored)
            return _fold(_exactly(count, self._nodes(stored, first, first + count)))
        span, count = Span(start), 1 << level
        span.extend(self._leaves(start, start + count))
        nodes = span.nodes()
        if span.end != start + count or len(nodes) != 1:
            raise KeyError(f"leaves {start} to {start + count} are not all stored")
        return nodes[0].hash


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Return True if this leaf hash is number `index` of the tree with this size and root.

    The algorithm of RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    at, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = node_hash(sibling, value)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Return True if the tree (`new`, `new_root`) begins with the tree (`old`, `old_root`).

    The algorithm of RFC 9162, section 2.1.4.2, which starts at one leaf; every tree extends the
    empty one, whose root is known and needs no proof.
    """
    if not 0 <= old <= new or (old == 0 and old_root != EMPTY_ROOT):
        return False
    if old in (0, new):
        return not path and (old < new or old_root == new_root)
    if not path:
        return False
    steps = iter(path)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = next(steps) if old & (old - 1) else old_root
    old_value = new_value = first
    for value in steps:
        if last == 0:
            return False
        if at & 1 or at == last:
            old_value, new_value = node_hash(value, old_value), node_hash(value, new_value)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new_value = node_hash(new_value, value)
        at, last = at >> 1, last >> 1
    return last == 0 and old_value == old_root and new_value == new_root


def _split(count: int) -> int:
    """Return the largest power of two smaller than `count`, which is 2 or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _fold(level: list[bytes]) -> bytes:
    """Return the root over 1, 2, 4, … hashes."""
    while len(level) > 1:
        pairs = iter(level)
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=True)
        ]
    return level[0]


def _fold_right(peaks: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, largest first."""
    if not peaks:
        return EMPTY_ROOT
    value = peaks[-1]
    for peak in reversed(peaks[:-1]):
        value = node_hash(peak, value)
    return value


def _exactly(count: int, hashes: Iterable[bytes]) -> list[bytes]:
    found = list(hashes)
    if len(found) != count:
        raise KeyError(f"{count} stored nodes were asked for, {len(found)} are there")
    return found
