-- Schema 12: thresholds from the gallery's own subjects, and the calibration that a purpose states.

ALTER TABLE purpose_version ADD COLUMN calibration TEXT NOT NULL DEFAULT 'worst-group';
CREATE TABLE site_calibration (          -- holds nothing of a person
    purpose_id INTEGER NOT NULL REFERENCES purpose (id),
    engine_id  TEXT NOT NULL,
    at         TEXT NOT NULL,
    made       INTEGER NOT NULL,         -- templates stored until then, erased ones too
    templates  INTEGER NOT NULL,         -- held then
    record     TEXT NOT NULL,            -- JSON object: counts, and thresholds by rate
    PRIMARY KEY (purpose_id, engine_id)
) STRICT, WITHOUT ROWID;
