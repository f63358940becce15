"""
Who enters a round for an opportunity, and the one reason why somebody does not.

`ALLOWED` is everything of a person that may reach the gate or the order. Nothing else of
a resident is read here, and a test that changes all the rest sees no decision change.
"""

from datetime import timedelta
from typing import Final

from matching.market.state import (
    CarriedFit,
    GroupEntry,
    MarketState,
    ReservedEntry,
    ResidentEntry,
)
from schemas.fits import RuleCode
from schemas.slots import Outcome
from schemas.vocabulary import Answer, moment

WEEK = timedelta(weeks=1)
ROUTE = "route"

ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "gate: consent and presence": ("status", "matching", "introductions"),
    "gate: the resident's own answers": ("yes", "no", "standing_until", "fit.standing"),
    "gate: places held and tried": ("live", "placed", "tried"),
    "gate: the contract's rule, by facts with evidence": ("rule_codes",),
    "gate: the position's requirements, by facts": ("fit.eligible",),
    "gate: a minimum fit, where the contract justifies one": (
        "fit.score",
        "fit.thin",
        "overridden",
    ),
    "order: an upheld challenge about a position of the same kind and hours": ("remedies",),
    "order: whole weeks ready, capped": ("ready_since",),
    "order: lottery ticket": ("resident id",),
    "own preference: the resident's ranking, then fit": ("ranked", "fit.score"),
}

Tiers = tuple[int | None, ...]


def admitted(
    state: MarketState, subject: str, *, opportunity: str, entry: ReservedEntry
) -> Tiers | Outcome:
    """
    Return a resident's tiers for the groups of an opportunity, or the first reason against it.

    Args:
        state: the market as the round finds it.
        subject: the resident.
        opportunity: one with reserved positions.
        entry: its reserved positions.

    Returns:
        The tiers with which the resident enters the round, by group, at least one of them
        in reach; or why they do not enter it.
    """
    resident = state.residents.get(subject)
    if resident is None or not resident.matched:
        return Outcome.INACTIVE
    if opportunity in resident.no:
        return Outcome.SAID_NO
    occupied = _occupied(state, resident, opportunity)
    if occupied is not None:
        return occupied
    if resident.ready_since is None:
        return Outcome.NOT_READY
    tiers = reach(state, resident, entry)
    if not _any(tiers):
        is_open = any(
            rule_code(resident, entry.contract, group.clause) is None for group in entry.groups
        )
        return Outcome.NOT_ASSESSED if is_open else Outcome.NO_POSITION_IN_REACH
    if not wants(state, subject, resident, opportunity):
        return Outcome.NOT_ASKED
    return _through_gate(state, subject, opportunity, entry, tiers)


def wants(state: MarketState, subject: str, resident: ResidentEntry, opportunity: str) -> bool:
    """
    Tell whether a resident said yes: to this opportunity, or a standing yes that it meets.
    """
    if opportunity in resident.no:
        return False
    if opportunity in resident.yes:
        return True
    if not stands(state, resident):
        return False
    fit = state.fits.get(subject, {}).get(opportunity)
    return fit is not None and fit.standing


def stands(state: MarketState, resident: ResidentEntry) -> bool:
    """
    Tell whether a resident's standing yes has not ended.
    """
    return resident.standing_until is not None and resident.standing_until >= state.day


def preferred(state: MarketState, subject: str, opportunities: list[str]) -> tuple[str, ...]:
    """
    Put opportunities that a resident said yes to into their own order, best first.

    What the resident ranked comes in that order; the others follow by fit, then by id.
    """
    resident = state.residents[subject]
    fits = state.fits.get(subject, {})
    ranks = {each: at for at, each in enumerate(resident.yes)} if resident.ranked else {}

    def order(opportunity: str) -> tuple[int, int, str]:
        fit = fits.get(opportunity)
        score = fit.score if fit is not None else 0
        return (ranks.get(opportunity, len(ranks)), -score, opportunity)

    return tuple(sorted(opportunities, key=order))


def reach(state: MarketState, resident: ResidentEntry, entry: ReservedEntry) -> Tiers:
    """
    Return the resident's tier for each group of an opportunity that has a position to give.

    A tier is the first rung of the group's ladder whose rule the resident meets today; a
    rung that is not open, or a group without a free position, is out of reach.
    """
    return tuple(tier_of(state, resident, entry, group) for group in entry.groups)


def tier_of(
    state: MarketState, resident: ResidentEntry, entry: ReservedEntry, group: GroupEntry
) -> int | None:
    if not group.has_free:
        return None
    code = rule_code(resident, entry.contract, group.clause)
    tier = None if code is None else _rung_today(code, state.day)
    return tier if tier is not None and tier <= group.stage else None


def opens_at(state: MarketState, resident: ResidentEntry, entry: ReservedEntry) -> str | None:
    """
    Return when the first rung opens that the resident meets today and that is closed yet.
    """
    openings = []
    for group in entry.groups:
        code = rule_code(resident, entry.contract, group.clause)
        tier = None if code is None else _rung_today(code, state.day)
        if group.has_free and tier is not None and group.stage < tier < len(group.rungs):
            openings.append(group.rungs[tier])
    return min(openings, default=None)


def rule_code(resident: ResidentEntry, contract: str, clause: str) -> RuleCode | None:
    """
    Return the resident's rule code for a clause, where it has been assessed.
    """
    for code in resident.rule_codes:
        if code.contract == contract and code.clause == clause:
            return code
    return None


def weeks_ready(resident: ResidentEntry, now: str) -> int:
    """
    Return the whole weeks since the log took a resident's readiness in.
    """
    if resident.ready_since is None:
        return 0
    return max(0, (moment(now) - moment(resident.ready_since)) // WEEK)


def remedied(state: MarketState, resident: ResidentEntry, opportunity: str) -> bool:
    """
    Tell whether an upheld challenge puts a resident first at an opportunity.
    """
    return any(is_remedied_by(state, each, opportunity) for each in resident.remedies)


def is_remedied_by(state: MarketState, challenge: str, opportunity: str) -> bool:
    """
    Tell whether an opportunity is of the kind and hours of the one that was challenged.
    """
    contested = state.opportunities[state.challenges[challenge].opportunity].terms
    terms = state.opportunities[opportunity].terms
    apart = abs(terms.minutes_a_week - contested.minutes_a_week)
    return terms.kind is contested.kind and apart <= state.policy.remedy_minutes_apart


def shuts_out(fit: CarriedFit, resident: ResidentEntry, *, opportunity: str, least: int) -> bool:
    """
    Tell whether a minimum fit keeps a resident out: never for what is not known.
    """
    if fit.thin or opportunity in resident.overridden:
        return False
    return fit.score < least


def discloses(state: MarketState, resident: ResidentEntry, opportunity: str) -> bool:
    """
    Tell whether a resident consented that an opportunity's supplier learns their route.
    """
    consent = resident.introductions.get(state.opportunities[opportunity].party)
    return consent is not None and ROUTE in consent.fields


def _occupied(state: MarketState, resident: ResidentEntry, opportunity: str) -> Outcome | None:
    if resident.placed:
        return Outcome.PLACED
    if opportunity in resident.tried:
        return Outcome.ALREADY_TRIED
    return Outcome.AT_LIMIT if len(resident.live) >= state.policy.most_live_offers else None


def _through_gate(
    state: MarketState, subject: str, opportunity: str, entry: ReservedEntry, tiers: Tiers
) -> Tiers | Outcome:
    resident = state.residents[subject]
    fit = state.fits.get(subject, {}).get(opportunity)
    if fit is None:
        return Outcome.NOT_ASSESSED
    if fit.eligible is Answer.NO:
        return Outcome.REQUIREMENT_NOT_MET
    fitting = tuple(
        None if shuts_out(fit, resident, opportunity=opportunity, least=_least(group)) else tier
        for tier, group in zip(tiers, entry.groups, strict=True)
    )
    if not _any(fitting):
        return Outcome.BELOW_MINIMUM_FIT
    disclosed = discloses(state, resident, opportunity)
    agreed = tuple(
        None if group.fence.route_disclosed and not disclosed else tier
        for tier, group in zip(fitting, entry.groups, strict=True)
    )
    return agreed if _any(agreed) else Outcome.ROUTE_NOT_CONSENTED


def _any(tiers: Tiers) -> bool:
    return any(tier is not None for tier in tiers)


def _least(group: GroupEntry) -> int:
    return 0 if group.fence.min_fit is None else group.fence.min_fit.value


def _rung_today(code: RuleCode, day: str) -> int | None:
    if code.first_day is not None and str(code.first_day) > day:
        return None
    if code.last_day is not None and str(code.last_day) < day:
        return None
    return code.rung
