"""What a notification says."""

import json
from decimal import Decimal
from typing import Any

import pytest

from alerts.evaluate import Alert, Reason, State
from alerts.finding import Finding, finding_of, from_json, to_json
from alerts.group import Group, group
from alerts.message import Writer, formatted, notification_id, title_of
from alerts.runbook import Runbooks
from tests.alerts.arrange import NOON, finding, row, rule

BOOKS = Runbooks()
PAGES = "https://pages.example/"


def new(one: Finding) -> Alert:
    return Alert(State.FIRING, Reason.NEW, one)


def gone(one: Finding) -> Alert:
    return Alert(State.RESOLVED, Reason.RESOLVED, one)


def body(*alerts: Alert, **changes: Any) -> dict[str, Any]:
    ruled = rule(**changes)
    [one] = group(ruled, alerts)
    written: dict[str, Any] = json.loads(
        Writer(PAGES, BOOKS).write(ruled, "webhook", one, 7, NOON).body
    )
    return written


def test_the_body_has_what_a_person_needs() -> None:
    told = body(new(finding()), group_by=("kind", "legal_entity"))
    assert told["state"] == "firing"
    assert told["group"] == {"kind": "failed_event", "legal_entity": "US01"}
    assert told["totals"] == [{"currency": "USD", "amount": "12500.5000", "alerts": 1}]
    [alert] = told["alerts"]
    wanted = {
        "state": "firing",
        "reason": "new",
        "amount": "12500.5000",
        "currency": "USD",
        "object": "invoice/INV-1001",
        "stage": "invoiced",
        "process": "time_and_materials",
        "legal_entity": "US01",
        "first_seen": "2026-09-30T09:00:00.000000Z",
        "due_at": "2026-09-30T10:30:00.000000Z",
        "class": "finance_critical",
        "runbook": "failed_event-mapping",
        "link": "https://pages.example/path?key=invoice%2FINV-1001",
    }
    assert {name: alert[name] for name in wanted} == wanted
    assert [book["name"] for book in told["runbooks"]] == ["failed_event-mapping"]
    assert told["runbooks"][0]["text"].startswith("# Mapping failed")


@pytest.mark.parametrize("key", ["control/c/1/USD/2026-09/US01", "source/netsuite-us"])
def test_what_is_on_no_path_links_to_its_finding(key: str) -> None:
    assert body(new(finding(object=key)))["alerts"][0]["link"].endswith("/findings?finding=f1")


def test_ids_from_outside_break_neither_line_nor_link() -> None:
    nasty = finding(object="invoice/a\nFAKE [critical] b\u2028\x1b[31m&key=x#/?")
    told = body(new(nasty))
    assert told["title"].isprintable()
    assert told["alerts"][0]["object"] == nasty.object
    assert "&" not in told["alerts"][0]["link"].split("?", 1)[1]


def test_currencies_are_never_added() -> None:
    told = body(
        new(finding(finding_id="a", currency="USD", amount=Decimal("1.10"))),
        new(finding(finding_id="b", currency="EUR", amount=Decimal("2.20"))),
        new(finding(finding_id="c", currency="USD", amount=Decimal("3.30"))),
        new(finding(finding_id="d", amount=None)),
        gone(finding(finding_id="e", currency="USD", amount=Decimal("99"))),
    )
    assert told["totals"] == [
        {"currency": "EUR", "amount": "2.20", "alerts": 1},
        {"currency": "USD", "amount": "4.40", "alerts": 2},
    ]
    assert told["title"] == "[critical] 4 new, 1 resolved of all, EUR 2.20, USD 4.40"


def test_the_title_of_one_alert_says_what_where_and_when() -> None:
    [one] = group(rule(), [new(finding())])
    assert title_of(rule(), one) == (
        "[critical] new failed_event/mapping: invoice/INV-1001 at invoiced of time_and_materials, "
        "US01, due 2026-09-30 10:30 UTC, USD 12,500.50"
    )


def test_the_worst_and_largest_come_first() -> None:
    [one] = group(
        rule(),
        [
            gone(finding(finding_id="gone")),
            new(finding(finding_id="small", amount=Decimal(1))),
            new(finding(finding_id="warning", severity="warning", amount=Decimal(99999))),
            new(finding(finding_id="large", amount=Decimal(-5))),
        ],
    )
    ids = [alert.finding.finding_id for alert in one.alerts]
    assert ids == ["large", "small", "warning", "gone"]


def test_every_alert_is_in_exactly_one_group() -> None:
    alerts = [
        new(finding(finding_id=f"{entity}{stage}", legal_entity=entity, stage=stage))
        for entity in ("US01", "DE01")
        for stage in ("billed", "posted", "posted2")
    ]
    groups = group(rule(group_by=("legal_entity",)), alerts)
    assert [dict(one.fields) for one in groups] == [
        {"legal_entity": "DE01"},
        {"legal_entity": "US01"},
    ]
    assert sum(len(one.alerts) for one in groups) == 6


def test_the_key_is_the_same_for_the_same_and_another_for_anything_else() -> None:
    [one] = group(rule(), [new(finding())])
    key = notification_id(rule(), "webhook", one, 1)
    assert key == notification_id(rule(), "webhook", Group((), (new(finding()),)), 1)
    others = [
        notification_id(rule(), "log", one, 1),
        notification_id(rule(name="other"), "webhook", one, 1),
        notification_id(rule(), "webhook", one, 2),
        notification_id(rule(), "webhook", Group((), (gone(finding()),)), 1),
        notification_id(rule(), "webhook", Group((("stage", "x"),), one.alerts), 1),
    ]
    assert len({key, *others}) == 6


def test_a_finding_survives_the_journal() -> None:
    for one in (finding(), finding(amount=None, due_at=None, root_sample=[], last_seen=None)):
        assert from_json(json.dumps(to_json(one))) == one


def test_a_row_without_what_is_always_there_is_an_error_and_not_a_guess() -> None:
    for key in ("finding_id", "status", "severity", "first_seen", "object"):
        partial = row()
        del partial[key]
        with pytest.raises(KeyError, match=key):
            finding_of(partial)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("1234567.5", "1,234,567.50"),
        ("-12.3450", "-12.345"),
        ("1000000", "1,000,000.00"),
        ("0.0001", "0.0001"),
    ],
)
def test_money_is_written_for_people(amount: str, text: str) -> None:
    assert formatted(Decimal(amount)) == text
