"""
Lapses: how an offer ends that nobody answered, or whose ground has gone.

Its clock ran out, its resident left or took a consent or a yes back, or its posting went.
An end that somebody else caused takes nothing from a resident.
"""

from collections.abc import Iterator

from matching.market.endings import (
    LIVE,
    end,
    group_of,
    position_changed,
    spend_remedy,
    withdrawn,
)
from matching.market.introductions import consented, undisclosed
from matching.market.local_time import horizon
from matching.market.record import Draft, Happened, Said
from matching.market.state import MarketState, OfferEntry
from matching.market.waiting import ONCE_MORE, TAKEN_BACK, WAITING, wait_of
from schemas.answers import NoticeGiven
from schemas.residents import ResidentPaused
from schemas.slots import (
    EligibilityLost,
    LapseReason,
    OfferLapsed,
    OfferWithdrawn,
    WithdrawalReason,
)

# By what an offer waits for, why it is withdrawn when nobody acted in time.
SILENCE = {
    row.wait: end.reason
    for row in WAITING
    for end in row.runs_out
    if isinstance(end.reason, WithdrawalReason)
}

# Why a resident is paused who was tried and left offers unanswered.
UNANSWERED_TWICE = "offers_unanswered"

# By what was said of a resident, why everything live of theirs ends.
GONE = {
    "ConsentGiven": WithdrawalReason.CONSENT_WITHDRAWN,
    "ConsentWithdrawn": WithdrawalReason.CONSENT_WITHDRAWN,
    "ResidentClosed": WithdrawalReason.RESIDENT_CLOSED,
    "ResidentErased": WithdrawalReason.RESIDENT_ERASED,
}


def ended(state: MarketState) -> Iterator[Draft]:
    """
    End, at a tick, what nobody answered in time: the oldest windows first, so many a record.
    """
    latest = horizon(state)
    due = sorted(
        (at, key.removeprefix("offer "))
        for key, at in state.clocks.items()
        if key.startswith("offer ") and at <= latest
    )
    for _, offer_id in due[: state.policy.most_proposals_a_record]:
        yield from _run_out(state, offer_id)


def ended_with_resident(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    End, in the record that says so, all that is live of a resident who is matched no more.

    After a hire is confirmed the place stands: sharing stops, the job does not.
    """
    resident = state.residents[said.subject]
    for offer_id in (*resident.live, *resident.placed, *resident.referred):
        if state.offers[offer_id].status in LIVE and _unconsented(state, offer_id):
            yield from withdrawn(state, offer_id, GONE[said.name])


def unconsented(state: MarketState) -> Iterator[Draft]:
    """
    End what is live of residents whose consent had its last day.
    """
    live = (each for each, offer in state.offers.items() if offer.status in LIVE)
    for offer_id in sorted(live):
        if _unconsented(state, offer_id):
            yield from withdrawn(state, offer_id, WithdrawalReason.CONSENT_ENDED)


def declined_by_no(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    End what is live on an opportunity that its resident now says no to, an acceptance too.
    """
    resident = state.residents[said.subject]
    for offer_id in (*resident.live, *resident.placed, *resident.referred):
        offer = state.offers[offer_id]
        if offer.status in LIVE and offer.opportunity in resident.no:
            yield from withdrawn(state, offer_id, WithdrawalReason.SAID_NO)


def ended_with_posting(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    End the referrals to a withdrawn posting whose supplier has not heard of anybody yet.
    """
    referred = (
        each
        for each, offer in state.offers.items()
        if offer.opportunity == said.subject and offer.group is None and offer.status in LIVE
    )
    for offer_id in sorted(referred):
        if not state.offers[offer_id].is_introduced:
            yield from withdrawn(state, offer_id, WithdrawalReason.OPPORTUNITY_WITHDRAWN)


def lost(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    Flag what stands although its resident no longer meets any open rung.
    """
    resident = state.residents.get(said.data.resident)
    if resident is None or resident.rules_as_of != said.data.as_of:
        return
    for offer_id in (*resident.live, *resident.placed):
        offer = state.offers[offer_id]
        if offer.status in LIVE and not offer.lost and not _meets(state, offer):
            yield Draft(
                data=EligibilityLost(offer=offer_id, resident=offer.resident),
                subject=offer.resident,
                party=offer.party,
            )


# --- evolve -------------------------------------------------------------------------------


def evolve_offer_lapsed(state: MarketState, event: Happened) -> None:
    lapsed: OfferLapsed = event.data
    end(state, lapsed.offer, status="lapsed", reason=lapsed.reason.value)
    offer = state.offers[lapsed.offer]
    if lapsed.reason is LapseReason.NO_ANSWER:
        state.residents[offer.resident].unanswered += 1
        spend_remedy(state, offer)
    _give_back(state, offer, lapsed.reason)


def evolve_offer_withdrawn(state: MarketState, event: Happened) -> None:
    withdrawal: OfferWithdrawn = event.data
    end(state, withdrawal.offer, status="withdrawn", reason=withdrawal.reason.value)
    _give_back(state, state.offers[withdrawal.offer], withdrawal.reason)


def evolve_eligibility_lost(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].lost = True


# --- parts --------------------------------------------------------------------------------


def _run_out(state: MarketState, offer_id: str) -> Iterator[Draft]:
    offer = state.offers[offer_id]
    wait = wait_of(offer)
    assert wait is not None, "a clock runs only on what waits"
    if wait in SILENCE:
        yield from withdrawn(state, offer_id, SILENCE[wait])
        return
    reason = LapseReason.NO_ANSWER if offer.contacted else LapseReason.NOT_REACHED
    yield Draft(
        data=OfferLapsed(
            offer=offer_id, position=offer.position, resident=offer.resident, reason=reason
        ),
        subject=offer.resident,
        party=offer.party,
    )
    if offer.was_introduced:
        yield position_changed(state, offer_id)
    yield from _paused(state, offer)


def _paused(state: MarketState, offer: OfferEntry) -> Iterator[Draft]:
    """
    Pause who left too many offers unanswered, and ask their partner to make contact.

    Nothing of their waiting is lost; they are resumed as soon as they were spoken to.
    """
    resident = state.residents[offer.resident]
    if resident.status != "active" or resident.unanswered < state.policy.most_unanswered:
        return
    yield Draft(
        data=ResidentPaused(resident=offer.resident, reason=UNANSWERED_TWICE),
        subject=offer.resident,
        party=offer.party,
    )
    yield Draft(
        data=NoticeGiven(party=offer.party, notice=UNANSWERED_TWICE, about=offer.resident),
        subject=offer.resident,
        party=offer.party,
    )


def _give_back(
    state: MarketState, offer: OfferEntry, reason: WithdrawalReason | LapseReason
) -> None:
    """
    Let a pair be proposed again after an end that was not the resident's; first, if it was.

    No round proposed a referral, so its end opens nothing to a round again.
    """
    if offer.group is None:
        return
    resident = state.residents[offer.resident]
    if reason in ONCE_MORE | TAKEN_BACK:
        back = (each for each in offer.remedied_by if each not in resident.remedies)
        resident.remedies = (*resident.remedies, *back)
    once = reason in ONCE_MORE and offer.opportunity not in resident.given_back
    if once:
        resident.given_back = tuple(sorted({*resident.given_back, offer.opportunity}))
    if once or reason in TAKEN_BACK:
        resident.tried = tuple(each for each in resident.tried if each != offer.opportunity)


def _unconsented(state: MarketState, offer_id: str) -> bool:
    """
    Tell whether its resident's consents no longer carry an offer, or an introduction.
    """
    offer = state.offers[offer_id]
    if state.residents[offer.resident].matching is None or undisclosed(state, offer_id):
        return True
    # Who is asked again was introduced, too: the supplier hears of the end now or never.
    return (offer.is_introduced or offer.was_introduced) and consented(state, offer) is None


def _meets(state: MarketState, offer: OfferEntry) -> bool:
    group = group_of(state, offer)
    if group is None:
        return True
    contract = state.reserved[offer.opportunity].contract
    for code in state.residents[offer.resident].rule_codes:
        if (code.contract, code.clause) == (contract, group.clause):
            return code.rung is not None and code.rung <= group.stage
    return False
