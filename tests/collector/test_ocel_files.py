"""OCEL files in each of their forms are the same events, and whatever is broken in them is refused
by name. So are the traps of XML.
"""

import gzip
import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.receivers.files import import_files
from collector.receivers.ocel import PLAIN, OcelFile
from collector.receivers.ocel_stage import SQL
from core.clock import FixedClock, SystemClock
from core.errors import BadInput
from core.store import Store
from core.verdict import Admitted, admit
from tests.collector.arrange import make_writer, stored

EXAMPLE_COUNTS = {"events": 13, "objects": 9, "event_objects": 20, "object_relations": 7}


def shared(folder: Path, name: str) -> Path:
    assert (folder / name).exists(), "the public data sets are not beside this checkout"
    return folder / name


def as_json(sqlite: Path, path: Path) -> Path:
    """The log of a SQLite file in OCEL 2.0 JSON, made with nothing of the program."""
    with closing(sqlite3.connect(f"file:{sqlite}?mode=ro&immutable=1", uri=True)) as database:

        def ask(statement: str, *given_: str) -> list[Any]:
            return database.execute(statement, given_).fetchall()

        times = {
            name: at
            for (table,) in ask("SELECT ocel_type_map FROM event_map_type")
            for name, at in ask(f'SELECT ocel_id, ocel_time FROM "event_{table}"')
        }
        document = {
            "objectTypes": [
                {"name": name} for (name,) in ask("SELECT ocel_type FROM object_map_type")
            ],
            "eventTypes": [
                {"name": name} for (name,) in ask("SELECT ocel_type FROM event_map_type")
            ],
            "objects": [
                {
                    "id": name,
                    "type": kind,
                    "attributes": [],
                    "relationships": [
                        {"objectId": other, "qualifier": told}
                        for other, told in ask(
                            "SELECT ocel_target_id, ocel_qualifier FROM object_object "
                            "WHERE ocel_source_id = ?",
                            name,
                        )
                    ],
                }
                for name, kind in ask("SELECT ocel_id, ocel_type FROM object")
            ],
            "events": [
                {
                    "id": name,
                    "type": kind,
                    "time": times[name].replace(" ", "T") + "Z",
                    "attributes": [],
                    "relationships": [
                        {"objectId": other, "qualifier": told}
                        for other, told in ask(
                            "SELECT ocel_object_id, ocel_qualifier FROM event_object "
                            "WHERE ocel_event_id = ?",
                            name,
                        )
                    ],
                }
                for name, kind in ask("SELECT ocel_id, ocel_type FROM event")
            ],
        }
    path.write_text(json.dumps(document, indent=1))
    return path


def test_the_ocel_example_is_the_same_events_in_sqlite_xml_and_json(
    store: Store, clock: FixedClock, shared_data: Path, tmp_path: Path
) -> None:
    sqlite = shared(shared_data, "ocel20_example.sqlite")
    xml = shared(shared_data, "ocel20_example.xmlocel")
    writer = make_writer(store, clock)
    reports = import_files(
        writer, [sqlite, xml, as_json(sqlite, tmp_path / "example.json")], source="p2p"
    )
    assert [report.holds for report in reports] == [EXAMPLE_COUNTS] * 3
    assert [(report.stored, report.duplicates) for report in reports] == [(20, 0), (0, 20), (0, 20)]
    assert [(report.format, report.told_by) for report in reports] == [("ocel", "content")] * 3
    assert len(stored(store)) == 20
    assert writer.check_identity() == []


def test_no_row_of_an_ocel_file_costs_a_look_at_all_the_others(shared_data: Path) -> None:
    """The file has no indices: what asks again for each row would read all of it as often."""
    file = shared(shared_data, "ocel20_example.sqlite")
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as database:
        for statement in [*SQL.statements("prepare"), *SQL.statements("index")]:
            database.execute(statement)
        plan = database.execute(f"EXPLAIN QUERY PLAN {SQL['pairs']}").fetchall()
    assert [told for *_, told in plan if "CORRELATED" in told] == []


def test_real_purchase_to_pay_in_ocel_1_reaches_its_numbers(
    store: Store, shared_data: Path
) -> None:
    file = shared(shared_data, "p2p-normal.jsonocel")
    writer = make_writer(store, SystemClock(), 0)
    report = import_files(writer, [file], source="p2p")[0]
    assert report.holds == {
        "events": 720,
        "objects": 781,
        "event_objects": 3_952,
        "object_relations": 0,
    }
    assert (report.received, report.stored) == (3_952, 3_952)
    found = store.rows(
        "SELECT object_type, uniqExact(object_id) AS n FROM events GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [
        ("gdsrcpt", 80),
        ("invoice", 127),
        ("material", 414),
        ("purchord", 80),
        ("purchreq", 80),
    ]
    again = import_files(writer, [file], source="p2p")[0]
    assert (again.known, store.value("SELECT count() FROM events")) == (True, 3_952)


OCEL_MAPPING = """
name = "orders"
version = 1
format = "ocel"
source = "shop"
[[object]]
is = "Order"
type = "order"
amount = { column = "price", currency = "EUR" }
[[relation]]
is = "made of"
relation = "from"
downstream = "source"
"""


def test_amounts_links_and_times_of_ocel_json_are_exact(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    document = {
        "events": [
            {"id": "e2", "type": "Pay Order", "time": "2026-09-02T00:30:00+02:00",
             "relationships": [{"objectId": "o1", "qualifier": "pays"}]},
            {"id": "e1", "type": "Place Order", "time": "2026-09-01T22:29:59Z",
             "relationships": [{"objectId": "o1"}, {"objectId": "i1"}]},
        ],
        "objects": [
            {"id": "o1", "type": "Order",
             "attributes": [
                 {"name": "price", "time": "2026-09-02T00:00:00Z", "value": "9"},
                 {"name": "price", "time": "1970-01-01T00:00:00Z", "value": 10.05}],
             "relationships": [{"objectId": "i1", "qualifier": "made of"}]},
            {"id": "i1", "type": "Item"},
        ],
    }  # fmt: skip
    file, mapping = tmp_path / "orders.jsonocel", tmp_path / "mapping.toml"
    file.write_text(json.dumps(document))
    mapping.write_text(OCEL_MAPPING)
    report = import_files(make_writer(store, clock), [file], mapping=mapping)[0]
    assert (report.stored, report.totals) == (3, {"EUR": Decimal("20.1000")})
    found = store.rows("SELECT event_id, link_ids, toString(amount) AS a FROM events ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [
        ("e1:i1", [], None),
        ("e1:o1", ["i1"], "10.05"),
        ("e2:o1", [], "10.05"),
    ]


def test_what_is_broken_in_an_ocel_file_is_quarantined_beside_what_is_good(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    good = {"id": "e1", "type": "A", "time": "2026-09-01T00:00:00Z"}
    document = {
        "objects": [{"id": "o1", "type": "T"}, 7, {"type": "T"}],
        "events": [
            {**good, "relationships": [{"objectId": "o1"}, {"objectId": "nobody"}, "o1"]},
            {"id": "e2", "type": "A", "time": "soon", "relationships": [{"objectId": "o1"}]},
            {"id": "e3", "time": good["time"], "relationships": [{"objectId": "o1"}]},
            {"id": "e4", "type": "A", "relationships": [{"objectId": "o1"}]},
            {**good, "id": "e5"},
            "e6",
        ],
    }
    file = tmp_path / "broken.jsonocel"
    file.write_text(json.dumps(document))
    report = import_files(make_writer(store, clock), [file], source="x")[0]
    assert stored(store, "event_id") == [("e1:o1",)]
    held = store.rows("SELECT reason, field, raw FROM quarantine ORDER BY reason, field, raw")
    assert [(row["reason"], row["field"]) for row in held] == [
        ("missing", "action"),
        ("missing", "object"),
        ("missing", "object.type"),
        ("missing", "occurred_at"),
        ("not_json", ""),
        ("not_json", ""),
        ("not_json", ""),
        ("not_json", ""),
        ("pattern", "occurred_at"),
    ]
    assert "nobody" in held[2]["raw"]
    assert (report.received, report.quarantined) == (10, 9)


def test_files_that_are_no_ocel_say_why(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    writer = make_writer(store, clock)
    twice = {"events": [{"id": "e", "type": "A"}, {"id": "e", "type": "B"}]}
    for content, says in (
        ('{"x": 1}', "neither events nor objects"),
        ('{"events": [{"id": "e1"}', "breaks at character"),
        ('{"events": {}}', "'\\[' is missing"),
        ("hello", "neither SQLite, JSON nor XML"),
        ("<log><events>", "the XML breaks"),
        (json.dumps(twice), "'e' is there twice"),
        ("SQLite format 3\0 nonsense", "no OCEL"),
    ):
        file = tmp_path / "file.ocel"
        file.write_text(content)
        with pytest.raises(BadInput, match=says):
            import_files(writer, [file], "ocel", source="x")
    packed = tmp_path / "file.sqlite.gz"
    packed.write_bytes(gzip.compress(b"SQLite format 3\0"))
    with pytest.raises(BadInput, match="Unpack it"):
        import_files(writer, [packed], source="x")
    assert store.value("SELECT count() FROM deliveries") == 0


BOMB = """<?xml version="1.0"?>
<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<log><trace><event><string key="concept:name" value="&b;"/></event></trace></log>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<log><events><event id="&x;"/></events></log>"""


@pytest.mark.parametrize("format", ["xes", "ocel"])
@pytest.mark.parametrize("content", [BOMB, OUTSIDE], ids=["bomb", "outside"])
def test_entities_of_xml_are_refused(
    store: Store, clock: FixedClock, tmp_path: Path, format: str, content: str
) -> None:
    file = tmp_path / "log.xml"
    file.write_text(content)
    with pytest.raises(BadInput, match="declares or refers to what is not taken"):
        import_files(make_writer(store, clock), [file], format, source="x")
    assert store.value("SELECT count() FROM deliveries") == 0


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["id", "type", "time", "attributes", "relationships", "x"])
THINGS = st.lists(JSON_VALUES | st.dictionaries(KEYS, JSON_VALUES, max_size=5), max_size=4)


@given(THINGS, THINGS)
def test_any_json_in_an_ocel_file_leaves_the_good_event_or_is_refused(
    events: list[Any], objects: list[Any]
) -> None:
    good = {"id": "good-event", "type": "A", "time": "2026-09-01T00:00:00Z"}
    good["relationships"] = [{"objectId": "good-object"}]  # type: ignore[assignment]
    document = {
        "events": [*events, good, *events],
        "objects": [*objects, {"id": "good-object", "type": "T"}],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "any.jsonocel"
        file.write_text(json.dumps(document))
        try:
            with closing(OcelFile(file, PLAIN)) as opened:
                lines = list(opened.lines())
        except BadInput:
            # Two events of one id cannot both be meant; nothing else is refused as a whole.
            names = [one.get("id") for one in [*events, *objects] if isinstance(one, dict)]
            assert any(isinstance(name, (str, int)) for name in names)
            return
    found = [
        admit(line, source="x", received_at=datetime(2026, 10, 1, tzinfo=UTC)) for line in lines
    ]
    assert "good-event:good-object" in {one.event_id for one in found if isinstance(one, Admitted)}
    # What is no event at all is there as what it is.
    assert len(lines) >= 1 + 2 * sum(not isinstance(one, dict) for one in events)
