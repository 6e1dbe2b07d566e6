"""Turns the bodies that the engine does not read by itself into event lines.

The same function serves the receivers, the import and the recovery, so that a delivery read back
from the table becomes the same records again. How a form is read is told by its file in `forms/`.
"""

from collector.delivery import Delivery
from collector.form import load_forms
from collector.registry import Registry


def prepare(delivery: Delivery, registry: Registry) -> Delivery:
    """Return the delivery with its payload; raises BadInput when no record can be told apart."""
    form = load_forms().get(delivery.protocol)
    if form is None or delivery.payload is not None:
        return delivery
    return form.prepare(delivery, registry)
