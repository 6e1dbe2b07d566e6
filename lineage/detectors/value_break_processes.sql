    -- The processes that have each hop.
    config AS (
        SELECT hop, arraySort(groupUniqArray(process)) AS processes
        FROM (
            SELECT concat(one.object_type, ' to ', other.object_type) AS hop, one.process AS process
            FROM (SELECT DISTINCT toString(process) AS process, toString(object_type) AS object_type, type_place FROM process_stages) AS one
            INNER JOIN (SELECT DISTINCT toString(process) AS process, toString(object_type) AS object_type, type_place FROM process_stages) AS other
                ON other.process = one.process
            WHERE other.type_place = one.type_place + 1
        )
        GROUP BY hop
    )
