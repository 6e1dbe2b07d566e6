"""Records of every form are replayed: native lines, OpenTelemetry, rows of files."""

import json
from datetime import timedelta
from pathlib import Path

from collector.delivery import OTLP_LOGS, Delivery
from collector.kept_row import kept_row
from collector.mapped_again import wanted_of
from collector.receivers.files import import_files
from core.clock import FixedClock
from core.store import Store
from tests.collector.arrange import body, counts, event
from tests.collector.sourced import declared_writer, replayed

AHEAD = "2026-10-03T10:00:00Z"
ROWS = """name = "rows"
version = {version}
format = "csv"
source = "netsuite-us"
[time]
column = "at"
[fields]
"object.id" = "id"
[constants]
"object.type" = "invoice"
[activity]
column = "state"
[[activity.value]]
is = "{word}"
action = "posted"
"""


def held_in(store: Store) -> str:
    """The delivery of the newest quarantined record."""
    return str(store.value("SELECT max(delivery) FROM quarantine"))


def states(store: Store) -> list[tuple[str, int]]:
    rows = store.rows("SELECT state, count() AS n FROM v_quarantine GROUP BY state ORDER BY state")
    return [(row["state"], row["n"]) for row in rows]


def test_native_records_and_those_of_opentelemetry_are_made_again(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    """Here nothing is mended: what was from the future is not any more."""
    writer = declared_writer(store, clock, tmp_path)
    texts = {
        "service.name": "mulesoft",
        "revtrace.object.type": "invoice",
        "revtrace.object.id": "INV-9",
        "revtrace.action": "posted",
        "revtrace.occurred_at": AHEAD,
    }
    attributes = [{"key": key, "value": {"stringValue": text}} for key, text in texts.items()]
    logs = {
        "resourceLogs": [
            {
                "resource": {"attributes": attributes[:1]},
                "scopeLogs": [{"logRecords": [{"attributes": attributes[1:]}]}],
            }
        ]
    }
    given = [
        Delivery(body(event(event_id="e1"), event(event_id="e2", occurred_at=AHEAD), "{broken")),
        Delivery(
            json.dumps(logs).encode(),
            protocol=OTLP_LOGS,
            content_type="application/json",
            mapping="otlp",
        ),
    ]
    answers = writer.commit([writer.prepare(one) for one in given])
    assert [counts(one) for one in answers] == [(3, 1, 0, 2, 0), (1, 0, 0, 1, 0)]
    assert [one.replay for one in replayed(store, clock, writer, tmp_path)] == ["", ""]
    clock.move(timedelta(days=4))
    made = replayed(store, clock, writer, tmp_path)
    assert [(one.stored, one.duplicates, one.quarantined) for one in made] == [(1, 1, 1), (1, 0, 0)]
    assert states(store) == [("admitted", 2), ("open", 1), ("replaced", 1)]
    assert [one.replay for one in replayed(store, clock, writer, tmp_path)] == [""]
    assert store.value("SELECT count() FROM events") == 3
    kept = store.rows("SELECT protocol, replays != '' AS again FROM v_deliveries ORDER BY ALL")
    assert [tuple(row.values()) for row in kept] == [
        ("ndjson", 0),
        ("ndjson", 1),
        ("otlp_logs", 0),
        ("otlp_logs", 1),
    ]
    assert writer.check_identity() == []


def test_rows_of_a_file_are_made_again_with_the_mapping_of_the_config_folder(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    (tmp_path / "mappings").mkdir()
    mapping = tmp_path / "mappings" / "rows.toml"
    mapping.write_text(ROWS.format(version=1, word="Booked"))
    export = tmp_path / "export.csv"
    export.write_text("id,at,state\n1,2026-09-30T10:00:00Z,Posted!\n")
    writer = declared_writer(store, clock, tmp_path)
    assert import_files(writer, [export], "csv", mapping=mapping)[0].quarantined == 1
    mapping.write_text(ROWS.format(version=2, word="Posted!"))
    made = replayed(store, clock, writer, tmp_path)[0]
    assert (made.mapping, made.mapping_version, made.stored) == ("rows", 2, 1)
    assert states(store) == [("admitted", 1)]
    assert writer.check_identity() == []


def test_a_row_that_is_still_refused_is_not_taken_for_admitted_since_it_is_told_otherwise(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    """What is kept of a row is what its mapping made of it, so a mended one tells it in other
    bytes.
    """
    (tmp_path / "mappings").mkdir()
    mapping = tmp_path / "mappings" / "rows.toml"
    mapping.write_text(ROWS.format(version=1, word="Booked"))
    export = tmp_path / "export.csv"
    at = "2026-09-30T10:00:00Z"
    export.write_text(f"id,at,state\n1,{at},Posted!\n2,{at},Odd!\n3,{at},Booked\n")
    writer = declared_writer(store, clock, tmp_path)
    assert import_files(writer, [export], "csv", mapping=mapping)[0].quarantined == 2
    for record, row in ((1, f"1,{at},Posted!"), (2, f"2,{at},Odd!"), (4, "")):
        assert kept_row(writer.registry, held_in(store), record) == row
    wants = wanted_of(writer.registry, "rows", 1, "pattern", "action")
    assert wants == "one of the values of [[activity.value]]: Booked"
    told = '\n[fields]\ncorrelation_id = "id"'
    mapping.write_text(ROWS.format(version=2, word="Posted!").replace("\n[fields]", told, 1))
    foretold = replayed(store, clock, writer, tmp_path, dry_run=True)[0]
    assert (foretold.admitted, foretold.still, foretold.broken) == (1, 1, 1)
    assert sorted((fault["field"], fault["new"]) for fault in foretold.faults) == [
        ("action", False),
        ("action", True),
    ]
    made = replayed(store, clock, writer, tmp_path)[0]
    assert (made.stored, made.quarantined) == (1, 2)
    assert states(store) == [("admitted", 1), ("open", 2), ("replaced", 1)]
    assert kept_row(writer.registry, held_in(store), 3) == f"3,{at},Booked"
    assert writer.check_identity() == []
