"""What all pages share: discovery, freshness, and what is said when a page cannot be shown."""

import sys
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

from core.errors import ConfigInvalid
from core.settings import DashboardSettings
from dashboards import app_pages, page

NOW = datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
BOUNDS = DashboardSettings()


def test_pages_are_found_by_place() -> None:
    assert [found.name for found in page.pages()] == [
        *("overview", "path", "findings", "reconciliation", "close", "coverage", "quarantine"),
    ]


def added(monkeypatch: pytest.MonkeyPatch, **parts: object) -> None:
    """Put a page named `extra` beside the shipped ones."""
    module = ModuleType("dashboards.app_pages.extra")
    vars(module).update(parts)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    shipped = list(page.pkgutil.iter_modules(app_pages.__path__))
    extra = shipped[0]._replace(name="extra")
    monkeypatch.setattr(page.pkgutil, "iter_modules", lambda _: [*shipped, extra])


def test_a_page_that_lacks_a_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    added(monkeypatch, TITLE="Extra", PLACE=9)
    with pytest.raises(ConfigInvalid, match="page extra: has no ICON, render"):
        page.pages()


def test_a_place_that_is_taken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    added(monkeypatch, TITLE="Extra", ICON="x", PLACE=1, render=lambda: None)
    with pytest.raises(ConfigInvalid, match="place 1 is taken by overview"):
        page.pages()


def fresh(**fields: object) -> dict[str, object]:
    plain = {
        "events": 5,
        "occurred_at": NOW - timedelta(minutes=5),
        "arrived_at": NOW,
        "computed_at": NOW,
        "waiting": 0,
        "waiting_since": None,
    }
    return plain | fields


def test_fresh_numbers_give_no_reason() -> None:
    waiting = fresh(waiting=3, waiting_since=NOW - timedelta(seconds=BOUNDS.lag_seconds_max - 1))
    assert page.stale_reasons(fresh(), NOW, NOW, BOUNDS) == []
    assert page.stale_reasons(waiting, NOW, NOW, BOUNDS) == []


def test_red_is_when_nothing_arrived_not_when_old_events_did() -> None:
    old = fresh(arrived_at=NOW - timedelta(days=2))
    (reason,) = page.stale_reasons(old, NOW, NOW, BOUNDS)
    assert reason.replace("\u00a0", " ") == "Stale: nothing has arrived for 2 d"
    just_come = fresh(occurred_at=NOW - timedelta(days=90))
    assert page.stale_reasons(just_come, NOW, NOW, BOUNDS) == []
    # REVTRACE_NOW: whoever judges as of a day before it came looks at nothing stale.
    assert page.stale_reasons(old, NOW - timedelta(days=90), NOW, BOUNDS) == []


def test_old_events_that_still_come_in_are_not_called_stale() -> None:
    loading = fresh(occurred_at=NOW - timedelta(days=90), waiting=7, waiting_since=NOW)
    assert page.stale_reasons(loading, NOW, NOW, BOUNDS) == []


def test_waiting_is_measured_in_real_time_whatever_instant_is_judged_by() -> None:
    real_now = NOW + timedelta(days=60)
    waiting = fresh(waiting=1200, waiting_since=real_now - timedelta(minutes=10))
    (reason,) = page.stale_reasons(waiting, NOW, real_now, BOUNDS)
    assert reason.replace("\u00a0", " ") == "Stale: 1,200 events not yet on any path, for 10 min"
