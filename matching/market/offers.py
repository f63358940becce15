"""
Proposals and offers: released or held, delivered, answered, confirmed, or ended by a clock.

    proposed -> offered -> accepted -> filled
       |           |           |
      held      declined    rejected        and, by nobody's answer, lapsed or withdrawn

An answer that stands on the log before the end of its window holds, whatever else the
interval brought. Each answer is taken once: again it is a repeat, in other words refused.
"""

from collections.abc import Iterator

from matching.market.endings import (
    LIVE,
    clock_of,
    end,
    group_of,
    position_of,
    withdrawn,
)
from matching.market.entitlement import discloses
from matching.market.local_time import horizon, market_calendar, party_calendar
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import MarketState, OfferEntry
from matching.market.working_time import deadline
from schemas.slots import (
    AnswerDue,
    ConfirmationDue,
    EligibilityLost,
    FitOverridden,
    HoldReason,
    OfferLapsed,
    OfferWithdrawn,
    ProposalHeld,
    SlotOffered,
    SlotProposed,
    WithdrawalReason,
)
from schemas.vocabulary import OpportunityKind

Decision = Iterator[Draft | Refusal | Repeat]

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

# Nothing that a resident or their partner could have done: the pair may be proposed again.
TAKEN_BACK = (WithdrawalReason.POSITION_CUT, WithdrawalReason.NOT_DELIVERED)

# What an answer led to: while that stands, the same answer again is a repeat.
LED_TO = {
    "ProposalReleased": ("offered", "accepted", "filled", "declined", "lapsed", "rejected"),
    "ProposalHeld": ("held", "withdrawn"),
    "OfferAccepted": ("accepted", "filled"),
    "OfferDeclined": ("declined",),
    "HireConfirmed": ("filled",),
    "HireRejected": ("rejected",),
}

# Whom these take on has work; anybody else goes on taking part in rounds.
EMPLOYING = (OpportunityKind.JOB, OpportunityKind.APPRENTICESHIP)

# By what was said of a resident, why everything live of theirs ends.
GONE = {
    "ConsentWithdrawn": WithdrawalReason.CONSENT_WITHDRAWN,
    "ResidentClosed": WithdrawalReason.RESIDENT_CLOSED,
    "ResidentErased": WithdrawalReason.RESIDENT_ERASED,
}


def decide_proposal_released(state: MarketState, said: Said) -> Decision:
    offer = state.offers[said.data.offer]
    released_before = _answered(said, offer)
    if released_before is not None:
        yield released_before
    elif offer.status != "proposed":
        code = "offer_answered" if offer.status == "offered" else TOO_LATE[offer.status]
        yield refused(code, "/data/offer", lawful=_left_as(offer))
    elif _undisclosed(state, said.data.offer):
        yield refused("route_not_consented", "/data/offer")
    else:
        yield accepted(said)
        yield _offered(state, said.data.offer, offer)


def decide_proposal_held(state: MarketState, said: Said) -> Decision:
    """
    Hold a proposal; what is offered or accepted already is taken back only for wrong data.
    """
    held: ProposalHeld = said.data
    offer = state.offers[held.offer]
    taken_back = {
        HoldReason.DATA_WRONG: WithdrawalReason.DATA_WRONG,
        HoldReason.SAFEGUARDING: WithdrawalReason.SAFEGUARDING,
    }.get(held.reason)
    held_before = _answered(said, offer)
    if held_before is not None:
        yield held_before
    elif offer.status == "proposed":
        yield accepted(said)
    elif offer.status not in LIVE:
        yield refused(TOO_LATE[offer.status], "/data/offer", lawful=_left_as(offer))
    elif taken_back is None:
        yield refused("hold_after_release", "/data/reason", lawful="data_wrong, safeguarding")
    else:
        yield accepted(said)
        yield from withdrawn(state, held.offer, taken_back)


def decide_offer_delivered(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    Start the answer's window; what is no longer on offer needs none, and leaves no record.
    """
    offer = state.offers.get(said.data.offer)
    if offer is None or offer.status != "offered" or "OfferDelivered" in offer.answered:
        return
    yield accepted(said, party=offer.party)
    days = group_of(state, offer).fence.answer_working_days or 0
    yield Draft(
        data=AnswerDue(
            offer=said.data.offer,
            resident=offer.resident,
            opportunity=offer.opportunity,
            answer_by=deadline(party_calendar(state, offer.party), state.now, days),
        ),
        subject=offer.resident,
        party=offer.party,
    )


def decide_offer_accepted(state: MarketState, said: Said) -> Decision:
    offer = state.offers[said.data.offer]
    if offer.status == "offered" and _undisclosed(state, said.data.offer):
        yield refused("route_not_consented", "/data/offer")
        return
    yield from _answer(said, offer, awaited="offered")
    if offer.answered.get(said.name) != state.writing:
        return
    days = group_of(state, offer).fence.supplier_working_days or 0
    yield Draft(
        data=ConfirmationDue(
            offer=said.data.offer,
            position=offer.position,
            opportunity=offer.opportunity,
            clause=group_of(state, offer).clause,
            confirm_by=deadline(party_calendar(state, offer.supplier), state.now, days),
        ),
        subject=offer.opportunity,
        party=offer.supplier,
    )
    for other in state.residents[offer.resident].live:
        yield from withdrawn(state, other, WithdrawalReason.ACCEPTED_ANOTHER)


def decide_offer_declined(state: MarketState, said: Said) -> Decision:
    yield from _answer(said, state.offers[said.data.offer], awaited="offered")


def decide_hire_confirmed(state: MarketState, said: Said) -> Decision:
    yield from _answer(said, state.offers[said.data.offer], awaited="accepted")


def decide_hire_rejected(state: MarketState, said: Said) -> Decision:
    yield from _answer(said, state.offers[said.data.offer], awaited="accepted")


def decide_fit_overridden(state: MarketState, said: Said) -> Decision:
    overridden: FitOverridden = said.data
    resident = state.residents[said.subject]
    entry = state.reserved.get(overridden.opportunity)
    if entry is None:
        yield refused("opportunity_unknown", "/data/opportunity")
    elif all(group.fence.min_fit is None for group in entry.groups):
        yield refused("no_minimum_fit", "/data/opportunity")
    elif resident.status == "closed":
        yield refused("resident_closed", "/data/resident")
    else:
        yield accepted(said)


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
    for offer_id in (*resident.live, *resident.placed):
        is_live = state.offers[offer_id].status in LIVE
        if is_live and (resident.matching is None or _undisclosed(state, offer_id)):
            yield from withdrawn(state, offer_id, GONE[said.name])


def unconsented(state: MarketState) -> Iterator[Draft]:
    """
    End what is live of residents whose consent had its last day.
    """
    for offer_id in sorted(state.offers):
        offer = state.offers[offer_id]
        if offer.status not in LIVE:
            continue
        if state.residents[offer.resident].matching is None or _undisclosed(state, offer_id):
            yield from withdrawn(state, offer_id, WithdrawalReason.CONSENT_ENDED)


def declined_by_no(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    End what is live on an opportunity that its resident now says no to.
    """
    resident = state.residents[said.subject]
    for offer_id in resident.live:
        if state.offers[offer_id].opportunity in resident.no:
            yield from withdrawn(state, offer_id, WithdrawalReason.SAID_NO)


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


def evolve_slot_proposed(state: MarketState, event: Happened) -> None:
    proposed: SlotProposed = event.data
    opportunity, group, ordinal = proposed.position.split("/")
    offer = OfferEntry(
        opportunity=opportunity,
        group=group,
        ordinal=int(ordinal),
        resident=proposed.resident,
        party=event.party or "",
        supplier=state.opportunities[opportunity].party,
        status="proposed",
        proposed_at=proposed.decided_at,
        place=proposed.place,
    )
    state.offers[proposed.offer] = offer
    state.clocks[clock_of(proposed.offer)] = proposed.release_by
    _hold(state, proposed.offer, "proposed")
    resident = state.residents[proposed.resident]
    resident.live = (*resident.live, proposed.offer)
    resident.tried = (*resident.tried, opportunity)


def evolve_proposal_released(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].answered[event.name] = state.writing


def evolve_proposal_held(state: MarketState, event: Happened) -> None:
    offer = state.offers[event.data.offer]
    offer.answered[event.name] = state.writing
    if offer.status == "proposed":
        end(state, event.data.offer, status="held", reason=event.data.reason.value)
        entry = state.reserved[offer.opportunity]
        entry.rerun = entry.has_free


def evolve_slot_offered(state: MarketState, event: Happened) -> None:
    offered: SlotOffered = event.data
    state.offers[offered.offer].status = "offered"
    state.clocks[clock_of(offered.offer)] = offered.deliver_by
    _hold(state, offered.offer, "offered")


def evolve_offer_delivered(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].answered[event.name] = state.writing


def evolve_answer_due(state: MarketState, event: Happened) -> None:
    state.clocks[clock_of(event.data.offer)] = event.data.answer_by


def evolve_offer_accepted(state: MarketState, event: Happened) -> None:
    offer_id = event.data.offer
    offer = state.offers[offer_id]
    offer.status, offer.answered[event.name] = "accepted", state.writing
    _hold(state, offer_id, "accepted")
    resident = state.residents[offer.resident]
    resident.live = tuple(each for each in resident.live if each != offer_id)
    resident.placed = (*resident.placed, offer_id)


def evolve_confirmation_due(state: MarketState, event: Happened) -> None:
    state.clocks[clock_of(event.data.offer)] = event.data.confirm_by


def evolve_hire_confirmed(state: MarketState, event: Happened) -> None:
    offer_id = event.data.offer
    offer = state.offers[offer_id]
    offer.status, offer.answered[event.name] = "filled", state.writing
    state.clocks.pop(clock_of(offer_id), None)
    _hold(state, offer_id, "filled")
    if state.opportunities[offer.opportunity].terms.kind not in EMPLOYING:
        resident = state.residents[offer.resident]
        resident.placed = tuple(each for each in resident.placed if each != offer_id)


def evolve_offer_declined(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].answered[event.name] = state.writing
    end(state, event.data.offer, status="declined")


def evolve_hire_rejected(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].answered[event.name] = state.writing
    end(state, event.data.offer, status="rejected", reason=event.data.reason.value)


def evolve_offer_lapsed(state: MarketState, event: Happened) -> None:
    end(state, event.data.offer, status="lapsed")


def evolve_offer_withdrawn(state: MarketState, event: Happened) -> None:
    withdrawal: OfferWithdrawn = event.data
    end(state, withdrawal.offer, status="withdrawn", reason=withdrawal.reason.value)
    if withdrawal.reason in TAKEN_BACK:
        offer = state.offers[withdrawal.offer]
        resident = state.residents[offer.resident]
        resident.tried = tuple(each for each in resident.tried if each != offer.opportunity)


def evolve_eligibility_lost(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].lost = True


def evolve_fit_overridden(state: MarketState, event: Happened) -> None:
    resident = state.residents[event.subject or ""]
    resident.overridden = tuple(sorted({*resident.overridden, event.data.opportunity}))


# --- parts --------------------------------------------------------------------------------


def _answer(said: Said, offer: OfferEntry, *, awaited: str) -> Decision:
    repeat = _answered(said, offer)
    if repeat is not None:
        yield repeat
    elif offer.status == awaited:
        yield accepted(said)
    else:
        # Why an offer was withdrawn is its resident's: a supplier learns that it was.
        left_as = offer.status if awaited == "accepted" else _left_as(offer)
        yield refused(TOO_LATE[offer.status], "/data/offer", lawful=left_as)


def _left_as(offer: OfferEntry) -> str:
    """
    Name the answer that an offer was given; of what nobody answered, why it ended.
    """
    was_answered = TOO_LATE[offer.status] == "offer_answered"
    return offer.status if was_answered else offer.reason or offer.status


def _answered(said: Said, offer: OfferEntry) -> Repeat | None:
    known = offer.answered.get(said.name)
    reason = getattr(said.data, "reason", None)
    is_other = reason is not None and reason.value != offer.reason
    stands = offer.status in LED_TO[said.name]
    return Repeat(known) if known is not None and stands and not is_other else None


def _offered(state: MarketState, offer_id: str, offer: OfferEntry) -> Draft:
    group = group_of(state, offer)
    days = state.policy.delivery_working_days
    return Draft(
        data=SlotOffered(
            offer=offer_id,
            position=offer.position,
            opportunity=offer.opportunity,
            contract=state.reserved[offer.opportunity].contract,
            clause=group.clause,
            resident=offer.resident,
            answer_working_days=group.fence.answer_working_days or 0,
            deliver_by=deadline(market_calendar(state), state.now, days),
        ),
        subject=offer.resident,
        party=offer.party,
    )


def _run_out(state: MarketState, offer_id: str) -> Iterator[Draft]:
    offer = state.offers[offer_id]
    if offer.status == "proposed":
        yield from withdrawn(state, offer_id, WithdrawalReason.NOT_RELEASED)
    elif offer.status == "accepted":
        yield from withdrawn(state, offer_id, WithdrawalReason.SUPPLIER_SILENT)
    elif "OfferDelivered" not in offer.answered:
        yield from withdrawn(state, offer_id, WithdrawalReason.NOT_DELIVERED)
    else:
        yield Draft(
            data=OfferLapsed(offer=offer_id, position=offer.position, resident=offer.resident),
            subject=offer.resident,
            party=offer.party,
        )


def _undisclosed(state: MarketState, offer_id: str) -> bool:
    """
    Tell whether an acceptance would disclose a route that its resident does not consent to.
    """
    offer = state.offers[offer_id]
    if not group_of(state, offer).fence.route_disclosed:
        return False
    return not discloses(state, state.residents[offer.resident], offer.opportunity)


def _hold(state: MarketState, offer_id: str, status: str) -> None:
    position = position_of(state, state.offers[offer_id])
    position.status, position.offer = status, offer_id


def _meets(state: MarketState, offer: OfferEntry) -> bool:
    group, contract = group_of(state, offer), state.reserved[offer.opportunity].contract
    for code in state.residents[offer.resident].rule_codes:
        if (code.contract, code.clause) == (contract, group.clause):
            return code.rung is not None and code.rung <= group.stage
    return False
