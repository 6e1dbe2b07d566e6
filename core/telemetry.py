"""What revtrace says of itself: log lines, and OpenTelemetry spans and metrics.

Only the OpenTelemetry API is used here, so nothing is measured or sent until somebody configures an
SDK: `core.instrumentation` in our services, or `opentelemetry-instrument` from outside.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter
    from opentelemetry.trace import Tracer

Shape = Literal["text", "json"]

# A password in a DSN, whatever it holds: up to the last @, rather too much than a piece too little.
# Bounded, so that a long line without spaces costs no more than its length. Then whatever follows a
# word that announces a secret.
DSN_PASSWORD = re.compile(r"(://[^\s:]{0,256}:)\S{1,8192}@")
SECRET = re.compile(
    r"""(?ix) \b ((?: authorization | \w*token | \w*secret | \w*password ) ["']? \s* [=:] \s* ["']?
    (?: (?: bearer | basic ) \s+ )? | bearer \s+ ) ([^\s,"']+)"""
)
# A token of our own, wherever it stands; its public part stays, to tell which one it was.
TOKEN = re.compile(r"(rvt_[0-9a-f]{16})_[A-Za-z0-9_-]+")
OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Streamlit warns that the pages were set up before they were served, which is what we want.
# The driver's connections warn of each try; what comes of them is an error of our own.
SILENT = ("streamlit.runtime.caching.cache_data_api", "urllib3.connectionpool")
# These log each request, each job or each step of a start; what they say of trouble is still heard.
TALKATIVE = ("uvicorn", "apscheduler", "httpx", "httpcore", "streamlit", "watchdog")
# The request that the present task answers, and the delivery that was made of it: what is logged on
# the way carries their ids.
REQUEST_ID: ContextVar[str] = ContextVar("revtrace_request_id", default="")
DELIVERY: ContextVar[str] = ContextVar("revtrace_delivery", default="")


def configure_logging(
    level: str = "info", shape: Shape = "text", stream: TextIO | None = None
) -> None:
    """Send every log line to `stream` (stderr) in one shape; what was configured before is
    replaced.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines(shape))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name, logger in root.manager.loggerDict.items():
        # A library that brings handlers of its own would write lines of another shape, or twice.
        if isinstance(logger, logging.Logger) and name.startswith(TALKATIVE):
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(max(logger.level, logging.WARNING))


class Lines(logging.Formatter):
    """One line a record: time, level, who, what, then the fields given as `extra`; secrets are
    masked.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._shape = shape

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {
            name: value for name, value in vars(record).items() if name not in OWN_FIELDS
        }
        fields |= _ids()
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        message = record.getMessage()
        if self._shape == "json":
            line = json.dumps(
                {
                    "time": at.replace("+00:00", "Z"),
                    "level": record.levelname.lower(),
                    "logger": record.name,
                    "message": message,
                    **fields,
                },
                default=str,
            )
        else:
            line = (
                f"{at[:-6]}Z {record.levelname.lower():<7} {record.name}: {message}{_pairs(fields)}"
            )
        return without_secrets(line)


def without_secrets(text: str) -> str:
    """Return the text with passwords and tokens masked."""
    return SECRET.sub(r"\1***", TOKEN.sub(r"\1_***", DSN_PASSWORD.sub(r"\1***@", text)))


def tracer(name: str) -> "Tracer":
    """Return the tracer of a part of revtrace; without an SDK its spans cost next to nothing."""
    from opentelemetry import trace

    return trace.get_tracer(f"revtrace.{name}")


def meter(name: str) -> "Meter":
    """Return the meter of a part of revtrace."""
    from opentelemetry import metrics

    return metrics.get_meter(f"revtrace.{name}")


def _ids() -> dict[str, str]:
    """The request, delivery and trace that a line belongs to, as far as they are known."""
    from opentelemetry import trace

    known = {"request_id": REQUEST_ID.get(), "delivery": DELIVERY.get()}
    found = {name: value for name, value in known.items() if value}
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        found["trace_id"] = trace.format_trace_id(context.trace_id)
        found["span_id"] = trace.format_span_id(context.span_id)
    return found


def _pairs(fields: Mapping[str, Any]) -> str:
    tail = fields.get("error")
    pairs = [f"{name}={value}" for name, value in fields.items() if name != "error"]
    text = f" ({', '.join(pairs)})" if pairs else ""
    return f"{text}\n{tail}" if tail else text
