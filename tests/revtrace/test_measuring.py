"""`latency`, `coverage` and `--as-of`: their documents, what people read, and what is refused."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from alerts.cases import Cases
from core.calendar import load_calendars
from core.clock import FixedClock
from core.errors import BadInput, NotFound
from core.store import Store
from lineage.config import Declarations
from lineage.reader import Reader
from revtrace.commands.options import show
from revtrace.operations import perform
from revtrace.render import cases, coverage, latency, lists, trace
from tests.lineage.arrange import BOUNDS, bench
from tests.model.log import INV, SOURCES, TIME, B, Log, T, at

CLOCK = FixedClock(at(100))


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """What people read is as wide as their terminal, and a test has none."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def app(engine_dsn: str) -> Iterator[Any]:
    """As much of the program as these operations ask for, on one path in two commits."""
    store = Store.open(engine_dsn, database="measuring")
    store.migrate()
    processes = {TIME.name: TIME}
    made = bench(store, CLOCK, processes, load_calendars(), SOURCES)
    log = Log().chain()
    for part in (log.events[:1], log.events[1:]):
        made.admit(part)
    made.wheel.run_until_idle()
    reader = Reader(store)
    yield SimpleNamespace(
        store=store,
        reader=reader,
        cases=Cases(store, reader, CLOCK),
        bench=made,
        clock=CLOCK,
        processes=processes,
        declared=Declarations(processes, load_calendars()),
        settings=SimpleNamespace(lineage=BOUNDS),
    )
    store.drop()
    store.close()


def _ask(app: Any, operation: str, **params: Any) -> dict[str, Any]:
    return perform(app, operation, params, lambda document: None)


@pytest.mark.opens_store("the store of this module")
def test_latency_is_one_document_and_one_table(
    app: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    document = _ask(app, "latency", by="legal_entity")
    assert (document["hops"], document["by"], document["from"]) == (3, "legal_entity", None)
    billed, mapped, invoiced = document["latency"]
    assert (billed["stage"], billed["group"], billed["elapsed"]["p99"]) == ("billed", "", 3600)
    show(document, latency.render, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "entity process stage done late p50" in said
    assert "(none) time billed 1 0.0 % 1 h 1 h 1 h 1 h 1 h 100.0 % 1 h 1 h" in said
    assert "3 hops; exact quantiles." in said
    backwards = {"from": "2026-02-01T00:00:00+00:00", "to": "2026-01-01T00:00:00+00:00"}
    for wrong in ({"by": "colour"}, {"process": "nope"}, backwards):
        with pytest.raises(BadInput):
            _ask(app, "latency", **wrong)


def test_a_rest_is_never_rounded_away() -> None:
    assert [latency.share(part) for part in (1.0, 0.9999, 0.125, 0.0004, 0.0, None)] == [
        "100.0 %",
        "99.9 %",
        "12.5 %",
        "<0.1 %",
        "0.0 %",
        "",
    ]


@pytest.mark.opens_store("the store of this module")
def test_coverage_says_what_can_be_traced_and_what_never_reports(
    app: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    document = _ask(app, "coverage", process="time")
    (row,) = document["posted"]
    assert (row["amount"], row["share"], row["complete"]) == (
        "100.00",
        1.0,
        {"postings": 1, "amount": "100.00"},
    )
    show(document, coverage.render, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "time 1 USD 100.00 100.0 % 100.0 % 0 0 100.0 %" in said
    assert "stage never told time: reported (invoice, optional) 1" in said
    with pytest.raises(BadInput, match="--process nope"):
        _ask(app, "coverage", process="nope")
    # Nothing posted is no table of nothing, and no revenue event less.
    known = [{"process": "time", "roots": 1, "posts": True}]
    known += [{"process": "expenses", "roots": 9940, "posts": False}]
    show(document | {"posted": [], "totals": [], "known": known}, coverage.render, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "Nothing was posted into an ERP yet" in said
    assert "time: 1 revenue event, none has reached the stage that posts." in said
    assert "expenses: 9,940 revenue events, no stage of this process posts into an ERP." in said
    assert "of amount" not in said
    assert "stage never told time: reported (invoice, optional) 1" in said


@pytest.mark.opens_store("the store of this module")
def test_as_of_is_judged_then_unless_now_is_given(
    app: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    then = at(0.5).isoformat()
    document = _ask(app, "trace", key=T, as_of=then)
    assert [one["key"] for one in document["objects"]] == [T]
    assert (document["state"], document["as_of"]["events"]) == ("in_flight", 1)
    show(document, trace.render, as_json=False)
    assert "As known at 10 Aug 2026 09:30 UTC, from 1 event." in " ".join(
        capsys.readouterr().out.split()
    )
    found = _ask(app, "findings", as_of=then, now=at(90).isoformat())
    assert [one["subkind"] for one in found["findings"]] == ["overdue"]
    show(found, lists.findings, as_json=False)
    with pytest.raises(NotFound, match="as of"):
        _ask(app, "trace", key=INV, as_of=then)
    assert [one["key"] for one in _ask(app, "trace", key=T)["objects"]] == [T, B, INV]


@pytest.mark.opens_store("the store of this module")
def test_what_was_decided_is_told_and_told_as_of_then(
    app: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    app.bench.admit(Log().add("invoice/INV-9", "posted", 90, outcome="failed").events)
    app.bench.wheel.run_until_idle()
    (finding,) = [one["finding_id"] for one in _ask(app, "findings")["findings"]]
    told = _ask(app, "case.waive", finding=finding, note="agreed", by="anna", until="7d")
    assert told["finding"]["status"] == "waived"
    assert told["finding"]["decided_until"] == "2026-08-21T13:00:00Z"
    assert _ask(app, "findings")["active"] == 0
    show(_ask(app, "case.show", finding=finding[:8]), cases.shown, as_json=False)
    show(_ask(app, "case.list"), cases.listed, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "status waived by anna until 21 Aug 2026 13:00 note agreed" in said
    assert f"{finding[:12]} failed_event/unknown invoice/INV-9 waived waived anna" in said
    then = _ask(app, "findings", as_of=at(100).isoformat())
    assert [(one["finding_id"], one["status"]) for one in then["findings"]] == [(finding, "waived")]
    for until in ("tomorrow", "2026-08-21T13:00:00", "2026-08-01"):
        with pytest.raises(BadInput, match="--until"):
            _ask(app, "case.waive", finding=finding, by="anna", until=until)
