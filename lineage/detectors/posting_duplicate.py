"""One fact posted as two objects: the same key, or the same make with the same amount."""

from lineage.detector import KEYED, RENAMED, Detector

DETECTOR = Detector(
    name="posting_duplicate",
    scope="objects",
    kinds=("duplicate/posting",),
    version="2",
    reads=("invoice", "journal_posting", KEYED, RENAMED),
)
