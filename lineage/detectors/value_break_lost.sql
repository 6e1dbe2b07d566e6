-- What came out of a part and was taken back: its link is noted, but without a label.
INSERT INTO work_hop_lost (hop, label, object_hash, key, gone, amount, currency, first_at)
WITH
    lost_links AS MATERIALIZED (
        SELECT DISTINCT hop, up_hash, down_hash FROM work_hops
        WHERE label = 0 AND (hop, up_hash) IN (SELECT hop, up_hash FROM work_hops WHERE label != 0)
            AND (hop, down_hash) NOT IN (SELECT hop, down_hash FROM work_hops WHERE label != 0)
    ),
    wanted AS (SELECT down_hash AS object_hash FROM lost_links),
{{objects_of_wanted}},
{{standing_objects}},
{{departed_objects}}
SELECT DISTINCT part.hop, part.label, lost.object_hash, lost.key, lost.gone, assumeNotNull(lost.amount), lost.currency, lost.first_at
FROM lost_links AS link
INNER JOIN (SELECT DISTINCT hop, label, object_hash FROM work_hop_sides WHERE NOT is_out) AS part ON part.hop = link.hop AND part.object_hash = link.up_hash
INNER JOIN departed AS lost ON lost.object_hash = link.down_hash
WHERE lost.amount IS NOT NULL
