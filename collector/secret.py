"""Secrets of a source: never in its file, which only says where they are: an environment variable
or a file of their own.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from core.declaration import Table
from core.errors import ConfigInvalid
from core.settings import PREFIX

SECRET_BYTES_MAX = 64 * 1024


@dataclass(frozen=True)
class Secret:
    """Where a secret is; read anew each time, so that a rotated one holds at once."""

    env: str = ""
    file: Path | None = None

    def read(self) -> bytes:
        """Return the secret without white space at its ends; raises ConfigInvalid when it is not
        there.
        """
        if self.file is None:
            found = os.environ.get(self.env, "").strip().encode()
            where = f"environment variable {self.env}"
        else:
            where = f"secret file {self.file}"
            try:
                with self.file.open("rb") as opened:
                    found = opened.read(SECRET_BYTES_MAX).strip()
            except OSError as error:
                raise ConfigInvalid(where, f"cannot be read: {error.strerror}") from None
        if not found:
            raise ConfigInvalid(where, "is empty", "Put the secret there")
        return found


def read_secret(table: Table, key: str) -> Secret:
    """`key = { env = "NAME" }` or `key = { file = "path" }`, the path beside the TOML file."""
    if isinstance(table.peek(key), str):
        table.refuse(
            key, "is a secret in a file of settings", f'Write {key} = {{ env = "NAME" }} instead'
        )
    below = table.table(key)
    if below is None:
        table.refuse(key, "is missing", f'Add {key} = {{ env = "NAME" }} or {{ file = "..." }}')
    env, file = below.text("env", ""), below.text("file", "")
    below.close()
    if env.upper().startswith(PREFIX):
        below.refuse(
            "env", f"'{env}' would be a setting, as what begins with {PREFIX} is", "Rename it"
        )
    if bool(env) == bool(file):
        below.refuse("env", "or file, one of them is needed")
    return Secret(env, Path(below.file).parent / file if file else None)
