-- Schema 11: REFs that look alike, faces that are not the subject's, the galleries of a batch.

-- Unicode's skeletons of the REF as written and without case: REFs that share one can be confused.
-- They tell the REF and go with it. NULL: of before, until the next command opens the database.
ALTER TABLE subject ADD COLUMN ref_skeleton TEXT;
ALTER TABLE subject ADD COLUMN ref_folded_skeleton TEXT;
CREATE INDEX subject_by_skeleton ON subject (ref_skeleton);
CREATE INDEX subject_by_folded_skeleton ON subject (ref_folded_skeleton);

-- Why a face counts as the subject's although it looks like another; NULL: it looks like theirs.
ALTER TABLE template ADD COLUMN other_face TEXT;

-- JSON: the templates of each purpose that a batch is compared with, itself included.
ALTER TABLE unfinished_batch ADD COLUMN galleries TEXT NOT NULL DEFAULT '{}';
