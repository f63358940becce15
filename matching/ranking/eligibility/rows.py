"""
Profiles as rows of numbers: what a resident can and wants, what an opportunity asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan, radians

import numpy as np

from matching.model import (
    AgeRule,
    Day,
    GateCode,
    OpportunityKind,
    OpportunityProfile,
    ResidentProfile,
    Side,
)
from matching.ranking.eligibility.ages import binding_rule, birth_bounds, day_number
from matching.ranking.eligibility.answers import Column

Places = Mapping[str, tuple[float, float]]

_DAYS = tuple(Day)

_RESIDENT = (
    *("least", "most", "metres", "lat", "lon", "available", "start", "end", "days"),
    *("floor", "right", "born", "licences"),
)
_OPPORTUNITY = (
    *("minutes", "remote", "lat", "lon", "starts", "start", "end", "days", "pence"),
    *("right", "aged", "born_by", "born_from", "born_from_wider"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """
    One profile as numbers, unknown as NaN, and what is said of facts.
    """

    values: Mapping[str, float]
    facts: dict[str, bool]
    widened_by: tuple[str, ...] = ()


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

    def append(self, row: GateRow) -> None:
        """
        Add a row.
        """
        if len(self) == self._block.shape[1]:
            self._block = np.concatenate((self._block, np.zeros_like(self._block)), axis=1)
        self._said.append({})
        self.widened_by.append(())
        self.replace(len(self) - 1, row=row)

    def replace(self, at: int, *, row: GateRow) -> None:
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
class Ground:
    """
    What eligibility reads beside the profiles.

    Attributes:
        places: latitude and longitude of each outcode, in degrees.
        age_rules: the law's rows; of those that bind a start the latest holds.
    """

    places: Places = field(default_factory=dict)
    age_rules: tuple[AgeRule, ...] = ()


def rows_for(side: Side) -> GateRows:
    """
    Make empty rows for one side.
    """
    return GateRows(_RESIDENT if side is Side.RESIDENT else _OPPORTUNITY)


def row_of(profile: OpportunityProfile | ResidentProfile, *, ground: Ground) -> GateRow:
    """
    Write as numbers what an opportunity asks, or what a resident can and wants.
    """
    if isinstance(profile, OpportunityProfile):
        return _opportunity_row(profile, ground)
    return _resident_row(profile, ground)


def _resident_row(resident: ResidentProfile, ground: Ground) -> GateRow:
    lat, lon = _place(resident.outcode, ground.places)
    hours, facts = resident.minutes_a_week, _facts(resident)
    values = {
        "least": nan if hours is None else hours.least,
        "most": nan if hours is None else hours.most,
        "metres": _number(resident.max_travel_metres),
        "lat": lat,
        "lon": lon,
        "available": day_number(resident.available_from),
        "start": _minute(resident.earliest_start),
        "end": _minute(resident.latest_end),
        "days": _week(resident.days),
        "floor": _number(resident.pay_floor_pence),
        "right": _number(facts.get(GateCode.RIGHT_TO_WORK)),
        "born": day_number(resident.birth_date),
        "licences": float(resident.licences is not None),
    }
    return GateRow(values=values, facts=facts)


def _opportunity_row(opportunity: OpportunityProfile, ground: Ground) -> GateRow:
    lat, lon = _place(opportunity.outcode, ground.places)
    rule = binding_rule(opportunity, ground.age_rules)
    values = {
        "minutes": _number(opportunity.minutes_a_week),
        "remote": float(opportunity.remote),
        "lat": lat,
        "lon": lon,
        "starts": day_number(opportunity.starts_on),
        "start": _minute(opportunity.earliest_start),
        "end": _minute(opportunity.latest_end),
        "days": _week(opportunity.days),
        "pence": _number(opportunity.hourly_pence),
        "right": _needs_right_to_work(opportunity.kind),
        "aged": float(rule is not None),
        **birth_bounds(rule, opportunity.starts_on),
    }
    asked = {each.fact: True for each in opportunity.requirements if each.essential}
    if values["right"]:
        asked.pop(GateCode.RIGHT_TO_WORK, None)
    return GateRow(values=values, facts=asked, widened_by=rule.widened_by if rule else ())


def _facts(resident: ResidentProfile) -> dict[str, bool]:
    """
    Return what is said of facts; one that was given, with its evidence, goes before the profile.
    """
    said = dict.fromkeys(resident.licences or (), True)
    if resident.right_to_work is not None:
        said[GateCode.RIGHT_TO_WORK] = resident.right_to_work
    return {**said, **dict(resident.facts)}


def _place(outcode: str | None, places: Places) -> tuple[float, float]:
    lat, lon = places.get(outcode or "", (nan, nan))
    return radians(lat), radians(lon)


def _number(value: float | None) -> float:
    return nan if value is None else float(value)


def _minute(time: str | None) -> float:
    return nan if time is None else 60.0 * int(time[:2]) + int(time[3:])


def _week(days: tuple[Day, ...]) -> float:
    return float(sum(1 << _DAYS.index(day) for day in set(days)))


def _needs_right_to_work(kind: OpportunityKind | None) -> float:
    if kind is None:
        return nan
    return float(kind is not OpportunityKind.TRAINING_PLACE)
