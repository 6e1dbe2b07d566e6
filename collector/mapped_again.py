"""What its mapping says of a record in quarantine. The sentence is not kept: the kept bytes are
mapped again by the mapping that is named there. Reads only.
"""

from itertools import islice

from collector.delivery import PAYLOAD
from collector.mapping import AnyMapping, CsvMapping
from collector.payload import mapped
from collector.payload_mapping import PayloadMapping
from collector.prepare import received
from collector.registry import Registry
from core.errors import NotFound
from core.event import Reason
from core.wanted import OF_FORM, wanted

VALUES_TOLD = 20


def why_unmapped(registry: Registry, delivery: str, record: int) -> str:
    """Why the mapping of a delivery makes no event of its record of that place; empty where no
    mapping of payloads refused it. Raises NotFound for a delivery that is not there.
    """
    given = registry.delivery(delivery)
    origin = received(given, registry)
    mapping = _mapping(registry, given.mapping, given.mapping_version)
    if origin.protocol != PAYLOAD or not isinstance(mapping, PayloadMapping):
        return ""
    # Each record makes one line, so that the place of a line is that of its record.
    made = next(islice(mapped(origin.body, mapping, origin.source), record - 1, None), None)
    refusal = made.refusal if made else None
    return refusal.why if refusal and refusal.reason is Reason.UNMAPPED else ""


def wanted_of(registry: Registry, name: str, version: int, reason: str, field: str) -> str:
    """What is wanted of a field that was refused, by the mapping of that name or the contract."""
    return wanted_by(_mapping(registry, name, version), reason, field)


def wanted_by(mapping: AnyMapping | None, reason: str, field: str) -> str:
    """What a mapping of rows wants of the column that fills a field, where it says more than the
    contract does; else what the contract wants.
    """
    if isinstance(mapping, CsvMapping) and reason in OF_FORM:
        if field == "action" and mapping.activities and mapping.other_activities == "quarantine":
            known = list(mapping.activities)
            more = ", ..." if len(known) > VALUES_TOLD else ""
            told = ", ".join(known[:VALUES_TOLD])
            return f"one of the values of [[activity.value]]: {told}{more}"
        if field == "occurred_at" and mapping.time_format:
            return f"a time in the format of [time]: {mapping.time_format}"
        if field == "money.amount" and (mapping.decimal != "." or mapping.thousands):
            apart = f", '{mapping.thousands}' between thousands" if mapping.thousands else ""
            return f"a number as [csv] says: '{mapping.decimal}' before its decimals{apart}"
    return wanted(reason, field)


def _mapping(registry: Registry, name: str, version: int) -> AnyMapping | None:
    """The mapping of that name; None for events as they are, which have none."""
    try:
        return registry.mapping(name, version)
    except NotFound:
        return None
