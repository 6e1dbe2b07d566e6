"""The sections of the settings: what each key means, its default and its bound.

The meaning of a section belongs to the package it is named after. Every bound of every queue,
window, cache and page is a field here, with its reason, so that nothing grows without limit.
"""

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Section(BaseModel):
    """A group of settings; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineSettings(Section):
    """Bounds of the query engine, applied to every client of the store."""

    memory_bytes_max: int = Field(
        6 * 1024**3,
        description="Most memory one query may use; larger work spills to disk or is refused.",
    )
    memory_bytes_total_max: int = Field(
        0,
        description="Most memory of all queries of the embedded engine; 0: 9/10 of the machine's.",
    )
    spill_bytes: int = Field(
        2 * 1024**3, description="Memory at which GROUP BY and ORDER BY of one query spill to disk."
    )
    threads_max: int = Field(0, description="Threads a query may use; 0 means one a core.")
    # The engine's own defaults are 5 GiB each, made for a machine that runs nothing else. There are
    # three, and a service at rest takes some 550 MB beside them: full, they stay within 1 GiB.
    cache_bytes_max: int = Field(
        128 * 1024**2,
        description="Size of each cache (of marks, of keys) of the embedded engine.",
    )
    # The engine takes no notice of a write that fails for want of room (docs/adr/030).
    disk_free_bytes_min: int = Field(
        256 * 1024**2,
        ge=0,
        description="Room that must be left on the warehouse's disk; with less it takes nothing.",
    )
    connect_timeout_seconds: int = Field(
        5, description="How long a connection to a server may take."
    )
    query_timeout_seconds: int = Field(600, description="How long one statement may run.")


class HttpSettings(Section):
    """The collector's HTTP door."""

    host: str = Field(
        "127.0.0.1", description="Address to listen on; loopback unless you say otherwise."
    )
    port: int = Field(4318, description="Port of the native, OTLP and CloudEvents receivers.")
    body_bytes_max: int = Field(
        64 * 1024**2,
        description="Largest request body, counted after decompression as well; over it: 413.",
    )
    body_seconds: float = Field(
        30.0, gt=0, description="Longest time that a request body may take to arrive; over it: 408."
    )
    header_bytes_max: int = Field(64 * 1024, description="Largest set of request headers.")
    header_seconds: float = Field(
        10.0, gt=0, description="Longest time that the headers of a request may take to arrive."
    )
    idle_seconds: int = Field(
        5, gt=0, description="How long a connection may wait for its next request."
    )
    concurrency_max: int = Field(256, description="Requests served at once; more are answered 503.")
    connections_max: int = Field(
        512, gt=0, description="Connections held at once; more are answered 503 and closed."
    )
    open: bool = Field(
        False,
        description="Beyond loopback: take events from whoever reaches it, without a token.",
    )
    tls_certificate: Path | None = Field(
        None, description="File of the certificate, with its chain, in PEM; set, it speaks HTTPS."
    )
    tls_key: Path | None = Field(
        None, description="File of the certificate's private key, in PEM, without a passphrase."
    )


class GrpcSettings(Section):
    """The collector's gRPC door."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(4317, description="Port of the OTLP/gRPC receiver.")
    # Exporters send less than 4 MiB, since most receivers take no more; and while a message is read
    # it counts with all that it may have.
    message_bytes_max: int = Field(
        16 * 1024**2,
        gt=0,
        description="Largest message, counted after decompression too; more: RESOURCE_EXHAUSTED.",
    )
    message_seconds: float = Field(
        30.0, gt=0, description="Longest time that the message of a call may take to arrive."
    )
    concurrency_max: int = Field(
        256, gt=0, description="Calls served at once; more are answered UNAVAILABLE with RetryInfo."
    )
    tls_certificate: Path | None = Field(
        None, description="PEM file with the certificate chain; empty means plain text."
    )
    tls_key: Path | None = Field(
        None, description="PEM file with the private key of the certificate."
    )


class AccessSettings(Section):
    """Tokens of senders; `revtrace tokens` makes them."""

    requests_per_second: float = Field(
        2000.0,
        ge=0,
        description="Requests one token may send, but for short bursts; over it: 429. 0: any.",
    )
    bytes_per_second: float = Field(
        128.0 * 1024**2,
        ge=0,
        description="Bytes of bodies, uncompressed, that one token may send; over it: 429. 0: any.",
    )
    reload_seconds: float = Field(
        2.0, gt=0, description="How often tokens are read again: how soon a revocation is in force."
    )
    tokens_max: int = Field(1000, gt=0, description="Tokens that may be made, old ones counted.")


class TelemetrySettings(Section):
    """What revtrace measures of itself; OTEL_EXPORTER_OTLP_ENDPOINT says where it is sent."""

    spans_per_second: float = Field(
        10.0, ge=0, description="Requests and commits traced at most, when traces are exported."
    )


class DashboardSettings(Section):
    """The pages."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8501, description="Port of the dashboards.")
    cache_seconds: int = Field(5, description="How long a page may show the same numbers.")
    cache_entries_max: int = Field(256, description="Results kept per cached function.")
    rows_max: int = Field(
        25, description="Rows of one page of a table; more are on its next pages."
    )
    found_max: int = Field(
        1000, description="Revenue events that a search lists; it counts all of them."
    )
    drawn_events_max: int = Field(
        40, description="Steps that the picture of a path draws; all are in the table below it."
    )
    query_threads: int = Field(3, description="Queries of all viewers that run at once.")
    query_timeout_seconds: int = Field(20, description="How long one query of a page may run.")
    refresh_seconds: int = Field(30, description="How often an open overview renews itself.")
    stale_seconds: int = Field(
        86_400, description="How long nothing may have arrived before the pages warn in red."
    )
    user_header: str = Field(
        "",
        description="Header in which the proxy in front of the pages says who looks at them; empty:"
        " nobody is known, and nobody decides there.",
    )
    deciders: list[str] = Field(
        [], description="Who may decide about findings on the pages, by that header; `*`: all."
    )
    lag_seconds_max: int = Field(
        300,
        description="How far paths may be behind the events received before the pages warn in red.",
    )


class CollectorSettings(Section):
    """Admission of events."""

    commit_wait_seconds: float = Field(
        0.005,
        description="How long a request waits for others to share its commit; for those who were "
        "just answered and come again, up to an eighth of the last commit's time if that is more.",
    )
    bodies_bytes_max: int = Field(
        512 * 1024**2,
        description="Bytes of all requests together that are in memory; more are answered 503.",
    )
    commit_bytes_max: int = Field(32 * 1024**2, description="Bytes of one commit.")
    commit_deliveries_max: int = Field(512, description="Deliveries of one commit.")
    queue_deliveries_max: int = Field(
        2048, description="Deliveries waiting for a commit; more are answered 503 with Retry-After."
    )
    queue_bytes_max: int = Field(
        256 * 1024**2,
        description="Bytes waiting for a commit; more are answered 503 with Retry-After.",
    )
    commit_timeout_seconds: float = Field(
        60.0, description="Longest time a request waits for its commit; then it is answered 503."
    )
    engine_bytes_min: int = Field(
        128 * 1024,
        description="Commits of fewer bytes are judged by the model, larger ones by the engine.",
    )
    behind_wait_seconds: float = Field(
        0.3,
        ge=0,
        description="How long answered events wait for others before they are written together.",
    )
    behind_bytes_max: int = Field(
        32 * 1024**2,
        description="Bytes of answered requests that wait in memory to be written together.",
    )
    journal: bool = Field(
        True,
        description="Small requests are durable in a journal in the home folder first; "
        "off: in the warehouse.",
    )
    seen_bytes: int = Field(
        8 * 1024**2,
        ge=0,
        description="Memory of the filter that tells new events without a look-up; 0: none.",
    )
    import_rows: int = Field(25_000, description="Rows of one delivery of a file import.")
    watch: Path | None = Field(
        None, description="Folder whose files `<source>/<file>` are imported by themselves."
    )
    watch_every_seconds: float = Field(
        5.0, gt=0, description="Pause between two looks at the watched folder."
    )
    watch_settle_seconds: float = Field(
        10.0, ge=0, description="How long a file must look the same before it counts as whole."
    )
    watch_files_max: int = Field(
        1000, gt=0, description="Files of the watched folder that one look takes into account."
    )
    spool_deliveries_max: int = Field(
        1_000_000,
        ge=0,
        description="Deliveries kept on disk while the warehouse is away; 0: none, 503 at once.",
    )
    spool_bytes_max: int = Field(
        2 * 1024**3, ge=0, description="Bytes kept on disk while the warehouse is away."
    )
    spool_free_bytes_min: int = Field(
        128 * 1024**2,
        ge=0,
        description="Room that the spool leaves on its disk, which may be the warehouse's.",
    )
    spool_after_seconds: float = Field(
        10.0, gt=0, description="No commit ended for so long: what waits goes to the spool."
    )
    spool_retry_seconds_max: float = Field(
        10.0, gt=0, description="Longest pause between two looks for a warehouse that is away."
    )
    recheck_seconds: int = Field(
        300,
        ge=0,
        description="How far a start looks back for what a power loss may have taken; 0: not.",
    )
    recheck_batches_max: int = Field(
        10_000, gt=0, description="Most commits that a start looks at for that."
    )
    identity_every_seconds: float = Field(
        60.0, gt=0, description="Pause between two checks that every delivery balances."
    )
    identity_seconds: int = Field(
        3600, gt=0, description="How far back such a check looks at what was committed."
    )
    identity_batches_max: int = Field(
        10_000, gt=0, description="Most commits that such a check looks at."
    )


class LineageSettings(Section):
    """The refresh wheel."""

    refresh_every_seconds: float = Field(2.0, description="Pause between two turns of the wheel.")
    turn_events_max: int = Field(1_000_000, description="New events one turn takes.")
    chunk_objects_max: int = Field(
        400_000, description="Objects or revenue events one statement handles; bounds its memory."
    )
    walk_depth_max: int = Field(64, description="Longest way from a revenue event to an object.")
    correlation_objects_max: int = Field(
        1000,
        description="Objects of one process that one correlation id may join; more: it is reused.",
    )
    correlation_pairs_max: int = Field(10_000, description="Pairs one correlation id may make.")
    match_objects_max: int = Field(
        100,
        ge=1,
        description="Objects of one type that agree in all a match rule asks for; of more it "
        "matches none.",
    )
    value_tolerance: Decimal = Field(
        Decimal("0.01"), ge=0, description="Difference between two stages that is none."
    )
    orphan_grace_hours: float = Field(
        24.0, ge=0, description="How long a posting may be without anything that it was made from."
    )
    as_of_events_max: int = Field(
        5_000_000,
        gt=0,
        description="Events that a question with `--as-of` may copy and trace anew.",
    )
    calendar_year_first: int = Field(
        2010, description="First year whose working hours and periods are laid out."
    )
    calendar_year_last: int = Field(
        2040, description="Last year whose working hours and periods are laid out."
    )


class AlertSettings(Section):
    """Evaluation and delivery of alerts."""

    evaluate_every_seconds: float = Field(
        5.0, gt=0, description="Pause between two evaluations of the rules."
    )
    findings_max: int = Field(
        10_000,
        gt=0,
        description="Findings that may be firing for one rule; more wait until some are resolved.",
    )
    alerts_in_message_max: int = Field(
        50, gt=0, description="Alerts one notification lists; it counts and sums all of them."
    )
    pending_max: int = Field(
        5_000,
        gt=0,
        description="Notifications waiting for one channel; over it, its rules are not evaluated.",
    )
    webhook_url: SecretStr | None = Field(
        None, description="Where the webhook channel posts; empty means that only the log is told."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="Signs what the webhook channel posts; empty means no signature."
    )
    dashboards_url: str = Field(
        "",
        description="Address of the dashboards as receivers reach it; empty: their host and port.",
    )
    send_timeout_seconds: float = Field(
        10.0, gt=0, description="How long one delivery attempt may take, all of it."
    )
    send_wait_seconds: float = Field(
        5.0, gt=0, description="Wait after a failed attempt; it doubles with each further one."
    )
    send_wait_seconds_max: float = Field(
        300.0, gt=0, description="Longest wait between two attempts."
    )
    # 5, 10, 20 ... 300 seconds: 40 attempts outlast a channel that is away for three hours.
    send_attempts_max: int = Field(
        40, gt=0, description="Attempts for one notification before it is given up."
    )


class LogSettings(Section):
    """What revtrace says of itself on stderr."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least grave lines to show."
    )
    shape: Literal["text", "json"] = Field(
        "text", description="Lines for people, or one JSON object a line."
    )


class ServiceSettings(Section):
    """The running processes: `up`, `collect`, `work`, `dashboards`."""

    stop_seconds: float = Field(
        4.0,
        gt=0,
        description="How long requests, a refresh and the last commit may take once told to stop.",
    )
    commands_max: int = Field(
        4, gt=0, description="Commands of other processes that are performed at once."
    )
