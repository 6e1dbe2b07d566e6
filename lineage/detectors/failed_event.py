"""Failed events of an object and action, settled or not, with their class from the failure
catalogue.
"""

from lineage.detector import Detector

DETECTOR = Detector(
    name="failed_event",
    scope="objects",
    kinds=("failed_event",),
    version="2",
    tells=("code", "fingerprint", "mapping", "mapping_version"),
)
