"""
Referrals: a resident's yes to a position that no fence reserves, and no round allocates.

A referral begins where an acceptance stands: consent, introduction, confirmed or rejected,
by the same clocks. It bars nobody from a round until it has become work.
"""

from collections.abc import Iterator

from matching.market.entitlement import wants
from matching.market.introductions import introduced
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import MarketState, OfferEntry
from matching.market.unreserved import open_positions
from schemas.envelope import offer_id
from schemas.introductions import ReferralMade, ReferralOpened

Decision = Iterator[Draft | Refusal | Repeat]


def decide_referral_made(state: MarketState, said: Said) -> Decision:
    referral: ReferralMade = said.data
    refusal = _closed(state, referral.opportunity) or _unable(state, said.subject, referral)
    if refusal is not None:
        yield refusal
        return
    yield accepted(said)
    named = offer_id(
        state.code,
        position=referral.opportunity,
        resident=said.subject,
        at=f"{state.now} {state.writing}",
    )
    yield Draft(
        data=ReferralOpened(offer=named, opportunity=referral.opportunity, resident=said.subject),
        subject=said.subject,
        party=said.party,
    )
    yield from introduced(state, named)


def evolve_referral_made(_: MarketState, __: Happened) -> None:
    """
    Keep nothing of what was said: what follows from it has its own event.
    """


def evolve_referral_opened(state: MarketState, event: Happened) -> None:
    opened: ReferralOpened = event.data
    state.offers[opened.offer] = OfferEntry(
        opportunity=opened.opportunity,
        group=None,
        ordinal=0,
        resident=opened.resident,
        party=event.party or "",
        supplier=state.opportunities[opened.opportunity].party,
        status="accepted",
        proposed_at=state.now,
        place=0,
    )
    resident = state.residents[opened.resident]
    resident.referred = (*resident.referred, opened.offer)


def _closed(state: MarketState, opportunity: str) -> Refusal | None:
    """
    Refuse a referral to what is unknown, over, or open to nobody whom no round chose.
    """
    field = "/data/opportunity"
    entry = state.opportunities.get(opportunity)
    if entry is None:
        return refused("opportunity_unknown", field)
    if entry.status != "open":
        return refused(f"opportunity_{entry.status}", field)
    if open_positions(state, opportunity) > 0:
        return None
    fenced = state.reserved.get(opportunity)
    waiting = [group.public_at for group in fenced.groups if not group.public] if fenced else []
    if waiting:
        return refused("positions_reserved", field, lawful=min(waiting))
    return refused("positions_filled", field)


def _unable(state: MarketState, subject: str, referral: ReferralMade) -> Refusal | None:
    resident, field = state.residents[subject], "/data/resident"
    if resident.status != "active":
        return refused(f"resident_{resident.status}", field)
    if resident.matching is None:
        return refused("consent_missing", field)
    if resident.placed:
        return refused("resident_placed", field)
    if any(state.offers[each].opportunity == referral.opportunity for each in resident.referred):
        return refused("already_referred", "/data/opportunity")
    if not wants(state, subject, resident, referral.opportunity):
        return refused("yes_missing", field)
    return None
