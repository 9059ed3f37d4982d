"""The tree agrees with RFC 6962: its definitions, its examples, and published vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    Span,
    Tree,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

# The inputs and roots that Certificate Transparency's implementations have shared since 2013.
INPUTS = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Proofs in the same tree, published with them (merkletree/merkle_tree_test and the test vectors of
# Certificate Transparency's Python, Go and Rust libraries).
LEAF_0, LEAF_1, LEAF_4, LEAVES_01, LEAVES_23, LEAVES_45, LEAVES_67, LEAVES_0123, LEAVES_4567 = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
INCLUSION = {  # (leaf, size of the tree)
    (0, 1): [],
    (0, 2): [LEAF_1],
    (1, 2): [LEAF_0],
    (2, 3): [LEAVES_01],
    (1, 5): [LEAF_0, LEAVES_23, LEAF_4],
    (0, 8): [LEAF_1, LEAVES_23, LEAVES_4567],
    (5, 8): [LEAF_4, LEAVES_67, LEAVES_0123],
}
CONSISTENCY = {  # (size before, size after)
    (1, 1): [],
    (1, 8): [LEAF_1, LEAVES_23, LEAVES_4567],
    (2, 5): [LEAVES_23, LEAF_4],
    (2, 8): [LEAVES_23, LEAVES_4567],
    (6, 8): [LEAVES_45, LEAVES_67, LEAVES_0123],
}


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def stored(values: Sequence[bytes]) -> Tree:
    return Tree(lambda begin, end: values[begin:end])


def mth(data: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaf hashes."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return data[0]
    k = split(len(data))
    return node_hash(mth(data[:k]), mth(data[k:]))


def path(m: int, data: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def subproof(m: int, data: Sequence[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if m == len(data):
        return [] if whole else [mth(data)]
    k = split(len(data))
    if m <= k:
        return [*subproof(m, data[:k], whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def test_the_published_roots() -> None:
    frontier, values = Frontier(), [leaf_hash(bytes.fromhex(text)) for text in INPUTS]
    for value, root in zip(values, ROOTS, strict=True):
        frontier = frontier.append(value)
        assert frontier.root().hex() == root
    tree = stored(values)
    assert [tree.root(size).hex() for size in range(1, 9)] == ROOTS


@pytest.mark.parametrize(("leaf", "size"), INCLUSION)
def test_the_published_inclusion_proofs(leaf: int, size: int) -> None:
    values = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]
    proof = stored(values).inclusion(leaf, size)
    assert [value.hex() for value in proof] == INCLUSION[leaf, size]
    root = bytes.fromhex(ROOTS[size - 1])
    assert verify_inclusion(values[leaf], leaf, size, proof, root)
    assert not verify_inclusion(values[leaf], leaf, size, [*proof, root], root)


@pytest.mark.parametrize(("before", "after"), CONSISTENCY)
def test_the_published_consistency_proofs(before: int, after: int) -> None:
    values = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]
    proof = stored(values).consistency(before, after)
    assert [value.hex() for value in proof] == CONSISTENCY[before, after]
    old, new = (bytes.fromhex(ROOTS[size - 1]) for size in (before, after))
    assert verify_consistency(before, old, after, new, proof)
    assert not verify_consistency(before, old, after, new, [*proof, new])


def test_the_empty_tree() -> None:
    assert Frontier().root() == EMPTY_ROOT == stored([]).root(0)
    assert EMPTY_ROOT.hex().startswith("e3b0c44298fc1c14")


def test_the_examples_of_rfc_6962() -> None:
    """Section 2.1.3: the tree with seven leaves, its nodes named as there."""
    d = leaves(7)
    a, b, c, e, f, j = d[0], d[1], d[2], d[4], d[5], d[6]
    g, h, i = node_hash(a, b), node_hash(c, d[3]), node_hash(e, f)
    k, low = node_hash(g, h), node_hash(i, j)
    tree = stored(d)
    assert tree.root(7) == node_hash(k, low)
    assert tree.inclusion(0, 7) == [b, h, low]
    assert tree.inclusion(3, 7) == [c, g, low]
    assert tree.inclusion(4, 7) == [f, j, k]
    assert tree.inclusion(6, 7) == [i, k]
    assert tree.consistency(3, 7) == [c, d[3], g, low]
    assert tree.consistency(4, 7) == [low]
    assert tree.consistency(6, 7) == [i, j, k]


def test_all_proofs_of_small_trees_are_the_definition_s_and_verify() -> None:
    values = leaves(40)
    tree, roots = stored(values), [mth(values[:size]) for size in range(41)]
    for new in range(1, 41):
        assert tree.root(new) == roots[new]
        for index in range(new):
            proof = tree.inclusion(index, new)
            assert proof == path(index, values[:new])
            assert verify_inclusion(values[index], index, new, proof, roots[new])
        for old in range(1, new + 1):
            proof = tree.consistency(old, new)
            assert proof == subproof(old, values[:new], True)
            assert verify_consistency(old, roots[old], new, roots[new], proof)


@given(st.data())
def test_a_proof_of_something_else_does_not_verify(data: st.DataObject) -> None:
    values = leaves(70)
    new = data.draw(st.integers(2, 70))
    old, index = data.draw(st.integers(1, new - 1)), data.draw(st.integers(0, new - 1))
    tree, wrong = stored(values), data.draw(st.binary(min_size=32, max_size=32))
    inclusion, consistency = tree.inclusion(index, new), tree.consistency(old, new)
    at = data.draw(st.integers(0, 10))
    root, old_root = tree.root(new), tree.root(old)
    assert not verify_inclusion(wrong, index, new, inclusion, root)
    assert not verify_inclusion(values[index], index + 1, new, inclusion, root)
    assert not verify_inclusion(values[index], index, new, changed(inclusion, at, wrong), root)
    assert not verify_inclusion(values[index], index, new, inclusion[:-1], root)
    assert not verify_consistency(old, wrong, new, root, consistency)
    assert not verify_consistency(old, old_root, new, wrong, consistency)
    assert not verify_consistency(old, old_root, new, root, changed(consistency, at, wrong))
    assert not verify_consistency(old, old_root, new, root, consistency[:-1])
    assert not verify_consistency(new, root, old, old_root, consistency)


def changed(proof: list[bytes], at: int, value: bytes) -> list[bytes]:
    """The proof with a hash replaced, or one too many."""
    return [*proof[:at], value, *proof[at + 1 :]] if at < len(proof) else [*proof, value]


def test_nothing_is_proven_of_an_empty_tree_but_that_it_is_empty() -> None:
    root = mth(leaves(3))
    assert verify_consistency(0, EMPTY_ROOT, 3, root, [])
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not verify_consistency(0, EMPTY_ROOT, 0, root, [])
    assert not verify_consistency(0, root, 3, root, [])
    assert not verify_consistency(0, EMPTY_ROOT, 3, root, [root])
    assert not verify_consistency(3, root, 3, EMPTY_ROOT, [])
    assert not verify_inclusion(root, 0, 0, [], root)


@given(st.integers(0, 600), st.integers(0, 600))
def test_a_span_joins_the_frontier_that_it_continues(first: int, second: int) -> None:
    begin, end = sorted((first, second))
    values = leaves(end)
    span = Span(begin)
    span.extend(values[begin:])
    frontier = stored(values).frontier(begin)
    assert frontier.root() == mth(values[:begin])
    assert frontier.join(span) == stored(values).frontier(end)
    assert frontier.join(span).root() == mth(values)


@given(st.integers(0, 3000))
def test_a_frontier_survives_the_database(size: int) -> None:
    frontier = stored(leaves(size)).frontier(size)
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 7, b"\x00" * 9, b"\x00" * 7 + b"\x01", b"\x00" * 40]
)
def test_damaged_frontiers_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier.from_bytes(data)


def test_a_span_that_begins_elsewhere_does_not_join() -> None:
    with pytest.raises(ValueError, match="continue"):
        Frontier().join(Span(1))


def test_stored_nodes_give_the_same_proofs_and_need_few_hashes() -> None:
    size = 3 * 65536 + 517
    values, nodes, frontier = leaves(size), dict[tuple[int, int], bytes](), Frontier()
    for value in values:
        frontier = frontier.append(value)
        nodes |= {(node.level, node.place): node.hash for node in frontier.completed}
    read: list[int] = []

    def some_leaves(begin: int, end: int) -> Sequence[bytes]:
        read.append(end - begin)
        return values[begin:end]

    def some_nodes(level: int, begin: int, end: int) -> Iterable[bytes]:
        read.append(end - begin)
        return [nodes[level, place] for place in range(begin, end)]

    quick, slow = Tree(some_leaves, some_nodes), stored(values)
    assert len(nodes) == size // 256 + size // 65536
    assert quick.root(size) == frontier.root()
    assert quick.frontier(size) == frontier
    for index in (0, 70_000, size - 1):
        read.clear()
        proof = quick.inclusion(index, size)
        assert sum(read) < 4000
        assert proof == slow.inclusion(index, size)
        assert quick.consistency(index + 1, size) == slow.consistency(index + 1, size)


def test_a_missing_hash_is_no_proof() -> None:
    with pytest.raises(KeyError):
        Tree(lambda begin, end: leaves(3)[begin:end]).root(4)
    with pytest.raises(KeyError):
        Tree(lambda begin, end: [], lambda level, begin, end: []).root(256)


def test_completed_subtrees_are_named_as_they_come_into_being() -> None:
    frontier = Frontier()
    for value in leaves(255):
        frontier = frontier.append(value)
        assert frontier.completed == ()
    last = leaf_hash(b"last")
    frontier = frontier.append(last)
    assert frontier.completed == (Node(8, 0, mth([*leaves(255), last])),)


@pytest.mark.parametrize("before", [0, 1, 200, 255])
def test_many_leaves_at_once_grow_the_same_frontier(before: int) -> None:
    one_by_one = start = Frontier().append(*leaves(before))
    completed: list[Node] = []
    for leaf in leaves(600):
        one_by_one = one_by_one.append(leaf)
        completed += one_by_one.completed
    together = start.append(*leaves(600))
    assert together == one_by_one
    assert list(together.completed) == completed != []
    assert together.append() == together
