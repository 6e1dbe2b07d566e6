INSERT OR IGNORE INTO temp.amounts
SELECT CAST(ocel_id AS TEXT), {{column}} FROM {{table}} WHERE {{column}} IS NOT NULL ORDER BY utc(ocel_time)
