"""A sender that is refused is heard of in the log, and does not fill it."""

import pytest

from collector.access import Forbidden, Unauthorized
from collector.refused_senders import AGAIN_SECONDS, TEXTS_MAX, RefusedSenders
from collector.tokens import TokenRegister
from core.clock import FixedClock
from core.store import Store
from tests.collector.test_access import Second, bearer, make_access


def test_who_is_refused_is_said_once_a_minute_and_in_one_line(
    store: Store, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    second = Second()
    access = make_access(store, clock, second=second)
    _, text = TokenRegister(store, clock, 100).create("psa-only", ["psa"])
    access.reload()

    def refused(authorization: str | None, source: str = "") -> None:
        with pytest.raises((Unauthorized, Forbidden)):
            access.admit(authorization, source)

    for second.now in (0.0, 1.0, 59.0, 60.0):
        refused(bearer(text), "erp\x1b[2J all is well")
    refused(None)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    assert "token psa-only may not send for source 'erp?[2J all is well'" in said[0]
    assert said[1].endswith("(2 times more since it was last said)")
    assert "a token is needed here" in said[2]
    assert text not in caplog.text


def test_who_says_another_word_each_time_does_not_fill_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    second = Second()
    refused = RefusedSenders(second)
    for number in range(1_000):
        second.now = number / 100
        refused.tell(f"source {number}")
    assert len(caplog.records) == TEXTS_MAX
    second.now = AGAIN_SECONDS + 1
    refused.tell("source 999")
    assert caplog.messages[-1] == "a sender was refused: source 999"
