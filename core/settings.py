"""Settings: `revtrace.toml` in the working folder, then `REVTRACE_*`, nested with `__`.

Mechanism lives here, the keys in `core.sections`. Unknown keys are refused, since a misspelt one
that is silently ignored is worse than none.
"""

import difflib
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core.clock import Clock, FixedClock, SystemClock
from core.errors import ConfigInvalid
from core.sections import (
    AccessSettings,
    AlertSettings,
    CollectorSettings,
    DashboardSettings,
    EngineSettings,
    GrpcSettings,
    HttpSettings,
    LineageSettings,
    LogSettings,
    Section,
    ServiceSettings,
    TelemetrySettings,
)

__all__ = [
    "AccessSettings",
    "AlertSettings",
    "CollectorSettings",
    "DashboardSettings",
    "EngineSettings",
    "GrpcSettings",
    "HttpSettings",
    "LineageSettings",
    "LogSettings",
    "Section",
    "ServiceSettings",
    "Settings",
    "TelemetrySettings",
    "load_settings",
]
PREFIX = "REVTRACE_"
# What Kubernetes sets in every container beside a service that is called revtrace, e.g.
# REVTRACE_SERVICE_HOST and REVTRACE_PORT=tcp://10.0.0.1:4318. It is nobody's setting.
OF_KUBERNETES = re.compile(
    r"REVTRACE_([A-Z0-9]+_)*(SERVICE_(HOST|PORT(_[A-Z0-9]+)*)=.*|PORT(_\d+_(TCP|UDP))?=\w+://.*"
    r"|PORT_\d+_(TCP|UDP)_(PROTO|PORT|ADDR)=.*)",
    re.DOTALL,
)


class Settings(BaseSettings):
    """Everything a user can set; `load_settings()` reads it, nothing else does."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        toml_file="revtrace.toml",
        # `REVTRACE_NOW=` is how a shell or a compose file says that a variable is not set.
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    home: Path = Field(
        Path("revtrace-data"), description="Folder for everything revtrace keeps on disk."
    )
    # A secret, since the DSN of a server carries a password: nothing shows it unasked.
    warehouse: SecretStr = Field(
        SecretStr(""),
        description="DSN of the warehouse; empty means the embedded one in the home folder.",
    )
    database: str = Field(
        "revtrace", description="Database of the warehouse that revtrace lives in."
    )
    cluster: str = Field(
        "",
        description="Cluster name; set, it makes tables replicated. Only before the first start.",
    )
    config: Path | None = Field(
        None, description="Folder that adds to and overrides the shipped declarations."
    )
    now: datetime | None = Field(None, description="Fixes the clock, to judge old data as of then.")
    engine: EngineSettings = EngineSettings()
    http: HttpSettings = HttpSettings()
    grpc: GrpcSettings = GrpcSettings()
    access: AccessSettings = AccessSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    dashboards: DashboardSettings = DashboardSettings()
    collector: CollectorSettings = CollectorSettings()
    lineage: LineageSettings = LineageSettings()
    alerts: AlertSettings = AlertSettings()
    log: LogSettings = LogSettings()
    service: ServiceSettings = ServiceSettings()

    @field_validator("now")
    @classmethod
    def _now_has_an_offset(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs an offset, e.g. 2026-09-30T12:00:00Z")
        return value

    @model_validator(mode="after")
    def _one_body_fits(self) -> "Settings":
        """A body is held as it was sent and as it is decompressed; one alone must find room."""
        bounds = {
            "http.body_bytes_max": self.http.body_bytes_max,
            "grpc.message_bytes_max": self.grpc.message_bytes_max,
        }
        for name, bound in bounds.items():
            if 2 * bound > self.collector.bodies_bytes_max:
                raise ValueError(
                    f"collector.bodies_bytes_max ({self.collector.bodies_bytes_max}) must be at "
                    f"least twice {name} ({bound})"
                )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def dsn(self) -> str:
        """Return the DSN of the warehouse, the embedded one in the home folder when none is set.

        It may hold a password: whatever is shown goes through `telemetry.without_secrets`.
        """
        dsn = self.warehouse.get_secret_value()
        return dsn or f"chdb://{self.home.resolve() / 'warehouse'}"

    def embedded(self) -> bool:
        """Say whether the warehouse is the embedded engine."""
        return self.dsn().startswith("chdb:")

    def clock(self) -> Clock:
        """Return the fixed clock when `now` is set, else the machine's."""
        return FixedClock(self.now) if self.now else SystemClock()


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raises ConfigInvalid that names each wrong key and why."""
    wrong = _unknown_variables(os.environ)
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        wrong += [_fault(each["type"], each["loc"], each["msg"]) for each in error.errors()]
    if wrong:
        raise ConfigInvalid(
            "settings",
            "; ".join(wrong),
            "Check revtrace.toml and the REVTRACE_* environment variables",
        )
    return settings


def _unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """What is wrong with the variables that begin as settings do and are none; an empty one says
    nothing. A key within a section is refused with those of the file.
    """
    keys = _names(Settings)
    known = {f"{PREFIX}{key.upper().replace('.', '__')}" for key in keys}
    sections = {f"{PREFIX}{key.partition('.')[0].upper()}" for key in keys if "." in key}
    wrong = []
    for variable, value in environment.items():
        name = variable.upper()
        section, _, key = name.partition("__")
        if not name.startswith(PREFIX) or not value or name in known:
            continue
        if (key and section in sections) or OF_KUBERNETES.fullmatch(f"{name}={value}"):
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        hint = f"did you mean {near[0]}?" if near else f"only settings begin with {PREFIX}"
        wrong.append(f"{variable} is unknown; {hint}")
    return sorted(wrong)


def _fault(kind: str, loc: tuple[int | str, ...], message: str) -> str:
    """What is wrong with one key; an unknown one is often a misspelt one."""
    name = ".".join(str(part) for part in loc)
    if kind != "extra_forbidden":
        message = message.removeprefix("Value error, ")
        return f"{name}: {message}" if name else message
    near = difflib.get_close_matches(name, _names(Settings), n=1, cutoff=0.7)
    return f"{name} is unknown" + (f"; did you mean {near[0]}?" if near else "")


def _names(model: type[BaseModel], before: str = "") -> list[str]:
    """Every key of the settings, sections included, as `http.port`."""
    names: list[str] = []
    for name, field in model.model_fields.items():
        names.append(f"{before}{name}")
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += _names(field.annotation, f"{before}{name}.")
    return names
