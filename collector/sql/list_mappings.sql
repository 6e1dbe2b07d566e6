SELECT mapping, mapping_version, argMax(sha256, registered_at) AS sha256 FROM mappings FINAL GROUP BY mapping, mapping_version
