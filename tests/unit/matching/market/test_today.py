"""
What needs a party today is what waits on it, each thing once, the oldest clock first.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from matching.market.today import MOST_NAMED, Task, ToDo, today
from matching.market.waiting import pending
from schemas.challenges import ChallengeRaised, Ground
from schemas.duties import DutyAssigned
from schemas.facts import FactAsked, FactGivenSealed
from schemas.introductions import ContactTried, InterviewOffered, Means
from schemas.slots import OfferAccepted, ProposalReleased, ReleaseDue
from schemas.vocabulary import Answer, later
from tests.builders import (
    CONTRACT,
    OPERATOR,
    OTHER_PARTNER,
    OTHER_SUPPLIER,
    OWNER,
    PARTNER,
    SUPPLIER,
    TODAY,
    MarketUnderTest,
    contract,
    delivered,
    enter,
    fenced,
    fits,
    introducing,
    opportunity,
    pair,
    pledge,
    proposals,
    register_market,
    resident,
    tell_facts,
    tick,
    zedford,
)

ROOFER = opportunity("F-1")
AMAL = resident("amal")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"
PARTIES = (OPERATOR, OWNER, SUPPLIER, OTHER_SUPPLIER, PARTNER, OTHER_PARTNER)


@pytest.fixture
def market() -> MarketUnderTest:
    made = zedford()
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


def proposed(market: MarketUnderTest) -> str:
    enter(market, "amal", ROOFER)
    (made,) = proposals(tick(market, FIRST_ROUND))
    return made.offer


def released(market: MarketUnderTest) -> str:
    offer = proposed(market)
    delivered(market, offer)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer, who="sam-01")
    delivered(market, offer)
    return offer


def accepted(market: MarketUnderTest) -> str:
    offer = released(market)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    return offer


def shortly_after(at: str | None) -> str:
    assert at is not None
    return later(at, timedelta(minutes=5))


def only(market: MarketUnderTest, party: str) -> ToDo:
    (found,) = today(market.state, party)
    return found


def tasks(market: MarketUnderTest, party: str) -> tuple[str, ...]:
    return tuple(each.task for each in today(market.state, party))


def waits(market: MarketUnderTest, party: str) -> Counter[tuple[str, str, str]]:
    return Counter(
        (each.wait.value, each.about, each.due)
        for each in pending(market.state)
        if each.on == party
    )


def shown(market: MarketUnderTest, party: str) -> Counter[tuple[str, str, str]]:
    clocked = {"delivery", "release", "answer", "consent", "confirmation", "decision"}
    return Counter(
        (each.task.value, each.about, each.due or "")
        for each in today(market.state, party)
        if each.task in clocked
    )


def test_where_nothing_waits_there_is_nothing_to_do(market: MarketUnderTest) -> None:
    assert {today(market.state, each) for each in PARTIES} == {()}


def test_a_proposal_waits_for_the_operator_until_it_is_delivered(market: MarketUnderTest) -> None:
    offer = proposed(market)

    assert only(market, OPERATOR) == ToDo(
        task=Task.DELIVERY, about=offer, due="2026-01-16T17:00:00.000Z", opportunity=ROOFER
    )
    assert today(market.state, PARTNER) == ()


def test_a_release_waits_for_its_partner_and_says_who_may(market: MarketUnderTest) -> None:
    duty = DutyAssigned(on_duty="sam-01", deputy="ada-02")
    tell_facts(
        market,
        register_market().say(duty, by=PARTNER),
        sequence=market.state.register_sequence + 1,
    )
    offer = proposed(market)
    due: ReleaseDue = delivered(market, offer)[1].data

    first = only(market, PARTNER)
    tick(market, shortly_after(due.remind_at))

    assert (first.task, first.about, first.residents) == (Task.RELEASE, offer, (AMAL,))
    assert (first.staff, first.is_assigned) == (("sam-01",), True)
    assert only(market, PARTNER).staff == ("sam-01", "ada-02")


def test_a_release_on_its_last_day_is_seen_by_the_contracts_owner_without_the_resident(
    market: MarketUnderTest,
) -> None:
    offer = proposed(market)
    due: ReleaseDue = delivered(market, offer)[1].data
    assert today(market.state, OWNER) == ()

    tick(market, shortly_after(due.overdue_at))

    assert only(market, OWNER) == ToDo(
        task=Task.OVERDUE,
        about=offer,
        due=due.release_by,
        opportunity=ROOFER,
        partner=PARTNER,
    )


def test_an_answer_waits_and_says_whether_somebody_tried(market: MarketUnderTest) -> None:
    offer = released(market)
    before = only(market, PARTNER)
    tried = ContactTried(offer=offer, tried_on=date(2026, 1, 15), means=Means.VISIT)
    market.say(tried, by=PARTNER, subject=offer)

    assert (before.task, before.is_contacted) == (Task.ANSWER, False)
    assert only(market, PARTNER) == replace(before, is_contacted=True)


def test_an_acceptance_waits_for_consent_and_then_for_the_supplier(
    market: MarketUnderTest,
) -> None:
    offer = accepted(market)
    consent = only(market, PARTNER)
    assert today(market.state, SUPPLIER) == ()

    market.say(introducing("amal"), by=PARTNER, subject=AMAL)
    interview = InterviewOffered(offer=offer, on=date(2026, 1, 16))
    market.say(interview, by=SUPPLIER, subject=offer)
    confirmation = only(market, SUPPLIER)

    assert (consent.task, consent.supplier, consent.fields) == (
        Task.CONSENT,
        SUPPLIER,
        ("contact",),
    )
    assert (confirmation.task, confirmation.interview) == (Task.CONFIRMATION, "offered")
    assert (confirmation.residents, confirmation.staff) == ((), ())
    assert today(market.state, PARTNER) == ()


def test_a_challenge_waits_for_who_decides_it(market: MarketUnderTest) -> None:
    enter(market, "amal", ROOFER, ready=False)
    tick(market, FIRST_ROUND)
    raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.NOT_TOLD)
    market.say(raised, by=PARTNER, subject=AMAL)

    found = only(market, OWNER)

    assert (found.task, found.residents, found.opportunity) == (Task.DECISION, (AMAL,), ROOFER)
    assert found.about in market.state.challenges


def test_an_intake_names_a_few_who_may_be_asked_and_counts_all(market: MarketUnderTest) -> None:
    people = [enter(market, f"person-{n}") for n in range(MOST_NAMED + 2)]
    enter(market, "rae", rung=None)
    enter(market, "bea", ROOFER)
    enter(market, "chidi", partner=OTHER_PARTNER)

    found = only(market, PARTNER)

    assert (found.task, found.about, found.many) == (Task.INTAKE, ROOFER, len(people))
    assert len(found.residents) == MOST_NAMED
    assert set(found.residents) < set(people)
    assert found.due == market.state.reserved[ROOFER].until
    assert only(market, OTHER_PARTNER).residents == (resident("chidi"),)


def test_after_the_first_round_nobody_is_to_be_asked_for_an_intake(
    market: MarketUnderTest,
) -> None:
    enter(market, "amal")
    tick(market, FIRST_ROUND)

    assert today(market.state, PARTNER) == ()


def test_a_question_has_no_clock_and_ends_with_its_answer(market: MarketUnderTest) -> None:
    enter(market, "amal", rung=None)
    open_ = pair("amal", ROOFER, eligible=Answer.UNKNOWN, unknown=("cscs_card",))
    events = market.say(fits(AMAL, open_, as_of=market.state.sequence), worker="matcher")
    (asked,) = [each for each in events if isinstance(each.data, FactAsked)]

    assert only(market, PARTNER) == ToDo(
        task=Task.QUESTION, about=asked.id, residents=(AMAL,), fact="cscs_card"
    )

    given = FactGivenSealed(
        resident=AMAL,
        evidence="card_seen",
        assessor_role="coach",
        assessed_on=TODAY,
        asked=asked.id,
        sealed="AAAA",
        fingerprint="0" * 64,
    )
    market.say(given, by=PARTNER, subject=AMAL)
    assert today(market.state, PARTNER) == ()


def test_a_contract_waits_in_the_register_until_its_supplier_agrees() -> None:
    register = register_market()
    register.say(contract(), by=OWNER, subject=CONTRACT)
    register.say(pledge(), by=OWNER, subject=CONTRACT)

    found = only(register, SUPPLIER)

    assert found == ToDo(task=Task.AGREEMENT, about=CONTRACT, partner=OWNER)
    assert today(register.state, OTHER_SUPPLIER) == ()


def test_a_doubted_clock_comes_before_all_else(market: MarketUnderTest) -> None:
    proposed(market)
    market.state.doubted_since = market.state.now

    assert tasks(market, OPERATOR) == (Task.CLOCK, Task.DELIVERY)
    assert Task.CLOCK not in tasks(market, OWNER)


def test_a_party_sees_exactly_what_waits_on_it_and_each_thing_is_somebodys(
    market: MarketUnderTest,
) -> None:
    second = opportunity("F-2")
    market.say(fenced("F-2"), by=SUPPLIER, subject=second)
    for name, wanted, partner in (
        ("amal", ROOFER, PARTNER),
        ("bea", ROOFER, OTHER_PARTNER),
        ("chidi", second, PARTNER),
        ("dara", second, OTHER_PARTNER),
    ):
        enter(market, name, wanted, partner=partner)
    made = proposals(tick(market, FIRST_ROUND))
    of = {each.resident: each.offer for each in made}
    assert len(of) == 4
    steps = 0
    for name, partner in (("amal", PARTNER), ("bea", OTHER_PARTNER), ("chidi", PARTNER)):
        offer = of[resident(name)]
        for step in ("delivered", "released", "delivered", "accepted", "consented")[: 5 - steps]:
            if step == "delivered":
                delivered(market, offer)
            elif step == "released":
                market.say(ProposalReleased(offer=offer), by=partner, subject=offer)
            elif step == "accepted":
                market.say(OfferAccepted(offer=offer), by=partner, subject=offer)
            else:
                market.say(introducing(name), by=partner, subject=resident(name))
            for each in PARTIES:
                assert shown(market, each) == waits(market, each)
        steps += 2

    assert sum(waits(market, each).total() for each in PARTIES) == len(tuple(pending(market.state)))
    dues = [each.due for each in today(market.state, PARTNER) if each.due]
    assert dues == sorted(dues)


def test_what_waits_on_one_partner_does_not_change_with_anothers_residents(
    market: MarketUnderTest,
) -> None:
    released(market)
    before = today(market.state, PARTNER)

    enter(market, "bea", partner=OTHER_PARTNER)

    assert today(market.state, PARTNER) == before
