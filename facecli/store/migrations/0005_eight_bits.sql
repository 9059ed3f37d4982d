-- Schema 5: templates of any size, the subjects of a shard beside its templates, smaller rows.
-- Vectors stay as they are: what an engine of 32-bit components made is not rounded.

-- One slot is as many bytes as the engine stores of a template: 4 a component, or 1 and a norm.
ALTER TABLE template_shard ADD COLUMN slot_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE template_shard SET slot_bytes = 4 * dimension;
-- No template of the shard is older. Never moved forward, so an erasure needs not look for it.
ALTER TABLE template_shard ADD COLUMN oldest TEXT NOT NULL DEFAULT '';
UPDATE template_shard SET oldest = coalesce(
    (SELECT min(created_at) FROM template WHERE shard_id = template_shard.id), '');

-- The subject of each slot, for searches: a little-endian 32-bit number; 0: erased or not used.
CREATE TABLE shard_subjects (
    shard_id INTEGER PRIMARY KEY REFERENCES template_shard (id),
    subjects BLOB NOT NULL
) STRICT;
INSERT INTO shard_subjects (shard_id, subjects)
    WITH RECURSIVE place (shard_id, slot, capacity) AS (
        SELECT id, 0, capacity FROM template_shard
        UNION ALL SELECT shard_id, slot + 1, capacity FROM place WHERE slot + 1 < capacity
    ),
    owner (shard_id, slot, id) AS (
        SELECT place.shard_id, place.slot, coalesce(template.subject_id, 0)
        FROM place LEFT JOIN template USING (shard_id, slot)
    )
    SELECT shard_id, unhex(group_concat(
        printf('%02X%02X%02X%02X', id & 255, id >> 8 & 255, id >> 16 & 255, id >> 24 & 255), ''
        ORDER BY slot))
    FROM owner GROUP BY shard_id;

-- Ids and digests as bytes, not as text of twice the length.
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
    created_at     TEXT NOT NULL
) STRICT;
INSERT INTO template
    SELECT id, unhex(replace(template_id, '-', '')), subject_id, purpose_id, sample_id, shard_id,
        slot, quality, unhex(capture_sha256), created_at
    FROM template_of_text ORDER BY id;
DROP TABLE template_of_text;
CREATE INDEX template_by_subject
    ON template (subject_id, purpose_id, shard_id, slot);
CREATE UNIQUE INDEX template_by_place    -- all that is compared with shard_subjects
    ON template (shard_id, slot, subject_id, purpose_id);
CREATE INDEX template_by_sample ON template (sample_id) WHERE sample_id IS NOT NULL;

-- What the gate asks of all consents at once, and the few subjects whose own row it must ask.
DROP INDEX consent_by_subject;
CREATE INDEX consent_by_subject ON consent (subject_id, purpose_id);
CREATE INDEX consent_in_force
    ON consent (purpose_id, version, subject_id, given_at, expires_at, withdrawn_at)
    WHERE withdrawn_at IS NULL;
CREATE INDEX subject_apart ON subject (id) WHERE state <> 'active' OR minor <> 0;
