SELECT uniqExact(class_hash) FROM work_members
