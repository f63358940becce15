"""
The fold: what was said becomes what holds. Read this second.

    said -> repeat? duplicate? -> may they say it? -> does it hold? -> events -> state

`decide` and `evolve` are deterministic: no clock, no chance, no model, no I/O. Time enters
as `Tick`, the model's output as `FitsAssessed`, the law as rows of `RulesAdopted`. Every
event passes through `evolve` as it is decided, and recovery passes the same events from the
log through the same `evolve`; nothing else changes a market's state.
"""

from collections.abc import Callable, Iterator
from typing import Any

from matching.market import (
    admission,
    challenges,
    contacts,
    duties,
    fits,
    introductions,
    lapses,
    lottery,
    offers,
    opportunities,
    positions,
    referrals,
    registry,
    reminders,
    residents,
    rights,
    rounds,
    timekeeping,
)
from matching.market.record import Draft, Happened, Refusal, Repeat, Said
from matching.market.state import MarketState, empty
from schemas.answers import SubmissionRefused, SubmissionRepeated
from schemas.envelope import event_id
from schemas.log_record import Cause
from schemas.markets import MarketOpened
from schemas.ticks import Tick
from schemas.vocabulary import Problem, event_type

__all__ = ["decide", "empty", "evolve", "link", "open_market", "quarantine", "steps"]

Decider = Callable[[MarketState, Said], Iterator[Draft | Refusal | Repeat]]
Follower = Callable[[MarketState, Said], Iterator[Draft]]
Evolver = Callable[[MarketState, Happened], None]


def _decide_tick(state: MarketState, said: Said) -> Iterator[Draft | Refusal]:
    """
    Move time; then end what ran out, adjust, open rungs and hold the rounds that are due.
    """
    now, day = state.now, state.day
    yield from timekeeping.decide_tick(state, said)
    if state.now == now:
        return
    if state.day != day:
        yield from lapses.unconsented(state)
    yield from lapses.ended(state)
    yield from challenges.unanswered(state)
    yield from reminders.given(state)
    yield from positions.adjusted(state)
    yield from positions.staged(state)
    due = rounds.due(state)
    for epoch in rounds.epochs(state, due):
        seed = lottery.fixed_seed(state, epoch)
        if seed is not None:
            yield Draft(data=seed, subject=state.code)
    yield from rounds.held(state, due)


def _introduced(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    Introduce whoever waited for nothing but this consent.
    """
    if said.data.supplier is not None:
        yield from introductions.made_by_consent(state, said.data.supplier, said.subject)


def _each(*steps: Evolver) -> Evolver:
    def evolve_each(state: MarketState, event: Happened) -> None:
        for step in steps:
            step(state, event)

    return evolve_each


DECIDE: dict[str, Decider] = {
    "PartyRegisteredSealed": registry.decide_party_registered,
    "MarketOpened": registry.decide_market_opened,
    "RulesAdopted": registry.decide_rules_adopted,
    "ContractRegistered": registry.decide_contract_registered,
    "PledgeMade": registry.decide_pledge_made,
    "ContractAgreed": registry.decide_contract_agreed,
    "DutyAssigned": duties.decide_duty_assigned,
    "LotteryCommitted": lottery.decide_lottery_committed,
    "LotteryContributed": lottery.decide_lottery_contributed,
    "LotteryRevealed": lottery.decide_lottery_revealed,
    "InputUnreadable": registry.decide_input_unreadable,
    "RegisterFacts": registry.decide_register_facts,
    "OpportunityPostedSealed": opportunities.decide_opportunity_posted,
    "OpportunityAmendedSealed": opportunities.decide_opportunity_amended,
    "OpportunityWithdrawn": opportunities.decide_opportunity_withdrawn,
    "ResidentRegisteredSealed": residents.decide_resident_registered,
    "ResidentUpdatedSealed": residents.decide_resident_updated,
    "ResidentPaused": residents.decide_status,
    "ResidentResumed": residents.decide_status,
    "ResidentClosed": residents.decide_status,
    "ResidentErased": residents.decide_resident_erased,
    "ConsentGiven": residents.decide_consent_given,
    "ConsentWithdrawn": residents.decide_consent_withdrawn,
    "FactGivenSealed": residents.decide_fact_given,
    "ReadinessChanged": residents.decide_readiness_changed,
    "InterestGivenSealed": residents.decide_interest_given,
    "KeyDestroyed": residents.decide_key_destroyed,
    "FitsAssessed": fits.decide_fits_assessed,
    "RulesAssessed": fits.decide_rules_assessed,
    "ProposalReleased": offers.decide_proposal_released,
    "ProposalHeld": offers.decide_proposal_held,
    "OfferDelivered": offers.decide_offer_delivered,
    "OfferAccepted": offers.decide_offer_accepted,
    "OfferDeclined": offers.decide_offer_declined,
    "ContactTried": contacts.decide_contact_tried,
    "DeclineExplainedSealed": contacts.decide_decline_explained,
    "InterviewOffered": contacts.decide_interview_offered,
    "InterviewHeld": contacts.decide_interview_held,
    "ReferralMade": referrals.decide_referral_made,
    "ChallengeRaised": challenges.decide_challenge_raised,
    "ChallengeDecided": challenges.decide_challenge_decided,
    "HireConfirmed": offers.decide_hire_confirmed,
    "HireRejected": offers.decide_hire_rejected,
    "FitOverridden": offers.decide_fit_overridden,
    "ClockConfirmed": timekeeping.decide_clock_confirmed,
    "Tick": _decide_tick,
}

# What else follows, in the same record, once what was said holds.
FOLLOW: dict[str, tuple[Follower, ...]] = {
    "ContractRegistered": (registry.to_be_agreed,),
    "OpportunityPostedSealed": (positions.open_intake,),
    "OpportunityAmendedSealed": (positions.open_intake,),
    "OpportunityWithdrawn": (lapses.ended_with_posting,),
    "ConsentGiven": (lapses.ended_with_resident, _introduced),
    "ConsentWithdrawn": (lapses.ended_with_resident,),
    "ResidentClosed": (lapses.ended_with_resident,),
    "ResidentErased": (lapses.ended_with_resident,),
    "InterestGivenSealed": (lapses.declined_by_no, rounds.shut_out),
    "FitsAssessed": (rounds.shut_out,),
    "RulesAssessed": (lapses.lost,),
}

EVOLVE: dict[str, Evolver] = {
    "PartyRegisteredSealed": registry.evolve_party_registered,
    "MarketOpened": registry.evolve_market_opened,
    "RulesAdopted": registry.evolve_rules_adopted,
    "ContractRegistered": registry.evolve_contract_registered,
    "PledgeMade": registry.evolve_pledge_made,
    "ContractAgreed": _each(
        registry.evolve_contract_agreed,
        positions.evolve_contract_agreed,
        fits.evolve_contract_agreed,
    ),
    "DutyAssigned": duties.evolve_duty_assigned,
    "LotteryCommitted": lottery.evolve_lottery_committed,
    "LotteryContributed": lottery.evolve_lottery_contributed,
    "LotteryRevealed": lottery.evolve_lottery_revealed,
    "SeedFixed": lottery.evolve_seed_fixed,
    "OpportunityPostedSealed": opportunities.evolve_opportunity,
    "OpportunityAmendedSealed": _each(
        opportunities.evolve_opportunity, positions.evolve_opportunity_changed
    ),
    "OpportunityWithdrawn": _each(
        opportunities.evolve_opportunity_withdrawn, positions.evolve_opportunity_changed
    ),
    "ResidentRegisteredSealed": residents.evolve_resident_registered,
    "ResidentUpdatedSealed": residents.evolve_resident_updated,
    "ResidentPaused": residents.evolve_status,
    "ResidentResumed": residents.evolve_status,
    "ResidentClosed": residents.evolve_status,
    "ResidentErased": _each(residents.evolve_status, challenges.evolve_resident_erased),
    "ConsentGiven": residents.evolve_consent_given,
    "ConsentWithdrawn": residents.evolve_consent_withdrawn,
    "FactGivenSealed": residents.evolve_fact_given,
    "ReadinessChanged": residents.evolve_readiness_changed,
    "InterestGivenSealed": residents.evolve_interest_given,
    "KeyDestroyed": residents.evolve_key_destroyed,
    "FitsAssessed": _each(fits.evolve_fits_assessed, rounds.evolve_assessed),
    "RulesAssessed": _each(fits.evolve_rules_assessed, rounds.evolve_assessed),
    "FactAsked": fits.evolve_fact_asked,
    "IntakeOpened": positions.evolve_intake_opened,
    "PositionsAdjusted": positions.evolve_positions_adjusted,
    "StageOpened": positions.evolve_stage_opened,
    "RoundClosed": rounds.evolve_round_closed,
    "SlotProposed": _each(rounds.evolve_proposal_made, offers.evolve_slot_proposed),
    "ProposalDropped": rounds.evolve_proposal_made,
    "ProposalReleased": offers.evolve_proposal_released,
    "ProposalHeld": offers.evolve_proposal_held,
    "SlotOffered": offers.evolve_slot_offered,
    "OfferChanged": offers.evolve_offer_changed,
    "OfferDelivered": offers.evolve_offer_delivered,
    "ReleaseDue": offers.evolve_release_due,
    "ContactTried": contacts.evolve_contact_tried,
    "DeclineExplainedSealed": contacts.evolve_decline_explained,
    "ReferralMade": referrals.evolve_referral_made,
    "ReferralOpened": referrals.evolve_referral_opened,
    "ConsentDue": introductions.evolve_consent_due,
    "IntroductionMade": introductions.evolve_introduction_made,
    "InterviewOffered": contacts.evolve_interview,
    "InterviewHeld": contacts.evolve_interview,
    "ReminderGiven": reminders.evolve_reminder_given,
    "ReleaseOverdue": reminders.evolve_release_overdue,
    "ChallengeRaised": challenges.evolve_challenge_raised,
    "DecisionDue": challenges.evolve_decision_due,
    "ChallengeDecided": challenges.evolve_challenge_decided,
    "ChallengeUnanswered": challenges.evolve_challenge_unanswered,
    "RemedyGranted": challenges.evolve_remedy_granted,
    "AnswerDue": offers.evolve_answer_due,
    "OfferAccepted": offers.evolve_offer_accepted,
    "OfferDeclined": offers.evolve_offer_declined,
    "ConfirmationDue": introductions.evolve_confirmation_due,
    "HireConfirmed": offers.evolve_hire_confirmed,
    "HireRejected": offers.evolve_hire_rejected,
    "OfferLapsed": lapses.evolve_offer_lapsed,
    "OfferWithdrawn": lapses.evolve_offer_withdrawn,
    "EligibilityLost": lapses.evolve_eligibility_lost,
    "FitOverridden": offers.evolve_fit_overridden,
    "NoticeGiven": rounds.evolve_notice_given,
    "ClockDoubted": timekeeping.evolve_clock_doubted,
    "ClockConfirmed": timekeeping.evolve_clock_confirmed,
    "WindowsLengthened": timekeeping.evolve_windows_lengthened,
    "Tick": timekeeping.evolve_tick,
}

TICK = event_type(Tick).wire_name

# Events that inform their readers and change nothing here.
SILENT = frozenset(
    {"SubmissionRefused", "SubmissionRepeated", "InputUnreadable", "PositionChanged"}
)


def decide(state: MarketState, said: Said) -> tuple[Happened, ...] | None:
    """
    Decide what was said, and evolve the state by what follows from it.

    Args:
        state: the market; on return it holds what was decided.
        said: one record of its inbox.

    Returns:
        The events of its log record, or nothing where it leaves no record: a repeat, or a
        tick that changed nothing but *now*.
    """
    if admission.repeated(state, said):
        return None
    events: list[Happened] = []
    for draft in _decision(state, said):
        event = _event(state, draft, n=len(events) + 1)
        _evolve_event(state, event)
        events.append(event)
    if not events:
        return None
    admission.evolve_cause(state, said.source, said.told, tuple(events))
    return tuple(events)


def evolve(
    state: MarketState, cause: Cause, told: dict[str, Any], events: tuple[Happened, ...]
) -> None:
    """
    Evolve the state by one record of the log, as `decide` did when it was written.
    """
    for _ in steps(state, cause, told, events):
        pass


def steps(
    state: MarketState, cause: Cause, told: dict[str, Any], events: tuple[Happened, ...]
) -> Iterator[Happened]:
    """
    Evolve the state by one record, stopping at each event before it acts.

    Whoever reads on sees the state on which that event was decided; read to its end, all
    of the record has acted.
    """
    state.now = max(state.now, cause.now)
    state.now = max(state.now, _tick_of(told, events) or state.now)
    for event in events:
        yield event
        _evolve_event(state, event)
    admission.evolve_cause(state, cause.source, told, events)


def link(state: MarketState, *, sequence: int, digest: str) -> None:
    """
    Close a record: its sequence number and digest are the market's last.
    """
    state.sequence, state.digest = sequence, digest
    lottery.note_stand_in(state)


def quarantine(state: MarketState, said: Said) -> tuple[Happened, ...]:
    """
    Refuse a record on which `decide` or `evolve` raised, on a state rebuilt from the log.
    """
    draft = Draft(data=SubmissionRefused(problems=(Problem(code="internal", field=""),)))
    event = _event(state, draft, n=1)
    admission.evolve_cause(state, said.source, said.told, (event,))
    return (event,)


def open_market(state: MarketState, opened: MarketOpened) -> tuple[Happened, ...]:
    """
    Write a market's first event, from where it stands in the register.
    """
    event = _event(state, Draft(data=opened, subject=opened.code), n=1)
    _evolve_event(state, event)
    return (event,)


def _decision(state: MarketState, said: Said) -> Iterator[Draft]:
    duplicate = admission.duplicate(state, said)
    if duplicate is not None:
        yield _repeated(said, duplicate)
        return
    refusal = rights.refusal(state, said)
    if refusal is not None:
        yield _refused(said, refusal)
        return
    drafted, holds = False, True
    for outcome in DECIDE[said.name](state, said):
        drafted, holds = True, holds and isinstance(outcome, Draft)
        if isinstance(outcome, Refusal):
            yield _refused(said, outcome)
        elif isinstance(outcome, Repeat):
            yield _repeated(said, outcome)
        else:
            yield outcome
    for follow in FOLLOW.get(said.name, ()) if drafted and holds else ():
        yield from follow(state, said)


def _event(state: MarketState, draft: Draft, *, n: int) -> Happened:
    kind = event_type(draft.data)
    return Happened(
        id=event_id(state.code, sequence=state.writing, n=n),
        name=kind.name,
        version=kind.version,
        subject=draft.subject,
        party=draft.party,
        data=draft.data,
        said=draft.said,
    )


def _evolve_event(state: MarketState, event: Happened) -> None:
    if event.name == "DayBegan":
        timekeeping.evolve_day_began(state, event)
        opportunities.close_past(state)
        residents.end_consents(state)
        admission.forget(state)
    elif event.name not in SILENT:
        EVOLVE[event.name](state, event)


def _refused(said: Said, refusal: Refusal) -> Draft:
    return Draft(data=SubmissionRefused(problems=refusal.problems), subject=None, party=said.party)


def _repeated(said: Said, repeat: Repeat) -> Draft:
    return Draft(data=SubmissionRepeated(of_sequence=repeat.of_sequence), party=said.party)


def _tick_of(told: dict[str, Any], events: tuple[Happened, ...]) -> str | None:
    """
    Return the time that a record's tick moved *now* to; one refused or doubted moved nothing.
    """
    is_tick = told["message"]["type"] == TICK
    unmoved = (*admission.NOT_ACCEPTED, "ClockDoubted")
    if not is_tick or any(event.name in unmoved for event in events):
        return None
    return str(told["message"]["data"]["at"])
