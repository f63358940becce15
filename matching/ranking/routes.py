"""
Which rung of a ring fence a resident meets, and from which day to which.

Facts open the gate: a code is met, not met or unknown on each day, by what was given
with its evidence, by the birth date, or by where the resident lives. A fact that nobody
has given is unknown and is never guessed; a declined one is not met, and that is all
that follows from declining.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.vocabulary import Answer, FactStatus

MOST_NAMED = 40
ONE_DAY = timedelta(days=1)

_AGE = re.compile(r"age_([0-9]{1,3})_([0-9]{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """
    One way in: all of these fact codes.
    """

    route: str
    all_of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """
    What a rung of the ladder asks: one of these routes, or nothing of anybody.
    """

    routes: tuple[str, ...] = ()
    everyone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """
    The ring fence of one clause of a contract, its rungs in the order in which they open.
    """

    contract: str
    clause: str
    routes: tuple[Route, ...]
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """
    A fact that was given, by the id of its event. No day means no bound on that side.
    """

    event: str
    fact: str
    status: FactStatus
    first_day: date | None = None
    last_day: date | None = None

    def holds_on(self, day: date) -> bool:
        """
        Tell whether the day lies within the days for which this was given.
        """
        return (self.first_day or date.min) <= day <= (self.last_day or date.max)

    def turning_days(self) -> Iterator[date]:
        """
        Yield the first day for which this was given, and the first after its last.
        """
        if self.first_day is not None:
            yield self.first_day
        if self.last_day is not None and self.last_day < date.max:
            yield self.last_day + ONE_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    What rule codes are read from. `facts` stand in the order in which they were given.
    """

    birth_date: date
    outcode: str
    facts: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RungMet:
    """
    The first rung of a clause that a resident meets, or none, and the days it holds for.

    `first_day` and `last_day` bound the unbroken span of days, around the day of the
    assessment, on which that answer stands; no day means no bound. `unknown` names the
    codes that may open an earlier rung. `changes_on` is the first later day on which
    anything of this may read differently.
    """

    contract: str
    clause: str
    rung: int | None
    first_day: date | None
    last_day: date | None
    rests_on: tuple[str, ...]
    unknown: tuple[str, ...]
    changes_on: date | None


def assess(
    person: Person,
    fences: tuple[Fence, ...],
    *,
    on: date,
    patches: Mapping[str, frozenset[str]] | None = None,
) -> tuple[RungMet, ...]:
    """
    Assess a resident for every ring fence, once each.

    Args:
        person: birth date, outcode and the facts given.
        fences: the ring fences of the contracts that reach the resident's market.
        on: the local day of the assessment.
        patches: the outcodes of each neighbourhood of the market, by name.

    Returns:
        One answer a fence, in the order of the fences.
    """
    reader = _Reader(person=person, patches=patches or {})
    return tuple(_assess_fence(reader, fence, on=on) for fence in fences)


def changes_on(found: tuple[RungMet, ...]) -> date | None:
    """
    Return the first day on which a new assessment is owed, where there is one.
    """
    return min((met.changes_on for met in found if met.changes_on is not None), default=None)


def birthday(born: date, *, years: int) -> date:
    """
    Return the day on which somebody reaches an age; 29 February comes round on 1 March.

    >>> birthday(date(2008, 2, 29), years=18), birthday(date(2008, 2, 29), years=20)
    (datetime.date(2026, 3, 1), datetime.date(2028, 2, 29))
    """
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def _assess_fence(reader: "_Reader", fence: Fence, *, on: date) -> RungMet:
    today = reader.fence(fence, day=on)
    turns = sorted(set(_turning_days(reader.person, fence)))
    at = bisect_right(turns, on)
    later = [(day, reader.fence(fence, day=day)) for day in turns[at:]]
    earlier = [(day, reader.fence(fence, day=day - ONE_DAY)) for day in reversed(turns[:at])]
    ends = next((day for day, read in later if read.rung != today.rung), None)
    return RungMet(
        contract=fence.contract,
        clause=fence.clause,
        rung=today.rung,
        first_day=next((day for day, read in earlier if read.rung != today.rung), None),
        last_day=None if ends is None else ends - ONE_DAY,
        rests_on=today.rests_on[:MOST_NAMED],
        unknown=today.unknown[:MOST_NAMED],
        changes_on=next((day for day, read in later if read != today), None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """
    A code, a route or a whole ladder on one day: the answer and what it turns on.
    """

    answer: Answer
    rests_on: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    rung: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    person: Person
    patches: Mapping[str, frozenset[str]]

    def fence(self, fence: Fence, *, day: date) -> _Reading:
        routes = {route.route: route for route in fence.routes}
        failed: list[_Reading] = []
        for number, rung in enumerate(fence.rungs):
            read = [self.route(routes[name], day=day) for name in rung.routes]
            met = next((each for each in read if each.answer is Answer.YES), None)
            if met is not None or rung.everyone:
                rests_on = met.rests_on if met is not None else ()
                missing = _together(each.unknown for each in failed)
                return _Reading(answer=Answer.YES, rests_on=rests_on, unknown=missing, rung=number)
            failed += read
        return _Reading(
            answer=Answer.NO,
            rests_on=_together(each.rests_on for each in failed if each.answer is Answer.NO),
            unknown=_together(each.unknown for each in failed),
        )

    def route(self, route: Route, *, day: date) -> _Reading:
        read = {code: self.code(code, day=day) for code in route.all_of}
        rests_on = _together(each.rests_on for each in read.values())
        answers = {each.answer for each in read.values()}
        if Answer.NO in answers:
            return _Reading(answer=Answer.NO, rests_on=rests_on)
        if answers == {Answer.YES}:
            return _Reading(answer=Answer.YES, rests_on=rests_on)
        unknown = tuple(code for code, each in read.items() if each.answer is Answer.UNKNOWN)
        return _Reading(answer=Answer.UNKNOWN, rests_on=rests_on, unknown=unknown)

    def code(self, code: str, *, day: date) -> _Reading:
        computed = self.computed(code, day=day)
        if computed is not None:
            return _Reading(answer=Answer.YES if computed else Answer.NO)
        # What was given last holds, on the days for which it was given.
        for given in reversed(self.person.facts):
            if given.fact == code and given.holds_on(day):
                met = given.status is FactStatus.TRUE
                return _Reading(answer=Answer.YES if met else Answer.NO, rests_on=(given.event,))
        return _Reading(answer=Answer.UNKNOWN)

    def computed(self, code: str, *, day: date) -> bool | None:
        """
        Answer a code that follows from the profile itself, which no given fact overrules.
        """
        if code == "lives_in_market":
            return True
        if code.startswith("outcode_"):
            return self.person.outcode.lower() == code.removeprefix("outcode_")
        if code.startswith("lives_in_") and code.removeprefix("lives_in_") in self.patches:
            return self.person.outcode in self.patches[code.removeprefix("lives_in_")]
        bounds = _age_bounds(code, born=self.person.birth_date)
        return None if bounds is None else bounds[0] <= day < bounds[1]


def _together(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for part in parts for each in part))


def _age_bounds(code: str, *, born: date) -> tuple[date, date] | None:
    """
    Return the first day of an age code, and the first day after it.
    """
    ages = _AGE.fullmatch(code)
    if ages is None:
        return None
    return birthday(born, years=int(ages[1])), birthday(born, years=int(ages[2]) + 1)


def _turning_days(person: Person, fence: Fence) -> Iterator[date]:
    codes = {code for route in fence.routes for code in route.all_of}
    for code in codes:
        yield from _age_bounds(code, born=person.birth_date) or ()
    for given in person.facts:
        if given.fact in codes:
            yield from given.turning_days()
