-- Schema 19: what a search reads of a million people. An index tells who has consented; who has a
-- consent that is over is found, with the first end, in the index of the ends.

DROP INDEX consent_in_force;
CREATE INDEX consent_standing
    ON consent (purpose_id, version, subject_id, given, withdrawn_at) WHERE withdrawn_at IS NULL;
DROP INDEX consent_by_end;
CREATE INDEX consent_by_end
    ON consent (expires, purpose_id, version, subject_id, withdrawn_at) WHERE withdrawn_at IS NULL;
