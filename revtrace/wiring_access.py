"""Builds the collector's front: who may send, what is measured, and the application itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from collector.access import Access
from collector.tokens import TokenRegister
from core.clock import Clock
from core.settings import Settings
from core.store import Store

if TYPE_CHECKING:
    from fastapi import FastAPI

    from collector.writer import Writer


def build_access(store: Store, clock: Clock, settings: Settings) -> Access:
    """The tokens of this warehouse; they count against real time, as what is received does."""
    return Access(TokenRegister(store, clock, settings.access.tokens_max), clock, settings)


def build_application(
    writer: "Writer",
    access: Access,
    settings: Settings,
    open_warehouse: Callable[[], None] | None = None,
) -> "FastAPI":
    """The receivers, in front of this process's writer; `open_warehouse` opens it where the
    warehouse was away at the start.
    """
    from collector.app import create_app
    from core.instrumentation import Instrumentation

    observed = Instrumentation(
        own_doors=[(door.host, door.port) for door in (settings.http, settings.grpc)],
        spans_per_second=settings.telemetry.spans_per_second,
    )
    return create_app(writer, settings, access, observed, open_warehouse)
