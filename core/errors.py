"""The one error tree of revtrace.

    RevtraceError                what went wrong, why, and what to do about it
    +-- Permanent                trying again will not help
    |   +-- BadInput             what somebody gave us breaks a rule
    |   +-- ConfigInvalid        a setting, a process, a rule or another file of ours is wrong
    |   +-- StoreRefused         the engine understood the statement and refuses it
    |   +-- StoreLocked          another process owns the embedded warehouse
    |   +-- SchemaTooNew         the warehouse was written by a newer revtrace
    |   +-- NotFound             the thing that was asked for does not exist
    |   +-- NotAllowed           whoever asks may not do that
    +-- Retryable                the same call may succeed later
        +-- StoreUnavailable     the warehouse is away, starting, or out of a resource
        +-- Overloaded           a bounded queue of ours is full

Only the two branches matter to a caller: Permanent is answered 4xx and never repeated, Retryable
is answered 503 with Retry-After. Driver errors are mapped to this tree in one place,
`core.store.driver`.
"""


class RevtraceError(Exception):
    """Base of every error raised on purpose; its text is one line that a person can act on."""

    def __init__(self, what: str, why: str = "", todo: str = "") -> None:
        self.what = what
        self.why = why
        self.todo = todo
        text = f"{what}: {why}" if why else what
        ends = "" if text.endswith((".", "?", "!")) else "."
        super().__init__(" ".join((f"{text}{ends} {todo}" if todo else text).split()))

    def told(self) -> dict[str, str]:
        """The error as an answer in JSON shows it; what it does not say is left out."""
        parts = {"error": self.what, "why": self.why, "todo": self.todo}
        return {name: text for name, text in parts.items() if text}


class Permanent(RevtraceError):
    """Trying again with the same input gives the same answer."""


class BadInput(Permanent):
    """What was given breaks a rule of the contract."""


class ConfigInvalid(Permanent):
    """A setting or a declaration file is wrong; the text names file, table and key."""


class StoreRefused(Permanent):
    """The engine refused a statement. `code` is its own error code, 0 when it gave none."""

    def __init__(self, what: str, why: str = "", todo: str = "", *, code: int = 0) -> None:
        super().__init__(what, why, todo)
        self.code = code


class StoreLocked(Permanent):
    """Another process owns the folder of the embedded warehouse."""


class WheelTaken(Permanent):
    """Another process has begun to turn the wheel of this warehouse."""


class SchemaTooNew(Permanent):
    """The warehouse carries migrations that this program does not know."""


class NotFound(Permanent):
    """No such object, finding or file."""


class NotAllowed(Permanent):
    """Whoever asks has no right to it; the text says who can give it."""


class Retryable(RevtraceError):
    """The same call may succeed after `retry_after_seconds`."""

    def __init__(
        self, what: str, why: str = "", todo: str = "", *, retry_after_seconds: int = 5
    ) -> None:
        super().__init__(what, why, todo)
        self.retry_after_seconds = retry_after_seconds


class StoreUnavailable(Retryable):
    """The warehouse cannot be reached or has no room right now."""


class Overloaded(Retryable):
    """One of revtrace's own bounded queues is full."""
