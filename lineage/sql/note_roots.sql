-- The touched objects that may be revenue events, each with its one process: that of its latest engagement, else the one
-- that names none.
INSERT INTO work_starts (process, root_hash, root_type, root_id)
SELECT if(own.process != '', toString(own.process), toString(rest.process)) AS process, root.object_hash, root.object_type, root.object_id
FROM (
    SELECT object_hash, object_type, object_id, engagement
    FROM objects FINAL
    WHERE object_hash IN (
        SELECT object_hash FROM work_ancestors WHERE object_type IN (SELECT root_type FROM process_stages)
    ) AND NOT deleted
) AS root
LEFT JOIN (SELECT DISTINCT process, root_type, engagement FROM process_stages WHERE engagement != '') AS own
    ON own.root_type = root.object_type AND own.engagement = root.engagement
LEFT JOIN (SELECT DISTINCT process, root_type FROM process_stages WHERE engagement = '') AS rest
    ON rest.root_type = root.object_type
