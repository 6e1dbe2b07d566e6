"""The business words of every name that the engine uses: the one place where labels are written.

A name that is not here is written as its own words (`tax_review` is `Tax review`), so that a
process, source or object type that somebody adds reads well at once.
"""

import re
from collections.abc import Callable
from typing import NamedTuple


class Word(NamedTuple):
    """A label and one sentence that explains it."""

    label: str
    meaning: str = ""


class StageWord(NamedTuple):
    """What a stage is called, and what a revenue event is waiting for that has not reached it."""

    done: str
    waiting: str


# States of a path. The order is the order in which pages list them: what needs people comes first.
PATH_STATES = {
    "failed": Word("Failed", "A system refused it and nothing has put it right yet."),
    "overdue": Word("Overdue", "The next step is past its time limit."),
    "in_flight": Word("In flight, on time", "On its way, within its time limits."),
    "complete": Word("Complete", "It reached the last step that its process asks for."),
    "cancelled": Word(
        "Cancelled", "Withdrawn or rejected at its source; nothing is expected of it."
    ),
}
OPEN_STATES = ("failed", "overdue", "in_flight")
STUCK_STATES = ("failed", "overdue")

STAGE_STATES = {
    "done": Word("Done", "Reached within its time limit."),
    "late": Word("Done late", "Reached, after its time limit."),
    "failed": Word("Failed", "A system refused it and nothing has put it right yet."),
    "overdue": Word("Overdue", "Not reached, and past its time limit."),
    "skipped": Word("Skipped", "A later step is done, this one never happened."),
    "pending": Word("Waiting", "Not reached yet."),
}

# The order is the order of business: charts list the stages of all processes in it.
STAGES = {
    "won": StageWord("Won", "To be won"),
    "contracted": StageWord("Contracted", "To be contracted"),
    "project_in_psa": StageWord("In the project system", "Project to be set up"),
    "customer_in_erp": StageWord("Customer in the ERP", "Customer to reach the ERP"),
    "project_in_erp": StageWord("Project in the ERP", "Project to reach the ERP"),
    "approved": StageWord("Approved", "To be approved"),
    "amended": StageWord("In force", "To come into force"),
    "reforecast": StageWord("Reforecast", "To be reforecast"),
    "reallocated": StageWord("Reallocated", "To be reallocated"),
    "billed": StageWord("Billed", "To be billed"),
    "published": StageWord("Sent to integration", "To be sent to integration"),
    "mapped": StageWord("Translated for the ERP", "To be translated for the ERP"),
    "invoiced": StageWord("Invoiced", "To be invoiced"),
    "issued": StageWord("Issued", "To be issued"),
    "recorded": StageWord("Recorded", "To be recorded"),
    "scheduled": StageWord("Scheduled", "To be scheduled"),
    "deferred": StageWord("Deferred", "To be deferred"),
    "recognized": StageWord("Recognized", "To be recognized"),
    "requested": StageWord("Payment requested", "Payment to be requested"),
    "received": StageWord("Received", "To be received"),
    "paid": StageWord("Paid", "To be paid"),
    "applied": StageWord("Applied", "To be applied"),
    "posted": StageWord("Posted to the ledger", "To be posted to the ledger"),
    "reported": StageWord("In the report", "To reach the report"),
}

PROCESSES = {
    "time_and_materials": Word("Time and materials"),
    "expenses": Word("Expenses"),
    "milestone_billing": Word("Milestone billing"),
    "fixed_fee": Word("Fixed fee"),
    "percent_complete": Word("Percent complete"),
    "retainer": Word("Retainer"),
    "recognition": Word("Revenue recognition"),
    "contract_change": Word("Contract changes"),
    "credits": Word("Credit memos"),
    "write_offs": Word("Write-offs"),
    "cash": Word("Cash"),
    "project_setup": Word("Project set-up"),
}

KINDS = {
    "sla_breach": Word("Time limit missed", "A step took, or is taking, longer than allowed."),
    "failed_event": Word("Refused by a system", "A system answered with an error."),
    "duplicate": Word("Duplicate", "One business fact is there twice."),
    "missing_source": Word("No source", "An ERP record that nothing upstream accounts for."),
    "conformance": Word("Out of process", "Steps came in the wrong order, or not at all."),
    "value_break": Word("Amounts differ", "What went into a step is not what came out."),
    "reconciliation_break": Word(
        "Control does not hold", "A reconciliation is outside its tolerance."
    ),
    "silent_source": Word("Silent source", "A system has sent nothing for longer than expected."),
    "governance": Word("Governance", "Hygiene of the data that arrives."),
}

SUBKINDS = {
    "overdue": Word("Overdue now"),
    "contract_value_agrees": Word("Contract values agree"),
    "delivery_billed": Word("Approved delivery is billed"),
    "billing_posted": Word("Billing is posted in the ERP"),
    "deferred_rollforward": Word("Deferred revenue rolls forward"),
    "recognition_supported": Word("Recognition is supported by delivery"),
    "billing_within_contract": Word("Billing stays within the contract"),
    "late": Word("Done late"),
    "cutoff": Word("Misses the close"),
    "mapping": Word("Mapping missing"),
    "rate_card": Word("Rate card missing"),
    "customer_terms": Word("Customer terms"),
    "tax": Word("Tax"),
    "legal_entity": Word("Legal entity"),
    "validation": Word("Validation"),
    "period_closed": Word("Period closed"),
    "auth": Word("Sign-in refused"),
    "rate_limit": Word("Too many requests"),
    "timeout": Word("No answer in time"),
    "connection": Word("Connection lost"),
    "unknown": Word("Unknown reason"),
    "conflict": Word("Same event, other content"),
    "posting": Word("Posted twice"),
    "business": Word("Entered twice"),
    "orphan_posting": Word("Posting without a source"),
    "out_of_order": Word("Wrong order"),
    "skipped_stage": Word("Step skipped"),
    "late_approval": Word("Approved after cutoff"),
    "stale_terms": Word("Old contract terms"),
    "early_start": Word("Started before set-up"),
    "no_evidence": Word("No evidence"),
    "self_approval": Word("Approved by the submitter"),
    "unknown_source": Word("Unknown source"),
    "correlation_reused": Word("Reference used too often"),
    "link_cycle": Word("Circular links"),
    "no_process": Word("No process"),
    "unmapped_field": Word("Unknown field"),
    "schema_drift": Word("Changed format"),
}

CLASSES = {
    "finance_critical": Word("Finance critical", "Money, the close or the books are affected."),
    "transient": Word("Transient", "Usually passes by itself or on a retry."),
    "governance": Word("Governance", "Hygiene; nothing is stuck."),
}

SEVERITIES = {
    "critical": Word("Critical"),
    "warning": Word("Warning"),
    "info": Word("Information"),
}

FINDING_STATUSES = {
    "open": Word("Open"),
    "acknowledged": Word("Acknowledged"),
    "resolved": Word("Resolved"),
    "waived": Word("Waived"),
}

# What people do about findings, as their cases say it.
CASE_ACTIONS = {
    "acknowledged": Word("Acknowledged"),
    "assigned": Word("Assigned"),
    "commented": Word("Commented"),
    "resolved": Word("Resolved"),
    "waived": Word("Waived"),
    "reopened": Word("Reopened"),
    "closed": Word("Over by the data"),
}

GRADES = {
    "root": Word("The revenue event itself", "Where this path starts."),
    "asserted": Word("Stated by the system", "A system itself said what this was made from."),
    "alias": Word("Same thing, other name", "Reached by way of a second name of one thing."),
    "correlated": Word(
        "Matched by reference", "Both carry the same reference; nobody stated the link."
    ),
    "inferred": Word("Inferred by a rule", "A declared rule matched contract, amount and time."),
}

OUTCOMES = {
    "ok": Word("OK"),
    "failed": Word("Failed"),
    "retrying": Word("Retrying"),
    "skipped": Word("Skipped"),
}

MEASURES = {
    "contract_value": Word("contract value"),
    "approved": Word("approved"),
    "billed": Word("billed"),
    "deferred": Word("deferred"),
    "recognized": Word("recognized"),
    "written_off": Word("written off"),
    "collected": Word("collected"),
}

ROLES = {
    "crm": Word("CRM"),
    "psa": Word("Project system"),
    "hcm": Word("HR system"),
    "expense": Word("Expense system"),
    "billing": Word("Billing"),
    "middleware": Word("Integration"),
    "erp": Word("ERP"),
    "analytics": Word("Reporting"),
    "unknown": Word("Unknown role"),
}

OBJECT_TYPES = {
    "progress_update": Word("Progress update"),
    "journal_posting": Word("Ledger posting"),
    "billing_event": Word("Billing event"),
    "revenue_schedule": Word("Revenue schedule"),
    "write_off": Word("Write-off"),
}

_KEYS = re.compile(
    r"\b(customer|opportunity|contract|change_order|project|resource|time_entry|expense_item|milestone"
    r"|progress_update|retainer_period|billing_event|invoice|credit_memo|write_off|revenue_schedule"
    r"|journal_posting|payment|report)/(?=\S)"
)
# How an explanation names a stage; elsewhere it is the plain word.
_STAGE = re.compile(
    r"\b(?:(?<=reached )|(?<=before )|(?<=to )|(?<=without )|(?<=for ))stage ([a-z][a-z0-9_]*)"
    r"|^Stage ([a-z][a-z0-9_]*)(?= was )"
)

# Words that are not written like other words.
_CAPITALS = {"crm": "CRM", "erp": "ERP", "psa": "PSA", "hcm": "HCM", "ai": "AI", "us": "US"}
_PLACES = {"us": "US", "uk": "UK", "emea": "EMEA", "apac": "APAC", "amer": "AMER"}
_PRODUCTS = {
    "netsuite": "NetSuite",
    "dynamics365": "Dynamics 365",
    "dynamics": "Dynamics",
    "mulesoft": "MuleSoft",
    "quickbooks": "QuickBooks",
    "psa": "PSA",
    "crm": "CRM",
    "erp": "ERP",
    "hcm": "HCM",
    "sap": "SAP",
}


def label(words: dict[str, Word], name: str) -> str:
    """The business word for a name of one of the dictionaries above."""
    word = words.get(name)
    return word.label if word else plain(name)


def plain(name: str) -> str:
    """Write a snake_case name as words: `tax_review` is `Tax review`."""
    words = [_CAPITALS.get(word, word) for word in name.replace("-", " ").split("_")]
    text = " ".join(words).strip()
    return text[:1].upper() + text[1:]


def stage_done(name: str) -> str:
    """`Invoiced`."""
    word = STAGES.get(name)
    return word.done if word else plain(name)


def stage_waiting(name: str) -> str:
    """`To be invoiced`."""
    word = STAGES.get(name)
    return word.waiting if word else f"Waiting for: {plain(name).lower()}"


def stage_place(name: str) -> tuple[int, str]:
    """Key that sorts stages in the order of business; unknown ones come last by name."""
    places = {stage: place for place, stage in enumerate(STAGES)}
    return places.get(name, len(places)), name


def system(source: str) -> str:
    """A source as people call it: `netsuite-us` is `NetSuite US`."""
    parts = source.replace("_", "-").split("-")
    words = [_PRODUCTS.get(part) or _PLACES.get(part) or part for part in parts]
    text = " ".join(words)
    return text[:1].upper() + text[1:] if text[:1].islower() else text


def object_name(key: str) -> str:
    """A key `type/id` as people say it: `Invoice INV-1001`; that of a control by what it compares,
    that of a source by the system.
    """
    if (control := compared(key)) is not None:
        contract = control["contract"] or "No contract"
        return f"{contract}, {control['period']}, {control['currency']}"
    kind, _, identity = key.partition("/")
    if kind == "source" and identity:
        return system(identity)
    return f"{label(OBJECT_TYPES, kind)} {identity}" if identity else key


def compared(key: str) -> dict[str, str] | None:
    """What a control compares, by the names of a comparison's filters: the key of its finding is
    `control/name/contract/currency/period/entity`. None for any other key.
    """
    kind, *parts = key.split("/")
    if kind != "control" or len(parts) < 5:
        return None
    name, *contract, currency, period, entity = parts
    return {
        "control": name,
        "contract": "/".join(contract),
        "currency": currency,
        "period": period,
        "entity": entity,
    }


def finding(kind: str, subkind: str) -> str:
    """What a finding is, in one phrase: `Refused by a system: rate card missing`."""
    if not subkind:
        return label(KINDS, kind)
    second = label(SUBKINDS, subkind)
    second = second if second[:2].isupper() else second[:1].lower() + second[1:]
    return f"{label(KINDS, kind)}: {second}"


def worded(explanation: str, key: str = "") -> str:
    """An explanation of the engine with its keys and stages in business words; `key` is that of
    what it is about, whose type may be one that somebody added.
    """
    kind, _, identity = key.partition("/")
    if identity:
        known = label(OBJECT_TYPES, kind).lower()
        explanation = re.sub(rf"\b{re.escape(kind)}/(?=\S)", lambda _: f"{known} ", explanation)
    said = _KEYS.sub(lambda found: f"{label(OBJECT_TYPES, found[1]).lower()} ", explanation)
    # What a system itself said of a failure comes behind the colon, and its words are its own.
    ours, colon, theirs = said.partition(": ") if " failed at " in said else (said, "", "")
    ours = _STAGE.sub(lambda found: f"step “{stage_done(found[1] or found[2])}”", ours)
    said = re.sub(r"\bstage\b", "step", ours) + colon + theirs
    return said[:1].upper() + said[1:]


def of(words: dict[str, Word], all_of_them: str) -> Callable[[str], str]:
    """How a filter writes its options; '' is all of them."""
    return lambda name: label(words, name) if name else all_of_them


def entity(name: str) -> str:
    """How a filter writes a legal entity."""
    return name or "All legal entities"
