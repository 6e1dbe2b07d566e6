"""Even pieces of all hashes, for statements that are given a part of a table at a time."""

from collections.abc import Iterator
from typing import Any

HASH_MAX = 2**64 - 1


def hash_ranges(held: int, piece_max: int) -> Iterator[dict[str, Any]]:
    """Split all hashes evenly so that, of `held` of them, a range holds about `piece_max`: the
    parameters `from_hash` and `to_hash`, both inclusive; one range where nothing is held.
    """
    pieces = max(1, -(-held // piece_max))
    edges = [HASH_MAX * piece // pieces for piece in range(pieces + 1)]
    for piece in range(pieces):
        yield {"from_hash": edges[piece] + 1 if piece else 0, "to_hash": edges[piece + 1]}
