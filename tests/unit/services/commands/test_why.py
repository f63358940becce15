"""
Why somebody was or was not proposed, by the command line, from a broker or from a file.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.codec import EVENTS
from schemas.introductions import ContactTried, Means, ReferralMade
from schemas.opportunities import OpportunityWithdrawn, Pay
from schemas.slots import (
    HireConfirmed,
    HoldReason,
    LapseReason,
    OfferAccepted,
    Outcome,
    OverrideReason,
    ProposalReleased,
    RejectionReason,
    TermChange,
    WithdrawalReason,
)
from schemas.vocabulary import PayBasis, event_type
from services.__main__ import main
from services.wording.offers import CONSENT, NEXT, happened
from services.wording.offers import EVENTS as OFFER_EVENTS
from services.wording.outcomes import OUTCOMES
from services.wording.reasons import (
    CHANGES,
    FINDINGS,
    GROUNDS,
    HOLDS,
    LAPSES,
    MEANS,
    OVERRIDES,
    REJECTIONS,
    WITHDRAWALS,
)
from tests.broker_in_memory import BrokerInMemory
from tests.builders import (
    OTHER_PARTNER,
    OWNER,
    PARTNER,
    SUPPLIER,
    amended,
    delivered,
    enter,
    fenced,
    introducing,
    names,
    opportunity,
    posted,
    proposals,
    resident,
    tick,
    zedford,
)
from tests.exports import ChainedMarket, chained, export, log_of

ROOFER = opportunity("F-1")
AMAL, BEA = resident("amal"), resident("bea")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"


@pytest.fixture
def market() -> ChainedMarket:
    made = chained(zedford())
    made.say(fenced(), by=SUPPLIER, subject=ROOFER)
    return made


@pytest.fixture
def broker(market: ChainedMarket, monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    made = BrokerInMemory(market=market)
    monkeypatch.setattr("services.commands.why.Kafka", made)
    return made


def offered(market: ChainedMarket) -> str:
    """
    Propose, release and offer a position to whoever entered, each delivered at once.
    """
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    delivered(market, proposed.offer)
    market.say(ProposalReleased(offer=proposed.offer), by=PARTNER, subject=proposed.offer)
    delivered(market, proposed.offer)
    return proposed.offer


def why(*words: str) -> Result:
    return CliRunner().invoke(main, ["why", *words, "--broker", "127.0.0.1:1"])


def test_before_the_first_round_it_is_said_until_when_and_what_is_missing(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER, ready=False)

    outcome = why(AMAL, ROOFER)

    assert outcome.exit_code == 0
    assert "No round has been held yet" in outcome.output
    assert "until 15 January 2026, 12:05" in outcome.output
    assert "first proposals follow 15 January 2026, 13:00" in outcome.output
    assert "Missing so far: not ready." in outcome.output


def test_of_positions_that_went_public_nobody_is_told_that_none_is_free(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER, ready=False)
    tick(market, FIRST_ROUND)
    tick(market, "2026-02-11T09:00:00.000Z")

    outcome = why(AMAL, ROOFER)

    assert outcome.exit_code == 0
    assert "Its positions have gone public" in outcome.output
    assert "No position is free" not in outcome.output
    assert "What can be done" not in outcome.output


def test_of_a_posting_that_was_withdrawn_before_a_round_no_round_is_promised(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER)
    market.say(
        OpportunityWithdrawn(opportunity=ROOFER, reason="filled"), by=SUPPLIER, subject=ROOFER
    )
    tick(market, "2026-01-13T12:10:00.000Z")

    outcome = why(AMAL, ROOFER)

    assert "No round has been held.\nNo position is free now" in outcome.output
    assert "first proposals" not in outcome.output


def test_the_latest_round_gives_the_reason_and_the_earlier_ones_theirs(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal")
    tick(market, FIRST_ROUND)
    tick(market, "2026-01-16T09:05:00.000Z")

    outcome = why(AMAL, ROOFER)

    assert outcome.exit_code == 0
    assert "Round of 16 January 2026, 09:05: not asked." in outcome.output
    assert "Before it, 15 January 2026, 13:05: not asked." in outcome.output
    assert "the next round would find: not asked" in outcome.output


def test_the_way_of_an_offer_is_told_with_its_dates(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    offer = proposed.offer
    delivered(market, offer)
    market.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(market, offer)
    tried = ContactTried(offer=offer, tried_on=date(2026, 1, 15), means=Means.TELEPHONE)
    market.say(tried, by=PARTNER, subject=offer)
    market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    market.say(introducing("amal"), by=PARTNER, subject=AMAL)
    tick(market, "2026-01-27T12:00:00.000Z")

    outcome = why(AMAL, ROOFER)

    assert outcome.exit_code == 0
    assert "Round of 15 January 2026, 13:05: proposed." in outcome.output
    assert "number 1 of 1" in outcome.output
    for told in (
        "13:05: proposed; to reach the partner's queue until 16 January 2026, 17:00",
        "13:05: the partner is to release it until 19 January 2026, 17:00",
        "the partner tried to reach the resident on 15 January 2026: a call to their telephone",
        "accepted by the resident",
        "introduced: the resident's partner and the supplier know whom to call",
    ):
        assert told in outcome.output
    assert "withdrawn: the supplier neither confirmed nor rejected in time" in outcome.output


def test_what_can_be_done_about_a_proposal_follows_its_latest_step(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER)
    (proposed,) = proposals(tick(market, FIRST_ROUND))
    offer = proposed.offer
    told = [why(AMAL, ROOFER).output]
    for said, party in (
        (ProposalReleased(offer=offer), PARTNER),
        (OfferAccepted(offer=offer), PARTNER),
        (introducing("amal"), PARTNER),
        (HireConfirmed(offer=offer), SUPPLIER),
    ):
        about = offer if party is SUPPLIER or hasattr(said, "offer") else AMAL
        market.say(said, by=party, subject=about)
        told.append(why(AMAL, ROOFER).output)
    as_json = json.loads(why(AMAL, ROOFER, "--json").stdout)

    todo = [next(line for line in each.splitlines() if "can be done" in line) for each in told]
    for line, expected in zip(
        todo,
        ("foothold release", "foothold accept", "foothold consent", "foothold confirm", "filled"),
        strict=True,
    ):
        assert expected in line
    assert as_json["rounds"][0]["mend"] == NEXT["HireConfirmed"]


def test_what_was_declined_or_ran_out_cannot_be_released_any_more(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER)
    for at in (FIRST_ROUND, "2026-01-20T12:00:00.000Z"):
        (proposed,) = proposals(tick(market, at))
        delivered(market, proposed.offer)
    again = why(AMAL, ROOFER).output
    tick(market, "2026-01-23T12:00:00.000Z")

    told = why(AMAL, ROOFER).output

    # Silence that was not the resident's gives them the opportunity again, and that once.
    assert again.count("Their offer ") == 2
    assert "foothold challenge" not in again
    assert "What can be done: Release" in again
    assert told.count("the partner did not release it in time") == 2
    assert "What can be done: Release" not in told
    assert "already tried" in told
    assert "foothold challenge" in told


def test_the_partner_is_told_that_the_silence_was_its_own(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER)
    offered(market)
    tick(market, "2026-01-19T17:05:00.000Z")

    told = why(AMAL, ROOFER).output

    assert "lapsed: the partner recorded no attempt to reach the resident" in told


def test_whoever_is_asked_again_is_told_what_got_worse(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    enter(market, "amal", ROOFER)
    offered(market)
    terms = market.state.opportunities[ROOFER].terms
    worse = amended(
        ROOFER,
        of_version=1,
        reference="F-1",
        contract=terms.contract,
        ring_fence=terms.ring_fence,
        pay=Pay(basis=PayBasis.HOURLY, pence=1300),
    )
    market.say(worse, by=SUPPLIER, subject=ROOFER)

    told = why(AMAL, ROOFER).output

    assert "asked again, since terms got worse: the pay" in told
    assert "foothold accept" in told


def test_what_a_challenge_came_to_is_told(market: ChainedMarket, broker: BrokerInMemory) -> None:
    enter(market, "amal")
    tick(market, FIRST_ROUND)
    before = why(AMAL, ROOFER).output
    raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.NOT_ASKED)
    _, due = market.say(raised, by=PARTNER, subject=AMAL)
    named = due.data.challenge
    open_ = why(AMAL, ROOFER).output
    found = ChallengeDecided(challenge=named, upheld=True, finding=Finding.NOT_TREATED_FAIRLY)
    market.say(found, by=OWNER, subject=named)

    told = why(AMAL, ROOFER).output
    as_json = json.loads(why(AMAL, ROOFER, "--json").stdout)

    assert "foothold challenge" in before
    assert f"Their challenge {named}:" in open_
    assert f"the resident was never asked whether they wanted it; {OWNER} is to decide until" in (
        open_
    )
    assert "foothold challenge" not in open_
    assert "upheld by who decides: the resident was not asked, told or helped" in told
    assert "first of their rung at the next position of the same kind and hours" in told
    assert [step["name"] for step in as_json["challenge"]] == [
        "DecisionDue",
        "ChallengeDecided",
        "RemedyGranted",
    ]


def test_a_referral_is_told_though_no_round_is_held(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    plumber = opportunity("R-9")
    market.say(posted("R-9"), by=SUPPLIER, subject=plumber)
    enter(market, "amal", plumber)
    market.say(ReferralMade(resident=AMAL, opportunity=plumber), by=PARTNER, subject=AMAL)

    outcome = why(AMAL, plumber)

    assert outcome.exit_code == 0, outcome.output
    assert "referred by the partner, with the resident's yes" in outcome.output
    assert f"What can be done: {CONSENT}" in outcome.output
    assert "Round" not in outcome.output


def test_after_each_step_that_leaves_something_to_do_it_is_one_of_an_offer() -> None:
    assert NEXT.keys() <= OFFER_EVENTS.keys()


def test_a_partner_asks_by_its_own_reference(market: ChainedMarket, broker: BrokerInMemory) -> None:
    enter(market, "amal", ROOFER)
    broker.knows("amal", reference="NH-1")

    assert why("NH-1", ROOFER, "--as", PARTNER).exit_code == 0


def test_a_reference_says_nothing_without_whose_it_is(
    market: ChainedMarket, broker: BrokerInMemory
) -> None:
    outcome = why("NH-1", ROOFER)

    assert outcome.exit_code == 2
    assert "--as PARTNER" in outcome.stderr


@pytest.mark.parametrize("name", ["NH-1", AMAL])
def test_another_partner_is_told_of_nobody(
    market: ChainedMarket, broker: BrokerInMemory, name: str
) -> None:
    enter(market, "amal", ROOFER)
    broker.knows("amal", reference="NH-1")

    outcome = why(name, ROOFER, "--as", OTHER_PARTNER)

    assert outcome.exit_code == 1
    assert "no resident" in outcome.stderr


def test_nothing_of_anybody_else_is_told(market: ChainedMarket, broker: BrokerInMemory) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    made = proposals(tick(market, FIRST_ROUND))

    told = why(AMAL, ROOFER).output + why(AMAL, ROOFER, "--json").output

    own = [each.offer for each in made if each.resident == AMAL]
    for each in made:
        assert each.ticket not in told
        assert each.offer not in told or each.offer in own
    assert BEA not in told
    assert resident("chidi") not in told


def test_the_account_is_one_object_of_json(market: ChainedMarket, broker: BrokerInMemory) -> None:
    enter(market, "amal", ROOFER)
    tick(market, FIRST_ROUND)

    told = json.loads(why(AMAL, ROOFER, "--json").stdout)

    assert told["holds"] is True
    (round_,) = told["rounds"]
    assert round_["explanation"]["outcome"] == "proposed"
    assert round_["means"] == OUTCOMES[Outcome.PROPOSED].means
    assert [step["name"] for step in told["offer"]] == ["SlotProposed"]


@pytest.mark.parametrize(
    ("resident_", "opportunity_", "told"),
    [
        (f"zedford-r-{'a' * 16}", ROOFER, "is no resident in zedford"),
        (AMAL, opportunity("F-9"), "zedford has no"),
        (AMAL, opportunity("R-1"), "has no reserved positions"),
        (AMAL, f"nowhere-o-{'a' * 16}", "No market 'nowhere' is open"),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(
    market: ChainedMarket, broker: BrokerInMemory, resident_: str, opportunity_: str, told: str
) -> None:
    enter(market, "amal")
    market.say(posted(), by=SUPPLIER, subject=opportunity("R-1"))

    outcome = why(resident_, opportunity_)

    assert outcome.exit_code == 1
    assert told in outcome.stderr


# --- from a file --------------------------------------------------------------------------


def test_an_export_is_enough(market: ChainedMarket, tmp_path: Path) -> None:
    enter(market, "amal", ROOFER)
    tick(market, FIRST_ROUND)
    path = export(tuple(market.records), tmp_path / "zedford.jsonl")

    outcome = CliRunner().invoke(main, ["why", AMAL, ROOFER, "--market-export", str(path)])

    assert outcome.exit_code == 0, outcome.output
    assert "proposed." in outcome.output


def test_a_round_that_was_not_decided_so_is_told_loudly(
    market: ChainedMarket, tmp_path: Path
) -> None:
    for name in ("amal", "bea", "chidi"):
        enter(market, name, ROOFER)
    tick(market, FIRST_ROUND)
    cause, said, events = market.log[-1]
    at = names(events).index("RoundClosed")
    forged = replace(events[at], data=replace(events[at].data, digest="0" * 64))
    market.log[-1] = (cause, said, (*events[:at], forged, *events[at + 1 :]))
    path = export(log_of(market), tmp_path / "zedford.jsonl")

    outcome = CliRunner().invoke(main, ["why", AMAL, ROOFER, "--market-export", str(path)])
    as_json = CliRunner().invoke(
        main, ["why", AMAL, ROOFER, "--market-export", str(path), "--json"]
    )

    assert outcome.exit_code == 1
    assert f"DOES NOT HOLD: 15 January 2026, 13:05, record {len(market.log)}" in outcome.output
    assert "differs from the log in the digest" in outcome.output
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["holds"] is False


def test_a_log_that_does_not_follow_is_told_in_a_sentence(
    market: ChainedMarket, tmp_path: Path
) -> None:
    enter(market, "amal", ROOFER)
    kept = [entry for entry in market.log if "ResidentRegisteredSealed" not in names(entry[2])]
    market.log[:] = kept
    path = export(log_of(market), tmp_path / "zedford.jsonl")

    outcome = CliRunner().invoke(main, ["why", AMAL, ROOFER, "--market-export", str(path)])

    assert outcome.exit_code == 1
    assert "does not follow from itself" in outcome.stderr


# --- words --------------------------------------------------------------------------------


def events_of_offers() -> Iterator[str]:
    """
    Name every event that tells of one offer.
    """
    for cls in EVENTS.values():
        if "offer" in cls.__annotations__:
            yield event_type(cls).name


@pytest.mark.parametrize("name", sorted(events_of_offers()))
def test_every_event_of_an_offer_has_words(name: str) -> None:
    assert OFFER_EVENTS[name]


@pytest.mark.parametrize("reason", list(WithdrawalReason))
def test_every_reason_of_a_withdrawal_has_words(reason: WithdrawalReason) -> None:
    assert happened("OfferWithdrawn", {"reason": reason.value}) == (
        f"withdrawn: {WITHDRAWALS[reason]}"
    )


@pytest.mark.parametrize("reason", list(LapseReason))
def test_every_reason_of_a_lapse_has_words(reason: LapseReason) -> None:
    assert happened("OfferLapsed", {"reason": reason.value}) == f"lapsed: {LAPSES[reason]}"


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (HOLDS, HoldReason),
        (REJECTIONS, RejectionReason),
        (OVERRIDES, OverrideReason),
        (WITHDRAWALS, WithdrawalReason),
        (LAPSES, LapseReason),
        (CHANGES, TermChange),
        (MEANS, Means),
        (GROUNDS, Ground),
        (FINDINGS, Finding),
    ],
)
def test_every_closed_list_is_told_whole(words: Mapping[str, str], codes: type[StrEnum]) -> None:
    assert set(words) == set(codes)
    assert all(words.values())
