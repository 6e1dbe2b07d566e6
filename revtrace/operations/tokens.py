"""Tokens of senders: make one, list them, revoke one.

The process that owns the warehouse performs these, so what changes is in force there at once; a
collector on a server reads the tokens again every few seconds.
"""

from typing import TYPE_CHECKING, Any

from core.declaration import parse_duration
from core.errors import BadInput
from revtrace.operations import Operation, Params, Progress

if TYPE_CHECKING:
    from datetime import datetime

    from collector.tokens import Token, TokenRegister
    from revtrace.wiring import App


def create(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Make a token; its text is in this answer and nowhere else."""
    lifetime = None
    if expires := params.get("expires"):
        try:
            lifetime = parse_duration(expires)
        except ValueError as error:
            raise BadInput("--expires", str(error), "Write --expires 90d") from None
    token, text = _register(app).create(params["name"], params.get("sources") or (), lifetime)
    app.access.reload()
    return {"token": text, **_shown(token, app.receiving_clock.now())}


def list_(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Every token that was ever made, without its secret."""
    now = app.receiving_clock.now()
    return {"tokens": [_shown(token, now) for token in _register(app).all()]}


def revoke(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Revoke by name or id; what it sent stays."""
    revoked = _register(app).revoke(params["name"])
    app.access.reload()
    now = app.receiving_clock.now()
    return {"revoked": [_shown(token, now) for token in revoked]}


def _register(app: "App") -> "TokenRegister":
    register = app.access.register
    assert register is not None, "the wiring gives it one"
    return register


def _shown(token: "Token", now: "datetime") -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "sources": list(token.sources),
        "state": token.state(now),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "last_used_at": token.last_used_at,
    }


OPERATIONS: dict[str, Operation] = {"create": create, "list": list_, "revoke": revoke}
