-- after: findings_at
-- Findings that have the same cause (kind, source, code or fingerprint of the error, mapping and its version, stage), one row a
-- cause, as it stands at an instant. Money counts a revenue event once, however many findings it hangs on: of the findings that
-- are open or acknowledged, or of all where there are none.
CREATE OR REPLACE VIEW causes_at {{on_cluster}} AS
WITH
    -- So many findings began in a week, and in the week before it.
    rated AS (
        SELECT
            cause AS its_cause,
            argMin(kind, finding_id) AS its_kind,
            argMin(subkind, finding_id) AS its_subkind,
            argMin(class, finding_id) AS its_class,
            argMin(source, finding_id) AS its_source,
            argMax(code, (first_seen, finding_id)) AS its_code,
            argMin(fingerprint, finding_id) AS its_fingerprint,
            argMin(mapping, finding_id) AS its_mapping,
            argMin(mapping_version, finding_id) AS its_mapping_version,
            argMin(stage, finding_id) AS its_stage,
            argMin(runbook, finding_id) AS its_runbook,
            countIf(needed) AS open_count,
            countIf(status = 'waived') AS waived_count,
            count() AS all_count,
            multiIf(countIf(needed AND severity = 'critical') > 0, 'critical', countIf(needed AND severity = 'warning') > 0, 'warning', 'info') AS worst,
            min(first_seen) AS seen_from,
            max(last_seen) AS seen_to,
            max(resolved_at) AS resolved_to,
            countIf(first_seen > {now:DateTime64(6, 'UTC')} - INTERVAL 7 DAY) AS week,
            countIf(first_seen <= {now:DateTime64(6, 'UTC')} - INTERVAL 7 DAY AND first_seen > {now:DateTime64(6, 'UTC')} - INTERVAL 14 DAY) AS week_before,
            groupArrayIf(toDate(first_seen), first_seen > {now:DateTime64(6, 'UTC')} - INTERVAL 15 DAY) AS days,
            argMax(explanation, (needed, last_seen, finding_id)) AS said,
            argMax(finding_id, (needed, last_seen, finding_id)) AS one_finding
        -- What is over or waived needs nobody.
        FROM (SELECT *, status IN ('open', 'acknowledged') AS needed FROM findings_at(now = {now:DateTime64(6, 'UTC')}))
        GROUP BY cause
    ),
    -- What a finding is about: the revenue events that hang on it, else its object.
    touched AS (
        SELECT
            found.cause AS of_cause,
            if(row.root != '', row.root, row.object) AS what,
            row.root != '' AS is_root,
            max(found.is_open) AS is_open,
            any(row.amount) AS money,
            any(row.currency) AS in_currency,
            groupUniqArray(row.legal_entity) AS entities,
            if(startsWith(what, 'control/'), splitByChar('/', what)[3], '') AS control_contract,
            sipHash64(substring(what, 1, position(what, '/') - 1), substring(what, position(what, '/') + 1)) AS what_hash
        FROM (
            SELECT finding_id, root, object, amount, toString(currency) AS currency, toString(legal_entity) AS legal_entity FROM finding_rows FINAL
            WHERE NOT deleted AND (due_at IS NULL OR due_at < {now:DateTime64(6, 'UTC')})
        ) AS row
        INNER JOIN (
            SELECT finding_id, cause, roots, toUInt8(status IN ('open', 'acknowledged')) AS is_open FROM findings_at(now = {now:DateTime64(6, 'UTC')})
        ) AS found ON found.finding_id = row.finding_id
        WHERE (row.root != '') = (found.roots > 0)
        GROUP BY of_cause, what, is_root
    ),
    spread AS (
        SELECT
            touch.of_cause AS of_cause,
            countIf(touch.is_root AND (touch.is_open OR NOT total.any_open)) AS root_count,
            arraySort(groupUniqArrayIf(multiIf(touch.control_contract != '', touch.control_contract, path.contract != '', path.contract, own.contract),
                touch.control_contract != '' OR path.contract != '' OR own.contract != '')) AS contracts,
            arraySort(arrayFilter(entity -> entity != '', groupUniqArrayArray(touch.entities))) AS entities,
            sumMapIf([touch.in_currency], [assumeNotNull(touch.money)], touch.money IS NOT NULL AND touch.in_currency != ''
                AND (touch.is_open OR NOT total.any_open)) AS sums
        FROM touched AS touch
        INNER JOIN (SELECT its_cause, open_count > 0 AS any_open FROM rated) AS total ON total.its_cause = touch.of_cause
        LEFT JOIN (
            SELECT root_hash, contract FROM paths FINAL WHERE root_hash IN (SELECT what_hash FROM touched) AND NOT deleted
        ) AS path ON path.root_hash = touch.what_hash
        LEFT JOIN (
            SELECT object_hash, contract FROM objects FINAL WHERE object_hash IN (SELECT what_hash FROM touched WHERE NOT is_root) AND NOT deleted
        ) AS own ON own.object_hash = touch.what_hash
        GROUP BY of_cause
    )
SELECT
    its_cause AS cause,
    its_kind AS kind,
    its_subkind AS subkind,
    its_class AS class,
    worst AS severity,
    its_source AS source,
    its_code AS code,
    its_fingerprint AS fingerprint,
    its_mapping AS mapping,
    its_mapping_version AS mapping_version,
    its_stage AS stage,
    multiIf(open_count > 0, 'open', waived_count > 0, 'waived', 'resolved') AS status,
    all_count AS findings,
    open_count AS open_findings,
    spread.root_count AS roots,
    spread.contracts AS contracts,
    spread.entities AS legal_entities,
    arrayZip(spread.sums.1, spread.sums.2) AS amounts,
    seen_from AS first_seen,
    seen_to AS last_seen,
    if(open_count + waived_count > 0, NULL, resolved_to) AS resolved_at,
    arrayMap(ago -> (toDate({now:DateTime64(6, 'UTC')}) - ago, countEqual(days, toDate({now:DateTime64(6, 'UTC')}) - ago)), reverse(range(14))) AS per_day,
    week AS last_week,
    week_before AS week_before_last,
    -- Two more than the week before and half as many again, or the other way round.
    multiIf(week >= week_before + 2 AND 2 * week >= 3 * week_before, 'rising', week_before >= week + 2 AND 2 * week_before >= 3 * week, 'falling', 'steady') AS trend,
    one_finding AS finding_id,
    said AS explanation,
    its_runbook AS runbook
FROM rated
INNER JOIN spread ON spread.of_cause = rated.its_cause
