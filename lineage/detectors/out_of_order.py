"""Stages that an object reached before an earlier one of its own or of what it was made from."""

from lineage.detector import STAGE_TYPES, Detector

DETECTOR = Detector(
    name="out_of_order",
    scope="objects",
    kinds=("conformance/out_of_order",),
    version="2",
    reads=(STAGE_TYPES,),
    holds=("subjects", "ups"),
)
