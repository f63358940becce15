"""
What the rule is held against, plainly: first come, first served; and a fresh draw each time.

Both work on the same world with the same answers, windows and rungs, one live offer to a
resident and one to a position. Nobody releases anything, and readiness counts for nothing.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from matching.market.working_time import deadline, is_working_day, local
from services.simulation.ledger import Trial
from services.simulation.world import Posting, World, Yes, hour_from, instant_of

Order = Callable[[Yes], tuple[float, str]]
ANSWER_WORKING_DAYS = 2
ROUND_HOURS = ("09", "13")


@dataclass(slots=True, kw_only=True)
class Baseline:
    """
    A simple way of giving places.

    Attributes:
        order: whom to offer first, among those whose yes is on file.
        intake: hours after a posting in which nothing is offered.
        at_once: offers are made in any hour; otherwise at the rounds of a working day.
    """

    world: World
    order: Order
    intake: int
    at_once: bool
    trials: list[Trial] = field(default_factory=list)
    waiting: dict[str, list[tuple[tuple[float, str], Yes]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    free: dict[str, int] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    ends: dict[int, list[tuple[Trial, bool]]] = field(default_factory=lambda: defaultdict(list))

    def run(self) -> tuple[Trial, ...]:
        """
        Give places hour by hour until the last fence has ended.
        """
        told = defaultdict(list)
        for yes in self.world.yeses:
            told[yes.at].append(yes)
        self.free = {posting.id: posting.positions for posting in self.world.postings}
        for hour in range(max((posting.ends for posting in self.world.postings), default=0)):
            for trial, accepted in self.ends.pop(hour, ()):
                self._end(trial, hour, accepted=accepted)
            for yes in told.pop(hour, ()):
                insort(self.waiting[yes.posting.id], (self.order(yes), yes), key=_place)
            if self.at_once or self._is_round(hour):
                self._offer(hour)
        return tuple(self.trials)

    def _offer(self, hour: int) -> None:
        for posting in self.world.postings:
            if self._begins(posting) <= hour < posting.ends:
                for yes in list(self._available(posting, hour)):
                    self._try(yes, hour)

    def _begins(self, posting: Posting) -> int:
        """
        Return the first hour of offers: a round is on the hour, five minutes before it.
        """
        return posting.at + self.intake + (0 if self.at_once else 1)

    def _available(self, posting: Posting, hour: int) -> Iterator[Yes]:
        """
        Yield whom the free positions of a posting go to, in order.
        """
        room = self.free[posting.id]
        for _, yes in self.waiting[posting.id] if room else ():
            person = yes.person
            in_reach = posting.opens[person.rung] <= hour < person.leaves
            if room and in_reach and person.id not in self.busy:
                room -= 1
                yield yes

    def _try(self, yes: Yes, hour: int) -> None:
        trial = Trial(person=yes.person, posting=yes.posting, proposed=hour, offered=hour)
        self.trials.append(trial)
        self.waiting[yes.posting.id] = [
            each for each in self.waiting[yes.posting.id] if each[1] is not yes
        ]
        self.busy.add(yes.person.id)
        self.free[yes.posting.id] -= 1
        lapses = hour_from(deadline(self.world.calendar, instant_of(hour), ANSWER_WORKING_DAYS))
        pair, answered = self.world.pair(yes.person, yes.posting), hour + yes.person.lag
        in_time = pair.answers and answered < min(lapses, yes.person.leaves)
        ended = min(answered if in_time else lapses, yes.person.leaves)
        self.ends[ended].append((trial, in_time and pair.accepts))

    def _end(self, trial: Trial, hour: int, *, accepted: bool) -> None:
        if accepted:
            trial.accepted = hour
            return
        trial.until = hour
        self.busy.discard(trial.person.id)
        self.free[trial.posting.id] += 1

    def _is_round(self, hour: int) -> bool:
        day, time = local(self.world.calendar, instant_of(hour))
        return time[:2] in ROUND_HOURS and is_working_day(self.world.calendar, day)


def first_come(world: World) -> tuple[Trial, ...]:
    """
    Offer each position at once to whoever said yes first.
    """
    return Baseline(
        world=world, order=lambda yes: (yes.at, yes.person.id), intake=0, at_once=True
    ).run()


def at_random(world: World) -> tuple[Trial, ...]:
    """
    Offer positions at our rounds, after our intake, in an order drawn for each posting.
    """

    def drawn(yes: Yes) -> tuple[float, str]:
        return (world.chance.share("order", yes.person.id, yes.posting.id), yes.person.id)

    return Baseline(world=world, order=drawn, intake=48, at_once=False).run()


def _place(waiting: tuple[tuple[float, str], Yes]) -> tuple[float, str]:
    return waiting[0]
