"""Correlation ids that are used for different things, so that they say nothing."""

from lineage.detector import CORRELATED, RENAMED, Detector

DETECTOR = Detector(
    name="correlation_reused",
    scope="objects",
    kinds=("governance/correlation_reused",),
    version="1",
    reads=(CORRELATED, RENAMED),
)
