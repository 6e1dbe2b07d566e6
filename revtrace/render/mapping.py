"""What a mapping makes of payloads, what is in quarantine, and what a replay did."""

import json
from collections import Counter

from rich.console import Console
from rich.text import Text

from revtrace.document import Document
from revtrace.render.lists import more
from revtrace.render.values import counted, facts, hinted, instant, money, number, state, table

RAW_SHOWN = 200
FAULTS_SHOWN = 5
GOOD_SHOWN = 20
# What the number of a record counts in the files of a format.
PLACES = {"csv": "line", "parquet": "row", "xes": "line"}


def checked(document: Document, console: Console) -> None:
    """Print the events that a source's file makes, and for what it refuses the field and why."""
    told = {
        "source": document["source"],
        "role": document["role"],
        "mapping": f"{document['mapping']}, version {document['mapping_version']}"
        if document["mapping"]
        else "",
    }
    facts(console, told)
    for sample in document["samples"]:
        console.print()
        _sample(sample, console)
    if not document["samples"]:
        console.print("The file is good. Give --sample PAYLOAD to see the events it makes.")
    elif not any(sample["records"] for sample in document["samples"]):
        console.print(Text("No record is in them, so nothing is shown to work.", style="yellow"))
    elif document["ok"]:
        console.print(Text("All records are mapped.", style="green"))
    else:
        console.print(Text("Records that fail would be quarantined.", style="red"))


def _sample(sample: Document, console: Console) -> None:
    """Every record that fails, the first events, and how many there are of each."""
    how = sample["format"]
    if sample["mapping"]:
        how += f" by mapping {sample['mapping']}, version {sample['mapping_version']}"
    console.print(Text(sample["file"], style="bold"), Text(f"({how})", style="dim"))
    outcomes = Counter(record["outcome"] for record in sample["records"])
    shown = 0
    for record in sample["records"]:
        good = record["outcome"] != "quarantined"
        shown += good
        if not good or shown <= GOOD_SHOWN:
            _record(record, PLACES.get(sample["format"], "record"), console)
    if shown > GOOD_SHOWN:
        console.print(
            f"{counted(shown - GOOD_SHOWN, 'more record')} like these: see --json", style="dim"
        )
    console.print(
        f"{counted(len(sample['records']), 'record')}: {counted(outcomes['event'], 'event')},"
        f" {number(outcomes['skipped'])} skipped, {number(outcomes['quarantined'])} refused"
    )


def _record(record: Document, place: str, console: Console) -> None:
    name = f"{place} {record['record']}"
    by = f" by form {record['form']}" if record["form"] else ""
    if record["outcome"] == "skipped":
        console.print(f"{name}: skipped{by}", style="dim")
    elif record["outcome"] == "event":
        console.print(f"{name}: an event{by}", style="green")
        console.print(json.dumps(record["event"], ensure_ascii=False, indent=2))
    else:
        field = f", field {record['field']}" if record["field"] else ""
        console.print(f"{name}: refused, {record['reason']}{field}", style="bold red")
        console.print(f"  {hinted(record['why'], record.get('wanted'))}")
        console.print(f"  {record['raw'][:RAW_SHOWN]}", style="dim")


def quarantined(document: Document, console: Console) -> None:
    """Print quarantined records, one a line, and what they weigh together."""
    if not document["quarantine"]:
        console.print("Nothing is in quarantine.")
        return
    made = table(
        *("record", "received (UTC)", "source", "file", "line", "reason", "field", "amount"),
        *("period", "state"),
        right=("line", "amount"),
        fold=("record", "file"),
    )
    for each in document["quarantine"]:
        made.add_row(
            each["record"],
            instant(each.get("received_at")),
            each.get("source") or "",
            each.get("file") or "",
            number(each["line"]) if each.get("line") else "",
            each["reason"],
            each.get("field") or "",
            money(each.get("amount"), each.get("currency")),
            each.get("period") or "",
            state(each.get("state")),
        )
    console.print(made)
    for each in document.get("amounts", []):
        weight = money(each["amount"], each["currency"])
        console.print(f"{weight} in {counted(each['records'], 'record')}", style="bold")
    more(document["total"], len(document["quarantine"]), console)


def quarantined_record(document: Document, console: Console) -> None:
    """Print one quarantined record with its bytes: what is wrong first, then where it is from."""
    first = ("record", "reason", "field", "meaning", "why", "wanted")
    # The two halves of its name, the bytes below, and a version that nothing was resolved with.
    left_out = {"delivery", "number", "raw", "row"}
    left_out |= set() if document["resolved_version"] else {"resolved_version"}
    rest = [name for name in document if name not in first and name not in left_out]
    facts(console, {name: document[name] for name in (*first, *rest)})
    console.print()
    console.print(document["raw"])
    if document.get("row"):
        console.print("The row as it was received:", style="dim")
        console.print(document["row"])


def replayed(document: Document, console: Console) -> None:
    """Print what a replay did, a line a delivery."""
    if not document["deliveries"]:
        console.print("Nothing that was asked for is in quarantine.")
        return
    right = ("waiting", "admitted", "still refused", "newly refused", "stored")
    made = table("delivery", "mapping", *right, "replay", right=right, fold=("delivery", "replay"))
    for each in document["deliveries"]:
        made.add_row(
            each["origin"],
            f"{each['mapping']} {each['mapping_version']}" if each["mapping"] else "",
            number(each["waiting"]),
            number(each["admitted"]),
            number(each["still"]),
            Text(number(each["broken"]), style="bold red") if each["broken"] else "0",
            "" if document["dry_run"] else number(each["stored"]),
            each["replay"] or ("" if document["dry_run"] else "nothing would change"),
        )
    console.print(made)
    for each in document["deliveries"]:
        if each["problem"]:
            console.print(Text(f"{each['origin']}: {each['problem']}", style="red"))
        for fault in each["faults"][:FAULTS_SHOWN]:
            field = f", field {fault['field']}" if fault["field"] else ""
            since = "newly" if fault["new"] else "still"
            console.print(f"{each['origin']}: {since} {fault['reason']}{field}", style="yellow")
    if document["broken"]:
        console.print(
            f"{counted(document['broken'], 'record')} that the mapping took before it refuses now.",
            style="bold red",
        )
    if document["dry_run"]:
        console.print("Nothing was changed: this was a dry run.", style="dim")
