-- Schema 18: the lapses of a subject, which SQLite looks for when the subject is deleted.

CREATE INDEX lapse_by_subject ON lapse (subject_id);
