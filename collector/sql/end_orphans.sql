-- Inserts into our tables that nobody waits for any more: their collector has died or has given up. They must have ended
-- before anybody looks at what they left.
KILL QUERY
WHERE current_database = currentDatabase()
    AND query_kind = 'Insert'
    AND match(query, {ours:String})
SYNC
