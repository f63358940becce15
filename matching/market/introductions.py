"""
Introductions: who wants a position and its supplier are brought together, by consent.

Until a resident has consented to this supplier, and to be met through their partner's
office, the supplier hears of nobody. From then on the supplier's clock runs.
"""

from collections.abc import Iterator

from matching.market.endings import clause_of, clock_of, group_of
from matching.market.entitlement import discloses
from matching.market.record import Draft, Happened
from matching.market.state import ConsentEntry, MarketState, OfferEntry
from matching.market.waiting import Wait, opened_window
from schemas.introductions import CONTACT, ROUTE, ConsentDue, IntroductionMade
from schemas.slots import ConfirmationDue


def consented(state: MarketState, offer: OfferEntry) -> ConsentEntry | None:
    """
    Return the consent by which a resident may be introduced, if it names all that is needed.
    """
    consent = state.residents[offer.resident].introductions.get(offer.supplier)
    if consent is None or not set(fields_of(state, offer)) <= set(consent.fields):
        return None
    return consent


def undisclosed(state: MarketState, offer_id: str) -> bool:
    """
    Tell whether an acceptance would disclose a route that its resident does not consent to.
    """
    offer = state.offers[offer_id]
    group = group_of(state, offer)
    if group is None or not group.fence.route_disclosed:
        return False
    return not discloses(state, state.residents[offer.resident], offer.opportunity)


def fields_of(state: MarketState, offer: OfferEntry) -> tuple[str, ...]:
    """
    Return the fields that a consent must name before an offer's supplier hears of anybody.
    """
    group = group_of(state, offer)
    disclosed = group is not None and group.fence.route_disclosed
    return (CONTACT, ROUTE) if disclosed else (CONTACT,)


def introduced(state: MarketState, offer_id: str) -> Iterator[Draft]:
    """
    Introduce who wants a position, or ask for the consent that this needs.
    """
    offer = state.offers[offer_id]
    consent = consented(state, offer)
    if consent is None:
        yield _consent_due(state, offer_id)
        return
    yield Draft(
        data=IntroductionMade(
            offer=offer_id,
            position=offer.position,
            opportunity=offer.opportunity,
            clause=clause_of(state, offer),
            contract=_contract_of(state, offer),
            supplier=offer.supplier,
            resident=offer.resident,
            fields=fields_of(state, offer),
            consent=consent.event,
        ),
        subject=offer.resident,
        party=offer.party,
    )
    yield confirmation_due(state, offer_id)


def confirmation_due(state: MarketState, offer_id: str) -> Draft:
    """
    Start the supplier's time to confirm or reject who was introduced.
    """
    offer = state.offers[offer_id]
    window = opened_window(state, offer, Wait.CONFIRMATION)
    return Draft(
        data=ConfirmationDue(
            offer=offer_id,
            position=offer.position,
            opportunity=offer.opportunity,
            clause=clause_of(state, offer),
            confirm_by=window.ends_at,
            remind_at=window.remind_at,
        ),
        subject=offer.opportunity,
        party=offer.supplier,
    )


def made_by_consent(state: MarketState, supplier: str, resident: str) -> Iterator[Draft]:
    """
    Introduce a resident wherever only this consent was awaited.
    """
    entry = state.residents[resident]
    for offer_id in (*entry.placed, *entry.referred):
        offer = state.offers[offer_id]
        awaits = offer.status == "accepted" and not offer.is_introduced
        if awaits and offer.supplier == supplier and consented(state, offer) is not None:
            yield from introduced(state, offer_id)


def evolve_consent_due(state: MarketState, event: Happened) -> None:
    due: ConsentDue = event.data
    begin(state, due.offer, ends_at=due.consent_by, remind_at=due.remind_at)


def evolve_introduction_made(state: MarketState, event: Happened) -> None:
    offer = state.offers[event.data.offer]
    offer.answered[event.name], offer.was_introduced = state.writing, False


def evolve_confirmation_due(state: MarketState, event: Happened) -> None:
    due: ConfirmationDue = event.data
    begin(state, due.offer, ends_at=due.confirm_by, remind_at=due.remind_at)


def begin(
    state: MarketState,
    offer_id: str,
    *,
    ends_at: str,
    remind_at: str | None,
    overdue_at: str | None = None,
) -> None:
    """
    Begin an offer's next window: its end, its reminder, and for a release when it is overdue.
    """
    state.clocks[clock_of(offer_id)] = ends_at
    state.offers[offer_id].remind_at = remind_at
    for kind, at in (("remind", remind_at), ("overdue", overdue_at)):
        state.clocks.pop(f"{kind} {offer_id}", None)
        if at is not None:
            state.clocks[f"{kind} {offer_id}"] = at


def _consent_due(state: MarketState, offer_id: str) -> Draft:
    offer = state.offers[offer_id]
    window = opened_window(state, offer, Wait.CONSENT)
    return Draft(
        data=ConsentDue(
            offer=offer_id,
            resident=offer.resident,
            opportunity=offer.opportunity,
            supplier=offer.supplier,
            fields=fields_of(state, offer),
            consent_by=window.ends_at,
            remind_at=window.remind_at,
        ),
        subject=offer.resident,
        party=offer.party,
    )


def _contract_of(state: MarketState, offer: OfferEntry) -> str | None:
    return None if offer.group is None else state.reserved[offer.opportunity].contract
