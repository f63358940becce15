"""
What became of each offer, in one form for every rule that is tried.
"""

from dataclasses import dataclass

from services.simulation.world import Person, Posting


@dataclass(slots=True, kw_only=True)
class Trial:
    """
    One person's turn at a position; the hours at which things happened, where they did.

    `lost` tells that the place was accepted, and then taken away again; `until` is the first
    hour at which the person is free for something else, where that ever comes.
    """

    person: Person
    posting: Posting
    proposed: int
    offered: int | None = None
    accepted: int | None = None
    lost: bool = False
    until: int | None = None

    @property
    def stands(self) -> bool:
        """
        Whether the person has the place.
        """
        return self.accepted is not None and not self.lost

    @property
    def in_fence(self) -> bool:
        """
        Whether they have it, and took it before the fence ended.
        """
        return self.stands and (self.accepted or 0) < self.posting.ends
