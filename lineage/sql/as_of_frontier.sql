SELECT count() FROM {copy:Identifier}.work_ancestors WHERE depth = {depth:UInt32}
