-- Where the walk begins: at the object of that name.
INSERT INTO {copy:Identifier}.work_ancestors (depth, object_hash, object_type, object_id)
SELECT 0, sipHash64({type:String}, {id:String}), {type:String}, {id:String}
