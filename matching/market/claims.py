"""
Who claims what in a round, and what the round did for each of them.

A round takes every opportunity that is due and everybody who said yes and whom the facts
let in, in the published order: whom an upheld challenge put first, then whole weeks ready,
capped, then the lottery ticket.
"""

from collections import Counter, defaultdict
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
    preferred,
    reach,
    remedied,
    stands,
    weeks_ready,
)
from matching.market.state import MarketState, ReservedEntry, ResidentEntry
from schemas.envelope import position_id
from schemas.slots import Outcome


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


def decided(state: MarketState, subjects: tuple[str, ...]) -> Round:
    """
    Decide a round for these opportunities on the state as it stands.
    """
    found = Round(vacancies=[vacancy_of(subject, state.reserved[subject]) for subject in subjects])
    found.claims = {subject: [] for subject in subjects}
    found.turned_away = {subject: {} for subject in subjects}
    limit = state.policy.most_live_offers
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
                found.claims[subject].append(_claim(state, name, subject, tiers))
        if entered:
            wishes = preferred(state, name, entered)
            capacity = limit - len(resident.live)
            found.applicants.append(Applicant(resident=name, vacancies=wishes, capacity=capacity))
    found.placements = allocate(found.vacancies, found.claims, found.applicants)
    found.outcomes = _outcomes(found.applicants, found.placements)
    found.not_asked = _not_asked(state, subjects)
    return found


def published_order(claims: list[Claim]) -> dict[str, int]:
    """
    Number the claims on an opportunity from 1: by rung, then by the published order.
    """
    tiers = {claim.resident: min(t for t in claim.tiers if t is not None) for claim in claims}
    ordered = sorted(claims, key=lambda claim: (tiers[claim.resident], claim.key))
    return {claim.resident: place for place, claim in enumerate(ordered, start=1)}


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


def _claim(state: MarketState, name: str, subject: str, tiers: Tiers) -> Claim:
    resident, entry = state.residents[name], state.reserved[subject]
    key = order_key(
        weeks_ready=weeks_ready(resident, state.now),
        most_weeks=state.policy.most_weeks_ready,
        ticket=ticket(bytes.fromhex(state.seeds[entry.epoch].seed), name),
        resident=name,
        remedied=remedied(state, resident, subject),
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


def vacancy_of(subject: str, entry: ReservedEntry) -> Vacancy:
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
    limit = state.policy.most_live_offers
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
