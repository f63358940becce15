"""
Duties: who of a partner's staff releases proposals, and who is reminded of what waits.
"""

from typing import Annotated

from annotated_types import MaxLen

from schemas.vocabulary import (
    AnyId,
    Code,
    Coded,
    ContractId,
    Date,
    Instant,
    OfferId,
    Open,
    OpportunityId,
    Problem,
    Slug,
    StaffCode,
    event,
    value,
)


@value
class DaysAway:
    """
    Days on which a member of staff is not there, the first and the last included.
    """

    staff: Coded[StaffCode]
    first_day: Coded[Date]
    last_day: Coded[Date]


@event()
class DutyAssigned:
    """
    Who of a partner's staff is on duty for proposals, and who deputises; the whole each time.

    Said by the partner itself. While nobody was assigned, any of its staff may release.
    """

    on_duty: Coded[StaffCode]
    deputy: Coded[StaffCode | None] = None
    away: Coded[Annotated[tuple[DaysAway, ...], MaxLen(100)]] = ()


@event()
class ReminderGiven:
    """
    What waits on a party was half-way through its time: the one reminder of it.

    `about` is the offer or the challenge that waits; `staff` who of the party is asked now.
    """

    waiting: Open[Code]
    about: Coded[AnyId]
    party: Open[Slug]
    staff: Coded[StaffCode | None] = None
    opportunity: Open[OpportunityId]
    due: Open[Instant]


@event()
class ReleaseOverdue:
    """
    The last working day has begun in which a partner can release a proposal.

    Told to the contract's owner, who learns the partner and not the resident.
    """

    offer: Coded[OfferId]
    opportunity: Open[OpportunityId]
    contract: Open[ContractId]
    partner: Open[Slug]
    release_by: Open[Instant]


def problems(assigned: DutyAssigned) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of an assignment.
    """
    found = []
    if assigned.deputy == assigned.on_duty:
        found.append(Problem(code="said_twice", field="/deputy"))
    for at, away in enumerate(assigned.away):
        if away.last_day < away.first_day:
            found.append(Problem(code="ends_before_it_starts", field=f"/away/{at}/last_day"))
    return tuple(found)
