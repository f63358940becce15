"""
Duties: who of a partner's staff may release proposals today.

Leave moves who is asked and never a window: a proposal on an empty desk goes to the deputy,
then to the contract's owner as overdue, and then ends without cost to the resident.
"""

from collections.abc import Iterator

from matching.market.local_time import party_calendar
from matching.market.record import Draft, Happened, Refusal, Said, accepted, refused
from matching.market.state import MarketState
from matching.market.working_time import local
from schemas.duties import DutyAssigned


def decide_duty_assigned(state: MarketState, said: Said) -> Iterator[Draft | Refusal]:
    if state.duties.get(said.party or "") == said.data:
        yield refused("duty_unchanged", "/data")
    else:
        yield accepted(said)


def evolve_duty_assigned(state: MarketState, event: Happened) -> None:
    state.duties[event.party or ""] = event.data


def first_asked(state: MarketState, party: str) -> str | None:
    """
    Return who of a party's staff is asked first today: the deputy where the other is away.

    Nobody is named where nobody was assigned, or both are away.
    """
    duty = state.duties.get(party)
    if duty is None:
        return None
    there = [each for each in (duty.on_duty, duty.deputy) if each and not _away(state, party, each)]
    return there[0] if there else None


def may_release(state: MarketState, party: str, *, late: bool) -> tuple[str, ...] | None:
    """
    Return who may release a party's proposal now; nothing where any of its staff may.

    Args:
        state: the market.
        party: the partner.
        late: half of the time is over, so that the deputy may, too.
    """
    duty = state.duties.get(party)
    if duty is None:
        return None
    there = [each for each in (duty.on_duty, duty.deputy) if each and not _away(state, party, each)]
    return tuple(there) if late else tuple(there[:1])


def _away(state: MarketState, party: str, staff: str) -> bool:
    duty: DutyAssigned = state.duties[party]
    today, _ = local(party_calendar(state, party), state.now)
    return any(
        each.staff == staff and each.first_day <= today <= each.last_day for each in duty.away
    )
