"""Approvals that came too late, before the project was there, or from the one who asked."""

from lineage.detector import ROOT_TYPES, Detector

DETECTOR = Detector(
    name="approvals",
    scope="objects",
    kinds=("conformance/late_approval", "conformance/early_start", "conformance/self_approval"),
    version="2",
    reads=(ROOT_TYPES, "project"),
    holds=("subjects",),
)
