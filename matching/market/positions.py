"""
Reserved positions: opened with a posting, following its amendments, released rung by rung.

The terms of a fence stand in the contract alone. What a posting or an agreed version takes
away waits for the next tick, so that an acceptance before it always holds.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from matching.market.endings import is_kept, position_changed, withdrawn
from matching.market.introductions import consented
from matching.market.local_time import market_calendar, minutes_between
from matching.market.record import Draft, Happened, Said
from matching.market.state import (
    GroupEntry,
    MarketState,
    OpportunityEntry,
    PositionEntry,
    ReservedEntry,
)
from matching.market.working_time import (
    Calendar,
    first_round,
    local,
    midnight,
    working_day_after,
)
from schemas.answers import NoticeGiven
from schemas.contracts import RingFence
from schemas.slots import (
    IntakeOpened,
    PositionsAdjusted,
    PositionState,
    ReservedGroup,
    StageOpened,
    WithdrawalReason,
)
from schemas.vocabulary import Precedence, later

ONE_DAY = timedelta(days=1)


def open_intake(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    Open the intake of a posting that has reserved positions, with the dates of its ladder.
    """
    opportunity = state.opportunities[said.subject]
    if not opportunity.terms.ring_fence or said.subject in state.reserved:
        return
    calendar = market_calendar(state)
    posted_on = local(calendar, state.now)[0]
    found = [_fence(state, opportunity, each.clause) for each in opportunity.terms.ring_fence]
    fences = [fence for fence in found if fence is not None]
    until = later(state.now, timedelta(hours=max(fence.intake_hours or 0 for fence in fences)))
    yield Draft(
        data=IntakeOpened(
            opportunity=said.subject,
            contract=opportunity.terms.contract or "",
            epoch=epoch_of(posted_on),
            until=until,
            first_round_at=first_round(calendar, until, minutes_between(state, fences)),
            groups=_declared(state, opportunity, posted_on=posted_on),
        ),
        subject=said.subject,
        party=opportunity.party,
    )


def adjusted(state: MarketState) -> Iterator[Draft]:
    """
    Bring positions up to date with what was amended, withdrawn or agreed since the last tick.
    """
    for subject in state.unadjusted:
        opportunity, entry = state.opportunities[subject], state.reserved[subject]
        posted_on = date.fromisoformat(entry.posted_on)
        groups = _declared(state, opportunity, posted_on=posted_on, entry=entry)
        yield from _cut(state, subject, groups)
        yield from _unagreed(state, subject, groups)
        yield Draft(
            data=PositionsAdjusted(opportunity=subject, groups=groups),
            subject=subject,
            party=opportunity.party,
        )
        yield from _overhang(state, subject)


def staged(state: MarketState) -> Iterator[Draft]:
    """
    Open the rungs whose day has come, and make public what the ladder has let go.
    """
    due = sorted(key for key, at in state.clocks.items() if at <= state.now)
    groups = sorted({key.split(" ")[1] for key in due if key.startswith(("rung ", "public "))})
    for named in groups:
        subject, _, name = named.partition("/")
        group = state.reserved[subject].named(name)
        stage = sum(at <= state.now for at in group.rungs) - 1
        if stage > group.stage:
            yield _stage_opened(state, subject, name, stage)
        if group.public_at <= state.now:
            yield _stage_opened(state, subject, name, None)


def evolve_intake_opened(state: MarketState, event: Happened) -> None:
    opened: IntakeOpened = event.data
    opportunity = state.opportunities[opened.opportunity]
    entry = ReservedEntry(
        contract=opened.contract,
        epoch=opened.epoch,
        posted_on=str(local(market_calendar(state), state.now)[0]),
        until=opened.until,
        groups=(),
    )
    state.reserved[opened.opportunity] = entry
    entry.groups = _in_precedence(
        [_entry(state, opportunity, told, stage=_stage(state, told)) for told in opened.groups]
    )
    _keep_clocks(state, opened.opportunity)


def evolve_positions_adjusted(state: MarketState, event: Happened) -> None:
    adjusted: PositionsAdjusted = event.data
    subject = adjusted.opportunity
    entry = state.reserved[subject]
    known = {group.group: group for group in entry.groups}
    named = [
        _adjust(state, subject, known.pop(told.group), told)
        if told.group in known
        else _entry(state, state.opportunities[subject], told, stage=_stage(state, told))
        for told in adjusted.groups
    ]
    # What has no position left is told of no more, but its ended offers still name it.
    entry.groups = _in_precedence([*named, *known.values()])
    entry.rerun = entry.rerun and entry.has_free
    state.unadjusted = tuple(each for each in state.unadjusted if each != subject)
    _keep_clocks(state, subject)


def evolve_stage_opened(state: MarketState, event: Happened) -> None:
    opened: StageOpened = event.data
    group = state.reserved[opened.opportunity].named(opened.group)
    if opened.stage is None:
        group.public = True
    else:
        group.stage = max(group.stage, opened.stage)
    _keep_clocks(state, opened.opportunity)


def evolve_opportunity_changed(state: MarketState, event: Happened) -> None:
    _note_changed(state, {event.subject or ""})


def evolve_contract_agreed(state: MarketState, event: Happened) -> None:
    contract = event.data.contract_id
    _note_changed(
        state, {each for each, entry in state.reserved.items() if entry.contract == contract}
    )


def epoch_of(day: date) -> str:
    """
    Return the quarter of a day, for which one lottery holds.

    >>> epoch_of(date(2026, 5, 4))
    '2026Q2'
    """
    return f"{day.year}Q{(day.month + 2) // 3}"


def _note_changed(state: MarketState, subjects: set[str]) -> None:
    """
    Note opportunities whose reserved positions the next tick brings up to date.
    """
    state.unadjusted = tuple(sorted({*state.unadjusted, *(subjects & state.reserved.keys())}))


# --- what a posting declares --------------------------------------------------------------


def _declared(
    state: MarketState,
    opportunity: OpportunityEntry,
    *,
    posted_on: date,
    entry: ReservedEntry | None = None,
) -> tuple[ReservedGroup, ...]:
    """
    Return the groups as they are to be: those that a posting no longer has, with none.
    """
    withdrawn_now = opportunity.status == "withdrawn"
    fences = () if withdrawn_now else opportunity.terms.ring_fence
    wanted = [(each.group, each.clause, each.positions) for each in fences]
    names = {each.group for each in fences}
    known = entry.groups if entry else ()
    gone = [
        (each.group, each.clause, 0) for each in known if each.group not in names and each.standing
    ]
    moved = timedelta(seconds=entry.lengthened if entry else 0)
    calendar = market_calendar(state)
    made = []
    for group, clause, positions in (*wanted, *gone):
        fence = _fence(state, opportunity, clause)
        if fence is None:
            continue
        rungs = _rungs(calendar, fence, posted_on=posted_on, moved=moved)
        made.append(
            ReservedGroup(
                group=group,
                clause=clause,
                positions=positions,
                rungs=rungs,
                public_at=_public_at(calendar, fence, opportunity, posted_on, moved=moved),
            )
        )
    return tuple(made)


def _rungs(
    calendar: Calendar, fence: RingFence, *, posted_on: date, moved: timedelta
) -> tuple[str, ...]:
    days = [working_day_after(calendar, posted_on, rung.after_working_days) for rung in fence.rungs]
    opens = [midnight(calendar, day) for day in days]
    return (opens[0], *(later(at, moved) for at in opens[1:]))


def _public_at(
    calendar: Calendar,
    fence: RingFence,
    opportunity: OpportunityEntry,
    posted_on: date,
    *,
    moved: timedelta,
) -> str:
    """
    Return when open advertising is allowed: at the latest when the posting has closed.
    """
    closes = midnight(calendar, opportunity.terms.closes_on + ONE_DAY)
    if fence.public_after_working_days is None:
        return closes
    day = working_day_after(calendar, posted_on, fence.public_after_working_days)
    return min(closes, later(midnight(calendar, day), moved))


def _fence(state: MarketState, opportunity: OpportunityEntry, clause: str) -> RingFence | None:
    """
    Return the terms of a clause as last agreed, or as they were where it is no more.

    Nothing where no version that this market acted on had them: such positions never begin.
    """
    contract = state.contracts[opportunity.terms.contract or ""]
    terms = contract.agreed_terms or contract.terms
    for each in terms.clauses:
        if each.clause == clause and each.ring_fence is not None:
            return each.ring_fence
    for entry in state.reserved.values():
        for group in entry.groups:
            if entry.contract == opportunity.terms.contract and group.clause == clause:
                return group.fence
    return None


def _entry(
    state: MarketState, opportunity: OpportunityEntry, told: ReservedGroup, *, stage: int
) -> GroupEntry:
    fence = _fence(state, opportunity, told.clause)
    assert fence is not None, "a group is declared only under a clause with terms"
    return GroupEntry(
        group=told.group,
        clause=told.clause,
        fence=fence,
        declared=told.positions,
        rungs=told.rungs,
        public_at=told.public_at,
        stage=stage,
        positions=[PositionEntry(since=state.now) for _ in range(told.positions)],
    )


def _adjust(state: MarketState, subject: str, group: GroupEntry, told: ReservedGroup) -> GroupEntry:
    """
    Give a group its declared positions: free ones go from the last on, and come back first.
    """
    fence = _fence(state, state.opportunities[subject], told.clause) or group.fence
    if fence.rungs != group.fence.rungs:
        # Of another ladder no more is open than its dates say; what more they say, this tick opens.
        group.stage = min(group.stage, _stage(state, told))
    group.fence = fence
    group.declared, group.rungs, group.public_at = told.positions, told.rungs, told.public_at
    for position in reversed(group.positions):
        if position.status == "free" and group.standing > group.declared:
            position.status = "removed"
    for position in group.positions:
        if position.status == "removed" and group.standing < group.declared:
            position.status, position.since = "free", state.now
    missing = group.declared - group.standing
    group.positions += [PositionEntry(since=state.now) for _ in range(missing)]
    return group


def _in_precedence(groups: list[GroupEntry]) -> tuple[GroupEntry, ...]:
    """
    Put first the groups that are guaranteed at least, then those that come on top.
    """
    return tuple(
        sorted(groups, key=lambda each: each.fence.precedence is Precedence.OVER_AND_ABOVE)
    )


def _stage(state: MarketState, told: ReservedGroup) -> int:
    return sum(at <= state.now for at in told.rungs) - 1


# --- what a tick takes away and opens -----------------------------------------------------


def _cut(state: MarketState, subject: str, groups: tuple[ReservedGroup, ...]) -> Iterator[Draft]:
    """
    Withdraw the unanswered offers that a cut leaves no position for.

    Free positions go first, then offers, the latest and among those the worst claim first;
    what was accepted stays, and so does what is filled.
    """
    declared = {told.group: told.positions for told in groups}
    told = [group for group in state.reserved[subject].groups if group.group in declared]
    why = (
        WithdrawalReason.OPPORTUNITY_WITHDRAWN
        if state.opportunities[subject].status == "withdrawn"
        else WithdrawalReason.POSITION_CUT
    )
    for group in told:
        free = sum(position.status == "free" for position in group.positions)
        excess = max(group.standing - free - declared[group.group], 0)
        for offer in _worst_first(state, group, kept=False)[:excess]:
            yield from withdrawn(state, offer, why)


def _unagreed(
    state: MarketState, subject: str, groups: tuple[ReservedGroup, ...]
) -> Iterator[Draft]:
    """
    Tell the supplier of positions whose clause went out of the contract before they began.
    """
    opportunity, made = state.opportunities[subject], {group.group for group in groups}
    is_open = opportunity.status != "withdrawn"
    if is_open and any(each.group not in made for each in opportunity.terms.ring_fence):
        yield Draft(
            data=NoticeGiven(
                party=opportunity.party, notice="clause_no_longer_agreed", about=subject
            ),
            subject=subject,
            party=opportunity.party,
        )


def _worst_first(state: MarketState, group: GroupEntry, *, kept: bool) -> list[str]:
    held = [
        position.offer
        for position in group.positions
        if position.offer is not None and is_kept(state, position) is kept
    ]
    claims = {each: (state.offers[each].proposed_at, state.offers[each].place) for each in held}
    return sorted(held, key=lambda each: (claims[each], each), reverse=True)


def _overhang(state: MarketState, subject: str) -> Iterator[Draft]:
    """
    Tell the supplier of each held position that its cut could not take.
    """
    for group in state.reserved[subject].groups:
        over = group.standing - group.declared
        for offer in _worst_first(state, group, kept=True)[: max(over, 0)]:
            # A job outlives the consent that led to it; what names the person does not.
            is_named = consented(state, state.offers[offer]) is not None
            yield position_changed(state, offer, PositionState.OVER, is_named=is_named)


def _stage_opened(state: MarketState, subject: str, group: str, stage: int | None) -> Draft:
    return Draft(
        data=StageOpened(opportunity=subject, group=group, stage=stage),
        subject=subject,
        party=state.opportunities[subject].party,
    )


def _keep_clocks(state: MarketState, subject: str) -> None:
    """
    Keep the windows of a ladder: the next rung of each group, and the day it goes public.
    """
    for group in state.reserved[subject].groups:
        rung, public = f"rung {subject}/{group.group}", f"public {subject}/{group.group}"
        state.clocks.pop(rung, None)
        state.clocks.pop(public, None)
        if not group.public:
            state.clocks[public] = group.public_at
            if group.stage + 1 < len(group.rungs):
                state.clocks[rung] = group.rungs[group.stage + 1]
