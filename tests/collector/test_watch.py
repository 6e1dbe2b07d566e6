"""The watched folder: a file is taken once it is whole, and never half-read."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.declared_mapping import declared_mapping, reading_of
from collector.file_format import load_formats
from collector.receivers.files import FileReport, import_file
from collector.receivers.watch import REPORT, WatchedFolder
from collector.source import load_sources
from core.clock import FixedClock
from core.errors import ConfigInvalid, StoreUnavailable
from core.settings import CollectorSettings
from core.store import Store
from tests.collector import sourced
from tests.collector.arrange import body, event, make_writer, stored
from tests.collector.test_files import HEADER, MAPPING

SETTLE = timedelta(seconds=10)


class Night:
    """A watched folder with a writer behind it, and a config folder."""

    def __init__(self, store: Store, clock: FixedClock, folder: Path, **settings: Any) -> None:
        self.clock = clock
        self.root, self.config = folder / "inbox", folder / "config"
        (self.root / "netsuite-us").mkdir(parents=True)
        (self.config / "mappings").mkdir(parents=True)
        self.writer = make_writer(store, clock)
        self.read: list[str] = []
        self.settings = CollectorSettings(watch_settle_seconds=SETTLE.total_seconds(), **settings)
        self.watched = self.again()

    def again(self) -> WatchedFolder:
        """The folder as the next process sees it."""
        self.watched = WatchedFolder(self.root, self.take, self.clock, self.settings)
        return self.watched

    def take(self, path: Path, source: str) -> FileReport:
        self.read.append(path.name)
        how = reading_of(path, "", source, self.config, load_sources(self.config))
        return import_file(self.writer, path, how.form.NAME, source, how.mapping)

    def put(self, name: str, content: bytes, source: str = "netsuite-us") -> Path:
        path = self.root / source / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    def look(self, after: timedelta = SETTLE) -> list[tuple[str, bool]]:
        self.clock.move(after)
        return [(taken.path.name, taken.done) for taken in self.watched.look()]


@pytest.fixture
def night(store: Store, clock: FixedClock, tmp_path: Path) -> Night:
    """An empty folder of one source."""
    return Night(store, clock, tmp_path)


def test_a_file_is_taken_when_it_has_settled_and_moved_with_its_report(
    night: Night, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    no_source = {name: value for name, value in event().items() if name != "source"}
    path = night.put("events.ndjson", body(no_source, "{broken"))
    assert night.look() == []
    assert night.look(SETTLE / 2) == []
    assert night.look(SETTLE / 2) == [("events.ndjson", True)]
    assert not path.exists()
    done = path.parent / "done"
    report = json.loads((done / f"events.ndjson{REPORT}").read_text())
    assert (report["outcome"], report["stored"], report["quarantined"]) == ("done", 1, 1)
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert "1 of 2 rows went to quarantine. See `revtrace quarantine list`" in caplog.text
    assert stored(store) == [("netsuite-us", "e1")]
    assert night.look() == night.look() == []
    assert sorted(one.name for one in done.iterdir()) == [
        "events.ndjson",
        f"events.ndjson{REPORT}",
    ]


def test_a_file_that_grows_is_never_half_read(night: Night, store: Store) -> None:
    path = night.put("events.ndjson", body(event()))
    night.look()
    for number in range(5):
        with path.open("ab") as file:
            file.write(b"\n" + body(event(event_id=f"more-{number}")))
        assert night.look() == []
    assert night.read == []
    assert night.look() == [("events.ndjson", True)]
    assert len(stored(store)) == 6


def test_a_file_renamed_into_place_is_taken_at_once(night: Night) -> None:
    part = night.put("events.ndjson.part", body(event()))
    hidden = night.put(".events.tmp", body(event()))
    assert night.look() == night.look() == []
    part.rename(part.with_suffix(""))
    assert night.look(timedelta(0)) == [("events.ndjson", True)]
    assert hidden.exists()


def test_a_file_that_changes_while_it_is_read_is_read_again(
    night: Night, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = night.put("events.ndjson", body(event()))
    take = night.take

    def late(found: Path, source: str) -> FileReport:
        report = take(found, source)
        if len(night.read) == 1:
            with path.open("ab") as file:
                file.write(b"\n" + body(event(event_id="late")))
        return report

    monkeypatch.setattr(night.watched, "_read", late)
    night.look()
    assert night.look() == []
    assert night.look() == []
    assert night.look() == [("events.ndjson", True)]
    assert stored(store, "event_id") == [("e1",), ("late",)]


def test_a_crash_between_import_and_move_stores_nothing_new(
    night: Night, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.put("events.ndjson", body(event()))

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    night.look()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(Killed):
            night.look()
    assert len(stored(store)) == 1
    night.again()
    night.look()
    assert night.look() == [("events.ndjson", True)]
    report = json.loads(
        (night.root / "netsuite-us" / "done" / f"events.ndjson{REPORT}").read_text()
    )
    assert report["known"] is True
    assert store.value("SELECT count() FROM deliveries") == 1


def test_a_wrong_file_goes_to_failed_with_the_reason_and_holds_nobody_up(
    night: Night, store: Store
) -> None:
    night.put("a.csv", b"x,y\n1,2\n")
    night.put("b.zip", b"PK")
    night.put("c.ndjson", body(event()))
    night.look()
    assert sorted(night.look()) == [("a.csv", False), ("b.zip", False), ("c.ndjson", True)]
    failed = night.root / "netsuite-us" / "failed"
    told = json.loads((failed / f"a.csv{REPORT}").read_text())
    assert told["error"] == "a csv file needs a mapping"
    assert "--format" in json.loads((failed / f"b.zip{REPORT}").read_text())["todo"]
    assert (failed / "a.csv").read_bytes() == b"x,y\n1,2\n"
    assert len(stored(store)) == 1


def test_an_error_that_says_no_remedy_holds_nobody_up_either(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    (night.config / "mappings" / "broken.toml").write_text("no toml")
    night.put("a.csv", f"{HEADER}\n".encode())
    night.put("b.ndjson", body(event()))
    night.look()
    assert sorted(night.look()) == [("a.csv", False), ("b.ndjson", False)]
    report = night.root / "netsuite-us" / "failed" / f"a.csv{REPORT}"
    assert "todo" not in json.loads(report.read_text())
    assert "a.csv was not taken" in caplog.messages[0]
    assert "broken.toml: is not valid TOML" in caplog.messages[0]


def test_a_file_of_which_no_row_is_taken_is_in_failed_with_what_to_do(
    night: Night, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    night.put("events.ndjson", b"garbage\nmore of it\n")
    night.look()
    assert night.look() == [("events.ndjson", False)]
    report = night.root / "netsuite-us" / "failed" / f"events.ndjson{REPORT}"
    told = json.loads(report.read_text())
    assert (told["outcome"], told["quarantined"], told["stored"]) == ("failed", 2, 0)
    assert told["error"] == "no row was taken: 2 went to quarantine"
    assert "revtrace quarantine replay" in told["todo"]
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert store.value("SELECT count() FROM quarantine") == 2


def test_a_file_that_was_imported_before_is_said_to_be_so_and_counts_nothing(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    night.put("events.ndjson", body(event()))
    night.look()
    night.look()
    night.put("again.ndjson", body(event()))
    night.look()
    assert night.look() == [("again.ndjson", True)]
    first, second = caplog.records
    assert (vars(first)["stored"], hasattr(first, "known")) == (1, False)
    assert second.getMessage().endswith("was imported before: nothing was stored now")
    assert not hasattr(second, "stored")


def test_the_declared_mapping_of_the_source_reads_its_files(night: Night, store: Store) -> None:
    (night.config / "mappings" / "expenses.toml").write_text(MAPPING)
    row = "item 1;Final OK;2026-07-01 10:00:00;1;EUR;Ada"
    night.put("export.csv", f"{HEADER}\n{row}\n".encode(), "expense")
    night.look()
    assert night.look() == [("export.csv", True)]
    assert stored(store, "source, object_id") == [("expense", "1")]
    csv = load_formats()["csv"]
    assert declared_mapping(night.config, "psa", csv) is None
    assert declared_mapping(None, "expense", csv) is None
    assert declared_mapping(night.config, "expense", load_formats()["xes"]) is not None
    (night.config / "mappings" / "other.toml").write_text(MAPPING)
    with pytest.raises(ConfigInvalid, match=r"expenses.toml and other.toml are both for csv"):
        declared_mapping(night.config, "expense", csv)


def test_a_source_with_a_mapping_of_payloads_sends_payloads_and_events_in_one_file(
    night: Night, store: Store
) -> None:
    sourced.tickets_file(night.config)

    def sent(*numbers: str) -> str:
        return sourced.body(*map(sourced.ticket, numbers)).decode()

    lines = body(
        event(event_id="native"),
        sent("1", "2"),
        "",
        "{broken",
        {name: value for name, value in event().items() if name != "action"},
        sourced.body(sourced.ticket("3", "unheard of")).decode(),
        {"object": {"type": "x", "id": 1, "at": 3}, "action": "done"},
        sent("4"),
    )
    night.put("lines.ndjson", lines.replace(b"\n", b"\r\n"), "tickets")
    # One document over many lines, told by its first line or by a lone brace; and an array.
    document = json.dumps(json.loads(sent("5")), indent=1)
    night.put("document.json", document.encode(), "tickets")
    night.put("more.dat", document.replace("{\n", '{"events": 1,\n', 1).encode(), "tickets")
    night.put(
        "array.json", f"[{sent('6')},\n{json.dumps(event(event_id='b'))}]".encode(), "tickets"
    )
    night.look()
    assert [done for _, done in night.look()] == [True] * 4
    held = store.rows("SELECT line, reason, mapping FROM v_quarantine ORDER BY line")
    assert [tuple(row.values()) for row in held] == [
        (4, "not_json", "native"),
        (5, "missing", "native"),
        (6, "unmapped", "sources/tickets"),
        (7, "unmapped", "sources/tickets"),
    ]
    taken = stored(store, "if(mapping = 'native', event_id, object_id), toString(mapping)")
    assert taken == [(number, "sources/tickets") for number in "12456"] + [
        ("b", "native"),
        ("native", "native"),
    ]
    assert night.writer.check_identity() == []


def test_the_same_name_on_another_night_gets_a_number(night: Night) -> None:
    for number in range(3):
        night.put("events.ndjson", body(event(event_id=f"e{number}")))
        night.look()
        night.look()
    done = night.root / "netsuite-us" / "done"
    names = sorted(one.name for one in done.iterdir() if not one.name.endswith(REPORT))
    assert names == ["events.2.ndjson", "events.3.ndjson", "events.ndjson"]


def test_while_the_warehouse_is_away_files_stay_where_they_are(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = night.put("events.ndjson", body(event()))

    def away(*_: object) -> FileReport:
        raise StoreUnavailable("the warehouse is away")

    night.look()
    with monkeypatch.context() as patched:
        patched.setattr(night.watched, "_read", away)
        with pytest.raises(StoreUnavailable):
            night.look()
    assert path.exists()
    assert night.look() == [("events.ndjson", True)]


def test_a_file_that_cannot_be_moved_is_not_imported_over_and_over(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.put("events.ndjson", body(event()))

    def denied(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    night.look()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", denied)
        assert night.look() == night.look() == night.look() == []
    assert night.read == ["events.ndjson"]
    night.put("events.ndjson", body(event(event_id="new")))
    night.look()
    assert night.look() == [("events.ndjson", True)]


def test_links_and_folders_are_left_and_a_look_is_bounded(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    night = Night(store, clock, tmp_path, watch_files_max=2)
    secret = tmp_path / "secret.ndjson"
    secret.write_bytes(body(event()))
    (night.root / "netsuite-us" / "link.ndjson").symlink_to(secret)
    (night.root / "linked").symlink_to(tmp_path)
    (night.root / "stray.ndjson").write_bytes(body(event()))
    (night.root / "netsuite-us" / "deep.ndjson").mkdir()
    for number in range(5):
        path = night.put(f"{number}.ndjson", body(event(event_id=f"e{number}")))
        os.utime(path, (number, number))
    night.look()
    assert night.look() == [("0.ndjson", True), ("1.ndjson", True)]
    night.look()
    assert night.look() == [("2.ndjson", True), ("3.ndjson", True)]
    night.look()
    assert night.look() == [("4.ndjson", True)]
    assert secret.exists()
