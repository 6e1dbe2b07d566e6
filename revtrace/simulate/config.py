"""The configuration that fits the simulated quarter: calendars of its entities, its sources, and
the process of what only this firm sells.

Written beside the events as a config folder, so that the quarter is judged by the calendar it was
simulated with, whatever day it is.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from revtrace.simulate.firm import ENTITIES, SOURCES, Entity
from revtrace.simulate.quarter import Quarter
from revtrace.simulate.tape import stamp

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_WEEKS_BEFORE = timedelta(weeks=26)

# Billed as a retainer is; a service period of another engagement has no process.
_MANAGED_SERVICES = """# A fixed fee a period, for the one engagement that was declared.
name = "managed_services"
root = "service_period"
engagement = "managed_service"

[[stage]]
name = "approved"
object = "service_period"
actions = ["approved"]
roles = ["psa"]

[[stage]]
name = "billed"
object = "billing_event"
actions = ["created"]
roles = ["psa"]
within = "8h"
within_at_close = "4h"
clock = "business"

[[stage]]
name = "published"
object = "billing_event"
actions = ["published"]
within = "4h"
within_at_close = "1h"

[[stage]]
name = "mapped"
object = "billing_event"
actions = ["mapped"]
roles = ["middleware"]
within = "2h"
within_at_close = "1h"

[[stage]]
name = "invoiced"
object = "invoice"
actions = ["posted"]
roles = ["erp"]
within = "8h"
within_at_close = "4h"
clock = "business"

[[stage]]
name = "posted"
object = "journal_posting"
actions = ["posted"]
roles = ["erp"]
within = "8h"
within_at_close = "2h"
clock = "business"

[[stage]]
name = "reported"
object = "journal_posting"
actions = ["reported"]
roles = ["analytics"]
required = false

[cutoff]
stage = "invoiced"
"""


def write_config(folder: Path, quarter: Quarter) -> None:
    """Write `calendars/*.toml`, `processes/*.toml` and `sources/*.toml`; they replace the shipped
    ones of that name.
    """
    for name in ("calendars", "processes", "sources"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for entity in ENTITIES:
        path = folder / "calendars" / f"{entity.id.lower()}.toml"
        path.write_text(_calendar(entity, quarter), encoding="utf-8")
    path = folder / "processes" / "managed_services.toml"
    path.write_text(_MANAGED_SERVICES, encoding="utf-8")
    for source, role, system, every in SOURCES:
        text = f'name = "{source}"\nrole = "{role}"\nsystem = "{system}"\n'
        text += f'expected_every = "{every}"\n'
        (folder / "sources" / f"{source}.toml").write_text(text, encoding="utf-8")


def _calendar(entity: Entity, quarter: Quarter) -> str:
    lines = [f'legal_entities = ["{entity.id}"]', f'time_zone = "{entity.zone}"', "", "[hours]"]
    lines += [f'{day} = ["09:00-17:00"]' for day in _WEEKDAYS]
    lines += ["", "[fiscal]", f'periods = "{quarter.fiscal}"']
    if quarter.fiscal == "4-4-5":
        first = quarter.start - _WEEKS_BEFORE
        if (first.month, first.day) == (2, 29):
            first += timedelta(days=1)
        lines += [f'year_starts = "{first:%m-%d}"', 'week_starts = "sunday"']
        lines += ['year_named_by = "start"']
    lines += ["", "[close]", "days_before = 3", "days_after = 5"]
    lines += ["", "[billing_cutoff]", "business_day = 1", 'at = "17:00"']
    lines += ["", "[books_close]", "business_day = 5", 'at = "18:00"']
    for period in quarter.all_periods:
        lines += ["", f'[periods."{period.name}"]', f'books_close = "{stamp(period.books_close)}"']
    return "\n".join(lines) + "\n"
