"""
Proposals and offers: released or held, delivered, answered and confirmed.

    proposed -> offered -> accepted -> introduced -> filled
       |           |          |            |
      held      declined   (consent)    rejected     and, by nobody's answer: see `lapses`

An answer that stands on the log before the end of its window holds, whatever else the
interval brought. Each answer is taken once: again it is a repeat, in other words refused.
"""

from collections.abc import Iterator

from matching.market.duties import first_asked, may_release
from matching.market.endings import (
    LIVE,
    TOO_LATE,
    end,
    group_of,
    position_changed,
    position_of,
    spend_remedy,
    stop,
    withdrawn,
)
from matching.market.entitlement import is_remedied_by
from matching.market.introductions import begin, introduced, undisclosed
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import MarketState, OfferEntry
from matching.market.unreserved import open_positions
from matching.market.waiting import (
    Wait,
    days_of,
    opened_window,
)
from schemas.slots import (
    AnswerDue,
    FitOverridden,
    HoldReason,
    OfferChanged,
    ProposalHeld,
    ReleaseDue,
    SlotOffered,
    SlotProposed,
    WithdrawalReason,
)
from schemas.vocabulary import OpportunityKind

Decision = Iterator[Draft | Refusal | Repeat]

# What an answer led to: while that stands, the same answer again is a repeat.
LED_TO = {
    "ProposalReleased": ("offered", "accepted", "filled", "declined", "lapsed", "rejected"),
    "ProposalHeld": ("held", "withdrawn"),
    "OfferAccepted": ("accepted", "filled"),
    "OfferDeclined": ("declined",),
    "HireConfirmed": ("filled",),
    "HireRejected": ("rejected",),
}

# What terms that got worse take back of what was answered.
ASKED_ANEW = ("OfferAccepted", "IntroductionMade", "InterviewOffered", "InterviewHeld")

# Whom these take on has work; anybody else goes on taking part in rounds.
EMPLOYING = (OpportunityKind.JOB, OpportunityKind.APPRENTICESHIP)


def decide_proposal_released(state: MarketState, said: Said) -> Decision:
    offer = state.offers[said.data.offer]
    released_before = _answered(said, offer)
    if released_before is not None:
        yield released_before
    elif offer.status != "proposed":
        code = "offer_answered" if offer.status == "offered" else TOO_LATE[offer.status]
        yield refused(code, "/data/offer", lawful=_left_as(offer))
    elif _off_duty(state, said, offer):
        yield _off_duty_refusal(state, offer)
    elif undisclosed(state, said.data.offer):
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
    elif _off_duty(state, said, offer):
        yield _off_duty_refusal(state, offer)
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
    Start the window of what was delivered; what waits for another delivery leaves no record.
    """
    offer = state.offers.get(said.data.offer)
    if offer is None or offer.undelivered is None or offer.undelivered != said.data.event:
        return
    yield accepted(said, party=offer.party)
    yield _due(state, said.data.offer)


def decide_offer_accepted(state: MarketState, said: Said) -> Decision:
    offer = state.offers[said.data.offer]
    if offer.status == "offered" and undisclosed(state, said.data.offer):
        yield refused("route_not_consented", "/data/offer")
        return
    yield from _answer(said, offer, awaited="offered")
    if offer.answered.get(said.name) != state.writing:
        return
    yield from introduced(state, said.data.offer)
    if offer.group is None:
        return
    for other in state.residents[offer.resident].live:
        yield from withdrawn(state, other, WithdrawalReason.ACCEPTED_ANOTHER)


def decide_offer_declined(state: MarketState, said: Said) -> Decision:
    offer = state.offers[said.data.offer]
    yield from _answer(said, offer, awaited="offered")
    if offer.answered.get(said.name) == state.writing and offer.was_introduced:
        yield position_changed(state, said.data.offer)


def decide_hire_confirmed(state: MarketState, said: Said) -> Decision:
    """
    Fill the position; whoever has work now leaves what else was live of theirs to others.
    """
    offer = state.offers[said.data.offer]
    is_full = offer.group is None and open_positions(state, offer.opportunity) < 1
    if offer.status == "accepted" and is_full:
        yield refused("positions_filled", "/data/offer")
        return
    yield from _answer(said, offer, awaited="accepted")
    if offer.answered.get(said.name) != state.writing:
        return
    if state.opportunities[offer.opportunity].terms.kind in EMPLOYING:
        resident = state.residents[offer.resident]
        for other in (*resident.live, *resident.placed, *resident.referred):
            if other != said.data.offer and state.offers[other].status in LIVE:
                yield from withdrawn(state, other, WithdrawalReason.ACCEPTED_ANOTHER)


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
        undelivered=event.id,
    )
    state.offers[proposed.offer] = offer
    begin(state, proposed.offer, ends_at=proposed.deliver_by, remind_at=proposed.remind_at)
    _hold(state, proposed.offer, "proposed")
    resident = state.residents[proposed.resident]
    if proposed.remedied:
        offer.remedied_by = tuple(
            each for each in resident.remedies if is_remedied_by(state, each, opportunity)
        )
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
    offer = state.offers[offered.offer]
    offer.status, offer.undelivered = "offered", event.id
    begin(state, offered.offer, ends_at=offered.deliver_by, remind_at=offered.remind_at)
    _hold(state, offered.offer, "offered")


def evolve_offer_changed(state: MarketState, event: Happened) -> None:
    """
    Take an answer back that was given to better terms; the position stays held.
    """
    changed: OfferChanged = event.data
    offer = state.offers[changed.offer]
    offer.was_accepted |= offer.status == "accepted"
    offer.was_introduced |= offer.is_introduced
    offer.status, offer.undelivered, offer.contacted = "offered", event.id, False
    for answer in ASKED_ANEW:
        offer.answered.pop(answer, None)
    begin(state, changed.offer, ends_at=changed.deliver_by, remind_at=changed.remind_at)
    _hold(state, changed.offer, "offered")
    resident = state.residents[offer.resident]
    if changed.offer in resident.placed:
        resident.placed = tuple(each for each in resident.placed if each != changed.offer)
        resident.live = (*resident.live, changed.offer)


def evolve_offer_delivered(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].undelivered = None


def evolve_release_due(state: MarketState, event: Happened) -> None:
    due: ReleaseDue = event.data
    begin(
        state,
        due.offer,
        ends_at=due.release_by,
        remind_at=due.remind_at,
        overdue_at=due.overdue_at,
    )


def evolve_answer_due(state: MarketState, event: Happened) -> None:
    due: AnswerDue = event.data
    begin(state, due.offer, ends_at=due.answer_by, remind_at=due.remind_at)


def evolve_offer_accepted(state: MarketState, event: Happened) -> None:
    offer_id = event.data.offer
    offer = state.offers[offer_id]
    offer.status, offer.answered[event.name] = "accepted", state.writing
    offer.undelivered, offer.was_accepted = None, False
    stop(state, offer_id)
    _hold(state, offer_id, "accepted")
    resident = state.residents[offer.resident]
    resident.unanswered = 0
    spend_remedy(state, offer)
    if offer.group is not None:
        resident.live = tuple(each for each in resident.live if each != offer_id)
        resident.placed = (*resident.placed, offer_id)


def evolve_hire_confirmed(state: MarketState, event: Happened) -> None:
    offer_id = event.data.offer
    offer = state.offers[offer_id]
    offer.status, offer.answered[event.name] = "filled", state.writing
    stop(state, offer_id)
    _hold(state, offer_id, "filled")
    resident = state.residents[offer.resident]
    if offer.group is None:
        resident.referred = tuple(each for each in resident.referred if each != offer_id)
        resident.placed = (*resident.placed, offer_id)
    if state.opportunities[offer.opportunity].terms.kind not in EMPLOYING:
        resident.placed = tuple(each for each in resident.placed if each != offer_id)


def evolve_offer_declined(state: MarketState, event: Happened) -> None:
    offer = state.offers[event.data.offer]
    offer.answered[event.name] = state.writing
    end(state, event.data.offer, status="declined")
    state.residents[offer.resident].unanswered = 0
    spend_remedy(state, offer)


def evolve_hire_rejected(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].answered[event.name] = state.writing
    end(state, event.data.offer, status="rejected", reason=event.data.reason.value)


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
    is_other = reason is not None and getattr(reason, "value", reason) != offer.reason
    stands = offer.status in LED_TO[said.name]
    return Repeat(known) if known is not None and stands and not is_other else None


def _offered(state: MarketState, offer_id: str, offer: OfferEntry) -> Draft:
    group = group_of(state, offer)
    assert group is not None, "only a proposal is released"
    window = opened_window(state, offer, Wait.DELIVERY)
    return Draft(
        data=SlotOffered(
            offer=offer_id,
            position=offer.position or "",
            opportunity=offer.opportunity,
            contract=state.reserved[offer.opportunity].contract,
            clause=group.clause,
            resident=offer.resident,
            answer_working_days=days_of(state, offer, Wait.ANSWER),
            deliver_by=window.ends_at,
            remind_at=window.remind_at,
        ),
        subject=offer.resident,
        party=offer.party,
    )


def _due(state: MarketState, offer_id: str) -> Draft:
    """
    Say what is awaited of a partner now that it has what was sent, and until when.
    """
    offer = state.offers[offer_id]
    wait = Wait.RELEASE if offer.status == "proposed" else Wait.ANSWER
    window = opened_window(state, offer, wait)
    named = {"offer": offer_id, "resident": offer.resident, "opportunity": offer.opportunity}
    due: ReleaseDue | AnswerDue
    if wait is Wait.RELEASE:
        due = ReleaseDue(
            **named,
            release_by=window.ends_at,
            remind_at=window.remind_at,
            overdue_at=window.overdue_at,
            on_duty=first_asked(state, offer.party),
        )
    else:
        due = AnswerDue(**named, answer_by=window.ends_at, remind_at=window.remind_at)
    return Draft(data=due, subject=offer.resident, party=offer.party)


def _off_duty(state: MarketState, said: Said, offer: OfferEntry) -> bool:
    there = _on_duty(state, offer)
    return there is not None and said.message.envelope.authid not in there


def _off_duty_refusal(state: MarketState, offer: OfferEntry) -> Refusal:
    there = _on_duty(state, offer) or ()
    return refused("off_duty", "/authid", lawful=", ".join(there) or None)


def _on_duty(state: MarketState, offer: OfferEntry) -> tuple[str, ...] | None:
    late = offer.remind_at is not None and offer.undelivered is None
    return may_release(state, offer.party, late=late and state.now >= (offer.remind_at or ""))


def _hold(state: MarketState, offer_id: str, status: str) -> None:
    position = position_of(state, state.offers[offer_id])
    if position is not None:
        position.status, position.offer = status, offer_id
