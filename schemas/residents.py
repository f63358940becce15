"""
Residents: what a partner says of a person, all of it sealed, and how they come and go.

Names, addresses and contact data have no field here or anywhere.
"""

from datetime import date
from typing import Annotated

from annotated_types import Ge, Le, MaxLen

from schemas.vocabulary import (
    Base64,
    Code,
    Coded,
    Date,
    Day,
    Hex,
    Instant,
    Metres,
    MinutesAWeek,
    Outcode,
    Pence,
    Problem,
    Purpose,
    Reference,
    Sealed,
    Slug,
    Statements,
    Text,
    TimeOfDay,
    Version,
    event,
    value,
)

Codes = Annotated[tuple[Code, ...], MaxLen(40)]

# Our id or, on the way in only, the party's own reference: intake puts our id in its place.
ResidentName = Reference


@value
class WeeklyMinutes:
    least: Sealed[MinutesAWeek]
    most: Sealed[MinutesAWeek]


@value
class Consent:
    """
    A consent given with the registration; the market makes a `ConsentGiven` of it.
    """

    purpose: Coded[Purpose]
    supplier: Coded[Slug | None] = None
    fields: Coded[Codes] = ()
    notice_version: Coded[Annotated[int, Ge(1), Le(10_000)]]
    given_on: Coded[Date]
    ends_on: Coded[Date | None] = None


@value
class Profile:
    """
    Everything that describes a person: the whole of it each time, and all of it sealed.
    """

    reference: Sealed[Reference]
    birth_date: Sealed[Date]
    outcode: Sealed[Outcode]
    max_travel_metres: Sealed[Metres | None] = None
    minutes_a_week: Sealed[WeeklyMinutes | None] = None
    earliest_start: Sealed[TimeOfDay | None] = None
    latest_end: Sealed[TimeOfDay | None] = None
    days: Sealed[Annotated[tuple[Day, ...], MaxLen(7)]] = ()
    available_from: Sealed[Date | None] = None
    licences: Sealed[Codes | None] = None
    right_to_work: Sealed[bool | None] = None
    summary: Sealed[Text | None] = None
    skills: Sealed[Statements] = ()
    experience: Sealed[Statements] = ()
    barriers: Sealed[Codes] = ()
    pay_floor_pence: Sealed[Pence | None] = None
    notes: Sealed[Text | None] = None


@event(about="resident")
class ResidentRegistered(Profile):
    """
    A partner puts a resident forward. The id is drawn at random by intake.

    Without a consent to be matched the resident is kept, receipted and not matched.
    """

    consent: Coded[Consent | None] = None


@event(about="resident")
class ResidentRegisteredSealed:
    consent: Coded[Consent | None] = None
    sealed: Coded[Base64]
    fingerprint: Coded[Hex]


@event(about="resident")
class ResidentUpdated(Profile):
    """
    The whole profile again; `of_version` is the version it replaces.
    """

    of_version: Coded[Version]


@event(about="resident")
class ResidentUpdatedSealed:
    of_version: Coded[Version]
    sealed: Coded[Base64]
    fingerprint: Coded[Hex]


@event(about="resident")
class ResidentPaused:
    reason: Coded[Code]
    resident: Coded[ResidentName]


@event(about="resident")
class ResidentResumed:
    resident: Coded[ResidentName]


@event(about="resident")
class ResidentClosed:
    """
    The partner no longer puts this resident forward.
    """

    resident: Coded[ResidentName]
    reason: Coded[Code]


@event(about="resident")
class ResidentErased:
    """
    The resident asked to be erased: out of everything at once, and the key destroyed.
    """

    resident: Coded[ResidentName]
    asked_at: Coded[Instant | None] = None


def problems(profile: Profile) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of a profile.
    """
    found = []
    minutes = profile.minutes_a_week
    if minutes is not None and minutes.least > minutes.most:
        found.append(Problem(code="least_above_most", field="/minutes_a_week/least"))
    window = (profile.earliest_start, profile.latest_end)
    if window[0] is not None and window[0] == window[1]:
        found.append(Problem(code="ends_before_it_starts", field="/latest_end"))
    if len(set(profile.days)) < len(profile.days):
        found.append(Problem(code="said_twice", field="/days"))
    return tuple(found)


def age_on(day: date, *, born: date) -> int:
    """
    Return the age in whole years; who was born on 29 February comes of age on 1 March.

    >>> [age_on(date(2026, month, day), born=date(2008, 2, 29)) for month, day in ((2, 28), (3, 1))]
    [17, 18]
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
