"""
Introductions: how a resident who wants a position and its supplier come to shake hands.

A person's name passes outside the system. Each side is told the other's office, and nobody's
before the resident has consented to that supplier and to these fields.
"""

from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, MinLen

from schemas.vocabulary import (
    Base64,
    ClauseName,
    Code,
    Coded,
    ContractId,
    Date,
    EventId,
    Hex,
    Instant,
    Label,
    Mailbox,
    OfferId,
    Open,
    OpportunityId,
    PositionId,
    Reference,
    ResidentId,
    Sealed,
    Slug,
    Telephone,
    Text,
    event,
    value,
)

# What a consent to one supplier may name: that it hears of somebody at all, through their
# partner's office; and the one route by which they come in, where a fence discloses it.
CONTACT = "contact"
ROUTE = "route"

Fields = Annotated[tuple[Code, ...], MinLen(1), MaxLen(40)]


class Means(StrEnum):
    """
    How a partner tried to reach a resident.
    """

    TELEPHONE = "telephone"
    MESSAGE = "message"
    LETTER = "letter"
    VISIT = "visit"
    IN_PERSON = "in_person"


# --- before an answer ---------------------------------------------------------------------


@event()
class ContactTried:
    """
    A partner tried to reach its resident about an offer, on a day and by some means.
    """

    offer: Coded[OfferId]
    tried_on: Coded[Date]
    means: Coded[Means]


@value
class Declining:
    resident: Coded[Reference]
    offer: Coded[OfferId]


@event(about="resident")
class DeclineExplained(Declining):
    """
    Why a resident declined, where they wished to say so: sealed, for their own partner alone.
    """

    reason: Sealed[Text]


@event(about="resident")
class DeclineExplainedSealed(Declining):
    sealed: Coded[Base64]
    fingerprint: Coded[Hex]


# --- outside a fence ----------------------------------------------------------------------


@event(about="resident")
class ReferralMade:
    """
    A partner puts its resident, who said yes, forward for a position that no fence reserves.
    """

    resident: Coded[Reference]
    opportunity: Open[OpportunityId]


@event()
class ReferralOpened:
    """
    A referral stands, under an id of its own by which it is answered as an offer is.
    """

    offer: Coded[OfferId]
    opportunity: Open[OpportunityId]
    resident: Coded[ResidentId]


# --- introductions ------------------------------------------------------------------------


@event()
class ConsentDue:
    """
    A resident wants a position: their consent to meet its supplier is awaited until then.
    """

    offer: Coded[OfferId]
    resident: Coded[ResidentId]
    opportunity: Open[OpportunityId]
    supplier: Open[Slug]
    fields: Coded[Fields]
    consent_by: Open[Instant]
    remind_at: Open[Instant | None] = None


@event()
class IntroductionMade:
    """
    A resident and a supplier are introduced, by the consent that stands in an earlier event.

    It stands on the resident's partner's queue with the supplier's office; what the supplier
    is told is `IntroductionReceived`.
    """

    offer: Coded[OfferId]
    position: Open[PositionId | None] = None
    opportunity: Open[OpportunityId]
    clause: Open[ClauseName | None] = None
    contract: Open[ContractId | None] = None
    supplier: Open[Slug]
    resident: Coded[ResidentId]
    fields: Coded[Fields]
    consent: Coded[EventId]


@event()
class SupplierIntroduced:
    """
    Whom to call about an introduction: the supplier's office. On the partner's queue only.
    """

    offer: Coded[OfferId]
    resident: Coded[ResidentId]
    reference: Coded[Reference | None] = None
    position: Open[PositionId | None] = None
    opportunity: Open[OpportunityId]
    title: Open[Label]
    clause: Open[ClauseName | None] = None
    supplier: Open[Slug]
    supplier_name: Open[Label]
    role_mailbox: Open[Mailbox]
    role_telephone: Open[Telephone | None] = None


@event()
class IntroductionReceived:
    """
    Somebody wants a position: whom to call, and until when. On the supplier's queue only.

    It names an office and no person; the person's name passes when the two sides talk.
    """

    offer: Coded[OfferId]
    position: Open[PositionId | None] = None
    opportunity: Open[OpportunityId]
    title: Open[Label]
    clause: Open[ClauseName | None] = None
    confirm_by: Open[Instant]
    role_mailbox: Open[Mailbox]
    role_telephone: Open[Telephone]


@event()
class InterviewOffered:
    """
    A supplier offers an interview to somebody who was introduced, within its time to answer.
    """

    offer: Coded[OfferId]
    on: Coded[Date]


@event()
class InterviewHeld:
    """
    An interview was held: the supplier's time to confirm or reject begins anew, once.
    """

    offer: Coded[OfferId]
    on: Coded[Date]
