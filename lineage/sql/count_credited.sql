SELECT uniqExact(object_hash) FROM work_credited
