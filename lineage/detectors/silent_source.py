"""Sources that were not heard of for longer than expected."""

from lineage.detector import Detector

DETECTOR = Detector(name="silent_source", scope="sources", kinds=("silent_source",), version="2")
