"""
The register: which contracts hold, and which versions of them.
"""

from typing import Any

from schemas.envelope import contract_id
from schemas.vocabulary import ContractKind
from tests.builders import (
    CONTRACT,
    OWNER,
    MarketUnderTest,
    contract,
    names,
    refusal_codes,
    register_market,
    with_contract,
)

NEW = contract_id(owner=OWNER, reference="CO-2")


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
    assert names(register.say(contract(), by=OWNER, subject=CONTRACT)) == ("ContractRegistered",)


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
