"""
A decision is contested and the challenge decided, by the command line.
"""

import pytest
from click.testing import CliRunner, Result

from schemas.challenges import Finding, Ground
from schemas.vocabulary import Role
from services.__main__ import main
from services.wording.reasons import FINDINGS, GROUNDS
from tests.broker_in_memory import BrokerInMemory
from tests.builders import (
    OPERATOR,
    OTHER_PARTNER,
    OWNER,
    PARTNER,
    SUPPLIER,
    enter,
    fenced,
    market_of,
    opportunity,
    party,
    register_market,
    resident,
    tick,
    with_contract,
    zedford,
)
from tests.exports import chained

ROOFER = opportunity("F-1")
AMAL = resident("amal")


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    """
    Amal, whom her partner calls NH-1, was never asked about a position.
    """
    market = chained(zedford())
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal")
    tick(market, "2026-01-15T13:05:00.000Z")
    made = BrokerInMemory(market=market)
    made.knows("amal", reference="NH-1")
    monkeypatch.setattr("services.commands.saying.Kafka", made)
    return made


def said(*words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--by", "jo-1", "--broker", "127.0.0.1:1"])


def challenged(broker: BrokerInMemory) -> str:
    outcome = said("challenge", PARTNER, "NH-1", ROOFER, "--ground", "not_asked")
    assert outcome.exit_code == 0, outcome.output
    (named,) = broker.market.state.challenges
    return named


@pytest.mark.parametrize("ground", list(Ground))
@pytest.mark.parametrize(("party", "name"), [(PARTNER, "NH-1"), (OWNER, AMAL)])
def test_a_partner_or_the_owners_office_contests_on_a_ground_of_the_list(
    broker: BrokerInMemory, party: str, name: str, ground: Ground
) -> None:
    outcome = said("challenge", party, name, ROOFER, "--ground", ground.value)

    assert outcome.exit_code == 0, outcome.output
    (challenge,) = broker.market.state.challenges.values()
    assert (challenge.resident, challenge.decider) == (AMAL, OWNER)
    assert challenge.ground is ground


def test_an_operator_contests_by_our_id_where_the_owner_is_the_residents_own_partner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register = register_market()
    register.say(party(OWNER, Role.OWNER, Role.PARTNER), by=OPERATOR, subject=f"party:{OWNER}")
    market = chained(market_of(with_contract(register)))
    tick(market, "2026-01-13T12:05:00.000Z")
    market.say(fenced(), by=SUPPLIER, subject=ROOFER)
    enter(market, "amal", partner=OWNER)
    tick(market, "2026-01-15T13:05:00.000Z")
    made = BrokerInMemory(market=market, register=register)
    made.knows("amal", reference="NH-1", partner=OWNER)
    monkeypatch.setattr("services.commands.saying.Kafka", made)

    outcome = said("challenge", OPERATOR, AMAL, ROOFER, "--ground", "coordinator")

    assert outcome.exit_code == 0, outcome.output
    (challenge,) = market.state.challenges.values()
    assert (challenge.resident, challenge.decider) == (AMAL, OPERATOR)


@pytest.mark.parametrize("reference", ["NH-1", AMAL])
def test_an_operator_contests_for_nobody_else(broker: BrokerInMemory, reference: str) -> None:
    outcome = said("challenge", OPERATOR, reference, ROOFER, "--ground", "other")

    assert outcome.exit_code == 1
    assert broker.market.state.challenges == {}


@pytest.mark.parametrize(
    ("decision", "status", "remedies"), [("upheld", "upheld", 1), ("dismissed", "dismissed", 0)]
)
def test_the_owner_decides_and_what_is_upheld_has_its_remedy(
    broker: BrokerInMemory, decision: str, status: str, remedies: int
) -> None:
    named = challenged(broker)

    outcome = said("decide", OWNER, named, decision, "--finding", "not_treated_fairly")

    assert outcome.exit_code == 0, outcome.output
    assert broker.market.state.challenges[named].status == status
    assert len(broker.market.state.residents[AMAL].remedies) == remedies


@pytest.mark.parametrize("party", [PARTNER, OTHER_PARTNER, OPERATOR])
def test_nobody_else_decides_it(broker: BrokerInMemory, party: str) -> None:
    named = challenged(broker)

    outcome = said("decide", party, named, "dismissed", "--finding", "no_loss")

    assert outcome.exit_code == 1
    assert "What to do" in outcome.output
    assert broker.market.state.challenges[named].status == "open"


def test_what_was_contested_once_is_not_contested_again(broker: BrokerInMemory) -> None:
    challenged(broker)

    outcome = said("challenge", PARTNER, "NH-1", ROOFER, "--ground", "other")

    assert outcome.exit_code == 1
    assert "refused" in outcome.output


@pytest.mark.parametrize(
    "words",
    [
        ("challenge", PARTNER, "NH-1", ROOFER, "--ground", "unfair"),
        ("challenge", PARTNER, "NH-1", "the roofer", "--ground", "other"),
        ("decide", OWNER, "the first one", "upheld", "--finding", "no_loss"),
        ("decide", OWNER, "zedford-4-1", "perhaps", "--finding", "no_loss"),
        ("decide", OWNER, "zedford-4-1", "upheld", "--finding", "it depends"),
    ],
)
def test_what_is_on_no_list_or_is_no_id_is_not_sent(
    broker: BrokerInMemory, words: tuple[str, ...]
) -> None:
    assert said(*words).exit_code == 2
    assert broker.said == []


@pytest.mark.parametrize(
    ("command", "listed", "codes"),
    [("challenge", GROUNDS, Ground), ("decide", FINDINGS, Finding)],
)
def test_help_says_what_each_word_of_a_list_means(
    command: str, listed: dict[str, str], codes: type[Ground] | type[Finding]
) -> None:
    told = CliRunner().invoke(main, [command, "--help"]).output

    assert set(listed) == set(codes)
    assert all(f"{code}: {words}" in told for code, words in listed.items())
