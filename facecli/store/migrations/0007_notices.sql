-- Schema 7: a version of a purpose has notices in several languages.

-- Of the principal notice; NULL: the purpose file does not state it.
ALTER TABLE purpose_version ADD COLUMN notice_lang TEXT;
CREATE TABLE further_notice (            -- the notices beside the principal one
    version_id INTEGER NOT NULL REFERENCES purpose_version (id),
    language   TEXT NOT NULL,            -- "zh"
    text       TEXT NOT NULL,
    PRIMARY KEY (version_id, language)
) STRICT, WITHOUT ROWID;

-- The language of the notice that was shown; NULL: it is not known.
ALTER TABLE consent ADD COLUMN notice_lang TEXT;
