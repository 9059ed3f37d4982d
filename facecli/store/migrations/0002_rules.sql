-- Schema 2: what is due is not used, and stays due.

-- A new version suspends templates of the version before for so long; then they are due.
ALTER TABLE purpose_version ADD COLUMN ask_again_within TEXT NOT NULL DEFAULT '30d';

-- The last day with an interaction, for each purpose: a day tells no visit.
CREATE TABLE interaction (
    subject_id INTEGER NOT NULL REFERENCES subject (id),
    purpose_id INTEGER NOT NULL REFERENCES purpose (id),
    day        TEXT NOT NULL,            -- "2026-11-23"
    PRIMARY KEY (subject_id, purpose_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX interaction_by_day ON interaction (purpose_id, day);
INSERT INTO interaction (subject_id, purpose_id, day)
    SELECT DISTINCT c.subject_id, c.purpose_id, substr(s.last_interaction, 1, 10)
    FROM consent c JOIN subject s ON s.id = c.subject_id;
UPDATE subject SET last_interaction = substr(last_interaction, 1, 10);

-- What was due for a purpose when a subject consented anew: it stays due.
CREATE TABLE lapse (
    id         INTEGER PRIMARY KEY,
    subject_id INTEGER NOT NULL REFERENCES subject (id),
    purpose_id INTEGER NOT NULL REFERENCES purpose (id),
    before     TEXT NOT NULL,            -- everything older than this is due ...
    due_at     TEXT NOT NULL,            -- ... since then
    reason     TEXT NOT NULL
) STRICT;
CREATE INDEX lapse_by_purpose ON lapse (purpose_id, subject_id);

-- The gate seeks the few templates whose retention is over instead of asking each.
CREATE INDEX template_by_age ON template (purpose_id, created_at);
