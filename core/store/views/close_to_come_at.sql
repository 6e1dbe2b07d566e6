-- after: close_passages_at
-- What came only after the same instant before earlier closes, and what of it missed them: so much may come yet. With fewer than five
-- closes the range is from nothing to one and a half times the most that was seen.
CREATE OR REPLACE VIEW close_to_come_at {{on_cluster}} AS
SELECT
    period, legal_entity, currency, count() AS closes,
    round(sum(came) / closes, 2) AS coming,
    round(sum(missed_of_it) / closes, 2) AS missing,
    if(closes < 5, toDecimal128(0, 4), toDecimal128(quantileExactInclusive(0.1)(toFloat64(missed_of_it)), 4)) AS missing_low,
    if(closes < 5, CAST(max(missed_of_it) * 3 / 2, 'Decimal(38, 4)'), toDecimal128(quantileExactInclusive(0.9)(toFloat64(missed_of_it)), 4)) AS missing_high
FROM (
    SELECT period, past_period, legal_entity, currency,
        sumIf(toDecimal128(coalesce(amount, 0), 4), NOT known) AS came,
        sumIf(toDecimal128(coalesce(amount, 0), 4), NOT known AND missed) AS missed_of_it
    FROM close_passages_at(now = {now:DateTime64(6, 'UTC')})
    WHERE currency != ''
    GROUP BY period, past_period, legal_entity, currency
)
GROUP BY period, legal_entity, currency
HAVING coming > 0
