"""Tokens of senders, on the screen."""

from rich.console import Console

from revtrace.document import Document
from revtrace.render.values import facts, instant, state, table

ANY = "any"


def created(document: Document, console: Console) -> None:
    """Print a new token; nothing shows it again."""
    console.print(document["token"], style="bold", soft_wrap=True)
    console.print()
    facts(console, {"name": document["name"], **_scope(document)})
    console.print("It is not shown again. Send it as `Authorization: Bearer TOKEN`.", style="dim")


def listed(document: Document, console: Console) -> None:
    """Print all tokens, one a line."""
    if not document["tokens"]:
        console.print("There is no token yet. `revtrace tokens create NAME` makes one.")
        return
    made = table(
        *("name", "id", "sources", "state", "created (UTC)", "expires (UTC)", "last used (UTC)"),
        fold=("name", "sources"),
    )
    for each in document["tokens"]:
        made.add_row(
            each["name"],
            each["id"],
            ", ".join(each["sources"]) or ANY,
            state(each["state"]),
            instant(each["created_at"]),
            instant(each["expires_at"]) or "never",
            instant(each["last_used_at"]) or "never",
        )
    console.print(made)
    if all(each["state"] != "valid" for each in document["tokens"]):
        console.print("None of them is valid. `revtrace tokens create NAME` makes one.")


def revoked(document: Document, console: Console) -> None:
    """Print what was revoked."""
    for each in document["revoked"]:
        console.print(f"Revoked: {each['name']} ({each['id']}). What it sent stays.")


def _scope(document: Document) -> dict[str, str]:
    return {
        "sources": ", ".join(document["sources"]) or ANY,
        "expires": instant(document["expires_at"]) or "never",
    }
