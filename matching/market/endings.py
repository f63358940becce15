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


def group_of(state: MarketState, offer: OfferEntry) -> GroupEntry:
    """
    Return the group whose position an offer holds or held.
    """
    return state.reserved[offer.opportunity].named(offer.group)


def position_of(state: MarketState, offer: OfferEntry) -> PositionEntry:
    """
    Return the position that an offer holds or held.
    """
    return group_of(state, offer).positions[offer.ordinal - 1]


def withdrawn(state: MarketState, offer_id: str, reason: WithdrawalReason) -> Iterator[Draft]:
    """
    Withdraw what is live, and tell the supplier where it had been accepted.
    """
    offer = state.offers[offer_id]
    was_accepted = offer.status == "accepted"
    yield Draft(
        data=OfferWithdrawn(
            offer=offer_id, position=offer.position, resident=offer.resident, reason=reason
        ),
        subject=offer.resident,
        party=offer.party,
    )
    if was_accepted:
        yield position_changed(state, offer_id)


def position_changed(state: MarketState, offer_id: str, told: PositionState | None = None) -> Draft:
    """
    Tell a supplier what has become of a position that an offer held; of nobody, why.
    """
    offer = state.offers[offer_id]
    group = group_of(state, offer)
    found = PositionState(position_of(state, offer).status)
    if found is PositionState.FREE and group.public:
        found = PositionState.PUBLIC
    return Draft(
        data=PositionChanged(
            position=offer.position,
            opportunity=offer.opportunity,
            clause=group.clause,
            state=told or found,
            offer=offer_id,
        ),
        subject=offer.opportunity,
        party=offer.supplier,
    )


def clock_of(offer_id: str) -> str:
    """
    Return the key of the window that runs on a proposal or an offer.
    """
    return f"offer {offer_id}"


def end(state: MarketState, offer_id: str, *, status: str, reason: str | None = None) -> None:
    """
    End what is live: its window, its hold on the position and on the resident.
    """
    offer = state.offers[offer_id]
    offer.status, offer.reason = status, reason
    state.clocks.pop(clock_of(offer_id), None)
    group, position = group_of(state, offer), position_of(state, offer)
    # A cut that could not take a held position takes it when it is let go.
    is_over = group.standing > group.declared
    position.status, position.offer = ("removed" if is_over else "free"), None
    position.since = state.now
    resident = state.residents[offer.resident]
    resident.live = tuple(each for each in resident.live if each != offer_id)
    resident.placed = tuple(each for each in resident.placed if each != offer_id)
