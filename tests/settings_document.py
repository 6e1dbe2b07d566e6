"""Writes docs/settings.md from the Settings class: `python -m tests.settings_document`."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from core.settings import Section, Settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Read from `revtrace.toml` in the working folder, then from `REVTRACE_*` environment variables, which
win; nested keys are joined with `__`. Unknown keys are refused, in the file and in the environment,
so a misspelt one is noticed: whatever begins with `REVTRACE_` is a setting (but what Kubernetes
sets beside a service called revtrace). An empty variable is one that is not set.

```toml
# revtrace.toml
home = "revtrace-data"

[http]
port = 4318
```

is the same as `REVTRACE_HOME=revtrace-data REVTRACE_HTTP__PORT=4318`.

This page is written by `python -m tests.settings_document`, and a test holds that it is up to date.
"""


def rendered() -> str:
    """Return the page as it must be."""
    parts = [HEAD, "## Top level\n", _table(Settings, "REVTRACE_")]
    for name, section in sections():
        says = " ".join((section.__doc__ or "").split())
        parts += [f"## [{name}]\n", f"{says}\n", _table(section, f"REVTRACE_{name.upper()}__")]
    return "\n".join(parts)


def sections() -> Iterator[tuple[str, type[Section]]]:
    """Yield the nested sections by their key."""
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield name, field.annotation


def _table(model: type[BaseModel], prefix: str) -> str:
    rows = ["| key | variable | default | what it does |", "|---|---|---|---|"]
    nested = {name for name, _ in sections()} if model is Settings else set()
    for name, field in model.model_fields.items():
        if name not in nested:
            variable = f"`{prefix}{name.upper()}`"
            rows.append(f"| `{name}` | {variable} | {_default(field)} | {field.description} |")
    return "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value == "" or value is PydanticUndefined:
        return "-"
    text = str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        text = re.sub(r"(?<=\d)(?=(\d{3})+$)", "_", text)
    return f"`{text}`"


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
