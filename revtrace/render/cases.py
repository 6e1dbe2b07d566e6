"""Cases, on the screen."""

from rich.console import Console

from revtrace.document import Document
from revtrace.render.lists import ID_SHOWN
from revtrace.render.values import facts, instant, money, number, state, table


def shown(document: Document, console: Console) -> None:
    """Print a finding as it stands, and its case line by line."""
    finding = document["finding"]
    console.print(finding["explanation"])
    console.print()
    facts(
        console,
        {
            "finding": finding["finding_id"],
            "status": state(finding["status"]),
            "by": finding["decided_by"] or finding["resolved_by"],
            "until": instant(finding["decided_until"]),
            "note": finding["note"],
            "assigned to": finding["assignee"],
            "amount": money(finding["amount"], finding["currency"]),
            "object": finding["object"],
        },
    )
    if not document["entries"]:
        console.print("Nobody has decided anything about it.", style="dim")
        return
    console.print()
    made = table(
        *("when (UTC)", "what", "who", "until (UTC)", "amount then", "note"),
        right=("amount then",),
        fold=("note",),
    )
    for each in document["entries"]:
        made.add_row(
            instant(each["at"]),
            " ".join(filter(None, [each["action"], each["assignee"] and f"to {each['assignee']}"])),
            each["person"] or "revtrace",
            instant(each["until"]),
            money(each["amount"], each["currency"]),
            each["note"],
        )
    console.print(made)


def listed(document: Document, console: Console) -> None:
    """Print the findings that have a case, one a line."""
    if not document["cases"]:
        console.print("Nobody has decided anything yet. `revtrace case ack FINDING` does.")
        return
    made = table(
        *("finding", "what", "object", "amount", "status", "last", "who", "until (UTC)"),
        *("assigned to", "entries", "last (UTC)", "note"),
        right=("amount", "entries"),
        fold=("object", "note"),
    )
    for each in document["cases"]:
        made.add_row(
            each["finding_id"][:ID_SHOWN],
            "/".join(filter(None, [each["kind"], each["subkind"]])),
            each["object"],
            money(each["amount"], each["currency"]),
            state(each["status"]),
            each["last_action"],
            each["decided_by"] or each["last_person"],
            instant(each["decided_until"]),
            each["assignee"],
            number(each["entries"]),
            instant(each["last_at"]),
            each["note"] if each["decided_by"] else each["last_note"],
        )
    console.print(made)
    if any(each["status"] == "gone" for each in document["cases"]):
        console.print("gone: by what is known now it never was so; `case show FINDING` tells more.")
