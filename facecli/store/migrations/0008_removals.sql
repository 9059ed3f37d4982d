-- Schema 8: templates are removed by hand, and such an erasure is one like the others.

ALTER TABLE erasure RENAME TO erasure_of_two;
CREATE TABLE erasure (                  -- what was erased, by pseudonym: survives the person
    id         INTEGER PRIMARY KEY,
    pseudonym  TEXT NOT NULL,
    purpose    TEXT,                    -- NULL: several, or the whole person
    at         TEXT NOT NULL,
    action     TEXT NOT NULL CHECK (action IN ('revoke', 'purge', 'faces')),
    reasons    TEXT NOT NULL,           -- JSON array
    counts     TEXT NOT NULL,           -- JSON object: template, photo, match, consent, subject
    seq        INTEGER NOT NULL,        -- of the log's entry
    held_since TEXT                     -- the day since which the oldest of the things was held
) STRICT;
INSERT INTO erasure SELECT * FROM erasure_of_two;
DROP TABLE erasure_of_two;
CREATE INDEX erasure_by_seq ON erasure (seq);
