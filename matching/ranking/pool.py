"""
The prepared profiles of one side, side by side: stages 2 and 3 over all of them at once.
"""

from collections.abc import Iterable, Iterator

from matching.model import Side
from matching.ranking import eligibility, profile_text
from matching.ranking.eligibility import Assessed, Ground
from matching.ranking.ports import VectorIndex
from matching.ranking.prepared import Prepared
from matching.ranking.profile_text import Profile

CANDIDATES = 400


class Pool:
    """
    The prepared profiles of one side, to be ranked for the other; held in memory.

    Everything about one profile lies in one row, and the last row fills the gap that a
    removal leaves, so that putting in and taking out cost the same however many there are.
    """

    def __init__(self, *, side: Side, index: VectorIndex, ground: Ground) -> None:
        self.side = side
        self.ground = ground
        self._index = index
        self._rows: dict[str, int] = {}
        self._prepared: list[Prepared] = []
        self._gates = eligibility.rows_for(side)

    def __len__(self) -> int:
        return len(self._prepared)

    def __contains__(self, subject: str) -> bool:
        return subject in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._rows))

    def put(self, profile: Profile, *, prepared: Prepared) -> None:
        """
        Put a profile in, or another in its place.

        Raises:
            ValueError: the profile is of the other side, or of another model than the rest.
        """
        if profile_text.side_of(profile) is not self.side or prepared.side is not self.side:
            raise ValueError(f"{prepared.id} does not belong in a pool of the {self.side} side")
        if self._prepared and self._prepared[0].model != prepared.model:
            raise ValueError(f"{prepared.id} was prepared by another model than the rest")
        gate = eligibility.row_of(profile, ground=self.ground)
        row = self._rows.get(prepared.id)
        if row is None:
            self._rows[prepared.id] = self._index.append(prepared.dense)
            self._prepared.append(prepared)
            self._gates.append(gate)
            return
        self._index.replace(row, vector=prepared.dense)
        self._prepared[row] = prepared
        self._gates.replace(row, row=gate)

    def remove(self, subject: str) -> None:
        """
        Take a profile out, if it is in; the next ranking does not see it.
        """
        row = self._rows.pop(subject, None)
        if row is None:
            return
        self._index.remove(row)
        self._gates.remove(row)
        last = self._prepared.pop()
        if last.id != subject:
            self._prepared[row] = last
            self._rows[last.id] = row

    def prepared(self, subject: str) -> Prepared:
        """
        Return what was put in.

        Raises:
            KeyError: it is not in.
        """
        return self._prepared[self._rows[subject]]

    def assess(self, profile: Profile) -> Assessed:
        """
        Answer for one profile of the other side against all rows.
        """
        one = eligibility.rows_for(profile_text.side_of(profile))
        one.append(eligibility.row_of(profile, ground=self.ground))
        if self.side is Side.RESIDENT:
            return eligibility.assess(opportunities=one, residents=self._gates)
        return eligibility.assess(opportunities=self._gates, residents=one)

    def nearest(self, prepared: Prepared, *, assessed: Assessed) -> tuple[int, ...]:
        """
        Return the rows of the candidates whom nothing bars, at most `CANDIDATES`.
        """
        allowed = assessed.allowed
        rows = self._index.search(prepared.dense, k=CANDIDATES, allowed=allowed)
        # Asked again of the answer: an engine's filter is never trusted with who is barred.
        return tuple(row for row in rows.tolist() if allowed[row])

    def rows(self, subjects: Iterable[str]) -> tuple[int, ...]:
        """
        Return the rows of those that are in, in the order given.
        """
        return tuple(self._rows[each] for each in subjects if each in self._rows)

    def at(self, rows: tuple[int, ...]) -> tuple[Prepared, ...]:
        """
        Return what lies in these rows.
        """
        return tuple(self._prepared[row] for row in rows)
