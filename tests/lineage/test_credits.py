"""What memos take off: shared out to the last cent, in one currency, and by none that is undone."""

from decimal import Decimal
from typing import Any

from core.store import SqlFolder, Store
from lineage.document import summaries
from lineage.reader import Reader
from tests.lineage.arrange import everything
from tests.lineage.story import NOW, Event, money, said, traced, whole
from tests.model.apart import OBJECT_AND_EVENT, apart

SQL = SqlFolder(__file__)
THREE = ("1", "2", "3")


def hour(name: str, amount: str = "100", currency: str = "USD", hours: float = 0) -> Event:
    return said(f"time_entry/TE-{name}", "approved", hours, **money(amount, currency))


def bill(amount: str = "300", parts: tuple[str | None, ...] = (None, None, None)) -> list[Event]:
    """Three hours in one billing event and invoice."""
    links = [
        ("time_entry", f"TE-{name}", "from", Decimal(part) if part else None)
        for name, part in zip(THREE, parts, strict=True)
    ]
    return [
        said("billing_event/BE-1", "created", 1, links=links, **money(amount)),
        said("invoice/INV-1", "posted", 4, made_from=["billing_event/BE-1"], **money(amount)),
    ]


def memo(amount: str, name: str = "1", currency: str = "USD", **more: Any) -> Event:
    links = [("invoice", "INV-1", "reverses", None), *more.pop("also", ())]
    key, hours = f"credit_memo/CM-{name}", more.pop("hours", 9)
    action = more.pop("action", "posted")
    return said(key, action, hours, links=links, **money(amount, currency), **more)


def credited(reader: Reader, case: int) -> list[str]:
    """What each of the three hours of a case bears."""
    params = {"types": ["time_entry"] * 3, "ids": [f"{case}-TE-{name}" for name in THREE]}
    hashes = [row["hash"] for row in reader._store.rows(SQL["object_hashes"], params)]
    told = {row["root"]: str(row["credited"]) for row in summaries(reader._store, hashes, NOW)}
    return [told[f"time_entry/{case}-TE-{name}"] for name in THREE]


BILLED = [*(hour(name) for name in THREE), *bill()]


CASES: list[tuple[list[Event], list[str]]] = [
    # The cent that is left goes to the first by key.
    ([*BILLED, memo("100")], ["33.3400", "33.3300", "33.3300"]),
    # No whole cents: the smallest unit.
    ([*BILLED, memo("0.0004")], ["0.0002", "0.0001", "0.0001"]),
    # By own money; whoever has none, or another currency, bears nothing.
    (
        [hour("1", "50"), hour("2", "150"), hour("3", "70", "EUR"), *bill(), memo("20")],
        ["5.0000", "15.0000", "0.0000"],
    ),
    # By the links' amounts, where they have them.
    (
        [*(hour(name) for name in THREE), *bill("300", ("10", "30", None)), memo("14")],
        ["1.0000", "3.0000", "10.0000"],
    ),
    # In full: the invoice is gone, and its memo credits nothing.
    ([*BILLED, memo("300")], ["0.0000"] * 3),
    ([*BILLED, memo("100"), memo("200", "2")], ["0.0000"] * 3),
    # Money of another currency takes nothing off.
    ([*BILLED, memo("300", currency="EUR")], ["0.0000"] * 3),
    # A memo that is undone takes nothing off, and one whose undoing is undone does again.
    ([*BILLED, memo("30"), said("credit_memo/CM-1", "reversed", 10)], ["0.0000"] * 3),
    (
        [
            *BILLED,
            memo("30"),
            memo("0", "2", also=[("credit_memo", "CM-1", "reverses", Decimal(30))]),
        ],
        ["0.0000"] * 3,
    ),
    (
        [
            *BILLED,
            memo("30"),
            said(
                "credit_memo/CM-2",
                "posted",
                10,
                links=[("credit_memo", "CM-1", "reverses", None)],
            ),
            said(
                "credit_memo/CM-3",
                "posted",
                11,
                links=[("credit_memo", "CM-2", "reverses", None)],
            ),
        ],
        ["10.0000"] * 3,
    ),
    # Its posting says the same once more.
    (
        [*BILLED, memo("30"), memo("30", "9", also=[("credit_memo", "CM-1", "from", None)])],
        ["10.0000"] * 3,
    ),
]


def of_its_own(events: list[Event], case: int) -> list[Event]:
    """The same events of objects of their own, so that one turn can tell all cases."""
    return [apart(event, f"{case}-{{}}", OBJECT_AND_EVENT) for event in events]


def test_what_a_memo_takes_off_and_what_one_bears_changes_with_the_others(store: Store) -> None:
    """In the second turn a third hour joins two others: it is all that is told, and yet changes
    what they bear.
    """
    made = traced(
        store, [event for case, (told, _) in enumerate(CASES) for event in of_its_own(told, case)]
    )
    reader = Reader(store)
    for case, (_, shares) in enumerate(CASES):
        assert credited(reader, case) == shares, case
    late = len(CASES)
    made.admit(
        of_its_own([hour("1"), hour("2"), hour("3", "50", "EUR"), *bill(), memo("90")], late)
    )
    made.wheel.run_until_idle()
    assert credited(reader, late) == ["45.0000", "45.0000", "0.0000"]
    made.admit(of_its_own([hour("3", "400", hours=0.5)], late))
    made.wheel.run_until_idle()
    assert credited(reader, late) == ["15.0000", "15.0000", "60.0000"]
    path = reader.trace(f"time_entry/{late}-TE-3", NOW)
    memo_key, invoice = f"credit_memo/{late}-CM-1", f"invoice/{late}-INV-1"
    assert (path["net"], path["credits"]) == (
        Decimal(340),
        [{"memo": memo_key, "object": invoice, "amount": Decimal(60)}],
    )
    before = everything(store)
    made.wheel.rebuild()
    assert everything(store) == before


def test_what_is_another_name_of_a_revenue_event_bears_nothing_more(store: Store) -> None:
    taken = [("time_entry", "TE-2", "reverses", Decimal(10))]
    bench = traced(store, [hour("2"), said("credit_memo/CM-1", "posted", 9, links=taken)])
    same = [("time_entry", "TE-1", "same_as", None)]
    bench.admit([said("time_entry/TE-2", "noted", 12, links=same)])
    bench.wheel.run_until_idle()
    told = everything(store)
    assert [share["target_key"] for share in told["credit_shares"]] == ["time_entry/TE-1"]
    bench.wheel.rebuild()
    assert everything(store) == told


def test_what_a_mended_event_says_no_more_is_withdrawn_by_its_turn(store: Store) -> None:
    taking = memo("100")
    began = said("contract/C-1", "activated", -50, source="salesforce", contract_version="1")
    wrong = said("contract/C-1", "activated", -40, source="salesforce", contract_version="9")
    bench = traced(store, [*whole(), began, wrong, taking])
    assert everything(store)["path_terms"][0]["began_version"] == "9"
    bench.admit(
        [
            {**said("credit_memo/CM-1", "posted", 9, **money("100")), "event_id": "mended memo"},
            {**wrong, "contract_version": "1", "event_id": "mended version"},
        ]
    )
    for event in (taking, wrong):
        store.command(SQL["supersede_event"], {"event": event["event_id"]})
    bench.wheel.run_until_idle()
    told = everything(store)
    assert told["path_terms"][0]["began_version"] == "1"
    bench.wheel.rebuild()
    assert everything(store) == told
