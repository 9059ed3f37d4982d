-- Schema 4: a form counts once, and no trace of a person is left that a REF could find.

-- The tags of before were made of REFs. They cannot be converted without the forms, so that consents
-- given until the last of them may have ended unseen.
INSERT INTO meta (name, value)
    SELECT 'ends_unknown_until', substr(last, 1, 10) || 'T23:59:59Z'
    FROM (SELECT max(ended_at) AS last FROM spent_consent) WHERE last IS NOT NULL
    ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value);
DROP TABLE spent_consent;
DELETE FROM meta WHERE name = 'evidence_key';

CREATE TABLE spent_form (                -- forms whose consents were erased: none counts again
    tag BLOB PRIMARY KEY                 -- HMAC of the database's id, keyed with the form's SHA-256
) STRICT, WITHOUT ROWID;

-- A consent stated by its date alone does not count up to this day, on which one ended.
CREATE TABLE spent_day (
    purpose TEXT PRIMARY KEY,            -- the purpose's code
    day     TEXT NOT NULL                -- "2026-11-23"
) STRICT, WITHOUT ROWID;

-- How the notice was shown without a form: 'declared' or 'asked'; NULL: the form shows it.
ALTER TABLE consent ADD COLUMN notice_shown TEXT;
-- Why the form covers other people or purposes too.
ALTER TABLE consent ADD COLUMN shared_form TEXT;
CREATE INDEX consent_by_form ON consent (evidence_sha256) WHERE evidence_sha256 IS NOT NULL;

-- For the first version: how far back forms reach, a day.
ALTER TABLE purpose_version ADD COLUMN in_force_since TEXT;

CREATE TABLE unfinished_batch (          -- a manifest whose rows are not all enrolled
    manifest   TEXT PRIMARY KEY,         -- SHA-256 of the manifest's path
    started_at TEXT NOT NULL,
    day        TEXT NOT NULL,            -- of the first start, in the controller's time zone
    versions   TEXT NOT NULL             -- JSON: the version of each purpose when it first started
) STRICT, WITHOUT ROWID;
