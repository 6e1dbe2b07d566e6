SELECT * EXCEPT (version) FROM finding_rows FINAL WHERE NOT deleted ORDER BY detector, subject_hash, finding_id, root
