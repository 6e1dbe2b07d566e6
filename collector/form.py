"""What a form is: a file in `forms/` that names its protocols and turns such bodies into lines.

`PROTOCOLS` are the words that stand in `deliveries.protocol`; `prepare(delivery, mappings)` returns
the delivery with its payload, and with the places of its lines where they differ from the body's.
It MUST be a function of the stored delivery alone, and of registered mappings: receivers, imports
and the recovery call it, and each must get the same lines. It raises BadInput when no record can be
told apart; a single record that cannot be read stays a line that admission refuses.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Protocol, cast

from collector import forms
from collector.delivery import Delivery
from collector.mapping import Mappings
from core.errors import ConfigInvalid


class Form(Protocol):
    """A module of `forms/`."""

    PROTOCOLS: tuple[str, ...]

    def prepare(self, delivery: Delivery, mappings: Mappings) -> Delivery:
        """Return the delivery with its payload; raises BadInput."""


@cache
def load_forms() -> Mapping[str, Form]:
    """Every form by its protocols; raises ConfigInvalid when two files claim the same one."""
    found: dict[str, Form] = {}
    for module in pkgutil.iter_modules(forms.__path__):
        form = cast(Form, importlib.import_module(f"{forms.__name__}.{module.name}"))
        for protocol in form.PROTOCOLS:
            if protocol in found:
                raise ConfigInvalid(f"forms/{module.name}.py", f"'{protocol}' is there twice")
            found[protocol] = form
    return found
