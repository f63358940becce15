"""
Parties: who takes part, in which roles, and how their office is reached.
"""

from typing import Annotated

from annotated_types import MaxLen, MinLen

from schemas.vocabulary import (
    AnyId,
    Base64,
    Code,
    Coded,
    Date,
    Day,
    Hex,
    Label,
    Mailbox,
    Nation,
    Open,
    Pattern,
    Problem,
    Role,
    Sealed,
    Slug,
    Telephone,
    TimeOfDay,
    event,
    value,
)


@value
class OrganisationId:
    """
    An identifier from the org-id.guide register, for instance GB-COH with a company number.
    """

    scheme: Open[Annotated[str, Pattern(r"^[A-Z]{2,3}-[A-Z]{2,8}$")]]
    id: Open[Annotated[str, MinLen(1), MaxLen(40)]]


@value
class WorkingHours:
    starts: Open[TimeOfDay]
    ends: Open[TimeOfDay]


@value
class Party:
    """
    What the log keeps of a party in clear.

    `days_off` are its own, beside those of the week and of its nation: no window runs on them.
    """

    slug: Open[Slug]
    name: Open[Label]
    roles: Open[Annotated[tuple[Role, ...], MinLen(1), MaxLen(4)]]
    org_id: Open[OrganisationId | None] = None
    nation: Open[Nation]
    working_days: Open[Annotated[tuple[Day, ...], MinLen(1), MaxLen(7)]]
    working_hours: Open[WorkingHours]
    days_off: Open[Annotated[tuple[Date, ...], MaxLen(400)]] = ()


@event(about="party")
class PartyRegistered(Party):
    """
    A party joined, or its entry changed. Said by the operator or a framework owner.

    The role mailbox and telephone are an office's, never a person's. A partner's are given to
    a supplier with an introduction, so they name no programme and no group.
    """

    role_mailbox: Sealed[Mailbox]
    role_telephone: Sealed[Telephone]


@event(about="party")
class PartyRegisteredSealed(Party):
    sealed: Coded[Base64]
    fingerprint: Coded[Hex]


@event()
class KeyDestroyed:
    """
    The key under which a resident's facts were sealed is gone. Said by the notifier.
    """

    resident: Coded[AnyId]
    reason: Coded[Code]


def problems(party: Party) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of a party.
    """
    found = []
    if len(set(party.roles)) < len(party.roles):
        found.append(Problem(code="said_twice", field="/roles"))
    if len(set(party.working_days)) < len(party.working_days):
        found.append(Problem(code="said_twice", field="/working_days"))
    if party.working_hours.starts >= party.working_hours.ends:
        found.append(Problem(code="ends_before_it_starts", field="/working_hours/ends"))
    return tuple(found)
