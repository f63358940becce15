"""
Rounds: at its own times a market decides, whole, who is proposed for its free positions.

A round takes every opportunity that is due, everybody who said yes and whom the facts let
in, and the published order: whole weeks ready, capped, then the lottery ticket. What one
record cannot hold is proposed by the next ticks without a new round. A round closed is a
proof: its inputs stand in its digest, and `Round` computes it again from the same state.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from matching.market.allocation import (
    Applicant,
    Claim,
    Group,
    Placement,
    Vacancy,
    allocate,
    order_key,
    ticket,
)
from matching.market.entitlement import (
    Tiers,
    admitted,
    discloses,
    opens_at,
    preferred,
    reach,
    rule_code,
    shuts_out,
    stands,
    wants,
    weeks_ready,
)
from matching.market.local_time import GRACE, horizon, market_calendar, party_calendar
from matching.market.record import Draft, Happened, Said
from matching.market.state import MarketState, ReservedEntry, ResidentEntry
from matching.market.working_time import Calendar, deadline, latest_round
from schemas.answers import NoticeGiven
from schemas.envelope import canonical, offer_id, position_id
from schemas.rules import Policy
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


@dataclass(slots=True, kw_only=True)
class Round:
    """
    One round: who claims what, and who is placed.

    `turned_away` holds, by opportunity, why each resident who said yes does not claim it;
    `not_asked` how many could have claimed it and were never asked; `outcomes` who of those
    who claim is proposed or preferred another: all others were outranked.
    """

    vacancies: list[Vacancy]
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    applicants: list[Applicant] = field(default_factory=list)
    turned_away: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    not_asked: dict[str, int] = field(default_factory=dict)
    placements: tuple[Placement, ...] = ()
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)

    def outcome(self, resident: str, opportunity: str) -> Outcome | None:
        """
        Return what the round did for a resident who said yes; nothing for anybody else.
        """
        refused = self.turned_away.get(opportunity, {}).get(resident)
        if refused is not None:
            return refused
        if all(claim.resident != resident for claim in self.claims.get(opportunity, ())):
            return None
        return self.outcomes.get((resident, opportunity), Outcome.OUTRANKED)

    def counts(self, opportunity: str) -> Counter[Outcome]:
        """
        Count what the round did for everybody whom an opportunity concerned.
        """
        found = Counter(self.turned_away[opportunity].values())
        for claim in self.claims[opportunity]:
            found[self.outcomes.get((claim.resident, opportunity), Outcome.OUTRANKED)] += 1
        found[Outcome.NOT_ASKED] += self.not_asked[opportunity]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    What a round did for one resident and one opportunity, without another person's facts.

    `place` is the resident's own position in the published order, `last_place` the last
    position that was reached, both counted from 1 among `considered` claims. `opens_at` is
    when a rung opens that they meet and that is closed, where there is one.
    """

    outcome: Outcome
    at: str
    free: int
    considered: int
    stage: int
    weeks_ready: int
    tier: int | None = None
    place: int | None = None
    last_place: int | None = None
    opens_at: str | None = None
    unknown: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()


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
        minutes = _minutes(state, entry)
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


def decided(state: MarketState, subjects: tuple[str, ...]) -> Round:
    """
    Decide a round for these opportunities on the state as it stands.
    """
    found = Round(vacancies=[_vacancy(subject, state.reserved[subject]) for subject in subjects])
    found.claims = {subject: [] for subject in subjects}
    found.turned_away = {subject: {} for subject in subjects}
    limit = _policy(state).most_live_offers
    for name in sorted(state.residents):
        resident = state.residents[name]
        entered = []
        for subject in _wanted(state, name, resident, found.claims):
            entry = state.reserved[subject]
            tiers = admitted(state, name, opportunity=subject, entry=entry)
            if isinstance(tiers, Outcome):
                found.turned_away[subject][name] = tiers
            else:
                entered.append(subject)
                found.claims[subject].append(_claim(state, name, entry, tiers))
        if entered:
            wishes = preferred(state, name, entered)
            capacity = limit - len(resident.live)
            found.applicants.append(Applicant(resident=name, vacancies=wishes, capacity=capacity))
    found.placements = allocate(found.vacancies, found.claims, found.applicants)
    found.outcomes = _outcomes(found.applicants, found.placements)
    found.not_asked = _not_asked(state, subjects)
    return found


def explained(state: MarketState, resident: str, *, opportunity: str) -> Explanation | None:
    """
    Explain what a round now would do for one resident and one opportunity.

    Args:
        state: the market as the round found it.
        resident: our id.
        opportunity: our id.

    Returns:
        The one reason; nothing where the opportunity takes part in no round now.
    """
    subjects = due(state)
    if opportunity not in subjects or resident not in state.residents:
        return None
    return explanation(state, decided(state, subjects), resident, opportunity=opportunity)


def explanation(
    state: MarketState, found: Round, resident: str, *, opportunity: str
) -> Explanation:
    """
    Explain what a round did for one resident and one opportunity that took part.

    Args:
        state: the market as the round found it.
        found: what the round decided.
        resident: our id of somebody whom the market knows.
        opportunity: our id.
    """
    entry, entrant = state.reserved[opportunity], state.residents[resident]
    order = _published_order(found.claims[opportunity])
    outcome = found.outcome(resident, opportunity)
    if outcome is None:
        shut = admitted(state, resident, opportunity=opportunity, entry=entry)
        outcome = shut if isinstance(shut, Outcome) else Outcome.NOT_ASKED
    reached = [each.resident for each in found.placements if each.vacancy == opportunity]
    codes = [rule_code(entrant, entry.contract, group.clause) for group in entry.groups]
    tiers = [tier for tier in reach(state, entrant, entry) if tier is not None]
    return Explanation(
        outcome=outcome,
        at=state.now,
        free=sum(len(group.free) for group in _vacancy(opportunity, entry).groups),
        considered=len(order),
        stage=max(group.stage for group in entry.groups),
        weeks_ready=weeks_ready(entrant, state.now),
        tier=min(tiers, default=None),
        place=order.get(resident),
        last_place=max((order[each] for each in reached), default=None),
        opens_at=opens_at(state, entrant, entry),
        unknown=tuple(sorted({each for code in codes if code for each in code.unknown})),
        rests_on=tuple(sorted({each for code in codes if code for each in code.rests_on})),
    )


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
        entry.last_round, entry.rerun = closed.at, False
        entry.owed = any(each.outcome is Outcome.NOT_ASSESSED for each in part.outcomes)


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


# --- who claims what ----------------------------------------------------------------------


def _wanted(
    state: MarketState, name: str, resident: ResidentEntry, subjects: dict[str, list[Claim]]
) -> list[str]:
    """
    Return those of a round's opportunities that a resident says yes to.
    """
    if not (resident.yes or resident.standing_until):
        return []
    named = {each for each in resident.yes if each in subjects}
    if stands(state, resident):
        fits = state.fits.get(name, {})
        named |= {each for each, fit in fits.items() if fit.standing and each in subjects}
    return sorted(named - set(resident.no))


def _claim(state: MarketState, name: str, entry: ReservedEntry, tiers: Tiers) -> Claim:
    resident = state.residents[name]
    key = order_key(
        weeks_ready=weeks_ready(resident, state.now),
        most_weeks=_policy(state).most_weeks_ready,
        ticket=ticket(bytes.fromhex(state.seeds[entry.epoch].seed), name),
        resident=name,
    )
    return Claim(resident=name, key=key, tiers=tiers)


def _outcomes(
    applicants: list[Applicant], placements: tuple[Placement, ...]
) -> dict[tuple[str, str], Outcome]:
    placed = defaultdict(set)
    for placement in placements:
        placed[placement.resident].add(placement.vacancy)
    found = {}
    for applicant in applicants:
        got, room = placed[applicant.resident], applicant.capacity
        for vacancy in applicant.vacancies:
            if vacancy in got:
                found[applicant.resident, vacancy] = Outcome.PROPOSED
                room -= 1
            elif room == 0:
                found[applicant.resident, vacancy] = Outcome.PREFERRED_ANOTHER
    return found


def _vacancy(subject: str, entry: ReservedEntry) -> Vacancy:
    groups = tuple(
        Group(
            name=group.group,
            stage=group.stage,
            free=tuple(
                position_id(subject, group=group.group, ordinal=ordinal)
                for ordinal, position in enumerate(group.positions, start=1)
                if position.status == "free" and not group.public
            ),
        )
        for group in entry.groups
    )
    return Vacancy(id=subject, groups=groups)


def _not_asked(state: MarketState, subjects: tuple[str, ...]) -> dict[str, int]:
    """
    Count, for each opportunity, who is ready and in reach and has not answered.

    Opportunities with the same clauses at the same stages are in reach of the same people,
    so each such set is counted once.
    """
    answered: dict[str, set[str]] = {subject: set() for subject in subjects}
    limit = _policy(state).most_live_offers
    available = {}
    for name, resident in state.residents.items():
        if not resident.matched or resident.ready_since is None:
            continue
        if not resident.placed and len(resident.live) < limit:
            available[name] = resident
        for subject in (*resident.yes, *resident.no, *resident.tried):
            if subject in answered:
                answered[subject].add(name)
        if stands(state, resident):
            for subject, fit in state.fits.get(name, {}).items():
                if fit.standing and subject in answered:
                    answered[subject].add(name)
    in_reach: dict[tuple[tuple[str, str, int, bool], ...], set[str]] = {}
    found = {}
    for subject in subjects:
        entry = state.reserved[subject]
        ladder = tuple(
            (entry.contract, group.clause, group.stage, group.has_free) for group in entry.groups
        )
        if ladder not in in_reach:
            in_reach[ladder] = {
                name
                for name, resident in available.items()
                if any(tier is not None for tier in reach(state, resident, entry))
            }
        found[subject] = len(in_reach[ladder] - answered[subject])
    return found


# --- what a round writes ------------------------------------------------------------------


def closed(state: MarketState, found: Round) -> RoundClosed:
    """
    Write what a round decided, as it stands on the log.

    Args:
        state: the market as the round found it.
        found: what it decided.
    """
    orders = {subject: _published_order(claims) for subject, claims in found.claims.items()}
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
        rules_version=state.rules.version if state.rules else 1,
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
        place=order[placement.resident],
        considered=len(order),
    )


def _published_order(claims: list[Claim]) -> dict[str, int]:
    """
    Number the claims on an opportunity from 1: by rung, then by the published order.
    """
    tiers = {claim.resident: min(t for t in claim.tiers if t is not None) for claim in claims}
    ordered = sorted(claims, key=lambda claim: (tiers[claim.resident], claim.key))
    return {claim.resident: place for place, claim in enumerate(ordered, start=1)}


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
    calendars: dict[str, Calendar] = {}
    for decision in state.unproposed[: _policy(state).most_proposals_a_record]:
        gone = _gone(state, decision)
        if gone is not None:
            yield Draft(data=ProposalDropped(offer=decision.offer, outcome=gone))
            continue
        partner = state.residents[decision.resident].party
        if partner not in calendars:
            calendars[partner] = party_calendar(state, partner)
        yield Draft(
            data=_proposal(state, decision, calendars[partner]),
            subject=decision.resident,
            party=partner,
        )


def _proposal(state: MarketState, decision: Decision, calendar: Calendar) -> SlotProposed:
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
        epoch=entry.epoch,
        place=decision.place,
        considered=decision.considered,
        rests_on=code.rests_on if code is not None else (),
        rules_version=state.rules.version if state.rules else 1,
        decided_at=entry.last_round,
        release_by=deadline(calendar, state.now, group.fence.release_working_days or 0),
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
    if len(resident.live) >= _policy(state).most_live_offers:
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


def _minutes(state: MarketState, entry: ReservedEntry) -> int:
    usual = _policy(state).round_working_minutes
    return min(group.fence.round_working_minutes or usual for group in entry.groups)


def _policy(state: MarketState) -> Policy:
    return state.rules.policy if state.rules else Policy()
