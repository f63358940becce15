"""
How far an offer or a referral has come, told in as few words as a test of its clocks needs.
"""

from dataclasses import replace
from typing import Any

from matching.market.record import Happened
from matching.market.state import MarketState
from schemas.duties import DutyAssigned
from schemas.introductions import ReferralMade
from schemas.opportunities import FencedPositions
from schemas.slots import OfferAccepted, ProposalReleased
from tests.builders import (
    CONTRACT,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
    delivered,
    enter,
    fits,
    introducing,
    names,
    opportunity,
    pair,
    proposals,
    refusal_codes,
    register_market,
    resident,
    says,
    snapshot,
    tell_facts,
    tick,
)

ROOFER = opportunity("F-1")
PLUMBER = opportunity("R-9")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"
TWO = (FencedPositions(group="starts", clause="4.2", positions=2),)


def decided_once(market: MarketUnderTest) -> None:
    """
    Let the first rounds of Thursday 15 January be held, so that there is something to contest.
    """
    if market.state.now < FIRST_ROUND:
        tick(market, FIRST_ROUND)


def wishes(market: MarketUnderTest, name: str, to: str) -> None:
    """
    A yes of somebody who was put forward before, and how well that suits.
    """
    market.say(says(name, to), by=PARTNER, subject=resident(name))
    version = market.state.opportunities[to].version
    told = pair(name, to, opportunity_version=version)
    market.say(fits(resident(name), told, as_of=market.state.sequence), worker="matcher")


def proposed(market: MarketUnderTest, name: str = "amal") -> str:
    """
    A proposal that its partner has, and has to release until Monday 19 January, 17:00.
    """
    enter(market, name, ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))
    delivered(market, made.offer)
    return made.offer


def released(market: MarketUnderTest, offer: str, *, who: str | None = "sam-01") -> str:
    """
    The same, released on the spot and delivered.
    """
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer, who=who)
    delivered(market, offer)
    return offer


def offered(market: MarketUnderTest, name: str = "amal") -> str:
    """
    An offer that is to be answered until Monday 19 January, 17:00.
    """
    return released(market, proposed(market, name))


def accepted(market: MarketUnderTest, name: str = "amal") -> str:
    """
    An acceptance that waits, as long, for the consent to an introduction.
    """
    offer = offered(market, name)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    return offer


def introduced(market: MarketUnderTest, name: str = "amal") -> str:
    """
    An introduction that its supplier has to answer until Thursday 22 January, 17:00.
    """
    offer = accepted(market, name)
    market.say(introducing(name), by=PARTNER, subject=resident(name))
    return offer


def referred(market: MarketUnderTest, name: str, opportunity: str = PLUMBER) -> str:
    """
    A referral that waits for the consent to an introduction.
    """
    told = ReferralMade(resident=resident(name), opportunity=opportunity)
    events = market.say(told, by=PARTNER, subject=resident(name))
    assert names(events)[:2] == ("ReferralMade", "ReferralOpened"), refusal_codes(events)
    offer: str = events[1].data.offer
    return offer


def assigned(market: MarketUnderTest, duty: DutyAssigned) -> None:
    """
    A duty that the partner assigns in the register, and the herald carries here.
    """
    events = register_market().say(duty, by=PARTNER)
    assert names(events) == ("DutyAssigned",)
    tell_facts(market, events, sequence=market.state.register_sequence + 1)


def amends(market: MarketUnderTest, **changes: Any) -> tuple[Happened, ...]:
    """
    An amendment of the reserved posting, otherwise as it stands.
    """
    version = market.state.opportunities[ROOFER].version
    fence: dict[str, Any] = {"contract": CONTRACT, "ring_fence": TWO}
    told = amended(ROOFER, of_version=version, reference="F-1", **(fence | changes))
    return market.say(told, by=SUPPLIER, subject=ROOFER)


def found(events: tuple[Happened, ...], name: str) -> list[Any]:
    """
    The data of a record's events of one name.
    """
    return [event.data for event in events if event.name == name]


def refused(
    market: MarketUnderTest,
    data: Any,
    *,
    by: str,
    subject: str | None,
    who: str | None = None,
) -> tuple[str, str, str | None]:
    """
    Say what is refused, hold that it changed nothing, and return code, field and lawful value.
    """
    before = snapshot(market.state)
    events = market.say(data, by=by, subject=subject, who=who)
    assert names(events) == ("SubmissionRefused",), names(events)
    assert _beyond_marks(market.state) == _beyond_marks(before)
    (problem,) = events[0].data.problems
    return problem.code, problem.field, problem.lawful_value


def _beyond_marks(state: MarketState) -> MarketState:
    """
    A state but for where its log and its inboxes stand.
    """
    return replace(state, marks={}, sequence=0, digest="")
