"""The revenue events that a failed event holds up, so that a failure shows how much money hangs
on it.
"""

from lineage.detector import Detector

DETECTOR = Detector(
    name="failed_event_roots",
    scope="roots",
    kinds=("failed_event",),
    version="2",
    tells=("code", "fingerprint", "mapping", "mapping_version"),
)
