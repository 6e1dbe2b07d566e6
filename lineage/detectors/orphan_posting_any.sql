-- Whether an ERP has done anything on any of the subjects.
SELECT count() FROM work_near
WHERE object_hash IN (SELECT object_hash FROM work_subjects) AND arrayExists(act -> act.2 = 'erp' AND act.4 > 0, acts)
