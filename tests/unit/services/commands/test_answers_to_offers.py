"""
A person's word on an offer, by the command line: each answered on its own, in plain words.
"""

import json

import pytest
from click.testing import CliRunner, Result

from schemas.slots import (
    FitOverridden,
    HoldReason,
    OverrideReason,
    RejectionReason,
)
from services.__main__ import main
from tests.broker_in_memory import BrokerInMemory
from tests.builders import (
    OPERATOR,
    OTHER_PARTNER,
    PARTNER,
    SUPPLIER,
    delivered,
    enter,
    fenced,
    introducing,
    opportunity,
    proposals,
    resident,
    tick,
    zedford,
)
from tests.exports import chained

ROOFER = opportunity("F-1")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"
UNKNOWN = f"zedford-f-{'a' * 16}"


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    market = chained(zedford())
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    made = BrokerInMemory(market=market)
    monkeypatch.setattr("services.commands.saying.Kafka", made)
    return made


@pytest.fixture
def offers(broker: BrokerInMemory) -> tuple[str, str]:
    """
    Two proposals to two residents of one partner.
    """
    for name in ("amal", "bea"):
        enter(broker.market, name, ROOFER)
    first, second = proposals(tick(broker.market, FIRST_ROUND))
    return first.offer, second.offer


def said(*words: str, by: str | None = "jo-1") -> Result:
    staff = () if by is None else ("--by", by)
    return CliRunner().invoke(main, [*words, *staff, "--broker", "127.0.0.1:1"])


def introduce(broker: BrokerInMemory, offer: str) -> None:
    """
    Record the consent by which whoever accepted is introduced.
    """
    subject = broker.market.state.offers[offer].resident
    name = next(each for each in ("amal", "bea") if resident(each) == subject)
    broker.market.say(introducing(name), by=PARTNER, subject=subject)


def test_an_offer_goes_its_whole_way_by_commands(
    broker: BrokerInMemory, offers: tuple[str, str]
) -> None:
    offer, _ = offers

    delivered(broker.market, offer)
    released = said("release", PARTNER, offer)
    delivered(broker.market, offer)
    accepted = said("accept", PARTNER, offer)
    introduce(broker, offer)
    confirmed = said("confirm", SUPPLIER, offer)

    assert [each.exit_code for each in (released, accepted, confirmed)] == [0, 0, 0], (
        released.output
    )
    assert f"release {offer}: accepted" in released.output
    assert broker.market.state.offers[offer].status == "filled"
    assert [each["authid"] for each in broker.said] == ["jo-1"] * 3


def test_a_refusal_of_one_offer_does_not_stop_the_others(
    broker: BrokerInMemory, offers: tuple[str, str]
) -> None:
    outcome = said("release", PARTNER, offers[0], UNKNOWN, offers[1])

    assert outcome.exit_code == 1
    assert f"release {UNKNOWN}: refused" in outcome.output
    assert "What to do" in outcome.output
    assert [broker.market.state.offers[each].status for each in offers] == ["offered"] * 2


def test_each_answer_is_one_line_of_json_on_request(
    broker: BrokerInMemory, offers: tuple[str, str]
) -> None:
    outcome = said("release", PARTNER, offers[0], UNKNOWN, "--json")

    told = [json.loads(line)["type"] for line in outcome.stdout.splitlines()]
    assert told == ["foothold.Receipt.v1", "foothold.Refusal.v1"]


def test_an_offer_that_is_named_twice_is_answered_once(
    broker: BrokerInMemory, offers: tuple[str, str]
) -> None:
    said("release", PARTNER, offers[0], offers[0])

    assert len(broker.said) == 1


@pytest.mark.parametrize("reason", list(HoldReason))
def test_a_proposal_is_held_for_a_reason_of_the_list(
    broker: BrokerInMemory, offers: tuple[str, str], reason: HoldReason
) -> None:
    outcome = said("hold", PARTNER, offers[0], "--reason", reason.value)

    assert outcome.exit_code == 0, outcome.output
    held = broker.market.state.offers[offers[0]]
    assert (held.status, held.reason) == ("held", reason.value)


@pytest.mark.parametrize("reason", list(RejectionReason))
def test_a_supplier_rejects_for_a_reason_of_the_list(
    broker: BrokerInMemory, offers: tuple[str, str], reason: RejectionReason
) -> None:
    said("release", PARTNER, offers[0])
    said("accept", PARTNER, offers[0])
    introduce(broker, offers[0])

    outcome = said("reject", SUPPLIER, offers[0], "--reason", reason.value)

    assert outcome.exit_code == 0, outcome.output
    assert broker.market.state.offers[offers[0]].reason == reason.value


def test_a_declined_offer_needs_no_reason(broker: BrokerInMemory, offers: tuple[str, str]) -> None:
    said("release", PARTNER, offers[0])

    assert said("decline", PARTNER, offers[0]).exit_code == 0
    assert broker.market.state.offers[offers[0]].status == "declined"


@pytest.mark.parametrize("word", ["release", "hold", "accept", "decline"])
def test_another_partners_offer_is_as_unknown_as_one_that_is_not_there(
    broker: BrokerInMemory, offers: tuple[str, str], word: str
) -> None:
    reason = ("--reason", "data_wrong") if word == "hold" else ()

    own = said(word, OTHER_PARTNER, offers[0], *reason)
    none = said(word, OTHER_PARTNER, UNKNOWN, *reason)

    assert (own.exit_code, none.exit_code) == (1, 1)
    assert own.output.replace(offers[0], UNKNOWN) == none.output


def test_a_supplier_cannot_tell_an_acceptance_without_consent_from_no_offer(
    broker: BrokerInMemory, offers: tuple[str, str]
) -> None:
    said("release", PARTNER, offers[0])
    said("accept", PARTNER, offers[0])

    early = said("confirm", SUPPLIER, offers[0])
    none = said("confirm", SUPPLIER, UNKNOWN)

    assert (early.exit_code, none.exit_code) == (1, 1)
    assert early.output.replace(offers[0], UNKNOWN) == none.output


@pytest.mark.parametrize("word", ["hold", "reject"])
@pytest.mark.parametrize("given", [(), ("--reason", "just because")])
def test_a_reason_that_is_on_no_list_is_not_sent(
    broker: BrokerInMemory, offers: tuple[str, str], word: str, given: tuple[str, ...]
) -> None:
    outcome = said(word, PARTNER, offers[0], *given)

    assert outcome.exit_code == 2
    assert "--reason" in outcome.stderr
    assert broker.said == []


@pytest.mark.parametrize(("word", "reasons"), [("hold", HoldReason), ("reject", RejectionReason)])
def test_help_lists_each_reason_with_what_it_means(
    word: str, reasons: type[HoldReason] | type[RejectionReason]
) -> None:
    told = CliRunner().invoke(main, [word, "--help"]).output

    assert all(f"{each.value}: " in told for each in reasons)


@pytest.mark.parametrize("word", ["release", "accept", "decline", "confirm"])
def test_what_is_no_id_of_an_offer_is_not_sent(broker: BrokerInMemory, word: str) -> None:
    outcome = said(word, PARTNER, "Amal Haddad")

    assert outcome.exit_code == 2
    assert "is no id of an offer" in outcome.stderr
    assert broker.said == []


@pytest.mark.parametrize("word", ["release", "accept", "decline", "confirm"])
def test_a_member_of_staff_stands_for_every_answer(
    broker: BrokerInMemory, offers: tuple[str, str], word: str
) -> None:
    outcome = said(word, PARTNER, offers[0], by=None)

    assert outcome.exit_code == 2
    assert "--by" in outcome.stderr
    assert broker.said == []


def test_an_override_names_its_resident_by_the_partners_own_reference(
    broker: BrokerInMemory,
) -> None:
    enter(broker.market, "amal", ROOFER)
    broker.knows("amal", reference="NH-1")

    outcome = said("override", PARTNER, "NH-1", ROOFER, "--reason", "support_agreed")

    # The contract of this market sets no minimum fit, which is what the market answers.
    assert outcome.exit_code == 1
    assert "override for NH-1: refused" in outcome.output
    (event,) = broker.said
    assert event["type"] == "foothold.FitOverridden.v1"
    assert event["data"] == {
        "resident": "NH-1",
        "opportunity": ROOFER,
        "reason": OverrideReason.SUPPORT_AGREED.value,
    }
    assert FitOverridden(**event["data"]).opportunity == ROOFER


def test_the_operator_confirms_a_clock_that_nobody_doubts(broker: BrokerInMemory) -> None:
    outcome = said("market", "confirm-clock", OPERATOR, "zedford")

    assert outcome.exit_code == 1
    assert "clock of zedford: refused" in outcome.output
    assert broker.said[0]["data"] == {"market": "zedford"}


def test_a_clock_is_confirmed_by_a_member_of_staff(broker: BrokerInMemory) -> None:
    outcome = said("market", "confirm-clock", OPERATOR, "zedford", by=None)

    assert outcome.exit_code == 2
    assert "--by" in outcome.output
    assert broker.said == []
