-- The objects that the new events are about, where each is known by one name and none takes money off another.
INSERT INTO work_control_members (object_hash, class_hash, class)
SELECT DISTINCT object_hash, object_hash, '' FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}
