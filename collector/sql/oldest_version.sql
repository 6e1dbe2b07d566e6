-- The lowest version of a mapping that any delivery was made with; NULL where there is none.
SELECT minOrNull(mapping_version)
FROM deliveries
WHERE mapping = {mapping:String}
