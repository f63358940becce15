"""
How a proposal or an offer ends when nobody answered it, and what its supplier is told.
"""

from collections.abc import Iterator

from matching.market.record import Draft
from matching.market.state import GroupEntry, MarketState, OfferEntry, PositionEntry
from schemas.slots import OfferWithdrawn, PositionChanged, PositionState, WithdrawalReason

# What still waits for somebody, and so can end.
UNANSWERED = ("proposed", "offered")
LIVE = (*UNANSWERED, "accepted")

# By the status that an offer has left behind, why an answer to it comes too late.
TOO_LATE = {
    "proposed": "offer_not_released",
    "offered": "offer_not_accepted",
    "accepted": "offer_answered",
    "filled": "offer_answered",
    "declined": "offer_answered",
    "rejected": "offer_answered",
    "held": "proposal_held",
    "lapsed": "offer_lapsed",
    "withdrawn": "offer_withdrawn",
}
KEPT = ("accepted", "filled")


def group_of(state: MarketState, offer: OfferEntry) -> GroupEntry | None:
    """
    Return the group whose position an offer holds or held; a referral has none.
    """
    return None if offer.group is None else state.reserved[offer.opportunity].named(offer.group)


def clause_of(state: MarketState, offer: OfferEntry) -> str | None:
    """
    Return the clause under which an offer's position is reserved; a referral has none.
    """
    group = group_of(state, offer)
    return None if group is None else group.clause


def position_of(state: MarketState, offer: OfferEntry) -> PositionEntry | None:
    """
    Return the reserved position that an offer holds or held; a referral has none.
    """
    group = group_of(state, offer)
    return None if group is None else group.positions[offer.ordinal - 1]


def is_kept(state: MarketState, position: PositionEntry) -> bool:
    """
    Tell whether a posting cannot take a position back: accepted, filled, or then asked again.
    """
    if position.status in KEPT:
        return True
    return position.offer is not None and state.offers[position.offer].was_accepted


def withdrawn(state: MarketState, offer_id: str, reason: WithdrawalReason) -> Iterator[Draft]:
    """
    Withdraw what is live, and tell the supplier where somebody had been introduced.
    """
    offer = state.offers[offer_id]
    yield Draft(
        data=OfferWithdrawn(
            offer=offer_id, position=offer.position, resident=offer.resident, reason=reason
        ),
        subject=offer.resident,
        party=offer.party,
    )
    if offer.is_introduced or offer.was_introduced:
        yield position_changed(state, offer_id)


def position_changed(
    state: MarketState,
    offer_id: str,
    told: PositionState | None = None,
    *,
    is_named: bool = True,
) -> Draft:
    """
    Tell a supplier what has become of a position that an offer held; of nobody, why.

    The offer is named only where its supplier had been told of it, and may be still.
    """
    offer = state.offers[offer_id]
    is_known = offer.is_introduced or offer.was_introduced
    return Draft(
        data=PositionChanged(
            position=offer.position,
            opportunity=offer.opportunity,
            clause=clause_of(state, offer),
            state=told or _become(state, offer),
            offer=offer_id if is_named and is_known else None,
        ),
        subject=offer.opportunity,
        party=offer.supplier,
    )


def _become(state: MarketState, offer: OfferEntry) -> PositionState:
    group, position = group_of(state, offer), position_of(state, offer)
    found = PositionState.FREE if position is None else PositionState(position.status)
    is_public = group is not None and group.public
    return PositionState.PUBLIC if is_public and found is PositionState.FREE else found


def clock_of(offer_id: str) -> str:
    """
    Return the key of the window that runs on a proposal or an offer.
    """
    return f"offer {offer_id}"


def stop(state: MarketState, offer_id: str) -> None:
    """
    Stop every clock that runs on an offer.
    """
    for kind in ("offer", "remind", "overdue"):
        state.clocks.pop(f"{kind} {offer_id}", None)


def end(state: MarketState, offer_id: str, *, status: str, reason: str | None = None) -> None:
    """
    End what is live: its clocks, its hold on the position and on the resident.
    """
    offer = state.offers[offer_id]
    offer.status, offer.reason, offer.undelivered = status, reason, None
    stop(state, offer_id)
    group, position = group_of(state, offer), position_of(state, offer)
    if group is not None and position is not None:
        # A cut that could not take a held position takes it when it is let go.
        is_over = group.standing > group.declared
        position.status, position.offer = ("removed" if is_over else "free"), None
        position.since = state.now
    resident = state.residents[offer.resident]
    resident.live = tuple(each for each in resident.live if each != offer_id)
    resident.placed = tuple(each for each in resident.placed if each != offer_id)
    resident.referred = tuple(each for each in resident.referred if each != offer_id)


def spend_remedy(state: MarketState, offer: OfferEntry) -> None:
    """
    Spend what put a resident first, once they have answered what it led to.
    """
    resident = state.residents[offer.resident]
    resident.remedies = tuple(each for each in resident.remedies if each not in offer.remedied_by)
