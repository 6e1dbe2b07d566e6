-- How many records match, and how much money they have that can be weighed, by currency.
SELECT held.currency AS currency, count() AS records, sum(held.amount) AS amount, countIf(isNull(held.amount)) AS without_amount
{{matching}}
GROUP BY currency
ORDER BY currency
