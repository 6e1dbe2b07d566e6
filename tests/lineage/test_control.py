"""Declared controls: the shipped ones hold together, overlays override, faults are named."""

from decimal import Decimal
from pathlib import Path

import pytest

from alerts.runbook import Runbooks
from core.errors import ConfigInvalid
from lineage.control import MEASURES, SHIPPED, Control, load_controls
from lineage.process import ROLES

PLAIN = """
name = "cash_applied"
title = "Billed is collected"
compare = "ge"
warn_from = "books_close"
grain = ["contract", "currency", "period", "legal_entity"]
[left]
measure = "billed"
roles = ["erp"]
kind = "cumulative"
[[right]]
measure = "collected"
roles = ["erp"]
kind = "cumulative"
[right.less]
measure = "written_off"
roles = ["erp"]
[tolerance]
default = "0.05"
JPY = "1"
[tolerance.entity.US01]
USD = "5.00"
"""
SHIPPED_NAMES = [path.stem for path in sorted(SHIPPED.glob("*.toml"))]
ROOT = Path(__file__).resolve().parents[2]


def read(folder: Path, text: str = PLAIN, stem: str = "cash") -> dict[str, Control]:
    (folder / f"{stem}.toml").write_text(text)
    return load_controls(folder)


def test_the_six_of_the_design_are_shipped() -> None:
    assert set(load_controls()) == {
        "contract_value_agrees",
        "delivery_billed",
        "billing_posted",
        "deferred_rollforward",
        "recognition_supported",
        "billing_within_contract",
    }


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_a_shipped_control_is_whole(name: str) -> None:
    control = load_controls()[name]
    assert control.name == name
    assert control.version
    for term in control.terms():
        assert term.money.measure in MEASURES
        assert set(term.money.roles) <= set(ROLES)
    assert dict(control.tolerance)["*/*"] == Decimal("0.01")
    assert Runbooks().get(f"reconciliation_break-{name}")
    assert f"| `{name}` |" in (ROOT / "docs" / "reconciliation.md").read_text(encoding="utf-8")


def test_a_file_of_the_overlay_is_added_and_read_whole(tmp_path: Path) -> None:
    control = read(tmp_path)["cash_applied"]
    assert (control.compare, control.warn_from, control.periods) == ("ge", "books_close", "each")
    assert control.left.title == "billed in ERP"
    assert control.rights[0].title == "collected in ERP less written off in ERP"
    assert dict(control.tolerance) == {
        "*/*": Decimal("0.05"),
        "*/JPY": Decimal("1"),
        "US01/USD": Decimal("5.00"),
    }
    assert set(SHIPPED_NAMES) < set(load_controls(tmp_path))


def test_a_file_or_a_name_of_the_overlay_replaces_the_shipped_one(tmp_path: Path) -> None:
    mine = PLAIN.replace("cash_applied", "billing_posted")
    assert read(tmp_path, mine, "mine")["billing_posted"].title == "Billed is collected"
    (tmp_path / "mine.toml").unlink()
    found = read(tmp_path, PLAIN, "billing_posted")
    assert "billing_posted" not in found
    assert "cash_applied" in found


def test_the_version_changes_with_the_meaning_alone(tmp_path: Path) -> None:
    first = read(tmp_path)["cash_applied"].version
    assert read(tmp_path, "# a remark\n" + PLAIN)["cash_applied"].version == first
    assert read(tmp_path, PLAIN.replace("5.00", "6.00"))["cash_applied"].version != first


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"billed"', '"invoiced"', ["[left]", "key 'measure'", "'invoiced' is unknown", "billed"]),
        ('"ge"', '"equal"', ["key 'compare'", "eq, ge, le"]),
        ('roles = ["erp"]\nkind', 'roles = ["sap"]\nkind', ["[left]", "'sap' is unknown"]),
        ('roles = ["erp"]\nkind', "kind", ["[left]", "key 'roles'", "is missing"]),
        ("warn_from", "warns_from", ["key 'warns_from'", "unknown key"]),
        ('"1"', '"one"', ["[tolerance]", "key 'JPY'", "'one' is no amount"]),
        ('"1"', "1", ["[tolerance]", "key 'JPY'", "a string"]),
        ("JPY", "yen", ["[tolerance]", "key 'yen'", "is no currency"]),
        ("USD =", "Dollars =", ["[entity] [US01]", "key 'Dollars'", "is no currency"]),
        (', "period"', "", ["key 'grain'", "the same grain"]),
        ("[[right]]", "[right]", ["key 'right'"]),
        ("[left]", "[links]", ["key 'left'", "is missing"]),
        (
            'warn_from = "books_close"',
            'periods = "latest"',
            ["key 'periods'", "leaves earlier movements out"],
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_table_and_key(
    tmp_path: Path, old: str, new: str, said: list[str]
) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        read(tmp_path, PLAIN.replace(old, new, 1))
    for word in ["cash.toml", *said]:
        assert word in str(refused.value)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    read(tmp_path)
    with pytest.raises(ConfigInvalid, match="is taken"):
        read(tmp_path, PLAIN, "again")


def test_a_balance_has_no_credits(tmp_path: Path) -> None:
    text = PLAIN.replace('kind = "cumulative"', 'kind = "balance"\ncredits = "kept"', 1)
    with pytest.raises(ConfigInvalid, match="changes only by the next balance"):
        read(tmp_path, text)
