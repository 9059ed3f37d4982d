"""Sealing the log that a database holds, and verifying it there.

The pure parts are in `checkpoints`, `epochs` and `log_verification`; here are the rows they work
on.

A checkpoint is made in a transaction (of an act that is logged, so that it covers its own entry),
and must leave the machine only after that transaction is committed: a checkpoint of a transaction
that was rolled back would later look like the work of an erased key. Before it is committed it is
opened with the trust key and compared with the checkpoint before it, so that a log whose stored
hashes were tampered with is not sealed as if it were whole.

In the order of an act that seals: `prepare`, its own entries, `seal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from facecli.audit import epochs, history
from facecli.audit.checkpoints import (
    Checkpoint,
    Epoch,
    Statement,
    compare,
    make_checkpoint,
    open_checkpoint,
)
from facecli.audit.entries import Act, recorded
from facecli.audit.export_text import EpochProof
from facecli.audit.merkle import Frontier
from facecli.audit.stored_entries import rows, tree
from facecli.audit.trust_key import TrustKey
from facecli.audit.words import counted_entries
from facecli.errors.audit import LogAltered, LogTruncated, LogUnsealed
from facecli.keys.signing import SigningKey
from facecli.store.database import Database
from facecli.store.integrity import checked_meanwhile
from facecli.times import add

EPOCH_LENGTH = "1d"


def origin(database_id: str) -> str:
    """Return the name of a database's log, and of all its keys."""
    return f"facecli.log/{database_id}"


def first_key(act: Act, name: str) -> TrustKey:
    """Make the log's first two keys, and entry 1 of the log, which announces them.

    Args:
        act: the act that creates the database; its log is empty.
        name: the log's origin.
    """
    identity, key = SigningKey.generate(name), SigningKey.generate(name)
    public = identity.verifier().public
    act.db.insert("identity_key", id=1, public=public, seed=identity.seed)
    epoch = Epoch(0, 0, key.verifier().public)
    _store_key(act, epoch, key)
    act.record(epochs.ACTION, details=epochs.first_details(public, epoch.key))
    return TrustKey.of(name, public, epoch.key)


def trust_key(db: Database) -> TrustKey:
    """Return the log's trust key, as the database's keys give it.

    Raises:
        LogAltered: the keys are not there.
    """
    name = origin(db.value("SELECT value FROM meta WHERE name = 'database_id'"))
    public = db.value("SELECT public FROM identity_key WHERE id = 1")
    first = db.value("SELECT public FROM signing_key WHERE epoch = 0")
    if public is None or first is None:
        raise LogAltered(why="the first of its keys is not there")
    return TrustKey.of(name, public, first)


def identity_key(db: Database) -> SigningKey:
    """Return the identity key.

    Raises:
        LogAltered: it is not there, or is not the one that the trust key commits to.
    """
    row = db.row("SELECT public, seed FROM identity_key WHERE id = 1")
    try:
        key = SigningKey(trust_key(db).name, row["seed"] if row is not None else b"")
    except ValueError:
        raise LogAltered(why="its identity key is not there") from None
    if row is None or key.verifier().public != row["public"]:
        raise LogAltered(why="its identity key is not the one that it states")
    return key


def latest_checkpoint(db: Database) -> str | None:
    """Return the text of the last checkpoint, or None if there was none."""
    note = db.value("SELECT note FROM checkpoint WHERE id = 1")
    return None if note is None else str(note)


def prepare(act: Act, held: Checkpoint | None = None) -> None:
    """Check the stored hashes, and begin a new epoch if one is due, before an act's entries.

    An epoch lasts a day of use. Its key signs the handover and is erased, in this transaction.

    Args:
        act: an act that has recorded nothing yet.
        held: a checkpoint from outside, which the log must extend.

    Raises:
        LogTruncated, LogAltered: the log is not as the database states, or does not extend `held`.
    """
    check_whole(act.db)
    if held is not None:
        check_extends(act.db, held)
    epoch, _, created_at = _present(act.db)
    if recorded(act.db).size <= epoch.began + 1:
        return  # nothing but the epoch's own entry
    # A clock that was set back must not keep one key alive until it has caught up again.
    if add(created_at, EPOCH_LENGTH) <= act.now or add(act.now, EPOCH_LENGTH) <= created_at:
        begin_epoch(act)


def begin_epoch(act: Act) -> None:
    """Hand the log over to a new key, and erase the old one (`secure_delete` overwrites it).

    Raises:
        LogAltered: the present key is not there.
    """
    db = act.db
    before, key, _ = _present(db)
    frontier = recorded(db)
    successor = SigningKey.generate(key.name)
    epoch = Epoch(before.number + 1, frontier.size, successor.verifier().public)
    details = epochs.handover_details(key, trust_key(db), epoch, frontier.root())
    act.record(epochs.ACTION, details=details)
    _store_key(act, epoch, successor)
    db.execute("UPDATE signing_key SET seed = NULL WHERE epoch < ?", (epoch.number,))


def seal(act: Act) -> str:
    """Seal the log as it stands in this act, and keep the checkpoint as the latest one.

    Args:
        act: an act that was prepared and has recorded its entry, so that the checkpoint covers it.

    Returns:
        The checkpoint's text. It must not be shown to anybody before the act is committed.

    Raises:
        LogAltered, LogTruncated: the log does not fit what was sealed before.
    """
    db, frontier = act.db, recorded(act.db)
    before = latest_checkpoint(db)
    check_whole(db)
    epoch, key, _ = _present(db)
    if frontier.size <= epoch.began:
        raise LogAltered(why="the stored keys are not those of its epochs")
    trusted = trust_key(db)
    first = db.value("SELECT public FROM signing_key WHERE epoch = 0")
    statement = Statement(trusted.name, frontier.size, frontier.root())
    text = make_checkpoint(statement, trusted, identity_key(db), epoch, key, first)
    made = open_checkpoint(text, trusted)
    if before is not None:
        _check_follows(db, made, open_checkpoint(before, trusted))
    db.execute(
        "INSERT INTO checkpoint (id, size, at, note) VALUES (1, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET size = excluded.size, at = excluded.at,"
        " note = excluded.note",
        (frontier.size, act.now, text),
    )
    return text


def checkpoint(act: Act, held: Checkpoint | None = None) -> str:
    """Seal the log as an act of its own, whose entry the checkpoint covers. See `seal`.

    Args:
        act: an act that has recorded nothing yet.
        held: a checkpoint from outside, which the log must extend.
    """
    prepare(act, held)
    act.record("log.checkpoint")
    return seal(act)


def epoch_at(db: Database, size: int) -> Epoch | None:
    """Return the epoch in force at a size of the log, or None at size 0."""
    row = db.row(
        "SELECT epoch, began, public FROM signing_key WHERE began < ? ORDER BY began DESC LIMIT 1",
        (size,),
    )
    return None if row is None else Epoch(row["epoch"], row["began"], row["public"])


def epoch_proofs(db: Database, until: int, size: int) -> Iterator[EpochProof]:
    """Yield the proofs of the epochs that began after entry `until`, for a checkpoint of `size`."""
    hashes = tree(db)
    sql = "SELECT began FROM signing_key WHERE began >= ? AND began < ? ORDER BY began"
    for (began,) in db.tuples(sql, (until, size)):
        entry = db.value("SELECT record FROM audit_entry WHERE seq = ?", (began + 1,))
        frontier = hashes.frontier(began).hashes
        yield EpochProof(entry, frontier, tuple(hashes.consistency(began + 1, size)))


def _check_follows(db: Database, made: Checkpoint, before: Checkpoint) -> None:
    compare(made, before)
    if before.size > made.size:
        raise LogTruncated(
            why=f"it ends at entry {made.size}, and {before.size} were sealed before"
        )
    if tree(db).root(before.size) != before.root:
        raise LogAltered(why=f"its entries up to {before.size} are not those that were sealed")


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


def check_extends(db: Database, held: Checkpoint) -> None:
    """Check that the log, by its stored hashes, begins with the log that `held` seals.

    Args:
        db: inside a transaction or snapshot.
        held: a checkpoint from outside, opened with the trust key.

    Raises:
        LogRestored: a restore without the live database explains the difference.
        LogTruncated: an earlier state replaced it, whatever was written to it since.
        LogAltered: the sealed entries are others now.
    """
    size, present = held.size, recorded(db).size
    if epoch_at(db, size) != held.epoch:
        raise history.restored_below(db, size) or LogTruncated(
            why=f"it ends at entry {present}, and {size} were sealed before"
            if size > present
            else f"at {counted_entries(size)}, another key than that of the checkpoint's epoch "
            f"{held.epoch.number} was in force, so that an earlier state replaced it"
        )
    if size > present:
        raise LogTruncated(why=f"it ends at entry {present}, and {size} were sealed before")
    with _stored_hashes():
        if tree(db).root(size) == held.root:
            return
    if (db.value("SELECT size FROM checkpoint WHERE id = 1") or 0) < size:
        raise LogTruncated(
            why=f"it knows of no checkpoint of {counted_entries(size)}, and others "
            "follow in their place"
        )
    raise LogAltered(why=f"its entries up to {size} are not those that were sealed")


def open_held(text: str | bytes, db: Database) -> Checkpoint:
    """Open a checkpoint from outside with the database's own trust key.

    Raises:
        LogAltered, LogTruncated: it is not a checkpoint of this database's log.
    """
    return open_checkpoint(text, trust_key(db))


@dataclass(frozen=True)
class Audit:
    """The result for a database: its entries, and the last one that a checkpoint covers."""

    entries: int
    sealed: int
    sealed_at: str
    epochs: int


def verify(
    db: Database, held: Sequence[tuple[str, bytes]] = (), expected_key: TrustKey | None = None
) -> Audit:
    """Verify the log of a database, entry by entry, and the pages that it lies in.

    Args:
        held: checkpoints that were kept elsewhere, each with its name.
        expected_key: the trust key as the auditor keeps it.

    Raises:
        PageDamaged: a page of the file fails its check.
        LogAltered, LogTruncated, LogUnsealed: see `log_verification.verify_stored`.
    """
    with checked_meanwhile(db):
        return _verify(db, held, expected_key)


def _verify(
    db: Database, held: Sequence[tuple[str, bytes]], expected_key: TrustKey | None
) -> Audit:
    # A nightly export starts quicker without.
    from facecli.audit.chain_end import Kept
    from facecli.audit.log_verification import verify_stored

    with db.snapshot():
        trusted = trust_key(db)
        if expected_key is not None and trusted != expected_key:
            raise LogAltered(why="the database's log does not begin with the trust key given")
        frontier = recorded(db)
        stored = latest_checkpoint(db)
        sealed_at = db.value("SELECT at FROM checkpoint WHERE id = 1")
        kept = [Kept(open_checkpoint(text, trusted), name) for name, text in held]
        present, _, _ = _present(db)
        _check_end(db, frontier)
        for one in kept:
            check_extends(db, one.checkpoint)
    latest = None if stored is None else open_checkpoint(stored, trusted)
    found = verify_stored(rows(db, 0, frontier.size), frontier, trusted, latest, kept)
    if found.epoch != present or latest is None:
        raise LogTruncated(why="its present key is not the one that its last epoch announces")
    for one in kept:
        if latest.size < one.checkpoint.size:
            raise LogUnsealed(
                why=f"its last checkpoint is of {counted_entries(latest.size)}, and one of "
                f"{one.checkpoint.size} was made before"
            )
    return Audit(found.size, latest.size, str(sealed_at), present.number + 1)


def _check_end(db: Database, frontier: Frontier) -> None:
    last = db.value("SELECT max(seq) FROM audit_entry") or 0
    if last < frontier.size:
        raise LogTruncated(why=f"entries {last + 1} to {frontier.size} are missing")
    if last > frontier.size:
        raise LogAltered(why=f"entries {frontier.size + 1} to {last} were added to it")


def _present(db: Database) -> tuple[Epoch, SigningKey, str]:
    """Return the present epoch, its key, and the time when the key was made."""
    row = db.row("SELECT * FROM signing_key ORDER BY epoch DESC LIMIT 1")
    if row is None or row["seed"] is None:
        raise LogAltered(why="the key that signs its checkpoints is not there")
    key = SigningKey(trust_key(db).name, row["seed"])
    if key.verifier().public != row["public"]:
        raise LogAltered(why="the key that signs its checkpoints is not the one that it names")
    return Epoch(row["epoch"], row["began"], row["public"]), key, row["created_at"]


def _store_key(act: Act, epoch: Epoch, key: SigningKey) -> None:
    act.db.insert(
        "signing_key",
        epoch=epoch.number,
        began=epoch.began,
        public=epoch.key,
        seed=key.seed,
        created_at=act.now,
    )


@contextmanager
def _stored_hashes() -> Iterator[None]:
    """Report a hash that should be stored and is not."""
    try:
        yield
    except KeyError as error:
        raise LogAltered(why="hashes of its tree are missing") from error
