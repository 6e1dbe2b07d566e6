"""Two wheels on one server: the newer one turns, and what comes out is what one alone tells."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import pytest

import lineage.config
from core.calendar import load_calendars
from core.clock import FixedClock
from core.errors import StoreRefused, WheelTaken
from core.store import SqlFolder, Store
from lineage.config import Declarations, write_declarations
from lineage.failure import load_failures
from lineage.fence import Fence
from lineage.process import load_processes
from lineage.refresh import Wheel
from tests.lineage.arrange import BOUNDS, Bench, everything
from tests.lineage.story import NOW, traced
from tests.lineage.test_wheel import FIRST, SECOND, wheel

SQL = SqlFolder(__file__)
LINEAGE_SQL = SqlFolder(lineage.config.__file__)
TURNER = Path(__file__).with_name("turner.py")
SEED = 7
WAIT_SECONDS = 60


def batches(bench: Bench, random: Random) -> None:
    """Admit the story in some order and some batches."""
    events = FIRST + SECOND
    random.shuffle(events)
    while events:
        size = random.randint(1, 6)
        bench.admit(events[:size])
        events = events[size:]


def of_one_alone(store: Store) -> dict[str, object]:
    """What is told, which is what a wheel that nobody disturbs makes of all events from zero."""
    told = everything(store)
    alone = wheel(store)
    alone.rebuild()
    assert everything(store) == told
    alone.leave()
    return told


def test_a_newer_wheel_outdoes_an_older_one_until_it_leaves(server_store: Store) -> None:
    bench = traced(server_store, FIRST)
    bench.admit(SECOND)
    newer = wheel(server_store)
    newer.rebuild()
    with pytest.raises(WheelTaken, match="the wheel is turned by .* process .* since"):
        bench.wheel.turn()
    newer.leave()
    bench.admit(FIRST[:1])
    assert bench.wheel.turn().events == 1
    with pytest.raises(WheelTaken):
        newer_is_back(newer, bench.wheel)
    of_one_alone(server_store)


def newer_is_back(newer: Wheel, older: Wheel) -> None:
    """Whoever begins takes the place; the other is told so."""
    newer.rebuild()
    older.turn()


def test_a_wheel_that_was_outdone_can_empty_no_declaration(server_store: Store) -> None:
    """Not even where it was about to: nothing is declared by it, and everything by the newer."""
    older, newer = (Fence(server_store, FixedClock(NOW)) for _ in range(2))
    older.enter()
    held = older.fenced()
    newer.enter()
    declared = Declarations(load_processes(), load_calendars(), load_failures())
    write_declarations(newer.fenced(), declared, BOUNDS)
    laid_out = ("process_stages", "calendar_entities", "failure_patterns", "match_rules")
    for table in laid_out:
        with pytest.raises(StoreRefused):
            held.command(LINEAGE_SQL[f"clear_{table}"])
        assert server_store.value(f"SELECT count() FROM {table}") or table == "match_rules"
    # Whoever has the epoch can.
    newer.fenced().command(LINEAGE_SQL["clear_process_stages"])
    assert server_store.value("SELECT count() FROM process_stages") == 0


def test_two_wheels_at_once_end_as_one_alone(server_store: Store) -> None:
    """Both begin before either is outdone, in the middle of statements and between them."""
    random = Random(SEED)
    bench = traced(server_store)
    batches(bench, random)
    outdone: list[WheelTaken] = []
    ended: list[Wheel] = []

    def turn(work: str) -> None:
        mine = wheel(server_store)
        try:
            mine.rebuild() if work == "rebuild" else mine.run_until_idle()
            ended.append(mine)
        except WheelTaken as taken:
            outdone.append(taken)

    for works in (("turn", "turn"), ("rebuild", "turn"), ("rebuild", "rebuild")):
        threads = [threading.Thread(target=turn, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        batches(bench, random)
        for thread in threads:
            thread.join(WAIT_SECONDS)
    assert outdone
    assert ended
    last = wheel(server_store)
    last.run_until_idle()
    last.leave()
    assert server_store.value(SQL["work_tables_of_epochs"]) == 0
    of_one_alone(server_store)


def test_a_wheel_killed_at_any_point_is_followed_by_another(server_store: Store) -> None:
    random = Random(SEED)
    bench = traced(server_store)
    for written in (3, 25, 60):
        batches(bench, random)
        program = [
            sys.executable,
            str(TURNER),
            server_store.dsn,
            server_store.database,
            str(written),
        ]
        turner = subprocess.Popen(program, stdout=subprocess.PIPE, cwd=TURNER.parents[2])
        assert turner.stdout
        # It says so when it has written as much, and is killed while it goes on.
        assert turner.stdout.readline().strip() == b"written"
        os.kill(turner.pid, signal.SIGKILL)
        turner.wait(WAIT_SECONDS)
        turner.stdout.close()
    follower = wheel(server_store)
    follower.run_until_idle()
    follower.leave()
    of_one_alone(server_store)
