"""
Profiles from files: one JSON object a line, leniently read, and errors that name the line.

What is absent or null is unknown. What is there must be of its kind: a figure written as
text would otherwise be unknown without anybody noticing.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from matching.market.law import WEEKS_A_YEAR
from matching.model import (
    Day,
    OpportunityKind,
    OpportunityProfile,
    Requirement,
    ResidentProfile,
    WeeklyMinutes,
)
from matching.ranking.profile_text import subject_of
from schemas.vocabulary import PayBasis

T = TypeVar("T")
P = TypeVar("P", OpportunityProfile, ResidentProfile)

MINUTES_AN_HOUR = 60


class ProfileFile(ValueError):
    """
    A line of a file cannot be read; the sentence names file and line.
    """


def read_opportunities(path: Path) -> tuple[OpportunityProfile, ...]:
    """
    Read opportunities: each needs `opportunity_id` and `title`.

    Args:
        path: the file; `-` is the standard input.

    Raises:
        ProfileFile: the first line that cannot be read.
    """
    return _profiles(path, _opportunity)


def read_residents(path: Path) -> tuple[ResidentProfile, ...]:
    """
    Read residents: each needs `resident_id`.

    Args:
        path: the file; `-` is the standard input.

    Raises:
        ProfileFile: the first line that cannot be read.
    """
    return _profiles(path, _resident)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """
    The fields of one object, and where it stands.
    """

    told: Mapping[str, Any]
    where: str

    def needed(self, name: str) -> str:
        """
        Return a text that must be there.
        """
        text = self.text(name)
        if not text:
            raise ProfileFile(f"{self.where}: {name} is missing.")
        return text

    def text(self, name: str) -> str | None:
        """
        Return a text without the spaces round it.
        """
        text: str | None = self._of(name, str, "a text")
        return text.strip() if text else None

    def flag(self, name: str) -> bool | None:
        """
        Return true or false.
        """
        flag: bool | None = self._of(name, bool, "true or false")
        return flag

    def whole(self, name: str) -> int | None:
        """
        Return a whole number from 0 on.
        """
        number: int | None = self._of(name, int, "a whole number")
        if isinstance(number, bool) or (number is not None and number < 0):
            raise self.wrong(name, "a whole number")
        return number

    def texts(self, name: str) -> tuple[str, ...]:
        """
        Return a list of texts, or of objects that have a label; what is empty is left out.
        """
        items: list[Any] = self._of(name, list, "a list") or []
        labels = [each.get("label") if isinstance(each, dict) else each for each in items]
        if not all(isinstance(each, str) or each is None for each in labels):
            raise self.wrong(name, "a list of texts or of objects with a label")
        return tuple(each.strip() for each in labels if each and each.strip())

    def inner(self, name: str) -> "Fields":
        """
        Return the fields of an object within this one; none where it is absent.
        """
        told = self._of(name, dict, "an object") or {}
        return Fields(told=told, where=f"{self.where}: {name}")

    def objects(self, name: str) -> tuple["Fields", ...]:
        """
        Return a list of objects.
        """
        items: list[Any] = self._of(name, list, "a list") or []
        if not all(isinstance(each, dict) for each in items):
            raise self.wrong(name, "a list of objects")
        return tuple(Fields(told=each, where=f"{self.where}: {name}") for each in items)

    def read(self, name: str, *, by: Callable[[str], T], form: str) -> T | None:
        """
        Return a text read as something else, such as a date.
        """
        text = self.text(name)
        try:
            return None if text is None else by(text)
        except ValueError as wrong:
            raise self.wrong(name, form) from wrong

    def wrong(self, name: str, form: str) -> ProfileFile:
        """
        Say that a field is of another kind, without its value, which may be about a person.
        """
        return ProfileFile(f"{self.where}: {name} must be {form}.")

    def _of(self, name: str, kind: type, form: str) -> Any:
        item = self.told.get(name)
        if item is not None and not isinstance(item, kind):
            raise self.wrong(name, form)
        return item


def _profiles(path: Path, read: Callable[[Fields], P]) -> tuple[P, ...]:
    lines: dict[str, int] = {}
    found: list[P] = []
    for number, fields in _objects(path):
        profile = read(fields)
        first = lines.setdefault(subject_of(profile), number)
        if first != number:
            raise ProfileFile(f"{fields.where}: the same id as in line {first}.")
        found.append(profile)
    return tuple(found)


def _objects(path: Path) -> Iterator[tuple[int, Fields]]:
    with click.open_file(str(path), encoding="utf-8-sig") as file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(line, f"{path}, line {number}")
        except UnicodeDecodeError as wrong:
            raise ProfileFile(f"{path} is not text in UTF-8: {wrong.reason}.") from wrong


def _object(line: str, where: str) -> Fields:
    try:
        told = json.loads(line)
    except ValueError as wrong:
        raise ProfileFile(f"{where}: not JSON.") from wrong
    if not isinstance(told, dict):
        raise ProfileFile(f"{where}: not an object in braces.")
    return Fields(told=told, where=where)


def _opportunity(fields: Fields) -> OpportunityProfile:
    minutes = fields.whole("minutes_a_week")
    return OpportunityProfile(
        opportunity_id=fields.needed("opportunity_id"),
        title=fields.needed("title"),
        description=fields.text("description"),
        duties=fields.texts("duties"),
        skills=fields.texts("skills"),
        kind=fields.read("kind", by=OpportunityKind, form=_one_of(OpportunityKind)),
        outcode=fields.inner("place").text("outcode"),
        remote=bool(fields.flag("remote")),
        minutes_a_week=minutes,
        earliest_start=_time(fields, "earliest_start"),
        latest_end=_time(fields, "latest_end"),
        days=_days(fields),
        starts_on=_day(fields, "starts_on"),
        hourly_pence=_hourly_pence(fields.inner("pay"), minutes),
        standard=fields.inner("apprenticeship").text("standard_ref"),
        requirements=tuple(
            Requirement(fact=each.needed("fact"), essential=each.flag("essential") is not False)
            for each in fields.objects("requirements")
        ),
    )


def _resident(fields: Fields) -> ResidentProfile:
    hours = fields.inner("minutes_a_week")
    least, most = hours.whole("least"), hours.whole("most")
    known = least is not None and most is not None
    return ResidentProfile(
        resident_id=fields.needed("resident_id"),
        summary=fields.text("summary"),
        skills=fields.texts("skills"),
        experience=fields.texts("experience"),
        outcode=fields.text("outcode"),
        max_travel_metres=fields.whole("max_travel_metres"),
        minutes_a_week=WeeklyMinutes(least=least or 0, most=most or 0) if known else None,
        earliest_start=_time(fields, "earliest_start"),
        latest_end=_time(fields, "latest_end"),
        days=_days(fields),
        available_from=_day(fields, "available_from"),
        licences=fields.texts("licences") if fields.told.get("licences") is not None else None,
        right_to_work=fields.flag("right_to_work"),
        pay_floor_pence=fields.whole("pay_floor_pence"),
        birth_date=_day(fields, "birth_date"),
    )


def _hourly_pence(pay: Fields, minutes: int | None) -> int | None:
    """
    Return the pay in pence an hour, where it is stated in figures.
    """
    basis = pay.read("basis", by=PayBasis, form=_one_of(PayBasis))
    pence = pay.whole("pence")
    if basis is PayBasis.UNPAID:
        return 0
    if basis is PayBasis.ANNUAL and pence is not None and minutes:
        return pence * MINUTES_AN_HOUR // (WEEKS_A_YEAR * minutes)
    return pence if basis is PayBasis.HOURLY else None


def _time(fields: Fields, name: str) -> str | None:
    return fields.read(name, by=_minute, form="a time of day as HH:MM")


def _minute(text: str) -> str:
    hours, _, minutes = text.partition(":")
    if not (len(text) == 5 and int(hours) < 24 and int(minutes) < 60):
        raise ValueError(text)
    return text


def _day(fields: Fields, name: str) -> date | None:
    return fields.read(name, by=date.fromisoformat, form="a date as YYYY-MM-DD")


def _days(fields: Fields) -> tuple[Day, ...]:
    try:
        return tuple(map(Day, fields.texts("days")))
    except ValueError as wrong:
        raise fields.wrong("days", f"a list of {_one_of(Day)}") from wrong


def _one_of(kinds: type[OpportunityKind] | type[PayBasis] | type[Day]) -> str:
    return ", ".join(each.value for each in kinds)
