-- Schema 9: on whose authority a face is searched, and where a photo comes from.

ALTER TABLE purpose_version ADD COLUMN case_required INTEGER NOT NULL DEFAULT 0;  -- 1: yes
ALTER TABLE purpose_version ADD COLUMN operators TEXT NOT NULL DEFAULT '[]';  -- JSON array

-- A case must not be a name.
CREATE INDEX subject_by_name ON subject (name) WHERE name IS NOT NULL;

-- Where the photo comes from that a template was made of; NULL: not stated.
ALTER TABLE template ADD COLUMN source TEXT;
