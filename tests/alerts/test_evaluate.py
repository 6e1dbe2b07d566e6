"""Evaluation: which changes somebody is told of."""

from datetime import timedelta
from decimal import Decimal

import pytest

from alerts.evaluate import Reason, State, Told, evaluate
from alerts.finding import Finding
from tests.alerts.arrange import NOON, finding, rule

HOUR = timedelta(hours=1)


def told(*findings: Finding) -> dict[str, Told]:
    return {each.finding_id: Told(each.fingerprint, NOON - HOUR, each) for each in findings}


def reasons(*args: object, **kwargs: object) -> list[tuple[State, Reason]]:
    result = evaluate(*args, firing_max=10, **kwargs)  # type: ignore[arg-type]
    return [(alert.state, alert.reason) for alert in result.changes]


def test_an_open_finding_that_nobody_was_told_of_is_new() -> None:
    assert reasons(rule(), [finding()], {}, NOON) == [(State.FIRING, Reason.NEW)]


def test_what_was_told_and_did_not_change_is_not_told_again() -> None:
    assert reasons(rule(), [finding()], told(finding()), NOON) == []


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "warning"},
        {"class": "transient"},
        {"amount": Decimal("12500.6")},
        {"amount": None},
        {"currency": "EUR"},
    ],
)
def test_what_people_act_on_is_told_when_it_changes(change: dict[str, object]) -> None:
    assert reasons(rule(), [finding(**change)], told(finding()), NOON) == [
        (State.FIRING, Reason.CHANGED)
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Decimal("12500.50")},
        {"last_seen": NOON},
        {"roots": 4, "root_sample": []},
        {"evidence": ["e3"]},
        {"explanation": "in other words"},
    ],
)
def test_what_only_grows_is_no_change(change: dict[str, object]) -> None:
    assert reasons(rule(), [finding(**change)], told(finding()), NOON) == []


@pytest.mark.parametrize("status", ["resolved", "waived"])
def test_a_settled_finding_resolves_its_alert_and_says_what_settled_it(status: str) -> None:
    settled = finding(status=status, resolved_by="event e9")
    result = evaluate(rule(), [settled], told(finding()), NOON, firing_max=10)
    assert [(alert.reason, alert.finding.resolved_by) for alert in result.changes] == [
        (Reason.RESOLVED, "event e9")
    ]


def test_a_finding_that_is_gone_is_resolved_as_it_was_told() -> None:
    result = evaluate(rule(), [], told(finding()), NOON, firing_max=10)
    assert [(alert.reason, alert.finding.status) for alert in result.changes] == [
        (Reason.RESOLVED, "resolved")
    ]
    assert result.changes[0].finding.amount == finding().amount


def test_a_settled_finding_that_nobody_was_told_of_is_no_news() -> None:
    assert reasons(rule(), [finding(status="resolved")], {}, NOON) == []


def test_an_alert_that_its_rule_no_longer_takes_is_resolved() -> None:
    demanding = rule(min_amount=(("USD", Decimal(20000)),))
    assert reasons(demanding, [finding()], told(finding()), NOON) == [
        (State.RESOLVED, Reason.RESOLVED)
    ]


def test_for_counts_from_first_seen_and_not_from_when_it_was_noticed() -> None:
    patient = rule(hold=timedelta(minutes=30))
    young = finding(first_seen=NOON - timedelta(minutes=29, seconds=59))
    old = finding(first_seen=NOON - timedelta(minutes=30))
    assert reasons(patient, [young], {}, NOON) == []
    assert evaluate(patient, [young], {}, NOON, firing_max=10).pending == 1
    assert reasons(patient, [old], {}, NOON) == [(State.FIRING, Reason.NEW)]


def test_a_finding_that_is_settled_within_for_is_never_told() -> None:
    patient = rule(hold=timedelta(minutes=30))
    young = finding(first_seen=NOON - timedelta(minutes=1), status="resolved")
    assert reasons(patient, [young], {}, NOON) == []


def test_repeat_comes_when_its_time_has_passed_and_not_before() -> None:
    assert reasons(rule(repeat=HOUR), [finding()], told(finding()), NOON) == [
        (State.FIRING, Reason.REPEAT)
    ]
    later = rule(repeat=HOUR + timedelta(seconds=1))
    assert reasons(later, [finding()], told(finding()), NOON) == []


def test_of_an_acknowledged_finding_only_the_end_is_told() -> None:
    seen, worse = finding(status="acknowledged"), finding(status="acknowledged", severity="warning")
    for one in (seen, worse):
        assert reasons(rule(repeat=HOUR), [one], told(finding()), NOON) == []
        assert reasons(rule(), [one], {}, NOON) == []
    over = finding(status="resolved")
    assert reasons(rule(), [over], told(finding()), NOON) == [(State.RESOLVED, Reason.RESOLVED)]


def test_over_the_limit_the_worst_and_oldest_fire_and_nothing_firing_is_dropped() -> None:
    firing = finding(finding_id="known", severity="info")
    fresh = [
        finding(finding_id="info", severity="info"),
        finding(finding_id="young", first_seen=NOON),
        finding(finding_id="old"),
    ]
    result = evaluate(rule(), [*fresh, firing], told(firing), NOON, firing_max=2)
    assert [alert.finding.finding_id for alert in result.changes] == ["old"]
    assert (result.firing, result.held_back) == (2, 2)
    full = evaluate(rule(), [*fresh, firing], told(firing), NOON, firing_max=1)
    assert full.changes == ()


def test_a_clock_that_jumps_back_repeats_nothing() -> None:
    assert reasons(rule(repeat=HOUR), [finding()], told(finding()), NOON - 5 * HOUR) == []
