-- The version of its contract that was in force at a revenue event's first ok event, and when it was first invoiced.
CREATE OR REPLACE VIEW v_path_terms {{on_cluster}} AS
SELECT
    root_hash,
    root,
    process,
    contract,
    began_at,
    began.3 AS began_version,
    if(began.3 = '', NULL, began.1) AS began_since,
    invoiced_at,
    invoiced.3 AS invoiced_version,
    if(invoiced.3 = '', NULL, invoiced.1) AS invoiced_since
FROM (
    SELECT
        path.root_hash AS root_hash, path.root AS root, path.process AS process, path.contract AS contract, path.began_at AS began_at,
        path.invoiced_at AS invoiced_at,
        arrayLast(term -> path.began_at IS NOT NULL AND term.1 <= ifNull(path.began_at, term.1), term.terms) AS began,
        arrayLast(term -> path.invoiced_at IS NOT NULL AND term.1 <= ifNull(path.invoiced_at, term.1), term.terms) AS invoiced
    FROM (
        SELECT root_hash, concat(root_type, '/', root_id) AS root, process, contract, first_ok_at AS began_at,
            reached[indexOf(stage_types, 'invoice')] AS invoiced_at
        FROM paths FINAL
        WHERE NOT deleted AND contract != ''
    ) AS path
    INNER JOIN (
        SELECT contract, arraySort(groupArray((since, event_id, contract_version))) AS terms FROM contract_terms FINAL WHERE NOT deleted GROUP BY contract
    ) AS term ON term.contract = path.contract
)
