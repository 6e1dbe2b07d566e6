"""Why an object is on no path: what its events say, held against how paths begin.

The reasons are words for programs, `why` and `todo` are for people:

- `no_events`     other objects name it, no event is about it
- `waiting`       the refresh has not taken its events in yet
- `not_linked`    no process begins with its type, and what it was made from is on no path either
- `other_action`  no event of it has an action that a process begins with
- `other_role`    its sources do not have the role that a process begins with, or none at all
- `other_engagement`  there is no process for its engagement
- `made_before`   the declarations fit now, but paths are made with them only by a rebuild
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
EVENTS_SHOWN = 100
NAMES_SHOWN = 5
UNKNOWN = "unknown"
NO_FILE_NAME = re.compile(r"[^\w.]+")
STEM_CHARS_MAX = 60
Row = dict[str, Any]


def explain(store: Store, key: str, class_hash: int) -> Row:
    """The events of an object that is on no path, and why that is; `class_hash` is 0 for one that
    lineage does not know yet.
    """
    object_type, _, object_id = key.partition("/")
    params = {"type": object_type, "id": object_id, "class": class_hash}
    groups = store.rows(SQL["pathless_groups"], params, readonly=True)
    reason, why, todo = _reason(store, object_type, class_hash, groups)
    limit = {"limit": EVENTS_SHOWN}
    return {
        "events": store.rows(SQL["pathless_events"], params | limit, readonly=True),
        "events_total": sum(group["events"] for group in groups),
        "reason": reason,
        "why": why,
        "todo": todo,
    }


def _reason(
    store: Store, object_type: str, class_hash: int, groups: Sequence[Row]
) -> tuple[str, str, str]:
    if not groups:
        return (
            "no_events",
            "other objects name it, but no event is about it",
            "Send the events of the system that it lives in",
        )
    if any(group["waiting"] for group in groups):
        return (
            "waiting",
            "the refresh has not taken its newest events in yet",
            "Run `revtrace refresh`, or wait a moment while `revtrace up` runs",
        )
    starts = store.rows(SQL["process_starts"], {"type": object_type}, readonly=True)
    if starts:
        return _no_beginning(object_type, starts, groups)
    params = {"class": class_hash, "limit": NAMES_SHOWN}
    ups = [row["up"] for row in store.rows(SQL["made_from"], params, readonly=True)]
    why = f"no process begins with the type {object_type}"
    if ups:
        return (
            "not_linked",
            f"{why}, and what it was made from is on no path either: {', '.join(ups)}",
            f"Ask `revtrace trace {ups[0]}` why",
        )
    return (
        "not_linked",
        f"{why}, and no link says what it was made from{_roleless(groups)}",
        "Send `links` to what it was made from, or declare a process that begins with it",
    )


def _no_beginning(
    object_type: str, starts: Sequence[Row], groups: Sequence[Row]
) -> tuple[str, str, str]:
    """Why no process takes an object of a type that processes do begin with."""
    well = [group for group in groups if group["ok"]]
    actions = {action for start in starts for action in start["actions"]}
    acting = [group for group in well if group["action"] in actions]
    if not acting:
        said = _names(group["action"] for group in well) or "only failed ones"
        return (
            "other_action",
            f"a path of a {object_type} begins with the action {_names(actions, ' or ')};"
            f" its events: {said}",
            "Send that event, or declare a process that begins with the action you send",
        )
    fitting = [
        (start, group)
        for start in starts
        for group in acting
        if group["action"] in start["actions"]
        and (not start["roles"] or group["role"] in start["roles"])
    ]
    if not fitting:
        roles = {role for start in starts for role in start["roles"]}
        senders = {group["source"]: group["role"] for group in acting}
        told = "; ".join(f"source {name} has role {role}" for name, role in senders.items())
        name = next((name for name, role in senders.items() if role == UNKNOWN), "")
        return (
            "other_role",
            f"no process begins with them: {told}, and a path of a {object_type} begins with"
            f" role {_names(roles, ' or ')}",
            _declare(name or next(iter(senders)), roles),
        )
    engagements = {start["engagement"] for start in starts}
    if "" not in engagements and not engagements & {group["engagement"] for group in groups}:
        return (
            "other_engagement",
            f"a {object_type} needs the engagement {_names(engagements, ' or ')}"
            " for a process to take it",
            "Send it as context.engagement, or declare a process without one",
        )
    return (
        "made_before",
        "the declarations fit it now, but its path was looked for before they did",
        "Run `revtrace rebuild`",
    )


def _declare(source: str, roles: Iterable[str]) -> str:
    told = _names((f'"{role}"' for role in roles), " or ")
    return (
        f"Declare it: sources/{_file_stem(source)}.toml in the config folder (REVTRACE_CONFIG) with"
        f" name = {json.dumps(source, ensure_ascii=False)} and role = {told};"
        " then run `revtrace rebuild`"
    )


def _file_stem(source: str) -> str:
    """A name for the file of a source: senders are called `/psa/eu` and `urn:acme:psa`, too."""
    return NO_FILE_NAME.sub("-", source.lower()).strip("-.")[:STEM_CHARS_MAX] or "source"


def _roleless(groups: Iterable[Row]) -> str:
    names = _names(group["source"] for group in groups if group["role"] == UNKNOWN)
    return f"; without a role: {names}" if names else ""


def _names(words: Iterable[str], between: str = ", ") -> str:
    return between.join(sorted(set(words))[:NAMES_SHOWN])
