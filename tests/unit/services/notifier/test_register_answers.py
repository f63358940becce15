"""
What is said to the register is answered too, and so is what intake could not read.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from schemas.answers import InputUnreadable, Origin
from schemas.contracts import ContractAgreed, ContractRegistered, Share
from schemas.envelope import contract_id
from schemas.vocabulary import ContractKind, Problem, Role
from services.notifier.answers import answer_id
from tests.unit.services.notifier.scene import (
    OPERATOR,
    SUPPLIER,
    Scene,
    open_register,
    opened,
    party,
)

OWNER = "northgate-council"
CONTRACT = contract_id(owner=OWNER, reference="FW 12")


@pytest.fixture
def register(tmp_path: Path) -> Scene:
    """
    A register with an owner, a supplier and one market.
    """
    made = open_register(tmp_path)
    for slug, role in ((OWNER, Role.OWNER), (SUPPLIER, Role.SUPPLIER)):
        sealed = made.sealed(party(slug, role), subject=f"party:{slug}")
        made.say(sealed, party=OPERATOR, subject=f"party:{slug}")
    made.say(opened(), party=OPERATOR, subject="tees")
    return made


def contract(**changed: object) -> ContractRegistered:
    made = ContractRegistered(
        reference="FW 12",
        kind=ContractKind.CALL_OFF,
        title="Kitchens and canteens",
        supplier=SUPPLIER,
        buyers=(Share(party=OWNER, n=1, d=1),),
        markets=("tees",),
        starts_on=date(2026, 1, 1),
        ends_before=date(2027, 1, 1),
        value_pence=1_000_000,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def unreadable(offset: int, *problems: Problem) -> InputUnreadable:
    return InputUnreadable(
        party=SUPPLIER,
        origin=Origin(topic_id=f"inbox-{SUPPLIER}", partition=0, offset=offset),
        digest="0" * 64,
        submission_id="broken-1",
        problems=problems or (Problem(code="not_json", field=""),),
    )


def test_a_contract_gets_a_receipt_with_its_id_and_version(register: Scene) -> None:
    owed, _ = register.say(contract(), party=OWNER, subject=CONTRACT)

    told = register.read(owed)
    assert told["ids"] == [{"reference": "FW 12", "id": CONTRACT}]
    assert (told["version"], told["market"]) == (1, "_register")


def test_a_supplier_is_told_that_a_contract_awaits_its_agreement(register: Scene) -> None:
    _, owed = register.say(contract(), party=OWNER, subject=CONTRACT)

    assert owed.recipient == SUPPLIER
    told = register.read(owed)
    assert (told["notice"], told["about"]) == ("contract_awaits_agreement", CONTRACT)
    assert told["lawful_value"] == "1"


def test_the_next_version_of_a_contract_is_counted(register: Scene) -> None:
    register.say(contract(), party=OWNER, subject=CONTRACT)

    owed, _ = register.say(contract(title="Kitchens", of_version=1), party=OWNER, subject=CONTRACT)

    assert register.read(owed)["version"] == 2


def test_an_agreement_gets_a_receipt(register: Scene) -> None:
    register.say(contract(), party=OWNER, subject=CONTRACT)
    agreed = ContractAgreed(contract_id=CONTRACT, version=1)

    (owed,) = register.say(agreed, party=SUPPLIER, subject=CONTRACT)

    assert (owed.recipient, owed.kind) == (SUPPLIER, "Receipt")


def test_an_operator_who_says_again_what_init_said_is_answered(register: Scene) -> None:
    sealed = register.sealed(party(OPERATOR, Role.OPERATOR), subject=f"party:{OPERATOR}")

    owed = register.say(sealed, party=OPERATOR, subject=f"party:{OPERATOR}")

    assert [each.kind for each in owed] == ["Refusal"] or register.read(owed[0])[
        "duplicate_of"
    ] == 2


def test_what_could_not_be_read_is_refused_to_its_sender_without_a_value(register: Scene) -> None:
    problem = Problem(code="field_unknown", field="/data/positons", lawful_value="positions")

    (owed,) = register.say(unreadable(4, problem), worker="intake")

    told = register.read(owed)
    assert owed.recipient == SUPPLIER
    assert told["id"] == answer_id({"topic_id": f"inbox-{SUPPLIER}", "partition": 0, "offset": 4})
    assert told["submission_id"] == "broken-1"
    (explained,) = told["problems"]
    assert "value" not in explained
    assert "Did you mean `positions`?" in explained["mend"]


def test_forty_broken_messages_are_answered_one_by_one(register: Scene) -> None:
    answers = [register.say(unreadable(n), worker="intake") for n in range(40)]

    assert [len(owed) for owed in answers] == [1] * 40
    assert len({register.read(owed)["id"] for (owed,) in answers}) == 40


def test_a_party_that_may_not_say_something_is_told_the_type_that_it_sent(
    register: Scene,
) -> None:
    sealed = register.sealed(party("roof-works", Role.SUPPLIER), subject="party:roof-works")

    owed = register.say(sealed, party=SUPPLIER, subject="party:roof-works")

    (problem,) = register.read(owed[0])["problems"]
    assert (problem["code"], problem["value"]) == (
        "right_missing",
        "foothold.PartyRegistered.v1",
    )
