"""The only importer of clickhouse_connect: makes clients and maps driver errors to our tree."""

import fcntl
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver import Client
from clickhouse_connect.driver import exceptions as driver_errors

from core.errors import ConfigInvalid, RevtraceError, StoreLocked, StoreRefused, StoreUnavailable
from core.settings import EngineSettings
from core.telemetry import without_secrets

__all__ = ["Client", "connect", "is_embedded", "masked", "translated"]

# It logs each error that it raises as well; ours are told once, by whoever catches them.
logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)

# The driver ignores any other: https://host would send the password in clear; ?secure=true is TLS.
SCHEMES = ("chdb", "clickhouse")
# Codes of ClickHouse's ErrorCodes.cpp that pass by themselves or when somebody makes room: a sender
# must retry.
RETRYABLE_CODES = frozenset(
    {
        159,  # TIMEOUT_EXCEEDED
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        241,  # MEMORY_LIMIT_EXCEEDED
        242,  # TABLE_IS_READ_ONLY
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS
        279,  # ALL_CONNECTION_TRIES_FAILED
        999,  # KEEPER_EXCEPTION
    }
)
ENGINE_CACHES = ("mark_cache_size", "index_mark_cache_size", "primary_index_cache_size")
WRONG_PASSWORD_CODES = frozenset({192, 193, 194, 516})
NO_SPACE_TEXTS = ("No space left on device", "Disk quota exceeded")
LOCKED_TEXTS = ("Cannot lock file", "Another server instance", "is locked by another")
ENGINE_FAILED_TEXT = "Error initializing EmbeddedServer"
ENGINE_REASON = re.compile(r"e\.what\(\) = (.+?)(?:, Stack trace|\(version|$)", re.MULTILINE)
ERRNO = re.compile(r"\[Errno -?\d+\] [^\"')]+")


def is_embedded(dsn: str) -> bool:
    """Say whether a DSN names the embedded engine."""
    return dsn.startswith("chdb:")


def masked(dsn: str) -> str:
    """Return the DSN without its password, for messages and logs."""
    return without_secrets(dsn)


def connect(dsn: str, *, database: str | None, engine: EngineSettings) -> Client:
    """Open a client.

    Raises ConfigInvalid for what is no DSN, else StoreLocked, StoreUnavailable or StoreRefused;
    none of them shows the password.
    """
    _check(dsn)
    settings: dict[str, Any] = {
        "max_memory_usage": engine.memory_bytes_max,
        "max_bytes_before_external_group_by": engine.spill_bytes,
        "max_bytes_before_external_sort": engine.spill_bytes,
        "max_execution_time": engine.query_timeout_seconds,
        "min_free_disk_bytes_to_perform_insert": engine.disk_free_bytes_min,
        # Compiling an expression to machine code costs more than these statements ever win back:
        # a small turn of the wheel took a third longer with it.
        "compile_expressions": 0,
        "compile_aggregate_expressions": 0,
        "compile_sort_description": 0,
        # What one statement writes is distinct already; merging it with itself took as long as
        # writing it. Said here and not by each statement: the embedded engine asks and sets four
        # times where a command has settings of its own, three milliseconds of each of a turn's.
        "optimize_on_insert": 0,
        # What is asked of a versioned table by its key reads the key first, as elsewhere, and the
        # rest of what has it: ten thousand keys that are new read all of `objects` otherwise. Only
        # conditions on the order of a table are moved so, which all versions of a row share.
        "optimize_move_to_prewhere_if_final": 1,
        # A common table expression is worked out at each mention, unless it is declared
        # MATERIALIZED.
        "enable_materialized_cte": 1,
    }
    if engine.threads_max:
        settings["max_threads"] = engine.threads_max
    options: dict[str, Any] = {"settings": settings, "tz_mode": "aware"}
    if database:
        options["database"] = database
    if is_embedded(dsn):
        options["chdb_options"] = _engine_options(engine)
    else:
        # A session would forbid two requests at once on one client; none of its state is needed.
        options["autogenerate_session_id"] = False
        # Where events are spread over shards, these get what a statement looks up there; and what
        # is written is on its shard when the insert returns.
        settings |= {"prefer_global_in_and_join": 1, "distributed_foreground_insert": 1}
        options["connect_timeout"] = engine.connect_timeout_seconds
        options["send_receive_timeout"] = engine.query_timeout_seconds
    with translated(masked(dsn)):
        return clickhouse_connect.get_client(dsn=dsn, **options)


def _check(dsn: str) -> None:
    """Refuse what is no DSN: the driver would take any word for a host on this machine."""
    wrong = ""
    try:
        parts = urlsplit(dsn)
        if parts.scheme not in SCHEMES:
            wrong = "it begins with neither chdb:// nor clickhouse://"
        elif parts.scheme != "chdb" and not parts.hostname:
            wrong = "it names no host"
        elif parts.scheme != "chdb":
            _ = parts.port
    except ValueError:
        # Its own words would show a piece of the password as the port.
        wrong = "its host or port is none; percent-encode /, # and ? in the password"
    if wrong:
        raise ConfigInvalid(
            f"the warehouse {masked(dsn)} is no DSN",
            wrong,
            "Write REVTRACE_WAREHOUSE like chdb:///folder or clickhouse://user:password@host:8123, "
            "with ?secure=true behind it for TLS",
        )


def _engine_options(engine: EngineSettings) -> dict[str, Any]:
    """Bounds of the engine of this process; its first client sets them, for all that follow."""
    options: dict[str, Any] = dict.fromkeys(ENGINE_CACHES, engine.cache_bytes_max)
    if engine.memory_bytes_total_max:
        options["max_server_memory_usage"] = engine.memory_bytes_total_max
    return options


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn whatever the driver raises inside the block into an error of `core.errors`."""
    try:
        yield
    except RevtraceError:
        raise
    except driver_errors.Error as error:
        raise _translate(error, where) from error
    except (ConnectionError, TimeoutError, OSError) as error:
        raise StoreUnavailable(
            f"the warehouse {where} is away", str(error), "It is tried again by itself"
        ) from error


def _translate(error: Exception, where: str) -> RevtraceError:
    """Map one driver error; an unknown one is a refusal: repeating it blindly could do harm."""
    text = str(error)
    code = int(getattr(error, "code", 0) or 0)
    if any(mark in text for mark in LOCKED_TEXTS) or (
        ENGINE_FAILED_TEXT in text and _folder_is_held(where)
    ):
        return StoreLocked(
            f"the warehouse {where} is in use by another process",
            "one process owns an embedded warehouse at a time",
            "Stop the other one, or give this one a folder of its own with REVTRACE_HOME",
        )
    if ENGINE_FAILED_TEXT in text:
        found = ENGINE_REASON.search(text)
        return StoreRefused(
            f"the embedded engine cannot open {where}",
            found[1] if found else _first_line(text),
            "Correct REVTRACE_HOME, or what keeps this user out of the folder",
            code=code,
        )
    if code in WRONG_PASSWORD_CODES:
        return StoreRefused(
            f"the warehouse {where} refuses the user or password",
            f"error code {code}",
            "Correct REVTRACE_WAREHOUSE",
            code=code,
        )
    if code in RETRYABLE_CODES or any(mark in text for mark in NO_SPACE_TEXTS):
        return StoreUnavailable(f"the warehouse {where} has no room right now", _first_line(text))
    if isinstance(error, driver_errors.OperationalError) and not code:
        return StoreUnavailable(
            f"the warehouse {where} is away",
            _reason(text),
            "Check REVTRACE_WAREHOUSE and that it runs",
        )
    return StoreRefused(f"the warehouse {where} refuses a statement", _first_line(text), code=code)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:600] if text.strip() else "no reason given"


def _reason(text: str) -> str:
    """Return the operating system's own words where there are any, without the driver's."""
    found = ERRNO.search(text)
    return found[0] if found else _first_line(text)


def _folder_is_held(dsn: str) -> bool:
    """Ask whether another process holds the engine's lock: the engine fails without a reason."""
    status = Path(urlsplit(dsn).path) / "status"
    try:
        with status.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
