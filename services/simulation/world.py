"""
The invented year: who is there and when, what is posted, who says yes and would accept.

A world knows nothing of how places are given, so every rule is tried on the same one. Its
time is whole hours from the Monday on which the first postings come; before that hour only
people became ready. All figures are assumptions: read differences between rules, not levels.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from matching.market.allocation import ticket
from matching.market.lottery import seed_of
from matching.market.positions import epoch_of
from matching.market.working_time import Calendar, is_working_day, local, midnight
from matching.market.working_time import working_day_after as nth_working_day
from schemas.envelope import opportunity_id, resident_id
from schemas.vocabulary import instant, moment
from services.simulation.chance import Chance

MARKET, SUPPLIER = "zedford", "oakline"
FIRST_DAY = date(2026, 2, 2)
# Five minutes past the hour: what ended on the hour has ended for a tick.
BEGINNING = datetime(2026, 2, 2, 0, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY_HOURS, WEEK_HOURS = 24, 168
WEEKS_BEFORE = 26
ON_FILE_HOURS = 48
MOST_WEEKS = 26

# By partner, how many hours its coordinator takes to say, release or answer anything.
LAGS = {"northfield": 1, "harbour-homes": 8, "millbrook": 24, "castleside": 40}
SUPPLIER_LAGS = (8, 24, 40)
# The groups of residents: their share in a hundred, and the first rung of the ladder they meet.
GROUPS = {"local_unemployed": (60, 0), "care_leaver": (15, 0), "local_resident": (25, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """
    What a world is drawn from.

    Attributes:
        days: on whose working days there are postings; what was posted runs on to its end.
        residents: people who are ready when they begin.
        arrivals: people who become ready on each further day.
        stay_days: how long people stay in the mean, if they are not placed.
        interest: of a hundred people, how many want a posting.
        silent: of a hundred offers, how many are never answered.
        rungs: working days after a posting at which each rung of its fence opens; the last
            one is open to everyone, and there the fence ends.
        one_rung: everybody meets the first rung.
        prompt: every coordinator takes an hour.
    """

    seed: int
    days: int = 120
    residents: int = 250
    arrivals: int = 2
    stay_days: int = 60
    interest: int = 12
    silent: int = 15
    rungs: tuple[int, ...] = (0, 5, 10)
    one_rung: bool = False
    prompt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    Somebody invented; `rung` is the first that they meet, `lag` their coordinator's in hours.
    """

    id: str
    partner: str
    lag: int
    group: str
    rung: int
    ready: int
    leaves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """
    Reserved positions that are posted; `opens` are the hours of its rungs, the last its end.
    """

    id: str
    reference: str
    at: int
    positions: int
    opens: tuple[int, ...]
    epoch: str

    @property
    def ends(self) -> int:
        """
        The first hour after the fence.
        """
        return self.opens[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """
    What a person and a posting would do if they met: `score` in 0 to 10,000.
    """

    score: int
    answers: bool
    accepts: bool

    @property
    def willing(self) -> bool:
        """
        Whether an offer would be taken.
        """
        return self.answers and self.accepts


@dataclass(frozen=True, slots=True, kw_only=True)
class Yes:
    """
    A coordinator tells that a person wants a posting.
    """

    person: Person
    posting: Posting
    at: int


@dataclass(frozen=True, kw_only=True)
class World:
    """
    One invented year.
    """

    setting: Setting
    calendar: Calendar
    people: tuple[Person, ...]
    postings: tuple[Posting, ...]
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict, compare=False)

    @property
    def chance(self) -> Chance:
        """
        What all is drawn from.
        """
        return Chance(self.setting.seed)

    @property
    def positions(self) -> int:
        """
        How many positions there are.
        """
        return sum(posting.positions for posting in self.postings)

    def pair(self, person: Person, posting: Posting) -> Pair:
        """
        Return what these two would do if they met.
        """
        key = (person.id, posting.id)
        if key not in self.pairs:
            self.pairs[key] = self._drawn(person, posting)
        return self.pairs[key]

    @cached_property
    def yeses(self) -> tuple[Yes, ...]:
        """
        Every yes that is told while it can still count, in order of time.
        """
        found = (self._yes(person, posting) for posting in self.postings for person in self.people)
        return tuple(sorted((each for each in found if each), key=lambda each: each.at))

    @cached_property
    def wanted(self) -> dict[str, tuple[Yes, ...]]:
        """
        The yeses by posting.
        """
        found = defaultdict(list)
        for yes in self.yeses:
            found[yes.posting.id].append(yes)
        return {posting.id: tuple(found[posting.id]) for posting in self.postings}

    def claim(self, person: Person, posting: Posting, at: int) -> tuple[int, int, int]:
        """
        Return a person's claim on a posting, the strongest first: rung, weeks ready, ticket.
        """
        weeks = max(0, at - person.ready) // WEEK_HOURS
        return (person.rung, -min(weeks, MOST_WEEKS), self._tickets[posting.epoch, person.id])

    def secret(self, epoch: str) -> str:
        """
        Return the operator's secret for the lottery of a quarter, in hexadecimal.
        """
        return self.chance.octets("secret", epoch).hex()

    def nonce(self, epoch: str) -> str:
        """
        Return the framework owner's nonce for it.
        """
        return self.chance.octets("nonce", epoch).hex()

    @cached_property
    def epochs(self) -> tuple[str, ...]:
        """
        The quarters in which there are postings.
        """
        return tuple(sorted({posting.epoch for posting in self.postings}))

    @cached_property
    def _tickets(self) -> dict[tuple[str, str], int]:
        seeds = {each: seed_of(self.secret(each), [self.nonce(each)]) for each in self.epochs}
        return {
            (epoch, person.id): ticket(bytes.fromhex(seed), person.id)
            for epoch, seed in seeds.items()
            for person in self.people
        }

    def _drawn(self, person: Person, posting: Posting) -> Pair:
        chance, key = self.chance, (person.id, posting.id)
        score = chance.between(0, 10_000, "score", *key)
        return Pair(
            score=score,
            answers=chance.share("answers", *key) * 100 >= self.setting.silent,
            # A better fit is accepted more often: from 45 to 75 of a hundred.
            accepts=chance.share("accepts", *key) < 0.45 + 0.30 * score / 10_000,
        )

    def _yes(self, person: Person, posting: Posting) -> Yes | None:
        if person.ready >= posting.ends or person.leaves <= posting.at:
            return None
        at = max(posting.at, person.ready) + person.lag
        if at >= min(posting.ends, person.leaves):
            return None
        drawn = self.chance.share("wants", person.id, posting.id) * 100
        return Yes(person=person, posting=posting, at=at) if drawn < self.setting.interest else None


def world(setting: Setting, calendar: Calendar) -> World:
    """
    Draw a world; the same setting gives the same one.
    """
    chance = Chance(setting.seed)
    postings = tuple(_postings(setting, chance, calendar))
    last = max((posting.ends for posting in postings), default=0)
    first = [_first(setting, chance, n) for n in range(setting.residents)]
    later = [
        _arrival(setting, chance, day=day, n=n)
        for day in range(last // DAY_HOURS + 1)
        for n in range(setting.arrivals)
    ]
    return World(setting=setting, calendar=calendar, people=(*first, *later), postings=postings)


def instant_of(hour: int) -> str:
    """
    Return the instant of an hour.

    >>> instant_of(9)
    '2026-02-02T09:05:00.000Z'
    """
    return instant(BEGINNING + hour * HOUR)


def hour_from(at: str) -> int:
    """
    Return the first hour that is not before an instant.

    >>> hour_from("2026-02-02T09:05:00.000Z"), hour_from("2026-02-02T09:06:00.000Z")
    (9, 10)
    """
    return -((BEGINNING - moment(at)) // HOUR)


def day_of(hour: int) -> date:
    """
    Return the day (UTC) of an hour.
    """
    return (BEGINNING + hour * HOUR).date()


def _postings(setting: Setting, chance: Chance, calendar: Calendar) -> Iterator[Posting]:
    """
    Draw seven postings in five working days: one a day, over all days.
    """
    for day in range(setting.days):
        if not is_working_day(calendar, FIRST_DAY + timedelta(days=day)):
            continue
        for n in range(1 + (chance.share("postings", day) < 0.4)):
            at = day * DAY_HOURS + chance.between(9, 16, "posted", day, n)
            yield _posting(setting, chance, calendar, at=at, reference=f"V-{day + 1}-{n + 1}")


def _posting(
    setting: Setting, chance: Chance, calendar: Calendar, *, at: int, reference: str
) -> Posting:
    posted_on = local(calendar, instant_of(at))[0]
    days = [nth_working_day(calendar, posted_on, after) for after in setting.rungs]
    opens = [max(at, hour_from(midnight(calendar, day))) for day in days]
    return Posting(
        id=opportunity_id(MARKET, party=SUPPLIER, reference=reference),
        reference=reference,
        at=at,
        positions=chance.between(1, 4, "positions", reference),
        opens=tuple(opens),
        epoch=epoch_of(posted_on),
    )


def _first(setting: Setting, chance: Chance, n: int) -> Person:
    """
    Draw somebody who has been there for a while when postings begin.
    """
    waited = chance.span(setting.stay_days * DAY_HOURS, "waited", n)
    ready = -min(waited, WEEKS_BEFORE * WEEK_HOURS)
    person = _person(setting, chance, f"first {n}", ready=ready)
    return replace(person, leaves=person.leaves - ready)


def _arrival(setting: Setting, chance: Chance, *, day: int, n: int) -> Person:
    name = f"day {day} {n}"
    return _person(
        setting, chance, name, ready=day * DAY_HOURS + chance.between(9, 16, "ready", name)
    )


def _person(setting: Setting, chance: Chance, name: str, *, ready: int) -> Person:
    partner = tuple(LAGS)[chance.between(0, len(LAGS) - 1, "partner", name)]
    group = _group(chance.between(0, 99, "group", name))
    return Person(
        id=resident_id(MARKET, chance.octets("id", name)[:10]),
        partner=partner,
        lag=1 if setting.prompt else LAGS[partner],
        group=group,
        rung=0 if setting.one_rung else GROUPS[group][1],
        ready=ready,
        leaves=ready + chance.span(setting.stay_days * DAY_HOURS, "stays", name),
    )


def _group(drawn: int) -> str:
    for group, (share, _) in GROUPS.items():
        if drawn < share:
            return group
        drawn -= share
    raise AssertionError("the shares of the groups add up to a hundred")
