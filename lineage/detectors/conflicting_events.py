"""One event id of a source with two contents."""

from lineage.detector import CONFLICTING, Detector

DETECTOR = Detector(
    name="conflicting_events",
    scope="objects",
    kinds=("duplicate/conflict",),
    version="1",
    reads=(CONFLICTING,),
)
