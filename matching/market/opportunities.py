"""
Opportunities: posted, amended, withdrawn, closed; judged by contract, law and dates.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from matching.market import law
from matching.market.endings import is_kept
from matching.market.local_time import local_day, market_calendar
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import ContractEntry, MarketState, OpportunityEntry
from matching.market.working_time import Calendar, local, working_day_after
from matching.market.worsening import asked_again, worsened
from schemas.answers import NoticeGiven
from schemas.contracts import RingFence
from schemas.opportunities import OpportunityAmendedSealed, OpportunityPostedSealed, Terms
from schemas.slots import TermChange
from schemas.vocabulary import Problem

Decision = Iterator[Draft | Refusal | Repeat]


def decide_opportunity_posted(state: MarketState, said: Said) -> Decision:
    posted: OpportunityPostedSealed = said.data
    known = state.opportunities.get(said.subject)
    if known is not None and known.status == "withdrawn":
        yield refused("opportunity_withdrawn", "/data/reference")
    elif known is not None and known.terms.fingerprint == posted.fingerprint:
        yield Repeat(known.sequence)
    elif known is not None:
        yield refused("already_registered", "/data/reference", lawful=said.subject)
    else:
        yield from _judged(state, said, posted)


def decide_opportunity_amended(state: MarketState, said: Said) -> Decision:
    amended: OpportunityAmendedSealed = said.data
    known = state.opportunities[said.subject]
    if known.status == "withdrawn":
        yield refused("opportunity_withdrawn", "/data/opportunity")
    elif known.terms.fingerprint == amended.fingerprint:
        yield Repeat(known.sequence)
    elif amended.of_version != known.version:
        yield refused("version_conflict", "/data/of_version", lawful=known.version)
    elif amended.reference != known.terms.reference:
        yield refused("reference_changed", "/data/reference", lawful=known.terms.reference)
    elif amended.kind is not known.terms.kind:
        yield refused("kind_changed", "/data/kind", lawful=known.terms.kind.value)
    else:
        held = _held_problems(state, said.subject, amended)
        changed = worsened(known.terms, amended, rules=state.rules)
        yield from [Refusal(held)] if held else _judged(state, said, amended, changed)


def decide_opportunity_withdrawn(state: MarketState, said: Said) -> Decision:
    if state.opportunities[said.subject].status == "withdrawn":
        yield refused("opportunity_withdrawn", "/data/opportunity")
    else:
        yield accepted(said)


def evolve_opportunity(state: MarketState, event: Happened) -> None:
    """
    Take a posting or an amendment; fits of an earlier version no longer hold.
    """
    subject = event.subject or ""
    known = state.opportunities.get(subject)
    state.opportunities[subject] = OpportunityEntry(
        party=event.party or "",
        terms=event.data,
        version=known.version + 1 if known else 1,
        status="open",
        sequence=state.writing,
    )
    _drop_fits(state, {subject})


def evolve_opportunity_withdrawn(state: MarketState, event: Happened) -> None:
    state.opportunities[event.subject or ""].status = "withdrawn"
    _drop_fits(state, {event.subject or ""})


def close_past(state: MarketState) -> None:
    """
    Close what has its closing date behind it, on the first tick of a day.
    """
    past = {
        subject
        for subject, opportunity in state.opportunities.items()
        if opportunity.status == "open" and str(opportunity.terms.closes_on) < state.day
    }
    for subject in past:
        state.opportunities[subject].status = "closed"
    _drop_fits(state, past)


def _judged(
    state: MarketState, said: Said, terms: Terms, changed: tuple[TermChange, ...] = ()
) -> Decision:
    contract = state.contracts.get(terms.contract) if terms.contract else None
    problems = (
        *_date_problems(state, terms),
        *_contract_problems(state, said, terms, contract),
        *_law_problems(state, terms, contract),
    )
    if problems:
        yield Refusal(problems)
        return
    yield accepted(said)
    yield from _notices(state, said, terms)
    yield from asked_again(state, said.subject, changed)


def _date_problems(state: MarketState, terms: Terms) -> Iterator[Problem]:
    today = local_day(state, state.now)
    if str(terms.closes_on) < today:
        yield Problem(code="closing_date_past", field="/data/closes_on", lawful_value=today)
    if str(terms.starts_on) < today:
        yield Problem(code="start_date_past", field="/data/starts_on", lawful_value=today)


def _contract_problems(
    state: MarketState, said: Said, terms: Terms, contract: ContractEntry | None
) -> Iterator[Problem]:
    at = "/data/contract"
    if terms.contract is None:
        return
    if contract is None:
        yield Problem(code="contract_not_here_yet", field=at)
        return
    if contract.terms.supplier != said.party:
        yield Problem(code="contract_not_yours", field=at)
        return
    if contract.agreed_version != contract.version:
        yield Problem(code="contract_not_agreed", field=at, lawful_value=str(contract.version))
    if state.code not in contract.terms.markets:
        yield Problem(code="contract_elsewhere", field=at)
    if terms.closes_on >= contract.terms.ends_before:
        last = contract.terms.ends_before - timedelta(days=1)
        yield Problem(code="contract_ended", field="/data/closes_on", lawful_value=str(last))
    yield from _fence_problems(terms, contract)
    yield from _closing_problems(state, said.subject, terms, contract)


def _fence_problems(terms: Terms, contract: ContractEntry) -> Iterator[Problem]:
    clauses = {clause.clause: clause for clause in contract.terms.clauses}
    fenced = ", ".join(name for name, clause in sorted(clauses.items()) if clause.ring_fence)
    for at, group in enumerate(terms.ring_fence):
        clause = clauses.get(group.clause)
        field = f"/data/ring_fence/{at}/clause"
        if clause is None:
            yield Problem(code="clause_unknown", field=field, lawful_value=fenced or None)
        elif clause.ring_fence is None:
            yield Problem(code="clause_without_fence", field=field, lawful_value=fenced or None)


def _held_problems(state: MarketState, subject: str, terms: Terms) -> tuple[Problem, ...]:
    """
    Return where an amendment would take away what people hold, or move it elsewhere.
    """
    entry = state.reserved.get(subject)
    if entry is None:
        return ()
    if terms.contract != entry.contract:
        return (Problem(code="contract_fixed", field="/data/contract"),)
    found = []
    groups = {each.group: (at, each) for at, each in enumerate(terms.ring_fence)}
    for group in entry.groups:
        at, told = groups.get(group.group, (0, None))
        held = sum(is_kept(state, position) for position in group.positions)
        if told is not None and told.clause != group.clause:
            field = f"/data/ring_fence/{at}/clause"
            found.append(Problem(code="clause_fixed", field=field, lawful_value=group.clause))
        if (told.positions if told else 0) < held:
            field = f"/data/ring_fence/{at}/positions" if told else "/data/ring_fence"
            found.append(Problem(code="positions_held", field=field, lawful_value=str(held)))
    return tuple(found)


def _closing_problems(
    state: MarketState, subject: str, terms: Terms, contract: ContractEntry
) -> Iterator[Problem]:
    """
    Find a posting that closes before its fence has run its course, and so would void it.
    """
    calendar, entry = market_calendar(state), state.reserved.get(subject)
    today = local(calendar, state.now)[0]
    posted_on = date.fromisoformat(entry.posted_on) if entry else today
    named = {group.clause for group in terms.ring_fence}
    ends = [
        _fence_ends(calendar, clause.ring_fence, posted_on)
        for clause in contract.terms.clauses
        if clause.ring_fence is not None and clause.clause in named
    ]
    if ends and terms.closes_on < max(ends):
        yield Problem(
            code="closes_before_fence", field="/data/closes_on", lawful_value=str(max(ends))
        )


def _fence_ends(calendar: Calendar, fence: RingFence, posted_on: date) -> date:
    """
    Return the last day of a fence: the day before it goes public, or its last rung opens.
    """
    if fence.public_after_working_days is not None:
        public_on = working_day_after(calendar, posted_on, fence.public_after_working_days)
        return public_on - timedelta(days=1)
    return working_day_after(calendar, posted_on, fence.rungs[-1].after_working_days)


def _law_problems(
    state: MarketState, terms: Terms, contract: ContractEntry | None
) -> tuple[Problem, ...]:
    if state.rules is None:
        return (Problem(code="rules_not_here_yet", field="/data"),)
    agreed = contract.terms if contract else None
    nation = state.opened.nation if state.opened else None
    return (
        *law.pay_problems(terms, rules=state.rules, contract=agreed),
        *law.apprenticeship_problems(terms, rules=state.rules, nation=nation),
    )


def _notices(state: MarketState, said: Said, terms: Terms) -> Iterator[Draft]:
    if state.rules is None or said.party is None:
        return
    floors = (
        ("pay_below_later_rate", law.later_floor(terms, rules=state.rules)),
        ("pay_in_second_year", law.second_year_floor(terms, rules=state.rules)),
    )
    for notice, floor in floors:
        if floor is not None:
            yield Draft(
                data=NoticeGiven(
                    party=said.party,
                    notice=notice,
                    about=said.subject,
                    lawful_value=str(law.lawful_pence(terms, floor)),
                    on=str(floor.valid_from),
                ),
                subject=said.subject,
                party=said.party,
            )


def _drop_fits(state: MarketState, opportunities: set[str]) -> None:
    # One walk over the residents, however many opportunities end on the same day.
    for fits in state.fits.values() if opportunities else ():
        for opportunity in opportunities & fits.keys():
            del fits[opportunity]
