-- Schema 9: the register: what is held elsewhere, what was disclosed, asked and offered.

-- A request of a person is to be answered within this time; NULL: the file does not state it.
ALTER TABLE purpose_version ADD COLUMN answer_within TEXT;

CREATE TABLE held_elsewhere (            -- data on a person outside facecli, until it is confirmed gone
    id              INTEGER PRIMARY KEY,
    item_id         TEXT NOT NULL UNIQUE,              -- random
    subject_id      INTEGER REFERENCES subject (id),   -- NULL: erased, while this was still open
    case_id         TEXT,                -- random, since that erasure; the certificate has it too
    what            TEXT NOT NULL,       -- one of a fixed list
    place           TEXT NOT NULL,       -- who holds it; names nobody
    since           TEXT,                -- a day
    recorded_on     TEXT NOT NULL,       -- a day
    asked_at        TEXT,                -- the erasure
    confirmed_at    TEXT,
    evidence_sha256 TEXT,                -- of the confirmation
    CHECK ((subject_id IS NULL) = (case_id IS NOT NULL)),
    CHECK (subject_id IS NOT NULL OR confirmed_at IS NULL)
) STRICT;
CREATE INDEX held_elsewhere_by_subject ON held_elsewhere (subject_id);
CREATE INDEX held_elsewhere_open ON held_elsewhere (asked_at) WHERE confirmed_at IS NULL;

CREATE TABLE disclosure (
    id            INTEGER PRIMARY KEY,
    disclosure_id TEXT NOT NULL UNIQUE,  -- random
    subject_id    INTEGER REFERENCES subject (id),     -- NULL: a breach of the whole database
    recipient     TEXT NOT NULL,
    what          TEXT NOT NULL,
    basis         TEXT NOT NULL,
    day           TEXT NOT NULL
) STRICT;
CREATE INDEX disclosure_by_subject ON disclosure (subject_id);

CREATE TABLE subject_request (           -- what a person asks for, or complains about
    id          INTEGER PRIMARY KEY,
    request_id  TEXT NOT NULL UNIQUE,    -- random
    subject_id  INTEGER NOT NULL REFERENCES subject (id),
    kind        TEXT NOT NULL CHECK (kind IN ('access', 'erase', 'correct', 'complain')),
    received_on TEXT NOT NULL,           -- a day
    due_at      TEXT NOT NULL,           -- the end of the last day to answer on
    answered_at TEXT,
    answer      TEXT,
    refused     TEXT                     -- the reason of a refusal
) STRICT;
CREATE INDEX subject_request_by_subject ON subject_request (subject_id);
CREATE INDEX subject_request_open ON subject_request (subject_id, due_at) WHERE answered_at IS NULL;

CREATE TABLE alternative_offer (         -- the way without the face was offered to a person
    id         INTEGER PRIMARY KEY,
    subject_id INTEGER NOT NULL REFERENCES subject (id),
    purpose_id INTEGER REFERENCES purpose (id),        -- NULL: when they were added, for any purpose
    offered_on TEXT NOT NULL,            -- a day
    choice     TEXT CHECK (choice IN ('face', 'alternative')),  -- the first; NULL: none yet
    changed    INTEGER NOT NULL DEFAULT 0                       -- 1: they chose otherwise later
) STRICT;
CREATE INDEX alternative_offer_by_subject ON alternative_offer (subject_id);

CREATE TABLE register_count (            -- numbers of what was erased with people; they name nobody
    what    TEXT NOT NULL,
    purpose TEXT NOT NULL,               -- a code; empty: of no one purpose
    number  INTEGER NOT NULL,
    PRIMARY KEY (what, purpose)
) STRICT, WITHOUT ROWID;

CREATE INDEX consent_by_end ON consent (expires_at) WHERE withdrawn_at IS NULL;
