-- Parts that are none any more, or go by another name.
INSERT INTO hop_values (subject_hash, hop, currency, version, deleted)
SELECT subject_hash, hop, currency, {turn:UInt64}, 1
FROM hop_values FINAL
WHERE subject_hash IN (SELECT object_hash FROM work_subjects) AND version < {turn:UInt64} AND NOT deleted
