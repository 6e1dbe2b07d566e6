"""Paths of every shape: wide, split, merged, corrected, in a ring, with one id for everything."""

from decimal import Decimal
from typing import Any

import pytest

from core.store import SqlFolder, Store
from lineage.reader import Reader
from tests.lineage.story import (
    HUNDRED,
    NOW,
    Event,
    approved,
    billed,
    invoiced,
    money,
    posted,
    said,
    traced,
)

SQL = SqlFolder(__file__)
ENTRIES, POSTINGS = 5_000, 40


def wide() -> list[Event]:
    """5,000 hours in one invoice, which is in 40 postings; a memo takes off what nobody can share
    out evenly.
    """
    names = [f"W{number}" for number in range(ENTRIES)]
    return [
        *(approved(name) for name in names),
        *billed("W", 1, names),
        invoiced("W", 4, "W", **money(HUNDRED * ENTRIES)),
        *(posted(f"W{number}", 5, "W") for number in range(POSTINGS)),
        memo("W", 9, "invoice/INV-W", "1234.56"),
    ]


def memo(name: str, hours: float, off: str, amount: str) -> Event:
    links = [(*off.split("/", 1), "reverses", Decimal(amount))]
    return said(f"credit_memo/CM-{name}", "posted", hours, links=links, **money(amount))


def split_and_merged() -> list[Event]:
    """One hour in two billing events; these and another hour's in one invoice."""
    entry = ("time_entry", "TE-S1", "from")
    parts = [("S1", "60"), ("S2", "40")]
    return [
        approved("S1"),
        approved("S2"),
        *(
            said(
                f"billing_event/BE-{name}",
                "created",
                1,
                links=[(*entry, Decimal(part))],
                **money(part),
            )
            for name, part in parts
        ),
        *billed("S3", 1, ["S2"]),
        *(event for name, _ in parts for event in billed(name, 1, [])[1:]),
        said(
            "invoice/INV-S",
            "posted",
            4,
            made_from=[f"billing_event/BE-S{number}" for number in (1, 2, 3)],
            **money("200"),
        ),
        posted("S", 5, "S"),
    ]


def corrected() -> list[Event]:
    """Posted with the wrong terms, reversed with its posting, posted again."""
    return [
        approved("C"),
        *billed("C", 1, ["C"]),
        invoiced("C1", 4, "C"),
        posted("C1", 5, "C1"),
        said("invoice/INV-C1", "reversed", 20),
        said(
            "journal_posting/JE-C1R",
            "posted",
            20,
            links=[("journal_posting", "JE-C1", "reverses", None)],
            **money(HUNDRED),
        ),
        invoiced("C2", 21, "C"),
        posted("C2", 22, "C2"),
    ]


def ring() -> list[Event]:
    return [
        approved("R"),
        *billed("R", 1, ["R"]),
        invoiced("R", 4, "R"),
        said("billing_event/BE-R", "updated", 5, made_from=["invoice/INV-R"]),
    ]


def one_id() -> list[Event]:
    """Four systems that all began to count at 77."""
    return [
        said("time_entry/77", "approved", 0, **money(HUNDRED)),
        said("billing_event/77", "created", 1, made_from=["time_entry/77"], **money(HUNDRED)),
        said("invoice/77", "posted", 2, **money("5")),
    ]


@pytest.fixture(scope="module")
def told(worn: Store) -> Reader:
    traced(worn, [*wide(), *split_and_merged(), *corrected(), *ring(), *one_id()])
    return Reader(worn)


def stage(path: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in path["stages"] if each["name"] == name)


def test_5000_hours_in_one_invoice_in_40_postings(told: Reader) -> None:
    assert told.trace("invoice/INV-W", NOW, paths=0)["paths_total"] == ENTRIES
    path = told.trace("time_entry/TE-W4711", NOW)
    # Itself, billing event, invoice, memo, and the postings; no sibling.
    assert len(path["objects"]) == 4 + POSTINGS
    assert (path["state"], len(stage(path, "posted")["objects"])) == ("complete", POSTINGS)
    # 1,234.56 in 5,000 parts: some bear a cent more than others, and nothing is lost.
    assert path["credited"] in (Decimal("0.24"), Decimal("0.25"))
    shares = told._store.rows(SQL["credited"], {"memo": "credit_memo/CM-W"})
    assert sum(row["amount"] for row in shares) == Decimal("1234.56")
    assert len(shares) == ENTRIES


def test_split_billing_meets_again_in_one_invoice(told: Reader) -> None:
    path = told.trace("time_entry/TE-S1", NOW)
    assert {each["key"] for each in path["objects"]} == {
        "time_entry/TE-S1",
        "billing_event/BE-S1",
        "billing_event/BE-S2",
        "invoice/INV-S",
        "journal_posting/JE-S",
    }
    assert path["state"] == "complete"
    assert told.trace("invoice/INV-S", NOW)["roots"] == ["time_entry/TE-S1", "time_entry/TE-S2"]


def test_a_corrected_invoice_counts_once_and_its_reversal_for_no_stage(told: Reader) -> None:
    path = told.trace("time_entry/TE-C", NOW)
    assert path["state"] == "complete"
    assert stage(path, "invoiced")["objects"] == ["invoice/INV-C2"]
    assert stage(path, "posted")["objects"] == ["journal_posting/JE-C2"]
    marks = {each["key"]: (each["reversed"], each["correction"]) for each in path["objects"]}
    assert marks["invoice/INV-C1"] == marks["journal_posting/JE-C1"] == (1, 0)
    assert marks["journal_posting/JE-C1R"] == (0, 1)
    assert path["credited"] == 0


def test_a_ring_ends_and_is_reported(told: Reader) -> None:
    path = told.trace("time_entry/TE-R", NOW)
    assert len(path["objects"]) == 3
    assert "link_cycle" in {each["subkind"] for each in path["findings"]}


def test_one_id_of_several_types_joins_nothing(told: Reader) -> None:
    path = told.trace("time_entry/77", NOW)
    assert [each["key"] for each in path["objects"]] == ["time_entry/77", "billing_event/77"]
    assert told.trace("invoice/77", NOW)["roots"] == []
