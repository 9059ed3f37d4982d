-- Schema 14: a purpose states where data is processed, and the law and authority that apply.

ALTER TABLE purpose_version ADD COLUMN jurisdiction TEXT;             -- NULL: not stated
ALTER TABLE purpose_version ADD COLUMN authority TEXT;                -- NULL: not stated
ALTER TABLE purpose_version ADD COLUMN processing_locations TEXT NOT NULL DEFAULT '[]';  -- JSON
