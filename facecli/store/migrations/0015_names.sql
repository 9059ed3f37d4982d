-- Schema 15: a name is found in small and capital letters alike.

DROP INDEX subject_by_name;
CREATE INDEX subject_by_name ON subject (name COLLATE NOCASE) WHERE name IS NOT NULL;
