"""SIGKILL at random moments of the real service under load, of its warehouse too where that is a
server: nothing that was acknowledged is lost, nothing is doubled, whatever was sent again.
"""

import random
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.collector.homes import drained, drop, embedded, on_server, told_of
from tests.collector.senders import Sender, check, sending
from tests.e2e.service import Home, Service
from tests.server.genuine import GenuineServer

ROUNDS = 5
ROUNDS_OF_SOAK = 50
# A thread of the dead server's clients may end in the middle of a read; that is what this is about.
UNHANDLED = "ignore::pytest.PytestUnhandledThreadExceptionWarning"


def senders(url: list[str]) -> list[Sender]:
    """Two of them send the same ids, one sends everything three times."""
    return [
        Sender("shared", 1, url),
        Sender("shared", 1, url),
        Sender("single", 2, url),
        Sender("thrice", 3, url, times=3),
    ]


def kill_again_and_again(home: Home, command: str, rounds: int, also: GenuineServer | None) -> None:
    """Rounds of load that end with a SIGKILL; every other one hits the server, if there is one."""
    chance = random.Random(rounds)
    url: list[str] = [""]
    all_of_them = senders(url)
    with ExitStack() as running:
        service: Service = running.enter_context(home.start(command))
        url[0] = service.told["collector"]
        running.enter_context(sending(all_of_them))
        for round_ in range(rounds):
            time.sleep(0.2 + chance.random())
            if also is not None and round_ % 2:
                also.kill()
                time.sleep(chance.random())
                if chance.random() < 0.5:
                    # Its spool has deliveries now; the next one starts without a warehouse.
                    service.process.send_signal(signal.SIGKILL)
                    service.process.wait()
                    service = running.enter_context(home.start(command))
                    url[0] = service.told["collector"]
                also.start()
                continue
            service.process.send_signal(signal.SIGKILL)
            service.process.wait()
            service = running.enter_context(home.start(command))
            url[0] = service.told["collector"]
        time.sleep(0.5)
        for one in all_of_them:
            one.stop()
        drained(service)
        service.kill()
    assert also is None or any(one.pending for one in all_of_them)
    check(all_of_them, told_of(home))


@pytest.mark.filterwarnings(UNHANDLED)
def test_up_killed_under_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    kill_again_and_again(embedded(tmp_path), "up", ROUNDS, None)


@pytest.mark.filterwarnings(UNHANDLED)
def test_collect_and_its_server_killed_under_load_lose_and_double_nothing(
    tmp_path: Path, server: GenuineServer
) -> None:
    home = on_server(tmp_path, server)
    kill_again_and_again(home, "collect", ROUNDS, server)
    drop(home)


@pytest.mark.soak
@pytest.mark.filterwarnings(UNHANDLED)
def test_up_killed_fifty_times(tmp_path: Path) -> None:
    kill_again_and_again(embedded(tmp_path), "up", ROUNDS_OF_SOAK, None)


@pytest.mark.soak
@pytest.mark.filterwarnings(UNHANDLED)
def test_collect_and_its_server_killed_fifty_times(tmp_path: Path, server: GenuineServer) -> None:
    home = on_server(tmp_path, server)
    kill_again_and_again(home, "collect", ROUNDS_OF_SOAK, server)
    drop(home)
