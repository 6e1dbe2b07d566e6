SELECT sha256, format, text
FROM mappings FINAL
WHERE mapping = {mapping:String} AND mapping_version = {mapping_version:UInt32}
ORDER BY registered_at DESC
LIMIT 1
