"""One fact posted as two objects: the same key, or the same make with the same amount."""

from lineage.detector import KEYED, RENAMED, Detector

DETECTOR = Detector(
    name="posting_duplicate",
    scope="objects",
    kinds=("duplicate/posting",),
    version="3",
    reads=("billing_event", "invoice", "journal_posting", KEYED, RENAMED),
    tells=("code",),
    holds=("subject_downs",),
)
