"""What the objects that a turn tells anew have: which of its steps would find anything at all.

Most turns are about few events, and those have few of the things that a step looks for; to parse
and plan a statement that finds nothing takes as long as one that finds little.
"""

from dataclasses import dataclass

from core.store import SqlFolder, Store
from lineage.detector import CORRELATED, JOINED, KEYED, LINKED, RENAMED

SQL = SqlFolder(__file__)


@dataclass(frozen=True)
class Having:
    """How many of each sort there are, of the told objects or of the whole warehouse."""

    members: int
    contracts: int
    renamed: int
    tangled: int
    # Events of theirs.
    linking: int
    reversing: int
    correlated: int
    keyed: int
    failing: int
    ending: int
    # Links that they ever had, up and down.
    linked: int
    linked_to: int
    # Of the whole warehouse.
    aliases: int
    taken: int
    failed: int
    stated: int
    shared: int
    rules: int

    @classmethod
    def asked(cls, store: Store) -> "Having":
        """Ask of the objects in `work_members`."""
        row = store.rows(SQL["members_have"])[0]
        members, contracts, renamed = map(int, row.pop("members"))
        counted = {name: int(count) for name, count in row.items()}
        return cls(members=members, contracts=contracts, renamed=renamed, **counted)

    @property
    def facts(self) -> frozenset[str]:
        """What decides which detectors look, beside types."""
        told = {
            CORRELATED: self.correlated,
            # Whoever is reversed no more, since what reversed it is, is not told anew itself.
            KEYED: self.keyed or self.credited,
            # Where rules infer links, anybody may get one.
            LINKED: self.rules or self.linking or self.linked,
            JOINED: self.rules or self.linking or self.correlated or self.linked or self.linked_to,
            RENAMED: self.renamed,
        }
        return frozenset(fact for fact, holds in told.items() if holds)

    @property
    def credited(self) -> bool:
        """Whether anything takes anything off anything."""
        return bool(self.reversing or self.taken or self.shared)

    @property
    def failures(self) -> bool:
        """Whether anything ever failed."""
        return bool(self.failing or self.failed)

    @property
    def spoken_of(self) -> bool:
        """Whether anything can be said of the state of any object."""
        return bool(self.credited or self.failures or self.ending or self.stated)
