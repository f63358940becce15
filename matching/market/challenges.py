"""
Challenges: a decision is contested, and decided by somebody outside the resident's partner.

What nobody decides in the contract's time counts as upheld. The remedy is the first place of
the resident's rung at the next position of the same kind and hours: a key of the published
order, so it is proved like every other.
"""

from collections.abc import Iterator

from matching.market.endings import LIVE
from matching.market.local_time import horizon, party_calendar
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import BEFORE_TIME, ChallengeEntry, MarketState
from matching.market.waiting import decider_of, window
from schemas.challenges import (
    ChallengeDecided,
    ChallengeRaised,
    ChallengeUnanswered,
    DecisionDue,
    RemedyGranted,
)
from schemas.envelope import event_id

Decision = Iterator[Draft | Refusal | Repeat]

LEFT = ("closed", "erased")


def decide_challenge_raised(state: MarketState, said: Said) -> Decision:
    """
    Take a challenge, and say who decides it until when.
    """
    raised: ChallengeRaised = said.data
    refusal = hindrance(state, said.subject, opportunity=raised.opportunity)
    if refusal is not None:
        yield refusal
        return
    partner = state.residents[said.subject].party
    decider = decider_of(state, raised.opportunity, partner=partner)
    if decider is None:
        yield refused("nobody_to_decide", "/data/opportunity")
        return
    yield accepted(said)
    named = event_id(state.code, sequence=state.writing, n=1)
    opened = window(
        party_calendar(state, decider), state.now, days_to_decide(state, raised.opportunity)
    )
    yield Draft(
        data=DecisionDue(
            challenge=named,
            resident=said.subject,
            opportunity=raised.opportunity,
            contract=state.reserved[raised.opportunity].contract,
            ground=raised.ground,
            decider=decider,
            decide_by=opened.ends_at,
            remind_at=opened.remind_at,
        ),
        subject=said.subject,
        party=decider,
    )


def decide_challenge_decided(state: MarketState, said: Said) -> Decision:
    decided: ChallengeDecided = said.data
    challenge = state.challenges[decided.challenge]
    if challenge.status == ("upheld" if decided.upheld else "dismissed"):
        yield Repeat(challenge.decided)
    elif challenge.status != "open":
        yield refused("challenge_closed", "/data/challenge", lawful=challenge.status)
    else:
        yield accepted(said)
        if decided.upheld:
            yield from _remedy(state, decided.challenge)


def unanswered(state: MarketState) -> Iterator[Draft]:
    """
    Uphold, at a tick, what nobody decided in time.
    """
    latest = horizon(state)
    due = sorted(
        (at, key.removeprefix("challenge "))
        for key, at in state.clocks.items()
        if key.startswith("challenge ") and at <= latest
    )
    for _, named in due[: state.policy.most_proposals_a_record]:
        challenge = state.challenges[named]
        yield Draft(
            data=ChallengeUnanswered(
                challenge=named,
                resident=challenge.resident,
                opportunity=challenge.opportunity,
                decider=challenge.decider,
            ),
            subject=challenge.resident,
            party=challenge.decider,
        )
        yield from _remedy(state, named)


def hindrance(state: MarketState, subject: str, *, opportunity: str) -> Refusal | None:
    """
    Return why what became of a resident at an opportunity cannot be contested now, if so.
    """
    if opportunity not in state.reserved:
        return refused("opportunity_unknown", "/data/opportunity")
    if state.residents[subject].status == "closed":
        return refused("resident_closed", "/data/resident")
    if state.reserved[opportunity].last_round == BEFORE_TIME:
        until = state.reserved[opportunity].until
        return refused("nothing_decided_yet", "/data/opportunity", lawful=until)
    for named, challenge in state.challenges.items():
        if (challenge.resident, challenge.opportunity) == (subject, opportunity):
            code = "challenge_open" if challenge.status == "open" else "challenge_closed"
            return refused(code, "/data/opportunity", lawful=named)
    holds = (
        offer.status in (*LIVE, "filled")
        for offer in state.offers.values()
        if (offer.resident, offer.opportunity) == (subject, opportunity)
    )
    return refused("nothing_to_challenge", "/data/opportunity") if any(holds) else None


def evolve_challenge_raised(_: MarketState, __: Happened) -> None:
    """
    Keep nothing of what was said: who decides it, and until when, follows in the same record.
    """


def evolve_decision_due(state: MarketState, event: Happened) -> None:
    due: DecisionDue = event.data
    state.challenges[due.challenge] = ChallengeEntry(
        resident=due.resident,
        opportunity=due.opportunity,
        contract=due.contract,
        decider=due.decider,
        ground=due.ground,
    )
    state.clocks[f"challenge {due.challenge}"] = due.decide_by
    if due.remind_at is not None:
        state.clocks[f"remind {due.challenge}"] = due.remind_at


def evolve_challenge_decided(state: MarketState, event: Happened) -> None:
    decided: ChallengeDecided = event.data
    _close(state, decided.challenge, "upheld" if decided.upheld else "dismissed")


def evolve_challenge_unanswered(state: MarketState, event: Happened) -> None:
    _close(state, event.data.challenge, "unanswered")


def evolve_resident_erased(state: MarketState, event: Happened) -> None:
    """
    Forget what nobody has decided yet of somebody who asked to be erased.
    """
    resident = event.subject or ""
    state.residents[resident].remedies = ()
    for named in [each for each, entry in state.challenges.items() if entry.resident == resident]:
        if state.challenges[named].status == "open":
            _stop(state, named)
            del state.challenges[named]


def evolve_remedy_granted(state: MarketState, event: Happened) -> None:
    granted: RemedyGranted = event.data
    resident = state.residents[granted.resident]
    resident.remedies = (*resident.remedies, granted.challenge)


def _close(state: MarketState, named: str, status: str) -> None:
    challenge = state.challenges[named]
    challenge.status, challenge.decided = status, state.writing
    _stop(state, named)


def _stop(state: MarketState, named: str) -> None:
    for kind in ("challenge", "remind"):
        state.clocks.pop(f"{kind} {named}", None)


def _remedy(state: MarketState, named: str) -> Iterator[Draft]:
    """
    Grant the remedy, but to nobody who has left: there is no next position for them.
    """
    challenge = state.challenges[named]
    if state.residents[challenge.resident].status in LEFT:
        return
    yield Draft(
        data=RemedyGranted(
            challenge=named, resident=challenge.resident, opportunity=challenge.opportunity
        ),
        subject=challenge.resident,
        party=state.residents[challenge.resident].party,
    )


def days_to_decide(state: MarketState, opportunity: str) -> int:
    """
    Return in how many working days a challenge about an opportunity is to be decided.
    """
    fences = [group.fence for group in state.reserved[opportunity].groups]
    return max(fence.challenge_working_days or 0 for fence in fences)
