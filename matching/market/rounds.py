"""
Rounds: at its own times a market decides, whole, who is proposed for its free positions.

What one record cannot hold is proposed by the next ticks without a new round. A round closed
is a proof: its inputs stand in its digest, and `claims` decides it again from the same state.
"""

import hashlib
from collections.abc import Iterator

from matching.market.allocation import (
    Placement,
    ticket,
)
from matching.market.claims import Round, decided, published_order
from matching.market.entitlement import (
    discloses,
    remedied,
    rule_code,
    shuts_out,
    wants,
    weeks_ready,
)
from matching.market.local_time import (
    GRACE,
    horizon,
    market_calendar,
    minutes_between,
)
from matching.market.record import Draft, Happened, Said
from matching.market.state import MarketState, ReservedEntry
from matching.market.waiting import Window, window
from matching.market.working_time import latest_round
from schemas.answers import NoticeGiven
from schemas.envelope import canonical, offer_id
from schemas.slots import (
    Decision,
    OpportunityRound,
    Outcome,
    OutcomeCount,
    ProposalDropped,
    RoundClosed,
    SlotProposed,
)
from schemas.vocabulary import later

SHUT_OUT = "below_minimum_fit"


def due(state: MarketState) -> tuple[str, ...]:
    """
    Return the opportunities that a round is due for now, none while proposals wait to be made.
    """
    if state.unproposed:
        return ()
    latest = horizon(state)
    calendar = market_calendar(state)
    times: dict[int, str] = {}
    found = []
    for subject in sorted(state.reserved):
        entry = state.reserved[subject]
        if not entry.has_free or entry.until > latest:
            continue
        minutes = minutes_between(state, (group.fence for group in entry.groups))
        if minutes not in times:
            times[minutes] = latest_round(calendar, latest, minutes)
        if entry.rerun or _is_time(entry, times[minutes]):
            found.append(subject)
    return tuple(found)


def epochs(state: MarketState, subjects: tuple[str, ...]) -> tuple[str, ...]:
    """
    Return the epochs by whose seeds a round over these opportunities draws.
    """
    return tuple(sorted({state.reserved[subject].epoch for subject in subjects}))


def held(state: MarketState, subjects: tuple[str, ...]) -> Iterator[Draft]:
    """
    Hold the round that is due, or propose what an earlier one decided.
    """
    if subjects:
        found = decided(state, subjects)
        yield Draft(data=closed(state, found), subject=state.code)
    yield from _proposed(state)


def shut_out(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    Tell partners, once a pair, whom a minimum fit would shut out of what they said yes to.
    """
    for name, subject in sorted(_touched(state, said)):
        entry, resident = state.reserved[subject], state.residents[name]
        fit = state.fits.get(name, {}).get(subject)
        least = _least(entry)
        if fit is None or subject in resident.shut_out:
            continue
        if shuts_out(fit, resident, opportunity=subject, least=least):
            yield Draft(
                data=NoticeGiven(
                    party=resident.party,
                    notice=SHUT_OUT,
                    about=name,
                    lawful_value=str(least),
                    opportunity=subject,
                ),
                subject=name,
                party=resident.party,
            )


def evolve_round_closed(state: MarketState, event: Happened) -> None:
    closed: RoundClosed = event.data
    state.unproposed = closed.decisions
    for part in closed.opportunities:
        entry = state.reserved[part.opportunity]
        missing = any(each.outcome is Outcome.NOT_ASSESSED for each in part.outcomes)
        # Once a round: else who is never assessed would make every assessment a round's time.
        entry.owed = missing and not entry.rerun
        entry.last_round, entry.rerun = closed.at, False


def evolve_assessed(state: MarketState, event: Happened) -> None:
    """
    Let the next tick hold a round again where one had to leave out who is assessed now.

    So nobody can spend a round by changing what everybody must be assessed for anew.
    """
    subject = event.subject or ""
    named = {subject}
    resident = state.residents.get(subject)
    if resident is not None:
        standing = {each for each, fit in state.fits.get(subject, {}).items() if fit.standing}
        named = {*resident.yes, *standing}
    for entry in (state.reserved[each] for each in named & state.reserved.keys()):
        if entry.owed:
            entry.owed, entry.rerun = False, entry.has_free


def evolve_proposal_made(state: MarketState, event: Happened) -> None:
    """
    Take what is proposed, or dropped, off what waits to be; a dropped one's position is due.
    """
    dropped = isinstance(event.data, ProposalDropped)
    for decision in state.unproposed:
        if decision.offer == event.data.offer and dropped:
            entry = state.reserved[decision.opportunity]
            entry.rerun = entry.has_free
    state.unproposed = tuple(each for each in state.unproposed if each.offer != event.data.offer)


def evolve_notice_given(state: MarketState, event: Happened) -> None:
    notice: NoticeGiven = event.data
    if notice.notice == SHUT_OUT and notice.opportunity is not None:
        resident = state.residents[notice.about]
        resident.shut_out = tuple(sorted({*resident.shut_out, notice.opportunity}))


# --- what a round writes ------------------------------------------------------------------


def closed(state: MarketState, found: Round) -> RoundClosed:
    """
    Write what a round decided, as it stands on the log.

    Args:
        state: the market as the round found it.
        found: what it decided.
    """
    orders = {subject: published_order(claims) for subject, claims in found.claims.items()}
    parts = []
    for vacancy in found.vacancies:
        counted = sorted((each, n) for each, n in found.counts(vacancy.id).items() if n)
        parts.append(
            OpportunityRound(
                opportunity=vacancy.id,
                epoch=state.reserved[vacancy.id].epoch,
                free=sum(len(group.free) for group in vacancy.groups),
                considered=len(found.claims[vacancy.id]),
                outcomes=tuple(OutcomeCount(outcome=each, residents=n) for each, n in counted),
            )
        )
    return RoundClosed(
        at=state.now,
        rules_version=state.rules_version,
        opportunities=tuple(parts),
        decisions=tuple(
            _decision(state, placement, orders[placement.vacancy]) for placement in found.placements
        ),
        digest=_digest(found),
    )


def _decision(state: MarketState, placement: Placement, order: dict[str, int]) -> Decision:
    entry = state.reserved[placement.vacancy]
    seed = bytes.fromhex(state.seeds[entry.epoch].seed)
    return Decision(
        offer=offer_id(
            state.code, position=placement.position, resident=placement.resident, at=state.now
        ),
        position=placement.position,
        opportunity=placement.vacancy,
        resident=placement.resident,
        tier=placement.tier,
        weeks_ready=weeks_ready(state.residents[placement.resident], state.now),
        ticket=f"{ticket(seed, placement.resident):016x}",
        remedied=remedied(state, state.residents[placement.resident], placement.vacancy),
        place=order[placement.resident],
        considered=len(order),
    )


def _digest(found: Round) -> str:
    """
    Take the digest of everything that the round was decided on, in canonical JSON.
    """
    inputs = {
        "vacancies": [
            [each.id, [[group.name, group.stage, list(group.free)] for group in each.groups]]
            for each in found.vacancies
        ],
        "claims": {
            subject: sorted([list(claim.key), list(claim.tiers)] for claim in claims)
            for subject, claims in found.claims.items()
        },
        "applicants": [
            [each.resident, each.capacity, list(each.vacancies)] for each in found.applicants
        ],
    }
    return hashlib.sha256(canonical(inputs)).hexdigest()


def _proposed(state: MarketState) -> Iterator[Draft]:
    calendar = market_calendar(state)
    opened = window(calendar, state.now, state.policy.delivery_working_days)
    for decision in state.unproposed[: state.policy.most_proposals_a_record]:
        gone = _gone(state, decision)
        if gone is not None:
            yield Draft(data=ProposalDropped(offer=decision.offer, outcome=gone))
            continue
        partner = state.residents[decision.resident].party
        yield Draft(
            data=_proposal(state, decision, opened),
            subject=decision.resident,
            party=partner,
        )


def _proposal(state: MarketState, decision: Decision, opened: Window) -> SlotProposed:
    entry = state.reserved[decision.opportunity]
    group = entry.named(decision.position.split("/")[1])
    code = rule_code(state.residents[decision.resident], entry.contract, group.clause)
    return SlotProposed(
        offer=decision.offer,
        position=decision.position,
        opportunity=decision.opportunity,
        contract=entry.contract,
        clause=group.clause,
        resident=decision.resident,
        tier=decision.tier,
        stage=group.stage,
        weeks_ready=decision.weeks_ready,
        ticket=decision.ticket,
        remedied=decision.remedied,
        epoch=entry.epoch,
        place=decision.place,
        considered=decision.considered,
        rests_on=code.rests_on if code is not None else (),
        rules_version=state.rules_version,
        decided_at=entry.last_round,
        release_working_days=group.fence.release_working_days or 0,
        deliver_by=opened.ends_at,
        remind_at=opened.remind_at,
    )


def _gone(state: MarketState, decision: Decision) -> Outcome | None:
    """
    Return why a decided proposal can no longer be made: consent and validity, nothing else.
    """
    resident = state.residents[decision.resident]
    group_name, ordinal = decision.position.split("/")[1:]
    group = state.reserved[decision.opportunity].named(group_name)
    if not resident.matched:
        return Outcome.INACTIVE
    if decision.opportunity in resident.no:
        return Outcome.SAID_NO
    if not wants(state, decision.resident, resident, decision.opportunity):
        return Outcome.NOT_ASKED
    if resident.placed:
        return Outcome.PLACED
    if len(resident.live) >= state.policy.most_live_offers:
        return Outcome.AT_LIMIT
    if group.public or group.positions[int(ordinal) - 1].status != "free":
        return Outcome.NO_POSITION_IN_REACH
    if group.fence.route_disclosed and not discloses(state, resident, decision.opportunity):
        return Outcome.ROUTE_NOT_CONSENTED
    return None


def _touched(state: MarketState, said: Said) -> set[tuple[str, str]]:
    """
    Return the pairs of a yes and an opportunity with a minimum fit that something may change.
    """
    subject = said.data.subject if said.name == "FitsAssessed" else said.subject
    if subject in state.reserved:
        names = state.residents.items() if _least(state.reserved[subject]) else ()
        return {(n, subject) for n, each in names if wants(state, n, each, subject)}
    resident = state.residents.get(subject)
    named = {*resident.yes, *state.fits.get(subject, {})} if resident is not None else set()
    return {
        (subject, each)
        for each in named & state.reserved.keys()
        if _least(state.reserved[each]) and resident and wants(state, subject, resident, each)
    }


def _least(entry: ReservedEntry) -> int:
    """
    Return the highest minimum fit of an opportunity's groups: below it, some are shut.
    """
    stated = [group.fence.min_fit.value for group in entry.groups if group.fence.min_fit]
    return max(stated, default=0)


def _is_time(entry: ReservedEntry, at: str) -> bool:
    """
    Tell whether a round time is due: not held yet, and what is free was free by then.

    A round is held late by the grace, so one that a hold brought on at its very time was
    another: it may not have known of an answer in time.
    """
    return entry.until <= at and later(at, GRACE) > entry.last_round and entry.free_at(at)
