SELECT
    sipHash64(sender) AS subject_hash,
    '' AS root,
    'governance' AS kind,
    'unknown_source' AS subkind,
    'governance' AS class,
    'warning' AS severity,
    concat('source/', sender) AS object,
    '' AS process,
    '' AS stage,
    sender AS source,
    '' AS legal_entity,
    NULL AS amount,
    '' AS currency,
    begun_at AS first_seen,
    ended_at AS last_seen,
    begun_at AS clock_start,
    NULL AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    [its_words.first_word.2, its_words.last_word.2] AS evidence,
    concat('Source ', sender, ' sends ', arrayStringConcat(types, ', '), ', but is not declared: its role is not known, so what it says completes no stage that asks for one.') AS explanation
FROM (
    SELECT toString(source) AS sender, min(first_at) AS begun_at, max(last_at) AS ended_at, arraySort(groupUniqArray(toString(object_type))) AS types
    FROM source_facts
    WHERE source IN (SELECT source FROM work_sources)
    GROUP BY source
) AS told
LEFT JOIN (
    SELECT toString(source) AS word_source, min(first) AS first_word, max(last) AS last_word FROM source_hours
    WHERE source IN (SELECT source FROM work_sources)
    GROUP BY source
) AS its_words ON its_words.word_source = told.sender
WHERE sender NOT IN (SELECT name FROM sources FINAL WHERE role NOT IN ('', 'unknown'))
