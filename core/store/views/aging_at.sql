-- after: finding_ages_at
-- Findings by age: how many, and with how much money. A bucket is 1: 0-1 days, 2: 1-3, 3: 3-7, 4: 7-30, 5: over 30.
CREATE OR REPLACE VIEW aging_at {{on_cluster}} AS
SELECT
    kind, subkind, class, process, stage, legal_entity, currency, status, toUInt8(bucket) AS bucket, toUInt8(business_bucket) AS business_bucket,
    ['0-1 days', '1-3 days', '3-7 days', '7-30 days', 'over 30 days'][bucket] AS age,
    ['0-1 days', '1-3 days', '3-7 days', '7-30 days', 'over 30 days'][business_bucket] AS business_age,
    count() AS findings, countIf(aged.amount IS NULL) AS without_amount,
    sum(CAST(coalesce(aged.amount, 0), 'Decimal(38, 4)')) AS amount,
    min(clock_start) AS oldest
FROM finding_ages_at(now = {now:DateTime64(6, 'UTC')}) AS aged
GROUP BY kind, subkind, class, process, stage, legal_entity, currency, status, bucket, business_bucket
