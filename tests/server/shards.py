"""A cluster of two genuine servers, with the events spread over both as docs/sharding.md says."""

import re
from dataclasses import dataclass
from pathlib import Path

from core.store import Store
from tests.server.genuine import WRITER, WRITER_PASSWORD, GenuineServer

DOCUMENT = Path(__file__).parents[2] / "docs" / "sharding.md"
BLOCK = re.compile(r"^ *```sql (\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SHARD = (
    "<shard><replica><host>127.0.0.1</host><port>{port}</port>"
    f"<user>{WRITER}</user><password>{WRITER_PASSWORD}</password></replica></shard>"
)


@dataclass
class ShardServer(GenuineServer):
    """One server that knows the cluster `shards`."""

    ports: tuple[int, ...] = ()

    def _config(self) -> Path:
        config = super()._config()
        shards = "".join(SHARD.format(port=port) for port in self.ports)
        cluster = f"<remote_servers><shards>{shards}</shards></remote_servers></clickhouse>"
        config.write_text(config.read_text().replace("</clickhouse>", cluster))
        return config


def start(folder: Path) -> tuple[ShardServer, ShardServer]:
    """Start both; the first is the one to talk to."""
    first, second = ShardServer(folder / "first"), ShardServer(folder / "second")
    first.ports = second.ports = (first.tcp_port, second.tcp_port)
    for each in (first, second):
        each.start()
    return first, second


def spread(first: Store, second: Store) -> None:
    """Run the statements of the document on two migrated and empty warehouses."""
    blocks = {name: _statements(text) for name, text in BLOCK.findall(DOCUMENT.read_text())}
    for statement in blocks["every"]:
        first.command(statement)
        second.command(statement)
    for statement in blocks["first"]:
        first.command(statement)


def _statements(block: str) -> list[str]:
    return [each.strip() for each in re.split(r";\s*$", block, flags=re.MULTILINE) if each.strip()]
