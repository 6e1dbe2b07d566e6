"""Certificates: read and checked once, before anything starts, for every port that speaks TLS."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ConfigInvalid


@dataclass(frozen=True)
class Tls:
    """A certificate chain with its key, as a server of Python wants it and as gRPC does."""

    context: ssl.SSLContext
    certificate: bytes
    key: bytes = field(repr=False)


def read_tls(section: str, certificate: Path | None, key: Path | None) -> Tls | None:
    """Read the files of one section of the settings, None where neither is set; raises
    ConfigInvalid that names the file that is wrong.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = f"{section}.tls_certificate" if certificate is None else f"{section}.tls_key"
        raise ConfigInvalid(
            missing, "is not set, but the other file of TLS is", "Set both, or neither"
        )
    chain = _read(f"{section}.tls_certificate", certificate)
    secret = _read(f"{section}.tls_key", key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # A key with a passphrase would ask the terminal for it, where nobody may be.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, ValueError) as error:
        raise ConfigInvalid(
            f"{section}.tls_certificate {certificate} with {section}.tls_key {key}",
            f"is no certificate with its key: {error}",
            "Give a chain in PEM, and its own key in PEM without a passphrase",
        ) from None
    return Tls(context, chain, secret)


def _read(setting: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigInvalid(
            f"{setting}, {file}", f"cannot be read: {error.strerror}", "Correct the path"
        ) from None
