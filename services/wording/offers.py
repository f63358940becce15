"""
The way of an offer in plain English, event by event, as its resident's partner reads it.
"""

from collections.abc import Mapping
from typing import Final

from services.wording.reasons import BY_EVENT
from services.wording.refusals import NotWorded

# Braces name what an event tells; instants come in as words.
EVENTS: Final[dict[str, str]] = {
    "SlotProposed": "proposed; to be released until {release_by}",
    "ProposalDropped": "decided, and not proposed after all",
    "ProposalReleased": "released by the partner",
    "ProposalHeld": "held by the partner: {reason}",
    "SlotOffered": "offered; to reach the partner's queue until {deliver_by}",
    "OfferDelivered": "delivered to the partner's queue",
    "AnswerDue": "the answer is awaited until {answer_by}",
    "OfferAccepted": "accepted by the resident",
    "OfferDeclined": "declined by the resident",
    "OfferLapsed": "lapsed: no answer came in time",
    "OfferWithdrawn": "withdrawn: {reason}",
    "EligibilityLost": "the resident no longer meets an open rung; what is offered stands",
    "ConfirmationDue": "the supplier is to confirm until {confirm_by}",
    "HireConfirmed": "confirmed by the supplier: the position is filled",
    "HireRejected": "rejected by the supplier: {reason}",
    "PositionChanged": "the supplier was told what became of the position",
}


def happened(name: str, details: Mapping[str, str]) -> str:
    """
    Say what an event did to an offer.

    Args:
        name: the event's bare name.
        details: what it tells, by field: instants in words, reasons as their codes.

    Raises:
        NotWorded: the event has no sentence.

    >>> happened("OfferWithdrawn", {"reason": "not_released"})
    'withdrawn: the partner did not release it in time'
    """
    if name not in EVENTS:
        raise NotWorded(f"event {name} of an offer has no sentence")
    reasons = BY_EVENT.get(name, {})
    words = {
        field: reasons[told] if field == "reason" and told in reasons else told
        for field, told in details.items()
    }
    return EVENTS[name].format_map(words)
