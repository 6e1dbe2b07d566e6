"""Rules: what they take, and that a wrong file says what is wrong with it."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.notifier import channels
from alerts.rule import load_rules
from core.errors import ConfigInvalid
from tests.alerts.arrange import finding, rule

GOOD = 'name = "mine"\nchannels = ["log"]\n'


def load(folder: Path, text: str, name: str = "mine.toml") -> dict[str, object]:
    (folder / name).write_text(text)
    return dict(load_rules(folder, channels=["log", "webhook"]))


def test_every_shipped_rule_loads_with_the_shipped_channels() -> None:
    found = load_rules(channels=channels())
    assert {"finance_critical", "overdue", "transient_stuck", "silent_source"} <= set(found)
    assert all(each.version for each in found.values())


def test_a_file_reads_as_it_is_meant(tmp_path: Path) -> None:
    text = (
        'name = "mine"\nkinds = ["failed_event"]\nsubkinds = ["mapping", "tax"]\n'
        'classes = ["finance_critical"]\nseverity = "warning"\nprocesses = ["expenses"]\n'
        'stages = ["posted"]\nmin_amount = { USD = "100", other = "0.50" }\nfor = "30m"\n'
        'repeat = "4h"\nchannels = ["log", "webhook"]\ngroup_by = ["stage", "legal_entity"]\n'
    )
    [mine] = [each for name, each in load_rules_of(tmp_path, text) if name == "mine"]
    assert mine.min_amount == (("USD", Decimal(100)), ("other", Decimal("0.50")))
    assert (mine.hold, mine.repeat) == (timedelta(minutes=30), timedelta(hours=4))
    assert mine.group_by == ("stage", "legal_entity")


def load_rules_of(folder: Path, text: str) -> list[tuple[str, object]]:
    return list(load(folder, text).items())


def test_a_file_of_the_same_stem_or_name_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "overdue.toml").write_text('name = "late_money"\nchannels = ["log"]\n')
    found = load(tmp_path, 'name = "governance"\nchannels = ["webhook"]\n')
    assert "overdue" not in found
    assert found["governance"].channels == ("webhook",)  # type: ignore[attr-defined]


def test_a_shipped_rule_is_switched_off_in_two_lines(tmp_path: Path) -> None:
    found = load(tmp_path, 'name = "overdue"\nenabled = false\n')
    assert "overdue" not in found
    assert "finance_critical" in found


def test_the_version_changes_with_the_meaning_and_not_with_the_writing(tmp_path: Path) -> None:
    first = load(tmp_path, GOOD)["mine"]
    same = load(tmp_path, "# why\n" + 'channels = ["log"]\nname = "mine"\n')["mine"]
    other = load(tmp_path, GOOD + 'for = "1m"\n')["mine"]
    assert first.version == same.version != other.version  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('channels = ["log"]\n', "name"),
        ('name = "mine"\n', "channels"),
        ('name = "Not Snake"\nchannels = ["log"]\n', "snake_case"),
        ('name = "mine"\nchannels = []\n', "channels"),
        ('name = "mine"\nchannels = ["pager"]\n', "'pager' is unknown"),
        (GOOD + 'kinds = ["sla"]\n', "'sla' is unknown"),
        (GOOD + 'kinds = ["sla_breach"]\nsubkinds = ["mapping"]\n', "'mapping' is unknown"),
        (GOOD + 'classes = ["bad"]\n', "'bad' is unknown"),
        (GOOD + 'severity = "fatal"\n', "'fatal' is unknown"),
        (GOOD + 'group_by = ["amount"]\n', "'amount' is unknown"),
        (GOOD + "min_amount = 100\n", "min_amount"),
        (GOOD + "min_amount = { USD = 100 }\n", "USD"),
        (GOOD + 'min_amount = { USD = "1e3" }\n', "is no amount"),
        (GOOD + 'min_amount = { dollars = "1" }\n', "is no currency"),
        (GOOD + "min_amount = {}\n", "names no currency"),
        (GOOD + 'for = "soon"\n', "is no duration"),
        (GOOD + 'repeat = "10s"\n', "shorter than a minute"),
        (GOOD + 'chanels = ["log"]\n', "unknown key"),
        (GOOD + 'enabled = "no"\n', "enabled"),
        ("name = ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_its_fault(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        load(tmp_path, text)
    assert says in str(raised.value)
    assert "mine.toml" in str(raised.value)


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(GOOD)
    with pytest.raises(ConfigInvalid, match="is taken by"):
        load(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("filters", "takes"),
    [
        ({}, True),
        ({"kinds": ("failed_event",)}, True),
        ({"kinds": ("sla_breach",)}, False),
        ({"subkinds": ("tax",)}, False),
        ({"classes": ("transient",)}, False),
        ({"processes": ("expenses",)}, False),
        ({"stages": ("invoiced", "posted")}, True),
        ({"stages": ("posted",)}, False),
        ({"severity": "critical"}, True),
        ({"min_amount": (("USD", Decimal("12500.50")),)}, True),
        ({"min_amount": (("USD", Decimal("12500.51")),)}, False),
        ({"min_amount": (("other", Decimal("12500.51")),)}, False),
        ({"min_amount": (("USD", Decimal(1)), ("other", Decimal(99999)))}, True),
        ({"min_amount": (("EUR", Decimal(99999)),)}, True),
    ],
)
def test_every_filter_has_to_say_yes(filters: dict[str, object], takes: bool) -> None:
    assert rule(**filters).takes(finding()) is takes


def test_a_least_amount_counts_what_is_owed_back_and_leaves_out_what_has_no_amount() -> None:
    large = rule(min_amount=(("USD", Decimal(10000)),))
    assert large.takes(finding(amount=Decimal(-12000)))
    assert not large.takes(finding(amount=None))


def test_a_severity_that_nobody_knows_is_never_kept_quiet() -> None:
    assert rule(severity="critical").takes(finding(severity="apocalyptic"))
    assert not rule(severity="critical").takes(finding(severity="warning"))
