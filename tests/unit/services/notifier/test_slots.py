"""
Of a reserved position its partner is told what concerns the resident, its supplier never who.
"""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.consents import ConsentWithdrawn
from schemas.opportunities import OpportunityWithdrawn
from schemas.residents import ResidentErased
from schemas.slots import (
    HireConfirmed,
    HireRejected,
    HoldReason,
    OfferDeclined,
    ProposalHeld,
    RejectionReason,
)
from schemas.vocabulary import Purpose, later
from services.notifier.handlers import is_forbidden
from services.notifier.letters import Letter, letter
from services.notifier.owed import Owed
from services.notifier.timetables import timetable
from services.sealing import Destroyed
from services.storage.projections import OutboxRow
from tests.unit.services.notifier.reserved import (
    POSTING,
    ROUND,
    UNTIL,
    codes,
    delivered,
    enter,
    introduced,
    named,
    open_reserved,
    post,
    proposed,
    released,
    tick,
)
from tests.unit.services.notifier.scene import (
    FIRST,
    OTHER_PARTNER,
    PARTNER,
    SECOND,
    SUPPLIER,
    Scene,
)

REFERENCE = "case 17"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """
    One resident who has said yes to the posting, before its first round.
    """
    made = open_reserved(tmp_path)
    enter(made)
    return made


def written(scene: Scene, owed: Owed) -> Letter:
    with scene.book() as book:
        found = letter(scene.row(owed), book, scene.keys)
    assert found is not None
    return found


def forbidden(scene: Scene, row: OutboxRow) -> bool:
    with scene.book() as book:
        return is_forbidden(row, book)


def withdraw_consent(scene: Scene) -> tuple[Owed, ...]:
    said = ConsentWithdrawn(resident=FIRST, purpose=Purpose.MATCHING)
    return scene.say(said, party=PARTNER, subject=FIRST)


def erase(scene: Scene) -> tuple[Owed, ...]:
    return scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)


# --- to the resident's own partner --------------------------------------------------------


def test_a_proposal_goes_to_the_partner_as_the_log_has_it_with_the_names_it_knows(
    scene: Scene,
) -> None:
    offer, owed = proposed(scene)

    made = written(scene, owed)
    told = json.loads(made.value)
    (event,) = [each for each in scene.views[-1].events if each.name == "SlotProposed"]
    assert owed.recipient == PARTNER
    assert (told["id"], told["subject"]) == (event.id, FIRST)
    assert (told["data"]["offer"], told["data"]["resident"]) == (offer, FIRST)
    assert (made.reference, made.title) == (REFERENCE, "Kitchen assistant")
    assert REFERENCE.encode() not in made.value


def test_each_step_of_an_offer_is_told_to_the_partner_once(scene: Scene) -> None:
    offer, _ = proposed(scene)
    to_release = delivered(scene, offer)
    offered = released(scene, offer)
    due = delivered(scene, offer)
    lapsed = tick(scene, "2026-01-28T09:00:00.000Z")

    assert [(each.kind, each.recipient) for each in to_release] == [("ReleaseDue", PARTNER)]
    assert offered.recipient == PARTNER
    assert [(each.kind, each.recipient) for each in due] == [("AnswerDue", PARTNER)]
    assert [each.recipient for each in named(lapsed, "OfferLapsed")] == [PARTNER]
    assert delivered(scene, offer) == ()


def test_a_proposal_that_nobody_releases_is_told_as_withdrawn(scene: Scene) -> None:
    offer, _ = proposed(scene)
    delivered(scene, offer)

    (withdrawn,) = named(tick(scene, "2026-01-28T09:00:00.000Z"), "OfferWithdrawn")

    assert withdrawn.recipient == PARTNER
    assert scene.read(withdrawn)["reason"] == "not_released"


def test_a_rung_no_longer_met_is_told_to_the_partner(scene: Scene) -> None:
    proposed(scene)

    (lost,) = named(codes(scene, rung=None), "EligibilityLost")

    assert (lost.recipient, scene.read(lost)["resident"]) == (PARTNER, FIRST)


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (lambda offer: HireConfirmed(offer=offer), {}),
        (
            lambda offer: HireRejected(offer=offer, reason=RejectionReason.DID_NOT_ATTEND),
            {"reason": "did_not_attend"},
        ),
    ],
    ids=["confirmed", "rejected"],
)
def test_what_the_supplier_decides_is_told_to_the_residents_partner(
    scene: Scene, decision: Any, told: dict[str, str]
) -> None:
    offer, _ = introduced(scene)

    owed = scene.say(decision(offer), party=SUPPLIER, subject=offer)

    (found,) = [each for each in owed if each.kind in ("HireConfirmed", "HireRejected")]
    assert found.recipient == PARTNER
    assert scene.read(found) == {"offer": offer, **told}
    assert written(scene, found).reference == REFERENCE
    assert [each.recipient for each in owed if each.kind == "Receipt"] == [SUPPLIER]


def test_a_partner_is_told_nothing_of_another_partners_residents(scene: Scene) -> None:
    enter(scene, SECOND, party=OTHER_PARTNER, reference="B 4")

    round_ = named(tick(scene, ROUND), "SlotProposed")

    told = {each.recipient: scene.read(each)["resident"] for each in round_}
    assert told == {PARTNER: FIRST, OTHER_PARTNER: SECOND}


# --- to the supplier ----------------------------------------------------------------------


def test_a_supplier_is_told_of_its_intake_its_ladder_and_its_positions(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path, posted=False)
    opened = post(scene)
    enter(scene)
    _, confirm = introduced(scene)
    # What the supplier does not answer in its days.
    rest = tick(scene, "2026-02-11T00:05:00.000Z")

    every = (*opened, *confirm, *rest)
    told = [each.kind for each in every if each.recipient == SUPPLIER and each.kind != "Receipt"]
    assert told == [
        "IntakeOpened",
        "IntroductionReceived",
        "PositionChanged",
        "StageOpened",
        "StageOpened",
    ]
    (due,) = named(confirm, "IntroductionReceived")
    assert written(scene, due).reference is None
    assert scene.read(due)["title"] == "Kitchen assistant"


def test_a_cut_is_told_to_the_supplier_as_its_positions_then_are(scene: Scene) -> None:
    withdrawn = OpportunityWithdrawn(opportunity=POSTING, reason="filled")
    scene.say(withdrawn, party=SUPPLIER, subject=POSTING)

    (adjusted,) = named(tick(scene, "2026-01-13T10:00:00.000Z"), "PositionsAdjusted")

    assert adjusted.recipient == SUPPLIER
    assert scene.read(adjusted)["groups"][0]["positions"] == 0


# --- what the log's end forbids -----------------------------------------------------------


@pytest.mark.parametrize("how", ["consent", "erased", "held", "withdrawn", "run out"])
def test_a_proposal_that_has_ended_is_not_sent_any_more(scene: Scene, how: str) -> None:
    offer, owed = proposed(scene)
    row = scene.row(owed)
    assert not forbidden(scene, row)

    if how == "consent":
        withdraw_consent(scene)
    elif how == "erased":
        erase(scene)
    elif how == "held":
        held = ProposalHeld(offer=offer, reason=HoldReason.DATA_WRONG)
        scene.say(held, party=PARTNER, subject=offer)
    elif how == "withdrawn":
        taken_back = OpportunityWithdrawn(opportunity=POSTING, reason="filled")
        scene.say(taken_back, party=SUPPLIER, subject=POSTING)
        tick(scene, "2026-01-15T09:10:00.000Z")
    else:
        tick(scene, "2026-01-28T09:00:00.000Z")

    assert forbidden(scene, row)


@pytest.mark.parametrize("how", ["declined", "taken back", "lapsed"])
def test_an_offer_that_has_ended_is_not_sent_any_more(scene: Scene, how: str) -> None:
    offer, _ = proposed(scene)
    row = scene.row(released(scene, offer))
    (due,) = delivered(scene, offer)
    due_row = scene.row(due)
    assert not forbidden(scene, row)
    assert not forbidden(scene, due_row)

    if how == "declined":
        scene.say(OfferDeclined(offer=offer), party=PARTNER, subject=offer)
    elif how == "taken back":
        held = ProposalHeld(offer=offer, reason=HoldReason.SAFEGUARDING)
        scene.say(held, party=PARTNER, subject=offer)
    else:
        tick(scene, "2026-01-28T09:00:00.000Z")

    assert forbidden(scene, row)
    assert forbidden(scene, due_row)


def test_a_confirmation_is_not_asked_for_once_the_acceptance_has_ended(scene: Scene) -> None:
    _, owed = introduced(scene)
    (due,) = named(owed, "IntroductionReceived")
    row = scene.row(due)
    assert not forbidden(scene, row)

    changed = withdraw_consent(scene)

    assert forbidden(scene, row)
    (told,) = named(changed, "PositionChanged")
    assert not forbidden(scene, scene.row(told))


def test_of_who_was_erased_only_the_end_of_the_proposal_is_told(scene: Scene) -> None:
    offer, _ = introduced(scene)
    confirmed = scene.say(HireConfirmed(offer=offer), party=SUPPLIER, subject=offer)
    row = scene.row(named(confirmed, "HireConfirmed")[0])
    enter(scene, SECOND, reference="case 18")
    (withdrawn_later,) = named(tick(scene, "2026-01-15T13:05:00.000Z"), "SlotProposed")
    assert not forbidden(scene, row)

    erase(scene)
    erased = scene.say(ResidentErased(resident=SECOND), party=PARTNER, subject=SECOND)

    assert forbidden(scene, row)
    assert withdrawn_later.recipient == PARTNER
    (ended,) = named(erased, "OfferWithdrawn")
    assert not forbidden(scene, scene.row(ended))
    (destroyed,) = named(erased, "KeyDestroyed")
    scene.read(destroyed)
    assert isinstance(scene.keys.key_for(SECOND), Destroyed)
    assert written(scene, ended).reference is None


def test_a_supplier_silent_too_long_is_told_to_both_but_only_its_partner_hears_of_whom(
    scene: Scene,
) -> None:
    introduced(scene)

    owed = tick(scene, "2026-02-09T09:00:00.000Z")

    (withdrawn,) = named(owed, "OfferWithdrawn")
    (changed,) = named(owed, "PositionChanged")
    assert (withdrawn.recipient, changed.recipient) == (PARTNER, SUPPLIER)
    assert "reason" not in scene.read(changed)


def test_what_is_told_of_offers_is_told_once_however_often_it_is_said(scene: Scene) -> None:
    offer, _ = proposed(scene)
    released(scene, offer)
    delivered(scene, offer)

    assert delivered(scene, offer) == ()


# --- the receipt's timetable --------------------------------------------------------------


def receipt(scene: Scene, owed: tuple[Owed, ...]) -> dict[str, Any]:
    (found,) = named(owed, "Receipt")
    return scene.read(found)


def test_the_receipt_of_a_reserved_posting_tells_what_happens_when(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path, posted=False)

    told = receipt(scene, post(scene))

    assert told["timetable"] == [
        {"what": "intake_ends", "at": UNTIL},
        {"what": "first_proposals", "at": UNTIL},
        {"what": "rung_2", "at": "2026-01-27T00:00:00.000Z"},
        {"what": "open_advertising", "at": "2026-02-03T00:00:00.000Z"},
        {"what": "closes", "at": "2026-02-11T00:00:00.000Z"},
    ]


def test_a_posting_that_closes_in_summer_closes_at_local_midnight(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path, posted=False)
    changed: dict[str, Any] = {"closes_on": date(2026, 4, 30), "starts_on": date(2026, 6, 1)}

    told = receipt(scene, post(scene, **changed))

    assert told["timetable"][-1] == {"what": "closes", "at": "2026-04-30T23:00:00.000Z"}


def test_a_duplicate_of_a_reserved_posting_is_answered_with_the_same_timetable(
    tmp_path: Path,
) -> None:
    scene = open_reserved(tmp_path, posted=False)
    first = receipt(scene, post(scene, named="p-1"))

    again = receipt(scene, post(scene, named="p-1"))

    assert again["duplicate_of"] is not None
    assert again["timetable"] == first["timetable"]


def test_a_posting_without_reserved_positions_has_no_timetable(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path, posted=False)

    assert receipt(scene, scene.post())["timetable"] == []


def test_a_timetable_parts_groups_whose_days_differ_and_never_outgrows_a_receipt(
    tmp_path: Path,
) -> None:
    scene = open_reserved(tmp_path)
    opened = next(
        event.data for view in scene.views for event in view.events if event.name == "IntakeOpened"
    )
    (group,) = opened.groups
    many = tuple(
        replace(group, rungs=tuple(later(UNTIL, timedelta(days=n, hours=g)) for n in range(12)))
        for g in range(20)
    )
    event = replace(scene.views[-1].events[-1], data=replace(opened, groups=many))
    with scene.book() as book:
        told = timetable(replace(scene.views[-1], events=(event,)), book)

    assert len(told) <= 60
    assert {"rung_2_group_1", "rung_2_group_20"} <= {each["what"] for each in told}
    assert told[-1]["what"] == "closes"
