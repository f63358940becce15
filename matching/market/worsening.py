"""
What an amendment makes worse for somebody who has an offer, or a place, already.

A resident said yes to a pay, hours, a place and a start. Where one of them gets worse, or
other in a way that may be worse for them, they are asked again.
"""

from collections.abc import Iterator

from matching.market.endings import LIVE, position_changed
from matching.market.law import hourly_pence
from matching.market.record import Draft
from matching.market.state import MarketState
from matching.market.waiting import Wait, days_of, opened_window
from schemas.answers import NoticeGiven
from schemas.opportunities import Terms
from schemas.rules import RulesAdopted
from schemas.slots import OfferChanged, PositionState, TermChange

WORSE = "terms_got_worse"
ASKED = ("offered", "accepted")


def worsened(before: Terms, after: Terms, *, rules: RulesAdopted | None) -> tuple[TermChange, ...]:
    """
    Return what got worse, or other in a way that may be worse, in a fixed order.

    Pay by the hour that is lower; any other number of hours, fewer guaranteed ones, earlier or
    later hours or more days than before; another place; another first day.
    """
    found = (
        (TermChange.PAY, _pays_less(before, after, rules)),
        (TermChange.HOURS, _hours_worse(before, after)),
        (TermChange.PLACE, _place_other(before, after)),
        (TermChange.START, before.starts_on != after.starts_on),
    )
    return tuple(change for change, is_so in found if is_so)


def asked_again(
    state: MarketState, subject: str, changed: tuple[TermChange, ...]
) -> Iterator[Draft]:
    """
    Ask everybody again who has an offer of an opportunity that got worse, holding the position.

    Who waits for a release, or has the place already, is told of through their partner.
    """
    for offer_id in _concerned(state, subject) if changed else ():
        offer = state.offers[offer_id]
        if offer.status not in ASKED:
            yield _told(state, offer_id, changed)
            continue
        was_introduced = offer.is_introduced
        window = opened_window(state, offer, Wait.DELIVERY)
        yield Draft(
            data=OfferChanged(
                offer=offer_id,
                position=offer.position,
                opportunity=subject,
                resident=offer.resident,
                changed=changed,
                answer_working_days=days_of(state, offer, Wait.ANSWER),
                deliver_by=window.ends_at,
                remind_at=window.remind_at,
            ),
            subject=offer.resident,
            party=offer.party,
        )
        if was_introduced:
            yield position_changed(state, offer_id, PositionState.ASKED_AGAIN)


def _concerned(state: MarketState, subject: str) -> list[str]:
    """
    Return the offers of an opportunity that a change is told of: of nobody erased, any more.
    """
    return sorted(
        each
        for each, offer in state.offers.items()
        if offer.opportunity == subject and offer.status in (*LIVE, "filled")
        if state.residents[offer.resident].status != "erased"
    )


def _told(state: MarketState, offer_id: str, changed: tuple[TermChange, ...]) -> Draft:
    offer = state.offers[offer_id]
    return Draft(
        data=NoticeGiven(
            party=offer.party,
            notice=WORSE,
            about=offer.resident,
            lawful_value=", ".join(change.value for change in changed),
            opportunity=offer.opportunity,
        ),
        subject=offer.resident,
        party=offer.party,
    )


def _pays_less(before: Terms, after: Terms, rules: RulesAdopted | None) -> bool:
    if before.pay == after.pay and before.minutes_a_week == after.minutes_a_week:
        return False
    if rules is None:
        return before.pay != after.pay
    was = hourly_pence(before, rules=rules, on=before.starts_on)
    return hourly_pence(after, rules=rules, on=before.starts_on) < was


def _hours_worse(before: Terms, after: Terms) -> bool:
    guaranteed = (before.guaranteed_minutes_a_week or 0, after.guaranteed_minutes_a_week or 0)
    return (
        before.minutes_a_week != after.minutes_a_week
        or guaranteed[1] < guaranteed[0]
        or (before.earliest_start, before.latest_end) != (after.earliest_start, after.latest_end)
        or not set(after.days) <= set(before.days or after.days)
        or (bool(before.days) and not after.days)
    )


def _place_other(before: Terms, after: Terms) -> bool:
    moved = before.place.outcode != after.place.outcode and not after.remote
    return moved or (before.remote and not after.remote)
