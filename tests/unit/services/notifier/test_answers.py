"""
Each submission gets exactly one answer, on its sender's queue, decided from the log.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.consents import ConsentWithdrawn
from schemas.opportunities import OpportunityWithdrawn, Pay
from schemas.residents import ResidentErased, ResidentPaused
from schemas.ticks import Tick
from schemas.vocabulary import PayBasis, Purpose
from services.notifier.answers import answer_id
from services.notifier.owed import Owed
from tests.unit.services.notifier.scene import (
    FIRST,
    MARKET,
    OPERATOR,
    PARTNER,
    SUPPLIER,
    Scene,
    amended,
    open_scene,
    opportunity,
    updated,
)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return open_scene(tmp_path)


def answer(owed: tuple[Owed, ...]) -> Owed:
    (found,) = [each for each in owed if each.kind in ("Receipt", "Refusal")]
    return found


def test_an_accepted_posting_gets_a_receipt_with_our_id_for_the_suppliers_reference(
    scene: Scene,
) -> None:
    owed = answer(scene.post(named="post-1"))

    told = scene.read(owed)
    assert owed.recipient == SUPPLIER
    assert told["ids"] == [{"reference": "R-1", "id": opportunity()}]
    assert told["type"] == "foothold.OpportunityPosted.v1"
    assert (told["submission_id"], told["version"]) == ("post-1", 1)
    assert (told["market"], told["sequence"]) == (MARKET, scene.state.sequence)
    assert told["said_at"] == scene.views[-1].cause.appended_at


def test_a_residents_reference_is_opened_only_when_the_receipt_is_sent(scene: Scene) -> None:
    owed = answer(scene.register())

    assert "case 17" not in str(owed.payload)
    assert scene.read(owed)["ids"] == [{"reference": "case 17", "id": FIRST}]


def test_an_answers_id_follows_from_where_the_submission_stands(scene: Scene) -> None:
    owed = answer(scene.post())

    origin = owed.payload["origin"]
    assert scene.read(owed)["id"] == answer_id(origin) == answer_id(dict(origin))
    assert answer_id({**origin, "offset": 99}) != answer_id(origin)


def test_a_receipt_names_the_version_that_an_amendment_made(scene: Scene) -> None:
    scene.post()
    amendment = scene.sealed(amended(opportunity()), subject=opportunity())

    owed = answer(scene.say(amendment, party=SUPPLIER, subject=opportunity()))

    assert scene.read(owed)["version"] == 2


def test_a_receipt_of_an_update_names_the_residents_new_version(scene: Scene) -> None:
    scene.register()
    update = scene.sealed(updated(), subject=FIRST)

    assert scene.read(answer(scene.say(update, party=PARTNER, subject=FIRST)))["version"] == 2


def test_pay_below_the_minimum_is_refused_with_what_was_sent_and_what_is_lawful(
    scene: Scene,
) -> None:
    owed = answer(scene.post(pay=Pay(basis=PayBasis.HOURLY, pence=1100)))

    (problem,) = scene.read(owed)["problems"]
    assert (problem["code"], problem["value"], problem["lawful_value"]) == (
        "pay_below_minimum",
        1100,
        "1221",
    )
    assert "£11.00" in problem["why"]
    assert "£12.21" in problem["mend"]


def test_a_refusal_lists_every_problem(scene: Scene) -> None:
    owed = answer(scene.post(closes_on=date(2026, 1, 2), starts_on=date(2026, 1, 5)))

    codes = [problem["code"] for problem in scene.read(owed)["problems"]]
    assert codes == ["closing_date_past", "start_date_past"]


def test_the_value_of_a_sealed_field_is_opened_for_its_sender_alone(scene: Scene) -> None:
    scene.register()
    other = scene.sealed(updated(of_version=7), subject=FIRST)

    owed = answer(scene.say(other, party=PARTNER, subject=FIRST))

    payload = dict(owed.payload)
    payload["problems"] = [{"code": "already_registered", "field": "/data/reference"}]
    told = scene.read(
        Owed(leaf=owed.leaf, recipient=owed.recipient, kind=owed.kind, payload=payload)
    )
    assert "case 17" not in str(payload)
    assert told["problems"][0]["value"] == "case 17"


def test_another_partners_resident_is_refused_as_unknown_and_nothing_of_them_is_told(
    scene: Scene,
) -> None:
    scene.register()

    owed = answer(
        scene.say(
            ResidentPaused(reason="holiday", resident=FIRST), party="harbour-trust", subject=FIRST
        )
    )

    told = scene.read(owed)
    assert owed.recipient == "harbour-trust"
    assert told["problems"][0]["code"] == "resident_unknown"
    assert "case 17" not in str(told)


def test_a_duplicate_is_answered_with_the_first_answers_content(scene: Scene) -> None:
    first = scene.read(answer(scene.post(named="post-1")))

    again = scene.read(answer(scene.post(named="post-1")))

    assert again["duplicate_of"] == first["sequence"]
    same = ("market", "sequence", "said_at", "ids", "version", "type", "submission_id")
    assert {name: again[name] for name in same} == {name: first[name] for name in same}
    assert again["id"] != first["id"]


def test_the_same_resident_again_is_answered_as_at_first(scene: Scene) -> None:
    first = scene.read(answer(scene.register()))

    again = scene.read(answer(scene.register()))

    assert (again["duplicate_of"], again["ids"]) == (first["sequence"], first["ids"])


def test_a_refused_submission_said_again_is_refused_again(scene: Scene) -> None:
    low = Pay(basis=PayBasis.HOURLY, pence=1100)

    kinds = [answer(scene.post(named="post-1", pay=low)).kind for _ in range(2)]

    assert kinds == ["Refusal", "Refusal"]


def test_a_tick_of_the_narrator_is_answered_like_any_submission(scene: Scene) -> None:
    said = scene.say(
        Tick(market=MARKET, at="2026-01-14T09:00:00.000Z"), party=OPERATOR, subject=MARKET
    )

    assert answer(said).recipient == OPERATOR
    assert scene.read(answer(said))["type"] == "foothold.Tick.v1"


def test_what_workers_say_is_answered_to_nobody(scene: Scene) -> None:
    scene.post()
    scene.register()

    owed = scene.assess(subject=FIRST)

    assert [each.kind for each in owed] == []


def test_an_erased_resident_leaves_a_receipt_without_the_reference(scene: Scene) -> None:
    waiting = answer(scene.register())
    row = scene.row(waiting)
    scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)

    told = scene.read(
        Owed(leaf=row.leaf, recipient=row.recipient, kind=waiting.kind, payload=row.payload)
    )
    assert told["ids"] == []


def test_every_accepted_submission_of_a_scene_is_answered_once(scene: Scene) -> None:
    said: list[tuple[Owed, ...]] = [
        scene.post(),
        scene.register(),
        scene.say(
            ConsentWithdrawn(resident=FIRST, purpose=Purpose.MATCHING),
            party=PARTNER,
            subject=FIRST,
        ),
        scene.say(
            OpportunityWithdrawn(opportunity=opportunity(), reason="filled"),
            party=SUPPLIER,
            subject=opportunity(),
        ),
    ]

    assert [len([e for e in owed if e.kind == "Receipt"]) for owed in said] == [1, 1, 1, 1]


def text_in(told: Any) -> str:
    return str(told).lower()


def test_no_payload_holds_a_persons_or_an_adverts_words(scene: Scene) -> None:
    owed = (*scene.post(), *scene.register(), *scene.register("tees-r-" + "c" * 16))

    told = text_in([each.payload for each in owed])
    for words in ("case 17", "canteen", "mornings", "kitchen", "1999"):
        assert words not in told
