"""Redaction: what a source does not want kept is nowhere, and its tokens still join."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.delivery import CSV, JSON, OTLP_LOGS, OTLP_TRACES, Delivery
from collector.prepare import REPLAY, Replay, prepare
from collector.receivers.files import import_files
from collector.redaction import withheld
from collector.source import load_sources
from collector.writer import Writer
from core.clock import FixedClock
from core.errors import BadInput, ConfigInvalid
from core.store import Store
from tests.collector.arrange import body, counts, event
from tests.collector.sourced import declared_writer, sent, source_file
from tests.collector.test_recovery import Killed, kill_at

SECRET = "Grace-Hopper-4711"
EXTRA = "iban-DE89-3704"
FILE = """
name = "{name}"
role = "erp"
system = "psa"
[redact]
mask = ["iban", "attributes.note", "body", "exception.message"]
token = ["context.resource", "resource_id", "resource", "actor"]
key = {{ env = "TOKEN_KEY" }}
"""
TABLES = (
    "SELECT name FROM system.tables WHERE database = {database:String} "
    "AND engine NOT IN ('View', 'MaterializedView')"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOKEN_KEY", "a key of the firm")
    return source_file(tmp_path, "hr", FILE.format(name="hr"))


@pytest.fixture
def writer(
    store: Store, clock: FixedClock, folder: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Writer]:
    made = declared_writer(store, clock, folder)
    yield made
    assert made.check_identity() == []
    assert SECRET not in caplog.text


def assert_nowhere(store: Store) -> None:
    """In no table, the bench of the last commit too, and in no file of the warehouse's folder."""
    for row in store.rows(TABLES, {"database": store.database}):
        texts = store.rows(f"SELECT toString(tuple(*)) AS text FROM {row['name']}")
        said = " ".join(str(each["text"]) for each in texts)
        assert SECRET not in said, row
        assert EXTRA not in said, row
    for folder, _, names in os.walk(store.dsn.removeprefix("chdb://")):
        for path in (Path(folder) / name for name in names):
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                # The engine has just tidied it away.
                continue
            assert SECRET.encode() not in content, path
            assert EXTRA.encode() not in content, path


def secret_event(**changed: Any) -> dict[str, Any]:
    return event(
        **{
            "source": "hr",
            "context": {"resource": SECRET, "project": "P"},
            "attributes": {"note": EXTRA, "kept": "yes"},
            **changed,
        }
    )


def token(writer: Writer, value: str = SECRET) -> str:
    return writer.redactor.tokens(value)[0]


def test_native_records_are_redacted_before_they_are_kept(store: Store, writer: Writer) -> None:
    other = event(event_id="e9", source="netsuite-us", context={"resource": "in clear"})
    bodies = [
        Delivery(body(secret_event(), other)),
        Delivery(json.dumps([secret_event(event_id="e2")]).encode(), protocol=JSON),
        Delivery(body(secret_event(event_id="e3", source=None)), source="hr"),
        # A name may be written with escapes, so what is looked for is what it means.
        Delivery(body(secret_event(event_id="e4")).replace(b'"hr"', b'"\\u0068r"')),
    ]
    answers = writer.commit([writer.prepare(one) for one in bodies])
    assert [counts(one)[1] for one in answers] == [2, 1, 1, 1]
    told = store.rows("SELECT resource, attributes FROM events WHERE source = 'hr'")
    assert {row["resource"] for row in told} == {token(writer)}
    assert told[0]["attributes"] == {"note": "***", "kept": "yes"}
    assert store.value("SELECT resource FROM events WHERE event_id = 'e9'") == "in clear"
    assert_nowhere(store)
    kept = store.rows("SELECT sha256, original_sha256 FROM v_deliveries ORDER BY delivery")
    assert all(row["original_sha256"] not in ("", row["sha256"]) for row in kept)


def test_files_are_redacted_though_nobody_prepared_them(
    store: Store, writer: Writer, tmp_path: Path
) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(body(secret_event(), "{broken " + SECRET))
    report = import_files(writer, [path], "ndjson", "hr")[0]
    assert (report.stored, report.quarantined) == (1, 1)
    assert_nowhere(store)
    assert "withheld" in store.value("SELECT raw FROM quarantine")


def test_bad_records_are_redacted_in_quarantine_too(store: Store, writer: Writer) -> None:
    bad = secret_event(action="No Word", money={"amount": "1", "currency": "XXX", "iban": EXTRA})
    answer = writer.commit([Delivery(body(bad, '["' + SECRET + '"]'), source="hr")])[0]
    assert counts(answer) == (2, 0, 0, 2, 0)
    assert_nowhere(store)


def test_columns_of_a_csv_file_are_redacted(store: Store, writer: Writer, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'name = "m"\nversion = 1\nformat = "csv"\nsource = "hr"\n[time]\ncolumn = "at"\n'
        '[fields]\n"object.id" = "id"\n"context.resource" = "resource"\n'
        '"attributes.iban" = "iban"\n'
        '[constants]\n"object.type" = "time_entry"\naction = "approved"\n'
    )
    path = tmp_path / "rows.csv"
    path.write_text(
        f'id,at,resource,iban\n1,2026-09-30T10:00:00Z,"{SECRET}",{EXTRA}\n2,{SECRET}\n'
        f"3,2026-09-30T10:00:00Z,{SECRET},\n"
    )
    report = import_files(writer, [path], "csv", mapping=mapping)[0]
    assert (report.stored, report.quarantined) == (2, 1)
    assert_nowhere(store)
    told = store.rows("SELECT resource, attributes FROM events ORDER BY object_id")
    assert {row["resource"] for row in told} == {token(writer)}
    assert told[0]["attributes"] == {"iban": "***"}
    assert store.value("SELECT line FROM quarantine") == 3
    assert writer.registry.mapping("m", 1).name == "m"
    assert CSV == "csv"


def test_hooks_are_redacted_before_they_are_mapped(store: Store, writer: Writer) -> None:
    good = {
        "event": "time_entry.approved",
        "event_id": "x1",
        "occurred_at": "2026-09-18T16:02:11Z",
        "actor": SECRET,
        "data": {
            "id": "TE-1",
            "resource_id": SECRET,
            "amount": 10.10,
            "currency": "EUR",
            "iban": EXTRA,
        },
    }
    bad = {**good, "event": "time_entry.lost", "event_id": "x2"}
    content = json.dumps([good, bad]).encode()
    assert counts(writer.commit([sent(writer, content, "hr")])[0]) == (2, 1, 0, 1, 0)
    assert_nowhere(store)
    told = store.rows("SELECT resource, actor, toString(amount) AS amount FROM events")[0]
    assert told == {"resource": token(writer), "actor": token(writer), "amount": "10.1"}
    with pytest.raises(BadInput):
        sent(writer, b'{"broken": "' + SECRET.encode(), "hr")


def otlp(trace: bool) -> Any:
    request = ExportTraceServiceRequest() if trace else ExportLogsServiceRequest()
    group = request.resource_spans.add() if trace else request.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = "hr"
    group.resource.attributes.add(key="resource").value.string_value = SECRET
    record = (
        group.scope_spans.add().spans.add() if trace else group.scope_logs.add().log_records.add()
    )
    texts = {
        "revtrace.object.type": "time_entry",
        "revtrace.object.id": "TE-1",
        "revtrace.action": "approved",
        "revtrace.context.resource": SECRET,
        "revtrace.attributes.note": EXTRA,
    }
    for key, text in texts.items():
        record.attributes.add(key=key).value.string_value = text
    inner = record.attributes.add(key="person").value.kvlist_value.values.add(key="iban")
    inner.value.string_value = EXTRA
    if trace:
        record.end_time_unix_nano = 1790762400000000000
        record.events.add(name="exception").attributes.add(
            key="exception.message"
        ).value.string_value = SECRET
    else:
        record.time_unix_nano = 1790762400000000000
        record.severity_number = 17
        record.body.string_value = f"failed for {SECRET}"
    return request


@pytest.mark.parametrize("trace", [False, True], ids=["logs", "traces"])
@pytest.mark.parametrize("as_json", [False, True], ids=["protobuf", "json"])
def test_otlp_attributes_are_redacted(
    store: Store, writer: Writer, trace: bool, as_json: bool
) -> None:
    from google.protobuf.json_format import MessageToJson

    request = otlp(trace)
    content = MessageToJson(request).encode() if as_json else request.SerializeToString()
    given = Delivery(
        content,
        protocol=OTLP_TRACES if trace else OTLP_LOGS,
        content_type="application/json" if as_json else "application/x-protobuf",
        mapping="otlp",
    )
    assert counts(writer.commit([writer.prepare(given)])[0]) == (1, 1, 0, 0, 0)
    assert_nowhere(store)
    told = store.rows("SELECT resource, attributes, error_message FROM events")[0]
    assert told["resource"] == token(writer)
    assert told["attributes"] == {"note": "***"}
    with pytest.raises(BadInput):
        writer.prepare(Delivery(b"\xff hr", protocol=OTLP_LOGS))


def test_the_same_value_has_the_same_token_and_another_key_another(
    writer: Writer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert token(writer) == token(writer) != token(writer, "another")
    before = token(writer)
    monkeypatch.setenv("TOKEN_KEY", "another key")
    assert token(writer) != before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "both missing"),
        ('token = ["a"]', "tokens need one"),
        ("mask = [1]", "no key or path"),
        ('mask = ["a"]\nkeep = ["b"]', "unknown key"),
        ('token = ["a"]\nkey = "secret"', "secret in a file"),
    ],
)
def test_a_wrong_redact_table_names_its_key(tmp_path: Path, text: str, says: str) -> None:
    source_file(tmp_path, "x", f'name = "x"\nrole = "erp"\n[redact]\n{text}')
    with pytest.raises(ConfigInvalid, match=says):
        load_sources(tmp_path)


def test_a_missing_key_stops_the_start(
    store: Store, clock: FixedClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOKEN_KEY")
    with pytest.raises(ConfigInvalid, match="TOKEN_KEY"):
        declared_writer(store, clock, folder)


def test_a_replay_of_what_came_before_the_rule_is_redacted_and_keeps_earlier_tokens(
    store: Store, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_KEY", "a key of the firm")
    source = FILE.format(name="hr").partition("[redact]")[0]
    made = declared_writer(store, clock, source_file(tmp_path, "hr", source))
    sent_before = body(secret_event(occurred_at="2099-01-01T00:00:00Z"))
    assert counts(made.commit([Delivery(sent_before)])[0])[3] == 1
    origin = str(store.value("SELECT delivery FROM deliveries"))
    made.declare(load_sources(source_file(tmp_path, "hr", FILE.format(name="hr"))).values())
    replay = Delivery(Replay(origin, "me").body(), content_type=REPLAY)
    payload = prepare(replay, made.registry).payload or b""
    assert SECRET.encode() not in payload
    assert EXTRA.encode() not in payload
    assert token(made).encode() in payload
    again = made.redactor.redacted(Delivery(payload), made.registry)
    assert again.body == payload
    later = Delivery(body(secret_event()), spooled=True, original_sha256="of what came")
    hidden = made.redactor.redacted(later, made.registry)
    assert SECRET.encode() not in hidden.body
    assert hidden.original_sha256 == "of what came"
    assert withheld(withheld(b"{broken")) == withheld(b"{broken")


def test_where_a_delivery_comes_from_outlives_a_loss_of_power_and_a_crash(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    assert "fsync_after_insert = 1" in str(store.value("SHOW CREATE TABLE delivery_origins"))
    made = declared_writer(store, clock, source_file(tmp_path, "x", 'name = "x"\nrole = "erp"'))
    made.commit([Delivery(body(event(occurred_at="2099-01-01T00:00:00Z")))])
    origin = str(store.value("SELECT delivery FROM deliveries"))
    replay = prepare(Delivery(Replay(origin, "me").body(), content_type=REPLAY), made.registry)
    undo = kill_at(store, "INSERT INTO deliveries", after=True)
    with pytest.raises(Killed):
        made.commit([replay])
    undo()
    store.command("TRUNCATE TABLE delivery_origins")
    Writer(store, clock).open()
    assert store.value("SELECT replays FROM delivery_origins") == origin


def test_a_replay_that_a_crash_left_undone_is_redacted_when_it_is_made_again(
    store: Store, clock: FixedClock, folder: Path, tmp_path: Path
) -> None:
    made = declared_writer(store, clock, tmp_path / "none")
    made.commit([Delivery(body(secret_event(occurred_at="2099-01-01T00:00:00Z")))])
    origin = str(store.value("SELECT delivery FROM deliveries"))
    replay = prepare(Delivery(Replay(origin, "me").body(), content_type=REPLAY), made.registry)
    undo = kill_at(store, "INSERT INTO deliveries", after=True)
    with pytest.raises(Killed):
        made.commit([replay])
    undo()
    assert Writer(store, clock).open(load_sources(folder).values()) == 1
    raw = "SELECT toString(raw) FROM quarantine WHERE delivery != {origin:String}"
    told = str(store.value(raw, {"origin": origin}))
    assert token(declared_writer(store, clock, folder)) in told
    assert SECRET not in told
