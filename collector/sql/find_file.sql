SELECT received, stored, duplicates, quarantined, skipped, totals
FROM files FINAL
WHERE sha256 = {sha256:String}
    AND format = {format:String}
    AND source = {source:String}
    AND mapping = {mapping:String}
    AND mapping_version = {mapping_version:UInt32}
