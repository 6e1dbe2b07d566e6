"""Whom a question goes to: the reader of what is known now or, with `--as-of`, of what was known
then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import NotFound
from revtrace.document import Document
from revtrace.operations import Params, Progress, instant_of

if TYPE_CHECKING:
    from lineage.reader import Reader
    from revtrace.wiring import App


@contextmanager
def asked(
    app: "App", params: Params, progress: Progress, key: str = ""
) -> "Iterator[tuple[Reader, datetime, Document]]":
    """Yield a reader, the instant to judge by, and what the document says of it besides.

    With a key the reader of an earlier instant knows what is connected with that object only. What
    was known then is judged then, unless `--now` says otherwise.
    """
    if not params.get("as_of"):
        yield app.reader, instant_of(app, params), {}
        return
    from lineage.as_of import Past

    at = datetime.fromisoformat(params["as_of"])
    now = instant_of(app, params) if params.get("now") else at
    past = Past(app.store, app.settings.lineage, app.clock, app.declared)

    def tell(text: str, events: int) -> None:
        progress({"text": text, "done": events, "unit": "events"})

    with past.reader(at, tell, key, app.cases.copy_into) as (reader, known):
        try:
            yield reader, now, {"as_of": known}
        except NotFound as error:
            raise NotFound(
                f"{error.what} as of {params['as_of']}",
                "no event that was admitted by then names it",
                "Give a later --as-of, or none",
            ) from error
