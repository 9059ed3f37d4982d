-- Schema 3: the log does not outlive retention; states that end; purposes with a cap.

-- The entry of a search names an event and no subject. Only this row links the two.
ALTER TABLE match_event ADD COLUMN event_id TEXT;

-- Whoever gives no consent is due 30 days after this moment; NULL: after created_at.
ALTER TABLE subject ADD COLUMN waiting_since TEXT;

-- The moment at which a minor is one no more, if it is known.
ALTER TABLE subject ADD COLUMN minor_until TEXT;
CREATE INDEX subject_by_minor_until ON subject (minor_until) WHERE minor_until IS NOT NULL;

ALTER TABLE purpose_version ADD COLUMN max_templates INTEGER NOT NULL DEFAULT 0;  -- 0: no cap
ALTER TABLE purpose_version ADD COLUMN review_by TEXT;                            -- a day
ALTER TABLE purpose_version ADD COLUMN notice_correction TEXT;  -- what was corrected in the notice
