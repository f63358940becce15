"""
Stage 2: who may be offered this at all: yes, no or unknown, with what it turns on.

One side against many is answered in columns, a single pair as a column of one, so that
there is one rule and not two. What nobody has said is unknown and excludes nobody. What
an opportunity need not state and leaves open is not asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import nan, radians

import numpy as np
from numpy.typing import NDArray

from matching.model import (
    AgeRule,
    Answer,
    Check,
    Day,
    Eligibility,
    GateCode,
    OpportunityKind,
    OpportunityProfile,
    ResidentProfile,
    Side,
)
from matching.ranking.ports import Mask

# A code ends so if it names a licence: who states their licences states all of them.
LICENCE_ENDINGS = ("_licence", "_card", "_certificate")
EARTH_RADIUS_METRES = 6_371_008.8

Places = Mapping[str, tuple[float, float]]
Column = NDArray[np.float64]
Answers = NDArray[np.int8]

_NO, _UNKNOWN, _YES, _NOT_ASKED = range(4)
_ANSWERS = (Answer.NO, Answer.UNKNOWN, Answer.YES)
_MINUTES_A_DAY = 24 * 60
_DAYS = tuple(Day)

_RESIDENT = (
    *("least", "most", "metres", "lat", "lon", "available", "start", "end", "days"),
    *("floor", "right", "born", "licences"),
)
_OPPORTUNITY = (
    *("minutes", "remote", "lat", "lon", "starts", "start", "end", "days", "pence"),
    *("right", "aged", "born_by", "born_from", "born_from_wider"),
)


class GateRows:
    """
    What eligibility reads of one side, in columns; the last row fills a gap.

    `facts` has, by code, the rows for which something is said: of a resident whether the
    fact holds, of an opportunity that it is asked for.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._block = np.zeros((len(names), 16))
        self._said: list[dict[str, bool]] = []
        self.facts: dict[str, dict[int, bool]] = {}
        self.widened_by: list[tuple[str, ...]] = []

    def __len__(self) -> int:
        return len(self._said)

    def column(self, name: str) -> Column:
        """
        Return one column, shape (len,): a view, true until the next change.
        """
        return self._block[self._names.index(name), : len(self)]

    def append(self, row: "GateRow") -> None:
        """
        Add a row.
        """
        if len(self) == self._block.shape[1]:
            self._block = np.concatenate((self._block, np.zeros_like(self._block)), axis=1)
        self._said.append({})
        self.widened_by.append(())
        self.replace(len(self) - 1, row=row)

    def replace(self, at: int, *, row: "GateRow") -> None:
        """
        Put another row in its place.
        """
        self._forget(at)
        self._block[:, at] = [row.values[name] for name in self._names]
        self._said[at], self.widened_by[at] = row.facts, row.widened_by
        for fact, holds in row.facts.items():
            self.facts.setdefault(fact, {})[at] = holds

    def remove(self, at: int) -> None:
        """
        Take a row out; the last row takes its number.
        """
        last = len(self) - 1
        moved = GateRow(
            values=dict(zip(self._names, self._block[:, last].tolist(), strict=True)),
            facts=self._said[last],
            widened_by=self.widened_by[last],
        )
        self._forget(last)
        if at != last:
            self.replace(at, row=moved)
        self._said.pop()
        self.widened_by.pop()

    def _forget(self, at: int) -> None:
        for fact in self._said[at]:
            del self.facts[fact][at]
            if not self.facts[fact]:
                del self.facts[fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """
    One profile as numbers, unknown as NaN, and what is said of facts.
    """

    values: Mapping[str, float]
    facts: dict[str, bool]
    widened_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """
    What eligibility reads beside the profiles.

    Attributes:
        places: latitude and longitude of each outcode, in degrees.
        age_rules: the law's rows; of those that bind a start the latest holds.
    """

    places: Places = field(default_factory=dict)
    age_rules: tuple[AgeRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """
    The answers of one side against many.

    Attributes:
        codes: what was looked at, one a row of `answers`.
        answers: shape (n_codes, n); 0 no, 1 unknown, 2 yes, 3 not asked.
    """

    codes: tuple[str, ...]
    answers: Answers

    @property
    def allowed(self) -> Mask:
        """
        Whose answer is not no, shape (n,).
        """
        return np.asarray((self.answers != _NO).all(axis=0), np.bool_)

    def of(self, at: int) -> Eligibility:
        """
        Return the answer for one of the many.
        """
        asked = [
            (code, int(answer))
            for code, answer in zip(self.codes, self.answers[:, at], strict=True)
            if answer != _NOT_ASKED
        ]
        worst = min((answer for _, answer in asked), default=_YES)
        checks = tuple(Check(code=code, answer=_ANSWERS[answer]) for code, answer in asked)
        return Eligibility(answer=_ANSWERS[worst], checks=checks)


def rows_for(side: Side) -> GateRows:
    """
    Make empty rows for one side.
    """
    return GateRows(_RESIDENT if side is Side.RESIDENT else _OPPORTUNITY)


def judge(
    opportunity: OpportunityProfile, resident: ResidentProfile, *, ground: Ground
) -> Eligibility:
    """
    Answer for one pair.
    """
    asks, can = rows_for(Side.OPPORTUNITY), rows_for(Side.RESIDENT)
    asks.append(row_of(opportunity, ground=ground))
    can.append(row_of(resident, ground=ground))
    return assess(opportunities=asks, residents=can).of(0)


def row_of(profile: OpportunityProfile | ResidentProfile, *, ground: Ground) -> GateRow:
    """
    Write as numbers what an opportunity asks, or what a resident can and wants.
    """
    if isinstance(profile, OpportunityProfile):
        return _opportunity_row(profile, ground)
    return _resident_row(profile, ground)


def assess(*, opportunities: GateRows, residents: GateRows) -> Assessed:
    """
    Answer for one opportunity against many residents, or for many against one.

    Args:
        opportunities: one or many.
        residents: one or many; at least one side has a single row.

    Returns:
        The answers, in the order of the many.
    """
    answers: dict[str, Answers] = {
        GateCode.HOURS: _hours(opportunities, residents),
        GateCode.TRAVEL: _travel(opportunities, residents),
        GateCode.START: _start(opportunities, residents),
        GateCode.TIMES: _times(opportunities, residents),
        GateCode.DAYS: _working_days(opportunities, residents),
        GateCode.PAY: _pay(opportunities, residents),
        GateCode.RIGHT_TO_WORK: _right(opportunities, residents),
        GateCode.AGE: _age(opportunities, residents),
    }
    for fact, asked in sorted(opportunities.facts.items()):
        rows = np.zeros(len(opportunities), np.bool_)
        rows[list(asked)] = True
        held = np.where(rows, _facts(residents, fact), _NOT_ASKED)
        answers[fact] = np.minimum(answers.get(fact, np.int8(_NOT_ASKED)), held.astype(np.int8))
    n = max(len(opportunities), len(residents)) if len(opportunities) and len(residents) else 0
    table = np.array([np.broadcast_to(each, n) for each in answers.values()], np.int8)
    return Assessed(codes=tuple(map(str, answers)), answers=table)


def metres_between(
    lat: Column, lon: Column, other_lat: Column, other_lon: Column
) -> NDArray[np.float64]:
    """
    Measure along the great circle.

    Args:
        lat: latitude of the one place in radians, as are all four.
        lon: its longitude.
        other_lat: latitude of the other place.
        other_lon: its longitude.

    Returns:
        Metres, by the haversine formula on the mean radius of the earth.
    """
    half = np.sin((other_lat - lat) / 2) ** 2
    half = half + np.cos(lat) * np.cos(other_lat) * np.sin((other_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(half, 1))))


def _resident_row(resident: ResidentProfile, ground: Ground) -> GateRow:
    lat, lon = _place(resident.outcode, ground.places)
    hours = resident.minutes_a_week
    values = {
        "least": nan if hours is None else hours.least,
        "most": nan if hours is None else hours.most,
        "metres": _number(resident.max_travel_metres),
        "lat": lat,
        "lon": lon,
        "available": _day(resident.available_from),
        "start": _minute(resident.earliest_start),
        "end": _minute(resident.latest_end),
        "days": _week(resident.days),
        "floor": _number(resident.pay_floor_pence),
        "right": _number(resident.right_to_work),
        "born": _day(resident.birth_date),
        "licences": float(resident.licences is not None),
    }
    facts = {**dict(resident.facts), **dict.fromkeys(resident.licences or (), True)}
    if resident.right_to_work is not None:
        facts[GateCode.RIGHT_TO_WORK] = resident.right_to_work
    return GateRow(values=values, facts=facts)


def _opportunity_row(opportunity: OpportunityProfile, ground: Ground) -> GateRow:
    lat, lon = _place(opportunity.outcode, ground.places)
    rule = _binding(opportunity, ground.age_rules)
    values = {
        "minutes": _number(opportunity.minutes_a_week),
        "remote": float(opportunity.remote),
        "lat": lat,
        "lon": lon,
        "starts": _day(opportunity.starts_on),
        "start": _minute(opportunity.earliest_start),
        "end": _minute(opportunity.latest_end),
        "days": _week(opportunity.days),
        "pence": _number(opportunity.hourly_pence),
        "right": _needs_right_to_work(opportunity.kind),
        "aged": float(rule is not None),
        **_birth_bounds(rule, opportunity.starts_on),
    }
    asked = {each.fact: True for each in opportunity.requirements if each.essential}
    if values["right"]:
        asked.pop(GateCode.RIGHT_TO_WORK, None)
    return GateRow(values=values, facts=asked, widened_by=rule.widened_by if rule else ())


def _hours(asks: GateRows, can: GateRows) -> Answers:
    minutes = asks.column("minutes")
    return _by_margin(np.minimum(minutes - can.column("least"), can.column("most") - minutes))


def _travel(asks: GateRows, can: GateRows) -> Answers:
    metres = metres_between(
        can.column("lat"), can.column("lon"), asks.column("lat"), asks.column("lon")
    )
    return _unless(asks.column("remote") == 1, _by_margin(can.column("metres") - metres))


def _start(asks: GateRows, can: GateRows) -> Answers:
    return _by_margin(asks.column("starts") - can.column("available"))


def _times(asks: GateRows, can: GateRows) -> Answers:
    """
    Answer whether the working times fall into the resident's, over midnight too.

    Where a resident states one end alone it is read as of the same day, so that work which
    breaks it by day is not met; anything else of them is unknown.
    """
    begins, ends = asks.column("start"), asks.column("end")
    open_asked = np.isnan(begins) & np.isnan(ends)
    # Where an opportunity states one end, that moment alone is asked.
    begins, ends = np.where(np.isnan(begins), ends, begins), np.where(np.isnan(ends), begins, ends)
    ends = np.where(ends < begins, ends + _MINUTES_A_DAY, ends)
    earliest, latest = can.column("start"), can.column("end")
    latest = np.where(latest <= earliest, latest + _MINUTES_A_DAY, latest)
    # Work may fall into the window of the same day or, for nights, of the one before.
    whole = np.maximum.reduce(
        [
            np.minimum(begins + shift - earliest, latest - ends - shift)
            for shift in (-_MINUTES_A_DAY, 0, _MINUTES_A_DAY)
        ]
    )
    half = np.fmin(begins - earliest, latest - ends)
    fails_known_end = np.isnan(whole) & (half < 0) & (ends <= _MINUTES_A_DAY)
    return _unless(open_asked, _by_margin(np.where(fails_known_end, half, whole)))


def _working_days(asks: GateRows, can: GateRows) -> Answers:
    asked, free = (side.column("days").astype(np.int64) for side in (asks, can))
    answer = np.where(asked & ~free, _NO, _YES)
    answer = np.where(free == 0, _UNKNOWN, answer)
    return _unless(asked == 0, answer)


def _pay(asks: GateRows, can: GateRows) -> Answers:
    floor = can.column("floor")
    return _unless(np.isnan(floor), _by_margin(asks.column("pence") - floor))


def _right(asks: GateRows, can: GateRows) -> Answers:
    needed, right = asks.column("right"), can.column("right")
    answer = _by_margin(np.where(right == 1, 0.0, right - 1))
    # Of work whose kind is unknown it is unknown whether it needs the right.
    answer = np.where((answer == _NO) & np.isnan(needed), _UNKNOWN, answer)
    return _unless(needed == 0, answer)


def _age(asks: GateRows, can: GateRows) -> Answers:
    born = can.column("born")
    old_enough = _by_margin(asks.column("born_by") - born)
    young_enough = _by_margin(born - asks.column("born_from"))
    by_exception = np.minimum(
        _by_margin(born - asks.column("born_from_wider")), _widened(asks, can)
    )
    answer = np.minimum(old_enough, np.maximum(young_enough, by_exception))
    return _unless(asks.column("aged") == 0, answer)


def _widened(asks: GateRows, can: GateRows) -> Answers:
    """
    Answer whether any of the facts that widen an age rule holds.
    """
    best: NDArray[np.integer] = np.zeros(1, np.int8)
    for fact in sorted({fact for facts in asks.widened_by for fact in facts}):
        widens = np.array([fact in facts for facts in asks.widened_by])
        best = np.maximum(best, np.where(widens, _facts(can, fact), _NO))
    return best.astype(np.int8)


def _facts(residents: GateRows, fact: str) -> Answers:
    answer = np.full(len(residents), _UNKNOWN, np.int8)
    if fact.endswith(LICENCE_ENDINGS):
        answer[residents.column("licences") == 1] = _NO
    for at, holds in residents.facts.get(fact, {}).items():
        answer[at] = _YES if holds else _NO
    return answer


def _by_margin(margin: Column) -> Answers:
    """
    Answer yes from 0 on, no below, and unknown where a part of it is.
    """
    met = np.where(margin >= 0, _YES, _NO)
    return np.where(np.isnan(margin), _UNKNOWN, met).astype(np.int8)


def _unless(not_asked: Mask, answer: NDArray[np.integer]) -> Answers:
    return np.where(not_asked, _NOT_ASKED, answer).astype(np.int8)


def _place(outcode: str | None, places: Places) -> tuple[float, float]:
    lat, lon = places.get(outcode or "", (nan, nan))
    return radians(lat), radians(lon)


def _number(value: float | None) -> float:
    return nan if value is None else float(value)


def _day(day: date | None) -> float:
    return nan if day is None else float(day.toordinal())


def _minute(time: str | None) -> float:
    return nan if time is None else 60.0 * int(time[:2]) + int(time[3:])


def _week(days: tuple[Day, ...]) -> float:
    return float(sum(1 << _DAYS.index(day) for day in set(days)))


def _needs_right_to_work(kind: OpportunityKind | None) -> float:
    if kind is None:
        return nan
    return float(kind is not OpportunityKind.TRAINING_PLACE)


def _binding(opportunity: OpportunityProfile, rules: tuple[AgeRule, ...]) -> AgeRule | None:
    binding = [
        rule
        for rule in rules
        if rule.kind is opportunity.kind
        and (not rule.standards or opportunity.standard in rule.standards)
        and (opportunity.starts_on is None or rule.valid_from <= opportunity.starts_on)
    ]
    return max(binding, key=lambda rule: (bool(rule.standards), rule.valid_from), default=None)


def _birth_bounds(rule: AgeRule | None, starts_on: date | None) -> dict[str, float]:
    """
    Return the last and the first lawful day of birth, the latter also as widened.
    """
    if rule is None or starts_on is None:
        return dict.fromkeys(("born_by", "born_from", "born_from_wider"), nan)
    return {
        "born_by": _born(starts_on, years=rule.least_age),
        "born_from": _born_after(starts_on, most_age=rule.most_age),
        "born_from_wider": _born_after(starts_on, most_age=rule.wider_most_age or rule.most_age),
    }


def _born(day: date, *, years: int) -> float:
    """
    Return the last day of birth of whoever has reached an age on a day.

    Who was born on 29 February comes of age on 1 March, so on 29 February and on
    28 February of other years nobody born on the 29th counts yet.
    """
    year = day.year - years
    try:
        return float(day.replace(year=year).toordinal())
    except ValueError:
        return float(date(year, 2, 28).toordinal())


def _born_after(day: date, *, most_age: int | None) -> float:
    if most_age is None:
        return -np.inf
    return _born(day, years=most_age + 1) + 1
