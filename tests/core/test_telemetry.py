"""Log lines: one shape, whoever writes them, and no secret in them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from core.telemetry import configure_logging, meter, tracer, without_secrets


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged; the handlers of the test run come back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    yield stream
    root.handlers[:], root.level = handlers, level


def test_line_for_people_says_when_how_grave_who_what(lines: io.StringIO) -> None:
    configure_logging(stream=lines)
    logging.getLogger("revtrace.app").info("stopping", extra={"server": "pages"})
    at, level, rest = lines.getvalue().split(maxsplit=2)
    assert at.endswith("Z")
    assert level == "info"
    assert rest == "revtrace.app: stopping (server=pages)\n"


def test_line_for_machines_is_json(lines: io.StringIO) -> None:
    configure_logging(shape="json", stream=lines)
    logging.getLogger("revtrace.app").warning("late", extra={"seconds": 3})
    told = json.loads(lines.getvalue())
    assert (told["level"], told["logger"], told["message"], told["seconds"]) == (
        "warning",
        "revtrace.app",
        "late",
        3,
    )


def test_level_is_the_least_that_is_shown(lines: io.StringIO) -> None:
    configure_logging("warning", stream=lines)
    logging.getLogger("revtrace.app").info("stopping")
    assert lines.getvalue() == ""


def test_library_with_handlers_of_its_own_is_brought_into_line(lines: io.StringIO) -> None:
    own = io.StringIO()
    library = logging.getLogger("streamlit.somewhere")
    library.addHandler(logging.StreamHandler(own))
    library.propagate = False
    configure_logging(stream=lines)
    library.info("hello")
    library.warning("trouble")
    assert own.getvalue() == ""
    assert "streamlit.somewhere: trouble" in lines.getvalue()
    assert "hello" not in lines.getvalue()


def test_fault_is_shown_with_where_it_happened(lines: io.StringIO) -> None:
    configure_logging(stream=lines)
    try:
        raise ZeroDivisionError("inside")
    except ZeroDivisionError:
        logging.getLogger("revtrace").exception("it broke")
    assert "revtrace: it broke\nTraceback" in lines.getvalue()
    assert "ZeroDivisionError: inside" in lines.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "clickhouse://revtrace:hunter2@host:8123/db",
        "clickhouse://revtrace:x/hunter2@host:8123/db",
        "clickhouse://revtrace:hunter2#x@host:8123/db",
        "clickhouse://revtrace:x?hunter2@y@host:8123/db",
        "clickhouse://me@example.com:hunter2@host",
        "Authorization: Bearer hunter2",
        '{"token": "hunter2"}',
        "password=hunter2",
        "the secret: hunter2, and more",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    assert "hunter2" not in without_secrets(text)


def test_without_an_sdk_nothing_is_measured() -> None:
    with tracer("tests").start_as_current_span("nothing") as span:
        assert not span.is_recording()
    meter("tests").create_counter("nothing").add(1)
