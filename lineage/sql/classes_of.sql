SELECT object_hash, class_hash FROM alias_classes FINAL WHERE object_hash IN {hashes:Array(UInt64)}
