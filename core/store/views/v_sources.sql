-- Who sends: one row a name, what is declared before what was only seen.
CREATE OR REPLACE VIEW v_sources {{on_cluster}} AS
SELECT
    name,
    role,
    system,
    expected_every_seconds,
    record_of,
    declared,
    registered_at
FROM sources FINAL
