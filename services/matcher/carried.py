"""
Which fits the market carries, so that one knows who stands among whose best.

Kept in both directions in memory; what was just assessed counts at once, before the log
holds it, or the many assessments under way would each carry everybody.
"""

from dataclasses import dataclass, field

BEST_OF_RESIDENT = 10
BEST_OF_OPPORTUNITY = 50

# Best first: the higher score, then the smaller id.
Place = tuple[int, str]


@dataclass(slots=True)
class BestLists:
    """
    For each subject the scores of its other side, and the last place among its best.
    """

    most: int
    scores: dict[str, dict[str, int]] = field(default_factory=dict)
    last: dict[str, Place | None] = field(default_factory=dict)

    def put(self, subject: str, other: str, *, score: int) -> None:
        """
        Set a score.
        """
        self.scores.setdefault(subject, {})[other] = score
        self.last.pop(subject, None)

    def drop(self, subject: str, other: str) -> None:
        """
        Forget a score, if there is one.
        """
        if self.scores.get(subject, {}).pop(other, None) is not None:
            self.last.pop(subject, None)

    def forget(self, subject: str) -> tuple[str, ...]:
        """
        Forget a subject; returns whom it had scores with.
        """
        self.last.pop(subject, None)
        return tuple(self.scores.pop(subject, {}))

    def would_hold(self, subject: str, other: str, *, score: int) -> bool:
        """
        Tell whether `other` would stand among the subject's best with this score.
        """
        held = self.scores.get(subject, {})
        place = (-score, other)
        if other in held:
            ahead = sum((-s, o) < place for o, s in held.items() if o != other)
            return ahead < self.most
        last = self._last(subject)
        return last is None or place < last

    def wants_more(self, subject: str) -> bool:
        """
        Tell whether a subject has fewer than its best, and so would hold any.
        """
        return self._last(subject) is None

    def _last(self, subject: str) -> Place | None:
        if subject not in self.last:
            places = sorted((-s, o) for o, s in self.scores.get(subject, {}).items())
            self.last[subject] = places[self.most - 1] if len(places) >= self.most else None
        return self.last[subject]


class CarriedFits:
    """
    The carried fits of one market that are not ruled out.
    """

    def __init__(self) -> None:
        self.residents = BestLists(BEST_OF_RESIDENT)
        self.opportunities = BestLists(BEST_OF_OPPORTUNITY)

    def put(self, resident: str, opportunity: str, *, score: int, counts: bool) -> None:
        """
        Carry a fit; one that is ruled out takes nobody's place.
        """
        if counts:
            self.residents.put(resident, opportunity, score=score)
            self.opportunities.put(opportunity, resident, score=score)
        else:
            self.residents.drop(resident, opportunity)
            self.opportunities.drop(opportunity, resident)

    def forget_resident(self, resident: str) -> None:
        """
        Carry nothing of a resident any more.
        """
        for opportunity in self.residents.forget(resident):
            self.opportunities.drop(opportunity, resident)

    def forget_opportunity(self, opportunity: str) -> None:
        """
        Carry nothing of an opportunity any more.
        """
        for resident in self.opportunities.forget(opportunity):
            self.residents.drop(resident, opportunity)
