"""What `sources check` shows of a file is what an import stores of it, whatever the file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from collector.declared_mapping import reading_of
from collector.receivers.files import import_file
from collector.sample import sample_of
from collector.source import Source, load_mappings, load_sources, with_mapping
from collector.writer import Writer
from core.clock import Clock
from core.errors import BadInput
from core.settings import CollectorSettings
from core.store import Store
from core.verdict import Admitted, admit
from tests.collector.arrange import BY_MODEL
from tests.collector.sourced import body, ticket, tickets_file

GOLDEN = Path(__file__).parent / "golden"
MAPPINGS = load_mappings()
PAYLOADS = [path for path in sorted(GOLDEN.glob("*/*")) if ".expected." not in path.name]
NATIVE = {
    "occurred_at": "2026-09-30T12:00:00Z",
    "object": {"type": "invoice", "id": "I-1"},
    "action": "posted",
}
HEADER = "occurred_at,object_type,object_id,action,outcome,amount,currency,event_id,correlation_id"
COLUMNS = (
    HEADER + ",customer,contract,project,resource,legal_entity,period,error_code,error_message"
)
REST = "," * 8
ROWS = (
    f"2026-09-30T12:00:00Z,invoice,I-1,posted,,12.505,USD,e1,{REST}",
    f"2026-09-30T12:00:00Z,invoice,I-2,posted,,twelve,USD,e2,{REST}",
    f'30.09.2026,"inv\noice",I-3,posted,,1,USD,e3,{REST}',
    "too,few",
    f"2031-01-01T00:00:00Z,invoice,I-4,posted,,1,USD,e4,{REST}",
)


def own_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Files of every format, the source's system before each; each with something to refuse."""
    rows = folder / "rows.csv"
    rows.write_text("\n".join((COLUMNS, *ROWS)))
    yield "csv", rows
    events = folder / "events.ndjson"
    lines = [NATIVE, NATIVE | {"action": "Posted!"}, {"event": "time_entry.teleported"}]
    events.write_text("\n".join(json.dumps(line) for line in lines) + "\nno json\n")
    yield "psa", events
    yield "", events
    table = pyarrow.table(
        {
            "occurred_at": ["2026-09-30T12:00:00Z", "2026-09-31T12:00:00Z"],
            "object.type": ["invoice", "invoice"],
            "object.id": ["P-1", "P-2"],
            "action": ["posted", "posted"],
        }
    )
    pyarrow.parquet.write_table(table, folder / "events.parquet")
    yield "netsuite", folder / "events.parquet"
    log = folder / "log.xes"
    log.write_text(
        '<log xes.version="1.0"><trace><string key="concept:name" value="C-1"/>'
        '<event><string key="concept:name" value="Approve it"/>'
        '<date key="time:timestamp" value="2026-09-30T12:00:00Z"/></event>'
        '<event><string key="concept:name" value="Pay"/></event></trace></log>'
    )
    yield "", log
    record = {"timeUnixNano": "1790769600000000000", "attributes": []}
    for name, text in (("object.type", "invoice"), ("object.id", "O-1"), ("action", "POST")):
        told = {"key": f"revtrace.{name}", "value": {"stringValue": text}}
        record["attributes"].append(told)  # type: ignore[attr-defined]
    request = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record, {}]}]}]}
    (folder / "logs.otlp.json").write_text(json.dumps(request))
    yield "workday", folder / "logs.otlp.json"


def shown(path: Path, source: Source, at: Any) -> tuple[list[Any], list[Any], int]:
    """What the check says: the events, the refusals, and how many records were skipped."""
    made = list(sample_of(path, "", source, None, at).records)
    events = []
    for one in made:
        if one.refusal is None and not one.skipped:
            found = admit(json.dumps(one.event), received_at=at)
            assert isinstance(found, Admitted), one.event
            events.append((found.event_id, found.content_hash.hex()))
    refused = [
        (one.number, str(one.refusal.reason), one.refusal.field) for one in made if one.refusal
    ]
    return sorted(set(events)), sorted(refused), sum(one.skipped for one in made)


def stored(store: Store, source: str) -> tuple[list[Any], list[Any]]:
    """What an import has stored of a source."""
    events = store.rows(
        "SELECT event_id, content_hash AS hash FROM v_events WHERE source = {s:String}",
        {"s": source},
    )
    refused = store.rows(
        "SELECT line, reason, field FROM v_quarantine WHERE source = {s:String}", {"s": source}
    )
    return (
        sorted((row["event_id"], row["hash"]) for row in events),
        sorted((row["line"], row["reason"], row["field"]) for row in refused),
    )


def test_check_shows_of_a_file_what_an_import_stores(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    """Every golden payload of a shipped system, and a file of each format with bad records."""
    writer = Writer(store, clock, CollectorSettings(engine_bytes_min=BY_MODEL))
    writer.open()
    files = [(path.parent.name, path) for path in PAYLOADS] + list(own_files(tmp_path))
    sources = {
        f"s{number}": with_mapping(Source(f"s{number}", "erp", system=system), MAPPINGS)
        for number, (system, _) in enumerate(files)
    }
    writer.declare(sources.values())
    for (name, source), (_, path) in zip(sources.items(), files, strict=True):
        events, refused, skipped = shown(path, source, clock.now())
        how = reading_of(path, "", name, None, sources)
        report = import_file(writer, path, how.form.NAME, name, how.mapping)
        assert report.received == report.stored + report.duplicates + len(refused) + skipped
        assert (stored(store, name), report.skipped) == ((events, refused), skipped), path
        assert report.quarantined or path in PAYLOADS, path


def test_a_csv_row_that_fails_names_its_line_its_column_and_what_stands_there(
    tmp_path: Path, clock: Clock
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("\n".join((COLUMNS, *ROWS)))
    source = with_mapping(Source("acme", "psa", system="csv"), MAPPINGS)
    made = list(sample_of(rows, "", source, None, clock.now()).records)
    refused = {one.number: one.refusal for one in made if one.refusal}
    assert sorted(refused) == [3, 4, 6, 7]
    assert refused[3].field == "money.amount"
    assert refused[3].why.endswith("'twelve' in column amount")
    assert refused[6].why == "the row has more or fewer cells than the header"
    assert (made[0].number, made[0].event["money"]["amount"]) == (2, "12.5050")


def test_what_tells_no_format_is_a_payload_where_the_source_maps_those(
    tmp_path: Path, clock: Clock
) -> None:
    source = load_sources(tickets_file(tmp_path))["tickets"]
    captured = tmp_path / "captured"
    captured.write_bytes(b"no json, from a hook")
    made = list(sample_of(captured, "", source, None, clock.now()).records)
    assert [one.refusal and one.refusal.reason for one in made] == ["not_json"]
    captured.write_bytes(body(ticket("T1")))
    assert sample_of(captured, "", source, None, clock.now()).format == "ndjson"
    plain = Source("plain", "psa")
    captured.write_text("a,b")
    with pytest.raises(BadInput, match="neither content nor ending"):
        sample_of(captured, "", plain, None, clock.now())
