    rows_of_wanted AS (
        SELECT * FROM objects FINAL WHERE object_hash IN (SELECT object_hash FROM wanted) AND NOT deleted
    )
