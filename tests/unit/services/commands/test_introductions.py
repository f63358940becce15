"""
From an offer to a handshake, by the command line: contact, consent, referral, interview.
"""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from schemas.introductions import Means
from schemas.slots import OfferAccepted, ProposalReleased
from schemas.vocabulary import Clock
from services.__main__ import main
from services.commands.market_days import present
from services.wording.reasons import FIELDS, MEANS
from tests.broker_in_memory import BrokerInMemory
from tests.builders import (
    OTHER_PARTNER,
    PARTNER,
    SUPPLIER,
    delivered,
    enter,
    fenced,
    introducing,
    opportunity,
    posted,
    proposals,
    resident,
    tick,
    zedford,
)
from tests.exports import chained

ROOFER, PLUMBER = opportunity("F-1"), opportunity("R-9")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"
AMAL = resident("amal")
UNKNOWN = f"zedford-f-{'a' * 16}"
WHY = "The journey takes two hours."
TOLD = ("saying", "contact", "consent", "offers")


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    """
    Amal, whom her partner calls NH-1, said yes to a reserved position and to one that is not.
    """
    market = chained(zedford())
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    market.say(posted("R-9"), by=SUPPLIER, subject=PLUMBER)
    enter(market, "amal", ROOFER, PLUMBER)
    made = BrokerInMemory(market=market)
    made.knows("amal", reference="NH-1")
    for each in TOLD:
        monkeypatch.setattr(f"services.commands.{each}.Kafka", made)
    return made


@pytest.fixture
def offer(broker: BrokerInMemory) -> str:
    """
    A position that is offered to Amal.
    """
    (proposed,) = proposals(tick(broker.market, FIRST_ROUND))
    delivered(broker.market, proposed.offer)
    release = ProposalReleased(offer=proposed.offer)
    broker.market.say(release, by=PARTNER, subject=proposed.offer)
    delivered(broker.market, proposed.offer)
    return proposed.offer


def said(*words: str, by: str | None = "jo-1", typed: str | None = None) -> Result:
    staff = () if by is None else ("--by", by)
    return CliRunner().invoke(main, [*words, *staff, "--broker", "127.0.0.1:1"], input=typed)


def last(broker: BrokerInMemory) -> dict[str, Any]:
    """
    The data of what was sent last.
    """
    data: dict[str, Any] = broker.said[-1]["data"]
    return data


# --- contact ------------------------------------------------------------------------------


@pytest.mark.parametrize("means", list(Means))
def test_an_attempt_is_recorded_on_the_markets_own_day(
    broker: BrokerInMemory, offer: str, means: Means
) -> None:
    outcome = said("contact", PARTNER, offer, "--means", means.value)

    assert outcome.exit_code == 0, outcome.output
    assert last(broker) == {"offer": offer, "tried_on": "2026-01-15", "means": means.value}
    assert broker.market.state.offers[offer].contacted


@pytest.mark.parametrize("day", ["2026-01-14", "2026-01-17"])
def test_no_attempt_is_recorded_of_a_day_before_the_offer_or_of_a_later_one(
    broker: BrokerInMemory, offer: str, day: str
) -> None:
    tick(broker.market, "2026-01-16T09:05:00.000Z")

    outcome = said("contact", PARTNER, offer, "--means", "letter", "--on", day)

    assert outcome.exit_code == 1
    assert "What to do" in outcome.output


def test_an_attempt_may_be_recorded_of_an_earlier_day(broker: BrokerInMemory, offer: str) -> None:
    tick(broker.market, "2026-01-16T09:05:00.000Z")

    outcome = said("contact", PARTNER, offer, "--means", "letter", "--on", "2026-01-15")

    assert outcome.exit_code == 0, outcome.output


def test_an_attempt_after_the_lapse_changes_nothing(broker: BrokerInMemory, offer: str) -> None:
    tick(broker.market, "2026-01-19T17:05:00.000Z")

    outcome = said("contact", PARTNER, offer, "--means", "telephone")

    assert outcome.exit_code == 1
    assert "refused" in outcome.output
    assert not broker.market.state.offers[offer].contacted


@pytest.mark.parametrize(("clock", "stands"), [(Clock.SIMULATED, True), (Clock.REAL, False)])
def test_a_simulated_markets_present_is_its_logs_and_a_real_ones_this_machines(
    clock: Clock, stands: bool
) -> None:
    state = zedford(clock=clock).state

    assert (present(state) == state.now) is stands


def test_means_that_are_on_no_list_are_not_sent(broker: BrokerInMemory, offer: str) -> None:
    assert said("contact", PARTNER, offer, "--means", "pigeon").exit_code == 2
    assert broker.said == []


# --- a decline and its reason -------------------------------------------------------------


def test_a_reason_that_somebody_wishes_to_give_is_sealed_after_the_decline(
    broker: BrokerInMemory, offer: str
) -> None:
    outcome = said("decline", PARTNER, offer, "--reason", WHY)

    assert outcome.exit_code == 0, outcome.output
    assert f"decline {offer}: accepted" in outcome.output
    assert f"reason for {offer}: accepted" in outcome.output
    assert [each["type"] for each in broker.said] == [
        "foothold.OfferDeclined.v1",
        "foothold.DeclineExplained.v1",
    ]
    assert last(broker)["resident"] == AMAL
    # On the market's log it stands under the resident's own key, and nowhere in clear.
    assert broker.market.log[-1][2][0].name == "DeclineExplainedSealed"
    assert WHY not in repr(broker.market.log)
    assert WHY not in outcome.output


def test_a_reason_may_come_from_the_standard_input(broker: BrokerInMemory, offer: str) -> None:
    outcome = said("decline", PARTNER, offer, "--reason", "-", typed=f"{WHY}\n")

    assert outcome.exit_code == 0, outcome.output
    assert last(broker)["reason"] == WHY


@pytest.mark.parametrize("party", [PARTNER, OTHER_PARTNER])
def test_of_a_decline_that_is_refused_no_reason_is_sent(
    broker: BrokerInMemory, offer: str, party: str
) -> None:
    wanted = UNKNOWN if party == PARTNER else offer

    outcome = said("decline", party, wanted, "--reason", WHY)

    assert outcome.exit_code == 1
    assert "The reason was not sent" in outcome.stderr
    assert [each["type"] for each in broker.said] == ["foothold.OfferDeclined.v1"]


@pytest.mark.parametrize("words", [(" ",), (WHY, UNKNOWN)])
def test_an_empty_reason_and_one_for_several_offers_are_not_sent(
    broker: BrokerInMemory, offer: str, words: tuple[str, ...]
) -> None:
    reason, *others = words

    assert said("decline", PARTNER, offer, *others, "--reason", reason).exit_code == 2
    assert broker.said == []


# --- consent ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["NH-1", AMAL])
def test_a_consent_to_meet_a_supplier_introduces_who_accepted(
    broker: BrokerInMemory, offer: str, name: str
) -> None:
    broker.market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)

    outcome = said("consent", PARTNER, name, "--supplier", SUPPLIER, "--notice-version", "1")

    assert outcome.exit_code == 0, outcome.output
    assert last(broker) == {
        "resident": name,
        "purpose": "introduction",
        "supplier": SUPPLIER,
        "fields": ["contact"],
        "notice_version": 1,
        "given_on": "2026-01-15",
    }
    assert broker.market.state.offers[offer].is_introduced


def test_a_consent_says_what_it_names_and_until_when(broker: BrokerInMemory) -> None:
    outcome = said(
        *("consent", PARTNER, "NH-1", "--supplier", SUPPLIER, "--notice-version", "2"),
        *("--fields", "contact,route", "--given-on", "2026-01-12", "--ends-on", "2026-06-30"),
    )

    assert outcome.exit_code == 0, outcome.output
    consent = broker.market.state.residents[AMAL].introductions[SUPPLIER]
    assert (consent.fields, consent.ends_on) == (("contact", "route"), "2026-06-30")


def test_a_consent_that_is_withdrawn_ends_the_introduction(
    broker: BrokerInMemory, offer: str
) -> None:
    broker.market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    broker.market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    outcome = said("consent", PARTNER, "NH-1", "--withdraw", "--supplier", SUPPLIER)

    assert outcome.exit_code == 0, outcome.output
    assert broker.market.state.offers[offer].reason == "consent_withdrawn"


def test_a_consent_to_be_matched_is_ended_and_given_in_the_same_way(
    broker: BrokerInMemory,
) -> None:
    ended = said("consent", PARTNER, "NH-1", "--withdraw", "--matching")
    assert broker.market.state.residents[AMAL].matching is None

    given = said("consent", PARTNER, "NH-1", "--matching", "--notice-version", "1")

    assert (ended.exit_code, given.exit_code) == (0, 0)
    assert broker.market.state.residents[AMAL].matching is not None


@pytest.mark.parametrize(
    "words",
    [
        ("--notice-version", "1"),
        ("--supplier", SUPPLIER),
        ("--supplier", SUPPLIER, "--matching", "--notice-version", "1"),
        ("--supplier", "Oakline Ltd", "--notice-version", "1"),
        ("--supplier", SUPPLIER, "--notice-version", "1", "--fields", "route"),
        ("--supplier", SUPPLIER, "--notice-version", "1", "--fields", "contact,birth_date"),
        ("--matching", "--notice-version", "1", "--fields", "contact"),
        ("--withdraw", "--supplier", SUPPLIER, "--notice-version", "1"),
        ("--withdraw",),
    ],
)
def test_a_consent_to_nobody_or_to_too_much_is_not_sent(
    broker: BrokerInMemory, words: tuple[str, ...]
) -> None:
    assert said("consent", PARTNER, "NH-1", *words).exit_code == 2
    assert broker.said == []


# --- referral and interview ---------------------------------------------------------------


def test_a_referral_opens_outside_a_fence_and_is_refused_inside(broker: BrokerInMemory) -> None:
    outside = said("refer", PARTNER, "NH-1", PLUMBER)
    inside = said("refer", PARTNER, "NH-1", ROOFER)

    assert (outside.exit_code, inside.exit_code) == (0, 1)
    (referred,) = broker.market.state.residents[AMAL].referred
    assert broker.market.state.offers[referred].opportunity == PLUMBER


@pytest.mark.parametrize("by", [SUPPLIER, PARTNER])
def test_an_interview_is_offered_by_the_supplier_and_said_to_be_held_by_either_side(
    broker: BrokerInMemory, offer: str, by: str
) -> None:
    broker.market.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    broker.market.say(introducing("amal"), by=PARTNER, subject=AMAL)

    asked = said("interview", "offer", SUPPLIER, offer, "--on", "2026-01-21")
    early = said("interview", "held", by, offer, "--on", "2026-01-21")
    tick(broker.market, "2026-01-21T12:05:00.000Z")
    held = said("interview", "held", by, offer, "--on", "2026-01-21")

    assert [each.exit_code for each in (asked, early, held)] == [0, 1, 0], held.output
    assert "InterviewHeld" in broker.market.state.offers[offer].answered


# --- what holds for all -------------------------------------------------------------------

ALL = {
    "contact": ("contact", PARTNER, UNKNOWN, "--means", "letter", "--on", "2026-01-14"),
    "consent": ("consent", PARTNER, "NH-1", "--withdraw", "--supplier", SUPPLIER),
    "refer": ("refer", PARTNER, "NH-1", PLUMBER),
    "interview": ("interview", "offer", SUPPLIER, UNKNOWN, "--on", "2026-01-21"),
    "held": ("interview", "held", SUPPLIER, UNKNOWN, "--on", "2026-01-21"),
}


@pytest.mark.parametrize("words", ALL.values(), ids=ALL.keys())
def test_a_member_of_staff_stands_for_each(broker: BrokerInMemory, words: tuple[str, ...]) -> None:
    outcome = said(*words, by=None)

    assert outcome.exit_code == 2
    assert "--by" in outcome.stderr
    assert broker.said == []


@pytest.mark.parametrize("words", ALL.values(), ids=ALL.keys())
def test_each_is_answered_in_one_line_of_json_on_request(
    broker: BrokerInMemory, words: tuple[str, ...]
) -> None:
    (line,) = said(*words, "--json").stdout.splitlines()

    assert json.loads(line)["type"] in ("foothold.Receipt.v1", "foothold.Refusal.v1")


@pytest.mark.parametrize(("command", "listed"), [("contact", MEANS), ("consent", FIELDS)])
def test_help_says_what_each_word_of_a_list_means(command: str, listed: dict[str, str]) -> None:
    told = CliRunner().invoke(main, [command, "--help"]).output

    assert all(f"{code}: {words}" in told for code, words in listed.items())
