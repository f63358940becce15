"""
Duties and reminders: who may release today, who is reminded once, and who learns it is late.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas.duties import DaysAway, DutyAssigned
from schemas.slots import HoldReason, OfferDeclined, ProposalHeld, ProposalReleased
from tests.builders import (
    OPERATOR,
    OWNER,
    PARTNER,
    SUPPLIER,
    MarketUnderTest,
    delivered,
    enter,
    fenced,
    names,
    proposals,
    refusal_codes,
    register_market,
    resident,
    tick,
    zedford,
)
from tests.unit.matching.market.waiting_story import (
    FIRST_ROUND,
    ROOFER,
    accepted,
    assigned,
    found,
    introduced,
    offered,
    proposed,
    refused,
)

AMAL = resident("amal")
HALF = "2026-01-16T09:05:00.000Z"
BOTH = DutyAssigned(on_duty="sam-01", deputy="ada-02")


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def away(staff: str, first: int = 12, last: int = 23) -> DaysAway:
    return DaysAway(staff=staff, first_day=date(2026, 1, first), last_day=date(2026, 1, last))


def on_leave(*staff: str) -> DutyAssigned:
    return DutyAssigned(on_duty="sam-01", deputy="ada-02", away=tuple(map(away, staff)))


def answers(offer: str) -> tuple[Any, ...]:
    held = ProposalHeld(offer=offer, reason=HoldReason.SAFEGUARDING)
    return ProposalReleased(offer=offer), held


def test_any_of_a_partners_staff_may_release_while_nobody_was_assigned(
    market: MarketUnderTest,
) -> None:
    offer = proposed(market)

    told = market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)

    assert names(told) == ("ProposalReleased", "SlotOffered")


def test_only_the_duty_person_answers_in_the_first_half_and_names_themselves(
    market: MarketUnderTest,
) -> None:
    assigned(market, BOTH)
    offer = proposed(market)

    for answer in answers(offer):
        for who in ("ada-02", "kit-03", None):
            told = refused(market, answer, by=PARTNER, subject=offer, who=who)
            assert told == ("off_duty", "/authid", "sam-01")
    events = market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer, who="sam-01")
    assert "SlotOffered" in names(events)


def test_the_deputy_may_act_as_well_once_half_of_the_time_is_over(market: MarketUnderTest) -> None:
    assigned(market, BOTH)
    offer = proposed(market)
    tick(market, "2026-01-16T08:55:00.000Z")
    release = ProposalReleased(offer=offer)
    before = refused(market, release, by=PARTNER, subject=offer, who="ada-02")
    assert before == ("off_duty", "/authid", "sam-01")
    tick(market, HALF)

    third = refused(market, release, by=PARTNER, subject=offer, who="kit-03")
    told = market.say(release, by=PARTNER, subject=offer, who="ada-02")

    assert third == ("off_duty", "/authid", "sam-01, ada-02")
    assert "SlotOffered" in names(told)


def test_the_duty_person_may_act_to_the_end(market: MarketUnderTest) -> None:
    assigned(market, BOTH)
    offer = proposed(market)
    tick(market, "2026-01-19T16:55:00.000Z")

    told = market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer, who="sam-01")

    assert "SlotOffered" in names(told)


def test_a_proposal_that_is_not_delivered_has_no_second_half(market: MarketUnderTest) -> None:
    assigned(market, BOTH)
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))
    tick(market, HALF)

    told = refused(
        market, ProposalReleased(offer=made.offer), by=PARTNER, subject=made.offer, who="ada-02"
    )

    assert told == ("off_duty", "/authid", "sam-01")


def test_where_both_are_away_nobody_releases_and_the_resident_loses_nothing(
    market: MarketUnderTest,
) -> None:
    assigned(market, on_leave("sam-01", "ada-02"))
    offer = proposed(market)
    for at in (HALF, "2026-01-19T09:05:00.000Z"):
        for answer in answers(offer):
            for who in ("sam-01", "ada-02", "kit-03"):
                told = refused(market, answer, by=PARTNER, subject=offer, who=who)
                assert told == ("off_duty", "/authid", None)
        tick(market, at)

    tick(market, "2026-01-19T17:05:00.000Z")

    amal = market.state.residents[AMAL]
    assert market.state.offers[offer].reason == "not_released"
    assert (amal.unanswered, amal.given_back) == (0, (ROOFER,))


def test_leave_ends_with_its_last_day(market: MarketUnderTest) -> None:
    duty = DutyAssigned(on_duty="sam-01", deputy="ada-02", away=(away("sam-01", last=15),))
    assigned(market, duty)
    offer = proposed(market)
    release = ProposalReleased(offer=offer)
    assert refused(market, release, by=PARTNER, subject=offer, who="sam-01")[2] == "ada-02"
    tick(market, "2026-01-16T00:05:00.000Z")

    assert refused(market, release, by=PARTNER, subject=offer, who="ada-02")[2] == "sam-01"
    told = market.say(release, by=PARTNER, subject=offer, who="sam-01")
    assert "SlotOffered" in names(told)


def test_a_hold_of_what_is_offered_needs_somebody_on_duty_too(market: MarketUnderTest) -> None:
    assigned(market, BOTH)
    offer = offered(market)
    held = ProposalHeld(offer=offer, reason=HoldReason.DATA_WRONG)

    assert refused(market, held, by=PARTNER, subject=offer, who="kit-03")[0] == "off_duty"
    told = market.say(held, by=PARTNER, subject=offer, who="sam-01")
    assert names(told) == ("ProposalHeld", "OfferWithdrawn")


def test_a_duty_is_said_to_the_register_by_the_partner_and_changes_something() -> None:
    register = register_market()
    assert names(register.say(BOTH, by=PARTNER)) == ("DutyAssigned",)

    assert refused(register, BOTH, by=PARTNER, subject=None) == ("duty_unchanged", "/data", None)
    assert refused(register, BOTH, by=SUPPLIER, subject=None)[0] == "right_missing"
    assert names(register.say(on_leave("sam-01"), by=PARTNER)) == ("DutyAssigned",)
    assert register.recovered() == register.state


def test_a_duty_said_to_a_market_is_not_heard(market: MarketUnderTest) -> None:
    assert refusal_codes(market.say(BOTH, by=PARTNER)) == ("market_unknown",)


# --- reminders ----------------------------------------------------------------------------


def undelivered(market: MarketUnderTest) -> str:
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))
    return made.offer


HALVES = (
    (undelivered, HALF, "delivery", OPERATOR),
    (proposed, HALF, "release", PARTNER),
    (offered, HALF, "answer", PARTNER),
    (accepted, HALF, "consent", PARTNER),
    (introduced, "2026-01-20T09:05:00.000Z", "confirmation", SUPPLIER),
)


@pytest.mark.parametrize(("far", "half", "waiting", "whom"), HALVES)
def test_whom_something_waits_on_is_reminded_once_half_way(
    market: MarketUnderTest, far: Any, half: str, waiting: str, whom: str
) -> None:
    offer = far(market)
    minutes_before = half.replace(":05:", ":00:")

    early = found(tick(market, minutes_before), "ReminderGiven")
    events = tick(market, half)

    assert early == []
    (reminder,) = found(events, "ReminderGiven")
    assert (reminder.waiting, reminder.about, reminder.party) == (waiting, offer, whom)
    assert reminder.due == market.state.clocks[f"offer {offer}"]
    assert [event.party for event in events if event.name == "ReminderGiven"] == [whom]
    again = tick(market, half.replace(":05:", ":10:"))
    assert found(again, "ReminderGiven") == []
    assert market.recovered() == market.state


@pytest.mark.parametrize(
    ("duty", "staff"),
    [
        (None, None),
        (BOTH, "ada-02"),
        (DutyAssigned(on_duty="sam-01"), "sam-01"),
        (on_leave("sam-01"), "ada-02"),
        (on_leave("ada-02"), "sam-01"),
        (on_leave("sam-01", "ada-02"), None),
    ],
)
def test_a_release_is_reminded_of_to_who_may_act_from_then_on(
    market: MarketUnderTest, duty: DutyAssigned | None, staff: str | None
) -> None:
    if duty is not None:
        assigned(market, duty)
    proposed(market)

    (reminder,) = found(tick(market, HALF), "ReminderGiven")

    assert reminder.staff == staff


@pytest.mark.parametrize(
    ("duty", "first"),
    [(None, None), (BOTH, "sam-01"), (on_leave("sam-01"), "ada-02")],
)
def test_a_release_is_asked_of_the_duty_person_first(
    market: MarketUnderTest, duty: DutyAssigned | None, first: str | None
) -> None:
    if duty is not None:
        assigned(market, duty)
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))

    (due,) = found(delivered(market, made.offer), "ReleaseDue")

    assert due.on_duty == first


def test_what_ended_is_not_reminded_of(market: MarketUnderTest) -> None:
    offer = offered(market)
    market.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)

    assert found(tick(market, HALF), "ReminderGiven") == []


def test_what_ends_with_the_tick_is_not_reminded_of(market: MarketUnderTest) -> None:
    offer = offered(market)

    events = tick(market, "2026-01-20T09:05:00.000Z")

    assert found(events, "ReminderGiven") == []
    assert market.state.offers[offer].status == "lapsed"


def test_a_step_that_was_taken_is_not_reminded_of_but_the_next_is(market: MarketUnderTest) -> None:
    proposed(market)
    tick(market, HALF)
    (offer,) = market.state.offers
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(market, offer)

    events = tick(market, "2026-01-19T09:05:00.000Z")

    (reminder,) = found(events, "ReminderGiven")
    assert reminder.waiting == "answer"
    assert found(events, "ReleaseOverdue") == []


def test_the_contracts_owner_sees_a_release_as_overdue_and_learns_no_resident(
    market: MarketUnderTest,
) -> None:
    offer = proposed(market)
    assert "ReleaseOverdue" not in names(tick(market, HALF))

    events = tick(market, "2026-01-19T09:05:00.000Z")

    (told,) = [event for event in events if event.name == "ReleaseOverdue"]
    assert (told.party, told.data.partner, told.data.offer) == (OWNER, PARTNER, offer)
    assert told.data.release_by == "2026-01-19T17:00:00.000Z"
    assert AMAL not in repr(told)
    assert "ReleaseOverdue" not in names(tick(market, "2026-01-19T09:10:00.000Z"))
    assert market.recovered() == market.state


def test_days_off_of_its_own_lengthen_a_partners_windows(market: MarketUnderTest) -> None:
    known = market.state.parties[PARTNER]
    known.party = replace(known.party, days_off=(date(2026, 1, 16), date(2026, 1, 19)))
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))

    (due,) = found(delivered(market, made.offer), "ReleaseDue")

    assert (due.remind_at, due.overdue_at, due.release_by) == (
        "2026-01-20T09:00:00.000Z",
        "2026-01-21T09:00:00.000Z",
        "2026-01-21T17:00:00.000Z",
    )
