DELETE FROM objects WHERE object_type IN {types:Array(String)}
