-- Schema 16: the terms of a purpose have texts in further languages, for letters.

-- Of the texts in the row; NULL: that of the principal notice.
ALTER TABLE purpose_version ADD COLUMN language TEXT;
ALTER TABLE purpose_version ADD COLUMN texts TEXT NOT NULL DEFAULT '{}';  -- JSON, by language
