-- Who may send: tokens, and what each delivery was allowed to say.
--
-- A token's secret is never stored, only the sha256 of it: the secret is 256 bits of chance, so a plain hash cannot be
-- guessed back and costs a request nothing. A token never changes but for being revoked.

-- Engine: ReplacingMergeTree, the row of the highest version counts: 1 created, 2 revoked. Order: the public part of
-- the token, by which a request finds it. No partition: tens of rows. Codecs: ZSTD(1), it hardly matters; a digest has
-- no pattern. Synced to disk: a revocation that was acknowledged must not come back to life.
CREATE TABLE IF NOT EXISTS tokens {{on_cluster}} (
    token String CODEC(ZSTD(1)),
    name String CODEC(ZSTD(1)),
    secret_sha256 String CODEC(NONE),
    sources Array(String) CODEC(ZSTD(1)),
    created_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    expires_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    revoked_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    version UInt8 CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(version)}}
ORDER BY token
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
;
-- When a token was last used. Apart from the tokens, so that telling of a use can never undo a revocation.
-- Engine: ReplacingMergeTree, the newest use counts; at most a row a minute and token. Order: the token. No partition:
-- tens of rows after a merge. Codecs: ZSTD(1), it hardly matters.
CREATE TABLE IF NOT EXISTS token_uses {{on_cluster}} (
    token String CODEC(ZSTD(1)),
    used_at DateTime64(6, 'UTC') CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(used_at)}}
ORDER BY token
;
-- Which token sent a delivery, and of which sources its records may be; none: of any. Kept with the bytes, since a
-- delivery may be made again after a crash, and must then be judged as it was when it came.
ALTER TABLE deliveries {{on_cluster}}
    ADD COLUMN IF NOT EXISTS token LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS allowed_sources Array(LowCardinality(String)) CODEC(ZSTD(1))
;
ALTER TABLE landing {{on_cluster}}
    ADD COLUMN IF NOT EXISTS token String,
    ADD COLUMN IF NOT EXISTS allowed_sources Array(String)
