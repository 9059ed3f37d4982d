"""Sealing the log that a database holds, and verifying it there.

The pure parts are in `checkpoints`, `merkle` and `verification`; here are the rows they work on.

A seal is made in a transaction (of an act that is logged, so that it covers its own entry), and
must leave the machine only after that transaction is committed: a seal of a transaction that was
rolled back would later look like the work of an erased key. Before it is committed it is opened
with the trust key and held against the seal before it, so that a log whose stored hashes were
tampered with is not sealed as if it were whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from facecli.audit.checkpoints import Seal, compare, make_seal, open_seal, sign_succession
from facecli.audit.entries import Act, recorded
from facecli.audit.log_verification import Row, verify_stored
from facecli.audit.merkle import Frontier, Tree
from facecli.errors.audit import LogAltered, LogTruncated, LogUnsealed
from facecli.keys.signing import SigningKey, VerifierKey
from facecli.store.database import Database
from facecli.store.integrity import checked_meanwhile
from facecli.times import add

EPOCH_LENGTH = "1d"
CHUNK = 2000  # entries read at once; between two reads the file is free for writers


def origin(database_id: str) -> str:
    """The name of a database's log, and of all its keys."""
    return f"facecli.log/{database_id}"


def first_key(act: Act, name: str) -> VerifierKey:
    """Make the log's first signing key, while the log is empty; its public half is the trust key.

    Args:
        act: the act that creates the database.
        name: the log's origin.
    """
    key = SigningKey.generate(name)
    _store_key(act, 0, key, None, 0)
    return key.verifier()


def trust_key(db: Database) -> VerifierKey:
    """The log's first public key, as the database states it.

    Raises:
        LogAltered: it is not there, is none, or is another database's.
    """
    stored = db.value("SELECT verifier FROM signing_key WHERE epoch = 0")
    try:
        key = VerifierKey.parse(stored or "")
    except ValueError as error:
        raise LogAltered(why="the first of its keys is not there") from error
    if key.name != origin(db.value("SELECT value FROM meta WHERE name = 'database_id'")):
        raise LogAltered(why="it is another database's log")
    return key


def tree(db: Database) -> Tree:
    """The log's tree over the stored hashes; reads a few thousand at most for any proof."""

    def leaves(begin: int, end: int) -> list[bytes]:
        sql = "SELECT leaf_hash FROM audit_entry WHERE seq > ? AND seq <= ? ORDER BY seq"
        return [row[0] for row in db.rows(sql, (begin, end))]

    def nodes(level: int, begin: int, end: int) -> list[bytes]:
        sql = (
            "SELECT hash FROM audit_node WHERE level = ? AND place >= ? AND place < ?"
            " ORDER BY place"
        )
        return [row[0] for row in db.rows(sql, (level, begin, end))]

    return Tree(leaves, nodes)


def rows(db: Database, after: int, until: int) -> Iterator[list[Row]]:
    """The entries from `after + 1` to `until`, in order, some at a time.

    They are read piece by piece without a transaction: the log only grows, and a slow reader
    must not keep anybody from writing.
    """
    sql = (
        "SELECT seq, CAST(record AS BLOB), leaf_hash FROM audit_entry WHERE seq > ? AND seq <= ?"
        " ORDER BY seq LIMIT ?"
    )
    while found := db.tuples(sql, (after, until, CHUNK)):
        yield found
        after = found[-1][0]


def latest_seal(db: Database) -> str | None:
    """The text of the last seal; None if there was none."""
    seal = db.value("SELECT seal FROM checkpoint WHERE id = 1")
    return None if seal is None else str(seal)


def seal(act: Act, *, new_epoch: bool = False) -> str:
    """Seal the log as it stands in this act, and keep the seal as the latest one.

    A new epoch begins before it, once a day, if the log has grown: the key that signed until now
    names its successor and is erased, in this very transaction.

    Args:
        act: an act that has recorded its entry already, so that the seal covers it.
        new_epoch: begin a new epoch now, not once a day. Every later seal then states the log's
            root at this size, and a proof to it holds against all of them (`certificates`).

    Returns:
        The seal's text. It must not be shown to anybody before the act is committed.

    Raises:
        LogAltered, LogTruncated: the log does not fit what was sealed before.
    """
    db, size = act.db, recorded(act.db).size
    before = latest_seal(db)
    with _stored_hashes():
        check_whole(db)
        if _is_time(act, size, new_epoch):
            _succeed(act, size)
        number, began, key = _present(db)
        notes = [
            str(row["succession"])
            for row in db.rows("SELECT succession FROM signing_key WHERE epoch > 0 ORDER BY epoch")
        ]
        if number != len(notes) or size < began:
            raise LogAltered(why="the stored keys are not those of its epochs")
        text = make_seal(key, notes, began=began, size=size, tree=tree(db))
        trusted = trust_key(db)
        made = open_seal(text, trusted)
        if before is not None:
            _check_follows(db, made, open_seal(before, trusted))
    db.execute(
        "INSERT INTO checkpoint (id, size, at, seal) VALUES (1, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET size = excluded.size, at = excluded.at,"
        " seal = excluded.seal",
        (size, act.now, text),
    )
    return text


def checkpoint(act: Act) -> str:
    """Seal the log as an act of its own; its entry is covered. See `seal`."""
    check_whole(act.db)
    act.record("log.checkpoint")
    return seal(act)


def _check_follows(db: Database, made: Seal, before: Seal) -> None:
    compare(made, before)
    size = before.checkpoint.size
    if size > made.checkpoint.size:
        raise LogTruncated(
            why=f"it ends at entry {made.checkpoint.size}, and {size} were sealed before"
        )
    if tree(db).root(size) != before.checkpoint.root:
        raise LogAltered(why=f"its first {size} entries are not those that were sealed")


def check_whole(db: Database) -> None:
    """Check that the stored entries end where the log does, and its hashes with its frontier.

    Raises:
        LogTruncated, LogAltered
    """
    frontier = recorded(db)
    _check_end(db, frontier)
    with _stored_hashes():
        if tree(db).root(frontier.size) != frontier.root():
            raise LogAltered(why="its entries are not those that were appended")


def check_extends(db: Database, held: Seal) -> None:
    """Check that the log, by its stored hashes, begins with the log that `held` seals.

    Args:
        db: inside a transaction or snapshot.
        held: a seal from outside, opened with the trust key.

    Raises:
        LogTruncated: it was put back to an earlier state, whatever was written to it since.
        LogAltered: the sealed entries are others now.
    """
    size = held.checkpoint.size
    present = recorded(db).size
    if size > present:
        raise LogTruncated(why=f"it ends at entry {present}, and {size} were sealed before")
    stored = latest_seal(db)
    latest = None if stored is None else open_seal(stored, trust_key(db))
    if latest is not None:
        compare(latest, held)
    with _stored_hashes():
        if tree(db).root(size) == held.checkpoint.root:
            return
    if latest is None or latest.checkpoint.size < size:
        raise LogTruncated(
            why=f"it knows of no checkpoint of {size} entries, and others follow in their place"
        )
    raise LogAltered(why=f"its first {size} entries are not those that were sealed")


def open_held(text: str | bytes, db: Database) -> Seal:
    """A checkpoint from outside, opened with the database's own trust key.

    Raises:
        LogAltered, LogTruncated: it is not a checkpoint of this database's log.
    """
    return open_seal(text, trust_key(db))


@dataclass(frozen=True)
class Audit:
    """What verifying a database found: its entries, and up to which one they are sealed."""

    entries: int
    sealed: int
    sealed_at: str
    epochs: int


def verify(
    db: Database, held: bytes | None = None, expected_key: VerifierKey | None = None
) -> Audit:
    """Verify the log of a database, entry by entry, and the pages that it lies in.

    Args:
        held: a checkpoint that was kept elsewhere.
        expected_key: the trust key as the auditor keeps it.

    Raises:
        PageDamaged: a page of the file fails its check.
        LogAltered, LogTruncated, LogUnsealed: see `verification.verify_stored`.
    """
    with checked_meanwhile(db):
        return _verify(db, held, expected_key)


def _verify(db: Database, held: bytes | None, expected_key: VerifierKey | None) -> Audit:
    with db.snapshot():
        trusted = trust_key(db)
        if expected_key is not None and trusted != expected_key:
            raise LogAltered(why="the database's log does not begin with the trust key given")
        frontier = recorded(db)
        stored = latest_seal(db)
        sealed_at = db.value("SELECT at FROM checkpoint WHERE id = 1")
        kept = None if held is None else open_seal(held, trusted)
        keys = [row[0] for row in db.rows("SELECT verifier FROM signing_key ORDER BY epoch")]
        _check_end(db, frontier)
        if kept is not None:
            check_extends(db, kept)
    latest = None if stored is None else open_seal(stored, trusted)
    found = verify_stored(rows(db, 0, frontier.size), frontier, latest, kept)
    if [str(epoch.key) for epoch in found.seal.epochs] != keys:
        raise LogTruncated(why="its keys are not those of its last checkpoint")
    sealed = found.seal.checkpoint.size
    if kept is not None and sealed < kept.checkpoint.size:
        raise LogUnsealed(
            why=f"its last checkpoint is of {sealed} entries, and one of {kept.checkpoint.size} "
            "was made before"
        )
    return Audit(found.until, sealed, str(sealed_at), len(found.seal.epochs))


def _check_end(db: Database, frontier: Frontier) -> None:
    last = db.value("SELECT max(seq) FROM audit_entry") or 0
    if last < frontier.size:
        raise LogTruncated(why=f"entries {last + 1} to {frontier.size} are missing")
    if last > frontier.size:
        raise LogAltered(why=f"entries {frontier.size + 1} to {last} were added to it")


def _is_time(act: Act, size: int, new_epoch: bool) -> bool:
    sql = "SELECT began, created_at FROM signing_key ORDER BY epoch DESC LIMIT 1"
    present = act.db.row(sql)
    if present is None or size <= present["began"]:
        return False
    # A clock that was put back must not keep one key alive until it has caught up again.
    began = present["created_at"]
    elapsed = add(began, EPOCH_LENGTH) <= act.now or add(act.now, EPOCH_LENGTH) <= began
    return new_epoch or elapsed


def _present(db: Database) -> tuple[int, int, SigningKey]:
    """The present epoch: its number, the log's size when it began, and its key."""
    row = db.row("SELECT * FROM signing_key ORDER BY epoch DESC LIMIT 1")
    if row is None or row["seed"] is None:
        raise LogAltered(why="the key that signs its checkpoints is not there")
    key = SigningKey(trust_key(db).name, row["seed"])
    if str(key.verifier()) != row["verifier"]:
        raise LogAltered(why="the key that signs its checkpoints is not the one that it names")
    return row["epoch"], row["began"], key


def _succeed(act: Act, size: int) -> None:
    """Hand the log over to a new key and erase the old one (`secure_delete` overwrites it)."""
    number, began, key = _present(act.db)
    successor = SigningKey.generate(key.name)
    note = sign_succession(
        key, successor.verifier(), epoch=number + 1, began=began, size=size, tree=tree(act.db)
    )
    _store_key(act, number + 1, successor, note, size)
    act.db.execute("UPDATE signing_key SET seed = NULL WHERE epoch <= ?", (number,))


def _store_key(act: Act, epoch: int, key: SigningKey, succession: str | None, began: int) -> None:
    act.db.insert(
        "signing_key",
        epoch=epoch,
        began=began,
        verifier=str(key.verifier()),
        seed=key.seed,
        succession=succession,
        created_at=act.now,
    )


@contextmanager
def _stored_hashes() -> Iterator[None]:
    """A hash that should be stored and is not."""
    try:
        yield
    except KeyError as error:
        raise LogAltered(why="hashes of its tree are missing") from error
