-- Events of another content under the same source and id, whatever they are about.
INSERT INTO {copy:Identifier}.work_ancestors (depth, object_hash, object_type, object_id)
SELECT DISTINCT {depth:UInt32} + 1, object_hash, '', ''
FROM event_ids
WHERE identity IN (SELECT sipHash64(source, event_id) FROM {copy:Identifier}.events)
    AND object_hash NOT IN (SELECT object_hash FROM {copy:Identifier}.work_ancestors)
