"""What comes in other forms is redacted too: CloudEvents, rows of tables, files of telemetry."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.delivery import (
    CLOUDEVENTS,
    CSV,
    LINES,
    NO_REQUEST,
    OCEL,
    OTLP_LOGS,
    OTLP_TRACES,
    ROWS,
    Delivery,
)
from collector.forms.table_rows import row_line
from collector.mapping import parse_mapping
from collector.source import load_sources
from collector.writer import Writer
from core.clock import FixedClock
from core.errors import StoreUnavailable
from core.store import Store
from tests.collector.arrange import body, counts
from tests.collector.sourced import declared_writer, source_file
from tests.collector.test_otlp import spans
from tests.collector.test_redaction import (
    EXTRA,
    SECRET,
    assert_nowhere,
    folder,
    otlp,
    secret_event,
    token,
    writer,
)

__all__ = ["folder", "writer"]

MAPPING = """
name = "m"
version = 1
format = "csv"
source = "hr"
[time]
column = "at"
[fields]
source = "who"
"object.id" = "id"
"context.resource" = "resource"
"attributes.iban" = "iban"
[constants]
"object.type" = "time_entry"
action = "approved"
"""


def cloud_event(**more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "ce-1",
        "source": "hr",
        "type": "time_entry.approved",
        "subject": "time_entry/T1",
        "time": "2026-09-30T10:00:00Z",
        **more,
    }


def sent(writer: Writer, content: bytes, protocol: str, **more: Any) -> tuple[int, ...]:
    given = Delivery(content, protocol=protocol, **more)
    return counts(writer.commit([writer.prepare(given)])[0])


DATA = {"context": {"resource": SECRET}, "attributes": {"note": EXTRA}}


@pytest.mark.parametrize("many", [False, True], ids=["structured", "batch"])
def test_the_data_of_a_cloud_event_is_redacted_by_the_names_of_fields(
    store: Store, writer: Writer, many: bool
) -> None:
    events = [cloud_event(data=DATA), cloud_event(id="ce-2", source="psa", data={"attempt": 2})]
    # Over many lines, as people write it.
    content = json.dumps(events if many else events[0], indent=2).encode()
    assert sent(writer, content, CLOUDEVENTS, mapping="cloudevents")[1] == 1 + many
    assert_nowhere(store)
    told = store.rows("SELECT resource, attributes FROM events WHERE source = 'hr'")
    assert told == [{"resource": token(writer), "attributes": {"note": "***"}}]


@pytest.mark.parametrize("data", [SECRET, [SECRET, EXTRA]])
def test_data_that_is_no_object_cannot_be_looked_into_and_is_masked(
    store: Store, writer: Writer, data: Any
) -> None:
    encoded = base64.b64encode(json.dumps(DATA).encode()).decode()
    events = [cloud_event(data=data), cloud_event(id="ce-2", data_base64=encoded)]
    sent(writer, json.dumps(events).encode(), CLOUDEVENTS, mapping="cloudevents")
    assert_nowhere(store)
    assert (
        store.value(
            "SELECT countIf(position(body, {text:String}) > 0) FROM deliveries", {"text": encoded}
        )
        == 0
    )


def test_rows_of_tables_are_redacted_by_their_columns(store: Store, writer: Writer) -> None:
    writer.registry.register_mapping(parse_mapping(MAPPING, "m.toml"), "parquet")
    row = {"at": "2026-09-30T10:00:00Z", "resource": SECRET, "iban": EXTRA}
    rows = [row | {"id": "1", "who": "hr"}, {**row, "id": "2", "resource": "clear", "who": "psa"}]
    rows[1]["iban"] = ""
    content = b"\n".join(row_line(one) for one in rows)
    assert sent(writer, content, ROWS, mapping="m")[1] == 2
    assert_nowhere(store)
    told = store.rows("SELECT resource FROM events ORDER BY object_id")
    assert [one["resource"] for one in told] == [token(writer), "clear"]


def test_telemetry_of_a_file_is_redacted_line_by_line(store: Store, writer: Writer) -> None:
    request = MessageToJson(otlp(trace=False), indent=None).replace("\n", " ").encode()
    content = request + b"\n" + request
    more = {"content_type": "application/jsonl", "mapping": "otlp", "file": "t.json"}
    assert sent(writer, content, OTLP_LOGS, **more) == (2, 1, 1, 0, 0)
    assert_nowhere(store)
    broken = json.dumps({"resource": {"service.name": "hr"}, "x": SECRET}).encode()
    assert sent(writer, broken, NO_REQUEST, file="t.json", mapping="otlp")[3] == 1
    assert_nowhere(store)


def test_what_waits_in_the_spool_is_redacted_though_the_warehouse_was_never_there(
    store: Store, clock: FixedClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> list[Any]:
        raise StoreUnavailable("the warehouse is away")

    made = Writer(store, clock)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "rows", away)
        made.expect(load_sources(folder).values())
        prepared = made.prepare(Delivery(body(secret_event())))
    assert SECRET.encode() not in prepared.body
    assert EXTRA.encode() not in prepared.body


def test_rules_that_came_after_a_delivery_was_spooled_hold_for_it(
    store: Store, writer: Writer
) -> None:
    good = writer.stamp(Delivery(body(secret_event()), spooled=True))
    broken = Delivery(b"\xff hr " + SECRET.encode(), protocol=OTLP_LOGS, source="hr", spooled=True)
    answers = writer.commit([good, writer.stamp(broken)])
    assert [counts(one) for one in answers] == [(1, 1, 0, 0, 0), (1, 0, 0, 1, 0)]
    assert_nowhere(store)


@pytest.mark.parametrize("case", ["given", "record", "repeated", "resource"])
def test_telemetry_is_redacted_by_the_rules_of_every_source_it_may_be_of(
    store: Store, writer: Writer, case: str
) -> None:
    request = otlp(trace=False)
    resource = request.resource_logs[0].resource.attributes
    record = request.resource_logs[0].scope_logs[0].log_records[0]
    if case == "given":
        del resource[0]
    elif case == "record":
        # Admission reads the name of a service from its resource only.
        record.attributes.add(key="service.name").value.string_value = "psa"
    elif case == "repeated":
        resource.add(key="service.name").value.string_value = "psa"
    else:
        resource.add(key="revtrace.source").value.string_value = "hr"
        resource[0].value.string_value = "psa"
    source = "hr" if case == "given" else ""
    content = request.SerializeToString()
    assert sent(writer, content, OTLP_LOGS, mapping="otlp", source=source) == (1, 1, 0, 0, 0)
    assert_nowhere(store)
    told = store.rows("SELECT source, resource FROM events")
    assert told == [{"source": "hr", "resource": token(writer)}]


def test_what_is_withheld_of_a_batch_of_cloud_events_leaves_the_others_readable(
    store: Store, writer: Writer
) -> None:
    batch = [cloud_event(data=DATA), f"hr {SECRET}", cloud_event(id="ce-2", source="psa")]
    content = json.dumps(batch).encode()
    assert sent(writer, content, CLOUDEVENTS, mapping="cloudevents") == (3, 2, 0, 1, 0)
    assert_nowhere(store)


@pytest.mark.parametrize("top", ["", "psa"])
@pytest.mark.parametrize("encoded", [False, True], ids=["data", "base64"])
def test_a_cloud_event_is_redacted_by_the_source_in_its_data(
    store: Store, writer: Writer, top: str, encoded: bool
) -> None:
    data = DATA | {"source": "hr"}
    text = base64.b64encode(json.dumps(data).encode()).decode()
    told = cloud_event(source=top, **({"data_base64": text} if encoded else {"data": data}))
    sent(writer, json.dumps(told).encode(), CLOUDEVENTS, mapping="cloudevents")
    assert_nowhere(store)
    kept = b"".join(row["body"].encode() for row in store.rows("SELECT body FROM deliveries"))
    assert text.encode() not in kept


def test_a_record_without_a_source_is_redacted_by_the_one_it_was_sent_for(
    store: Store, writer: Writer
) -> None:
    sent(writer, body(secret_event(source="")), "ndjson", source="hr")
    assert_nowhere(store)


def test_a_source_is_read_from_its_column_as_its_mapping_has_it(
    store: Store, writer: Writer
) -> None:
    column = 'source = { column = "who", without_prefix = "sys:" }'
    text = MAPPING.replace('source = "hr"\n', "").replace('source = "who"', column)
    writer.registry.register_mapping(parse_mapping(text, "m.toml"), "parquet")
    row = {"at": "2026-09-30T10:00:00Z", "resource": SECRET, "iban": EXTRA, "id": "1"}
    assert sent(writer, row_line(row | {"who": "sys:hr"}), ROWS, mapping="m")[1] == 1
    rows = f"id,at,resource,iban,who\n2,2026-09-30T10:00:00Z,{SECRET},{EXTRA},sys:hr\n"
    assert sent(writer, rows.encode(), CSV, mapping="m", file="m.csv")[1] == 1
    assert_nowhere(store)
    assert store.value("SELECT countDistinct(source) FROM events") == 1


@pytest.mark.parametrize("trace", [False, True], ids=["logs", "traces"])
@pytest.mark.parametrize("where", ["record", "exception"])
def test_a_rule_on_the_error_of_an_event_holds_for_what_it_is_derived_from(
    store: Store, clock: FixedClock, tmp_path: Path, trace: bool, where: str
) -> None:
    rules = '[redact]\nmask = ["error.message", "error.code"]'
    made = declared_writer(
        store, clock, source_file(tmp_path, "ps", f'name = "ps"\nrole = "erp"\n{rules}')
    )
    request = ExportTraceServiceRequest() if trace else ExportLogsServiceRequest()
    group = request.resource_spans.add() if trace else request.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = "ps"
    scope = group.scope_spans.add() if trace else group.scope_logs.add()
    record = scope.spans.add() if trace else scope.log_records.add()
    texts = {"object.type": "time_entry", "object.id": "T", "action": "posted", "outcome": "failed"}
    said = {f"revtrace.{key}": text for key, text in texts.items()} | {"error.type": SECRET}
    if where == "exception":
        said |= {"exception.message": EXTRA, "exception.type": said.pop("error.type")}
    elif trace:
        record.status.message = EXTRA
    else:
        record.body.string_value = EXTRA
    for key, text in said.items():
        record.attributes.add(key=key).value.string_value = text
    if trace:
        record.end_time_unix_nano = 1790762400000000000
    else:
        record.time_unix_nano = 1790762400000000000
    protocol = OTLP_TRACES if trace else OTLP_LOGS
    assert sent(made, request.SerializeToString(), protocol, mapping="otlp")[1] == 1
    assert_nowhere(store)
    told = store.rows("SELECT error_code, error_message FROM events")
    assert told == [{"error_code": "***", "error_message": "***"}]


@pytest.mark.parametrize("named", ["object.id", "id"])
def test_a_rule_on_a_field_holds_for_what_the_field_is_made_of(
    store: Store,
    clock: FixedClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: str,
) -> None:
    """Subjects of CloudEvents, columns by their mapping, ids of OCEL pairs, telemetry's own ids."""
    monkeypatch.setenv("TOKEN_KEY", "a key of the firm")
    rules = (
        f'name = "hr"\nrole = "erp"\n[redact]\ntoken = ["{named}", "correlation_id"]\n'
        'mask = ["trace_id"]\nkey = { env = "TOKEN_KEY" }\n'
    )
    made = declared_writer(store, clock, source_file(tmp_path, "hr", rules))
    hidden = token(made)
    event = cloud_event(subject=f"time_entry/{SECRET}", correlationid=EXTRA)
    bare = cloud_event(id="ce-2", subject=SECRET, data={"object": {"type": "time_entry"}})
    wrong = cloud_event(id="ce-3", subject=[SECRET])
    traced = cloud_event(id="ce-4", traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01")
    content = json.dumps([event, bare, wrong, traced]).encode()
    assert sent(made, content, CLOUDEVENTS, mapping="cloudevents") == (4, 2, 0, 2, 0)
    native = {"object": {"type": "time_entry", "id": SECRET}, "source": "hr"}
    native |= {"occurred_at": "2026-09-30T10:00:00Z", "action": "approved"}
    pair = native | {"event_id": f"o1:{SECRET}"}
    assert sent(made, body(native), LINES)[1] == 1
    assert sent(made, body(pair), OCEL, mapping="ocel")[1] == 1
    made.registry.register_mapping(parse_mapping(MAPPING, "m.toml"), "parquet")
    row = {"at": "2026-09-30T10:00:00Z", "id": SECRET, "who": "hr"}
    # The same as the native one, token and all.
    assert sent(made, row_line(row), ROWS, mapping="m") == (1, 0, 1, 0, 0)
    table = f"id,at,who,resource,iban\n{SECRET},2026-09-30T10:00:00Z,hr,,\n".encode()
    given = Delivery(table, protocol=CSV, mapping="m")
    assert counts(made.commit([made.prepare(given)])[0]) == (1, 0, 1, 0, 0)
    attributes = {"revtrace.object.id": SECRET, "revtrace.object.type": "time_entry"}
    here = attributes | {"revtrace.action": "posted", "trace_id": bytes.fromhex("ab" * 16)}
    request = spans(here, resource={"service.name": "hr"}).SerializeToString()
    assert sent(made, request, OTLP_TRACES, mapping="otlp")[1] == 1
    made.drain()
    assert_nowhere(store)
    found = store.rows("SELECT object_id, trace_id, event_id FROM events")
    assert {(row["object_id"], row["trace_id"]) for row in found} == {(hidden, "")}
    assert f"o1:{hidden}" in {row["event_id"] for row in found}
    for text in ("ab" * 16, "q6urq6urq6urq6urq6urqw"):
        assert text not in str(store.rows("SELECT body, raw FROM deliveries, quarantine"))
