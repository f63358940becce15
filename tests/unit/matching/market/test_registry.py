"""
The register: which contracts hold, and which versions of them.
"""

from dataclasses import replace
from typing import Any

from schemas.envelope import contract_id
from schemas.vocabulary import Clock, ContractKind
from tests.builders import (
    CONTRACT,
    OPERATOR,
    OWNER,
    SUPPLIER,
    MarketUnderTest,
    contract,
    names,
    opened,
    refusal_codes,
    register_market,
    with_contract,
)

NEW = contract_id(owner=OWNER, reference="CO-2")
NEXT_YEAR = "2027-01-13T12:00:00.000Z"


def wrong_in(register: MarketUnderTest, **changes: Any) -> tuple[str, ...]:
    """
    Register another contract, and name the fields that it is refused for.
    """
    (event, *_) = register.say(contract("CO-2", **changes), by=OWNER, subject=NEW)
    return tuple(problem.field for problem in getattr(event.data, "problems", ()))


def test_a_first_registration_replaces_no_version() -> None:
    register = register_market()

    events = register.say(contract(of_version=1), by=OWNER, subject=CONTRACT)

    assert refusal_codes(events) == ("contract_unknown",)
    taken = register.say(contract(), by=OWNER, subject=CONTRACT)
    assert names(taken) == ("ContractRegistered", "NoticeGiven")
    assert taken[1].party == SUPPLIER


def test_a_call_off_stands_under_a_framework_and_nothing_else() -> None:
    register = with_contract(register_market())
    framework = contract_id(owner=OWNER, reference="FW-1")
    terms = contract("FW-1", kind=ContractKind.FRAMEWORK)

    assert wrong_in(register, framework=framework) == ("/data/framework",)
    assert wrong_in(register, framework=CONTRACT) == ("/data/framework",)
    register.say(terms, by=OWNER, subject=framework)
    assert wrong_in(register, framework=framework) == ()


def test_the_contract_above_a_subcontract_is_known_and_another() -> None:
    register = with_contract(register_market())

    assert wrong_in(register, parent=NEW) == ("/data/parent",)
    assert wrong_in(register, parent="c-aaaaaaaaaaaaaaaa") == ("/data/parent",)
    assert wrong_in(register, parent=CONTRACT) == ()


def test_a_market_on_the_real_clock_begins_no_later_than_now() -> None:
    register = register_market()
    ahead = replace(opened("harbour", clock=Clock.REAL), outcodes=("ZZ8",), now=NEXT_YEAR)

    real = register.say(ahead, by=OPERATOR, subject="harbour")
    simulated = register.say(replace(ahead, clock=Clock.SIMULATED), by=OPERATOR, subject="harbour")

    assert refusal_codes(real) == ("time_ahead",)
    assert names(simulated) == ("MarketOpened",)
