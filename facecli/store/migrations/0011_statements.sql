-- Schema 9: a purpose states what a record of processing needs. NULL: its file does not state it.

ALTER TABLE purpose_version ADD COLUMN controller_address TEXT;
ALTER TABLE purpose_version ADD COLUMN controller_officer TEXT;
ALTER TABLE purpose_version ADD COLUMN recipients TEXT;
ALTER TABLE purpose_version ADD COLUMN transfers TEXT;
ALTER TABLE purpose_version ADD COLUMN security TEXT;
