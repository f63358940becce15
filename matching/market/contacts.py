"""
Contacts: that a partner tried to reach its resident, and that a supplier met who came.

An attempt decides whether silence is the resident's own. An interview gives the supplier its
time again, once, so that meeting somebody late costs neither side the position.
"""

from collections.abc import Iterator

from matching.market.endings import TOO_LATE
from matching.market.introductions import confirmation_due
from matching.market.local_time import latest_day, local_day
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import MarketState, OfferEntry
from schemas.introductions import (
    ContactTried,
    DeclineExplainedSealed,
    InterviewHeld,
    InterviewOffered,
)

Decision = Iterator[Draft | Refusal | Repeat]

# Nobody is interviewed before they are introduced; for the rest it is as with any answer.
NOT_INTRODUCED = {**TOO_LATE, "accepted": "not_introduced"}


def decide_contact_tried(state: MarketState, said: Said) -> Decision:
    tried: ContactTried = said.data
    offer = state.offers[tried.offer]
    if offer.status != "offered":
        yield refused(TOO_LATE[offer.status], "/data/offer", lawful=offer.reason)
    elif str(tried.tried_on) > latest_day(state, said.appended_at):
        yield refused("tried_later", "/data/tried_on", lawful=latest_day(state, said.appended_at))
    elif str(tried.tried_on) < local_day(state, offer.proposed_at):
        # Nobody was reached about an offer before there was one.
        since = local_day(state, offer.proposed_at)
        yield refused("tried_before", "/data/tried_on", lawful=since)
    else:
        yield accepted(said)


def decide_decline_explained(state: MarketState, said: Said) -> Decision:
    explained: DeclineExplainedSealed = said.data
    offer = state.offers.get(explained.offer)
    if offer is None or offer.resident != said.subject:
        yield refused("offer_unknown", "/data/offer")
    elif offer.status != "declined":
        yield refused("offer_not_declined", "/data/offer", lawful=offer.status)
    else:
        yield accepted(said)


def decide_interview_offered(state: MarketState, said: Said) -> Decision:
    interview: InterviewOffered = said.data
    offer = state.offers[interview.offer]
    last = local_day(state, state.clocks.get(f"offer {interview.offer}", state.now))
    if not _is_waiting(offer):
        yield refused(NOT_INTRODUCED[offer.status], "/data/offer")
    elif str(interview.on) < local_day(state, state.now):
        yield refused("interview_past", "/data/on", lawful=local_day(state, state.now))
    elif str(interview.on) > last:
        yield refused("interview_too_late", "/data/on", lawful=last)
    else:
        yield accepted(said)


def decide_interview_held(state: MarketState, said: Said) -> Decision:
    held: InterviewHeld = said.data
    offer = state.offers[held.offer]
    known = offer.answered.get(said.name)
    if known is not None:
        yield Repeat(known)
    elif not _is_waiting(offer):
        yield refused(NOT_INTRODUCED[offer.status], "/data/offer")
    elif str(held.on) > latest_day(state, said.appended_at):
        yield refused("held_later", "/data/on", lawful=latest_day(state, said.appended_at))
    else:
        yield accepted(said)
        yield confirmation_due(state, held.offer)


def evolve_contact_tried(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].contacted = True


def evolve_decline_explained(_: MarketState, __: Happened) -> None:
    """
    Keep nothing: why somebody declined is between them and their partner.
    """


def evolve_interview(state: MarketState, event: Happened) -> None:
    offer: OfferEntry = state.offers[event.data.offer]
    offer.answered[event.name] = state.writing


def _is_waiting(offer: OfferEntry) -> bool:
    return offer.status == "accepted" and offer.is_introduced
