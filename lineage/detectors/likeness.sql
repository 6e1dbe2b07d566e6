{{money_words}},
    -- What each of the `wanted` objects says now that another may say as well; an absent field never matches. What was taken back
    -- says it until then: `ended` is that event. The latest ok event that says an attribute counts; numbers compare as numbers.
    named AS MATERIALIZED (
        SELECT object_hash, object_type, concat(object_type, '/', object_id) AS key, amount, currency, legal_entity, source, project, customer,
            resource, first_at, last_at, sipHash64(object_type, arrayJoin(names)) AS name_hash
        FROM objects FINAL
        WHERE object_hash IN (SELECT object_hash FROM wanted) AND object_type IN ('time_entry', 'expense_item', 'project') AND NOT deleted
    ),
    -- In the order of events, by number: comparing instants and ids for each attribute took most of the time.
    spoken AS (
        SELECT name_hash, rowNumberInAllBlocks() AS place, occurred_at, action, event_id, by, of_contract, work_date, hours, expense_date, category
        FROM (
            SELECT object_hash AS name_hash, occurred_at, action, event_id, toString(source) AS by, contract AS of_contract, attributes['work_date'] AS work_date,
                attributes['hours'] AS hours, attributes['expense_date'] AS expense_date, attributes['category'] AS category, content_hash
            FROM (
                SELECT object_hash, occurred_at, action, event_id, source, contract, attributes, content_hash FROM work_said
                WHERE object_hash IN (SELECT name_hash FROM named) AND outcome = 'ok'
                UNION ALL
                SELECT object_hash, occurred_at, action, event_id, source, contract, attributes, content_hash FROM events
                WHERE object_hash IN (SELECT name_hash FROM named WHERE name_hash NOT IN (SELECT object_hash FROM work_members)) AND outcome = 'ok'
            )
            ORDER BY occurred_at, by, event_id, toString(content_hash)
        )
    ),
    gathered AS (
        SELECT name.object_hash AS object_hash, any(toString(name.object_type)) AS object_type, any(name.key) AS key, any(name.amount) AS money,
            any(toString(name.currency)) AS in_currency, any(toString(name.legal_entity)) AS entity, any(toString(name.source)) AS last_source,
            any(name.project) AS of_project, any(name.customer) AS of_customer, any(name.resource) AS of_resource, any(name.first_at) AS begun_at,
            any(name.last_at) AS ended_at,
            argMax(event.action, event.place) IN ('rejected', 'reversed', 'cancelled') AS taken_back,
            (argMax(event.occurred_at, event.place), argMax(event.event_id, event.place)) AS ended,
            min(event.occurred_at) AS stood_from,
            argMin(event.event_id, event.place) AS first_event,
            argMaxIf(event.work_date, event.place, event.work_date != '') AS on_date,
            toDecimal64OrNull(argMaxIf(event.hours, event.place, event.hours != ''), 4) AS for_hours,
            argMaxIf(event.expense_date, event.place, event.expense_date != '') AS spent_on,
            argMaxIf(event.category, event.place, event.category != '') AS of_category,
            groupUniqArrayIf((event.of_contract, transform(event.by,
                (SELECT arrayPushBack(groupArray(toString(name)), '') FROM sources FINAL WHERE role != ''),
                (SELECT arrayPushBack(groupArray(toString(role)), 'unknown') FROM sources FINAL WHERE role != ''), 'unknown')), event.of_contract != '') AS systems
        FROM named AS name
        INNER JOIN spoken AS event ON event.name_hash = name.name_hash
        GROUP BY name.object_hash
    ),
    alike AS MATERIALIZED (
        SELECT *, arrayJoin(arrayConcat(
            arrayMap(system -> (sipHash64('project', system.1, system.2), concat('contract ', system.1, ' and a system of role ', system.2)),
                arrayFilter(system -> object_type = 'project', systems)),
            arrayFilter(one -> object_type = 'time_entry' AND of_resource != '' AND on_date != '' AND ifNull(toString(for_hours), '') != '' AND of_project != '',
                [(sipHash64('time_entry', of_resource, on_date, ifNull(toString(for_hours), ''), of_project),
                    concat('resource ', of_resource, ', work date ', on_date, ', project ', of_project, ' and ', ifNull(toString(for_hours), ''), ' hours'))]),
            arrayFilter(one -> object_type = 'expense_item' AND of_resource != '' AND spent_on != '' AND money IS NOT NULL AND in_currency != '',
                [(sipHash64('expense_item', of_resource, spent_on, ifNull(toString(money), ''), in_currency),
                    concat('resource ', of_resource, ', date ', spent_on, ' and ', money_words(ifNull(money, 0), in_currency)))]))) AS fact
        FROM gathered
    )
