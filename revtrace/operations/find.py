"""The paths that a key leads to, whatever kind of key it is."""

import logging
from typing import TYPE_CHECKING, Any

from core.errors import ConfigInvalid
from revtrace.operations import Operation, Params, Progress, instant_of

if TYPE_CHECKING:
    from revtrace.wiring import App

log = logging.getLogger(__name__)


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """All of them unless `limit` is given."""
    now, limit = instant_of(app, params), params.get("limit")
    tokens = _tokens(app, params["key"])
    if not tokens:
        document: dict[str, Any] = app.reader.find(params["key"], now, limit)
        return document
    found = [app.reader.find(key, now) for key in (params["key"], *tokens)]
    matches = {(row["found_as"], row["object"]): row for each in found for row in each["matches"]}
    paths = {row["root"]: row for each in found for row in each["paths"]}
    return {
        "key": params["key"],
        "tokens": [each["key"] for each in found[1:] if each["matches"] or each["paths"]],
        "named": sorted({each for one in found for each in one["named"]}),
        "matches": list(matches.values()),
        "paths": list(paths.values())[:limit],
        "paths_total": len(paths),
    }


def _tokens(app: "App", key: str) -> list[str]:
    """What the key is called where a source's redaction made a token of it."""
    try:
        return app.redactor().tokens(key)
    except ConfigInvalid as error:
        # Whoever asks may not have the keys; what is stored in clear is found all the same.
        log.warning("values that were made tokens are not searched: %s", error)
        return []


OPERATIONS: dict[str, Operation] = {"run": run}
