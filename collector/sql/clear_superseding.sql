TRUNCATE TABLE superseding
