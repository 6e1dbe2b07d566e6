-- Every token with its last use, the oldest first.
SELECT
    made.token AS token,
    made.name AS name,
    made.secret_sha256 AS secret_sha256,
    made.sources AS sources,
    made.created_at AS created_at,
    made.expires_at AS expires_at,
    made.revoked_at AS revoked_at,
    if(used.token = '', NULL, used.used_at) AS last_used_at
FROM (SELECT * FROM tokens FINAL) AS made
LEFT JOIN (SELECT token, max(used_at) AS used_at FROM token_uses GROUP BY token) AS used ON used.token = made.token
ORDER BY created_at, token
LIMIT {limit:UInt64}
