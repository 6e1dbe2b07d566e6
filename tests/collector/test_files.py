"""Import of files: streamed, registered by content, broken rows quarantined with file and line."""

import gzip
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import zstandard

from collector.file_stream import opened
from collector.mapping import parse_mapping, read_mapping, snake_case
from collector.receivers.files import Progress, import_files
from collector.writer import Writer
from core.clock import FixedClock, SystemClock
from core.errors import BadInput, ConfigInvalid
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import BY_MODEL, body, event, make_writer, stored

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"

MAPPING = """
name = "expenses"
version = 1
format = "csv"
source = "expense"
[csv]
delimiter = ";"
[time]
column = "when"
zone = "Europe/Amsterdam"
[amount]
column = "amount"
currency_column = "currency"
[fields]
"object.id" = { column = "item", without_prefix = "item " }
"context.actor" = "who"
[constants]
"object.type" = "expense_item"
"context.region" = "emea"
[activity]
column = "step"
[[activity.value]]
is = "Final OK"
action = "approved"
[[activity.value]]
is = "Refused"
action = "approved"
outcome = "failed"
[[activity.value]]
is = "Memo"
action = "created"
object = "credit_memo"
object_id = { column = "who" }
"""
HEADER = "item;step;when;amount;currency;who"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def csv_import(store: Store, clock: FixedClock, folder: Path, *rows: str) -> Any:
    mapping = write(folder / "mapping.toml", MAPPING)
    file = write(folder / "expenses.csv", HEADER, *rows)
    return import_files(make_writer(store, clock), [file], "csv", mapping=mapping)[0]


def test_ndjson_with_broken_lines_is_imported_around_them(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(body(event(), "", "{broken", event(event_id="e2")))
    report = import_files(make_writer(store, clock), [file], "ndjson")[0]
    assert (report.received, report.stored, report.quarantined) == (3, 2, 1)
    held = store.rows("SELECT file, line, reason FROM v_quarantine")
    assert held == [{"file": "events.ndjson", "line": 3, "reason": "not_json"}]


def test_a_file_that_was_imported_is_known_by_its_content(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    file, copy = tmp_path / "events.ndjson.gz", tmp_path / "renamed.ndjson.gz"
    file.write_bytes(gzip.compress(body(event(money={"amount": "1.5", "currency": "USD"}))))
    writer = make_writer(store, clock)
    first = import_files(writer, [file], "ndjson")[0]
    copy.write_bytes(file.read_bytes())
    second = import_files(writer, [copy], "ndjson")[0]
    assert (first.known, second.known, second.stored) == (False, True, 1)
    assert store.value("SELECT count() FROM deliveries") == 1
    assert str(first.totals["USD"]) == str(second.totals["USD"]) == "1.5000"


def test_closing_the_stream_of_a_gzip_closes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson.gz"
    file.write_bytes(gzip.compress(body(event())))
    raw, stream = opened(file)
    with stream:
        assert stream.read() == body(event())
    assert raw.closed


def test_a_zstd_file_is_read_over_its_frames_and_refused_when_cut_off(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    compress = zstandard.ZstdCompressor().compress
    whole = b"".join(compress(body(event(event_id=name)) + b"\n") for name in "ab")
    file = tmp_path / "events.ndjson.zst"
    writer = make_writer(store, clock)
    for cut in (1, 5, len(whole) // 3):
        file.write_bytes(whole[:-cut])
        with pytest.raises(BadInput, match="no whole zstd file"):
            import_files(writer, [file], "ndjson")
    file.write_bytes(whole)
    assert import_files(writer, [file], "ndjson")[0].received == 2
    assert stored(store, "event_id") == [("a",), ("b",)]


def test_an_interrupted_import_is_repeated_without_doubling(
    store: Store, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(body(*(event(event_id=f"e{number}") for number in range(100))))
    monkeypatch.setattr("collector.file_format.BLOCK_BYTES", 2_000)
    writer = make_writer(store, clock)
    told: list[Progress] = []

    def stop_after_the_first(progress: Progress) -> None:
        told.append(progress)
        if len(told) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_files(writer, [file], "ndjson", progress=stop_after_the_first)
    assert 0 < len(stored(store)) < 100
    report = import_files(writer, [file], "ndjson", progress=told.append)[0]
    assert (report.received, report.stored + report.duplicates) == (100, 100)
    assert len(stored(store)) == 100
    assert told[-1].rows == told[-1].rows_total == 100
    # What is read ahead is no progress: the estimate is right from the first commit on.
    assert {each.rows_total for each in told} <= set(range(97, 104))
    assert writer.check_identity() == []


def test_rows_become_events_as_the_mapping_declares(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    report = csv_import(
        store,
        clock,
        tmp_path,
        "item 7;Final OK;2026-07-01 10:00:00;26.85120450862128;EUR;Ada",
        "item 7;Refused;2026-07-02T10:00:00Z;1.005;USD;Bob",
        "item 7;Memo;2026-12-01T10:00:00+01:00;;;M-1",
    )
    assert (report.received, report.stored) == (3, 2)
    columns = (
        "object_type, object_id, action, outcome, toString(occurred_at), toString(amount), "
        "currency, actor, region, source, mapping"
    )
    assert stored(store, columns) == [
        (
            "expense_item",
            "7",
            "approved",
            "failed",
            "2026-07-02 10:00:00.000000",
            "1",
            "USD",
            "Bob",
            "emea",
            "expense",
            "expenses",
        ),
        (
            "expense_item",
            "7",
            "approved",
            "ok",
            "2026-07-01 08:00:00.000000",
            "26.85",
            "EUR",
            "Ada",
            "emea",
            "expense",
            "expenses",
        ),
    ]
    assert store.value("SELECT reason FROM quarantine") == "future"


def test_broken_rows_are_quarantined_with_file_and_line(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    report = csv_import(
        store,
        clock,
        tmp_path,
        "item 1;Final OK;2026-07-01 10:00:00;1;EUR;Ada",
        "item 2;Final OK;yesterday;1;EUR;Ada",
        "item 3;Final OK;2026-07-01 10:00:00;one;EUR;Ada",
        '"item 4";Final OK;2026-07-01 10:00:00;1;EUR;"A',
        'd a"',
        "item 5;Unheard Of;2026-07-01 10:00:00;1;EUR;Ada",
        "too;few",
        "",
        "item 6;Final OK;2026-07-01 10:00:00;1;EUR;Ada",
    )
    assert (report.received, report.stored, report.quarantined) == (7, 3, 4)
    held = store.rows("SELECT line, reason, field, raw FROM v_quarantine ORDER BY line")
    assert [(row["line"], row["reason"], row["field"]) for row in held] == [
        (3, "pattern", "occurred_at"),
        (4, "pattern", "money.amount"),
        (7, "pattern", "action"),
        (8, "not_json", ""),
    ]
    assert held[3]["raw"] == "unreadable row: too;few"
    assert ("A\nd a",) in stored(store, "actor")


def test_parts_of_a_file_keep_their_lines_and_are_made_again_from_their_bytes(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    rows = [f"item {n};Final OK;2026-07-01 10:00:00;{n};EUR;Ada" for n in range(10)]
    rows[8] = "broken"
    mapping = write(tmp_path / "mapping.toml", MAPPING)
    file = write(tmp_path / "expenses.csv", HEADER, *rows)
    writer = Writer(store, clock, CollectorSettings(import_rows=4, engine_bytes_min=BY_MODEL))
    report = import_files(writer, [file], "csv", mapping=mapping)[0]
    assert (report.stored, report.quarantined) == (9, 1)
    assert store.value("SELECT count() FROM deliveries") == 3
    assert store.value("SELECT line FROM quarantine") == 10
    store.command("TRUNCATE TABLE batches")
    assert make_writer(store, clock).check_identity() == []
    assert len(stored(store)) == 9
    assert store.rows("SELECT line, raw FROM quarantine FINAL") == [
        {"line": 10, "raw": "unreadable row: broken"}
    ]


def test_a_changed_mapping_needs_a_new_version(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    csv_import(store, clock, tmp_path, "item 1;Final OK;2026-07-01 10:00:00;1;EUR;Ada")
    changed = write(tmp_path / "changed.toml", MAPPING.replace("emea", "apac"))
    other = write(tmp_path / "other.csv", HEADER)
    with pytest.raises(ConfigInvalid, match="Raise its version"):
        import_files(make_writer(store, clock), [other], "csv", mapping=changed)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("[time]", "[tyme]"), "time"),
        (('"context.actor"', '"context.aktor"'), "no field of an event"),
        (("Europe/Amsterdam", "Europe/Atlantis"), "no time zone"),
        (('action = "approved"', 'action = "OK now"'), "snake_case"),
        (('currency_column = "currency"', ""), "needs a code or a column"),
        (('delimiter = ";"', 'delimiter = ";;"'), "no single character"),
    ],
)
def test_a_wrong_mapping_names_its_key(change: tuple[str, str], says: str) -> None:
    with pytest.raises(ConfigInvalid, match=says):
        parse_mapping(MAPPING.replace(*change), "mapping.toml")


def test_wrong_files_are_refused_with_what_to_do(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    writer = make_writer(store, clock)
    mapping = write(tmp_path / "mapping.toml", MAPPING)
    other = write(tmp_path / "other.csv", "a;b", "1;2")
    for paths, format, given, says in [
        ([tmp_path / "none"], "ndjson", None, "is no file"),
        ([other], "xml", None, "not known"),
        ([other], "csv", None, "needs a mapping"),
        ([other], "csv", mapping, "has no column"),
        ([other], "ocel", None, "which source"),
    ]:
        with pytest.raises(BadInput, match=says):
            import_files(writer, paths, format, mapping=given)
    with pytest.raises(BadInput, match="no OCEL"):
        import_files(writer, [other], "ocel", source="x")
    assert store.value("SELECT count() FROM deliveries") == 0


def test_names_become_snake_case_by_the_documented_rule() -> None:
    expected = {
        "Create Purchase Order": "create_purchase_order",
        "PickItem": "pick_item",
        "ERPOrder": "erp_order",
        "2nd try": "x_2nd_try",
        "Größe": "groe",
        "a--b": "a_b",
        "***": "x",
        "x" * 200: "x" * 100,
    }
    assert {name: snake_case(name) for name in expected} == expected


def shared(folder: Path, name: str) -> Path:
    assert (folder / name).exists(), "the public data sets are not beside this checkout"
    return folder / name


def test_real_expense_declarations_reach_their_numbers(store: Store, shared_data: Path) -> None:
    file = shared(shared_data, "expense_declarations.csv.gz")
    writer = make_writer(store, SystemClock(), 0)
    example = EXAMPLES / "expense-declarations" / "mapping.toml"
    report = import_files(writer, [file], "csv", mapping=example)[0]
    assert (report.received, report.stored, report.quarantined) == (55_628, 55_628, 0)
    rows = store.rows(
        "SELECT action, count() AS events, uniqExact(object_id) AS declarations "
        "FROM events GROUP BY action"
    )
    found = {row["action"]: (row["events"], row["declarations"]) for row in rows}
    assert found["approved"] == (9_999, 9_938)
    assert (found["requested"], found["paid"]) == ((9_914, 9_914), (9_912, 9_912))
    assert store.value("SELECT uniqExact(object_id) FROM events") == 10_357
    never_paid = store.value(
        "SELECT uniqExact(object_id) FROM events "
        "WHERE object_id NOT IN (SELECT object_id FROM events WHERE action = 'paid')"
    )
    assert never_paid == 445


def test_real_order_management_reaches_its_numbers(store: Store, shared_data: Path) -> None:
    file = shared(shared_data, "running-example.sqlite")
    writer = make_writer(store, SystemClock(), 0)
    example = EXAMPLES / "order-management" / "mapping.toml"
    report = import_files(writer, [file], "ocel", mapping=example)[0]
    assert report.holds == {
        "events": 18_211,
        "objects": 10_011,
        "event_objects": 35_857,
        "object_relations": 17_666,
    }
    assert (report.received, report.stored, report.duplicates) == (35_857, 35_827, 30)
    objects = store.rows(
        "SELECT object_type, uniqExact(object_id) AS n FROM events GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in objects] == [
        ("customer", 3),
        ("employee", 18),
        ("item", 7_670),
        ("order", 2_000),
        ("package", 320),
    ]
    links = store.rows(
        "SELECT object_type, relation, count() AS n FROM events "
        "ARRAY JOIN link_relations AS relation WHERE relation = 'from' GROUP BY 1, 2 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in links] == [
        ("item", "from", 7_670),
        ("package", "from", 7_670),
    ]


def test_the_ocel_specification_example_needs_no_mapping(
    store: Store, clock: FixedClock, shared_data: Path
) -> None:
    file = shared(shared_data, "ocel20_example.sqlite")
    report = import_files(make_writer(store, clock), [file], "ocel", source="p2p")[0]
    assert dict(report.holds) == {
        "events": 13,
        "objects": 9,
        "event_objects": 20,
        "object_relations": 7,
    }
    assert report.stored == 20
    assert ("e1:PR1", "purchase_requisition", "create_purchase_requisition") in stored(
        store, "event_id, object_type, action"
    )


def test_examples_are_whole_config_folders() -> None:
    from collector.source import load_sources

    examples = list(EXAMPLES.glob("*/mapping.toml"))
    assert len(examples) >= 2
    for path in examples:
        assert read_mapping(path).source in load_sources(path.parent)


def test_a_database_that_is_no_ocel_is_refused(
    tmp_path: Path, store: Store, clock: FixedClock
) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    with pytest.raises(BadInput, match="no such table"):
        import_files(make_writer(store, clock), [path], "ocel", source="x")
