SELECT EXISTS (
    SELECT 1
    FROM object_value AS told
    INNER JOIN object AS thing ON thing.ocel_id = told.ocel_id AND thing.ocel_type = :kind
    WHERE told.name = :name
)
