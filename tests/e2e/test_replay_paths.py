"""A replay is seen by lineage: what it superseded leaves nothing behind, as after a rebuild."""

from pathlib import Path
from typing import Any

import pytest

from collector.delivery import PAYLOAD, Delivery
from core.settings import load_settings
from core.store import Store
from revtrace.operations import perform
from revtrace.wiring import App, build
from tests.collector.sourced import MENDED, body, ticket, tickets_file

# The wheel keeps a row of an object that lost its last event, which says that it has none.
ASKED = {
    "objects": "SELECT object_type, object_id FROM objects FINAL WHERE NOT deleted AND events",
    "paths": "SELECT root, process, amount, currency FROM v_paths",
    "path_objects": "SELECT root, object, grade FROM v_path_objects",
    "findings": "SELECT finding_id, status FROM v_findings",
}

DRIFT = "SELECT status, resolved_by FROM v_findings WHERE subkind = 'schema_drift'"


def seen(store: Store) -> dict[str, Any]:
    """What lineage tells, whatever the numbers of its turns."""
    return {name: store.rows(f"{sql} ORDER BY ALL") for name, sql in ASKED.items()}


def send(app: App, content: bytes) -> None:
    mapping = app.writer.sources.declared["tickets"].mapping
    assert mapping is not None
    given = Delivery(
        content,
        protocol=PAYLOAD,
        source="tickets",
        mapping=mapping.name,
        mapping_version=mapping.version,
    )
    app.writer.commit([app.writer.prepare(given)])


@pytest.mark.parametrize("object_type", ["time_entry", "expense_item"], ids=["amount", "object"])
def test_lineage_after_a_replay_is_that_of_a_rebuild(
    store: Store, tmp_path: Path, object_type: str
) -> None:
    folder = tickets_file(tmp_path)
    settings = load_settings(
        warehouse=store.dsn, database=store.database, home=tmp_path / "home", config=folder,
        now="2026-10-05T12:00:00Z",
    )  # fmt: skip
    app = build(settings)
    try:
        app.open_writer()
        send(app, body(ticket("T1"), ticket("T2", "paid")))
        app.wheel.run_until_idle()
        assert len(seen(store)["paths"]) == 1
        assert store.rows(DRIFT) == [{"status": "open", "resolved_by": ""}]
        tickets_file(tmp_path, version=2, values=MENDED, amount="gross", object_type=object_type)
        done = perform(app, "quarantine.replay", {"all": True, "by": "anna"}, lambda document: None)
        assert (done["ok"], done["admitted"], done["stored"]) == (True, 1, 2)
        app.wheel.run_until_idle()
        turned = seen(store)
        # The good record says an instant before the refused one came: the replay is the proof.
        assert store.rows(DRIFT) == [
            {"status": "resolved", "resolved_by": "a replay of what was refused"}
        ]
        app.wheel.rebuild()
        assert seen(store) == turned
        assert {str(row["amount"]) for row in turned["paths"]} == {"12.0000"}
        listed = perform(app, "quarantine.list", {}, lambda document: None)
        assert (listed["total"], listed["quarantine"]) == (0, [])
        settled = perform(app, "quarantine.list", {"state": "all"}, lambda document: None)
        assert settled["quarantine"][0]["resolved_by"] == "anna"
    finally:
        app.close()
