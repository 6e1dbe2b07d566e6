INSERT INTO work_hop_names (object_hash, name_hash)
SELECT object_hash, sipHash64(object_type, arrayJoin(names)) FROM work_near
WHERE object_hash IN (
    SELECT object_hash FROM work_hop_sides WHERE (hop, label) IN (SELECT hop, label FROM work_hop_sums WHERE is_questioned)
)
