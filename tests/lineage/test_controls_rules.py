"""Controls case by case: what counts, what is a break, what explains it, and nothing but that after
a kill.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.calendar import load_calendars
from core.clock import FixedClock
from core.store import Store
from lineage.config import Declarations
from lineage.control import load_controls
from lineage.process import load_processes
from lineage.reader import Reader
from lineage.reconcile import Controls
from lineage.refresh import Wheel
from tests.lineage.arrange import BOUNDS, Bench, bench
from tests.lineage.money_story import MORNING, Story
from tests.model.ledgers import SOURCES

CALENDARS = load_calendars()
CLOCK = FixedClock(datetime(2026, 9, 30, 12, tzinfo=UTC))
# The billing cutoff of September in US01 is on 1 October, its books close on 7 October.
CUTOFF = datetime(2026, 10, 1, 22, tzinfo=UTC)
CLOSED = datetime(2026, 10, 8, tzinfo=UTC)
CONTROLS = load_controls()


@pytest.fixture
def books(store: Store) -> Bench:
    """An empty warehouse with the shipped processes and controls."""
    made = bench(store, CLOCK, {}, CALENDARS, SOURCES)
    declared = Declarations(load_processes(None), CALENDARS, (), CONTROLS)
    made.wheel = Wheel(store, BOUNDS, CLOCK, declared)
    return made


def admit(books: Bench, story: Story) -> None:
    books.admit(story.events)
    books.wheel.run_until_idle()


def rows(books: Bench, control: str, now: datetime = CLOSED, **only: str) -> list[dict[str, Any]]:
    return Reader(books.store).reconciliation(now, control=control, **only)


def sides(books: Bench, control: str, **only: str) -> list[tuple[str, str, str, str]]:
    return [
        (row["period"], str(row["left"].normalize()), str(row["right"].normalize()), row["status"])
        for row in rows(books, control, **only)
    ]


def findings(books: Bench, now: datetime) -> list[tuple[str, str, str, Decimal]]:
    found = Reader(books.store).findings(now, kind="reconciliation_break")
    return [(one["object"], one["severity"], one["status"], one["amount"]) for one in found]


def test_what_agrees_is_a_row_and_no_finding(books: Bench) -> None:
    story = Story().tell("psa", "time_entry/1", "approved", "approved 100 USD")
    admit(books, story.tell("billing", "billing_event/1", "created", "billed 100 USD"))
    assert sides(books, "delivery_billed") == [("2026-09", "1E+2", "1E+2", "ok")]
    assert [one for one in findings(books, CLOSED) if "delivery_billed" in one[0]] == []


def test_what_is_rejected_counts_nothing_whatever_money_the_rejection_names(books: Bench) -> None:
    story = Story().tell("psa", "time_entry/1", "approved", "approved 222 USD")
    story.tell("psa", "time_entry/1", "rejected", "approved 222 USD", hours=1)
    # Never approved at all.
    story.tell("psa", "time_entry/2", "rejected", "approved 40 USD")
    admit(books, story.tell("psa", "time_entry/3", "approved", "approved 10 USD"))
    assert sides(books, "delivery_billed") == [("2026-09", "1E+1", "0", "break")]
    again = Story().tell("psa", "time_entry/1", "approved", "approved 200 USD", hours=9)
    again.events[0]["event_id"] = "e9"
    admit(books, again)
    assert sides(books, "delivery_billed") == [("2026-09", "2.1E+2", "0", "break")]


def test_a_break_is_information_then_a_warning_then_critical(books: Bench) -> None:
    admit(books, Story().tell("psa", "time_entry/1", "approved", "approved 100 USD"))
    name = "control/delivery_billed/C-1/USD/2026-09/US01"
    for now, severity in (
        (CUTOFF - timedelta(hours=3), "info"),
        (CUTOFF + timedelta(hours=1), "warning"),
        (CLOSED, "critical"),
    ):
        assert findings(books, now) == [(name, severity, "open", Decimal(100))]


def test_a_break_goes_when_the_sides_agree_and_comes_back_as_the_same(books: Bench) -> None:
    story = Story().tell("psa", "time_entry/1", "approved", "approved 100 USD")
    admit(books, story)
    first = Reader(books.store).findings(CLOSED, kind="reconciliation_break")
    more = Story().tell("billing", "billing_event/1", "created", "billed 100 USD", hours=20)
    more.events[0]["event_id"] = "e20"
    admit(books, more)
    # It was no warning yet: what was on its way leaves no trace.
    assert [one for one in findings(books, CLOSED) if "delivery_billed" in one[0]] == []
    back = Story().tell("billing", "billing_event/1", "reversed", hours=30)
    back.events[0]["event_id"] = "e30"
    admit(books, back)
    again = Reader(books.store).findings(CLOSED, kind="reconciliation_break")
    ids = [one["finding_id"] for one in first]
    assert ids == [one["finding_id"] for one in again if "delivery_billed" in one["object"]]
    assert again[0]["runbook"].startswith("reconciliation_break-")


def test_an_object_that_two_systems_approve_counts_once(books: Bench) -> None:
    story = Story().tell("hcm", "time_entry/1", "approved", "approved 90 USD")
    admit(books, story.tell("psa", "time_entry/1", "approved", "approved 100 USD"))
    assert sides(books, "delivery_billed") == [("2026-09", "1E+2", "0", "break")]


def test_a_credit_in_part_lowers_what_is_billed_but_is_no_gap_to_billing(books: Bench) -> None:
    story = Story().tell("billing", "billing_event/1", "created", "billed 100 USD")
    story.tell("erp", "invoice/1", "posted", "billed 100 USD")
    story.tell("crm", "contract/C-1", "activated", "contract_value 97 USD")
    story.tell("erp", "credit_memo/1", "posted", links=[("reverses", "invoice/1 5")])
    admit(books, story)
    assert sides(books, "billing_posted") == [("2026-09", "1E+2", "1E+2", "ok")]
    assert sides(books, "billing_within_contract") == [("2026-09", "95", "97", "ok")]
    whole = Story().tell("erp", "credit_memo/2", "posted", links=[("reverses", "invoice/1 95")])
    whole.events[0]["event_id"] = "e9"
    admit(books, whole)
    assert sides(books, "billing_posted") == [("2026-09", "1E+2", "0", "break")]


def test_what_was_withdrawn_counts_no_more_until_it_is_approved_again(books: Bench) -> None:
    story = Story().tell("psa", "time_entry/1", "approved", "approved 100 USD")
    story.tell("psa", "time_entry/1", "rejected")
    admit(books, story)
    assert sides(books, "delivery_billed") == [("2026-09", "0", "0", "ok")]
    again = Story().tell("psa", "time_entry/1", "approved", "approved 80 USD", hours=9)
    again.events[0]["event_id"] = "e9"
    admit(books, again)
    assert sides(books, "delivery_billed") == [("2026-09", "8E+1", "0", "break")]


def test_currencies_are_never_mixed(books: Bench) -> None:
    story = Story().tell("billing", "billing_event/1", "created", "billed 100 GBP")
    admit(books, story.tell("erp", "invoice/1", "posted", "billed 100 USD"))
    found = {(row["currency"], row["difference"]) for row in rows(books, "billing_posted")}
    assert found == {("GBP", Decimal(100)), ("USD", Decimal(-100))}


def test_a_period_is_that_of_the_entity_where_no_event_names_one(books: Bench) -> None:
    night = datetime(2026, 10, 1, 2, tzinfo=UTC)
    hours = int((night - MORNING) / timedelta(hours=1))
    story = Story()
    for number, entity in enumerate(("US01", "DE01")):
        key = f"time_entry/{number}"
        more = {"period": "", "legal_entity": entity, "hours": hours}
        story.tell("psa", key, "approved", "approved 100 USD", **more)
    admit(books, story)
    found = {(row["legal_entity"], row["period"]) for row in rows(books, "delivery_billed")}
    assert found == {("US01", "2026-09"), ("DE01", "2026-10")}


def test_money_without_a_legal_entity_is_the_contracts_only_ones(books: Bench) -> None:
    story = Story().tell(
        "crm", "contract/C-1", "activated", "contract_value 9 USD", legal_entity=""
    )
    story.tell("psa", "project/1", "created", "contract_value 9 USD")
    story.tell("erp", "project/1", "created", "contract_value 90 USD")
    admit(books, story)
    found = [
        (row["side"], row["legal_entity"], row["status"])
        for row in rows(books, "contract_value_agrees")
    ]
    assert found == [(1, "US01", "ok"), (2, "US01", "break")]


def test_deferred_rolls_forward_and_recognized_beyond_billed_is_a_contract_asset(
    books: Bench,
) -> None:
    story = Story().tell("erp", "invoice/1", "posted", "billed 100 USD")
    story.tell("erp", "revenue_schedule/1", "deferred", "deferred 100 USD")
    story.tell("erp", "revenue_schedule/1", "recognized", "recognized 120 USD", period="2026-10")
    story.tell("erp", "revenue_schedule/1", "released", "deferred 0 USD", period="2026-10")
    admit(books, story)
    first, second = rows(books, "deferred_rollforward")
    assert (first["left"], first["right"], first["status"]) == (100, 100, "ok")
    assert (second["opening"], second["added"], second["taken"]) == (100, 0, 120)
    assert (second["left"], second["right"], second["difference"]) == (0, -20, 20)
    assert (second["contract_asset"], second["status"]) == (20, "break")
    assert second["explained_by"][0]["object"] == "revenue_schedule/1"


def test_a_tolerance_of_the_currency_holds(books: Bench, tmp_path: Any) -> None:
    text = (load_controls.__globals__["SHIPPED"] / "billing_posted.toml").read_text()
    (tmp_path / "billing_posted.toml").write_text(text + '[tolerance.entity.US01]\nUSD = "5"\n')
    declared = Declarations({}, CALENDARS, (), load_controls(tmp_path))
    books.wheel = Wheel(books.store, BOUNDS, CLOCK, declared)
    story = Story().tell("billing", "billing_event/1", "created", "billed 100 USD")
    story.tell("erp", "invoice/1", "posted", "billed 95 USD")
    story.tell("billing", "billing_event/2", "created", "billed 100 USD", legal_entity="DE01")
    story.tell("erp", "invoice/2", "posted", "billed 99 USD", legal_entity="DE01")
    admit(books, story)
    found = {row["legal_entity"]: row["status"] for row in rows(books, "billing_posted")}
    assert found == {"US01": "ok", "DE01": "break"}


def test_a_break_names_the_objects_the_hop_and_since_when(books: Bench) -> None:
    story = Story()
    for number in (1, 2, 3):
        story.tell("psa", f"time_entry/{number}", "approved", "approved 100 USD")
        made = [("from", f"time_entry/{number}")]
        story.tell("psa", f"billing_event/{number}", "created", "billed 100 USD", links=made)
    made = [("from", "billing_event/1"), ("from", "billing_event/2")]
    story.tell("erp", "invoice/1", "posted", "billed 200 USD", links=made)
    story.tell("erp", "invoice/9", "posted", "billed 30 USD")
    admit(books, story)
    (row,) = rows(books, "billing_posted", contract="C-1", period="2026-09")
    assert (row["left"], row["right"], row["unexplained"]) == (300, 230, 0)
    told = {each["object"]: (each["state"], each["amount"]) for each in row["explained_by"]}
    assert told == {"billing_event/3": ("overdue", 100), "invoice/9": ("no_path", -30)}
    stuck = next(each for each in row["explained_by"] if each["state"] == "overdue")
    assert (stuck["stage"], stuck["since"]) == ("published", story.events[5]["occurred_at"])


def test_a_limit_names_what_came_when_it_was_used_up(books: Bench) -> None:
    story = Story().tell("crm", "contract/C-1", "activated", "contract_value 150 USD")
    for number in (1, 2, 3):
        story.tell("erp", f"invoice/{number}", "posted", "billed 100 USD")
    admit(books, story)
    (row,) = rows(books, "billing_within_contract")
    told = {each["object"]: (each["state"], each["amount"]) for each in row["explained_by"]}
    assert told == {"invoice/2": ("beyond", 50), "invoice/3": ("beyond", 100)}


def test_another_role_of_a_known_source_is_taken_up_by_the_next_turn(books: Bench) -> None:
    admit(books, Story().tell("billing", "billing_event/1", "created", "billed 100 USD"))
    assert sides(books, "billing_posted") == [("2026-09", "1E+2", "0", "break")]
    books.store.insert("sources", ["name", "role", "version"], [["bills", "erp", 2]])
    other = Story().tell("psa", "time_entry/1", "submitted", hours=50)
    other.events[0]["event_id"] = "e50"
    admit(books, other)
    assert sides(books, "billing_posted") == [("2026-09", "0", "1E+2", "break")]


class _Cut(Exception):
    """The process was killed."""


class _CutStore:
    """A store that dies before its n-th command."""

    def __init__(self, store: Store, commands: int) -> None:
        self._store = store
        self._left = commands

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def command(self, *told: Any, **more: Any) -> None:
        if not self._left:
            raise _Cut
        self._left -= 1
        self._store.command(*told, **more)


@pytest.mark.parametrize("begins", ["run", "rebuild"])
def test_killed_at_any_statement_the_next_run_makes_it_right(books: Bench, begins: str) -> None:
    """The batch moves an invoice to another contract and takes money off another one."""
    story = Story().tell("billing", "billing_event/1", "created", "billed 100 USD")
    story.tell("erp", "invoice/1", "posted", "billed 60 USD")
    story.tell("erp", "invoice/2", "posted", "billed 40 USD")
    books.admit(story.events)
    books.wheel.run_until_idle()
    more = Story().tell("erp", "invoice/1", "posted", "billed 60 USD", hours=40, contract="C-2")
    more.tell("erp", "credit_memo/1", "posted", hours=41, links=[("reverses", "invoice/2")])
    for number, event in enumerate(more.events):
        event["event_id"] = f"m{number}"
    before = books.batch
    books.admit(more.events)
    wanted = None
    for cut, died in _kills(books, begins, before):
        # A turn that is made again has a higher number than the one that was killed.
        Controls(books.store, BOUNDS, CONTROLS).run((100 + cut) * 2 + 1, before, books.batch)
        told = [(row["contract"], *side) for row, side in _told(books)]
        wanted = wanted or told
        assert told == wanted, f"killed before command {cut}"
        if not died:
            break
    assert ("C-2", "2026-09", "0", "6E+1", "break") in (wanted or [])


def _kills(books: Bench, begins: str, before: int) -> Iterator[tuple[int, bool]]:
    """Run and die before each command in turn, until the run gets through."""
    # Not every statement, so that the test stays short.
    for cut in range(0, 100, {"run": 3, "rebuild": 7}[begins]):
        store: Any = _CutStore(books.store, cut)
        controls, turn = Controls(store, BOUNDS, CONTROLS), (100 + cut) * 2
        try:
            if begins == "run":
                controls.run(turn, before, books.batch)
            else:
                controls.rebuild(turn, books.batch)
        except _Cut:
            yield cut, True
        else:
            yield cut, False


def _told(books: Bench) -> list[tuple[dict[str, Any], tuple[str, str, str, str]]]:
    found = rows(books, "billing_posted")
    return list(zip(found, sides(books, "billing_posted"), strict=True))
