"""
Interests: a resident's own yes and no, the whole list each time.
"""

from typing import Annotated

from annotated_types import MaxLen

from schemas.vocabulary import (
    Base64,
    Coded,
    Date,
    Day,
    Hex,
    Metres,
    MinutesAWeek,
    OpportunityId,
    OpportunityKind,
    Outcode,
    Pence,
    Problem,
    Reference,
    Sealed,
    event,
    value,
)

Opportunities = Annotated[tuple[OpportunityId, ...], MaxLen(200)]


@value
class StandingYes:
    """
    A yes given beforehand to anything of these kinds, hours, pay and places.
    """

    kinds: Sealed[Annotated[tuple[OpportunityKind, ...], MaxLen(4)]] = ()
    least_minutes_a_week: Sealed[MinutesAWeek | None] = None
    most_minutes_a_week: Sealed[MinutesAWeek | None] = None
    days: Sealed[Annotated[tuple[Day, ...], MaxLen(7)]] = ()
    max_travel_metres: Sealed[Metres | None] = None
    pay_floor_pence: Sealed[Pence | None] = None
    outcodes: Sealed[Annotated[tuple[Outcode, ...], MaxLen(60)]] = ()


@value
class Wishes:
    resident: Coded[Reference]
    yes: Coded[Opportunities] = ()
    ranked: Coded[bool] = False
    no: Coded[Opportunities] = ()
    until: Coded[Date | None] = None


@event(about="resident")
class InterestGiven(Wishes):
    """
    The opportunities that a resident says yes to, best first where `ranked`, and no to.

    `standing` is a dated yes to whatever fits its terms; it ends on `until`.
    """

    standing: Sealed[StandingYes | None] = None


@event(about="resident")
class InterestGivenSealed(Wishes):
    sealed: Coded[Base64]
    fingerprint: Coded[Hex]


def problems(interest: Wishes) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of an interest.
    """
    found = [
        Problem(code="yes_and_no", field=f"/no/{at}")
        for at, opportunity in enumerate(interest.no)
        if opportunity in interest.yes
    ]
    if len(set(interest.yes)) < len(interest.yes):
        found.append(Problem(code="said_twice", field="/yes"))
    standing = getattr(interest, "standing", None)
    if standing is not None and interest.until is None:
        found.append(Problem(code="until_missing", field="/until"))
    return tuple(found)
