SELECT CAST(ocel_id AS TEXT), {{column}} FROM {{table}} WHERE {{column}} IS NOT NULL ORDER BY ocel_time DESC
