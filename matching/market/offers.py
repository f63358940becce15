"""
Proposals and offers: released or held, delivered, answered, confirmed, or ended by a clock.

    proposed -> offered -> accepted -> introduced -> filled
       |           |          |            |
      held      declined   (consent)    rejected     and, by nobody's answer, lapsed or withdrawn

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
    stop,
    withdrawn,
)
from matching.market.entitlement import discloses, is_remedied_by
from matching.market.introductions import begin, consented, introduced
from matching.market.local_time import horizon
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import MarketState, OfferEntry
from matching.market.unreserved import open_positions
from matching.market.waiting import (
    ONCE_MORE,
    TAKEN_BACK,
    WAITING,
    Wait,
    days_of,
    opened_window,
    wait_of,
)
from schemas.answers import NoticeGiven
from schemas.residents import ResidentPaused
from schemas.slots import (
    AnswerDue,
    EligibilityLost,
    FitOverridden,
    HoldReason,
    LapseReason,
    OfferChanged,
    OfferLapsed,
    OfferWithdrawn,
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

# By what an offer waits for, why it is withdrawn when nobody acted in time.
SILENCE = {
    row.wait: end.reason
    for row in WAITING
    for end in row.runs_out
    if isinstance(end.reason, WithdrawalReason)
}

# Whom these take on has work; anybody else goes on taking part in rounds.
EMPLOYING = (OpportunityKind.JOB, OpportunityKind.APPRENTICESHIP)

# Why a resident is paused who was tried and left offers unanswered.
UNANSWERED_TWICE = "offers_unanswered"

# By what was said of a resident, why everything live of theirs ends.
GONE = {
    "ConsentGiven": WithdrawalReason.CONSENT_WITHDRAWN,
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
    elif _off_duty(state, said, offer):
        yield _off_duty_refusal(state, offer)
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
    if offer.status == "offered" and _undisclosed(state, said.data.offer):
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
    _spend_remedy(state, offer)
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
    _spend_remedy(state, offer)


def evolve_hire_rejected(state: MarketState, event: Happened) -> None:
    state.offers[event.data.offer].answered[event.name] = state.writing
    end(state, event.data.offer, status="rejected", reason=event.data.reason.value)


def evolve_offer_lapsed(state: MarketState, event: Happened) -> None:
    lapsed: OfferLapsed = event.data
    end(state, lapsed.offer, status="lapsed", reason=lapsed.reason.value)
    offer = state.offers[lapsed.offer]
    if lapsed.reason is LapseReason.NO_ANSWER:
        state.residents[offer.resident].unanswered += 1
        _spend_remedy(state, offer)
    _give_back(state, offer, lapsed.reason)


def evolve_offer_withdrawn(state: MarketState, event: Happened) -> None:
    withdrawal: OfferWithdrawn = event.data
    end(state, withdrawal.offer, status="withdrawn", reason=withdrawal.reason.value)
    _give_back(state, state.offers[withdrawal.offer], withdrawal.reason)


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


def _spend_remedy(state: MarketState, offer: OfferEntry) -> None:
    """
    Spend what put a resident first, once they have answered what it led to.
    """
    resident = state.residents[offer.resident]
    resident.remedies = tuple(each for each in resident.remedies if each not in offer.remedied_by)


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
    if state.residents[offer.resident].matching is None or _undisclosed(state, offer_id):
        return True
    # Who is asked again was introduced, too: the supplier hears of the end now or never.
    return (offer.is_introduced or offer.was_introduced) and consented(state, offer) is None


def _undisclosed(state: MarketState, offer_id: str) -> bool:
    """
    Tell whether an acceptance would disclose a route that its resident does not consent to.
    """
    offer = state.offers[offer_id]
    group = group_of(state, offer)
    if group is None or not group.fence.route_disclosed:
        return False
    return not discloses(state, state.residents[offer.resident], offer.opportunity)


def _hold(state: MarketState, offer_id: str, status: str) -> None:
    position = position_of(state, state.offers[offer_id])
    if position is not None:
        position.status, position.offer = status, offer_id


def _meets(state: MarketState, offer: OfferEntry) -> bool:
    group = group_of(state, offer)
    if group is None:
        return True
    contract = state.reserved[offer.opportunity].contract
    for code in state.residents[offer.resident].rule_codes:
        if (code.contract, code.clause) == (contract, group.clause):
            return code.rung is not None and code.rung <= group.stage
    return False
