"""The door of the pages: readonly, bound, cached, and only the stable views."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.errors import ConfigInvalid, StoreRefused
from core.settings import load_settings
from core.store import Store
from dashboards import data, page
from dashboards.data import Query

HERE = Path(data.__file__).parent
VIEWS = {
    *("paths_at", "path_stages_at", "findings_at", "v_path_objects", "v_links", "v_events"),
    *("v_sources", "v_deliveries", "v_quarantine", "v_reconciliation", "v_conservation"),
    "reconciliation_at",
    "v_cutoffs",
    *("causes_at", "finding_ages_at", "v_cases"),
}
# How far the wheel has come is told by no view.
FRESHNESS_ONLY = {"wheel_turns", "event_arrivals", "batches"}
TABLE = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")

pytestmark = pytest.mark.usefixtures("on_empty")


def test_a_page_cannot_write() -> None:
    with pytest.raises(StoreRefused):
        data.load({"evil": Query("CREATE TABLE mine (a UInt8) ENGINE = Memory")})
    with pytest.raises(StoreRefused):
        data.load({"evil": Query("INSERT INTO sources (name) VALUES ('x')")})


def test_values_are_bound() -> None:
    said = "'); DROP TABLE events; --"
    rows = data.load({"one": Query("SELECT {said:String} AS said", {"said": said})})["one"]
    assert rows == [{"said": said}]


def test_answers_are_kept_and_stand_at_one_instant(clock: FixedClock) -> None:
    query = Query("SELECT generateUUIDv4() AS id, {now:DateTime64(6, 'UTC')} AS now")
    first = data.load({"one": query})
    clock.move(timedelta(hours=1))
    assert data.load({"one": query}) == first
    assert data.now() == first["one"][0]["now"]


def test_another_warehouse_shows_nothing_of_the_one_before(
    on_empty: Store, clock: FixedClock
) -> None:
    query = Query("SELECT generateUUIDv4() AS id")
    first = data.load({"one": query})
    data.configure(on_empty, load_settings(), clock)
    assert data.load({"one": query}) != first


def test_a_query_is_bounded_in_time(on_empty: Store) -> None:
    settings = load_settings(dashboards={"query_timeout_seconds": 7})
    data.configure(on_empty, settings)
    asked = "SELECT value FROM system.settings WHERE name IN ('max_execution_time', 'readonly')"
    told = data.load({"bounds": Query(f"{asked} ORDER BY name")})["bounds"]
    assert [row["value"] for row in told] == ["7", "2"]


def test_a_process_of_its_own_needs_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    data.close()
    monkeypatch.delenv("REVTRACE_WAREHOUSE", raising=False)
    with pytest.raises(ConfigInvalid, match="embedded warehouse"):
        data.now()


def test_a_finding_without_runbooks_has_none() -> None:
    assert data.runbook("any", "sla_breach", "overdue") is None


@pytest.mark.parametrize(
    "path", sorted(HERE.rglob("*.sql")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_pages_read_stable_views_only(path: Path) -> None:
    allowed = VIEWS | (FRESHNESS_ONLY if path.stem == "freshness" else set())
    code = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    assert set(TABLE.findall(code)) <= allowed


def test_only_the_door_caches() -> None:
    users = [path.name for path in HERE.rglob("*.py") if "st.cache_" in path.read_text()]
    assert users == ["data.py"]


def test_freshness_of_an_empty_warehouse_is_unknown() -> None:
    fresh = data.load({"fresh": page.FRESHNESS})["fresh"]
    assert fresh == [
        {"events": 0, "waiting": 0}
        | dict.fromkeys(("occurred_at", "arrived_at", "computed_at", "waiting_since"))
    ]
