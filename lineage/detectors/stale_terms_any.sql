-- Whether any of the subjects was made with a version of its contract that somebody named.
SELECT count() FROM events
WHERE contract_version != '' AND object_hash IN (
    SELECT sipHash64(object_type, arrayJoin(names)) FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM work_subjects) AND object_type IN ('billing_event', 'invoice')
)
