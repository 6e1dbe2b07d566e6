"""Files of every format reach their numbers, and whatever is broken in them is refused by name."""

import gzip
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow
import pyarrow.parquet
import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from collector.delivery import NO_REQUEST, Delivery
from collector.file_format import Opening, guess_format, load_formats
from collector.file_formats import otlp_json
from collector.receivers.files import import_files
from collector.receivers.json_stream import JsonStream
from collector.receivers.xml_stream import elements
from collector.writer import Writer
from core.clock import FixedClock
from core.errors import BadInput, ConfigInvalid
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import BY_MODEL, body, event, make_writer, stored
from tests.collector.test_otlp import HERE, logs, spans


def test_xml_that_is_deep_or_holds_too_much_is_refused(
    store: Store, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "log.xes"
    file.write_text("<log>" + "<a>" * 100 + "</a>" * 100 + "</log>")
    writer = make_writer(store, clock)
    with pytest.raises(BadInput, match="too deeply"):
        import_files(writer, [file], source="x", format="xes")
    monkeypatch.setattr("collector.receivers.xml_stream.HELD_MAX", 10_000)
    file.write_text("<log><trace>" + '<string key="k" value="v"/>' * 100 + "</trace></log>")
    with pytest.raises(BadInput, match="too large"):
        import_files(writer, [file], source="x", format="xes")
    passing = "".join(f"<trace>{xes_event(str(number), 'Do It')}</trace>" for number in range(200))
    file.write_text(f"<log>{passing}</log>")
    assert import_files(writer, [file], source="x", format="xes")[0].received == 200


def xes_event(case: str, action: str, at: str = "2026-09-01T10:00:00.000+02:00") -> str:
    return (
        f'<string key="concept:name" value="{case}"/><event>'
        f'<string key="concept:name" value="{action}"/><date key="time:timestamp" value="{at}"/>'
        f'<string key="org:resource" value="Ada"/></event>'
    )


XES = f"""<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<global scope="event"><string key="concept:name" value="name"/></global>
<trace>
<float key="amount" value="12.5"/>
{xes_event("D-1", "Declaration SUBMITTED")}
</trace>
<trace>
{xes_event("D-2", "Approve", "yesterday")}
</trace>
<event>
<string key="concept:name" value="Alone"/><date key="time:timestamp" value="2026-09-01T10:00:00Z"/>
</event>
</log>"""


def test_xes_needs_no_mapping(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    file = tmp_path / "log.xes"
    file.write_text(XES)
    writer = make_writer(store, clock)
    report = import_files(writer, [file], source="expense")[0]
    assert (report.format, report.told_by, report.mapping) == ("xes", "content", "xes")
    assert (report.received, report.stored, report.quarantined) == (3, 1, 2)
    found = store.rows("SELECT * FROM events")[0]
    assert (found["object_type"], found["object_id"]) == ("case", "D-1")
    assert (found["action"], found["actor"]) == ("declaration_submitted", "Ada")
    assert found["occurred_at"] == datetime(2026, 9, 1, 8, tzinfo=UTC)
    held = store.rows("SELECT line, reason, field, file FROM v_quarantine ORDER BY line")
    assert [tuple(row.values()) for row in held] == [
        (10, "pattern", "occurred_at", "log.xes"),
        (12, "missing", "object.id", "log.xes"),
    ]
    store.command("TRUNCATE TABLE batches")
    assert make_writer(store, clock).check_identity() == []
    assert store.rows("SELECT line, raw FROM quarantine FINAL ORDER BY line")[0]["line"] == 10


def test_a_log_that_breaks_keeps_what_came_before_and_is_told_so(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    cases = [f"<trace>{xes_event(str(number), 'Do It')}</trace>" for number in range(7)]
    file = tmp_path / "log.xes"
    file.write_text(f"<log>{''.join(cases)}<trace></log>")
    writer = Writer(store, clock, CollectorSettings(import_rows=2, engine_bytes_min=BY_MODEL))
    with pytest.raises(BadInput, match="mismatched tag.*7 records before it are taken"):
        import_files(writer, [file], source="x")
    assert len(stored(store)) == 7
    file.write_text(f"<log>{''.join(cases)}</log>")
    report = import_files(writer, [file], source="x")[0]
    assert (report.known, report.stored, report.duplicates) == (False, 0, 7)


ROW_MAPPING = """
name = "declarations"
version = 1
format = "{format}"
source = "expense"
[time]
column = "time:timestamp"
[fields]
"object.id" = "case:concept:name"
[constants]
"object.type" = "expense_item"
[amount]
column = "case:amount"
currency = "EUR"
[activity]
column = "concept:name"
[[activity.value]]
is = "Declaration SUBMITTED"
action = "submitted"
"""


def test_a_mapping_of_rows_says_what_a_case_of_xes_is(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    file, mapping = tmp_path / "log.xes", tmp_path / "mapping.toml"
    file.write_text(XES)
    mapping.write_text(ROW_MAPPING.format(format="xes"))
    report = import_files(make_writer(store, clock), [file], mapping=mapping)[0]
    assert (report.stored, report.totals) == (1, {"EUR": Decimal("12.5000")})
    columns = "object_type, object_id, action, source"
    assert stored(store, columns) == [("expense_item", "D-1", "submitted", "expense")]


def test_parquet_rows_are_mapped_as_csv_rows_are(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    at = datetime(2026, 9, 1, 10, tzinfo=UTC)
    table = pyarrow.table(
        {
            "time:timestamp": [at, at, None, at],
            "case:concept:name": ["1", "2", "3", "4"],
            "case:amount": pyarrow.array([Decimal("1.005"), Decimal("2.00"), None, None]),
            "concept:name": ["Declaration SUBMITTED"] * 3 + ["Unheard"],
            "more": [1, 2, 3, 4],
        }
    )
    file, mapping = tmp_path / "rows.parquet", tmp_path / "mapping.toml"
    pyarrow.parquet.write_table(table, file, row_group_size=2)
    mapping.write_text(ROW_MAPPING.format(format="parquet"))
    writer = Writer(store, clock, CollectorSettings(import_rows=2, engine_bytes_min=BY_MODEL))
    report = import_files(writer, [file], mapping=mapping)[0]
    assert (report.format, report.holds) == ("parquet", {"rows": 4})
    assert (report.received, report.stored, report.quarantined) == (4, 2, 2)
    assert report.totals == {"EUR": Decimal("3.0000")}
    held = store.rows("SELECT line, field FROM quarantine ORDER BY line")
    assert [tuple(row.values()) for row in held] == [(3, "occurred_at"), (4, "action")]
    store.command("TRUNCATE TABLE batches")
    assert make_writer(store, clock).check_identity() == []
    changed = ROW_MAPPING.format(format="parquet").replace("case:amount", "cost")
    mapping.write_text(changed)
    with pytest.raises(ConfigInvalid, match="Raise its version"):
        import_files(writer, [file], mapping=mapping)
    mapping.write_text(changed.replace("version = 1", "version = 2"))
    with pytest.raises(BadInput, match="no column cost"):
        import_files(writer, [file], mapping=mapping)


def test_parquet_with_columns_of_an_event_needs_no_mapping(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    at = datetime(2026, 9, 1, 10, tzinfo=UTC)
    links = [{"type": "billing_event", "id": "BE-1", "relation": "from"}]
    table = pyarrow.table(
        {
            "occurred_at": [at, at],
            "source": ["erp", "erp"],
            "object": [{"type": "invoice", "id": "1"}, {"type": "Invoice", "id": "2"}],
            "action": ["posted", "posted"],
            "attempt": [None, 2],
            "money.amount": pyarrow.array([Decimal("10.50"), None]),
            "money.currency": ["USD", None],
            "links": [links, None],
        }
    )
    file = tmp_path / "events.parquet"
    pyarrow.parquet.write_table(table, file)
    report = import_files(make_writer(store, clock), [file])[0]
    assert (report.stored, report.quarantined) == (1, 1)
    assert report.totals == {"USD": Decimal("10.5000")}
    found = store.rows("SELECT source, object_id, link_ids, occurred_at FROM events")
    assert [tuple(row.values()) for row in found] == [("erp", "1", ["BE-1"], at)]
    naive = table.set_column(0, "occurred_at", pyarrow.array([at.replace(tzinfo=None)] * 2))
    pyarrow.parquet.write_table(naive, file)
    with pytest.raises(BadInput, match="no time zone"):
        import_files(make_writer(store, clock), [file])
    pyarrow.parquet.write_table(table.select(["source"]), file)
    with pytest.raises(BadInput, match="no column action, object, occurred_at"):
        import_files(make_writer(store, clock), [file])
    file.write_bytes(b"PAR1 nonsense")
    with pytest.raises(BadInput, match="no Parquet file"):
        import_files(make_writer(store, clock), [file])


def otlp_line(request: Any) -> str:
    found = MessageToDict(request)
    for span in found.get("resourceSpans", [{}])[0].get("scopeSpans", [{}])[0].get("spans", []):
        span["traceId"], span["spanId"] = "01" * 16, "02" * 8
        for link in span.get("links", []):
            link["traceId"], link["spanId"] = "03" * 16, "04" * 8
    return json.dumps(found)


def test_otlp_json_holds_logs_and_traces_line_by_line(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    linked = {**HERE, "revtrace.object.id": "INV-2", "links": [("03" * 16, "04" * 8)]}
    file = tmp_path / "telemetry.json"
    file.write_text(
        "\n".join(
            [
                otlp_line(logs(HERE, {"http.method": "GET"})),
                "{broken",
                otlp_line(spans(linked)),
                json.dumps(event()),
                '{"resourceMetrics": []}',
                otlp_line(logs({**HERE, "revtrace.object.id": "INV-3"})),
            ]
        )
    )
    writer = make_writer(store, clock)
    report = import_files(writer, [file])[0]
    assert (report.format, report.told_by) == ("otlp-json", "content")
    assert (report.received, report.stored, report.skipped, report.quarantined) == (7, 3, 2, 2)
    found = store.rows("SELECT object_id, span_links FROM events ORDER BY object_id")
    assert [row["object_id"] for row in found] == ["INV-1", "INV-2", "INV-3"]
    assert found[1]["span_links"] == [f"{'03' * 16}-{'04' * 8}"]
    held = store.rows("SELECT line, reason FROM quarantine ORDER BY line")
    assert held == [{"line": 2, "reason": "not_json"}, {"line": 4, "reason": "not_json"}]
    store.command("TRUNCATE TABLE batches")
    assert make_writer(store, clock).check_identity() == []
    assert len(stored(store)) == 3
    assert store.rows("SELECT line, reason FROM quarantine FINAL ORDER BY line") == held


def test_otlp_json_may_be_one_document(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    file = tmp_path / "telemetry.json"
    file.write_text(json.dumps(json.loads(otlp_line(logs(HERE))), indent=2))
    report = import_files(make_writer(store, clock), [file])[0]
    assert (report.format, report.stored) == ("otlp-json", 1)


def test_a_json_document_is_an_array_of_events_or_one(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    writer = make_writer(store, clock)
    file = tmp_path / "events.json"
    events = [event(event_id="a"), event(event_id="b", action="No"), event(event_id="c")]
    file.write_text(json.dumps(events, indent=2))
    report = import_files(writer, [file])[0]
    assert (report.format, report.received, report.stored) == ("json", 3, 2)
    assert store.rows("SELECT line, field FROM quarantine") == [{"line": 2, "field": "action"}]
    file.write_text(json.dumps(event(event_id="d"), indent=2))
    assert import_files(writer, [file])[0].stored == 1
    file.write_text(json.dumps(events, indent=2)[:-40])
    assert import_files(writer, [file])[0].quarantined == 2
    assert writer.check_identity() == []


def test_the_format_is_told_by_content_then_by_ending(tmp_path: Path) -> None:
    for name, content, wanted in (
        ("a.txt", body(event()), ("ndjson", "content")),
        ("b", b'\xef\xbb\xbf\n {"resourceSpans": []}', ("otlp-json", "content")),
        ("c.bin", b'{"ocel:global-log": {}}', ("ocel", "content")),
        ("d.xml", b"<?xml version='1.0'?><log><object-types/></log>", ("ocel", "content")),
        ("e.xml", b"<log><trace/></log>", ("xes", "content")),
        ("f.CSV", b"a,b\n1,2\n", ("csv", "ending")),
        ("g.ndjson", b"", ("ndjson", "ending")),
        ("i", b'[\n  {"source": "psa"}]', ("json", "content")),
        ("j", json.dumps(event(), indent=2).encode(), ("json", "content")),
        ("k", b'{\n "resourceSpans": []}', ("otlp-json", "content")),
        ("l.json", b"", ("json", "ending")),
    ):
        (tmp_path / name).write_bytes(content)
        assert guess_format(tmp_path / name) == wanted, name
    (tmp_path / "h.txt").write_bytes(b"[1, 2]")
    with pytest.raises(BadInput, match="neither content nor ending"):
        guess_format(tmp_path / "h.txt")
    assert list(load_formats()) == [
        "csv",
        "json",
        "ndjson",
        "ocel",
        "otlp-json",
        "parquet",
        "payload",
        "xes",
    ]


def test_a_gzip_file_that_was_cut_off_says_so(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    file = tmp_path / "log.xes.gz"
    whole = gzip.compress(XES.encode())
    file.write_bytes(whole[:-10])
    with pytest.raises(BadInput, match="cannot be read"):
        import_files(make_writer(store, clock), [file], "xes", source="x")
    file.write_bytes(whole)
    assert import_files(make_writer(store, clock), [file], source="expense")[0].stored == 1


TEXTS = st.sampled_from(["{}", "[", '{"resourceLogs": 1}', '{"resourceMetrics": []}', "x", "", " "])


@given(st.lists(TEXTS | st.text(max_size=20), max_size=6))
def test_no_line_of_an_otlp_file_is_lost(texts: list[str]) -> None:
    """Each line is an event, skipped, or refused with its number."""
    lines = [" ".join(text.split()).encode() for text in texts]
    good = otlp_line(logs(HERE)).encode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "telemetry.json"
        file.write_bytes(b"\n".join([good, *lines, good]))
        opening = Opening(file, Delivery(b""), None, 10)
        with closing(otlp_json.parts(opening)) as parts:
            made = parts.take(100)
    accounted = 0
    for one in made:
        if one.protocol == NO_REQUEST:
            refused = one.body.split(b"\n")
            accounted += sum(map(bool, refused))
            assert all(not text or text == lines[at - 1] for at, text in enumerate(refused))
        else:
            accounted += len(one.body.split(b"\n"))
    assert accounted == 2 + sum(map(bool, lines))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.booleans())
def test_any_text_between_good_cases_of_xes_is_refused_or_leaves_them(
    text: str, escaped: bool
) -> None:
    between = escape(text) if escaped else text
    one, other = (f"<trace>{xes_event(name, 'Do It')}</trace>" for name in "ab")
    content = f"<log>{one}{between}{other}</log>"
    found = []
    try:
        for around, _ in elements(io.BytesIO(content.encode()), "log/trace/event"):
            found.append(next(around[-1].named("string")).attributes["value"])
    except BadInput:
        return
    assert found == ["a", "b"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), st.lists(JSON_VALUES, max_size=5), max_size=5), st.integers(1, 9))
def test_a_document_walked_in_pieces_is_the_same_document(found: Any, chunk: int) -> None:
    class Slow(io.StringIO):
        """Gives a few characters at a time, wherever they end."""

        def read(self, size: int | None = -1) -> str:
            return super().read(chunk)

    def walked(text: str) -> Iterator[tuple[str, list[Any]]]:
        stream = JsonStream(Slow(text))
        for key in stream.members():
            yield key, [stream.value() for _ in stream.elements()]
        stream.end()

    text = json.dumps(found, indent=1, ensure_ascii=False)
    wanted = json.loads(text, parse_int=str)
    assert dict(walked(text)) == wanted
    with pytest.raises(BadInput, match="breaks at character"):
        dict(walked(text[:-1]))
