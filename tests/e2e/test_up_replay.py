"""A mapping is mended while `revtrace up` runs: the replay goes through its socket, and the hook
takes the new mapping at once.
"""

from pathlib import Path

import httpx

from tests.collector.sourced import MENDED, body, ticket, tickets_file
from tests.e2e.service import Home, until


def test_a_mended_mapping_is_replayed_by_the_running_service(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    folder = tickets_file(config)
    home = Home(tmp_path, {"REVTRACE_CONFIG": str(folder)})
    content = body(ticket("T1"), ticket("T2", "paid"))
    with home.start("up") as up:

        def hook() -> dict[str, int]:
            url = f"{up.told['collector']}/hooks/tickets"
            answer = httpx.post(url, content=content, timeout=60, trust_env=False)
            assert answer.status_code == 200, answer.text
            told: dict[str, int] = answer.json()
            return told

        assert hook()["quarantined"] == 1
        # What was answered is visible a moment later.
        until(home, "quarantine", "list", holds=lambda told: told["total"] == 1)
        tickets_file(folder, version=2, values=MENDED)
        assert home.ask("quarantine", "replay", "--all", "--dry-run")["admitted"] == 1
        done = home.ask("quarantine", "replay", "--all")
        assert (done["admitted"], done["stored"], done["duplicates"]) == (1, 1, 1)
        assert (hook()["quarantined"], hook()["duplicates"]) == (0, 2)
        assert home.ask("quarantine", "list")["total"] == 0
        (folder / "sources" / "tickets.toml").write_text("name =")
        wrong = home.run("quarantine", "replay", "--all")
        assert wrong.returncode == 2
        assert "tickets.toml" in wrong.stderr
        assert hook()["duplicates"] == 2
        tickets_file(folder, version=2, values=MENDED)
        assert home.ask("status")["identity"]["holds"]
        up.stop()
