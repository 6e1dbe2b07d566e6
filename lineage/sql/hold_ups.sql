-- At hand: what the subjects, which are, were made from.
INSERT INTO work_near (
    {{near_columns}}
)
WITH wanted AS (
    SELECT DISTINCT arrayJoin(arrayMap(up -> up.2, arrayFilter(up -> up.4 = 'from', ups))) AS object_hash FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM work_subjects)
)
{{hold_wanted}}
