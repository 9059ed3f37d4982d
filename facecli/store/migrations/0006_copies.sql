-- Schema 6: copies are known, and erasures reach them.

-- The copies that this database knows: backups, and databases that a restore set aside.
CREATE TABLE known_copy (
    copy_id TEXT PRIMARY KEY,
    kind    TEXT NOT NULL CHECK (kind IN ('backup', 'set-aside')),
    state   TEXT NOT NULL CHECK (state IN ('making', 'kept', 'leaving')),
    path    TEXT NOT NULL,              -- where it was made or last seen
    salt    BLOB NOT NULL,              -- the first bytes of the file
    made_at TEXT NOT NULL,
    applied INTEGER NOT NULL            -- the entries whose erasures were applied to it
) STRICT, WITHOUT ROWID;

-- The day since which the oldest of the erased things was held: an older copy lacks all of them.
ALTER TABLE erasure ADD COLUMN held_since TEXT;
CREATE INDEX erasure_by_seq ON erasure (seq);
