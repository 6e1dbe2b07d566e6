-- How many events of a day are known.
SELECT count() FROM event_ids WHERE day = {day:Date}
