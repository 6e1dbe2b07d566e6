"""Every page renders: on nothing, on the sample quarter, and when the warehouse does not answer."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.clock import FixedClock
from core.errors import StoreUnavailable
from core.settings import load_settings
from core.store import Store
from dashboards import data, glossary, page
from tests.dashboards.arrange import Sample, stuck

NAMES = [found.name for found in page.pages()]
TITLES = {
    "overview": "Will revenue close clean?",
    "path": "Where is it?",
    "findings": "What needs attention",
    "reconciliation": "Do the books agree?",
    "close": "What will miss the close?",
    "quarantine": "What could not be taken in",
    "coverage": "How far can the numbers be trusted?",
}


def script(name: str) -> None:
    from dashboards import page

    page.show(next(found.render for found in page.pages() if found.name == name))


def shown(name: str, **params: str) -> AppTest:
    """A page as it is for a browser that opens it with these query parameters."""
    app = AppTest.from_function(script, default_timeout=30, kwargs={"name": name})
    app.query_params.update(params)
    return app.run()


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("on_empty")
def test_a_page_explains_that_nothing_has_arrived(name: str) -> None:
    app = shown(name)
    assert not app.exception
    assert not app.error
    assert TITLES[name] in html(app)
    assert "Nothing has arrived yet" in html(app)
    assert "/v1/events" in html(app)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("on_sample")
def test_a_page_renders_on_the_sample_quarter(name: str) -> None:
    app = shown(name)
    assert not app.exception
    assert not app.error
    assert TITLES[name] in html(app)
    assert "rt-table" in html(app)
    assert "rt-empty" not in html(app) or name == "path"
    runbooks = [each.label for each in app.expander if each.label.startswith("Runbook")]
    assert runbooks == (["Runbook: Recovering a close"] if name == "close" else [])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("on_sample")
def test_a_page_renders_when_no_close_lies_ahead(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = [{"currency": "USD", "roots": 3, "amount": Decimal(70)}]
    none: dict[str, Any] = {"closings": [], "steps": [], "hops": [], "missed": missed}
    monkeypatch.setattr("dashboards.data.risk", lambda _: none)
    app = shown(name)
    assert not app.exception
    assert not app.error
    # What is stuck on the overview and in no row here is said to be so.
    if name == "close":
        assert 'with <span class="rt-money" title="USD\u00a070.00">' in html(app)
        assert "missed an earlier close and are still open" in html(app)


def test_what_is_on_no_path_shows_its_findings(on_sample: Sample) -> None:
    now = on_sample.app.clock.now()
    (one, *_) = on_sample.app.reader.findings(now, kind="missing_source", status="open")
    said = html(shown("path", key=one["object"]))
    assert "It is on the path of no revenue event" in said
    assert f"finding={one['finding_id']}" in said
    # Without its type it is the same.
    said = html(shown("path", key=one["object"].partition("/")[2]))
    assert f"finding={one['finding_id']}" in said


@pytest.mark.usefixtures("on_sample")
def test_coverage_says_so_where_nothing_was_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [{"process": "time_and_materials", "roots": 9, "posts": True}]
    empty = {"totals": [], "posted": [], "hops": [], "blind_spots": [], "ids": []}
    told = {**empty, "known": known, "breaks": {"by_share": None, "by_amount": []}}
    monkeypatch.setattr("dashboards.data.coverage", lambda _: told)
    said = html(shown("coverage"))
    assert "9\u00a0revenue events known" in said
    assert "None has reached the step that posts into the ERP." in said


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_a_warehouse_that_is_away_says_so(
    name: str, on_sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("the warehouse is away", "connection refused")

    monkeypatch.setattr(type(on_sample.app.store), "rows", away)
    app = shown(name)
    assert not app.exception
    assert [warning.value for warning in app.warning] == [
        "The warehouse cannot answer: the warehouse is away: connection refused. "
        "Open the page again in a moment."
    ]


def test_a_page_of_a_warehouse_that_is_not_set_up_says_what_to_do(
    on_empty: Store, clock: FixedClock, new_store: Callable[[], Store]
) -> None:
    bare = new_store()
    bare.command("DROP VIEW v_events")
    data.configure(bare, load_settings(), clock)
    assert "revtrace migrate" in html(shown("overview"))


def test_a_page_that_breaks_hides_its_insides(
    on_sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret of the inside")

    monkeypatch.setattr("dashboards.data.now", broken)
    app = shown("overview")
    assert [error.value for error in app.error] == [
        "This page broke. The log of revtrace says why."
    ]


def test_a_revenue_event_of_other_ids_is_found(on_sample: Sample) -> None:
    """By its customer, its contract, its correlation id, and by an id without its type."""
    event = next(
        row for row in on_sample.files.events if row.get("correlation_id") and row["context"]
    )
    context = event["context"]
    for key in (event["correlation_id"], context["contract"], context["customer"]):
        app = shown("path", key=key)
        assert "revenue event" in html(app), key
        assert "Nothing is known" not in html(app), key


def test_what_needs_people_is_listed_first(on_sample: Sample) -> None:
    """A contract leads to many revenue events; the stuck ones come before the complete ones."""
    # The contract with the fewest stuck ones, so that the page has room for the others, too.
    held = Counter(path.context["contract"] for path in on_sample.paths(stuck))
    contract = min(held, key=lambda name: (held[name], name))
    theirs = on_sample.paths(lambda path: path.context["contract"] == contract)
    counts = Counter(path.state for path in theirs)
    said = html(shown("path", key=contract))
    assert said.index("rt-failed" if counts["failed"] else "rt-overdue") < said.index("rt-complete")
    for state in ("failed", "overdue", "complete"):
        if counts[state]:
            assert f"{counts[state]:,} {glossary.PATH_STATES[state].label.lower()}" in said


def test_an_id_without_its_type_that_leads_to_one_path_opens_it(on_sample: Sample) -> None:
    path = min(on_sample.paths(stuck), key=lambda one: one.root)
    said = html(shown("path", key=path.root.split("/", 1)[1]))
    assert "rt-steps" in said
    assert said.count("rt-step ") == len(path.stages)


def test_an_id_that_nobody_knows_is_explained(on_sample: Sample) -> None:
    app = shown("path", key="invoice/never <b>seen</b>")
    assert "Nothing is known of “invoice/never &lt;b&gt;seen&lt;/b&gt;”" in html(app)


@pytest.mark.parametrize(
    "params",
    [
        {"events": "9999999999999999999"},
        {"events": "-3"},
        {"objects": "x"},
        {"key": "/"},
        {"key": "a" * 2000},
        {"key": "invoice/ü \u0001 '\"\\"},
    ],
)
def test_any_link_gives_a_page(params: dict[str, str], on_sample: Sample) -> None:
    root = min(path.root for path in on_sample.paths(stuck))
    app = shown("path", **({"key": root} | params))
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize(
    "params",
    [
        {"kind": "no such kind"},
        {"finding": "0" * 32},
        {"least": "1e9"},
        {"page": "77"},
        {"status": "all", "sort": "largest", "least": "1,000.50", "words": "invoice"},
    ],
)
def test_any_filter_gives_a_page(params: dict[str, str], on_sample: Sample) -> None:
    app = shown("findings", **params)
    assert not app.exception
    assert not app.error
    assert "rt-table" in html(app) or "rt-empty" in html(app)
