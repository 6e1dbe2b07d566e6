SELECT uniqExactIf(object_hash, label, round = {round:UInt32} + 1) != uniqExactIf(object_hash, label, round = {round:UInt32})
    OR countIf(round = {round:UInt32} + 1 AND (object_hash, label) NOT IN (
        SELECT object_hash, label FROM work_labels WHERE round = {round:UInt32}
    )) > 0
FROM work_labels
