-- A group of postings of one fact is found under its idempotency key, or under the first object it was made from. Neither
-- goes away: keys and asserted links are only added.
INSERT INTO work_subjects (object_hash)
SELECT key_hash FROM idempotency_uses
WHERE object_hash IN (SELECT object_hash FROM work_states)
UNION DISTINCT
SELECT arrayJoin(ups).2 FROM objects FINAL
WHERE object_hash IN (SELECT object_hash FROM work_states) AND object_type IN ('invoice', 'journal_posting') AND NOT deleted
