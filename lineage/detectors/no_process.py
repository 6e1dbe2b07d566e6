"""Work that no process tells how to bill."""

from lineage.detector import ROOT_TYPES, Detector

DETECTOR = Detector(
    name="no_process",
    scope="objects",
    kinds=("governance/no_process",),
    version="2",
    reads=(ROOT_TYPES,),
    holds=("subjects",),
)
