-- The database of facecli, schema 1. Times are RFC 3339 text in UTC with whole seconds
-- ("2026-11-23T21:00:00Z"), so that they compare as text. Durations are text as in a purpose
-- file ("2y", "180d").

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,             -- database_id, created_at, engine, engine_id
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_slot (                 -- see keys/slots.py: for wrapping a new database key
    label    TEXT PRIMARY KEY,
    slot_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- consent ------------------------------------------------------------------------------

CREATE TABLE purpose (
    id         INTEGER PRIMARY KEY,
    code       TEXT NOT NULL UNIQUE,
    retired_at TEXT
) STRICT;

CREATE TABLE purpose_version (          -- one row a revision; consents hold for one *version*
    id                 INTEGER PRIMARY KEY,
    purpose_id         INTEGER NOT NULL REFERENCES purpose (id),
    version            INTEGER NOT NULL,
    revision           INTEGER NOT NULL,  -- 0, then one more for each minor revision
    valid_from         TEXT NOT NULL,
    controller_name    TEXT NOT NULL,
    controller_contact TEXT NOT NULL,
    title              TEXT NOT NULL,
    method             TEXT NOT NULL,
    scope              TEXT NOT NULL,
    data               TEXT NOT NULL,     -- JSON array of text
    necessity          TEXT NOT NULL,
    impact             TEXT NOT NULL,
    legal_basis        TEXT NOT NULL,
    alternative        TEXT NOT NULL,
    impact_assessment  TEXT NOT NULL,
    rights             TEXT NOT NULL,
    notice             TEXT NOT NULL,     -- the notice's whole text
    notice_sha256      TEXT NOT NULL,
    max_consent        TEXT NOT NULL,
    retain_template    TEXT NOT NULL,
    retain_photo       TEXT NOT NULL,
    retain_match       TEXT NOT NULL,
    inactive_after     TEXT NOT NULL,
    threshold_fmr      REAL NOT NULL,
    UNIQUE (purpose_id, version, revision)
) STRICT;

CREATE VIEW purpose_current AS          -- the latest revision of the latest version
SELECT pv.*, p.code, p.retired_at,
    (SELECT min(valid_from) FROM purpose_version v
     WHERE v.purpose_id = p.id AND v.version = pv.version) AS version_since
FROM purpose p
JOIN purpose_version pv ON pv.id = (
    SELECT id FROM purpose_version WHERE purpose_id = p.id
    ORDER BY version DESC, revision DESC LIMIT 1
);

CREATE TABLE subject (
    id               INTEGER PRIMARY KEY,
    pseudonym        TEXT NOT NULL UNIQUE,  -- what the log calls this subject
    ref              TEXT NOT NULL UNIQUE,  -- the operator's own id
    name             TEXT,
    state            TEXT NOT NULL CHECK (state IN ('active', 'restricted', 'alternative-only')),
    minor            INTEGER NOT NULL CHECK (minor IN (0, 1)),
    guardian         TEXT,
    created_at       TEXT NOT NULL,
    last_interaction TEXT NOT NULL,
    CHECK (minor = 0 OR guardian IS NOT NULL)
) STRICT;

CREATE TABLE subject_hold (             -- a legal hold: restricted, never matched, not purged
    subject_id   INTEGER PRIMARY KEY REFERENCES subject (id),
    reason       TEXT NOT NULL,
    until        TEXT NOT NULL,
    set_at       TEXT NOT NULL,
    state_before TEXT NOT NULL
) STRICT;

CREATE TABLE consent (
    id                 INTEGER PRIMARY KEY,
    record_id          TEXT NOT NULL UNIQUE,  -- the receipt's id
    subject_id         INTEGER NOT NULL REFERENCES subject (id),
    purpose_id         INTEGER NOT NULL REFERENCES purpose (id),
    purpose_version_id INTEGER NOT NULL REFERENCES purpose_version (id),
    version            INTEGER NOT NULL,      -- of the purpose; any revision of it will do
    given_at           TEXT NOT NULL,
    expires_at         TEXT NOT NULL CHECK (expires_at > given_at),
    withdrawn_at       TEXT,
    recorded_at        TEXT NOT NULL,
    guardian           TEXT,
    notice_sha256      TEXT NOT NULL,
    evidence_sha256    TEXT,
    evidence           BLOB                   -- only with --keep-evidence
) STRICT;
CREATE INDEX consent_by_subject         -- all that the gate asks of a consent
    ON consent (subject_id, purpose_id, version, withdrawn_at, given_at, expires_at, guardian);

CREATE TABLE spent_consent (            -- consents that ended: none counts a second time
    tag      BLOB PRIMARY KEY,           -- HMAC-SHA256 of REF, purpose and, if there was one, form
    ended_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- recognition --------------------------------------------------------------------------

CREATE TABLE template_shard (           -- which vectors lie in `shard_vectors`
    id         INTEGER PRIMARY KEY,
    purpose_id INTEGER NOT NULL REFERENCES purpose (id),
    engine_id  TEXT NOT NULL,
    dimension  INTEGER NOT NULL,
    capacity   INTEGER NOT NULL,
    used       INTEGER NOT NULL CHECK (used BETWEEN 0 AND capacity)
) STRICT;
CREATE INDEX template_shard_by_purpose ON template_shard (purpose_id, engine_id);

CREATE TABLE shard_vectors (            -- packed float32 vectors: the only home of templates;
    shard_id INTEGER PRIMARY KEY REFERENCES template_shard (id),  -- apart from `used`, or each
    vectors  BLOB NOT NULL                                        -- template rewrote all of it
) STRICT;

CREATE TABLE sample (                   -- a photo, only if it is kept
    id          INTEGER PRIMARY KEY,
    subject_id  INTEGER NOT NULL REFERENCES subject (id),
    purpose_id  INTEGER NOT NULL REFERENCES purpose (id),
    captured_at TEXT NOT NULL,
    photo       BLOB NOT NULL            -- JPEG without metadata
) STRICT;
CREATE INDEX sample_by_subject ON sample (subject_id);

CREATE TABLE template (
    id             INTEGER PRIMARY KEY,
    template_id    TEXT NOT NULL UNIQUE,
    subject_id     INTEGER NOT NULL REFERENCES subject (id),
    purpose_id     INTEGER NOT NULL REFERENCES purpose (id),
    sample_id      INTEGER REFERENCES sample (id),
    shard_id       INTEGER NOT NULL REFERENCES template_shard (id),
    slot           INTEGER NOT NULL,
    quality        INTEGER,
    capture_sha256 TEXT NOT NULL,        -- of the image file, to find a capture again
    created_at     TEXT NOT NULL,
    UNIQUE (shard_id, slot)
) STRICT;
CREATE INDEX template_by_subject         -- all that the gate asks of a template
    ON template (subject_id, purpose_id, shard_id, slot);
CREATE INDEX template_by_sample ON template (sample_id) WHERE sample_id IS NOT NULL;

CREATE TABLE match_event (
    id         INTEGER PRIMARY KEY,
    subject_id INTEGER NOT NULL REFERENCES subject (id),
    purpose_id INTEGER NOT NULL REFERENCES purpose (id),
    at         TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('identification', 'verification')),
    distance   REAL NOT NULL,
    threshold  REAL NOT NULL
) STRICT;
CREATE INDEX match_event_by_subject ON match_event (subject_id);
CREATE INDEX match_event_by_age ON match_event (purpose_id, at);

-- erasure ------------------------------------------------------------------------------

CREATE TABLE erasure (                  -- what was erased, by pseudonym: survives the person
    id        INTEGER PRIMARY KEY,
    pseudonym TEXT NOT NULL,
    purpose   TEXT,                     -- NULL: the whole person
    at        TEXT NOT NULL,
    action    TEXT NOT NULL CHECK (action IN ('revoke', 'purge')),
    reasons   TEXT NOT NULL,            -- JSON array
    counts    TEXT NOT NULL,            -- JSON object: template, photo, match, consent, subject
    seq       INTEGER NOT NULL          -- of the log's entry
) STRICT;

-- audit --------------------------------------------------------------------------------

CREATE TABLE audit_entry (
    seq       INTEGER PRIMARY KEY,       -- 1, 2, 3 … without a gap
    record    TEXT NOT NULL,             -- canonical JSON (RFC 8785) of the entry
    leaf_hash BLOB NOT NULL              -- RFC 6962 leaf hash of `record`
) STRICT;

CREATE TABLE audit_frontier (           -- the tree's right edge: appending needs no more
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    size     INTEGER NOT NULL,
    frontier BLOB NOT NULL
) STRICT;

CREATE TABLE audit_node (               -- complete subtrees of level 8, 16, …: for quick proofs
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_key (             -- signs every checkpoint, for stock tools; never changes
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    public BLOB NOT NULL,
    seed   BLOB NOT NULL
) STRICT;

CREATE TABLE signing_key (              -- the epoch keys; the log's entries `log.epoch` name them
    epoch      INTEGER PRIMARY KEY,
    began      INTEGER NOT NULL UNIQUE,  -- the log's size before the entry that announces the key
    public     BLOB NOT NULL,
    seed       BLOB,                     -- NULL once erased: only that of the present epoch is there
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE checkpoint (               -- the latest one
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    at   TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
