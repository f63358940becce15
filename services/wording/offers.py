"""
The way of an offer in plain English, event by event, as its resident's partner reads it.
"""

from collections.abc import Iterable, Mapping
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

WAITS: Final = "Nothing yet: the proposal is decided, and comes at one of the next ticks."
PROPOSED_ONCE: Final = (
    "Nothing for this opportunity, which is proposed to a resident once: others are open to them "
    "as before."
)
TAKEN_BACK: Final = "Nothing is needed: they may be proposed again as long as they say yes."
ANSWER: Final = (
    "Send the resident's answer with `foothold accept` or `foothold decline`; what rests on wrong "
    "data is taken back with `foothold hold`."
)
HIRE: Final = "Nothing by the partner: the supplier confirms or rejects (`foothold confirm`)."

# After which event what can be done; those that are not here change nothing about it.
NEXT: Final[dict[str, str]] = {
    "SlotProposed": (
        "Release it with `foothold release`, or hold it with `foothold hold` and a reason."
    ),
    "ProposalDropped": TAKEN_BACK,
    "ProposalReleased": ANSWER,
    "ProposalHeld": PROPOSED_ONCE,
    "SlotOffered": ANSWER,
    "OfferDelivered": ANSWER,
    "AnswerDue": ANSWER,
    "OfferAccepted": HIRE,
    "OfferDeclined": PROPOSED_ONCE,
    "OfferLapsed": PROPOSED_ONCE,
    "OfferWithdrawn": PROPOSED_ONCE,
    "ConfirmationDue": HIRE,
    "HireConfirmed": "Nothing: the position is filled.",
    "HireRejected": PROPOSED_ONCE,
}
# Withdrawn for what neither the resident nor their partner could have done anything about.
NOT_THEIRS: Final = frozenset({"position_cut", "not_delivered"})


def next_for(steps: Iterable[tuple[str, str | None]]) -> str:
    """
    Say what can be done about an offer, by its way so far.

    Args:
        steps: the bare name of each event in order, with its reason's code where it has one.

    >>> next_for([("SlotProposed", None), ("OfferWithdrawn", "position_cut")])
    'Nothing is needed: they may be proposed again as long as they say yes.'
    """
    told = WAITS
    for name, reason in steps:
        is_theirs = reason not in NOT_THEIRS
        told = NEXT.get(name, told) if is_theirs else TAKEN_BACK
    return told


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
