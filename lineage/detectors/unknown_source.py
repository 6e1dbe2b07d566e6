"""Senders that nobody has declared."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="unknown_source", scope="sources", kinds=("governance/unknown_source",), version="2"
)
