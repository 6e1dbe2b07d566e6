SELECT count() FROM source_refusals WHERE source IN (SELECT source FROM work_sources)
