"""
The one true reason for what a round did for a resident, without another person's facts.
"""

from dataclasses import dataclass

from matching.market.claims import Round, published_order, vacancy_of
from matching.market.entitlement import admitted, opens_at, reach, remedied, rule_code, weeks_ready
from matching.market.state import MarketState
from schemas.slots import Outcome


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
    remedied: bool = False
    tier: int | None = None
    place: int | None = None
    last_place: int | None = None
    opens_at: str | None = None
    unknown: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()


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
    order = published_order(found.claims[opportunity])
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
        free=sum(len(group.free) for group in vacancy_of(opportunity, entry).groups),
        considered=len(order),
        stage=max(group.stage for group in entry.groups),
        weeks_ready=weeks_ready(entrant, state.now),
        remedied=remedied(state, entrant, opportunity),
        tier=min(tiers, default=None),
        place=order.get(resident),
        last_place=max((order[each] for each in reached), default=None),
        opens_at=opens_at(state, entrant, entry),
        unknown=tuple(sorted({each for code in codes if code for each in code.unknown})),
        rests_on=tuple(sorted({each for code in codes if code for each in code.rests_on})),
    )
