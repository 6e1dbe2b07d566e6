"""A quarter of a firm's events, generated in the engine: time entries, four to a billing event,
five of those to an invoice, each with its journal posting; and invoices of 5,000 time entries as a
case of their own. Nearly all of it is right, as in a firm.
"""

from datetime import UTC, datetime
from typing import Any

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
EVENTS_A_TIME_ENTRY = 2.95
AMOUNT = 100
ENTRIES_A_BILL = 4
BILLS_AN_INVOICE = 5
ENTRIES_AN_INVOICE = ENTRIES_A_BILL * BILLS_AN_INVOICE
BIG_INVOICES = 2
ROOTS_OF_BIG = 5_000
# Seconds over which the events of a quarter are spread.
QUARTER = 7_000_000
DAY = 86_400
TOUCHED = 10_000
TRACES = 200
FINDS = 100
PREFIXES = {
    "time_entry": "TE-",
    "billing_event": "BE-",
    "invoice": "INV-",
    "journal_posting": "JE-",
}
SOURCES = (
    ("psa", "psa"),
    ("mulesoft", "middleware"),
    ("netsuite-us", "erp"),
    ("warehouse-analytics", "analytics"),
)


class Quarter:
    """Writes events straight into the table: the refresh is measured, not the collector."""

    def __init__(self, store: Store, entries: int) -> None:
        self._store = store
        self._entries = max(entries, 20)
        self._batch = 0
        rows = [[name, role, 1] for name, role in SOURCES]
        store.insert("sources", ["name", "role", "version"], rows)

    def generate(self) -> None:
        """The quarter itself."""
        self._generate(0, self._entries, QUARTER, 0)

    def generate_day(self) -> int:
        """The day after, with objects of its own; returns how many events that were."""
        before = self._batch
        entries = int(TOUCHED / EVENTS_A_TIME_ENTRY) // ENTRIES_AN_INVOICE * ENTRIES_AN_INVOICE
        # Numbers from a whole invoice on.
        first = -(-self._entries // ENTRIES_AN_INVOICE) * ENTRIES_AN_INVOICE
        self._generate(first, entries, DAY, QUARTER + DAY)
        self._entries = first + entries
        return int(self._store.value(SQL["count_arrived"], {"batch": before}))

    def _generate(self, first: int, entries: int, spread: int, late: int) -> None:
        def put(kind: str, share: int, action: str, source: str, delay: int, *made: Any) -> None:
            span = {"first": first // share, "spread": spread}
            self._put(
                kind, PREFIXES[kind], entries // share, action, source, late + delay, *made, **span
            )

        bill, invoice = ENTRIES_A_BILL, ENTRIES_AN_INVOICE
        put("time_entry", 1, "submitted", "psa", 0)
        put("time_entry", 1, "approved", "psa", 3600)
        put("billing_event", bill, "created", "psa", 7200, ("time_entry", "TE-", bill))
        put("billing_event", bill, "published", "psa", 9000)
        put("billing_event", bill, "mapped", "mulesoft", 10800)
        made = ("billing_event", "BE-", BILLS_AN_INVOICE)
        put("invoice", invoice, "created", "netsuite-us", 14400, made)
        put("invoice", invoice, "posted", "netsuite-us", 18000)
        put("journal_posting", invoice, "posted", "netsuite-us", 21600, ("invoice", "INV-", 1))
        put("journal_posting", invoice, "reported", "warehouse-analytics", DAY)

    def generate_big(self) -> int:
        """Invoices of thousands of time entries each; returns how many events that were."""
        entries = BIG_INVOICES * ROOTS_OF_BIG
        self._put("time_entry", "BIG-TE-", entries, "approved", "psa", 3600)
        made = ("time_entry", "BIG-TE-", ROOTS_OF_BIG)
        self._put("billing_event", "BIG-BE-", BIG_INVOICES, "created", "psa", QUARTER + 7200, made)
        self._put("billing_event", "BIG-BE-", BIG_INVOICES, "mapped", "mulesoft", QUARTER + 10800)
        made = ("billing_event", "BIG-BE-", 1)
        self._put(
            "invoice", "BIG-INV-", BIG_INVOICES, "posted", "netsuite-us", QUARTER + 18000, made
        )
        return entries + 3 * BIG_INVOICES

    def touch_big(self) -> int:
        """One event on each of the large invoices."""
        made = ("billing_event", "BIG-BE-", 1)
        self._put("invoice", "BIG-INV-", BIG_INVOICES, "sent", "netsuite-us", QUARTER + 19000, made)
        return BIG_INVOICES

    def keys(self) -> dict[str, list[str]]:
        """Keys to trace, spread over history."""
        entries = [place * self._entries // TRACES for place in range(TRACES)]
        return {
            "time entry": [f"time_entry/TE-{number}" for number in entries],
            "invoice": [f"invoice/INV-{number // ENTRIES_AN_INVOICE}" for number in entries],
            f"{ROOTS_OF_BIG:,}-root invoice": [
                f"invoice/BIG-INV-{number}" for number in range(BIG_INVOICES)
            ],
        }

    def context_keys(self, store: Store) -> dict[str, list[str]]:
        """Keys of every other kind that `find` takes, as events have them, and an unknown one."""
        rows = store.rows(SQL["find_keys"], {"keys": FINDS})
        kinds = ("id", "contract", "project", "customer", "correlation", "trace", "idempotency")
        found = {kind: sorted({row[kind] for row in rows if row[kind]}) for kind in kinds}
        return {kind: keys for kind, keys in found.items() if keys} | {"unknown key": ["nothing"]}

    def touch_invoices(self, recent: bool) -> int:
        """One event on each of many invoices, so that all revenue events behind each are worked."""
        return self._touch("touch_invoices", recent=recent)

    def touch_objects(self) -> int:
        """Events on objects all over history, of each type by its share of events."""
        return self._touch("touch_objects")

    def _touch(self, statement: str, **more: bool) -> int:
        self._batch += 1
        invoices = self._entries // ENTRIES_AN_INVOICE
        params = {"batch": self._batch, "invoices": invoices, "events": TOUCHED, **more}
        self._store.command(SQL[statement], params)
        self._close(TOUCHED)
        return TOUCHED

    def _put(
        self,
        kind: str,
        prefix: str,
        count: int,
        action: str,
        source: str,
        delay: int,
        made: tuple[str, str, int] = ("", "", 0),
        *,
        first: int = 0,
        spread: int = QUARTER,
    ) -> None:
        self._batch += 1
        params = {
            "first": first,
            "spread": spread,
            "type": kind,
            "prefix": prefix,
            "count": count,
            "action": action,
            "source": source,
            "delay": delay,
            "batch": self._batch,
            "up_type": made[0],
            "up_prefix": made[1],
            "fan_in": made[2],
            "amount": str(AMOUNT * self._entries_behind(kind, prefix)),
            "made": int(kind != "time_entry"),
            # As middleware stamps what it makes; the rest has none.
            "keyed": int((kind, action) == ("invoice", "created")),
        }
        self._store.command(SQL["generate_events"], params)
        self._close(count)

    def _entries_behind(self, kind: str, prefix: str) -> int:
        """How many time entries an object bills: all its money comes from them."""
        if kind == "time_entry":
            return 1
        if prefix.startswith("BIG-"):
            return ROOTS_OF_BIG
        return ENTRIES_A_BILL if kind == "billing_event" else ENTRIES_AN_INVOICE

    def _close(self, rows: int) -> None:
        at = datetime.now(UTC)
        columns = ["batch", "admitted_at", "rows"]
        self._store.insert("batches", columns, [[self._batch, at, rows]])
