-- Schema 17: rows around a template in half the bytes. Times are whole seconds since 1970 (UTC),
-- days are whole days since then, ids are bytes. A column of the same meaning gives the text of
-- before; it is computed when it is read and takes no room. Conditions on many rows use the numbers.

ALTER TABLE consent RENAME TO consent_of_text;
CREATE TABLE consent (
    id                 INTEGER PRIMARY KEY,
    record_id          BLOB NOT NULL,         -- the receipt's id, a random UUID; has no index
    subject_id         INTEGER NOT NULL REFERENCES subject (id),
    purpose_id         INTEGER NOT NULL REFERENCES purpose (id),
    purpose_version_id INTEGER NOT NULL REFERENCES purpose_version (id),
    version            INTEGER NOT NULL,      -- of the purpose; any revision of it will do
    given              INTEGER NOT NULL,
    given_at           TEXT AS (strftime('%Y-%m-%dT%H:%M:%SZ', given, 'unixepoch')),
    expires            INTEGER NOT NULL CHECK (expires > given),
    expires_at         TEXT AS (strftime('%Y-%m-%dT%H:%M:%SZ', expires, 'unixepoch')),
    withdrawn_at       TEXT,
    recorded           INTEGER NOT NULL,
    recorded_at        TEXT AS (strftime('%Y-%m-%dT%H:%M:%SZ', recorded, 'unixepoch')),
    guardian           TEXT,
    notice_sha256      BLOB,                  -- of the notice shown; NULL: that of the version
    notice_lang        TEXT,                  -- of the notice shown; NULL: the principal one
    notice_shown       TEXT,                  -- 'declared' or 'asked'; NULL: the form shows it
    form_sha256        BLOB,
    evidence_sha256    TEXT AS (lower(nullif(hex(form_sha256), ''))),
    evidence           BLOB,                  -- only with --keep-evidence
    shared_form        TEXT                   -- why the form covers other people or purposes too
) STRICT;
INSERT INTO consent (id, record_id, subject_id, purpose_id, purpose_version_id, version, given,
        expires, withdrawn_at, recorded, guardian, notice_sha256, notice_lang, notice_shown,
        form_sha256, evidence, shared_form)
    SELECT c.id, unhex(record_id, '-'), subject_id, c.purpose_id, purpose_version_id, c.version,
        unixepoch(given_at), unixepoch(expires_at), withdrawn_at, unixepoch(recorded_at), guardian,
        iif(c.notice_sha256 = v.notice_sha256, NULL, unhex(c.notice_sha256)), c.notice_lang,
        notice_shown, unhex(evidence_sha256), evidence, shared_form
    FROM consent_of_text c LEFT JOIN purpose_version v ON v.id = purpose_version_id ORDER BY c.id;
DROP TABLE consent_of_text;
CREATE INDEX consent_by_subject ON consent (subject_id, purpose_id);
CREATE INDEX consent_in_force
    ON consent (purpose_id, version, subject_id, given, expires, withdrawn_at)
    WHERE withdrawn_at IS NULL;
CREATE INDEX consent_by_form ON consent (form_sha256) WHERE form_sha256 IS NOT NULL;
CREATE INDEX consent_by_end ON consent (expires) WHERE withdrawn_at IS NULL;

ALTER TABLE template RENAME TO template_of_text;
CREATE TABLE template (
    id             INTEGER PRIMARY KEY,
    template_id    BLOB NOT NULL,        -- a random UUID
    subject_id     INTEGER NOT NULL REFERENCES subject (id),
    purpose_id     INTEGER NOT NULL REFERENCES purpose (id),
    sample_id      INTEGER REFERENCES sample (id),
    shard_id       INTEGER NOT NULL REFERENCES template_shard (id),
    slot           INTEGER NOT NULL,
    quality        INTEGER,
    capture_sha256 BLOB NOT NULL,        -- of the image file, to find a capture again
    created        INTEGER NOT NULL,
    created_at     TEXT AS (strftime('%Y-%m-%dT%H:%M:%SZ', created, 'unixepoch')),
    source         TEXT,                 -- where the photo comes from; NULL: not stated
    other_face     TEXT                  -- why it counts as theirs though it looks like another's
) STRICT;
INSERT INTO template (id, template_id, subject_id, purpose_id, sample_id, shard_id, slot, quality,
        capture_sha256, created, source, other_face)
    SELECT id, template_id, subject_id, purpose_id, sample_id, shard_id, slot, quality,
        capture_sha256, unixepoch(created_at), source, other_face
    FROM template_of_text ORDER BY id;
DROP TABLE template_of_text;
CREATE INDEX template_by_subject ON template (subject_id, purpose_id);
CREATE UNIQUE INDEX template_by_place    -- all that is compared with shard_subjects
    ON template (shard_id, slot, subject_id, purpose_id);
CREATE INDEX template_by_sample ON template (sample_id) WHERE sample_id IS NOT NULL;

ALTER TABLE interaction RENAME TO interaction_of_text;
CREATE TABLE interaction (
    subject_id INTEGER NOT NULL REFERENCES subject (id),
    purpose_id INTEGER NOT NULL REFERENCES purpose (id),
    day_number INTEGER NOT NULL,
    day        TEXT AS (date(day_number * 86400, 'unixepoch')),
    PRIMARY KEY (subject_id, purpose_id)
) STRICT, WITHOUT ROWID;
INSERT INTO interaction (subject_id, purpose_id, day_number)
    SELECT subject_id, purpose_id, unixepoch(day) / 86400 FROM interaction_of_text;
DROP TABLE interaction_of_text;
CREATE INDEX interaction_by_day ON interaction (purpose_id, day_number);

-- Other tables refer to this one by its name, so the new one takes it last.
CREATE TABLE small_subject (
    id                  INTEGER PRIMARY KEY,
    pseudonym_bytes     BLOB NOT NULL,         -- random
    pseudonym           TEXT AS (lower(hex(pseudonym_bytes))),  -- what the log calls this subject
    ref                 TEXT NOT NULL UNIQUE,  -- the operator's own id
    name                TEXT,
    state               TEXT NOT NULL CHECK (state IN ('active', 'restricted', 'alternative-only')),
    minor               INTEGER NOT NULL CHECK (minor IN (0, 1)),
    guardian            TEXT,
    created             INTEGER NOT NULL,
    created_at          TEXT AS (strftime('%Y-%m-%dT%H:%M:%SZ', created, 'unixepoch')),
    last_day_number     INTEGER NOT NULL,
    last_interaction    TEXT AS (date(last_day_number * 86400, 'unixepoch')),
    waiting_since       TEXT,   -- who gives no consent is due 30 days after; NULL: after created_at
    minor_until         TEXT,                  -- the moment at which a minor is one no more
    ref_skeleton        INTEGER,               -- numbers of the skeletons of migration 12; NULL:
    ref_folded_skeleton INTEGER,               -- until the next command opens the database
    CHECK (minor = 0 OR guardian IS NOT NULL)
) STRICT;
INSERT INTO small_subject (id, pseudonym_bytes, ref, name, state, minor, guardian, created,
        last_day_number, waiting_since, minor_until)
    SELECT id, unhex(pseudonym), ref, name, state, minor, guardian, unixepoch(created_at),
        unixepoch(last_interaction) / 86400, waiting_since, minor_until
    FROM subject ORDER BY id;
DROP TABLE subject;
ALTER TABLE small_subject RENAME TO subject;
CREATE INDEX subject_by_pseudonym ON subject (substr(pseudonym_bytes, 1, 4));
CREATE INDEX subject_apart ON subject (id) WHERE state <> 'active' OR minor <> 0;
CREATE INDEX subject_by_minor_until ON subject (minor_until) WHERE minor_until IS NOT NULL;
CREATE INDEX subject_by_name ON subject (name COLLATE NOCASE) WHERE name IS NOT NULL;
CREATE INDEX subject_by_skeleton ON subject (ref_skeleton);
CREATE INDEX subject_by_folded_skeleton ON subject (ref_folded_skeleton);
