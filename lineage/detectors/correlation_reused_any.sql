-- Pairs are the most when the carriers of an id are of two types, half of each.
SELECT count() FROM (
    SELECT uniqExact(object_hash) AS carriers FROM correlations
    WHERE correlation_hash IN (SELECT object_hash FROM work_subjects)
    GROUP BY correlation_hash
    HAVING carriers > {objects_max:UInt64} OR carriers * carriers > 2 * {pairs_max:UInt64}
)
