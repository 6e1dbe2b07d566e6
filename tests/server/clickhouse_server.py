"""Run a genuine ClickHouse server in this process.

    python clickhouse_server.py LIBRARY HTTP_PORT TCP_PORT FOLDER CONFIG

The library's exported main is that of clickhouse-local, whose query decides how long it lives: ours
opens the listeners and then sleeps. The server ends with this process, by SIGTERM or by SIGKILL.
"""

import ctypes
import os
import sys

# Long enough for any test run; a forgotten server still ends by itself.
LIFE_SECONDS = 6 * 3600


class Result(ctypes.Structure):
    """What the library's main returns; only the error is read."""

    _fields_ = [
        ("buffer", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("vector", ctypes.c_void_p),
        ("elapsed", ctypes.c_double),
        ("rows_read", ctypes.c_uint64),
        ("bytes_read", ctypes.c_uint64),
        ("error", ctypes.c_char_p),
    ]


def main(library: str, http_port: str, tcp_port: str, folder: str, config: str) -> int:
    """Serve until the process is ended; returns 1 when the server could not start."""
    keeper = (
        "SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; "
        f"SELECT sleepEachRow(0.5) FROM numbers({LIFE_SECONDS * 2}) "
        "SETTINGS max_block_size = 1, log_comment = 'keeper' FORMAT Null"
    )
    arguments = [
        "clickhouse",
        f"--config-file={config}",
        f"--path={folder}",
        "--listen_host=127.0.0.1",
        f"--http_port={http_port}",
        f"--tcp_port={tcp_port}",
        f"--query={keeper}",
    ]
    engine = ctypes.CDLL(library, mode=os.RTLD_NOW | os.RTLD_LOCAL)
    engine.query_stable_v2.restype = ctypes.POINTER(Result)
    encoded = [argument.encode() for argument in arguments]
    argv = (ctypes.c_char_p * (len(encoded) + 1))(*encoded, None)
    error = engine.query_stable_v2(len(encoded), argv).contents.error
    if error:
        sys.stderr.write(error.decode(errors="replace") + "\n")
    return 1 if error else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:6]))
