"""
Terms that get worse: what counts as worse, who is asked again, and who is told.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from matching.market.waiting import Wait, wait_of
from matching.market.worsening import worsened
from schemas.introductions import ContactTried, InterviewHeld, Means
from schemas.opportunities import Pay, Place
from schemas.slots import HireConfirmed, OfferAccepted, OfferDelivered, ProposalReleased
from schemas.vocabulary import Day, PayBasis
from tests.builders import (
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    amended,
    apprenticeship,
    delivered,
    enter,
    fenced,
    introducing,
    names,
    posted,
    proposals,
    resident,
    rules,
    tick,
    zedford,
)
from tests.unit.matching.market.waiting_story import (
    FIRST_ROUND,
    PLUMBER,
    ROOFER,
    accepted,
    amends,
    found,
    introduced,
    offered,
    proposed,
    referred,
    refused,
)

AMAL = resident("amal")
WEEKDAYS = (Day.MON, Day.TUE, Day.WED)


def hourly(pence: int) -> dict[str, Any]:
    return {"pay": Pay(basis=PayBasis.HOURLY, pence=pence)}


def annual(pence: int, minutes: int = 2250) -> dict[str, Any]:
    return {"pay": Pay(basis=PayBasis.ANNUAL, pence=pence), "minutes_a_week": minutes}


LOWER = hourly(1390)
MINIMUM: dict[str, Any] = {"pay": Pay(basis=PayBasis.NATIONAL_MINIMUM)}
UNPAID = {"pay": Pay(basis=PayBasis.UNPAID)}
NINE_TO_FIVE = {"earliest_start": "09:00", "latest_end": "17:00"}

# 1,950 hours a year of 52 weeks with 37 and a half hours each.
TERMS: tuple[tuple[dict[str, Any], dict[str, Any], tuple[str, ...]], ...] = (
    ({}, {}, ()),
    ({}, {"positions": 1}, ()),
    ({}, {"duration_months": 3}, ()),
    # pay
    (hourly(1400), hourly(1399), ("pay",)),
    (hourly(1400), hourly(1401), ()),
    (annual(2_730_000), annual(2_729_999), ("pay",)),
    (annual(2_730_000), annual(2_730_001), ()),
    (hourly(1400), annual(2_730_000), ()),
    (hourly(1400), annual(2_729_999), ("pay",)),
    (annual(2_730_000), hourly(1399), ("pay",)),
    (annual(2_730_000), hourly(1400), ()),
    (annual(2_730_000), annual(2_730_000, 2280), ("pay", "hours")),
    (annual(2_730_000), annual(2_730_000, 2220), ("hours",)),
    (MINIMUM, hourly(1221), ()),
    (MINIMUM, hourly(1220), ("pay",)),
    (hourly(1222), MINIMUM, ("pay",)),
    (hourly(1221), MINIMUM, ()),
    (hourly(1221), UNPAID, ("pay",)),
    # hours
    ({}, {"minutes_a_week": 2310}, ("hours",)),
    ({}, {"minutes_a_week": 2190}, ("hours",)),
    ({"guaranteed_minutes_a_week": 600}, {"guaranteed_minutes_a_week": 599}, ("hours",)),
    ({"guaranteed_minutes_a_week": 600}, {}, ("hours",)),
    ({"guaranteed_minutes_a_week": 600}, {"guaranteed_minutes_a_week": 601}, ()),
    ({}, {"guaranteed_minutes_a_week": 600}, ()),
    (NINE_TO_FIVE, NINE_TO_FIVE | {"earliest_start": "08:00"}, ("hours",)),
    (NINE_TO_FIVE, NINE_TO_FIVE | {"latest_end": "18:00"}, ("hours",)),
    # days
    ({"days": WEEKDAYS}, {"days": (*WEEKDAYS, Day.SAT)}, ("hours",)),
    ({"days": WEEKDAYS}, {"days": (Day.MON, Day.THU)}, ("hours",)),
    ({"days": WEEKDAYS}, {"days": WEEKDAYS[:2]}, ()),
    ({"days": WEEKDAYS}, {}, ("hours",)),
    ({}, {"days": WEEKDAYS}, ()),
    # place
    ({}, {"place": Place(outcode="ZZ2")}, ("place",)),
    ({}, {"place": Place(outcode="ZZ2"), "remote": True}, ()),
    ({}, {"remote": True}, ()),
    ({"remote": True}, {}, ("place",)),
    # start
    ({}, {"starts_on": date(2026, 3, 1)}, ("start",)),
    ({}, {"starts_on": date(2026, 3, 3)}, ("start",)),
    (
        {},
        LOWER | {"minutes_a_week": 1, "place": Place(outcode="ZZ2"), "starts_on": date(2026, 3, 3)},
        ("pay", "hours", "place", "start"),
    ),
)


@pytest.mark.parametrize(("before", "after", "changed"), TERMS)
def test_what_is_worse_is_told_in_a_fixed_order(
    before: dict[str, Any], after: dict[str, Any], changed: tuple[str, ...]
) -> None:
    told = worsened(posted(**before), posted(**after), rules=rules())

    assert tuple(each.value for each in told) == changed


def test_pay_is_compared_by_the_law_of_the_day_on_which_it_was_to_start() -> None:
    # In March the minimum is 12.21, from April on it is 12.71.
    before = posted(**MINIMUM)
    after = posted(**hourly(1221), starts_on=date(2026, 4, 2))

    assert [each.value for each in worsened(before, after, rules=rules())] == ["start"]


def test_an_apprentice_s_minimum_is_the_rate_of_apprentices() -> None:
    before = apprenticeship(pay=Pay(basis=PayBasis.APPRENTICE_MINIMUM))

    for pence, changed in ((755, []), (754, ["pay"])):
        told = worsened(before, apprenticeship(**hourly(pence)), rules=rules())
        assert [each.value for each in told] == changed


def test_without_rules_any_other_pay_may_be_worse() -> None:
    assert [each.value for each in worsened(posted(), posted(**hourly(1401)), rules=None)] == [
        "pay"
    ]


# --- who is asked again -------------------------------------------------------------------


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def position(market: MarketUnderTest) -> Any:
    return market.state.reserved[ROOFER].groups[0].positions[0]


@pytest.mark.parametrize("far", [offered, accepted, introduced])
def test_who_has_an_offer_is_asked_again_with_a_fresh_window_while_the_position_is_held(
    market: MarketUnderTest, far: Any
) -> None:
    offer = far(market)
    entry = market.state.offers[offer]
    was_introduced = entry.is_introduced
    tick(market, "2026-01-19T12:00:00.000Z")

    events = amends(market, **LOWER)

    told = ("PositionChanged",) if was_introduced else ()
    assert names(events) == ("OpportunityAmendedSealed", "OfferChanged", *told)
    assert [each.value for each in events[1].data.changed] == ["pay"]
    assert wait_of(entry) is Wait.DELIVERY
    assert (position(market).status, position(market).offer) == ("offered", offer)
    (_, due) = delivered(market, offer)
    assert due.data.answer_by == "2026-01-21T17:00:00.000Z"
    resident_ = market.state.residents[AMAL]
    assert (resident_.live, resident_.placed) == ((offer,), ())
    assert market.recovered() == market.state


def test_a_supplier_is_told_that_its_acceptance_is_asked_again_and_no_more(
    market: MarketUnderTest,
) -> None:
    offer = introduced(market)

    (changed,) = found(amends(market, **LOWER), "PositionChanged")

    assert (changed.state.value, changed.offer) == ("asked_again", offer)
    confirm = HireConfirmed(offer=offer)
    assert refused(market, confirm, by=SUPPLIER, subject=offer)[0] == "offer_unknown"


def test_what_was_not_delivered_yet_is_asked_anew_and_the_first_delivery_counts_no_more(
    market: MarketUnderTest,
) -> None:
    offer = proposed(market)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    old = market.state.offers[offer].undelivered or ""
    amends(market, **LOWER)
    older = market.state.offers[offer].undelivered or ""
    amends(market, **hourly(1380))

    for event in (old, older):
        late = OfferDelivered(offer=offer, event=event)
        assert market.say(late, worker="notifier", subject=offer) == ()
    assert names(delivered(market, offer)) == ("OfferDelivered", "AnswerDue")
    assert market.recovered() == market.state


def test_terms_that_get_worse_twice_ask_twice(market: MarketUnderTest) -> None:
    offer = introduced(market)
    for pence in (1390, 1380):
        assert "OfferChanged" in names(amends(market, **hourly(pence)))
        delivered(market, offer)
        events = market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
        assert names(events) == ("OfferAccepted", "IntroductionMade", "ConfirmationDue")

    assert market.state.residents[AMAL].placed == (offer,)
    assert market.recovered() == market.state


def test_a_contact_and_an_interview_before_the_change_count_no_more(
    market: MarketUnderTest,
) -> None:
    offer = offered(market)
    tried = ContactTried(offer=offer, tried_on=date(2026, 1, 15), means=Means.MESSAGE)
    market.say(tried, by=PARTNER, subject=offer)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    market.say(introducing("amal"), by=PARTNER, subject=AMAL)
    held = InterviewHeld(offer=offer, on=date(2026, 1, 15))
    market.say(held, by=PARTNER, subject=offer)

    amends(market, **LOWER)

    entry = market.state.offers[offer]
    assert (entry.contacted, set(entry.answered)) == (False, {"ProposalReleased"})
    delivered(market, offer)
    tick(market, "2026-01-19T17:05:00.000Z")
    assert (entry.status, entry.reason) == ("lapsed", "not_reached")


def test_nobody_is_asked_about_better_terms(market: MarketUnderTest) -> None:
    offer = accepted(market)

    events = amends(market, **hourly(1500))

    assert names(events) == ("OpportunityAmendedSealed",)
    assert market.state.offers[offer].status == "accepted"


def test_an_amendment_that_is_refused_asks_nobody(market: MarketUnderTest) -> None:
    offer = accepted(market)

    assert names(amends(market, **hourly(100))) == ("SubmissionRefused",)
    assert market.state.offers[offer].status == "accepted"


def told_only(events: Any) -> None:
    assert names(events) == ("OpportunityAmendedSealed", "NoticeGiven")
    (notice,) = found(events, "NoticeGiven")
    assert (notice.notice, notice.party, notice.about) == ("terms_got_worse", PARTNER, AMAL)
    assert (notice.lawful_value, notice.opportunity) == ("pay", ROOFER)


def test_who_has_the_place_already_is_told_and_not_asked(market: MarketUnderTest) -> None:
    offer = introduced(market)
    market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer)

    told_only(amends(market, **LOWER))

    assert market.state.offers[offer].status == "filled"
    assert market.state.residents[AMAL].placed == (offer,)


def test_who_waits_for_a_release_is_told_and_their_window_goes_on(market: MarketUnderTest) -> None:
    offer = proposed(market)
    ends = market.state.clocks[f"offer {offer}"]

    told_only(amends(market, **LOWER))

    assert market.state.clocks[f"offer {offer}"] == ends
    assert wait_of(market.state.offers[offer]) is Wait.RELEASE


def test_what_ended_is_neither_asked_nor_told(market: MarketUnderTest) -> None:
    offered(market)
    tick(market, "2026-01-19T17:05:00.000Z")
    live = [each for each in market.state.offers.values() if each.status == "proposed"]

    events = amends(market, **LOWER)

    assert len(found(events, "NoticeGiven")) == len(live)
    assert found(events, "OfferChanged") == []


def test_who_was_referred_is_asked_again_and_may_accept(market: MarketUnderTest) -> None:
    market.say(posted("R-9"), by=SUPPLIER, subject=PLUMBER)
    enter(market, "amal", PLUMBER)
    offer = referred(market, "amal")
    market.say(introducing("amal"), by=PARTNER, subject=AMAL)
    worse = amended(PLUMBER, of_version=1, reference="R-9", **LOWER)

    events = market.say(worse, by=SUPPLIER, subject=PLUMBER)

    assert names(events) == ("OpportunityAmendedSealed", "OfferChanged", "PositionChanged")
    assert (events[1].data.position, events[1].data.answer_working_days) == (None, 5)
    (_, due) = delivered(market, offer)
    assert due.data.answer_by == "2026-01-20T17:00:00.000Z"
    again = market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    assert names(again) == ("OfferAccepted", "IntroductionMade", "ConfirmationDue")
    entry = market.state.residents[AMAL]
    assert (entry.referred, entry.live, entry.placed) == ((offer,), (), ())
    assert market.recovered() == market.state


@pytest.mark.parametrize("is_delivered", [True, False])
def test_a_consent_introduces_nobody_who_has_not_answered_the_worse_terms(
    market: MarketUnderTest, is_delivered: bool
) -> None:
    market.say(posted("R-9"), by=SUPPLIER, subject=PLUMBER)
    enter(market, "amal", PLUMBER)
    offer = referred(market, "amal")
    worse = amended(PLUMBER, of_version=1, reference="R-9", **LOWER)
    market.say(worse, by=SUPPLIER, subject=PLUMBER)
    if is_delivered:
        delivered(market, offer)

    events = market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    assert names(events) == ("ConsentGiven",)
    assert market.state.offers[offer].status == "offered"


def test_a_change_that_reaches_nobody_costs_nobody_the_position(market: MarketUnderTest) -> None:
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))
    delivered(market, made.offer)
    market.say(ProposalReleased(offer=made.offer), by=PARTNER, subject=made.offer)
    delivered(market, made.offer)
    amends(market, **LOWER)

    tick(market, "2026-01-16T17:05:00.000Z")

    assert market.state.offers[made.offer].reason == "not_delivered"
    assert market.state.residents[AMAL].unanswered == 0
    assert position(market).status in ("free", "proposed")


def test_the_same_terms_in_other_words_ask_nobody(market: MarketUnderTest) -> None:
    accepted(market)
    terms = market.state.opportunities[ROOFER].terms
    told = amended(
        ROOFER,
        of_version=1,
        reference="F-1",
        contract=terms.contract,
        ring_fence=terms.ring_fence,
    )

    events = market.say(replace(told, fingerprint="1" * 64), by=SUPPLIER, subject=ROOFER)

    assert names(events) == ("OpportunityAmendedSealed",)
