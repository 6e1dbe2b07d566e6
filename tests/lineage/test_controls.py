"""Controls: the engine and a few lines of Python agree, whatever comes in whatever order, whole or
in pieces, again or anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import load_calendars
from core.clock import FixedClock
from core.store import SqlFolder, Store
from lineage.config import Declarations, write_declarations
from lineage.control import Control, load_controls
from lineage.reader import Reader
from lineage.reconcile import Controls
from lineage.refresh import Wheel
from tests.conftest import NewStore
from tests.lineage.arrange import BOUNDS, Bench, bench
from tests.model.controls import Books, Grain
from tests.model.ledgers import SOURCES, money_events

SQL = SqlFolder(__file__)
CALENDARS = load_calendars()
CLOCK = FixedClock(datetime(2026, 9, 30, 12, 0, tzinfo=UTC))
CONTROLS = load_controls()
Events = Sequence[Mapping[str, Any]]


@dataclass
class Runs:
    """The controls alone, without the rest of the wheel."""

    bench: Bench
    controls: Controls
    turn: int = 0

    def take(self, events: Events) -> None:
        """One batch and the run of its turn."""
        before = self.bench.batch
        self.bench.admit(events)
        self.turn += 1
        self.controls.run(self.turn, before, self.bench.batch)

    def again(self) -> None:
        """From zero."""
        self.turn += 1
        self.controls.rebuild(self.turn, self.bench.batch)


def emptied(store: Store, controls: Mapping[str, Control] | None = None, chunk: int = 13) -> Runs:
    """A warehouse without events, whose calendars are laid out."""
    for table in store.rows(SQL["control_tables"]):
        store.command(f"TRUNCATE TABLE {table['name']}")
    rows = [[name, role, 1] for name, role in SOURCES.items()]
    store.insert("sources", ["name", "role", "version"], rows)
    bounds = BOUNDS.model_copy(update={"turn_events_max": chunk})
    wheel = Wheel(store, bounds, CLOCK, Declarations({}, CALENDARS))
    return Runs(Bench(store, wheel), Controls(store, bounds, controls or CONTROLS))


def books(store: Store) -> Bench:
    """An empty warehouse whose wheel runs the controls."""
    made = bench(store, CLOCK, {}, CALENDARS, SOURCES)
    declared = Declarations({}, CALENDARS, (), CONTROLS)
    return replace(made, wheel=Wheel(store, BOUNDS, CLOCK, declared))


def told(store: Store) -> dict[tuple[str, int, Grain, str], Any]:
    rows = Reader(store).reconciliation(CLOCK.now())
    return {
        (
            row["control"],
            row["side"],
            Grain(row["contract"], row["currency"], row["legal_entity"]),
            row["period"],
        ): (row["left"], row["right"], row["status"] == "break")
        for row in rows
    }


def expected(events: Events, *, alone: bool = False) -> dict[tuple[str, int, Grain, str], Any]:
    model = Books(events, SOURCES, CALENDARS, alone=alone)
    model.moneys = tuple({term.money for each in CONTROLS.values() for term in each.terms()})
    return model.rows(CONTROLS.values())


def found(store: Store) -> list[dict[str, Any]]:
    """Findings of breaks, without the number of the turn that wrote them."""
    return store.rows(SQL["control_findings"], {"now": CLOCK.now()})


def test_any_events_in_any_order_and_pieces_are_summed_up_as_the_model_does(
    new_store: NewStore,
) -> None:
    store = new_store()
    write_declarations(store, Declarations({}, CALENDARS), BOUNDS)

    @given(
        events=money_events(aliases=False),
        pieces=st.lists(st.integers(1, 8), max_size=2),
        order=st.randoms(use_true_random=False),
    )
    def holds(events: list[dict[str, Any]], pieces: list[int], order: Any) -> None:
        """The controls alone, each batch a run; a run from zero in pieces tells the same."""
        wanted = expected(events, alone=True)
        runs = emptied(store)
        order.shuffle(events)
        for size in [*pieces, len(events)]:
            piece, events = events[:size], events[size:]
            runs.take(piece)
        assert told(store) == wanted
        before = found(store)
        runs.again()
        assert told(store) == wanted
        assert found(store) == before

    holds()


def test_names_that_become_one_object_count_once(new_store: NewStore) -> None:
    store = new_store()

    @settings(max_examples=max(3, settings.default.max_examples // 8))
    @given(events=money_events(aliases=True), cut=st.integers(0, 24))
    def holds(events: list[dict[str, Any]], cut: int) -> None:
        """With the whole wheel, which knows of aliases; it finds them late or early."""
        wanted = expected(events)
        made = books(store)
        for piece in (events[:cut], events[cut:]):
            made.admit(piece)
            made.wheel.run_until_idle()
        assert told(store) == wanted
        made.wheel.rebuild()
        assert told(store) == wanted

    holds()
